"""A folder of ACRO is taken in as unverified outputs: what it says is shown, and nothing of it is believed."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.engines import sealed_reading
from disclosure.engines.acro_folder import read_acro
from disclosure.errors import DatakampError, DocumentError, ExecutionError, StateError
from disclosure.exchange.foreign import ForeignOutputs, foreign_outputs_from_bytes
from disclosure.exchange.submission import Submission
from disclosure.exchange.written import SubmittedText, WrittenKind
from output_review.domain.phrases import Phrase, words
from output_review.domain.votes import Reason, Vote
from output_review.services.foreign import AUTHOR, Intake, take_in_foreign
from output_review.services.ingest import FIRST_FOREIGN
from output_review.services.reviewing import current_outputs, needed, vote
from output_review.services.tabulating import tabulate
from output_review.services.working import tabulate_waiting
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from tests.output_review.zone_camp import ZoneCamp

INTAKE = Intake("team-1", "anna", "Poverty by wijk", "A test.", "persons")
CROSSTAB = "wijk,2020,2021\nA,100,88\nB,78,111\n"


def _entry(*files: str, status: str = "pass", **more: Any) -> dict[str, Any]:
    return {
        "uid": "x", "status": status, "type": "table", "properties": {"method": "crosstab"},
        "files": [{"name": name, "sdc": {}} for name in files], "outcome": {}, "command": "acro.crosstab(a, b)",
        "summary": "MinimumThresholdCheck: pass", "timestamp": "2026-11-22", "comments": [], "exception": "", **more,
    }  # fmt: skip


def acro_folder(place: Path, results: dict[str, Any], files: dict[str, str | bytes]) -> Path:
    """Return a folder as `finalise` of ACRO writes it."""
    folder = place / "acro"
    (folder / "checksums").mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps({"version": "1.0.2", "results": results}))
    (folder / "config.json").write_text("{}")
    for name, data in files.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        (folder / "checksums" / f"{name}.txt").write_text("0")
    return folder


@pytest.fixture
def zone(zone_camp: ZoneCamp) -> ControlZone:
    return zone_camp.zone()


def test_a_table_that_acro_passed_is_unverified_all_the_same(zone: ControlZone, tmp_path: Path) -> None:
    folder = acro_folder(tmp_path, {"crosstab": _entry("crosstab_0.csv")}, {"crosstab_0.csv": CROSSTAB})
    row = take_in_foreign(zone, folder, INTAKE)
    tabulate(zone, row)
    (output,) = current_outputs(row)
    assert (output.name, output.level, output.verdict) == ("foreign-crosstab-0", "unverified", "inconclusive")
    assert (row.state, row.number, row.author) == ("submitted", FIRST_FOREIGN, "anna")
    assert zone.store.get(output.files["foreign-crosstab-0.csv"]).decode() == CROSSTAB.replace("\n", "\r\n")


def test_what_acro_says_is_a_comment_that_says_that_nobody_checked_it(zone: ControlZone, tmp_path: Path) -> None:
    said = _entry("t.csv", status="fail", exception="it is public", comments=["see <b>page 3</b>"])
    row = take_in_foreign(zone, acro_folder(tmp_path, {"t": said}, {"t.csv": CROSSTAB}), INTAKE)
    (comment,) = row.comments.all()
    assert (comment.author, comment.phrase) == (AUTHOR, Phrase.FOREIGN_SAYS.value)
    assert words(Phrase.FOREIGN_SAYS).english.endswith("which nobody here has checked:")
    assert comment.body.startswith("ACRO 1.0.2\nstatus: fail\n")
    assert "exception: it is public" in comment.body
    assert "comment: see <b>page 3</b>" in comment.body


def test_approving_what_was_taken_in_is_an_exception(zone: ControlZone, tmp_path: Path) -> None:
    row = take_in_foreign(zone, acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": CROSSTAB}), INTAKE)
    tabulate(zone, row)
    with pytest.raises(StateError, match="takes a reason"):
        vote(zone, row, ("foreign-t",), Vote("vera", Decision.APPROVE))
    vote(zone, row, ("foreign-t",), Vote("vera", Decision.APPROVE, Reason.PUBLIC_KNOWLEDGE, "It was published."))
    assert needed(zone, current_outputs(row)[0]) == zone.manifest.quorum.exception


def test_pictures_and_what_acro_keeps_for_checkers_are_left_out(zone: ControlZone, tmp_path: Path) -> None:
    results = {
        "t": _entry("t.csv"),
        "histogram": _entry("histogram_0.png"),
        "2ndary_risk_summary_csv-DONT_RELEASE": _entry("session_summary.csv"),
    }
    files: dict[str, str | bytes] = {
        "t.csv": CROSSTAB,
        "histogram_0.png": b"\x89PNG",
        "session_summary.csv": "uid,x\nt,1\n",
    }
    row = take_in_foreign(zone, acro_folder(tmp_path, results, files), INTAKE)
    assert [one.name for one in current_outputs(row)] == ["foreign-t"]
    (left_out,) = row.comments.filter(output="")
    assert left_out.phrase == Phrase.FOREIGN_LEFT_OUT.value
    assert left_out.body.startswith("histogram\nhistogram_0.png: not a table")


def test_two_folders_are_two_requests(zone: ControlZone, tmp_path: Path) -> None:
    folder = acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": CROSSTAB})
    numbers = [take_in_foreign(zone, folder, INTAKE).number for _ in range(2)]
    assert numbers == [FIRST_FOREIGN, FIRST_FOREIGN + 1]


def test_figures_are_rounded_and_formulas_made_harmless(zone: ControlZone, tmp_path: Path) -> None:
    table = "wijk,mean,2622.1234567\n=cmd(),98.1814946221288,1\n"
    row = take_in_foreign(zone, acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": table}), INTAKE)
    tabulate(zone, row)
    data = zone.store.get(current_outputs(row)[0].files["foreign-t.csv"]).decode()
    assert data.splitlines()[0] == "wijk,mean,2622.12"
    assert data.splitlines()[1].endswith(",98.1815,1")
    assert not data.splitlines()[1].startswith("=")


@pytest.mark.parametrize(
    "results",
    [
        [],
        {"t": 1},
        {"t": _entry("../camp.toml")},
        {"t": _entry("/etc/passwd")},
        {"t": _entry(".hidden")},
        {"t": {**_entry(), "files": ["t.csv"]}},
    ],
    ids=["a list", "a number", "a folder above", "an absolute path", "a hidden file", "a file without a name"],
)
def test_results_of_another_form_are_refused_and_nothing_is_taken_in(
    zone: ControlZone, tmp_path: Path, results: Any
) -> None:
    from output_review.models import RequestRow

    with pytest.raises(ExecutionError):
        take_in_foreign(zone, acro_folder(tmp_path, results, {"t.csv": CROSSTAB}), INTAKE)
    assert not RequestRow.objects.exists()


def test_a_link_in_the_folder_is_refused(zone: ControlZone, tmp_path: Path) -> None:
    folder = acro_folder(tmp_path, {"t": _entry("t.csv")}, {})
    (folder / "t.csv").symlink_to(zone.camp.folder / "camp.toml")
    with pytest.raises(DocumentError, match="a link"):
        take_in_foreign(zone, folder, INTAKE)


def test_a_folder_without_a_table_is_refused(zone: ControlZone, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="No output of the folder could be read"):
        take_in_foreign(zone, acro_folder(tmp_path, {"t": _entry("gone.csv")}, {}), INTAKE)


@pytest.mark.parametrize(
    "changes", [{"author": "vera"}, {"author": "nobody"}, {"team": "team-9"}, {"population": ""}, {"title": "a\nb"}]
)
def test_an_intake_names_who_and_what(zone: ControlZone, tmp_path: Path, changes: dict[str, str]) -> None:
    folder = acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": CROSSTAB})
    with pytest.raises(DocumentError):
        take_in_foreign(zone, folder, Intake(**{**vars(INTAKE), **changes}))


def test_a_team_cannot_hand_in_a_foreign_table_itself(zone_camp: ZoneCamp) -> None:
    body = '{"columns":["a"],"labels":0,"rows":[["1"]]}'
    foreign = SubmittedText("t", "T", "persons", "", WrittenKind.FOREIGN, body)
    with pytest.raises(DocumentError, match="taken in by the office"):
        Submission(
            camp="camp", team="team-1", author="anna", number=1, title="T", purpose="P", outputs=(), code=(),
            parameters={}, texts=(foreign,),
        )  # fmt: skip


def test_more_tables_than_a_request_may_have_are_refused(zone: ControlZone, tmp_path: Path) -> None:
    from output_review.models import RequestRow

    names = [f"t{place}.csv" for place in range(3)]
    folder = acro_folder(tmp_path, {"t": _entry(*names)}, dict.fromkeys(names, CROSSTAB))
    rules = zone.camp.review_rules
    few, enough = (replace(zone, camp=replace(zone.camp, review_rules=replace(rules, outputs=most))) for most in (2, 3))
    with pytest.raises(DocumentError, match="3 outputs; at most 2"):
        take_in_foreign(few, folder, INTAKE)
    assert not RequestRow.objects.exists()
    assert take_in_foreign(enough, folder, INTAKE).outputs.count() == 3


def test_a_worker_does_what_was_taken_in_when_nobody_else_does(zone: ControlZone, tmp_path: Path) -> None:
    row = take_in_foreign(zone, acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": CROSSTAB}), INTAKE)
    assert [one.state for one in row.jobs.all()] == ["queued"]
    assert tabulate_waiting(zone) == ()
    assert [one.state for one in row.jobs.all()] == ["done"]
    assert [one.level for one in current_outputs(row)] == ["unverified"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("snan", "snan"), ("nan", "nan"), ("inf", "inf"), ("-Infinity", "-Infinity"), ("1e400", "1e400"),
        ("1e-400", "1e-400"), ("1e300", "1e300"), ("1_0", "1_0"), ("1e3", "1000"), ("0", "0"), ("-0.0", "0"),
    ],
)  # fmt: skip
def test_a_cell_is_a_figure_or_the_text_that_it_was(tmp_path: Path, cell: str, kept: str) -> None:
    found = read_acro(acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": f"a,b\nx,{cell}\ny,2.50\n"}))
    assert found.outputs[0].tables[0].values.rows == (("x", kept), ("y", "2.5"))


@pytest.mark.parametrize("cell", ["1.23456789e400", "1_234_567"])
def test_a_text_of_too_many_digits_costs_its_table_and_no_other(tmp_path: Path, cell: str) -> None:
    files: dict[str, str | bytes] = {"t.csv": f"a,b\nx,{cell}\ny,2\n", "u.csv": CROSSTAB}
    (output,) = read_acro(acro_folder(tmp_path, {"t": _entry("t.csv", "u.csv")}, files)).outputs
    assert [table.file for table in output.tables] == ["u.csv"]
    assert output.left_out == ("t.csv: A figure of a result has at most 6 significant digits.",)


@pytest.mark.parametrize("name", ["a\x00.csv", "a\ud800.csv"])
def test_a_name_that_no_file_has_costs_no_other_table(tmp_path: Path, name: str) -> None:
    (output,) = read_acro(acro_folder(tmp_path, {"t": _entry(name, "t.csv")}, {"t.csv": CROSSTAB})).outputs
    assert [table.file for table in output.tables] == ["t.csv"]
    assert output.left_out == ("a .csv: not a file that can be read",)


def test_what_nobody_foresaw_is_no_result_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Path) -> ForeignOutputs:
        raise ValueError("Mrs Jansen")

    monkeypatch.setattr(sealed_reading, "read_acro", broken)
    assert sealed_reading.main(["--input", str(tmp_path), "--output", str(tmp_path)]) == sealed_reading.NO_RESULT
    assert capfd.readouterr() == ("", "")


CELLS = st.text(string.printable + "é\u202e\x00", max_size=12)


@settings(max_examples=60, deadline=None)
@given(table=st.one_of(st.binary(max_size=200), st.lists(st.lists(CELLS, max_size=4), max_size=5)), said=CELLS)
def test_whatever_a_file_holds_it_is_read_in_one_spelling_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: bytes | list[list[str]], said: str
) -> None:
    data = table if isinstance(table, bytes) else "\n".join(",".join(line) for line in table).encode()
    folder = acro_folder(tmp_path_factory.mktemp("fuzzed"), {"t": _entry("t.csv", summary=said)}, {"t.csv": data})
    found: ForeignOutputs | None = None
    try:
        found = read_acro(folder)
    except DatakampError:
        return
    assert foreign_outputs_from_bytes(found.to_bytes()) == found
