"""What is measured of files of records is what it says; no figure is judged here."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks import microdata
from benchmarks.measurement import Comparison, NotMeasured, run
from benchmarks.microdata_reference import missing
from benchmarks.sections import SECTIONS, Settings
from disclosure.microdata import frequencies, k_anonymity
from disclosure.microdata.embedded import EmbeddedEngine


def test_made_files_are_the_same_each_time_and_have_rare_keys() -> None:
    frame = microdata.made(3_000)
    assert frame == microdata.made(3_000)
    assert frame != microdata.made(3_001).slice(0, 3_000)
    assert {name: len(frame[name].unique()) for name in microdata.SIZES} == microdata.SIZES
    assert k_anonymity(frequencies(frame, microdata.FIVE)).of(3) > 300


@pytest.mark.parametrize("case", list(microdata.CASES))
def test_each_case_finds_a_figure(case: str) -> None:
    (figure,) = microdata.CASES[case](EmbeddedEngine(), microdata.made(1_000)).values()
    assert figure > 0


def test_cases_run_in_processes_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "persons.parquet"
    pq.write_table(microdata.made(500), path)
    handed = run(("benchmarks.microdata", "risk", str(path)))
    assert handed["risk"]["facts"] == microdata.risk(EmbeddedEngine(), microdata.made(500))


def test_section_measures_every_size_and_the_slow_cases_on_a_modest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microdata, "missing", lambda: "R is not installed.")
    found = list(SECTIONS["microdata"](Settings(rows=(400, 600), repeats=1)))
    assert [line.section for line in found] == ["microdata"] * 5
    titles = [line.title for line in found if isinstance(line, Comparison)]
    assert ["400 rows" in titles[0], "600 rows" in titles[1], "600 rows" in titles[2]] == [True] * 3
    assert found[-1] == NotMeasured("microdata", "R is not installed.")


@pytest.mark.needs_sdcmicro
@pytest.mark.timeout(900)
def test_sdcmicro_stands_beside_and_finds_the_same() -> None:
    absent = missing()
    if absent:
        pytest.skip(absent)
    found = [one for one in microdata.lines((2_000,), 1) if isinstance(one, Comparison)]
    beside = [one.title for one in found if one.baseline is not None]
    assert [one.split(",")[0] for one in beside] == [
        "the same beside freqCalc and indivRisk", "the same beside createSdcObj", "local suppression to 3-anonymity",
    ]  # fmt: skip
