"""Parameters of an R notebook: declared in the same cell, with the same checks, written as R reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disclosure.errors import BadInputError
from tests.workspace.small_camp import notebook
from workspace.isolation.client import read_notebook, with_parameters
from workspace.isolation.parameters import check_parameters
from workspace.isolation.parameters_r import declarations_r

CELL = """\
# what the notebook is about
year <- 2022L            # the year
rate = 100
exact <- -1.5e-3
area <- "wc"             # one of: wc, bc, stads#deel
quoted <- 'it is "so" # and no comment'
flag <- TRUE
wijken <- c("28", "a, b")  # One of: 28, 29
numbers <- c(1, 2.5)
whole <- integer(0)
texts <- character()

mixed <- c("a", 1)
derived <- year + 1
nothing <- NULL
frame <- sdc.data("HOMES")
"""


def read(source: str, **metadata: Any) -> Any:
    made = json.loads(notebook("1", parameters=source, language="R"))
    made["metadata"] |= metadata
    return read_notebook(json.dumps(made).encode(), what="It")


def check(source: str = CELL, metadata: dict[str, Any] | None = None, **values: Any) -> None:
    check_parameters(declarations_r(read(source, **(metadata or {})), what="It"), values, what="It")


@pytest.mark.parametrize(
    "values",
    [
        {"year": 2023}, {"rate": 2}, {"rate": 0.25}, {"exact": 3}, {"area": "bc"}, {"area": "stads#deel"},
        {"quoted": "x"}, {"flag": False}, {"wijken": ["28", "29"]}, {"wijken": []}, {"numbers": [3, 0.5]},
        {"whole": [1, 2]}, {"texts": ["x"]}, {},
    ],
    ids=str,
)  # fmt: skip
def test_what_fits_its_declaration_is_taken(values: dict[str, Any]) -> None:
    check(**values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"year": "SECRET"}, "'year' is a whole number"),
        ({"year": 1.5}, "'year' is a whole number"),
        ({"year": True}, "'year' is a whole number"),
        ({"rate": "SECRET"}, "'rate' is a number"),
        ({"area": "SECRET"}, "One of: wc, bc, stads#deel"),
        ({"flag": 1}, "'flag' is a truth value"),
        ({"wijken": "28"}, "'wijken' is a list of which each entry is a text"),
        ({"wijken": ["SECRET"]}, "One of: 28, 29"),
        ({"numbers": ["SECRET"]}, "each entry is a number"),
        ({"whole": [1.5]}, "each entry is a whole number"),
        ({"mixed": ["SECRET"]}, "'mixed' cannot be told"),
        ({"derived": 1}, "'derived' cannot be told"),
        ({"nothing": None}, "'nothing' cannot be told"),
        ({"frame": "SECRET"}, "'frame' cannot be told"),
        ({"other": "SECRET"}, "declares no parameter 'other'"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_without_its_value(values: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(**values)
    assert says in f"{caught.value.message} {caught.value.hint}"
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    ["wijken <- c(\n  '28'\n)", "library(data.table)", "if (TRUE) year <- 2022L", "x <- 'cut off", "5 -> year", "x <-"],
)
def test_a_cell_with_anything_else_is_refused(source: str) -> None:
    with pytest.raises(BadInputError, match="not plain R"):
        check(source, year=2022)


def test_a_cell_that_is_too_long_is_not_read() -> None:
    with pytest.raises(BadInputError, match="too long"):
        check("x <- 1 # " + "x" * 17_000, x=2)


def test_a_codelist_in_the_metadata_counts() -> None:
    metadata = {"datakamp": {"parameters": {"free": {"one_of": ["a"]}}}}
    check('free <- "b"', metadata, free="a")
    with pytest.raises(BadInputError):
        check('free <- "b"', metadata, free="b")


def test_values_are_written_as_r_reads_them() -> None:
    values = {
        "year": 2024, "rate": 3, "exact": 0.1, "area": "bc", "quoted": "\\n \"x\" \n é", "flag": False,
        "wijken": ["28", "29"], "numbers": [1, 0.5], "whole": [7], "texts": [],
    }  # fmt: skip
    made, place = with_parameters(read(CELL), values, what="It")
    assert place == 1
    assert made.cells[place].source.splitlines() == [
        "# Parameters", "year <- 2024L", "rate <- 3", "exact <- 0.1", 'area <- "bc"',
        'quoted <- "\\\\n \\"x\\" \\n é"', "flag <- FALSE", 'wijken <- c("28", "29")', "numbers <- c(1, 0.5)",
        "whole <- c(7L)", "texts <- character()",
    ]  # fmt: skip


@pytest.mark.parametrize("values", [{"year": 2**31}, {"year": -(2**31)}, {"quoted": "a\0b"}, {"texts": ["\0"]}])
def test_what_r_cannot_hold_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        with_parameters(read(CELL), values, what="It")
    with_parameters(read(CELL), {"year": 2**31 - 1, "rate": 2**31}, what="It")
