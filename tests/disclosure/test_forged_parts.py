"""No evidence of any statistic, however forged, ends in anything but a refused document or a verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.model.evidence_document import evidence_from_bytes, evidence_from_document, evidence_to_bytes
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.render import to_csv, to_json
from tests.disclosure.every_statistic import WEIGHTED, judge, people, recipe_of, several, tabulated

Document = dict[str, Any]
NOT_NEGATIVE = (
    Statistic.SHARE, Statistic.HHI, Statistic.CONCENTRATION_RATIO, Statistic.THEIL, Statistic.LORENZ,
    Statistic.S80_S20, Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE,
)  # fmt: skip
OF_ONE_ROW = (
    Statistic.CORRELATION, Statistic.TEST, Statistic.CHI_SQUARE, Statistic.ODDS_RATIO, Statistic.RISK_RATIO,
)  # fmt: skip
FURTHER = (("household",),)


def recipes() -> Iterator[tuple[str, Recipe, bool]]:
    for one in Statistic:
        yield str(one), recipe_of(one), False
        if one not in (*NOT_NEGATIVE, *OF_ONE_ROW):
            yield f"{one} of several rows", recipe_of(one), True
    for one in WEIGHTED:
        yield f"{one} with weights", recipe_of(one, weight="weight"), False
    for one in (Statistic.SUM, Statistic.MEAN, Statistic.MEDIAN, Statistic.GINI, Statistic.POVERTY_GAP):
        yield f"{one} by household", recipe_of(one, holding=FURTHER[0]), True
    for one in (Statistic.COUNT, Statistic.RATE, Statistic.SUM, Statistic.MODEL, Statistic.TEST):
        yield f"{one} of persons and households", recipe_of(one, other_units=FURTHER), False


CASES = {name: (recipe, many) for name, recipe, many in recipes()}


@cache
def written(case: str) -> bytes:
    recipe, many = CASES[case]
    return evidence_to_bytes(tabulated(recipe, several() if many else people()))


def document(case: str | Statistic) -> Document:
    parsed: Document = json.loads(written(str(case)))
    return parsed


def judged_from(case: str | Statistic, forged: Document) -> JudgedTable:
    return judge(CASES[str(case)][0], evidence_from_bytes(json.dumps(forged).encode()))


@pytest.mark.parametrize("case", CASES)
def test_evidence_that_was_tabulated_is_judged_as_it_was(case: str) -> None:
    recipe, many = CASES[case]
    evidence = tabulated(recipe, several() if many else people())
    read = evidence_from_bytes(written(case))
    assert to_json(judge(recipe, read)) == to_json(judge(recipe, evidence))
    assert evidence_to_bytes(read) == written(case)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*path, key)
            yield from places(value[key], (*path, key))


def at(forged: Document, path: tuple[Any, ...]) -> Any:
    found: Any = forged
    for step in path:
        found = found[step]
    return found


def changed(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """Return something near a value of a document, or something that is nothing like it."""
    near: list[Any] = []
    if isinstance(value, int) and not isinstance(value, bool):
        near = [value + 1, value - 1, -value, 2 * value, 0]
    elif isinstance(value, str) and value.lstrip("-").isdigit():
        near = [str(int(value) + 1), str(int(value) - 1), str(-int(value)), f"{value}0", "0"]
    elif isinstance(value, str):
        near = [f"{value}1", f"{value}e+00", f"-{value}", value.replace(".", "")]
    elif isinstance(value, bool):
        near = [not value]
    return draw(st.sampled_from([*near, *FAR]))


FAR: list[Any] = [
    None, -1, 0, 1, 2**40, 2**53 - 1, 2**53, 10**60, str(10**59), "0", "-5", "nan", "inf", "1e400", "1e+200", "1e-300",
    "1.0", 1.5, True, False, "", [], {}, "1/0", "0/0", "1/3", "1e99999999", "\ud800", "=x", "none", "yes", "no",
    "[" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_entry_may_be_forged(case: str, data: st.DataObject) -> None:
    forged = document(case)
    for _ in range(data.draw(st.sampled_from([1, 1, 1, 2, 4]))):
        path = data.draw(st.sampled_from(list(places(forged))))
        within, key = at(forged, path[:-1]), path[-1]
        how = data.draw(st.sampled_from(["change", "change", "change", "remove", "double"]))
        if how == "remove" and isinstance(within, list):
            del within[key]
        elif how == "double" and isinstance(within, list):
            within.append(within[key])
        else:
            within[key] = changed(within[key], data.draw)
    try:
        table = judged_from(case, forged)
    except DocumentError:
        return
    assert to_csv(table)
    assert to_json(table)


def forge(*path: Any, value: Any) -> Callable[[Document], None]:
    def change(forged: Document) -> None:
        at(forged, path[:-1])[path[-1]] = value

    return change


def column(part: str, name: str, value: Any, place: int = 0) -> Callable[[Document], None]:
    return forge("parts", part, "columns", name, place, value=value)


def no_largest(forged: Document) -> None:
    for one in forged["amounts"]["largest"]:
        one[:] = [0] * len(one)


def every(part: str, name: str, value: Any) -> Callable[[Document], None]:
    def change(forged: Document) -> None:
        columns = forged["parts"][part]["columns"]
        columns[name] = [value] * len(columns[name])

    return change


def fact(name: str, value: str) -> Callable[[Document], None]:
    return forge("parts", "model", "facts", name, value=value)


def low_quantile(forged: Document) -> None:
    columns = forged["parts"]["position"]["columns"]
    columns["figure"][0] = str(int(columns["figure"][0]) + 1)


def far_quantile(forged: Document) -> None:
    columns = forged["parts"]["position"]["columns"]
    columns["figure"][0] = str(int(columns["figure"][0]) + 2 * int(columns["step"][0]))


def more_than_the_cells(name: str) -> Callable[[Document], None]:
    def change(forged: Document) -> None:
        forged["amounts"][name][3] += 1

    return change


FORGERIES: dict[str, tuple[str | Statistic, Callable[[Document], None]]] = {
    "contributors of nothing": (Statistic.SUM, no_largest),
    "a total beyond the sizes of contributors": (Statistic.SUM, forge("amounts", "total", 0, value=10**12)),
    "a contributor larger than all together": (Statistic.SUM, forge("amounts", "absolute", 0, value=1)),
    "a total that is not that of its cells": (Statistic.SUM, more_than_the_cells("total")),
    "sizes that are not those of the cells": (Statistic.SUM, more_than_the_cells("absolute")),
    "nonzero units that are not those of the cells": (Statistic.SUM, forge("amounts", "n_nonzero", 3, value=179)),
    "a divisor that is not that of its cells": (Statistic.MEAN, more_than_the_cells("divisor")),
    "rows that are not those of the cells": (Statistic.COUNT, forge("n_rows", 3, value=181)),
    "constant where values differ": (Statistic.SUM, forge("amounts", "constant", 0, value=True)),
    "no further units in a total": ("sum of persons and households", forge("other_units", 0, "n_units", 3, value=0)),
    "a rate of other values": (Statistic.RATE, forge("shares", "high", value="0")),
    "neither numerator nor complement": (Statistic.RATE, forge("shares", "numerator", 0, value=0)),
    "a weighted numerator beyond the whole": (
        "rate with weights", forge("weighted", "numerator", 0, value=10**12),
    ),
    "more below than there are": (Statistic.MEDIAN, column("position", "below", 10**9)),
    "more alike than there are": (Statistic.MEDIAN, column("position", "alike", 61)),
    "a quantile of another step": (Statistic.MEDIAN, low_quantile),
    "a quantile two steps off": (Statistic.MEDIAN, far_quantile),
    "a step that is none": (Statistic.MEDIAN, column("position", "step", "3")),
    "a step below nothing": (Statistic.MEDIAN, column("position", "step", "-10")),
    "a figure without a step": (Statistic.MEDIAN, column("position", "step", "0")),
    "a width below nothing": (Statistic.MEDIAN, column("position", "width", "-1")),
    "a gap of another step": (Statistic.POVERTY_GAP, column("poverty", "median_step", "3")),
    "a mass that no rows have": (Statistic.MEDIAN, column("position", "absolute", "61")),
    "a negative sum of squares": (Statistic.STANDARD_DEVIATION, column("shape", "second", "-5")),
    "a sum of squares that nobody contributes": (Statistic.VARIANCE, column("shape", "second", "1")),
    "a cube in a variance": (Statistic.VARIANCE, column("shape", "third", "1")),
    "more rows than were left": (Statistic.TRIMMED_MEAN, column("trimmed", "rows", 59)),
    "a mode of nobody": (Statistic.MODE, column("mode", "holders", 0)),
    "shares beyond the total": (Statistic.HHI, column("concentration", "squares", str(10**40))),
    "more largest than asked for": (Statistic.CONCENTRATION_RATIO, column("concentration", "n_top", 11)),
    "a Gini of more than all": (Statistic.GINI, column("gini", "numerator", str(10**60))),
    "a Gini over less than nothing": (Statistic.GINI, column("gini", "denominator", "-7")),
    "a Theil beyond the logarithm": (Statistic.THEIL, column("theil", "theil", "4.2")),
    "a Theil below zero": (Statistic.THEIL, column("theil", "theil", "-0.5")),
    "fifths of more than all": (Statistic.S80_S20, column("quintile_shares", "top", str(10**12))),
    "a line over nothing": (Statistic.POVERTY_GAP, every("poverty", "line_denominator", "0")),
    "another line than asked for": (Statistic.POVERTY_GAP, every("poverty", "line_numerator", "1301")),
    "neither poor nor not": (Statistic.POVERTY_RATE, column("poverty", "not_poor", 0)),
    "a median of another step": (Statistic.POVERTY_GAP, column("poverty", "shown_median", "100003")),
    "a curve that falls": (Statistic.LORENZ, column("lorenz", "cumulated", "0", 1)),
    "a band that is not between the points": (Statistic.LORENZ, column("lorenz", "below", "1", 1)),
    "distances between two points": (Statistic.LORENZ, column("lorenz", "over", "1", 1)),
    "units that come back": (Statistic.SURVIVAL, column("life_table", "at_risk", 59, 4)),
    "a cause of more exits than all": (Statistic.CUMULATIVE_INCIDENCE, column("life_table", "own_exits", 50, 1)),
    "a statistic with ten digits": (Statistic.TEST, column("comparison", "figure", "43210.12345")),
    "a p value beyond one": (Statistic.TEST, column("comparison", "figure", "1.5", 2)),
    "a correlation beyond one": (Statistic.CORRELATION, column("comparison", "figure", "1.1")),
    "a correlation of one that is not perfect": (Statistic.CORRELATION, column("comparison", "figure", "1.0")),
    "degrees of freedom of others": (Statistic.TEST, every("comparison", "degrees", 179)),
    "a chi-square of other counts": (Statistic.CHI_SQUARE, column("comparison", "figure", "12.5")),
    "a ratio of other counts": (Statistic.ODDS_RATIO, column("comparison", "figure", "7.5")),
    "counts that are not those of the table": (Statistic.RISK_RATIO, column("comparison", "figure", "40.25", 3)),
    "a coefficient beyond any": (Statistic.MODEL, column("model", "figure", "1e+200")),
    "a coefficient with 17 digits": (Statistic.MODEL, column("model", "figure", "12345.678901234567")),
    "a p value of a term beyond one": (Statistic.MODEL, column("model", "figure", "2.0", 3)),
    "a share explained with ten digits": (Statistic.MODEL, column("model", "figure", "0.1234567891", -2)),
    "a model of other units": (Statistic.MODEL, fact("units", "5")),
    "more cells than patterns": (Statistic.MODEL, fact("cells", "181")),
    "a share beyond one": (Statistic.MODEL, fact("most_high", "3/2")),
    "a share with an exponent": (Statistic.MODEL, fact("cell_rest", "1e999999999")),
    "references without end": (Statistic.MODEL, fact("references", "[" * 9000)),
    "a term on more units than there are": (Statistic.MODEL, column("model", "nonzero", 181)),
    "a label of 200 kB": (Statistic.COUNT, forge("categories", 0, 0, value="A" * 200_000)),
    "a label of half a character": (Statistic.COUNT, forge("categories", 0, 0, value="\ud800")),
    "more units than 64 bits can multiply": (Statistic.COUNT, forge("n_units", value=[2**50] * 3 + [3 * 2**50])),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_what_no_table_could_give_is_refused(name: str) -> None:
    case, change = FORGERIES[name]
    forged = document(case)
    change(forged)
    assert canonical_or_none(forged) != written(str(case))
    with pytest.raises(DocumentError):
        judged_from(case, forged)


def canonical_or_none(forged: Document) -> bytes | None:
    try:
        return canonical_json(forged)
    except DocumentError:
        return None


def test_a_label_of_ten_thousand_characters_is_one_and_a_longer_one_is_not() -> None:
    forged = document(Statistic.COUNT)
    forged["categories"][0][2] = "A" * 10_000
    assert evidence_from_document(forged).categories[0][2] == "A" * 10_000
    forged["categories"][0][2] = "A" * 10_001
    with pytest.raises(DocumentError):
        evidence_from_document(forged)
