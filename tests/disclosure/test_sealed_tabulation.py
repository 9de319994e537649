"""The program of the sealed tabulation worker: lazy recipes, and that every error is a refusal without a value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from disclosure.check import check_lazy, judged, received
from disclosure.engines import sealed_tabulation
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.sealed_tabulation import main, refusal_of
from disclosure.errors import (
    DerivationRefusedError,
    HandoverError,
    SealError,
)
from disclosure.exchange.canonical import digest
from disclosure.exchange.tabulation import (
    ColumnLineage,
    Outcome,
    Reason,
    Standing,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_to_bytes
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import Status
from disclosure.policy import load_policy
from disclosure.ports import RegisteredFile
from disclosure.render import to_json
from tests.disclosure.tabulation_inputs import CANARY, PERSONS, SPELLS, Inputs, inputs, persons

ROWS = "SELECT pid, wijk, benefit, income FROM Persons"


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def refusal(result: TabulationResult) -> tuple[str, str]:
    assert result.outcome is Outcome.REFUSED
    assert result.refusal is not None
    return result.refusal.name, result.refusal.message


def evidence(result: TabulationResult) -> Evidence:
    assert result.evidence is not None, result.refusal or result.missing
    return result.evidence


# ---------------------------------------------------------------------------------------------------------- the program


def test_the_program_writes_a_result_and_prints_nothing(made: Inputs) -> None:
    made.write(made.lazy(ROWS))
    ended = made.run_apart()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    result = tabulation_result_from_bytes(made.result_path.read_bytes())
    assert result.outcome is Outcome.EVIDENCE
    assert [one.name for one in made.output.iterdir()] == ["result.json"]


def test_the_program_refuses_a_frame_without_a_word_or_a_value(made: Inputs) -> None:
    table = pa.table({"pid": [CANARY], "wijk": [CANARY], CANARY: [CANARY]})
    made.hand_over(table)
    made.write(made.narrow())
    ended = made.run_apart()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert CANARY.encode() not in made.result_path.read_bytes()


def test_without_a_place_for_the_result_there_is_none_and_no_traceback(made: Inputs) -> None:
    made.write(made.lazy(ROWS))
    made.output.rmdir()
    ended = made.run_apart()
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, b"", b"")


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\xff", b"[]"])
def test_a_job_that_cannot_be_read_is_refused_and_still_answered(made: Inputs, data: bytes) -> None:
    (made.folder / "job" / "job.json").write_bytes(data)
    assert main(["--input", str(made.folder), "--output", str(made.output)]) == 0
    result = tabulation_result_from_bytes(made.result_path.read_bytes())
    assert refusal(result)[0] == "DocumentError"
    assert result.job == digest(data)


def test_a_job_that_is_not_there_is_refused(made: Inputs) -> None:
    assert main(["--input", str(made.folder), "--output", str(made.output)]) == 0
    assert refusal(tabulation_result_from_bytes(made.result_path.read_bytes()))[0] == "DataError"


def test_a_result_replaces_an_older_one_whole(made: Inputs) -> None:
    made.result_path.write_bytes(b"x" * 1_000_000)
    assert made.run(made.lazy(ROWS)).outcome is Outcome.EVIDENCE


def test_evidence_beyond_the_size_of_a_result_is_refused(made: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = made.lazy(ROWS)
    made.run(job)
    size = made.result_path.stat().st_size
    for limit, outcome in ((size, Outcome.EVIDENCE), (size - 1, Outcome.REFUSED)):
        monkeypatch.setattr(sealed_tabulation, "MAXIMUM_RESULT_BYTES", limit)
        assert made.run(job).outcome is outcome


def test_an_error_of_ours_keeps_its_sentences_and_its_nearest_known_class() -> None:
    class NarrowerError(HandoverError):
        pass

    found = refusal_of(NarrowerError("One.", hint="Two."))
    assert (found.name, found.message, found.hint) == ("HandoverError", "One.", "Two.")
    assert refusal_of(SealError("No seal.")).name == "RefusedError"


def test_an_unforeseen_error_says_no_more_than_its_class() -> None:
    found = refusal_of(KeyError(CANARY))
    assert found.name == "ExecutionError"
    assert "KeyError" in found.message
    assert CANARY not in found.message + found.hint


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "x" * 5000])
def test_a_refusal_is_one_printable_line_whatever_a_column_is_called(name: str) -> None:
    found = refusal_of(HandoverError(f"There is no column '{name}'."))
    assert found.message.isprintable()
    assert len(found.message) <= 1003


# ------------------------------------------------------------------------------------------------------- lazy recipes


@pytest.mark.parametrize(
    ("statistic", "value"),
    [(Statistic.COUNT, None), (Statistic.SUM, "income"), (Statistic.MEAN, "income"), (Statistic.RATE, "benefit")],
)
def test_the_control_zone_judges_what_the_notebook_judges(
    made: Inputs, statistic: Statistic, value: str | None
) -> None:
    job = made.lazy(ROWS, statistic=statistic, value=value)
    there = judged(job.recipe, received(job, made.run(job)), made.policy)
    files = {PERSONS: RegisteredFile(made.data_path(), made.reference().digest)}
    here = check_lazy(job.recipe, files, job.codebooks(), made.policy, DuckDBTabulator()).table
    assert there.evidence is not None
    assert here.evidence is not None
    assert evidence_to_bytes(there.evidence) == evidence_to_bytes(here.evidence)
    assert there.verdict == here.verdict
    assert to_json(there) == to_json(here)


def test_the_evidence_is_the_same_for_any_number_of_threads(made: Inputs) -> None:
    job = made.lazy(ROWS, statistic=Statistic.SUM, value="income", rows=("wijk", "benefit"))
    found = {evidence_to_bytes(evidence(made.run(replace(job, threads=threads)))) for threads in (1, 2, 4)}
    assert len(found) == 1


def test_a_registered_column_keeps_its_origin_under_another_name(made: Inputs) -> None:
    sql = "SELECT pid, wijk AS area, income > 20500 AS well FROM Persons"
    result = made.run(made.lazy(sql, rows=("area",), statistic=Statistic.RATE, value="well"))
    found = {one.column: one for one in result.lineage}
    origin = ("persons", "wijk")
    assert found["area"] == ColumnLineage("area", Standing.REGISTERED, origin, frozenset({origin}))
    assert found["well"] == ColumnLineage("well", Standing.COMPUTED, None, frozenset({("persons", "income")}))
    assert result.across_rows is False
    assert result.derivation is not None
    assert "20500" in result.derivation


def test_what_the_codebook_says_of_a_renamed_column_reaches_the_judgement(made: Inputs) -> None:
    job = made.lazy("SELECT pid, wijk AS area, income AS money FROM Persons", rows=("area",), unit=("pid",))
    tabulated = received(job, made.run(job))
    assert tabulated.knowledge.column("area").sensitive is False
    assert tabulated.knowledge.identifiers == {"pid"}
    assert tabulated.derivation is not None


def test_a_column_computed_across_rows_is_told(made: Inputs) -> None:
    sql = "SELECT pid, CASE WHEN income > AVG(income) OVER () THEN 'above' ELSE 'below' END AS half FROM Persons"
    result = made.run(made.lazy(sql, rows=("half",)))
    assert result.outcome is Outcome.EVIDENCE
    assert result.across_rows is True


def test_two_data_sets_are_joined_by_their_key(made: Inputs) -> None:
    sql = (
        "SELECT Persons.pid, Persons.wijk FROM Persons "
        "JOIN (SELECT pid FROM Spells GROUP BY pid) AS s ON Persons.pid = s.pid"
    )
    result = made.run(made.lazy(sql, names=(PERSONS, SPELLS)))
    assert evidence(result).n_units.max() == 240


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT pid, getenv('HOME') AS wijk FROM Persons",
        "SELECT pid, random() AS wijk FROM Persons",
        "SELECT pid, wijk FROM Persons LIMIT 5",
        "SELECT pid, wijk FROM '/etc/passwd'",
        "SELECT pid, wijk FROM Spells",
        "COPY Persons TO '/output/leak'",
        "SELECT pid, wijk FROM Persons; SELECT 1",
        "ATTACH '/output/leak.db'",
        "SELECT pid, nothing FROM Persons",
        "SELECT pid, wijk FROM",
    ],
)
def test_a_derivation_outside_the_grammar_is_refused(made: Inputs, sql: str) -> None:
    job = made.lazy(sql)
    result = made.run(job)
    assert refusal(result)[0] == "DerivationRefusedError"
    with pytest.raises(DerivationRefusedError):
        received(job, result)
    assert [one.name for one in made.output.iterdir()] == ["result.json"]


def test_an_identifier_is_refused_before_a_label_is_made(made: Inputs) -> None:
    for sql, rows in ((ROWS, ("pid",)), ("SELECT pid, hid AS home FROM Persons", ("home",))):
        result = made.run(made.lazy(sql, rows=rows))
        assert refusal(result)[0] == "IdentifierRefusedError"
        assert b"00007" not in made.result_path.read_bytes()


def test_a_computed_unit_is_refused(made: Inputs) -> None:
    result = made.run(made.lazy("SELECT pid || wijk AS key, wijk FROM Persons", unit=("key",)))
    assert refusal(result)[0] == "RecipeError"


def test_a_recipe_without_a_unit_is_inconclusive(made: Inputs) -> None:
    job = made.lazy(ROWS, unit=())
    result = made.run(job)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.MISSING)
    assert judged(job.recipe, received(job, result), made.policy).verdict.status is Status.INCONCLUSIVE


def test_another_file_than_the_registered_one_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    pq.write_table(persons().slice(1), made.data_path())
    assert refusal(made.run(job))[0] == "IntegrityError"


def test_a_file_that_is_not_there_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    made.data_path().unlink()
    assert refusal(made.run(job))[0] == "IntegrityError"


def test_a_recipe_that_pins_another_digest_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    pq.write_table(persons().slice(1), made.data_path())
    job = replace(job, data_sets={**job.data_sets, PERSONS: made.reference().digest})
    assert refusal(made.run(job))[0] == "DataError"


def test_a_data_set_that_the_job_does_not_have_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    job = replace(job, data_sets={SPELLS: job.data_sets[SPELLS]}, codebook_texts={SPELLS: job.codebook_texts[SPELLS]})
    assert refusal(made.run(job))[0] == "RecipeError"


def test_a_recipe_under_another_policy_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    job = replace(job, recipe=replace(job.recipe, policy=load_policy("abs").reference))
    assert refusal(made.run(job))[0] == "PolicyError"


def test_no_error_of_the_engine_brings_a_value_along(made: Inputs) -> None:
    for sql, statistic, value in (
        ("SELECT pid, wijk, CAST(wijk || 'canary93751' AS INTEGER) AS v FROM Persons", Statistic.SUM, "v"),
        ("SELECT pid, wijk, income * 1e30 AS v FROM Persons", Statistic.SUM, "v"),
        ("SELECT pid, wijk, 'canary93751' AS v FROM Persons", Statistic.SUM, "v"),
        ("SELECT pid, wijk, income AS v FROM Persons", Statistic.RATE, "v"),
    ):
        result = made.run(made.lazy(sql, statistic=statistic, value=value))
        assert refusal(result)[0] in ("OverflowRefusedError", "DataError", "ColumnError")
        assert CANARY.encode() not in made.result_path.read_bytes()
