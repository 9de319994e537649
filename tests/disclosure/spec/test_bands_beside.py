"""Cells that an option makes, such as the steps of a curve or the largest units, are put beside other outputs."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines import band_sets
from disclosure.engines import bands_beside as bands
from disclosure.engines.bands_beside import bands_beside
from disclosure.engines.joined import joined
from disclosure.engines.own_bands import NOWHERE, own_bands
from disclosure.engines.placed import Placed
from disclosure.errors import DataError
from disclosure.model.codebooks import codebook_from
from disclosure.model.verdicts import Status
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from disclosure.policy import load_policy
from tests.disclosure.beside import go_together as goes_beside
from tests.disclosure.support import UNIT

ASKED: dict[str, Any] = {"unit": UNIT, "policy": "cbs"}
CBS = load_policy("cbs")
PEOPLE = 1200


def people(month_13: int = 2, month_25: int = 40) -> pd.DataFrame:
    """Return persons of whom so many leave in two of the months; in all others as many as come."""
    chance = np.random.default_rng(5)
    months = 1 + np.arange(PEOPLE) % 36
    months = np.where(np.isin(months, (13, 14, 25, 26)), 20, months)
    months[np.flatnonzero(months == 20)[: month_13 + month_25]] = np.repeat([13, 25], [month_13, month_25])
    frame = pd.DataFrame({UNIT: range(PEOPLE), "months": months, "left": np.arange(PEOPLE) // 36 % 5 < 3})
    frame["sex"] = np.where(np.arange(PEOPLE) // 3 % 2, "f", "m")
    frame["income"] = np.round(chance.lognormal(10.2, 0.5, PEOPLE))
    return frame.assign(left=frame.left.astype(int))


def curve(frame: pd.DataFrame, period: int | None, until: int = 36, **asked: Any) -> Output:
    out = sdc.survival(frame, duration="months", event="left", period=period, until=until, **ASKED, **asked)
    assert out.verdict.status is Status.SAFE
    return out


def table(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **ASKED, **asked)
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


@pytest.mark.parametrize(("few", "goes"), [(1, False), (9, False), (60, True)])
@pytest.mark.parametrize("kind", ["kaplan_meier", "cumulative_incidence"])
def test_curves_in_other_steps_go_together_if_enough_leave_in_between(few: int, kind: str, *, goes: bool) -> None:
    frame = people(few, 100 - few)
    assert goes_beside(curve(frame, 12), curve(frame, 13, 26, kind=kind)) is goes


def test_a_later_step_is_put_beside_a_later_step() -> None:
    """Between 12 and 13 months enough leave, between 24 and 26 two do."""
    assert not goes_beside(curve(people(60, 2), 12), curve(people(60, 2), 13, 26))


def test_of_those_who_leave_few_may_do_so_in_one_way() -> None:
    frame = people(60)
    month = frame.index[frame.months == 13]
    assert goes_beside(curve(frame, 12), curve(frame, 13, 26))
    one = frame.assign(left=frame.left.where(~frame.index.isin(month), 0))
    one.loc[month[0], "left"] = 1
    assert not goes_beside(curve(one, 12), curve(one, 13, 26))


def test_curves_by_group_are_put_beside_each_other_group_by_group() -> None:
    frame = people(80, 20)
    month = frame.index[frame.months == 13]
    frame.loc[month, "sex"] = np.where(np.arange(80) < 3, "f", "m")
    assert not goes_beside(curve(frame, 12, by="sex"), curve(frame, 13, 26, by="sex"))
    frame.loc[month, "sex"] = np.where(np.arange(80) < 40, "f", "m")
    frame.loc[month, "left"] = np.arange(80) % 2
    assert goes_beside(curve(frame, 12, by="sex"), curve(frame, 13, 26, by="sex"))


def test_steps_that_are_made_up_of_steps_go_together() -> None:
    frame = people(0, 0)
    assert goes_beside(curve(frame, 12), curve(frame, 6))
    assert goes_beside(curve(frame, 12), curve(frame, None, by="sex"))
    assert goes_beside(curve(frame, 12, by="sex"), curve(frame, 6))


SEEN: dict[str, dict[str, Any]] = {
    "counts": {},
    "counts by sex": {"columns": "sex"},
    "a mean": {"values": "income", "statistic": "mean"},
    "percentages": {"columns": "sex", "statistic": "total_percent"},
}


@pytest.mark.parametrize("asked", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize(("month", "goes"), [(12, True), (13, False), (20, True)])
def test_a_curve_beside_tables_by_duration(asked: dict[str, Any], month: int, *, goes: bool) -> None:
    frame = people(4).assign(by_then=lambda rows: np.where(rows.months <= month, "yes", "no"))
    assert goes_beside(curve(frame, 12), table(frame, rows="by_then", **asked)) is goes
    later = frame[frame.months > month]
    assert goes_beside(curve(frame, 12), table(later, rows="sex", **asked | {"columns": ()})) is goes


def test_several_classes_of_duration_are_together_as_good_as_a_step() -> None:
    frame = people(4)
    classes = frame.assign(until=np.select([frame.months <= 6, frame.months <= 13], ["06", "13"], "36"))
    assert not goes_beside(curve(frame, 12), table(classes, rows="until"))


@pytest.mark.parametrize(("month", "goes"), [(12, True), (13, False)])
def test_a_curve_beside_a_rate_of_those_who_left_by_then(month: int, *, goes: bool) -> None:
    frame = people(4).assign(gone=lambda rows: (rows.months <= month) * 1)
    assert goes_beside(curve(frame, 12), table(frame, rows="sex", values="gone", statistic="rate")) is goes


@pytest.mark.parametrize(("month", "goes"), [(12, True), (13, False)])
def test_a_curve_beside_a_model_and_a_test_of_those_still_there(month: int, *, goes: bool) -> None:
    later = people(4)[lambda rows: rows.months > month]
    assert goes_beside(curve(people(4), 12), sdc.model("income ~ C(sex)", later, **ASKED)) is goes
    assert goes_beside(curve(people(4), 12), sdc.t_test(later, value="income", group="sex", **ASKED)) is goes


def test_exact_times_with_small_steps_go_beside_classes_made_up_of_them() -> None:
    """Of a month few leave: the curve tells so itself, and the table no more than that."""
    small = people(0, 0).loc[lambda rows: rows.index % 4 == 0].reset_index(drop=True)
    small["months"] = 1 + np.arange(len(small)) % 36
    small["left"] = np.arange(len(small)) // 36 % 2
    exact = curve(small, None, 30)
    assert goes_beside(exact, table(small[small.months > 12], rows="sex"))
    assert not goes_beside(exact, table(small[(small.months > 12) & (small.index != 15)], rows="sex"))


# Values that are cut.

VALUES: dict[str, Any] = {"values": "income"}
SUM: dict[str, Any] = {**VALUES, "statistic": "sum"}
MEAN: dict[str, Any] = {**VALUES, "statistic": "mean"}
CUT: dict[str, tuple[dict[str, Any], int, int]] = {
    "concentration ratio": ({"statistic": "concentration_ratio", "options": {"largest": 60}}, 0, 60),
    "lorenz, top": ({"statistic": "lorenz", "options": {"points": "50,95"}}, 0, 60),
    "lorenz, a band": ({"statistic": "lorenz", "options": {"points": "50,95"}}, 60, 600),
    "lorenz, bottom": ({"statistic": "lorenz", "options": {"points": "50,95"}}, 60, 1200),
    "trimmed mean": ({"statistic": "trimmed_mean", "options": {"trim": "0.05"}}, 60, 1140),
    "s80/s20": ({"statistic": "s80_s20"}, 0, 240),
}
"""Figures, and the ranks of those among the highest incomes that they are of."""
SPREAD = people(60).assign(rank=lambda rows: rows.income.rank(method="first", ascending=False))


def ranked(low: int, high: int) -> pd.DataFrame:
    return SPREAD[(SPREAD["rank"] > low) & (SPREAD["rank"] <= high)]


@pytest.mark.parametrize(("asked", "low", "high"), CUT.values(), ids=CUT)
def test_what_an_option_cuts_out_is_a_cell_beside_sums_and_means(asked: dict[str, Any], low: int, high: int) -> None:
    one = table(SPREAD, **VALUES, **asked)
    for figure in (SUM, MEAN):
        assert goes_beside(one, table(ranked(low, high), **figure))
        assert not goes_beside(one, table(ranked(low, high - 1), **figure))
        assert not goes_beside(one, table(ranked(low, high - 9), **figure))
        assert goes_beside(one, table(ranked(low, high - 40), **figure))


def test_another_form_of_the_column_and_a_model_of_it_are_compared() -> None:
    one = table(SPREAD, **VALUES, **CUT["concentration ratio"][0])
    top = ranked(0, 59)
    assert not goes_beside(one, table(top.assign(income=2 * top.income + 1000), **SUM))
    assert not goes_beside(one, table(top.assign(income=top.income.round(-2)), **MEAN))
    assert not goes_beside(one, sdc.model("income ~ C(sex)", top, **ASKED))
    assert not goes_beside(one, sdc.t_test(top, value="income", group="sex", **ASKED))


def test_other_columns_and_counts_tell_nothing_of_a_total() -> None:
    one = table(SPREAD, **VALUES, **CUT["concentration ratio"][0])
    top = ranked(0, 59).assign(hours=lambda rows: 20 + rows[UNIT] * 7 % 19)
    assert goes_beside(one, table(top, values="hours", statistic="mean"))
    assert goes_beside(one, table(top, rows="sex"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("concentration ratio", "trimmed mean"), ("lorenz, top", "trimmed mean"), ("s80/s20", "lorenz, top")],
)
def test_two_figures_with_options_are_put_beside_each_other(one: str, other: str) -> None:
    first = table(SPREAD, **VALUES, **CUT[one][0])
    assert goes_beside(first, table(SPREAD, **VALUES, **CUT[other][0]))
    less = {"s80/s20": {"points": "50,80.1"}, "trimmed mean": {"trim": "0.051"}}
    name = "s80/s20" if one == "s80/s20" else other
    assert not goes_beside(first, table(SPREAD, **VALUES, **CUT[other][0] | {"options": less[name]}))


@pytest.mark.parametrize(("rich", "goes"), [(0, True), (1, False)])
def test_the_difference_of_totals_obeys_dominance(rich: int, *, goes: bool) -> None:
    low = SPREAD.assign(income=SPREAD.income.mask(SPREAD["rank"] > 700, 200 - SPREAD["rank"] / 100))
    inner = low[(low["rank"] > 60) & (low["rank"] <= 1140)]
    left_out = [*inner.index[inner["rank"] <= 60 + rich], *inner.index[inner["rank"] > 700][: 15 - rich]]
    assert len(left_out) == 15
    one = table(low, **VALUES, **CUT["trimmed mean"][0])
    assert goes_beside(one, table(inner.drop(index=left_out), **SUM)) is goes


def test_the_largest_of_a_margin_are_not_those_of_the_cells() -> None:
    one = table(SPREAD, **VALUES, rows="sex", statistic="concentration_ratio", options={"largest": 60})
    women = SPREAD[SPREAD.sex == "f"].sort_values("income", ascending=False)
    assert not goes_beside(one, table(women[:59], **SUM))
    assert not goes_beside(one, table(ranked(0, 59), **SUM))
    assert goes_beside(one, table(ranked(0, 90), **SUM))


def test_a_band_that_is_withheld_with_its_cell_tells_nothing() -> None:
    one = placed(table(SPREAD, **VALUES, rows="sex", **CUT["concentration ratio"][0]))
    found = bands_beside(joined(one, placed(table(ranked(0, 59), **SUM))), CBS)
    assert {label for place in found.codes[:, 0] for label in ("" if place < 0 else one.labels[0][place],)} == {""}


# How bands are made.


def placed(out: Output) -> Placed:
    found = placed_at_hand(out)
    assert found is not None
    return found


def test_units_stand_in_bands_as_the_statistic_cuts_them() -> None:
    for asked, low, high in CUT.values():
        side = placed(table(SPREAD, **VALUES, **asked))
        (whole,) = own_bands(side)
        ranks = SPREAD["rank"].to_numpy()[np.array([int(str(key)) for key in side.keys[0].to_pylist()])]
        inside = (ranks > low) & (ranks <= high)
        assert not set(whole.band[inside]) & set(whole.band[~inside])


def test_a_curve_without_a_period_steps_where_an_event_happens() -> None:
    frame = people().assign(left=lambda rows: ((rows.months % 5 == 0) & (rows.index // 36 % 3 > 0)).astype(int))
    side = placed(curve(frame, None))
    everybody = own_bands(side)[0]
    months = side.values
    assert months is not None
    starts = [int(months[everybody.band == step].min()) for step in range(everybody.size)]
    assert starts == [1, *range(5, 36, 5)]


def test_missing_values_stand_in_no_band() -> None:
    frame = SPREAD.assign(income=SPREAD.income.where(SPREAD[UNIT] > 100))
    side = placed(table(frame, **VALUES, **CUT["trimmed mean"][0]))
    (whole,) = own_bands(side)
    assert (whole.band == NOWHERE).sum() in (0, 101)
    assert np.bincount(whole.band[whole.band != NOWHERE]).tolist() == [54, 991, 54]


def test_weights_decide_where_a_lorenz_curve_is_cut() -> None:
    book = codebook_from({"schema": 1, "name": "P", "unit": [UNIT], "weights": ["w"], "columns": {}})
    frame = SPREAD.assign(w=np.where(SPREAD["rank"] <= 600, 3.0, 1.0))
    asked = CUT["lorenz, top"][0] | {"options": {"points": "25,50"}}
    side = placed(table(frame, **VALUES, **asked, weights="w", codebook=book))
    (whole,) = own_bands(side)
    assert np.bincount(whole.band).tolist() == [600, 200, 400]


@pytest.mark.parametrize("name", ["_MOST", "_MOST_PAIRS", "_MOST_DIFFERENCES"])
def test_too_many_are_refused_with_what_to_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands if name == "_MOST_PAIRS" else band_sets, name, 0)
    asked = CUT["trimmed mean"][0]
    less = 15 if name == "_MOST_DIFFERENCES" else 1
    rows = joined(placed(table(SPREAD, **VALUES, **asked)), placed(table(ranked(60, 1140 - less), **SUM)))
    with pytest.raises(DataError, match="too many cells") as refused:
        bands_beside(rows, CBS)
    assert "Group coarser" in str(refused.value.hint)


@functools.cache
def made() -> Placed:
    """Return a curve of 60 persons."""
    return placed(sdc.survival(people()[:60], duration="months", event="left", period=12, **ASKED))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=60, max_size=60), st.integers(1, 6), st.integers(1, 6), st.integers(2, 6))
def test_sets_of_bands_are_counted_as_one_by_one(months: list[int], first: int, then: int, minimum: int) -> None:
    """Each step, all until it, and all from it on, of one beside the same of the other."""
    sides = [
        replace(
            made(),
            values=np.array(months, dtype=np.float64),
            recipe=replace(made().recipe, options=(("period", str(by)),)),
        )
        for by in (first, then)
    ]
    policy = replace(CBS, minimum_units=minimum)
    rows = joined(sides[0], sides[1])
    asked = band_sets.BandSets(rows, own_bands(sides[0])[0], own_bands(sides[1])[0], policy, None)
    alone = [_alone(months, by) for by in (first, then)]
    expected = any(
        0 < len(one ^ other) < minimum <= len(one | other)
        and 2 * len(one ^ other) <= len(one | other)
        and (one <= other or other <= one)
        and not _made_up(one, alone[1])
        and not _made_up(other, alone[0])
        for one in _sets(alone[0])
        for other in _sets(alone[1])
    )
    assert bool(len(asked._sets((asked._covered(turned=False), asked._covered(turned=True))))) is expected


Units = frozenset[int]


def _alone(months: list[int], period: int) -> list[Units]:
    steps = [-(-month // period) for month in months]
    return [frozenset(n for n, step in enumerate(steps) if step == one) for one in sorted(set(steps))]


def _sets(alone: list[Units]) -> list[Units]:
    last = len(alone)
    ranges = [(n, n + 1) for n in range(last)] + [(0, n) for n in range(1, last)] + [(n, last) for n in range(1, last)]
    return [frozenset[int]().union(*alone[low:high]) for low, high in ranges]


def _made_up(one: Units, singles: list[Units]) -> bool:
    """Tell whether a set is made up of whole bands of the other curve."""
    return frozenset[int]().union(*(each for each in singles if each <= one)) == one


def test_steps_of_few_are_shown_and_so_nobody_is_missing_from_a_table_of_all() -> None:
    """Of three small groups five each leave in a step of six months; the steps of everybody are of three months."""
    frame = people(0, 0)
    frame["home"] = np.where(frame[UNIT] < 900, "a", "b")
    frame.loc[frame.index[900:], "months"] = np.where(np.arange(300) < 5, 3, np.where(np.arange(300) < 10, 9, 20))
    assert goes_beside(curve(frame, 3), curve(frame, 6, by="home"))
    classes = frame.assign(until=np.where(frame.months <= 6, "06", "36"), half=frame[UNIT] % 2)
    assert goes_beside(curve(frame, 3, by="home"), table(classes, rows="until", columns="half"))
