"""Evidence survives its document exactly, and no document gives evidence that no table could have."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.errors import DocumentError, RecipeError
from disclosure.exchange.canonical import canonical_json
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.ends import COUNTED, NAMES, Ends
from disclosure.model.evidence import Amount, Amounts, Counts, Evidence, OtherUnits, Shares, Weighted
from disclosure.model.evidence_document import (
    evidence_from_bytes,
    evidence_from_document,
    evidence_to_bytes,
    evidence_to_document,
)
from disclosure.notebook.output import Output

EXACT = 2**53 - 1

whole = st.integers(-(10**45), 10**45) | st.sampled_from([EXACT, EXACT + 1, -EXACT, -EXACT - 1, 0])
labels = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.none() | st.integers(-20, 20).map(str)


def cells_of(rows: list[tuple[str | None, ...]], width: int) -> tuple[Any, Any, list[int]]:
    """Return categories, codes in canonical order, and row counts of a table with all its margins, by hand."""
    categories = tuple(tuple(sorted({row[place] for row in rows}, key=label_order)) for place in range(width))
    counted: dict[tuple[int, ...], int] = {}
    for row in rows:
        full = tuple(categories[place].index(row[place]) for place in range(width))
        for size in range(width + 1):
            for fixed in combinations(range(width), size):
                key = tuple(code if place in fixed else MARGIN for place, code in enumerate(full))
                counted[key] = counted.get(key, 0) + 1
    keys = sorted(counted, key=lambda key: [2**31 if code == MARGIN else code for code in key])
    return categories, keys, [counted[key] for key in keys]


def objects(values: list[int]) -> Amount:
    return np.array(values, dtype=np.object_)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Draw evidence as a table gives it, of rows that are each a unit of its own, or 2**36 such units."""
    width = draw(st.integers(0, 3))
    rows = draw(st.lists(st.tuples(*[labels] * width), min_size=1, max_size=8))
    categories, keys, counted = cells_of(rows, width)
    full = [tuple(categories[place].index(row[place]) for place in range(width)) for row in rows]
    inside = [
        [
            number
            for number, codes in enumerate(full)
            if all(one in (MARGIN, code) for one, code in zip(key, codes, strict=True))
        ]
        for key in keys
    ]
    copies = draw(st.sampled_from([1, 2**36]))
    n_rows = np.array(counted, dtype=np.int64) * copies

    def column(kind: st.SearchStrategy[int]) -> list[list[int]]:
        of_rows = draw(st.lists(kind, min_size=len(rows), max_size=len(rows)))
        return [[of_rows[number] for number in cell] for cell in inside]

    def sums(cells: list[list[int]]) -> Amount:
        return objects([copies * sum(cell) for cell in cells])

    def counts(cells: list[list[int]]) -> Counts:
        return np.array([copies * sum(map(bool, cell)) for cell in cells], dtype=np.int64)

    amounts, shares, weighted = None, None, None
    high = column(st.integers(0, 1))
    if draw(st.booleans()):
        amounts = amounts_of(column(whole), copies, draw(st.integers(1, 3)), draw(st.integers(0, 15)))
    if draw(st.booleans()):
        shares = Shares("1", "0", counts(high), counts([[1 - one for one in cell] for cell in high]))
    if draw(st.booleans()):
        weights = column(st.integers(1, 10**18))
        of_high = [[w * one for w, one in zip(*pair, strict=True)] for pair in zip(weights, high, strict=True)]
        weighted = Weighted(sums(weights), draw(st.sampled_from([None, sums(of_high)])))
    names = tuple(f"d{place}" for place in range(width))
    codes = np.array(keys, dtype=np.int32).reshape(len(keys), width)
    others = tuple(OtherUnits((name,), n_rows) for name in draw(st.sampled_from([(), ("household",), ("h", "job")])))
    return Evidence(names, categories, codes, n_rows, n_rows, amounts, shares, weighted, other_units=others)


def amounts_of(cells: list[list[int]], copies: int, m: int, decimals: int) -> Amounts:
    """Return the amounts of cells with one contribution per unit, each of which is there so many times."""
    sizes = [sorted((abs(one) for one in cell for _ in range(min(m, copies))), reverse=True)[:m] for cell in cells]
    same = np.array([len(set(cell)) == 1 and cell[0] != 0 for cell in cells], dtype=np.bool_)
    total = objects([copies * sum(cell) for cell in cells])
    return Amounts(
        decimals=decimals,
        total=total,
        absolute=objects([copies * sum(map(abs, cell)) for cell in cells]),
        largest=np.array([one + [0] * (m - len(one)) for one in sizes], dtype=np.object_),
        n_nonzero=np.array([copies * sum(map(bool, cell)) for cell in cells], dtype=np.int64),
        constant=same,
        rows_constant=same,
        divisor=objects([copies * len(cell) * 10**6 for cell in cells]),
        negative=min(map(min, cells)) < 0,
        divisor_largest=objects([10**6] * len(cells)),
        ends=(ends_of(cells, copies),),
    )


def ends_of(cells: list[list[int]], copies: int = 1) -> Ends:
    """Return the ends of cells with these contributions, each of which is there so many times."""
    found: dict[str, list[int]] = {name: [] for name in NAMES}
    for cell in cells:
        values = sorted(set(cell))
        ends = {"lowest": values[0], "highest": values[-1]}
        inner = {"next_lowest": values[1], "next_highest": values[-2]} if values[1:] else {}
        found["numbers"].append(copies * len(cell))
        found["total"].append(copies * sum(cell))
        for name in ("lowest", "next_lowest", "next_highest", "highest"):
            value = {**ends, **inner}.get(name)
            found[name].append(0 if value is None else value)
            found[f"n_{name}"].append(0 if value is None else copies * cell.count(value))
        zeros = [len(str(abs(one))) - len(str(abs(one)).rstrip("0")) for one in cell if one]
        fewest = sorted(set(zeros))[:2]
        for name, number in zip(("finest", "next_finest"), [*fewest, None, None], strict=False):
            found[name].append(number or 0)
            found[f"n_{name}"].append(0 if number is None else copies * zeros.count(number))
    columns: dict[str, Any] = {
        name: np.array(column, dtype=np.int64) if name in COUNTED else objects(column) for name, column in found.items()
    }
    return Ends(**columns)


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tolist() == other.tolist()
    elif isinstance(one, tuple) and one and hasattr(one[0], "__dataclass_fields__"):
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    elif hasattr(one, "__dataclass_fields__"):
        assert type(one) is type(other)
        for name in one.__dataclass_fields__:
            assert_same(getattr(one, name), getattr(other, name))
    else:
        assert one == other
        assert type(one) is type(other)


@settings(max_examples=150, deadline=None)
@given(evidences())
def test_evidence_comes_back_exactly_from_its_document(evidence: Evidence) -> None:
    written = evidence_to_bytes(evidence)
    read = evidence_from_bytes(written)
    assert_same(evidence, read)
    assert evidence_to_bytes(read) == written


def example() -> Evidence:
    """Return the evidence of a rate by wijk: 28 with two rows, 29 with one, a missing wijk with one."""
    categories, keys, counted = cells_of([("28",), ("28",), ("29",), (None,)], 1)
    n_rows = np.array(counted, dtype=np.int64)
    weights = objects([2, 1, 1, 4])
    size = len(keys)
    amounts = Amounts(
        decimals=2,
        total=objects([5, -3, 2**60, 7]),
        absolute=objects([5, 3, 2**60, 9]),
        largest=np.stack([objects([9, 9, 9, 9]), objects([2, 0, 9, 1])], axis=1),
        n_nonzero=n_rows,
        constant=np.zeros(size, dtype=np.bool_),
        rows_constant=np.zeros(size, dtype=np.bool_),
        divisor=objects([4, 2, 2, 8]),
        negative=True,
        divisor_largest=objects([3, 2, 2, 3]),
        ends=(ends_of([[4, 5], [-3], [5], [4, 5, -3, 5]]), ends_of([[1, 2], [3], [4], [1, 2, 3, 4]])),
    )
    shares = Shares("1", "0", n_rows, n_rows)
    codes = np.array(keys, dtype=np.int32)
    return Evidence(("wijk",), categories, codes, n_rows, n_rows, amounts, shares, Weighted(weights, weights))


def document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(evidence_to_bytes(example()))
    return parsed


def at(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def forge(forged: dict[str, Any]) -> None:
        place: Any = forged
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return forge


def without(*path: Any) -> Callable[[dict[str, Any]], None]:
    def forge(forged: dict[str, Any]) -> None:
        place: Any = forged
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return forge


FORGERIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another schema": at("schema", value="table/1"),
    "no schema": without("schema"),
    "an unknown entry": at("note", value="x"),
    "an unknown amount": at("amounts", "median", value=[0] * 4),
    "a missing amount": without("amounts", "divisor"),
    "a column too few": at("codes", value=[]),
    "a column too many": at("codes", value=[[0, 1, 2, -1], [0, 1, 2, -1]]),
    "a dimension that is no text": at("dimensions", value=[1]),
    "a label that is no text": at("categories", 0, 0, value=28),
    "labels out of order": at("categories", 0, value=["29", "28", None]),
    "a label twice": at("categories", 0, value=["28", "28", None]),
    "no labels": at("categories", 0, value=[]),
    "a label that no cell has": at("categories", 0, value=["28", "29", "30", None]),
    "a code beyond the labels": at("codes", 0, 0, value=3),
    "a code below the margin": at("codes", 0, 0, value=-2),
    "a code that is true": at("codes", 0, 1, value=True),
    "a cell twice": at("codes", 0, value=[0, 0, 1, -1]),
    "cells out of order": at("codes", 0, value=[1, 0, 2, -1]),
    "the total first": at("codes", 0, value=[-1, 0, 1, 2]),
    "a length too few": at("n_rows", value=[2, 1, 1]),
    "a length too many": at("amounts", "total", value=[0] * 5),
    "a largest column too short": at("amounts", "largest", 1, value=[0]),
    "no largest": at("amounts", "largest", value=[]),
    "too many largest": at("amounts", "largest", value=[[1] * 4] * 17),
    "largest in ascending order": at("amounts", "largest", 1, value=[10, 0, 0, 0]),
    "a negative largest": at("amounts", "largest", 1, value=[-1, 0, 0, 0]),
    "a negative count": at("n_units", 0, value=-1),
    "a count with decimals": at("n_units", 0, value=2.5),
    "a count as a whole float": at("n_units", 0, value=2.0),
    "a count as text": at("n_units", 0, value="2"),
    "a count beyond 63 bits": at("n_rows", 3, value=str(2**63)),
    "a count of nothing": at("n_units", 0, value=None),
    "a long number that is not exact": at("amounts", "total", 0, value=2**53),
    "a short number as text": at("amounts", "total", 0, value="5"),
    "an exact number as text": at("amounts", "total", 0, value=str(2**53 - 1)),
    "a number with a plus": at("amounts", "total", 0, value="+9007199254740993"),
    "a number with a leading zero": at("amounts", "total", 0, value="09007199254740993"),
    "a number in other digits": at("amounts", "total", 0, value="٩٠٠٧١٩٩٢٥٤٧٤٠٩٩٣"),
    "a number without end": at("amounts", "total", 0, value="9" * 61),
    "a truth that is a number": at("amounts", "constant", 0, value=0),
    "a truth for all": at("amounts", "negative", value=1),
    "decimals below zero": at("amounts", "decimals", value=-1),
    "decimals beyond any": at("amounts", "decimals", value=19),
    "decimals that are true": at("amounts", "decimals", value=True),
    "a negative absolute total": at("amounts", "absolute", 0, value=-1),
    "a negative divisor": at("amounts", "divisor", 0, value=-1),
    "a missing lowest": without("amounts", "ends", 0, "lowest"),
    "a missing largest divisor": without("amounts", "divisor_largest"),
    "no ends": at("amounts", "ends", value=[]),
    "ends that are no list": at("amounts", "ends", value={}),
    "more ends than there are": at("amounts", "ends", value=[{}] * 5),
    "an end of another name": at("amounts", "ends", 0, "middle", value=[0, 0, 0, 0]),
    "a lowest above the highest": at("amounts", "ends", 0, "lowest", 0, value=6),
    "a highest below the lowest": at("amounts", "ends", 0, "highest", 0, value=3),
    "more contributors than units": at("amounts", "ends", 1, "numbers", 0, value=3),
    "another number of contributors than units": at("amounts", "ends", 0, "numbers", 3, value=3),
    "more at the lowest than units": at("amounts", "ends", 0, "n_lowest", 0, value=3),
    "more at both ends than units": at("amounts", "ends", 0, "n_lowest", 3, value=3),
    "nobody at the lowest": at("amounts", "ends", 0, "n_lowest", 0, value=0),
    "nobody at the highest": at("amounts", "ends", 0, "n_highest", 0, value=0),
    "nobody next to the lowest": at("amounts", "ends", 0, "n_next_lowest", 3, value=0),
    "a next to the lowest that is the highest": at("amounts", "ends", 0, "next_lowest", 3, value=5),
    "a next to the highest below the lowest": at("amounts", "ends", 0, "next_highest", 3, value=-4),
    "a next of one unit": at("amounts", "ends", 0, "next_lowest", 1, value=2),
    "two values of which the next is another": at("amounts", "ends", 0, "next_lowest", 0, value=4),
    "the same at both ends, but not all": at("amounts", "ends", 0, "highest", 0, value=4),
    "one unit that is not at both ends": at("amounts", "ends", 0, "n_highest", 1, value=0),
    "contributions that come to less than the lowest": at("amounts", "ends", 0, "total", 3, value=3),
    "contributions that come to more than the highest": at("amounts", "ends", 0, "total", 3, value=13),
    "equal contributions of another sum": at("amounts", "ends", 0, "total", 1, value=-2),
    "contributions that come to less than those between": at("amounts", "ends", 1, "total", 3, value=9),
    "a negative largest divisor": at("amounts", "divisor_largest", 0, value=-1),
    "a largest divisor above the divisor": at("amounts", "divisor_largest", 0, value=5),
    "a divisor above all its parts": at("amounts", "divisor", 0, value=7),
    "a negative weight": at("weighted", "units", 0, value=-1),
    "a negative weighted numerator": at("weighted", "numerator", 0, value=-1),
    "more units than rows": at("n_units", 3, value=5),
    "more units than the margin": at("n_units", 3, value=1),
    "more rows than the margin": at("n_rows", value=[9, 9, 9, 4]),
    "more nonzero units than units": at("amounts", "n_nonzero", 0, value=3),
    "a numerator beyond the units": at("shares", "numerator", 0, value=3),
    "a complement beyond the units": at("shares", "complement", 0, value=3),
    "amounts that are a list": at("amounts", value=[]),
    "shares without their values": without("shares", "high"),
    "a shared value that is a number": at("shares", "high", value=1),
    "an added dimension too many": at("added", value=2),
    "an added dimension that is true": at("added", value=True),
    "an added dimension with a total": at("added", value=1),
    "a part that nobody knows": at("parts", value={"extremes": {"columns": {}, "facts": {}}}),
    "parts that are a list": at("parts", value=[]),
    "other units without a key": at("other_units", value=[{"key": [], "n_units": [1, 1, 1, 1]}]),
    "other units of other cells": at("other_units", value=[{"key": ["h"], "n_units": [1]}]),
    "other units that are negative": at("other_units", value=[{"key": ["h"], "n_units": [-1, 1, 1, 1]}]),
    "more other units than rows": at("other_units", value=[{"key": ["h"], "n_units": [1, 1, 1, 5]}]),
    "other units with a note": at("other_units", value=[{"key": ["h"], "n_units": [1, 1, 1, 1], "x": 1}]),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_document_is_refused(forge: Callable[[dict[str, Any]], None]) -> None:
    forged = copy.deepcopy(document())
    forge(forged)
    assert json.dumps(forged) != json.dumps(document())
    with pytest.raises(DocumentError):
        evidence_from_document(forged)


def test_what_a_statistic_adds_has_an_order_of_its_own_and_no_total() -> None:
    n = np.array([4, 4, 4], dtype=np.int64)
    codes = np.array([[0], [1], [2]], dtype=np.int32)
    curve = Evidence(("time",), (("0", "10", "9"),), codes, n, n, added=("time",))
    assert_same(curve, evidence_from_document(evidence_to_document(curve)))
    with pytest.raises(RecipeError, match="come last"):
        Evidence(("time", "wijk"), (("0",), ("28",)), np.hstack([codes, codes]), n, n, added=("time",))


def test_a_table_without_its_total_is_refused() -> None:
    forged = document()
    for columns in _lists_of(forged):
        del columns[3]
    with pytest.raises(DocumentError):
        evidence_from_document(forged)


def test_a_table_without_cells_is_refused() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    empty = Evidence((), (), np.zeros((0, 0), dtype=np.int32), nothing, nothing)
    with pytest.raises(DocumentError):
        evidence_from_document(evidence_to_document(empty))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"1", b'{"schema":"table/1"}', b"\xff"])
def test_what_is_no_evidence_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        evidence_from_bytes(data)


def test_the_error_quotes_nothing_of_the_document() -> None:
    forged = document()
    forged["categories"][0][0] = ["canary"]
    with pytest.raises(DocumentError) as caught:
        evidence_from_bytes(canonical_json(forged))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_unforged_document_is_read() -> None:
    assert_same(example(), evidence_from_document(document()))


def _lists_of(forged: dict[str, Any]) -> Iterator[list[Any]]:
    amounts, shares, weighted = forged["amounts"], forged["shares"], forged["weighted"]
    yield from (forged["codes"][0], forged["n_units"], forged["n_rows"], *amounts["largest"])
    for part in (amounts, shares, weighted):
        yield from (one for name, one in part.items() if isinstance(one, list) and name not in ("largest", "ends"))
    yield from (one for ends in amounts["ends"] for one in ends.values())


def test_holdings_that_split_a_unit_between_cells_come_back() -> None:
    """Households of a woman and a man stand in both cells, and so have more holdings than there are households."""
    persons = 200
    frame = pd.DataFrame({"person": range(persons), "household": [n // 2 for n in range(persons)]})
    frame = frame.assign(sex=["f", "m"] * (persons // 2), income=[100.0 + n * 37 % 91 for n in range(persons)])
    out = sdc.table(
        frame, rows="sex", values="income", statistic="sum", unit="household", holding="person", policy="cbs"
    )
    assert isinstance(out, Output)
    evidence = out.table.evidence
    assert evidence is not None
    assert evidence.overlaps is not None
    assert evidence_to_document(evidence_from_document(evidence_to_document(evidence))) == evidence_to_document(
        evidence
    )
