"""Evidence of other cells, or in another order, has every column of them: none is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.evidence_columns import changed
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import RuleName, Status
from disclosure.protection.leave_out import left_out
from tests.disclosure.every_statistic import recipe_of, several, tabulated
from tests.disclosure.support import UNIT, rules, status
from tests.disclosure.test_evidence_document import assert_same

ASKED: dict[Statistic, dict[str, Any]] = {
    Statistic.RATE: {"other_units": (("household",),)},
    Statistic.MEAN: {"holding": ("household",)},
    Statistic.SUM: {"weight": "weight"},
    Statistic.MEDIAN: {},
    Statistic.SURVIVAL: {},
}


def arrays(one: Any) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(one, np.ndarray):
        yield one
    elif is_dataclass(one):
        for field in fields(one):
            if field.name not in ("overlaps", "underlying", "categories"):
                yield from arrays(getattr(one, field.name))
    elif isinstance(one, tuple):
        for item in one:
            yield from arrays(item)
    elif hasattr(one, "values"):
        for item in one.values():
            yield from arrays(item)


@pytest.mark.parametrize("statistic", ASKED)
def test_every_column_is_changed(statistic: Statistic) -> None:
    evidence = tabulated(recipe_of(statistic, **ASKED[statistic]))
    places = np.array([len(evidence) - 1])
    before, after = (
        list(arrays(evidence)),
        list(arrays(changed(evidence, evidence.codes[places], lambda one: one[places]))),
    )
    assert len(before) == len(after) > 2
    for old, new in zip(before, after, strict=True):
        assert new.tolist() == old[places].tolist()


def test_columns_that_stay_as_they_are_give_the_same_evidence() -> None:
    evidence = tabulated(recipe_of(Statistic.RATE, **ASKED[Statistic.RATE]), several())
    assert_same(replace(evidence, overlaps=None), changed(evidence, evidence.codes, lambda one: one))


def test_a_table_by_one_dimension_less_keeps_both_sides_of_every_further_unit() -> None:
    recipe = recipe_of(Statistic.RATE, rows=("wijk", "works"), other_units=(("household",),))
    left = left_out(tabulated(recipe), 1)
    assert left is not None
    anew = tabulated(recipe.without("works"))
    for mine, theirs in zip(left.other_units, anew.other_units, strict=True):
        assert mine.numerator is not None
        assert mine.complement is not None
        assert_same(mine, theirs)


@pytest.mark.parametrize(("homes", "safe"), [(10, True), (9, False)])
def test_leaving_a_dimension_out_is_offered_only_where_households_on_both_sides_are_enough(
    homes: int, safe: bool
) -> None:
    # In wijk 28 the thirty who are ill live in so many households; all others are in households of their own.
    frame = pd.DataFrame({UNIT: range(400), "wijk": ["28", "29"] * 200, "sex": ["m", "m", "f", "f"] * 100})
    frame["ill"] = [1 if place < 60 else 0 for place in range(400)]
    frame["home"] = [
        f"together {place // 2 % homes}" if place < 60 and place % 2 == 0 else f"own {place}" for place in range(400)
    ]
    frame.loc[frame.index[:4], "sex"] = "x"  # too few of them, so that leaving the dimension out is what repairs it
    asked: dict[str, Any] = {
        "values": "ill",
        "statistic": "rate",
        "unit": UNIT,
        "other_units": ["home"],
        "policy": "cbs",
    }
    whole = sdc.table(frame, rows=["wijk", "sex"], **asked)
    assert status(whole) is Status.UNSAFE
    shorter = sdc.table(frame, rows="wijk", **asked)
    assert (status(shorter) is Status.SAFE) is safe
    assert (RuleName.OTHER_UNITS in rules(shorter)) is not safe
    offered = [str(remedy) for remedy in whole.remedies() if "sex" in str(remedy) and "eave" in str(remedy)]
    assert bool(offered) is safe, [str(remedy) for remedy in whole.remedies()]
