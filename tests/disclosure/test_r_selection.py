"""Rows that R asks for by values: those and no others, and a value of another type is refused and not repeated."""

from __future__ import annotations

import datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest

from disclosure.errors import BadInputError
from disclosure.notebook.r.selection import selected

FRAME = pa.table(
    {
        "wijk": ["28", "29", "30", None],
        "year": [2001, 2002, 2003, 2004],
        "born": [datetime.date(2001, 1, 1), datetime.date(2002, 1, 1), datetime.date(2003, 1, 1), None],
        "poor": [True, False, True, False],
        "income": [1.5, 2.5, 3.5, 4.5],
    }
)


@pytest.fixture
def table() -> Any:
    return ibis.memtable(FRAME)


@pytest.mark.parametrize(
    ("where", "years"),
    [
        ({"wijk": "28"}, [2001]),
        ({"wijk": ["28", "30", "31"]}, [2001, 2003]),
        ({"year": [2002, 2003.0]}, [2002, 2003]),
        ({"born": "2003-01-01"}, [2003]),
        ({"poor": True}, [2001, 2003]),
        ({"poor": [True], "wijk": ["29", "30"]}, [2003]),
        ({"wijk": "31"}, []),
    ],
)
def test_rows_that_have_the_values_are_taken(table: Any, where: dict[str, Any], years: list[int]) -> None:
    assert sorted(selected(table, where).to_pyarrow()["year"].to_pylist()) == years


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"street": "SECRET"}, "no such column"),
        ({"wijk": 28}, "holds texts"),
        ({"wijk": ["28", None]}, "holds texts"),
        ({"wijk": []}, "holds texts"),
        ({"wijk": {"SECRET": "28"}}, "holds texts"),
        ({"year": "SECRET"}, "holds whole numbers"),
        ({"year": 2001.5}, "holds whole numbers"),
        ({"year": True}, "holds whole numbers"),
        ({"year": 2.0**60}, "holds whole numbers"),
        ({"born": "SECRET"}, "holds dates"),
        ({"born": 20030101}, "holds dates"),
        ({"poor": 1}, "true or false"),
        ({"income": 1.5}, "neither texts nor whole numbers"),
        ({}, "told by columns"),
        ("SECRET", "told by columns"),
        (["SECRET"], "told by columns"),
    ],
)
def test_what_does_not_fit_is_refused(table: Any, where: Any, told: str) -> None:
    with pytest.raises(BadInputError, match=told) as caught:
        selected(table, where)
    assert "SECRET" not in str(caught.value)
