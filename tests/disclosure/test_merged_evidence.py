"""Evidence of merged categories: where every unit stands in one cell it is what tabulating again gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recoding
from disclosure.protection.leave_out import left_out
from disclosure.protection.recode import can_merge, merged
from tests.disclosure.support import UNIT, codebook, heads, judge, policy

ZEROS = policy(zero_cells="disclosive", dominance=[[3, 99]])
FEW_VALUES = st.sampled_from([-3.5, -1.0, 0.0, 0.0, 1.0, 1.0, 2.25, 1000.0])


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Return rows of units that stand in one cell each, some of them with several rows."""
    cells = [(d1, d2) for d1 in ("a", "b", "c", None) for d2 in ("1", "2", "10")]
    where = draw(st.lists(st.sampled_from(cells), min_size=3, max_size=25))
    rows = []
    for unit, (d1, d2) in enumerate(where):
        for value in draw(st.lists(st.one_of(FEW_VALUES, st.none()), min_size=1, max_size=3)):
            rows.append((unit, d1, d2, value, 1.0 + unit % 3))
    return pd.DataFrame(rows, columns=[UNIT, "d1", "d2", "value", "weight"]).astype({"value": "float64"})


def described(evidence: Evidence) -> Iterator[tuple[Any, ...]]:
    """Yield all that evidence says of each cell."""
    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    for place, cell in enumerate(evidence.cells()):
        said: list[Any] = [str(cell), int(evidence.n_units[place]), int(evidence.n_rows[place])]
        if amounts is not None:
            said += [amounts.total[place], amounts.absolute[place], *amounts.largest[place], amounts.divisor[place]]
            said += [int(amounts.n_nonzero[place]), bool(amounts.constant[place]), bool(amounts.rows_constant[place])]
            said += [getattr(ends, one.name)[place] for ends in amounts.ends for one in fields(ends)]
            said += [amounts.divisor_largest[place]]
        if shares is not None:
            said += [int(shares.numerator[place]), int(shares.complement[place])]
        if weighted is not None:
            said += [weighted.units[place], None if weighted.numerator is None else weighted.numerator[place]]
        yield tuple(said)


MAPPING = {"1": "one or ten", "10": "one or ten"}


@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "rate"])
@pytest.mark.parametrize("weighted", [False, True])
@settings(max_examples=12)
@given(frame=frames())
def test_merged_evidence_is_that_of_tabulating_again(frame: pd.DataFrame, statistic: str, weighted: bool) -> None:
    if statistic == "rate":
        frame["value"] = frame["value"].map(lambda value: None if pd.isna(value) else float(value > 0))
    values = None if statistic == "count" else "value"
    if values is not None and frame["value"].isna().all():
        return
    asked: dict[str, Any] = {"statistic": statistic, "values": values, "rows": ["d1"], "columns": ["d2"]}
    if weighted:
        asked |= {"weights": "weight", "codebook": codebook(weights=("weight",))}
    by = policy(dominance=[[3, 99]])
    evidence = judge(frame, by, **asked).evidence
    again = judge(frame, by, recodings=(Recoding("d2", tuple(MAPPING.items())),), **asked).evidence
    if evidence is None or again is None:
        return
    if not can_merge(evidence):
        return
    ours = merged(evidence, 1, MAPPING)
    assert ours.categories == again.categories
    # A table that withholds lists its empty cells; which of the two does is not the same.
    assert [one for one in described(ours) if one[1]] == [one for one in described(again) if one[1]]


@settings(max_examples=12)
@given(frame=frames())
def test_a_table_without_a_dimension_is_what_its_margins_say(frame: pd.DataFrame) -> None:
    both = judge(frame, ZEROS, rows=["d1"], columns=["d2"]).evidence
    one = judge(frame, ZEROS, rows=["d1"]).evidence
    assert both is not None
    assert one is not None
    less = left_out(both, 1)
    assert less is not None
    assert list(described(less)) == list(described(one))


def test_where_a_unit_stands_in_two_cells_only_the_rows_can_tell() -> None:
    frame = pd.concat([heads({"a": 5, "b": 7}), heads({"c": 1})])
    evidence = judge(frame, policy()).evidence
    assert evidence is not None
    assert not can_merge(evidence)
    apart = judge(heads({"a": 5, "b": 7, "c": 1}), policy()).evidence
    assert apart is not None
    assert can_merge(apart)


def test_cells_of_merged_categories_stand_in_canonical_order() -> None:
    evidence = judge(heads({"b": 5, "a": 7, "c": 2}), policy()).evidence
    assert evidence is not None
    ours = merged(evidence, 0, {"a": "z", "b": "z"})
    assert [str(cell) for cell in ours.cells()] == ["group=c", "group=z", "total"]
    assert np.array_equal(ours.n_units, [2, 12, 14])
