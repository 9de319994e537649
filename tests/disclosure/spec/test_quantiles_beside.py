"""Quantiles of one column in two forms do not go together: their roundings tell more than each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines import quantiles_beside
from disclosure.engines.joined import joined
from disclosure.engines.quantiles_beside import quantiles_of_one
from disclosure.errors import DataError
from disclosure.model.verdicts import Status
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from tests.disclosure.beside import ROUNDED, go_together
from tests.disclosure.support import UNIT


def people(size: int = 400) -> pd.DataFrame:
    chance = np.random.default_rng(2)
    frame = pd.DataFrame({UNIT: range(size), "sex": np.where(np.arange(size) % 2, "f", "m")})
    frame["income"] = np.round(chance.lognormal(10.2, 0.5, size))
    frame["other"] = np.round(frame.income * chance.uniform(0.8, 1.0, size))
    return frame


FRAME = people()


def median(values: Any, frame: pd.DataFrame = FRAME, **asked: Any) -> Output:
    told = {"values": "asked", "statistic": "median", "unit": UNIT, "policy": "cbs", **asked}
    out = sdc.table(frame.assign(asked=values), **told)
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


def goes_beside(first: Output, then: Output) -> bool:
    return go_together(first, then, reason=ROUNDED)


FORMS: dict[str, Any] = {
    "with an amount added": FRAME.income + 4,
    "multiplied": FRAME.income * 1.01,
    "taken off": 100_000 - FRAME.income,
    "as its logarithm": np.log(FRAME.income) * 1000,
    "with amounts of a few": FRAME.income + FRAME[UNIT] * 7 % 11,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_one_column_in_two_forms_is_shown_once(form: Any) -> None:
    assert not goes_beside(median(FRAME.income), median(form))


@pytest.mark.parametrize("values", [FRAME.income, FRAME.other, FRAME[UNIT] * 7 % 101], ids=["same", "like", "another"])
def test_the_same_column_and_other_columns_go_together(values: Any) -> None:
    assert goes_beside(median(FRAME.income, rows="sex"), median(values))


def test_few_units_more_or_fewer_and_values_far_from_the_quantile_change_nothing() -> None:
    less = FRAME[FRAME[UNIT] != 7]
    assert goes_beside(median(FRAME.income), median(less.income, less))
    assert not goes_beside(median(FRAME.income), median(less.income + 4, less))
    far = FRAME.income.where(FRAME.income > 8000, 8000)
    assert goes_beside(median(FRAME.income), median(far))
    ranks = FRAME.income.rank(method="first")
    near = FRAME.income + np.where(ranks.between(180, 221), 4, 0)
    assert not goes_beside(median(FRAME.income), median(near))
    lowest = ranks[ranks < 150].index
    turned = FRAME.income + 4
    turned[lowest] = turned[lowest].to_numpy()[::-1]
    assert not goes_beside(median(FRAME.income), median(turned))


def test_other_units_and_other_quantiles_of_the_column_go_together() -> None:
    men, women = (FRAME[FRAME.sex == one] for one in "mf")
    assert goes_beside(median(men.income, men), median(women.income + 4, women))
    low: dict[str, Any] = {"statistic": "quantile", "options": {"probability": "0.25"}}
    assert goes_beside(median(FRAME.income), median(FRAME.income + 4, **low))
    assert not goes_beside(median(FRAME.income, **low), median(FRAME.income + 4, **low))


def test_cells_are_compared_one_by_one() -> None:
    women = FRAME[FRAME.sex == "f"]
    assert not goes_beside(median(FRAME.income, rows="sex"), median(women.income + 4, women))


def test_a_gap_is_a_quantile_of_those_below_the_line() -> None:
    gap: dict[str, Any] = {"statistic": "poverty_gap", "options": {"line": 20_000}}
    more: dict[str, Any] = {"statistic": "poverty_gap", "options": {"line": 20_004}}
    poor = FRAME[FRAME.income < 20_000]
    assert not goes_beside(median(FRAME.income, **gap), median(FRAME.income + 4, **more))
    assert not goes_beside(median(FRAME.income, **gap), median(poor.income + 4, poor))
    assert goes_beside(median(FRAME.income, **gap), median(poor.income, poor))


def test_beside_other_figures_and_without_units_in_common_nothing_is_asked() -> None:
    one = placed_at_hand(median(FRAME.income))
    mean = placed_at_hand(median(FRAME.income + 4, statistic="mean"))
    far = placed_at_hand(median(FRAME.income + 4, FRAME.assign(**{UNIT: FRAME[UNIT] + 1000})))
    assert one is not None
    assert mean is not None
    assert far is not None
    assert quantiles_of_one(joined(one, mean), 10) == ()
    assert quantiles_of_one(joined(one, far), 10) == ()


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (placed_at_hand(median(values, rows="sex")) for values in (FRAME.income, FRAME.income + 4))
    assert one is not None
    assert other is not None
    rows = joined(one, other)
    (doubt,) = quantiles_of_one(rows, 10)
    assert len(doubt.pairs) == 3
    monkeypatch.setattr(quantiles_beside, "_MOST_CELLS", 2)
    with pytest.raises(DataError, match="too many cells"):
        quantiles_of_one(rows, 10)
