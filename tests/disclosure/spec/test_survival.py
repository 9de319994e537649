"""Survival: enough units at risk at every time shown, and no step that a single unit makes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter

import disclosure as sdc
from disclosure.check import Tabulated, judged
from disclosure.errors import BadInputError, ColumnError, DataError, RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Column
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import Policy, load_policy
from disclosure.render import to_csv, to_json
from disclosure.statistics.survival import longer_period
from tests.disclosure.support import ABSENT, UNIT, coarse, codebook, failures, judge, policy, shown, status

AT_RISK, SINGLE = RuleName.SURVIVAL, RuleName.SINGLE_EXIT
TEN = policy(minimum_units=10, minimum_at_risk=10)
QUIET = policy()
Steps = Sequence[tuple[float, int, int]]


def spells(groups: Mapping[str, Steps] | Steps) -> pd.DataFrame:
    """Return a frame with so many exits and censored units at each time: {"a": [(3, 20, 5)]}."""
    number, rows = itertools.count(1), []
    for label, steps in (groups if isinstance(groups, Mapping) else {"a": groups}).items():
        for time, exits, censored in steps:
            rows += [(next(number), label, time, 1) for _ in range(exits)]
            rows += [(next(number), label, time, 0) for _ in range(censored)]
    return pd.DataFrame(rows, columns=[UNIT, "group", "months", "ended"])


def curve(frame: pd.DataFrame, by: Policy = TEN, *, rows: Sequence[str] = (), **asked: Any) -> JudgedTable:
    options = {name: str(asked.pop(name)) for name in ("period", "until") if name in asked}
    asked = {"statistic": "survival", "others": ("ended",), **asked}
    return judge(frame, by, values="months", rows=rows, options=tuple(sorted(options.items())), **asked)


def times(table: JudgedTable, rule: RuleName | None = None) -> set[str]:
    """Return the times that fail."""
    return {cell.split("time=")[1].split(",")[0] for cell in failures(table, rule)}


def figures(table: JudgedTable, figure: str, group: str = "") -> dict[str, str | None]:
    """Return one figure by time, as it may be published."""
    found = {cell: value for cell, value in shown(table).items() if cell.endswith(f"figure={figure}")}
    return {cell.split("time=")[1].split(",")[0]: value for cell, value in found.items() if group in cell}


# ------------------------------------------------------------------------------------------------------------- at risk


def test_the_minimum_at_risk_passes_and_one_unit_less_fails() -> None:
    assert status(curve(spells([(1, 20, 0), (2, 10, 0)]))) is Status.SAFE
    table = curve(spells([(1, 20, 0), (2, 9, 0)]))
    # The row before gives the number at risk away as well: 29 at risk less 20 exits.
    assert times(table, AT_RISK) == {"1", "2"}
    assert not failures(table, SINGLE)


def test_a_curve_may_end_with_nobody_left_and_not_with_a_few_left() -> None:
    frame = spells([(1, 10, 10), (2, 10, 10), (3, 5, 4)])
    assert times(curve(frame, until=2), AT_RISK) == {"2"}
    assert status(curve(spells([(1, 10, 10), (2, 10, 10), (3, 5, 5)]), until=2)) is Status.SAFE
    assert status(curve(spells([(1, 10, 10), (2, 10, 10)]))) is Status.SAFE


def test_the_larger_of_both_minima_holds() -> None:
    frame = spells([(1, 20, 0), (2, 12, 0)])
    for units, at_risk, expected in ((12, 2, Status.SAFE), (13, 2, Status.UNSAFE), (2, 13, Status.UNSAFE)):
        assert status(curve(frame, policy(minimum_units=units, minimum_at_risk=at_risk))) is expected


@pytest.mark.parametrize("key", ["minimum_at_risk", "minimum_units"])
def test_a_policy_without_a_minimum_cannot_judge_curves(key: str) -> None:
    assert status(curve(spells([(1, 20, 0)]), policy(**{key: ABSENT}))) is Status.INCONCLUSIVE


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_every_built_in_policy_has_it(name: str) -> None:
    for last, expected in ((10, Status.SAFE), (9, Status.UNSAFE)):
        # Some stay until the end: that everybody leaves would be group disclosure.
        frame = spells([(1, 20, 0), (2, last - 5, 5)])
        out = sdc.survival(frame, duration="months", event="ended", unit=UNIT, policy=name)
        assert status(out) is expected


def test_units_count_and_not_rows_so_several_rows_of_one_unit_are_not_judged() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0)])
    again = pd.concat([frame, frame.head(1)])
    table = curve(again)
    assert status(table) is Status.INCONCLUSIVE
    assert not list(table.published())
    # One curve less another one would show whoever is in one of them only.
    both = pd.concat([frame, frame.assign(group="b")])
    assert status(curve(both, rows=["group"])) is Status.INCONCLUSIVE
    assert status(curve(both)) is Status.INCONCLUSIVE


def test_curves_of_groups_are_judged_where_each_unit_stands_in_one() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0)])
    apart = pd.concat([frame, frame.assign(group="b", **{UNIT: frame[UNIT] + 1000})])
    assert status(curve(apart, rows=["group"])) is Status.SAFE


# --------------------------------------------------------------------------------------------------------- single exits


def test_a_step_of_two_exits_passes_and_one_of_a_single_exit_fails() -> None:
    assert status(curve(spells([(1, 2, 0), (2, 20, 0)]))) is Status.SAFE
    table = curve(spells([(1, 1, 0), (2, 20, 0)]))
    assert times(table) == times(table, SINGLE) == {"1"}


def test_a_single_censored_unit_between_two_events_is_an_exit_that_the_units_at_risk_show() -> None:
    assert times(curve(spells([(1, 10, 0), (1.5, 0, 1), (2, 20, 0)])), SINGLE) == {"1"}
    assert status(curve(spells([(1, 10, 0), (1.5, 0, 2), (2, 20, 0)]))) is Status.SAFE
    assert times(curve(spells([(0.5, 0, 1), (1, 10, 0), (2, 20, 0)])), SINGLE) == {"0"}


def test_every_figure_of_the_time_fails() -> None:
    table = curve(spells([(1, 1, 0), (2, 20, 0)]))
    assert failures(table) == {f"time=1, figure={figure}" for figure in ("at_risk", "exits", "censored", "survival")}


def test_a_single_exit_in_one_group_does_not_touch_the_other() -> None:
    groups: dict[str, Steps] = {"a": [(1, 1, 0), (2, 20, 0)], "b": [(1, 20, 0), (2, 20, 0)]}
    assert {cell.split(",")[0] for cell in failures(curve(spells(groups), rows=["group"]))} == {"group=a"}


def test_a_single_exit_by_one_of_several_causes_fails_though_others_leave_at_the_same_time() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0)])
    for other, expected in ((1, {"1"}), (2, set())):
        causes = frame.assign(ended=[2] * other + [1] * (40 - other))
        table = curve(causes, statistic="cumulative_incidence")
        assert times(table, SINGLE) == expected


def test_there_is_no_curve_of_all_groups_together_from_which_one_group_would_follow() -> None:
    groups: dict[str, Steps] = {"a": [(1, 20, 0)], "b": [(1, 20, 0)]}
    assert {cell.split(",")[0] for cell in shown(curve(spells(groups), rows=["group"]))} == {"group=a", "group=b"}


# ----------------------------------------------------------------------------------------- longer periods, withholding


def test_in_intervals_only_their_counts_matter() -> None:
    frame = spells([(time, 1, 1) for time in range(1, 61)])
    assert status(curve(frame)) is Status.UNSAFE
    table = curve(frame, period=12)
    assert status(table) is Status.SAFE
    assert figures(table, "at_risk") == {"12": "120", "24": "96", "36": "72", "48": "48", "60": "24"}
    moved = frame.assign(months=(frame.months + 11) // 12 * 12)
    assert to_json(curve(moved, period=12)) == to_json(table)


def test_an_interval_includes_its_end_and_the_first_one_its_beginning() -> None:
    frame = spells([(0, 10, 0), (6, 10, 0), (6.5, 10, 0), (12, 10, 0)])
    assert figures(curve(frame, period=6), "exits") == {"6": "20", "12": "20"}
    assert figures(curve(frame), "exits") == {"0": "10", "6": "10", "6.5": "10", "12": "10"}


def test_the_last_interval_ends_where_the_curve_does() -> None:
    frame = spells([(6, 10, 10), (14, 10, 10), (16, 10, 10)])
    assert figures(curve(frame, period=6, until=15), "exits") == {"6": "10", "12": "0", "15": "10"}
    assert figures(curve(frame, until=15), "censored") == {"0": "0", "6": "10", "14": "10"}


def test_a_curve_is_withheld_from_its_first_failing_time_on_and_later_times_are_not_listed() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0), (3, 1, 0), (4, 20, 0)])
    assert times(curve(frame)) == {"3"}
    table = curve(frame, suppressed=True)
    assert status(table) is Status.SAFE
    assert figures(table, "survival") == {"0": "1", "1": "0.672131", "2": "0.344262"}
    assert b'"4"' not in to_json(table)
    assert b'"3"' not in to_json(table)


def test_what_is_shown_of_a_withheld_curve_is_what_its_beginning_alone_would_show() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0), (3, 1, 0), (4, 30, 0)])
    for rest in ([(3, 1, 0), (5, 12, 18)], [(3, 9, 22)], [(7, 5, 26)]):
        other = spells([(1, 20, 0), (2, 20, 0), *rest])
        assert shown(curve(frame, suppressed=True)) == shown(curve(other, until=2))


def test_a_group_that_is_withheld_is_so_at_the_times_of_the_others() -> None:
    groups: dict[str, Steps] = {"a": [(5, 1, 0), (15, 20, 0), (25, 20, 0)], "b": [(5, 20, 0), (15, 20, 0), (25, 1, 0)]}
    table = curve(spells(groups), rows=["group"], period=10, suppressed=True)
    assert status(table) is Status.SAFE
    assert figures(table, "exits", "group=a") == {"10": "withheld"}
    assert figures(table, "exits", "group=b") == {"10": "20"}


def test_exact_times_of_several_groups_are_withheld_together_because_each_lists_the_others() -> None:
    groups: dict[str, Steps] = {"a": [(5, 1, 0), (6, 20, 0)], "b": [(4, 20, 0), (7, 20, 0)]}
    assert status(curve(spells(groups), rows=["group"], suppressed=True)) is Status.INCONCLUSIVE
    assert status(curve(spells([(5, 1, 0), (6, 20, 0)]), suppressed=True)) is Status.SAFE  # time 0 passes
    assert status(curve(spells([(0, 1, 0), (6, 20, 0)]), suppressed=True)) is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("period", "expected"),
    [(None, "1"), ("0.25", "0.5"), ("0.5", "1"), ("1", "2"), ("3", "6"), ("12", "24"), ("24", "48"), ("5", "6")],
)
def test_a_longer_period_is_the_next_of_a_ladder(period: str | None, expected: str) -> None:
    options = () if period is None else (("period", period),)
    recipe = Recipe(
        FrameSource(("u", "d", "e")), Statistic.SURVIVAL, TEN.reference, value="d", unit=("u",), others=("e",)
    )
    longer = longer_period(Recipe(**{**vars(recipe), "options": options}))
    assert longer is not None
    assert dict(longer.options) == {"period": expected}


def test_there_is_no_period_longer_than_the_curve_and_none_of_a_table() -> None:
    source = FrameSource(("u", "d", "e"))
    recipe = Recipe(
        source,
        Statistic.SURVIVAL,
        TEN.reference,
        value="d",
        unit=("u",),
        others=("e",),
        options=(("period", "12"), ("until", "23")),
    )
    assert longer_period(recipe) is None
    assert longer_period(Recipe(source, Statistic.COUNT, TEN.reference, unit=("u",))) is None


# ---------------------------------------------------------------------------------------------------- what is refused


def test_negative_durations_missing_and_unknown_events_are_refused() -> None:
    frame = spells([(1, 20, 20)])
    for bad in (
        frame.assign(months=-1),
        frame.assign(ended=np.array([np.nan, *[1.0] * 39])),
        frame.assign(ended=2),
        frame.assign(ended=0.5),
        frame.assign(ended="yes"),
    ):
        with pytest.raises(ColumnError):
            curve(bad)
    with pytest.raises(ColumnError):
        curve(frame.assign(ended=10), statistic="cumulative_incidence")
    with pytest.raises(DataError):
        curve(frame.assign(months=None, ended=1).astype({"months": float}))


def test_units_without_a_duration_are_not_counted() -> None:
    frame = spells([(1, 20, 0), (2, 20, 0)])
    short = pd.concat([frame, pd.DataFrame({UNIT: range(100, 110), "group": "a", "months": None, "ended": None})])
    assert shown(curve(short)) == shown(curve(frame))


def test_weights_delayed_entry_and_options_without_sense_are_refused() -> None:
    frame = spells([(1, 20, 0)]).assign(entry=0, weight=1.0)
    with pytest.raises(RecipeError, match="weights"):
        curve(frame, weights="weight", codebook=codebook(weights=("weight",)))
    for others in ((), ("ended", "entry")):
        with pytest.raises(RecipeError, match="event"):
            curve(frame, others=others)
    for options in ({"period": 0}, {"period": "-1"}, {"until": "x"}, {"period": 12, "until": 6}, {"period": 0.1234567}):
        with pytest.raises(RecipeError):
            curve(frame, **options)
    with pytest.raises(RecipeError, match="longer period"):
        curve(frame.assign(months=10**6), period="0.01")


def test_a_unit_column_is_no_event_and_a_missing_unit_no_curve() -> None:
    frame = spells([(1, 20, 0)])
    assert status(sdc.survival(frame, duration="months", event="ended", policy="cbs")) is Status.INCONCLUSIVE
    assert status(curve(frame.assign(unit=None))) is Status.INCONCLUSIVE
    with pytest.raises(RecipeError):
        curve(frame, others=(UNIT,))


def test_an_unknown_kind_and_an_absent_column_are_bad_input() -> None:
    frame = spells([(1, 20, 0)])
    with pytest.raises(BadInputError, match="kind"):
        sdc.survival(frame, duration="months", event="ended", unit=UNIT, kind="weibull")
    with pytest.raises(BadInputError):
        sdc.survival(frame, duration="days", event="ended", unit=UNIT)
    with pytest.raises(BadInputError):
        sdc.survival(frame, duration="months", event=["ended"], unit=UNIT)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------------------- the figures themselves


def simulated(size: int = 4000, causes: int = 1, seed: int = 11) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    months = generator.integers(1, 37, size) if causes > 1 else generator.integers(0, 37, size)
    ended = generator.integers(0, causes + 1, size)
    return pd.DataFrame(
        {UNIT: range(size), "group": generator.choice(["a", "b"], size), "months": months, "ended": ended}
    )


def test_kaplan_meier_and_its_life_table_are_those_of_lifelines() -> None:
    frame = simulated()
    table = curve(frame, rows=["group"])
    assert status(table) is Status.SAFE
    for label in ("a", "b"):
        own = frame[frame.group == label]
        fitted = KaplanMeierFitter().fit(own.months, own.ended)
        for time, figure in figures(table, "survival", f"group={label}").items():
            assert float(figure or "nan") == pytest.approx(fitted.predict(float(time)), abs=1e-6)
        events = fitted.event_table
        for ours, theirs in (("at_risk", "at_risk"), ("exits", "observed"), ("censored", "censored")):
            found = figures(table, ours, f"group={label}")
            assert {float(time): int(figure or -1) for time, figure in found.items()} == events[theirs].to_dict()


def test_cumulative_incidence_is_that_of_aalen_and_johansen_in_lifelines() -> None:
    frame = simulated(causes=2)
    table = curve(frame, statistic="cumulative_incidence")
    assert status(table) is Status.SAFE
    for cause in (1, 2):
        fitted = AalenJohansenFitter(calculate_variance=False)
        fitted.fit(frame.months, frame.ended, event_of_interest=cause)
        for time, figure in figures(table, f"incidence_{cause}").items():
            assert float(figure or "nan") == pytest.approx(float(fitted.predict(float(time))), abs=1e-6)


def test_the_counts_of_intervals_are_those_of_lifelines_and_survival_is_the_actuarial_estimate() -> None:
    frame = simulated()
    table = curve(frame, period=6)
    grouped = frame.assign(months=np.maximum(-(-frame.months // 6), 1))
    events = KaplanMeierFitter().fit(grouped.months, grouped.ended).event_table.iloc[1:]
    staying = 1.0
    for row, time in zip(events.itertuples(), range(6, 42, 6), strict=True):
        staying *= 1 - row.observed / (row.at_risk - row.censored / 2)
        found = {name: figures(table, name)[str(time)] for name in ("at_risk", "exits", "censored", "survival")}
        assert (found["at_risk"], found["exits"], found["censored"]) == tuple(
            str(int(one)) for one in (row.at_risk, row.observed, row.censored)
        )
        assert float(found["survival"] or "nan") == pytest.approx(staying, abs=1e-6)


def test_incidence_of_all_causes_and_survival_make_one() -> None:
    frame = simulated(causes=3)
    causes = curve(frame, statistic="cumulative_incidence", period=6)
    survival = curve(frame.assign(ended=np.minimum(frame.ended, 1)), period=6)
    for time, staying in figures(survival, "survival").items():
        parts = [figures(causes, f"incidence_{cause}")[time] for cause in (1, 2, 3)]
        assert sum(float(one or "nan") for one in (*parts, staying)) == pytest.approx(1, abs=3e-6)


def test_after_a_group_has_left_it_shows_nobody_at_risk_and_no_survival() -> None:
    groups: dict[str, Steps] = {"a": [(1, 10, 10)], "b": [(1, 10, 10), (2, 10, 10)]}
    table = curve(spells(groups), rows=["group"])
    assert status(table) is Status.SAFE
    assert figures(table, "at_risk", "group=a")["2"] == "0"
    assert figures(table, "survival", "group=a")["2"] == "no_value"


def slow(
    frame: pd.DataFrame, period: int | None
) -> tuple[dict[str, tuple[int, int, int, Fraction]], set[str], set[str]]:
    """Return the life table, the times with too few at risk, and those with a single exit, unit by unit."""
    people = list(zip(frame.months.tolist(), frame.ended.tolist(), strict=True))
    if period is None:
        starts = sorted({0} | {time for time, ended in people if ended})
        inside = [range(start, end) for start, end in itertools.pairwise([*starts, 10**9])]
    else:
        number = max(1, *(-(-time // period) for time, _ in people))
        starts = [period * place for place in range(1, number + 1)]
        inside = [range(end - period + 1 if end > period else 0, end + 1) for end in starts]
    found, few, single, staying, n = {}, set(), set(), Fraction(1), len(people)
    for start, within in zip(starts, inside, strict=True):
        exits = sum(1 for time, ended in people if ended and time in within)
        censored = sum(1 for time, ended in people if not ended and time in within)
        exposed = Fraction(2 * n - censored, 2) if period else Fraction(n)
        staying = staying * (1 - Fraction(exits) / exposed) if n else staying
        found[str(start)] = (n, exits, censored, staying)
        left = n - exits - censored
        if 0 < n < 3 or 0 < left < 3:
            few.add(str(start))
        if exits == 1 or censored == 1:
            single.add(str(start))
        n = left
    return found, few, single


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=1, max_size=40),
    period=st.sampled_from([None, 1, 2, 5]),
)
def test_a_slow_life_table_agrees_on_random_units(people: list[tuple[int, int]], period: int | None) -> None:
    frame = pd.DataFrame(people, columns=["months", "ended"]).assign(unit=range(len(people)))
    expected, few, single = slow(frame, period)
    lengths: dict[str, Any] = {} if period is None else {"period": period}
    table = curve(frame, policy(minimum_units=3, minimum_at_risk=3), **lengths)
    assert (times(table, AT_RISK), times(table, SINGLE)) == (few, single)
    assert table.evidence is not None
    exact = dict(zip(map(str, table.evidence.cells()), table.figures, strict=True))
    for time, (n, exits, censored, staying) in expected.items():
        own = {name: exact[f"time={time}, figure={name}"] for name in ("at_risk", "exits", "censored", "survival")}
        assert (own["at_risk"], own["exits"], own["censored"]) == (str(n), str(exits), str(censored))
        assert (own["survival"] is None) is (n == 0)
        if n:
            assert float(own["survival"] or "nan") == pytest.approx(float(staying), abs=6e-7)


@pytest.mark.parametrize("options", [{}, {"period": 6}, {"period": 6, "until": 20}])
def test_order_types_and_threads_change_no_byte(options: dict[str, Any]) -> None:
    frame = simulated(600)
    others = (
        frame.sample(frac=1, random_state=3),
        frame.astype({"months": float, "ended": bool}),
        frame.astype({"months": "int16", "ended": "Int8", UNIT: str, "group": "category"}),
    )
    table = curve(frame, rows=["group"], **options)
    for other in others:
        again = curve(other, rows=["group"], **options)
        assert (to_json(again), to_csv(again), times(again)) == (to_json(table), to_csv(table), times(table))
    assert to_json(curve(frame, rows=["group"], threads=1, **options)) == to_json(table)


@pytest.mark.parametrize("statistic", ["survival", "cumulative_incidence"])
@pytest.mark.parametrize("suppressed", [False, True])
def test_the_control_zone_judges_the_evidence_in_a_document_the_same(statistic: str, suppressed: bool) -> None:
    frame = spells({"a": [(5, 20, 3), (15, 20, 0), (25, 1, 0)], "b": [(5, 20, 20), (15, 10, 10)]})
    table = curve(frame, rows=["group"], period=10, statistic=statistic)
    assert table.evidence is not None
    again = evidence_from_bytes(evidence_to_bytes(table.evidence))
    recipe = Recipe(**{**vars(table.recipe), "suppressed": suppressed})
    there = judged(recipe, Tabulated(again, Knowledge(), (), None, across_rows=True), TEN)
    here = curve(frame, rows=["group"], period=10, statistic=statistic, suppressed=suppressed)
    assert (to_json(there), there.verdict.status) == (to_json(here), here.verdict.status)


def test_the_researchers_function_gives_the_table_of_the_recipe() -> None:
    frame = simulated(600)
    out = sdc.survival(frame, duration="months", event="ended", by="group", unit=UNIT, period=6, until=30)
    assert out.recipe.statistic is Statistic.SURVIVAL
    assert dict(out.recipe.options) == {"period": "6", "until": "30"}
    table = judge(
        frame,
        load_policy("cbs"),
        statistic="survival",
        values="months",
        rows=["group"],
        others=("ended",),
        options=(("period", "6"), ("until", "30")),
    )
    assert to_json(out.table) == to_json(table)
    incidence = sdc.survival(frame, duration="months", event="ended", unit=UNIT, period=6, kind="cumulative_incidence")
    assert incidence.recipe.statistic is Statistic.CUMULATIVE_INCIDENCE
    assert "incidence" in incidence.to_pandas().columns


# ------------------------------------------------------------------------------------------------- everybody leaves
EVERYBODY = RuleName.GROUP_DISCLOSURE


@pytest.mark.parametrize(("exits", "fails"), [(45, False), (46, True), (50, True)])
def test_nearly_everybody_leaving_by_a_time_is_group_disclosure(exits: int, fails: bool) -> None:
    by = policy(group_disclosure=90)
    at_once = curve(spells([(1, exits, 50 - exits)]), by)
    assert times(at_once, EVERYBODY) == ({"1"} if fails else set())
    half = exits // 2
    in_two = curve(spells([(1, half, 0), (2, exits - half, 50 - exits)]), by)
    assert times(in_two, EVERYBODY) == ({"2"} if fails else set())
    assert status(curve(spells([(1, exits, 50 - exits)]), policy(group_disclosure="off"))) is Status.SAFE


@pytest.mark.parametrize(("exits", "fails"), [(18, False), (19, True)])
def test_so_is_nearly_everybody_of_those_who_stayed_leaving_at_a_time(exits: int, fails: bool) -> None:
    table = curve(spells([(1, 10, 60), (2, exits, 20 - exits)]), policy(group_disclosure=90))
    assert times(table, EVERYBODY) == ({"2"} if fails else set())


def test_each_group_and_each_cause_is_judged_by_itself() -> None:
    frame = spells({"all": [(1, 12, 0)], "some": [(1, 20, 20), (2, 20, 20)]})
    two = frame.assign(ended=frame.ended * np.where((frame.group == "all") | (frame.index % 2 == 0), 2, 1))
    table = curve(frame, policy(group_disclosure=90), rows=["group"], period=1)
    every = ("at_risk", "exits", "censored", "survival")
    assert failures(table, EVERYBODY) == {f"group=all, time={time}, figure={one}" for time in (1, 2) for one in every}
    asked: dict[str, Any] = {"statistic": "cumulative_incidence", "rows": ["group"], "period": 1}
    found = failures(curve(two, policy(group_disclosure=90), **asked), EVERYBODY)
    assert {cell.split(", figure")[0] for cell in found} == {"group=all, time=1", "group=all, time=2"}


@pytest.mark.parametrize(("exits", "fails"), [(10, False), (9, True), (0, True)])
def test_nearly_everybody_staying_to_the_end_is_group_disclosure_as_it_is_as_a_rate(exits: int, fails: bool) -> None:
    frame = spells([(1, 0, 20), (2, exits, 0), (3, 0, 80 - exits)])
    by = policy(group_disclosure=90)
    table = curve(frame, by, period=1)
    # Up to an earlier time even more have stayed, so nothing of the curve is left.
    assert times(table, EVERYBODY) == ({"1", "2", "3"} if fails else set())
    rate = judge(frame, by, statistic="rate", values="ended", rows=[])
    assert status(rate) is status(table) is (Status.UNSAFE if fails else Status.SAFE)


def test_that_nearly_everybody_stays_at_first_is_how_a_curve_begins() -> None:
    frame = spells([(1, 2, 0), (2, 48, 50)])
    assert status(curve(frame, policy(group_disclosure=90))) is Status.SAFE
    assert times(curve(frame, policy(group_disclosure=90), until=1), EVERYBODY) == {"0", "1"}


def test_one_group_of_which_everybody_stays_fails_beside_another() -> None:
    frame = spells({"none": [(40, 0, 241)], "half": [(12, 60, 10), (24, 60, 10), (40, 0, 100)]})
    table = curve(frame, policy(group_disclosure=90), rows=["group"], period=12)
    assert {cell.split(",")[0] for cell in failures(table, EVERYBODY)} == {"group=none"}
    assert len(times(table, EVERYBODY)) == 4


@pytest.mark.parametrize(("other", "fails"), [(4, False), (3, True), (0, True)])
def test_nearly_all_who_leave_doing_so_by_one_of_two_causes_is_group_disclosure(other: int, fails: bool) -> None:
    frame = spells({"a": [(1, 40, 40)], "b": [(1, 40, 40)]})
    frame.loc[frame.index[:other], "ended"] = 2
    frame.loc[frame.index[80:100], "ended"] = 2
    table = curve(frame, policy(group_disclosure=90), rows=["group"], statistic="cumulative_incidence", period=1)
    assert {cell.split(",")[0] for cell in failures(table, EVERYBODY)} == ({"group=a"} if fails else set())


def test_a_category_of_the_event_that_is_not_disclosive_fails_where_everybody_is_in_it() -> None:
    book, by = codebook(Column("ended", not_disclosive=("0",))), policy(group_disclosure=90)
    assert status(curve(spells([(1, 2, 0), (2, 0, 98)]), by, codebook=book)) is Status.SAFE
    assert status(curve(spells([(1, 0, 10), (2, 0, 98)]), by, codebook=book)) is Status.UNSAFE


def test_an_event_that_everybody_sees_is_no_disclosure() -> None:
    assert status(curve(spells([(1, 50, 0)]), policy(group_disclosure=90), codebook=coarse("ended"))) is Status.SAFE
