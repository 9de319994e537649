"""What looks like records: listings and rows of persons are told, figures of groups and interpretations are not."""

from __future__ import annotations

import pytest

from disclosure.exchange.written import ResultValues, SubmittedText, WrittenKind
from disclosure.screening.records import MANY_ROWS, records_in, records_in_text, records_in_values


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


def test_a_result_with_an_identifier_is_records_in_any_length() -> None:
    values = ResultValues(("beid", "share"), 1, (("a", "1"),))
    assert records_in_values(values, ("BEID",)) is not None
    assert records_in_values(values, ()) is None


def test_what_is_written_is_read_by_its_kind() -> None:
    many = result(MANY_ROWS + 1, labels=1, repeated=True)
    values = SubmittedText("r", "R", "persons", "", WrittenKind.RESULT, many.to_body(), "support")
    prose = SubmittedText("t", "T", "persons", "", WrittenKind.TEXT, csv(MANY_ROWS))
    foreign = SubmittedText("f", "F", "persons", "", WrittenKind.FOREIGN, many.to_body())
    assert all(records_in(one, ()) is not None for one in (values, prose, foreign))
    found = records_in(prose, ())
    assert found is not None
    assert found.rows[0] == ("c0", "c1", "c2")
