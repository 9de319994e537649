"""What measures of one call tell of the few units that have several rows, or of few between two percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from tests.disclosure.support import UNIT

PEOPLE = 1200
ONE = 17
"""One who has no benefit."""


def people(often: int = 0, persons: int = 1) -> pd.DataFrame:
    """Return persons of whom so many, from one on, have so many rows more."""
    numbers = np.arange(PEOPLE)
    frame = pd.DataFrame({UNIT: numbers, "benefit": (numbers * 7919 % 1000 < 400).astype(int)})
    frame["income"] = np.round(np.random.default_rng(4).lognormal(10.3, 0.5, PEOPLE))
    frame["poor"] = (frame.income < 20_000).astype(int)
    frame["better"] = 1 - frame.poor
    frame["half"] = numbers % 2
    return pd.concat([frame, *[frame[frame[UNIT].between(ONE, ONE + persons - 1)]] * often])


def of_one_call(frame: pd.DataFrame, **asked: Any) -> Outputs:
    outs = sdc.table(frame, **{"unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(outs, Outputs)
    return outs


@pytest.mark.parametrize("kind", ["mean", "sum", "var", "std", "gini", "share"])
@pytest.mark.parametrize(("often", "persons", "told"), [(0, 1, False), (50, 1, True), (1, 9, True), (1, 400, False)])
def test_no_exact_figure_of_rows_is_shown_beside_a_rate_where_few_units_have_several(
    kind: str, often: int, persons: int, *, told: bool
) -> None:
    """481 of 1,200 persons, and a sum of 481 over 1,250 rows: who has fifty rows more adds nothing."""
    outs = of_one_call(people(often, persons), values="benefit", statistic=["rate", kind])
    verdict = outs[f"{kind} of benefit"].verdict
    assert ("one row per unit" in str(getattr(verdict, "missing", ""))) is told
    assert outs["rate of benefit"].verdict.status is Status.SAFE


@pytest.mark.parametrize(("rated", "told"), [("poor", True), ("better", True), ("benefit", False)])
@pytest.mark.parametrize("rows", [(), ("half",)])
def test_a_poverty_rate_tells_beside_a_rate_of_the_poor_and_not_beside_one_of_something_else(
    rated: str, rows: Sequence[str], *, told: bool
) -> None:
    outs = of_one_call(
        people(1, 5),
        rows=list(rows),
        statistic={"income": "poverty_rate", rated: "rate"},
        options={"line": 20_000},
    )
    status = outs["poverty_rate of income"].verdict.status
    assert status is (Status.INCONCLUSIVE if told else Status.SAFE)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 100), (1, 2), (-2.5, 0.25)])
@pytest.mark.parametrize(("often", "fails"), [(0, False), (100, False), (1000, True)])
def test_who_has_most_of_the_rows_with_one_of_two_values_is_told_by_their_mean_however_they_are_coded(
    low: float, high: float, often: int, *, fails: bool
) -> None:
    coded = people(often).assign(benefit=lambda rows: np.where(rows.benefit == 1, high, low))
    out = sdc.table(coded, values="benefit", statistic="mean", unit=UNIT, policy="cbs")
    assert isinstance(out, Output)
    assert (RuleName.DOMINANCE in {one.rule for one in out.verdict.findings}) is fails


@pytest.mark.parametrize("kind", ["var", "std", "skew"])
@pytest.mark.parametrize(("often", "fails"), [(100, False), (1000, True)])
def test_so_it_is_by_their_variance(kind: str, often: int, *, fails: bool) -> None:
    """With a thousand rows without a benefit the variance is 0.17, and with a benefit 0.22."""
    out = sdc.table(people(often), values="benefit", statistic=kind, unit=UNIT, policy="cbs")
    assert isinstance(out, Output)
    assert (RuleName.DOMINANCE in {one.rule for one in out.verdict.findings}) is fails


def rooms(several: Sequence[tuple[int, float]]) -> pd.DataFrame:
    """Return 395 persons with 1, three with 2 and 802 with 3, and rows more of some persons."""
    numbers = np.arange(PEOPLE)
    frame = pd.DataFrame({UNIT: numbers, "rooms": np.select([numbers < 395, numbers < 398], [1.0, 2.0], 3.0)})
    return pd.concat([frame, pd.DataFrame(several, columns=[UNIT, "rooms"])])


@pytest.mark.parametrize(
    "several",
    [
        [],
        [(unit, 1.0) for unit in range(100, 104)],  # rows alike are on one side
        [(unit, 3.0) for unit in range(100, 102)],  # some are on both sides, and some between
        [(unit, 3.0) for unit in range(100, 109)],
    ],
)
def test_two_percentiles_of_which_few_lie_between_are_not_of_one_call(several: list[tuple[int, float]]) -> None:
    assert _is_told(rooms(several))


def test_units_with_rows_on_both_sides_of_two_percentiles_do_not_lie_between_them() -> None:
    """Nobody has 2; nine have a row with 1 and one with 3."""
    frame = rooms([(unit, 3.0) for unit in range(100, 109)])
    assert not _is_told(frame[frame.rooms != 2])


def _is_told(frame: pd.DataFrame) -> bool:
    """Tell whether a percentile of the last rows with 1 is shown beside one of the first with 3, but not both."""
    last, first = (frame.rooms < 2).sum() - 2, (frame.rooms < 3).sum() + 2
    asked = [f"p{100 * place / (len(frame) - 1):.3f}" for place in (last, first)]
    one, other = of_one_call(frame, values="rooms", statistic=asked)
    assert one.verdict.status is Status.SAFE
    return other.verdict.status is Status.INCONCLUSIVE
