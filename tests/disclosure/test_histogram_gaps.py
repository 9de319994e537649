"""Bars of a histogram touch only where their widths mean something."""

from __future__ import annotations

from typing import Any

import pytest

import disclosure as sdc
from disclosure.model.recipes import Statistic
from disclosure.notebook.output import Output
from tests.disclosure.made_tables import Cells, made

APART: dict[str, Cells] = {
    "unequal": {("[0, 5)",): "20", ("[5, 20)",): "30"},
    "open": {("[0, 5)",): "20", ("[5, inf)",): "30"},
    "with a gap": {("[0, 5)",): "20", ("[10, 15)",): "30"},
    "missing": {("[0, 5)",): "20", ("[5, 10)",): "30", (None,): "40"},
    "numbers": {("1",): "20", ("2",): "30"},
}


def drawn(bins: Cells) -> dict[str, Any]:
    out = Output(made(bins, ("age",), statistic=Statistic.COUNT), None, None)
    document: dict[str, Any] = sdc.figure(out, "histogram")._drawing.document
    return document


def bars_of(document: dict[str, Any]) -> dict[str, Any]:
    layers = document["layer"]
    found: dict[str, Any] = next(one["encoding"]["x"] for one in layers if one.get("mark", {}).get("type") == "bar")
    return found


@pytest.mark.parametrize("name", APART)
def test_bars_of_which_the_width_says_nothing_have_gaps(name: str) -> None:
    x = bars_of(drawn(APART[name]))
    assert x["type"] == "ordinal"
    assert x["scale"]["paddingInner"] >= 0.2


def test_bars_of_one_width_that_adjoin_lie_on_a_number_line() -> None:
    x = bars_of(drawn({("[0, 5)",): "20", ("[5, 10)",): "30"}))
    assert (x["type"], x["field"]) == ("quantitative", "low")
