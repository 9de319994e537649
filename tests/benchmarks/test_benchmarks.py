"""The harness computes ratios rightly. No figure is judged here: speed is a property of machines."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import acro_environment, cases, sections, stopwatch
from benchmarks.data import MINIMUM_UNITS, Shape, write
from benchmarks.measurement import Comparison, Measurement, MeasurementError, NotMeasured, collected, in_turn, run
from benchmarks.report import as_document, as_table
from benchmarks.sections import Line, Settings

MIB = 2**20
TINY = Settings(
    rows=(2_000,),
    repeats=1,
    grid=Shape(1, regions=2, industries=3),
    sparse=Shape(200, 1, 5, 6, 11),
    panel=Shape(5, 5, 6, 5, panel=5),
    fine=Shape(1, 3, 5, 4),
    wide=Shape(1, regions=20, industries=30),
    dummies=Shape(1, regions=3, industries=4),
)
FAST = Measurement("checked", (0.5, 0.2, 0.4), peak=300 * MIB, facts=(("total", 10.0),))
SLOW = Measurement("plain", (0.8, 0.9, 1.6), peak=200 * MIB, facts=(("total", 10.0),))


def comparison(**changed: object) -> Comparison:
    return Comparison(**({"section": "sum", "title": "a / b", "subject": FAST, "baseline": SLOW} | changed))  # type: ignore[arg-type]


def only(lines: Iterator[Line]) -> list[Comparison]:
    found = list(lines)
    assert all(isinstance(line, Comparison) for line in found)
    return [line for line in found if isinstance(line, Comparison)]


# ------------------------------------------------------------------------------------------------------------- ratios
def test_the_ratio_is_that_of_the_fastest_runs() -> None:
    assert comparison().ratio == pytest.approx(0.2 / 0.8)
    assert comparison(subject=SLOW, baseline=FAST).ratio == pytest.approx(0.8 / 0.2)


def test_kernels_are_compared_by_the_run_in_the_middle() -> None:
    assert comparison(by_median=True).ratio == pytest.approx(0.4 / 0.9)
    assert comparison(by_median=True).seconds == 0.4


def test_memory_is_compared_by_the_peaks() -> None:
    assert comparison().memory_ratio == pytest.approx(1.5)
    assert comparison(subject=Measurement("checked", (1.0,))).memory_ratio is None


def test_what_stands_for_itself_has_no_ratio() -> None:
    alone = comparison(baseline=None)
    assert (alone.ratio, alone.memory_ratio, alone.seconds) == (None, None, 0.2)


@pytest.mark.parametrize("seconds", [(), (0.0,), (1.0, -1.0)])
def test_a_measurement_without_time_is_refused(seconds: tuple[float, ...]) -> None:
    with pytest.raises(MeasurementError):
        Measurement("plain", seconds)


@pytest.mark.parametrize("factor", [1 + 2e-9, 1 - 2e-9, math.nan])
def test_two_that_found_different_figures_are_not_compared(factor: float) -> None:
    other = Measurement("plain", (1.0,), facts=(("total", 10.0 * factor),))
    with pytest.raises(MeasurementError, match="do not agree on 'total'"):
        comparison(baseline=other)


@pytest.mark.parametrize("facts", [(("total", 10.0 * (1 + 0.5e-9)),), (("failing", 3.0),), ()])
def test_rounding_and_facts_of_one_side_only_do_not_keep_two_apart(facts: tuple[tuple[str, float], ...]) -> None:
    assert comparison(baseline=Measurement("plain", (0.4,), facts=facts)).ratio == pytest.approx(0.5)


def test_runs_of_one_case_are_collected_in_order_with_the_highest_peak() -> None:
    runs = [{"seconds": 2, "peak": 5, "facts": {"total": 1}}, {"seconds": 1, "peak": 7, "facts": {"total": 1}}]
    assert collected("plain", runs) == Measurement("plain", (2.0, 1.0), 7, (("total", 1),))


def test_a_call_is_timed_with_the_peak_of_that_call_alone() -> None:
    def allocate() -> stopwatch.Facts:
        return {"size": float(len(b"x" * (64 * MIB)))}

    before, during, after = (stopwatch.timed(call) for call in (dict, allocate, dict))
    assert during["facts"] == {"size": 64.0 * MIB}
    peaks = [result["peak"] for result in (before, during, after)]
    assert all(isinstance(peak, int) and peak > 0 for peak in peaks)
    assert min(peaks[1] - peaks[0], peaks[1] - peaks[2]) > 32 * MIB  # type: ignore[operator]


# --------------------------------------------------------------------------------------------------------------- rows
def test_a_shape_gives_its_rows_cells_and_units(tmp_path: Path) -> None:
    write(tmp_path / "one", Shape(5_000, 1, 3, 4))
    frame = pd.read_parquet(tmp_path / "one")
    assert len(frame) == frame.unit.nunique() == 5_000
    assert (frame.region.nunique(), frame.industry.nunique()) == (3, 4)
    assert (frame.value > 0).all()
    assert not frame.unit.is_monotonic_increasing


def test_units_have_about_as_many_rows_as_asked(tmp_path: Path) -> None:
    write(tmp_path / "three", Shape(6_000, 3))
    per_unit = pd.read_parquet(tmp_path / "three").groupby("unit").size()
    assert len(per_unit) <= 2_000
    assert 2.5 < per_unit.mean() < 3.5


def test_exactly_the_asked_number_of_cells_stays_below_the_minimum(tmp_path: Path) -> None:
    write(tmp_path / "sparse", Shape(4_000, 1, 5, 6, small=11))
    frame = pd.read_parquet(tmp_path / "sparse")
    sizes = frame.groupby(["region", "industry"]).unit.nunique()
    assert len(sizes) == 30
    assert (sizes < MINIMUM_UNITS).sum() == 11
    assert cases.checked(frame)["failing"] == 11


def test_the_same_shape_gives_the_same_rows(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name, Shape(3_000, 3))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "first"), pd.read_parquet(tmp_path / "second"))


@pytest.mark.parametrize(
    "fields",
    [
        (0,),
        (10, 0),
        (2**32 + 1,),
        (10, 1, 2, 3, 6),
        (10, 1, 2, 3, -1),
        (10, 2, 2, 3, 0, 3),
        (10, 3, 2, 2, 0, 3),
        (10, 3, 2, 3, 1, 3),
    ],
)
def test_a_shape_that_cannot_be_made_is_refused(fields: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected (some|as many) rows"):
        Shape(*fields)


def test_a_panel_has_a_row_of_each_unit_in_each_period(tmp_path: Path) -> None:
    write(tmp_path / "rows", Shape(3_000, 5, 4, 5, panel=5))
    frame = pd.read_parquet(tmp_path / "rows")
    assert frame.unit.nunique() == 600
    assert (frame.groupby("unit").industry.nunique() == 5).all()
    moved = frame.groupby("unit").region.nunique() > 1
    assert 0.02 < moved.mean() < 0.2
    assert frame.region.nunique() == 4


# ----------------------------------------------------------------------------------------------------------- sections
def test_panels_and_small_cells_stand_beside_pandas_on_the_same_rows() -> None:
    panel, fine = only(sections.panels(TINY))
    for line in (panel, fine):
        assert line.baseline is not None
        assert dict(line.subject.facts)["total"] == pytest.approx(dict(line.baseline.facts)["total"])
    assert dict(panel.subject.facts)["units"] == 400
    assert "person-years, 6 x 5, 2,000 rows, about 5 per unit" in panel.title
    assert "small cells, 5 x 4, 2,000 rows, about 3 per unit" in fine.title


def test_the_sums_stand_beside_pandas_on_the_same_rows() -> None:
    one, three = only(sections.sums(TINY))
    for line in (one, three):
        assert line.baseline is not None
        assert line.ratio == pytest.approx(line.subject.best / line.baseline.best)
        assert dict(line.subject.facts)["total"] == pytest.approx(dict(line.baseline.facts)["total"])
        assert line.subject.peak > 0
    assert dict(one.subject.facts)["units"] == 2_000
    assert dict(three.subject.facts)["units"] < 1_000
    assert "2,000 rows, one per unit" in one.title


def test_suppression_stands_beside_the_table_that_it_suppresses() -> None:
    beside_checked, beside_pandas, repaired = only(sections.suppression(TINY))
    assert (beside_checked.subject.name, beside_pandas.subject.name) == ("suppressed", "suppressed")
    assert (repaired.subject.name, repaired.baseline and repaired.baseline.name) == ("repaired", "checked")
    assert beside_checked.baseline is not None
    assert beside_checked.baseline.name == "checked"
    assert dict(beside_checked.subject.facts)["failing"] == dict(beside_checked.baseline.facts)["failing"] == 11
    assert "11 of 30 cells failing" in beside_checked.title


def test_other_statistics_stand_beside_those_of_pandas() -> None:
    median, deviation = only(sections.statistics(TINY))
    for line, name in ((median, "median"), (deviation, "std")):
        assert line.baseline is not None
        assert (line.subject.name, line.baseline.name) == (f"checked_{name}", f"plain_{name}")
        assert dict(line.subject.facts) == dict(line.baseline.facts) == {"cells": 12.0}


def test_very_many_cells_stand_beside_those_of_pandas() -> None:
    counts, sums = only(sections.cells(TINY))
    for line in (counts, sums):
        assert line.baseline is not None
        assert dict(line.subject.facts)["total"] == pytest.approx(dict(line.baseline.facts)["total"])
        assert "600 cells, 2,000 rows" in line.title
    assert dict(counts.subject.facts)["total"] == 2_000


def test_a_model_stands_for_itself_with_a_goal_for_its_memory() -> None:
    (line,) = only(sections.models(TINY))
    assert line.baseline is None
    assert line.title == "OLS of 6 columns, 2,000 rows, one per unit"
    assert (line.most_bytes, dict(line.subject.facts)["figures"] > 6) == (4 * 1024 * MIB, True)
    assert "model" in sections.ON_REQUEST


@pytest.mark.parametrize(("section", "module"), [("kernel", "benchmarks.kernels"), ("lab", "benchmarks.lab")])
def test_starts_of_kernels_are_compared_with_their_goal(
    section: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def handed(command_: tuple[str, ...], **_: object) -> dict[str, list[float]]:
        asked.append(command_)
        return {"plain_kernel": [1.0, 3.0, 2.0], "sealed_kernel": [2.2, 9.0, 2.0]}

    monkeypatch.setattr(sections, "run", handed)
    (line,) = only(sections.SECTIONS[section](Settings(starts=3)))
    assert asked == [(module, "3")]
    assert (line.section, line.goal) == (section, 1.15)
    assert line.ratio == pytest.approx(1.1)


def test_labs_at_work_are_measured_with_their_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = {
        "page": {"page": [{"seconds": 2.0}, {"seconds": 9.0}, {"seconds": 3.0}]},
        "idle": {"idle": [{"seconds": 60.0, "peak": 1024 * MIB}]},
        "teams": {"one": [{"seconds": 2.0}], "many": [{"seconds": 8.0}]},
    }
    asked: list[tuple[str, ...]] = []

    def given(command_: tuple[str, ...], **_: object) -> object:
        asked.append(command_)
        return handed[command_[1]]

    monkeypatch.setattr(sections, "run", given)
    page, idle, teams = only(sections.SECTIONS["work"](Settings(repeats=3, idle_kernels=5, teams=4)))
    assert asked == [("benchmarks.labs_at_work", *rest) for rest in (("page", "3"), ("idle", "5"), ("teams", "4"))]
    assert (page.seconds, page.most_seconds, page.ratio) == (3.0, 5.0, None)
    assert (idle.subject.peak, idle.most_bytes) == (1024 * MIB, 16 * 1024 * MIB)
    assert (teams.ratio, teams.goal) == (4.0, None)
    assert "4 Labs" in teams.title
    columns = {column.header: list(column.cells) for column in as_table((page, idle)).columns}
    assert columns["goal"] == ["≤ 5 s", "≤ 16384 MiB"]


@pytest.mark.parametrize(("what", "told"), [("idle", {"idle"}), ("teams", {"one", "many"})])
def test_a_lab_is_really_put_to_work(what: str, told: set[str]) -> None:
    handed = run(("benchmarks.labs_at_work", what, "1"), seconds=200)
    assert set(handed) == told
    assert all(result["seconds"] > 0 for results in handed.values() for result in results)
    # A server and a kernel cannot do with less.
    assert what == "teams" or 50 * MIB < handed["idle"][0]["peak"] < 1024 * MIB


def test_labs_that_cannot_be_measured_say_so_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(command_: tuple[str, ...], **_: object) -> object:
        if command_[1] == "idle":
            return {"idle": [{"seconds": 60.0, "peak": MIB}]}
        raise MeasurementError("there is no Chromium")

    monkeypatch.setattr(sections, "run", fails)
    page, idle, teams = sections.SECTIONS["work"](TINY)
    assert page == teams == NotMeasured("work", "there is no Chromium")
    assert isinstance(idle, Comparison)


@pytest.mark.parametrize("section", ["kernel", "lab"])
def test_kernels_that_do_not_start_are_not_measured(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MeasurementError("the seal does not hold")

    monkeypatch.setattr(sections, "run", fails)
    assert list(sections.SECTIONS[section](TINY)) == [NotMeasured(section, "the seal does not hold")]


def test_the_table_from_a_file_is_the_one_from_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write(path, Shape(2_000, 3))
    found = in_turn([("benchmarks.cases", name, str(path)) for name in ("checked_file", "checked")], 1)
    assert found["checked_file"].facts == found["checked"].facts


def test_slow_sections_keep_to_modest_sizes() -> None:
    assert Settings().modest_rows == (100_000, 1_000_000)
    assert Settings(rows=(10_000_000, 20_000_000)).modest_rows == (10_000_000,)
    assert (Settings().repeats_at(1_000_000), Settings().repeats_at(1_000_001)) == (3, 2)


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match=r"benchmarks\.cases plain ended with status 1: .*absent\.parquet"):
        run(("benchmarks.cases", "plain", str(tmp_path / "absent.parquet")))


def test_a_process_that_does_not_end_is_given_up() -> None:
    with pytest.raises(MeasurementError, match="did not end in 0 seconds"):
        run(("benchmarks.cases", "plain", "absent"), seconds=0.01)


# --------------------------------------------------------------------------------------------------------------- acro
def test_without_its_environment_acro_is_reported_as_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: str) -> str:
        (tmp_path / "acro").mkdir(exist_ok=True)
        raise subprocess.CalledProcessError(1, arguments, stderr="first\nno index can be reached\n")

    monkeypatch.setattr(acro_environment, "_call", refuse)
    with pytest.raises(MeasurementError, match=r"acro==1\.0\.2 could not be installed: no index can be reached"):
        acro_environment.acro_python(tmp_path / "acro")
    assert not (tmp_path / "acro").exists()
    monkeypatch.setattr(sections, "acro_python", lambda: acro_environment.acro_python(tmp_path / "acro"))
    (line,) = sections.acro(TINY)
    assert isinstance(line, NotMeasured)
    assert "no index can be reached" in line.reason


@pytest.mark.parametrize(("installed", "made"), [("1.0.2", False), ("1.0.1", True)])
def test_an_environment_with_another_acro_is_made_anew(
    installed: str, made: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = [installed, "1.0.2"]
    modules: list[str] = []

    def call(*arguments: str) -> str:
        if "-c" in arguments:
            return f"{versions.pop(0)}\n"
        modules.append(arguments[2])
        return ""

    monkeypatch.setattr(acro_environment, "_call", call)
    assert acro_environment.acro_python(tmp_path / "acro") == tmp_path / "acro" / "bin" / "python"
    assert modules == (["venv", "pip"] if made else [])


# ------------------------------------------------------------------------------------------------------------- report
LINES: tuple[Line, ...] = (
    comparison(goal=0.5),
    comparison(section="large", title="alone", baseline=None, most_bytes=4 * 1024 * MIB),
    NotMeasured("acro", "no index can be reached"),
)


def test_the_document_holds_every_figure_and_what_was_not_measured() -> None:
    document = json.loads(json.dumps(as_document(LINES)))
    first, alone, missing = document["results"]
    assert (first["ratio"], first["memory_ratio"], first["goal"]) == (0.25, 1.5, 0.5)
    assert first["subject"]["seconds"] == [0.5, 0.2, 0.4]
    assert (alone["ratio"], alone["baseline"], alone["goal_bytes"]) == (None, None, 4 * 1024 * MIB)
    assert missing == {"section": "acro", "not_measured": "no index can be reached"}
    assert document["machine"]["cores"] >= 1
    assert str(Path.home()) not in json.dumps(document)


def test_the_table_has_a_row_for_every_line() -> None:
    table = as_table(LINES)
    assert table.row_count == len(LINES)
    columns = {str(column.header): list(column.cells) for column in table.columns}
    assert columns["ratio"] == ["0.25", "", ""]
    assert columns["goal"] == ["≤ 0.5", "≤ 4096 MiB", ""]
    assert columns["seconds"] == ["0.2", "0.2", ""]
    assert columns["baseline"] == ["0.8", "", ""]
    assert columns["peak MiB"] == ["300", "300", ""]
    assert columns["compared"] == ["a / b", "alone", "not measured: no index can be reached"]


# ------------------------------------------------------------------------------------------------------------ command
def test_a_section_that_fails_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []

    def works(settings: Settings) -> Iterator[Line]:
        seen.append(settings)
        yield comparison()

    def fails(_: Settings) -> Iterator[Line]:
        yield comparison(section="kernel")
        raise MeasurementError("the seal does not hold")

    monkeypatch.setattr(command, "SECTIONS", {"kernel": fails, "sum": works, "large": works})
    path = tmp_path / "results.json"
    done = CliRunner().invoke(command.main, ["--rows", "1e6", "--rows", "20000", "--json", str(path)])
    assert done.exit_code == 0
    assert seen[0].rows == (20_000, 1_000_000)
    assert len(seen) == 1, "the large section runs only when it is named"
    results = json.loads(path.read_text())["results"]
    assert [one["section"] for one in results] == ["kernel", "kernel", "sum"]
    assert results[1]["not_measured"] == "the seal does not hold"


def test_quick_is_one_size_and_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []

    def works(settings: Settings) -> Iterator[Line]:
        seen.append(settings)
        yield comparison()

    monkeypatch.setattr(command, "SECTIONS", {"sum": works})
    assert CliRunner().invoke(command.main, ["--quick"]).exit_code == 0
    assert (seen[0].rows, seen[0].repeats, seen[0].starts) == ((100_000,), 1, 1)


@pytest.mark.parametrize("rows", ["many", "9999", "1e10", "nan", "inf", "10000.5"])
def test_a_number_of_rows_that_cannot_be_measured_is_bad_input(rows: str) -> None:
    done = CliRunner().invoke(command.main, ["--rows", rows])
    assert done.exit_code == 2
    assert "expected a number of rows" in done.output
