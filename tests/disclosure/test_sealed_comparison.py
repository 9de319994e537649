"""The program that compares outputs in a sealed worker, its documents, and that it says nothing of any record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

from disclosure.engines import sealed_comparison, three_beside
from disclosure.engines.sealed_comparison import main
from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.comparison import (
    ComparisonJob,
    ComparisonResult,
    comparison_job_from_bytes,
    comparison_result_from_bytes,
)
from disclosure.exchange.tabulation import JOB_FILE, JobKind, TabulationJob
from disclosure.model.beside import Beside, CellPairs
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.policy import load_policy, policy_source
from disclosure.texts import text
from tests.disclosure.tabulation_inputs import CANARY, Inputs, inputs

NOTHING = CellPairs.none((), ())


def of_frame(rows: tuple[str, ...] = ("wijk",)) -> TabulationJob:
    recipe = Recipe(
        source=FrameSource(("pid", *rows)),
        statistic=Statistic.COUNT,
        policy=load_policy("cbs").reference,
        rows=rows,
        unit=("pid",),
    )
    return TabulationJob(recipe, JobKind.FRAME, {}, {}, policy_source("cbs"))


def frame(units: range, name: str = "wijk") -> pa.Table:
    return pa.table({"pid": [f"p{unit}" for unit in units], name: ["a" if unit % 2 else "b" for unit in units]})


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def result_of(made: Inputs, job: ComparisonJob, frames: dict[str, pa.Table]) -> ComparisonResult:
    folder = made.folder / "frame"
    folder.mkdir(exist_ok=True)
    for name, table in frames.items():
        with pyarrow.ipc.new_file(folder / f"{name}.arrow", table.schema) as writer:
            writer.write_table(table)
    (made.folder / "job" / JOB_FILE).write_bytes(job.to_bytes())
    assert main(["--input", str(made.folder), "--output", str(made.output)]) == 0
    result = comparison_result_from_bytes(made.result_path.read_bytes())
    assert result.job == job.digest()
    return result


@pytest.mark.parametrize(("more", "told"), [(0, False), (1, True), (18, True), (40, False)])
def test_two_frames_that_few_units_are_in_only_one_of_are_told(made: Inputs, more: int, *, told: bool) -> None:
    job = ComparisonJob({"one": of_frame(), "other": of_frame()})
    found = result_of(made, job, {"one": frame(range(200)), "other": frame(range(200 + more))}).found
    assert bool(found) is told
    assert set(found) <= {("one", "other")}


@pytest.mark.parametrize(("left_out", "told"), [(0, False), (3, True), (40, False)])
def test_three_frames_that_add_up_but_for_few_units_are_told_of_the_last_two(
    made: Inputs, left_out: int, *, told: bool
) -> None:
    job = ComparisonJob({name: of_frame() for name in ("all", "first", "last")})
    given = {"all": frame(range(300)), "first": frame(range(100)), "last": frame(range(100 + left_out, 300))}
    found = result_of(made, job, given).found
    assert set(found) == ({("first", "last")} if told else set())
    for beside in found.values():
        assert [one.why.names for one in beside.doubts] == [(("third", "all"),)]
        assert not len(beside.pairs)


def test_three_that_cannot_be_compared_leave_not_together(made: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(three_beside, "MOST_LOOKED_AT", 0)
    job = ComparisonJob({name: of_frame() for name in ("all", "first", "last")})
    given = {"all": frame(range(300)), "first": frame(range(100)), "last": frame(range(100, 300))}
    found = result_of(made, job, given).found
    assert len(found) == 3
    assert all(beside.unknown is not None for beside in found.values())


def of_homes(unit: str, other: tuple[str, ...] = ()) -> TabulationJob:
    recipe = Recipe(
        source=FrameSource((unit, "wijk", *other)),
        statistic=Statistic.COUNT,
        policy=load_policy("cbs").reference,
        rows=("wijk",),
        unit=(unit,),
        other_units=tuple((name,) for name in other),
    )
    return TabulationJob(recipe, JobKind.FRAME, {}, {}, policy_source("cbs"))


@pytest.mark.parametrize(("gone", "told"), [(0, False), (1, True), (60, False)])
@pytest.mark.parametrize("keyed", [True, False])
def test_frames_of_persons_and_of_homes_are_compared_or_said_to_be_in_doubt(
    made: Inputs, gone: int, *, told: bool, keyed: bool
) -> None:
    persons = frame(range(400)).append_column("home", pa.array([f"h{place}" for place in range(400)]))
    homes = persons.select(["home", "wijk"]).slice(2 * (gone // 2), 400)
    homes = homes if gone % 2 == 0 else homes.slice(1)
    job = ComparisonJob({"homes": of_homes("home"), "persons": of_homes("pid", ("home",) if keyed else ())})
    given = {"homes": homes, "persons": persons if keyed else persons.select(["pid", "wijk"])}
    found = result_of(made, job, given).found
    assert bool(found) is told
    for beside in found.values():
        assert beside.unknown is None
        assert bool(beside.doubts) is not keyed
        assert bool(len(beside.pairs)) is keyed


def test_lazy_outputs_of_persons_and_of_homes_are_placed_by_the_registered_key(made: Inputs) -> None:
    sql = 'SELECT pid, hid, wijk, benefit, income FROM "Persons"'
    persons = made.lazy(sql)
    homes = made.lazy(f"{sql.replace('hid,', 'hid AS home,')} WHERE pid <> '00007'")
    recipes = (
        replace(persons.recipe, other_units=(("hid",),)),
        replace(homes.recipe, unit=("home",), other_units=(("pid",),)),
    )
    jobs = {name: replace(job, recipe=one) for name, job, one in zip("ab", (persons, homes), recipes, strict=True)}
    (beside,) = result_of(made, ComparisonJob(jobs), {}).found.values()
    assert beside.unknown is None
    assert beside.doubts == ()
    assert beside.values_apart or len(beside.pairs)


def test_lazy_outputs_are_read_from_the_registered_files(made: Inputs) -> None:
    jobs = {
        "one": made.lazy("SELECT pid, wijk, benefit, income FROM Persons"),
        "other": made.lazy("SELECT pid, wijk, benefit, income FROM Elsewhere"),
    }
    result = result_of(made, ComparisonJob(jobs), {})
    (beside,) = result.found.values()
    # A derivation that is not allowed leaves nothing to compare, and is not taken for the same.
    assert beside.unknown is not None
    again = result_of(made, ComparisonJob({"one": jobs["one"], "other": jobs["one"]}), {})
    assert again.found == {}


def test_an_output_that_cannot_be_read_is_beside_no_other(made: Inputs) -> None:
    job = ComparisonJob({"a": of_frame(), "b": of_frame(), "c": of_frame()})
    wrong = pa.table({"pid": [CANARY], CANARY: [CANARY]})
    found = result_of(made, job, {"a": frame(range(50)), "b": wrong, "c": frame(range(50))}).found
    assert {pair for pair, beside in found.items() if beside.unknown is not None} == {("a", "b"), ("b", "c")}
    assert CANARY.encode() not in made.result_path.read_bytes()


def test_a_result_that_would_be_too_large_says_so_of_every_pair(made: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ComparisonJob({"one": of_frame(), "other": of_frame()})
    frames = {"one": frame(range(200)), "other": frame(range(201))}
    assert all(beside.unknown is None for beside in result_of(made, job, frames).found.values())
    monkeypatch.setattr(sealed_comparison, "MAXIMUM_RESULT_BYTES", 10)
    assert [beside.unknown is None for beside in result_of(made, job, frames).found.values()] == [False]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b'{"comparison":1,"outputs":{}}'])
def test_a_job_that_cannot_be_read_has_no_result(made: Inputs, data: bytes) -> None:
    (made.folder / "job" / JOB_FILE).write_bytes(data)
    assert main(["--input", str(made.folder), "--output", str(made.output)]) == 2
    assert not made.result_path.exists()


def test_a_comparison_is_of_two_outputs_at_least_and_of_one_file_for_each_data_set(made: Inputs) -> None:
    with pytest.raises(DocumentError, match="2 to"):
        ComparisonJob({"one": of_frame()})
    with pytest.raises(DocumentError):
        ComparisonJob({"One!": of_frame(), "other": of_frame()})
    lazy = made.lazy("SELECT pid, wijk, benefit, income FROM Persons")
    moved = dict.fromkeys(lazy.data_sets, "sha256:" + "0" * 64)
    other = TabulationJob(lazy.recipe, lazy.kind, moved, lazy.codebook_texts, lazy.policy)
    with pytest.raises(DocumentError, match="different files"):
        ComparisonJob({"one": lazy, "other": other})


def test_the_documents_come_back_as_they_were_written(made: Inputs) -> None:
    job = ComparisonJob({"one": of_frame(), "other": of_frame()})
    assert comparison_job_from_bytes(job.to_bytes()).to_bytes() == job.to_bytes()
    unknown = Beside(NOTHING, unknown=text("{why}", why="It could not."))
    result = ComparisonResult(job.digest(), {("one", "other"): unknown})
    again = comparison_result_from_bytes(result.to_bytes())
    assert again.to_bytes() == result.to_bytes()
    assert str(again.found["one", "other"].unknown) == "It could not."
    with pytest.raises(DocumentError, match="alphabetical"):
        ComparisonResult(job.digest(), {("other", "one"): unknown})


@pytest.mark.parametrize(
    "change",
    [
        {"comparison": 2},
        {"comparison": True},
        {"job": "x"},
        {"found": {}},
        {"found": [{"one": "a", "other": "b"}]},
        {"more": 1},
    ],
)
def test_another_document_is_no_result(change: dict[str, Any]) -> None:
    written = json.loads(ComparisonResult("sha256:" + "0" * 64).to_bytes())
    with pytest.raises(DocumentError):
        comparison_result_from_bytes(canonical_json(written | change))
