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
    return ResultValues((*("what",) * labels, *names), labels, ((*("age",) * labels, *("44",) * columns),))


@pytest.mark.parametrize(
    ("columns", "labels", "name", "told"),
    [
        (MANY_ROWS + 1, 1, "{}", True),
        (MANY_ROWS, 1, "{}", False),
        (MANY_ROWS + 1, 0, "c{}", True),
        (MANY_ROWS + 1, 1, "wijk {}", False),
    ],
)
def test_many_columns_that_are_only_numbered_are_rows_on_their_side(
    columns: int, labels: int, name: str, told: bool
) -> None:
    assert (records_in_values(on_its_side(columns, labels=labels, name=name), ()) is not None) is told


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
