"""The synthetic microdata as SPSS, Stata and csv, the command that makes them, and how they come back into a camp."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import datakamp
from disclosure.errors import BadInputError
from tests.workspace.test_synthetic import digests
from workspace.readers import make_data_set
from workspace.synthetic import DATA_SETS, synthesize
from workspace.synthetic.command import calibrated, report_to, span_of
from workspace.synthetic.formats import Format, formats_of

SMALL = 1_000
OTHERS = ("sav", "dta", "csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("formats") / "microdata"
    synthesize(place, persons=SMALL, formats=("parquet", *OTHERS))
    return place


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", DATA_SETS)
def test_a_file_of_each_format_comes_back_as_it_is_in_parquet(
    folder: Path, tmp_path: Path, kind: str, name: str
) -> None:
    file = folder / kind / f"{name}.{kind}"
    make_data_set(file, file.with_name(f"{file.name}.codebook.toml"), tmp_path)
    made, meant = (pq.read_table(place / "data.parquet").to_pandas() for place in (tmp_path, folder / name))
    assert list(made.columns) == list(meant.columns)
    for column in meant.columns:
        # What is missing in Parquet is empty in formats that have no missing texts.
        left, right = (frame[column].replace("", None) for frame in (made, meant))
        if pd.api.types.is_numeric_dtype(right):
            pd.testing.assert_series_equal(left.astype(float), right.astype(float), rtol=1e-12)
        else:
            assert left.isna().equals(right.isna()), column
            assert (left.dropna().astype(str) == right.dropna().astype(str)).all(), column


def test_formats_have_the_same_bytes_each_time_and_their_codebooks_say_synthetic(folder: Path, tmp_path: Path) -> None:
    synthesize(tmp_path / "again", persons=SMALL, formats=("parquet", *OTHERS))
    assert digests(tmp_path / "again") == digests(folder)
    for kind in OTHERS:
        books = sorted((folder / kind).glob("*.codebook.toml"))
        assert len(books) == len(DATA_SETS)
        assert all(tomllib.loads(book.read_text("utf-8"))["synthetic"] is True for book in books)


def test_spss_files_carry_titles_and_labels(folder: Path) -> None:
    import pyreadstat

    _, meta = pyreadstat.read_sav(folder / "sav" / "INHATAB.sav", metadataonly=True)
    assert meta.column_names_to_labels["INHBESTINKH"] == "Disposable income"
    labels: dict[Any, str] = meta.variable_value_labels["INHEHALGR"]
    assert labels["1"] == "Own dwelling"
    # Longer than Stata takes, and whole here.
    assert str(meta.column_names_to_labels["INHARMSOCL"]).endswith("missing if there are not four")
    assert "ynthetic" in str(meta.file_label)


def test_a_format_alone_is_written_without_parquet(tmp_path: Path) -> None:
    synthesize(tmp_path, persons=SMALL, formats=("csv",))
    assert {path.name for path in tmp_path.iterdir()} == {"csv", "CALIBRATION.md", "truth.json"}
    first = (tmp_path / "csv" / "KOPPELPERSOONHUISHOUDEN.csv").read_text("utf-8").splitlines()[0]
    assert first.replace('"', "") == "RINPERSOONS;RINPERSOON;RINPERSOONHKW;HUISHOUDNR"


def test_the_command_names_the_data_sets_also_without_parquet(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        datakamp.datakamp, ["data", "synthesize", str(tmp_path / "made"), "--persons", "1000", "--format", "csv"]
    )
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{len(DATA_SETS)} data sets of 1,000 persons")
    assert ": GBAPERSOONTAB, " in done.output


@pytest.mark.parametrize("names", [(), ("xlsx",), ("parquet", "SAV")])
def test_unknown_formats_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError, match="format that is known"):
        formats_of(names)


def test_formats_are_written_once_each_in_one_order() -> None:
    assert formats_of(("csv", "parquet", "csv")) == (Format.PARQUET, Format.CSV)


# -------------------------------------------------------------------------------------------------------------- command
@pytest.mark.parametrize("years", ["2018", "2018-22", "2018:2022", "a-b", "2018-2022-2023", ""])
def test_years_that_are_no_span_are_refused(years: str) -> None:
    with pytest.raises(BadInputError, match="years as 2018-2022"):
        span_of(years)


def test_a_year_and_years_are_not_taken_together() -> None:
    with pytest.raises(BadInputError, match="not both"):
        span_of("2018-2022", 2022)
    assert span_of(None, 2022) is None


@pytest.mark.parametrize("years", [(2017, 2022), (2022, 2021), (1999, 2001), (2098, 2101)])
def test_spans_out_of_bounds_are_refused(tmp_path: Path, years: tuple[int, int]) -> None:
    with pytest.raises(BadInputError, match="Expected"):
        synthesize(tmp_path / "microdata", persons=SMALL, years=years)
    assert not (tmp_path / "microdata").exists()


@pytest.mark.parametrize("years", [(2022, 2022), (2000, 2001), (2096, 2100)])
def test_spans_at_their_bounds_are_taken(tmp_path: Path, years: tuple[int, int]) -> None:
    synthesize(tmp_path, persons=SMALL, years=years)
    assert (tmp_path / f"INHATAB{years[0]}").is_dir()
    assert (tmp_path / f"INHATAB{years[1]}").is_dir()


def test_the_command_takes_years_municipality_formats_and_a_report(tmp_path: Path) -> None:
    made, report = tmp_path / "made", tmp_path / "report.md"
    done = CliRunner().invoke(
        datakamp.datakamp,
        ["data", "synthesize", str(made), "--persons", "1000", "--years", "2021-2022", "--format", "sav", "--format",
         "parquet", "--municipality", "leidschendam-voorburg", "--report", str(report)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "targets and checks hold" in done.output
    assert report.read_text("utf-8") == (made / "CALIBRATION.md").read_text("utf-8")
    assert "Leidschendam-Voorburg" in report.read_text("utf-8")
    assert set(pq.read_table(made / "VSLGWBTAB" / "data.parquet")["gem"].to_pylist()) >= {"1916", "0518"}
    assert (made / "sav" / "INHATAB2021.sav").is_file()


def test_a_report_that_is_there_or_has_no_folder_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("mine")
    with pytest.raises(BadInputError, match="is there already"):
        report_to(tmp_path / "report.md")
    with pytest.raises(BadInputError, match="is not there"):
        report_to(tmp_path / "nowhere" / "report.md")
    report_to(tmp_path / "new.md")
    report_to(None)


def test_what_does_not_hold_in_a_small_population_is_told(tmp_path: Path) -> None:
    (tmp_path / "CALIBRATION.md").write_text("| a | yes |\n| b | NO |\n| c | yes |\n")
    assert calibrated(tmp_path, None).startswith("2 of 3 targets and checks hold")
    assert "chance" in calibrated(tmp_path, None)
    (tmp_path / "CALIBRATION.md").write_text("| a | yes |\n")
    assert "chance" not in calibrated(tmp_path, None)
