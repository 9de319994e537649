"""Files of statistical offices become data sets: keys stay text, labels come along, nothing is guessed or quoted."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

import datakamp
from disclosure.engines.at_hand import SAID_FROM, Need, careful_connection, memory_left, shown
from disclosure.errors import BadInputError, CodebookError, DataError, RefusedError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.context import VARIABLE, RunKind
from disclosure.model.codebooks import read_codebook
from disclosure.notebook.camp import data
from tests.workspace.small_camp import TEAM, make_camp
from workspace import readers
from workspace.catalogue import register_file, registered, source
from workspace.reader_numbers import DecimalSign
from workspace.readers import make_data_set
from workspace.runs import team_context

BOOK = """\
schema = 1
name = "INHATAB"
synthetic = true
unit = ["RIN"]
identifiers = ["RIN"]
[columns.RIN]
type = "key"
[columns.kind]
type = "category"
[columns.income]
type = "number"
[columns.born]
type = "date"
"""
FRAME: dict[str, list[Any]] = {
    "RIN": ["000000012", "000000100", "000000007"],
    "kind": [1.0, 2.0, None],
    "income": [12.5, -3.0, None],
    "born": [datetime.date(1999, 12, 31), None, datetime.date(2001, 1, 1)],
}
LABELS = {"kind": {1.0: 'rent "social"', 2.0: "koop"}}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.toml"
    path.write_text(BOOK)
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "INHATAB"
    folder.mkdir()
    return folder


def read(folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = pq.read_table(folder / "data.parquet").to_pydict()
    return found


def written(path: Path, columns: dict[str, list[Any]], **options: Any) -> Path:
    frame = pd.DataFrame(columns)
    write = pyreadstat.write_dta if path.suffix == ".dta" else pyreadstat.write_sav
    write(frame, str(path), **options)
    return path


EXPECTED: dict[str, list[Any]] = {
    "RIN": ["000000012", "000000100", "000000007"],
    "kind": ["1", "2", None],
    "income": [12.5, -3.0, None],
    "born": [datetime.date(1999, 12, 31), None, datetime.date(2001, 1, 1)],
}


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
def test_spss_and_stata_keep_keys_as_text_and_bring_labels(suffix: str, tmp_path: Path, book: Path, into: Path) -> None:
    options: dict[str, Any] = {
        "variable_value_labels": LABELS if suffix != ".dta" else {"kind": {1: 'rent "social"', 2: "koop"}}
    }
    if suffix == ".zsav":
        options["row_compress"] = True
    make_data_set(written(tmp_path / f"x{suffix}", FRAME, **options), book, into)
    assert read(into) == EXPECTED
    categories = read_codebook(into / "codebook.toml").columns["kind"].categories
    assert {code: dict(label) for code, label in categories.items()} == {
        "1": {"en": 'rent "social"'},
        "2": {"en": "koop"},
    }


def test_a_codebooks_own_labels_stay(tmp_path: Path, book: Path, into: Path) -> None:
    book.write_text(f'{BOOK}[columns.kind.categories]\n1 = {{nl = "huur"}}\n')
    make_data_set(written(tmp_path / "x.sav", FRAME, variable_value_labels=LABELS), book, into)
    assert tomllib.loads((into / "codebook.toml").read_text())["columns"]["kind"]["categories"] == {"1": {"nl": "huur"}}


def test_csv_with_semicolons_decimal_commas_and_two_ways_to_write_a_date(
    tmp_path: Path, book: Path, into: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(
        'RIN;kind;income;born;extra\n000000012;01;12,5;19991231;"a;b"\n000000100;02;-3,0;;c\n000000007;;;2001-01-01;\n'
    )
    make_data_set(file, book, into)
    assert read(into) == EXPECTED | {"kind": ["01", "02", None], "extra": ["a;b", "c", None]}


@pytest.mark.parametrize(("encoding", "works"), [("cp1252", True), ("utf-8", False), ("klingon", False)])
def test_csv_is_read_in_the_encoding_that_is_named(
    encoding: str, works: bool, tmp_path: Path, book: Path, into: Path
) -> None:
    (file := tmp_path / "x.csv").write_bytes("RIN;kind\n1;Curaçao\n".encode("cp1252"))
    if works:
        make_data_set(file, book, into, encoding=encoding)
        assert read(into)["kind"] == ["Curaçao"]
        return
    with pytest.raises(DataError) as caught:
        make_data_set(file, book, into, encoding=encoding)
    assert "Cura" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, book: Path, into: Path) -> None:
    (file := tmp_path / "x.csv").write_text("\ufeffRIN;kind\n0012;a\n", encoding="utf-8")
    make_data_set(file, book, into)
    assert read(into)["RIN"] == ["0012"]


def test_a_key_that_became_a_number_is_refused_unless_its_format_has_the_zeros(
    tmp_path: Path, book: Path, into: Path
) -> None:
    columns = {"RIN": [12.0, 100.0]}
    with pytest.raises(DataError, match="'RIN' is stored as numbers"):
        make_data_set(written(tmp_path / "x.sav", columns), book, into)
    (into / "data.parquet").unlink()
    make_data_set(written(tmp_path / "y.sav", columns, variable_format={"RIN": "N9"}), book, into)
    assert read(into)["RIN"] == ["000000012", "000000100"]


@pytest.mark.parametrize(
    ("name", "line"), [("income", "SECRET-7"), ("born", "SECRET-7"), ("born", "20011301"), ("born", "31-12-2001")]
)
def test_a_column_of_another_kind_is_named_without_its_value(
    name: str, line: str, tmp_path: Path, book: Path, into: Path
) -> None:
    (file := tmp_path / "x.csv").write_text(f"RIN;{name}\n1;{line}\n")
    with pytest.raises(DataError, match=f"'{name}'") as caught:
        make_data_set(file, book, into)
    assert line not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["12,50", "1.234", "51.234"], [12.5, 1234.0, 51234.0]),
        (["12.50", "1,234", "1,051,234.5"], [12.5, 1234.0, 1051234.5]),
        (["1.234.567", " -3 ", ""], [1234567.0, -3.0, None]),
        (["0.123", "12.345"], [0.123, 12.345]),
        (["12,5", ",5", "1e3"], [12.5, 0.5, 1000.0]),
        (["7", "-12", "+3"], [7.0, -12.0, 3.0]),
    ],
)
def test_the_one_decimal_sign_that_fits_all_values_is_taken(
    values: list[str], expected: list[float | None], tmp_path: Path, book: Path, into: Path
) -> None:
    rows = "".join(f"{number:03};{value}\n" for number, value in enumerate(values))
    (file := tmp_path / "x.csv").write_text(f"RIN;income\n{rows}")
    make_data_set(file, book, into)
    assert read(into)["income"] == expected


@pytest.mark.parametrize(
    "values",
    [["12,5", "-3.0"], ["1.234,50", "1.5"], ["1.234", "51.234"], ["1,234"], ["nan"], ["1", "inf"], ["NA"], ["1.2.3"]],
)
def test_a_column_without_one_decimal_sign_is_refused(
    values: list[str], tmp_path: Path, book: Path, into: Path
) -> None:
    rows = "".join(f"{number:03};{value}\n" for number, value in enumerate(values))
    (file := tmp_path / "x.csv").write_text(f"RIN;income\n{rows}")
    with pytest.raises(DataError, match="'income'") as caught:
        make_data_set(file, book, into)
    assert "--decimal comma" in caught.value.hint
    assert not any(value in str(caught.value) for value in values if len(value) > 1)


@pytest.mark.parametrize(
    ("declared", "expected"), [(DecimalSign.COMMA, [1234.0, 51234.0]), (DecimalSign.POINT, [1.234, 51.234])]
)
def test_a_declared_decimal_sign_settles_it(
    declared: DecimalSign, expected: list[float], tmp_path: Path, book: Path, into: Path
) -> None:
    (file := tmp_path / "x.csv").write_text("RIN;income\n001;1.234\n002;51.234\n")
    make_data_set(file, book, into, decimal=declared)
    assert read(into)["income"] == expected


def test_a_declared_decimal_sign_that_does_not_fit_is_refused(tmp_path: Path, book: Path, into: Path) -> None:
    (file := tmp_path / "x.csv").write_text("RIN;income\n001;12,50\n")
    with pytest.raises(DataError, match="'income'"):
        make_data_set(file, book, into, decimal=DecimalSign.POINT)


def test_the_decimal_sign_is_found_in_all_batches(
    tmp_path: Path, book: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_CSV_BLOCK", 64)
    rows = "".join(f"{number:03};1.234\n" for number in range(100))
    (file := tmp_path / "x.csv").write_text(f"RIN;income\n{rows}100;0,5\n")
    make_data_set(file, book, into)
    assert read(into)["income"] == [1234.0] * 100 + [0.5]


def test_a_category_with_fractions_is_refused(tmp_path: Path, book: Path, into: Path) -> None:
    with pytest.raises(DataError, match="'kind'"):
        make_data_set(written(tmp_path / "x.sav", {"RIN": ["1"], "kind": [1.5]}), book, into)


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta", ".parquet", ".csv", ".xlsx"])
def test_garbage_is_bad_input(suffix: str, tmp_path: Path, book: Path, into: Path) -> None:
    (file := tmp_path / f"x{suffix}").write_bytes(b"SECRET \x00\xff garbage\n" * 50)
    with pytest.raises(DataError) as caught:
        make_data_set(file, book, into)
    assert "SECRET" not in str(caught.value)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_file_that_was_cut_off_is_bad_input(suffix: str, tmp_path: Path, book: Path, into: Path) -> None:
    file = written(tmp_path / f"x{suffix}", {"RIN": [f"{one:09}" for one in range(5000)]})
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(DataError):
        make_data_set(file, book, into)


@pytest.mark.parametrize("line", ["RIN;RIN", "RIN;", "RIN,kind"])
def test_names_of_columns_are_there_once_each(line: str, tmp_path: Path, book: Path, into: Path) -> None:
    (file := tmp_path / "x.csv").write_text(f"{line}\n1;2\n")
    with pytest.raises(BadInputError):
        make_data_set(file, book, into)


def test_a_file_without_the_units_column_is_refused(tmp_path: Path, book: Path, into: Path) -> None:
    (file := tmp_path / "x.csv").write_text("kind\na\n")
    with pytest.raises(CodebookError, match="lacks the unit's column RIN"):
        make_data_set(file, book, into)


def test_more_rows_than_one_batch_arrive_in_order(tmp_path: Path, book: Path, into: Path) -> None:
    keys = [f"{one:09}" for one in range(100_001)]
    make_data_set(written(tmp_path / "x.sav", {"RIN": keys}), book, into)
    assert read(into)["RIN"] == keys


# ------------------------------------------------------------------------------------------------- years, in a camp


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def years(camp: CampFile, tmp_path: Path, book: Path) -> None:
    for year in (2022, 2023):
        (file := tmp_path / "income.csv").write_text(f"RIN;kind;income\n0001;a;{year}\n0002;b;1\n")
        register_file(camp, file, book, name="INHATAB", year=year)


def in_camp(camp: CampFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the camp as code in a sealed kernel does, with the data sets where they lie."""
    sources = tuple(source(camp, name) for name in registered(camp))
    document = team_context(camp, TEAM, RunKind.TEAM, sources, {}).to_document()
    for one in document["data_sets"]:
        one["folder"] = str(camp.data_folder(one["name"]))
    (path := tmp_path / "context.json").write_bytes(canonical_json(document))
    monkeypatch.setenv(VARIABLE, str(path))


def test_years_are_one_family(camp: CampFile, tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    years(camp, tmp_path, book)
    assert registered(camp) == ("HOMES", "INHATAB2022", "INHATAB2023")
    assert not [one for one in (camp.folder / "microdata").iterdir() if one.name.startswith(".")]
    in_camp(camp, tmp_path, monkeypatch)
    assert data("INHATAB", year=2023).income.max().to_pandas() == 2023
    with pytest.raises(BadInputError, match=r"by year. Years: 2022, 2023"):
        data("INHATAB")
    with pytest.raises(BadInputError, match=r"not here for that year. Years: 2022, 2023"):
        data("INHATAB", year=2021)
    with pytest.raises(BadInputError, match="not split by year"):
        data("HOMES", year=2023)


def test_a_frame_has_its_codebook_and_only_the_columns_asked_for(
    camp: CampFile, tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.write_text(f'{BOOK}[columns.kind.categories]\na = {{nl = "huur"}}\nb = {{nl = "koop"}}\n')
    years(camp, tmp_path, book)
    in_camp(camp, tmp_path, monkeypatch)
    frame = data("INHATAB", year=2023, columns=["RIN", "kind"], lazy=False)
    assert frame["RIN"].tolist() == ["0001", "0002"]
    assert list(frame.columns) == ["RIN", "kind"]
    assert frame.attrs["codebook"]["columns"]["kind"]["categories"] == {"a": {"nl": "huur"}, "b": {"nl": "koop"}}
    assert frame.copy().attrs == frame.attrs
    with pytest.raises(BadInputError, match="no such column"):
        data("INHATAB", year=2023, columns=["RINN"])


@pytest.mark.parametrize("year", [1899, 2101])
def test_a_year_out_of_bounds_is_refused(year: int, camp: CampFile, tmp_path: Path, book: Path) -> None:
    with pytest.raises(BadInputError, match="year"):
        register_file(camp, tmp_path / "x.csv", book, name="INHATAB", year=year)


def test_a_failed_reading_leaves_nothing(camp: CampFile, tmp_path: Path, book: Path) -> None:
    (file := tmp_path / "x.sav").write_bytes(b"no")
    with pytest.raises(DataError):
        register_file(camp, file, book, name="INHATAB")
    assert [one.name for one in (camp.folder / "microdata").iterdir()] == ["HOMES"]


def test_a_data_set_that_is_not_synthetic_is_refused_from_a_file_too(
    camp: CampFile, tmp_path: Path, book: Path
) -> None:
    book.write_text(BOOK.replace("synthetic = true", "synthetic = false"))
    (file := tmp_path / "x.csv").write_text("RIN\n1\n")
    with pytest.raises(RefusedError, match="not synthetic"):
        register_file(camp, file, book, name="INHATAB")
    assert registered(camp) == ("HOMES",)


def command(*arguments: object) -> int:
    return datakamp.run([str(one) for one in arguments])


def test_the_command_registers_a_file(
    camp: CampFile, tmp_path: Path, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "INHATAB.sav", FRAME)
    book.rename(tmp_path / "INHATAB.sav.codebook.toml")
    assert command("data", "register", tmp_path / "INHATAB.sav", "--camp", camp.folder, "--year", 2023) == 0
    assert capsys.readouterr().out.startswith("INHATAB2023: sha256:")


def test_the_command_refuses_what_does_not_fit(
    camp: CampFile, tmp_path: Path, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := tmp_path / "INHATAB.csv").write_text("RIN;income\n1;SECRET-7\n")
    register = ("data", "register", "--camp", camp.folder)
    assert command(*register, file) == 2
    assert command(*register, file, "--codebook", book) == 2
    assert command(*register, tmp_path / "none.csv") == 2
    assert command(*register, camp.data_folder("HOMES"), "--year", 2023) == 2
    assert command(*register, file, file, "--year", 2023) == 2
    said = capsys.readouterr().err
    assert "has no codebook" in said
    assert "SECRET" not in said
    assert "Traceback" not in said


# ------------------------------------------------------------------------------------------------- memory before frames


def test_what_a_frame_takes_is_counted_before_it_is_made() -> None:
    rows = 20_000
    frame = pa.table({"key": [f"{one:09}" for one in range(rows)], "pay": [float(one) for one in range(rows)]})
    connection = careful_connection(lambda: 100 * rows)
    connection.con.register("homes", frame)
    table = connection.table("homes")
    need = connection.need(table)
    assert need.rows == rows
    assert frame.nbytes <= need.memory <= 4 * frame.nbytes
    assert len(table.to_pandas()) == rows
    connection.allowed = lambda: need.memory
    assert len(table.to_pandas()) == rows
    connection.allowed = lambda: need.memory - 1
    with pytest.raises(RefusedError, match=r"20,000 rows.*Select columns"):
        table.to_pandas()
    with pytest.raises(RefusedError):
        table.execute()
    assert len(table.limit(10).to_pandas()) == 10
    assert len(table.to_pandas(limit=10)) == 10
    assert table.filter(table.pay < 5).to_pandas().shape == (5, 2)
    assert table.pay.max().to_pandas() == rows - 1


def test_missing_values_cost_more() -> None:
    connection = careful_connection()
    connection.con.register("whole", pa.table({"pay": [1.0] * 1000}))
    connection.con.register("holes", pa.table({"pay": [1.0] * 999 + [None]}))
    assert connection.need(connection.table("holes")).memory > 3 * connection.need(connection.table("whole")).memory


def test_a_large_frame_is_announced_and_a_small_one_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = careful_connection(lambda: 1 << 40)
    connection.con.register("homes", pa.table({"a": ["x"] * 10}))
    table = connection.table("homes")
    table.to_pandas()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(connection, "need", lambda _: Need(10, SAID_FROM))
    table.to_pandas()
    assert "takes about 256 MiB: 10 rows" in capsys.readouterr().err


def test_the_memory_left_is_bounded_by_the_kernels_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    free = memory_left()
    assert free > 0
    monkeypatch.setattr("disclosure.engines.at_hand.resource.getrlimit", lambda _: (1 << 30, 1 << 30))
    assert memory_left() < 1 << 29
    assert shown((1 << 30) - 1) == "1024 MiB"
