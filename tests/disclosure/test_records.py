"""What looks like records: listings and rows of persons are told, figures of groups and interpretations are not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from disclosure.exchange.written import ResultValues, SubmittedText, WrittenKind
from disclosure.screening.listings import MANY_ROWS, is_listing
from disclosure.screening.records import only_records, records_in, records_in_text, records_in_values


def csv(rows: int, columns: int = 3, mark: str = ";") -> str:
    head = mark.join(f"c{place}" for place in range(columns))
    return "\n".join([head, *(mark.join(str(7 * row + place) for place in range(columns)) for row in range(rows))])


def result(rows: int, *, labels: int, repeated: bool = False, columns: tuple[str, ...] = ()) -> ResultValues:
    names = columns or ("wijk", "share", "level")[-(labels + 2) :][: labels + 2]
    marks = ("wijk", "sexe")[:labels]
    made = tuple(
        (*(f"{one} {0 if repeated else row}" for one in marks), *(str(row % 9) for _ in range(2)))
        for row in range(rows)
    )
    return ResultValues((*marks, "a", "b") if not columns else names, labels, made)


@pytest.mark.parametrize(
    "body",
    [
        "Poverty is highest in wijk 28, at 14.2 percent, and fell by 3 points.",
        "# Reading\n\n- Schilderswijk: 14%\n- Centrum: 9%\n- Loosduinen: 6%",
        "| wijk | share |\n|---|---|\n| A | 14 |\n| B | 9 |",
        csv(MANY_ROWS - 1),
        csv(100, columns=2),
    ],
)
def test_an_interpretation_is_no_listing(body: str) -> None:
    assert records_in_text(body, ()) is None


@pytest.mark.parametrize(
    "body",
    [
        csv(MANY_ROWS),
        csv(MANY_ROWS, mark=","),
        csv(MANY_ROWS, mark="|"),
        "RINPERSOON;inkomen\n123456789;4\n123456788;5",
        "person_id,age\n1,44\n2,51",
        "   age  income  sex  wijk\n0  44  100  1  28\n1  51  200  2  28\n2  18  250  2  28",
        "        age  income\n...\n[526000 rows x 12 columns]",
    ],
)
def test_rows_of_persons_are_records(body: str) -> None:
    assert records_in_text(body, ()) is not None


def persons(rows: int) -> list[tuple[str, ...]]:
    """Return made-up persons: age, sex, district, income."""
    return [(str(18 + 7 * n % 70), "vm"[n * n % 2], "ABC"[n % 3], str(1000 + 7919 * n % 60_000)) for n in range(rows)]


HEAD = ("age", "sex", "district", "income")


def ways(rows: int) -> dict[str, str]:
    """Return the same persons written down in many ways."""
    made = persons(rows)
    named = [dict(zip(HEAD, one, strict=True)) for one in made]
    ages, incomes = [one[0] for one in made], [one[3] for one in made]
    return {
        **{f"parted by {mark}": "\n".join(mark.join(one) for one in made) for mark in (":", "/", "~", "→", "^", " = ")},
        "json lines": "\n".join(map(json.dumps, named)),
        "json list": json.dumps(named),
        "json indented": json.dumps(named, indent=1),
        "page": "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in one)}</tr>" for one in made),
        "blocks": "\n\n".join("\n".join(f"{name}: {value}" for name, value in one.items()) for one in named),
        "one line": "; ".join(",".join(one) for one in made),
        "two marks": "\n".join((";", ",")[n % 2].join(one) for n, one in enumerate(made)),
        "an edge now and then": "\n".join(";".join(one) + ";" * (n % 2) for n, one in enumerate(made)),
        "digits in a row": "\n".join("".join(one) for one in made),
        "on their side": "\n".join(
            f"{name};{';'.join(cells)}" for name, cells in zip("abc", (ages, incomes, ages), strict=True)
        ),
        "two columns": "\n".join(f"{one[1]};{one[3]}" for one in made),
        "two columns of figures": "\n".join(f"{n * 7919 % 10_007};{n * 31 % 97}" for n in range(rows)),
        "one column": "\n".join(incomes),
        "lists by column": json.dumps({name: [one[place] for one in made] for place, name in enumerate(HEAD)}),
        "categories only": "\n".join(f"{one[1]};{one[2]};{'rich' if int(one[3]) > 30_000 else 'poor'}" for one in made),
        "categories in words": "\n".join(
            f"- {one[1]} {one[2]} {'old' if int(one[0]) > 60 else 'young'}" for one in made
        ),
    }


@pytest.mark.parametrize("way", list(ways(1)))
def test_records_are_told_in_whatever_way_they_are_written_down(way: str) -> None:
    assert records_in_text(ways(MANY_ROWS + 2)[way], ()) is not None
    assert records_in_text(ways(8)[way], ()) is None


@pytest.mark.parametrize(("different", "told"), [(1, False), (5, False), (6, True)])
def test_a_few_lines_again_and_again_are_a_log(different: int, told: bool) -> None:
    said = [f"{kind} basket {what} ok" for kind in ("INFO", "NOTE") for what in ("table", "model", "curve")][:different]
    body = "\n".join(said[place % different] for place in range(60))
    assert (records_in_text(body, ()) is not None) is told


def test_a_file_or_image_in_signs_is_no_text() -> None:
    data = bytes((97 * n + n * n) % 256 for n in range(300))
    for code in (base64.b64encode(data).decode(), data.hex(), data.hex(" "), base64.b85encode(data).decode()):
        assert is_listing(f"The file:\n{code}")
    wrapped = base64.encodebytes(data).decode()
    assert is_listing(wrapped)
    assert is_listing("![x](data:image/png;base64,iVBORw0KGgo=)")
    digests = "\n".join(f"sha256:{'0a1b2c3d' * 8}" for _ in range(4))
    assert not is_listing(digests)
    assert not is_listing("See https://www.cbs.nl/nl-nl/onze-diensten/methoden/onderzoeksomschrijvingen/2024/inkomen.")


@pytest.mark.parametrize("width", [20, 39])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.b32encode, base64.b16encode])
def test_a_file_in_signs_is_none_in_short_lines_or_between_words_either(
    encode: Callable[[bytes], bytes], width: int
) -> None:
    code = encode(bytes((97 * n + n * n) % 256 for n in range(300))).decode()
    pieces = [code[place : place + width] for place in range(0, len(code), width)]
    assert is_listing("\n".join(pieces))
    assert is_listing(" and ".join(pieces))
    assert not is_listing("\n".join(pieces[: 200 // width]))


@pytest.mark.parametrize(
    "body",
    [
        "\n".join(f"- Wijk {chr(65 + n)}: {n}%" for n in range(MANY_ROWS - 1)),
        "\n".join(f"{n / 100};{n * n / 7}" for n in range(100)),
        "\n".join(f"| wijk {chr(65 + n)} | {1000 + 7 * n} | {12.5 + n} | {n} |" for n in range(MANY_ROWS - 1)),
        "In Centrum 14.2 and in Laak 11.3 percent were poor, of 30,412 households; 2.9 points less than in 2019.\n" * 3,
        "\n".join(f"{'ab' * (1 + n)};text;{'of persons' if n % 2 else 'of homes'};sensitive" for n in range(40)),
        "DataFrame RINPERSOONS2019 GBA2019TAB 84639NED /tests/disclosure/test_one.py INHATAB2022\n" * 15,
        "d = sdc.data('INHATAB')\nfor a, b in zip(x, y):\n    print(a, b)\nt = sdc.table(d, rows=['wijk'])\n" * 4,
    ],
)
def test_lists_curves_small_tables_and_code_are_no_records(body: str) -> None:
    assert records_in_text(body, ()) is None


def test_only_records_are_the_whole_of_what_is_written_to_the_blank() -> None:
    def grid(body: str) -> tuple[tuple[str, ...], ...] | None:
        found = only_records(SubmittedText("t", "T", "persons", "", WrittenKind.TEXT, body))
        return None if found is None else found.rows

    assert grid("a;b\n1;x\n2; x") == (("a", "b"), ("1", "x"), ("2", " x"))
    assert grid("a,b\n1,x") == (("a", "b"), ("1", "x"))
    for more in ("a;b\n1;x\n\n2;y", "Records:\na;b\n1;x", "a;b\n1;x\n2;y;z", "a;a\n1;2", "a;b"):
        assert grid(more) is None, more


def test_a_column_that_the_office_calls_an_identifier_is_one() -> None:
    body = "volgnr;age\na1;44\nb2;51"
    assert records_in_text(body, ()) is None
    assert records_in_text(body, ("VOLGNR",)) is not None


@pytest.mark.parametrize("rows", [1, MANY_ROWS, MANY_ROWS + 1, 400])
def test_figures_by_groups_are_no_records_however_many_groups(rows: int) -> None:
    assert records_in_values(result(rows, labels=1), ()) is None
    assert records_in_values(result(rows, labels=2), ()) is None


@pytest.mark.parametrize(("rows", "told"), [(MANY_ROWS, False), (MANY_ROWS + 1, True)])
def test_labels_that_repeat_are_those_of_rows(rows: int, told: bool) -> None:
    assert (records_in_values(result(rows, labels=1, repeated=True), ()) is not None) is told
    assert (records_in_values(result(rows, labels=0), ()) is not None) is told


@pytest.mark.parametrize(("rows", "told"), [(MANY_ROWS, False), (MANY_ROWS + 1, True)])
def test_a_column_of_values_without_labels_is_one_of_units(rows: int, told: bool) -> None:
    values = ResultValues(("income",), 0, tuple((str(n),) for n in range(rows)))
    assert (records_in_values(values, ()) is not None) is told


def test_a_result_with_an_identifier_is_records_in_any_length() -> None:
    values = ResultValues(("beid", "share"), 1, (("a", "1"),))
    assert records_in_values(values, ("BEID",)) is not None
    assert records_in_values(values, ()) is None


def on_its_side(columns: int, *, labels: int, name: str) -> ResultValues:
    names = tuple(name.format(place) for place in range(columns))
    return ResultValues((*("what",) * labels, *names), labels, ((*("age",) * labels, *("4.4",) * columns),))


@pytest.mark.parametrize(
    ("columns", "labels", "name", "told"),
    [
        (131, 1, "{}", True),
        (130, 1, "{}", False),
        (131, 1, "p{}", True),
        (130, 1, "p{}", False),
        (131, 1, "{:03d}", True),
        (MANY_ROWS + 1, 0, "c{}", True),
        (MANY_ROWS, 0, "c{}", False),
    ],
)
def test_many_columns_that_are_only_numbered_are_rows_on_their_side(
    columns: int, labels: int, name: str, told: bool
) -> None:
    assert (records_in_values(on_its_side(columns, labels=labels, name=name), ()) is not None) is told


@pytest.mark.parametrize(("first", "columns", "told"), [(2000, 25, False), (5, 131, True)])
def test_numbers_that_begin_elsewhere_are_years_unless_there_are_too_many(first: int, columns: int, told: bool) -> None:
    for labels in (0, 1):
        names = tuple(str(first + place) for place in range(columns))
        row = (*("age",) * labels, *("4.4",) * columns)
        values = ResultValues((*("what",) * labels, *names), labels, (row,))
        assert (records_in_values(values, ()) is not None) is told


@pytest.mark.parametrize("groups", [33, 34, 99])
def test_whole_percentages_of_two_digits_are_no_code_however_many_groups(groups: int) -> None:
    rows = tuple((f"{n:02d}", str(20 + n % 30), str(30 + n % 40)) for n in range(1, groups + 1))
    assert records_in_values(ResultValues(("wijk", "poor", "at work"), 1, rows), ()) is None
    level = tuple((one[0], ("A1", "A2", "B1")[n % 3], *one[1:]) for n, one in enumerate(rows))
    assert records_in_values(ResultValues(("wijk", "level", "poor", "at work"), 1, level), ()) is None


@pytest.mark.parametrize(("together", "width"), [(1, 16), (1, 300), (1, 1), (4, 5), (4, 1)])
def test_a_file_in_two_digits_a_cell_is_a_code_whichever_way_it_is_laid(together: int, width: int) -> None:
    data = bytes((97 * n + n * n) % 256 for n in range(300))
    cells = [data[place : place + together].hex(" ") for place in range(0, len(data), together)]
    rows = tuple((f"a{place}", *cells[place : place + width]) for place in range(0, len(cells) // width * width, width))
    heads = ("group", *(f"{chr(97 + place % 26)}{place}" for place in range(width)))
    assert records_in_values(ResultValues(heads, 1, rows), ()) is not None
    few = rows[: 90 // (together * width)]
    assert not few or records_in_values(ResultValues(heads, 1, few), ()) is None


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("28, 29, 30, 31, 32, 33, 34, 35 en 36", False),
        ("wijken BU05180111, BU05180112, " + ", ".join(f"BU051802{n}" for n in range(10, 20)), False),
        (", ".join(map(str, range(MANY_ROWS))), False),
        (", ".join(map(str, range(MANY_ROWS + 1))), True),
        ("36, 29, 30, 31, 32, 33, 34, 35 en 28", True),
        ("18 v, 19 m, 20 v, 21 m, 22 m, 23 v, 24 v, 25 m, 26 v", True),
        ("12034, 13877, 15002, 16010, 17433, 18020, 19999, 20100, 21000", True),
        ("(2019-01-01 00:00:00, 2020-01-01 00:00:00]", False),
        ("1950-01-01 1961-12-31 1972-05-06", True),
        ("1234-56-78 90:12:34, 2345-67-89 01:23:45", True),
        ("1" + ", , , , , , , , , , " * 9 + "x", False),
    ],
)
def test_a_label_joins_groups_or_has_an_interval_of_dates_and_holds_no_records(label: str, told: bool) -> None:
    values = ResultValues(("group", "n"), 1, ((label, "0.12"),))
    assert (records_in_values(values, ()) is not None) is told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Files: " + "; ".join(f"SPOLISBUS{year}V1" for year in range(2006, 2027)), False),
        ("Files: " + ", ".join(f"{one}{year}TABV2" for one in ("INPA", "INHA") for year in range(2011, 2024)), False),
        ("K:/" + "/".join(f"INPA{year}TABV2" for year in range(2011, 2013)), False),
        ("Colours: " + ", ".join(["#0A3F5C", "#1b9E77", "#d95F02"] * 20), False),
        ("Colours: " + ", ".join(f"#0a{n:02d}5C" for n in range(10, 70)), True),
        ("Files: " + ", ".join(f"A{n}b{n}C{n}" for n in range(10, 60)), True),
    ],
)
def test_names_of_files_and_a_few_colours_are_no_code(body: str, told: bool) -> None:
    assert (records_in_text(body, ()) is not None) is told


def test_cells_that_hold_records_or_a_file_are_records() -> None:
    def told(*cells: str) -> bool:
        rows = tuple((cell, str(place)) for place, cell in enumerate(cells))
        return records_in_values(ResultValues(("group", "n"), 1, rows), ()) is not None

    assert told(" ".join(["44/v/1200"] * 4) + " 51")
    assert not told(" ".join(["44/v/1200"] * 4))
    code = base64.b64encode(bytes((97 * n + n * n) % 256 for n in range(300))).decode()
    assert told(*(code[place : place + 100] for place in range(0, len(code), 100)))
    assert not told("Haagse Hout, 18-64, 2019-2022", "Laak, 65+, 2019-2022")


def test_what_is_written_is_read_by_its_kind() -> None:
    many = result(MANY_ROWS + 1, labels=1, repeated=True)
    values = SubmittedText("r", "R", "persons", "", WrittenKind.RESULT, many.to_body(), "support")
    prose = SubmittedText("t", "T", "persons", "", WrittenKind.TEXT, csv(MANY_ROWS))
    foreign = SubmittedText("f", "F", "persons", "", WrittenKind.FOREIGN, many.to_body())
    assert all(records_in(one, ()) is not None for one in (values, prose, foreign))
    found = records_in(prose, ())
    assert found is not None
    assert found.rows[0] == ("c0", "c1", "c2")
