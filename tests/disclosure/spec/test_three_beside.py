"""Three outputs tell of few units where a cell of one is made up of a cell of each of the others but for these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines import three_beside as module
from disclosure.engines.three_beside import doubts_of_three, three_beside
from disclosure.engines.three_values import three_values
from disclosure.errors import DataError, RefusedError
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from tests.disclosure.beside import TOLD
from tests.disclosure.support import UNIT

N, MINIMUM = 900, 10
COUNT: dict[str, Any] = {}
SUM: dict[str, Any] = {"values": "income", "statistic": "sum"}
MEAN: dict[str, Any] = {"values": "income", "statistic": "mean"}


def people(eighteen: int = 3) -> pd.DataFrame:
    """Return persons of whom so many of each district are 18, the others of them being younger or older."""
    chance = np.random.default_rng(4)
    frame = pd.DataFrame({UNIT: range(N), "wijk": np.array(["28", "29", "30"])[np.arange(N) % 3]})
    frame["age"] = np.where(np.arange(N) % 2 == 0, 10, 40)
    frame.loc[: 3 * eighteen - 1, "age"] = 18
    frame["income"] = np.round(chance.lognormal(10.1, 0.4, N))
    return frame


def out_of(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **{"rows": "wijk", "unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


def three(frame: pd.DataFrame, asked: dict[str, Any], *, older: int = 19) -> dict[str, Output]:
    young, old = frame[frame.age < 18], frame[frame.age >= older]
    return {name: out_of(rows, **asked) for name, rows in (("all", frame), ("old", old), ("young", young))}


def told(outs: dict[str, Output], **asked: Any) -> bool:
    sides = {name: side for name, out in outs.items() if (side := placed_at_hand(out)) is not None}
    return any(three_beside(sides, MINIMUM, **asked))


def taken(outs: dict[str, Output]) -> int:
    """Return how many of the outputs a basket takes in this order; what it does not take it refuses for this reason."""
    basket = Basket()
    for name, out in outs.items():
        try:
            basket.add(out, name=name, **TOLD)
        except RefusedError as error:
            assert "the three tell of few units" in error.message  # noqa: PT017 - the others are taken
    return len(basket)


@pytest.mark.parametrize("asked", [COUNT, SUM, MEAN], ids=["count", "sum", "mean"])
def test_all_those_under_18_and_those_of_19_and_over_tell_who_is_18(asked: dict[str, Any]) -> None:
    outs = three(people(), asked)
    for order in (("all", "old", "young"), ("young", "old", "all"), ("old", "all", "young")):
        assert taken({name: outs[name] for name in order}) == 2
    assert taken(three(people(), asked, older=18)) == 3


@pytest.mark.parametrize(("eighteen", "expected"), [(0, False), (1, True), (9, True), (10, False)])
def test_fewer_than_the_minimum_are_few(eighteen: int, *, expected: bool) -> None:
    """In no district and in none of the three together are there few, if there are ten in each."""
    assert told(three(people(eighteen), {**COUNT, "rows": "wijk"})) is expected


def test_those_who_are_in_both_parts_are_few_as_well_but_not_where_others_are_in_none() -> None:
    frame = people(0)
    first = frame[frame.age < 18]
    parts = {"both": frame[(frame.age >= 18) | (frame[UNIT] < 6)], "none": frame[(frame.age >= 18) & (frame[UNIT] > 6)]}
    for rows in parts.values():
        assert told({"all": out_of(frame), "first": out_of(first), "last": out_of(rows)})
    # One more and one less: the counts do not say that there is anybody. The totals say what the two have.
    mixed = frame[((frame.age >= 18) & (frame[UNIT] != 3)) | (frame[UNIT] == 0)]
    for asked, expected in ((COUNT, False), (SUM, True)):
        outs = {name: out_of(rows, **asked) for name, rows in (("all", frame), ("first", first), ("last", mixed))}
        assert told(outs) is expected


@pytest.mark.parametrize(("besides", "expected"), [(1, True), (5, True), (9, True), (10, False)])
def test_those_whom_both_parts_have_and_the_whole_has_not_are_counted_once(besides: int, *, expected: bool) -> None:
    """The two counts together are larger by twice as many, whom whoever adds up halves."""
    frame = people(0)
    others = frame[UNIT] < besides
    rows = {"all": frame[~others], "old": frame[(frame.age > 18) | others], "young": frame[(frame.age < 18) | others]}
    assert told({name: out_of(each, rows=()) for name, each in rows.items()}) is expected


def test_where_more_is_told_than_is_listed_the_three_do_not_go_together_whatever_they_withhold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outs = three(people(3), COUNT)
    elsewhere = people(0).assign(wijk=np.where(np.arange(N) < 9, "a", np.where(np.arange(N) % 5 < 2, "b", "c")))
    whole = sdc.table(elsewhere, rows="wijk", unit=UNIT, policy="cbs")
    withheld = next(one for each in whole.remedies() if (one := whole.apply(each)).recipe.suppressed).table
    sides = {name: side for name, out in outs.items() if (side := placed_at_hand(out)) is not None}
    listed = sum(1 for _ in three_beside(sides, MINIMUM))
    assert listed == 4  # three districts and all together
    for most, anything in ((listed + 1, False), (listed, True), (1, True)):
        monkeypatch.setattr(module, "MOST_FOUND", most)
        ((doubt,),) = doubts_of_three(sides, MINIMUM).values()
        assert len(list(three_beside(sides, MINIMUM))) == min(most, listed)
        # Two tables that show some cells, and none of those that are listed.
        assert doubt.pairs.told(withheld, withheld) is anything


def test_three_rates_tell_who_is_in_neither_of_two_groups_and_in_both_together() -> None:
    frame = people(0)
    frame["a"], frame["b"] = (frame[UNIT] % 5 == 0).astype(int), (frame[UNIT] % 5 == 1).astype(int)
    frame["either"] = frame.a | frame.b
    more = frame.assign(either=frame.either.where(frame[UNIT] != 2, 1))
    for rows, expected in ((frame, 3), (more, 2)):
        for statistic in ("rate", "sum"):
            assert (
                taken({name: out_of(rows, values=name, statistic=statistic) for name in ("a", "b", "either")})
                == expected
            )


def test_a_margin_that_is_withheld_is_not_seen_and_another_unit_is_not_compared() -> None:
    frame = people(1)
    frame["area"] = np.where(np.arange(N) < 9, "b", np.where(np.arange(N) % 5 < 2, "a", "c"))
    parts = {name: out_of(rows, rows=()) for name, rows in (("y", frame[frame.age < 18]), ("z", frame[frame.age > 18]))}
    whole = sdc.table(frame, rows="area", unit=UNIT, policy="cbs")
    hidden = whole.apply(next(one for one in whole.remedies() if whole.apply(one).recipe.suppressed))
    assert told({"all": out_of(frame), **parts})
    assert not told({"all": hidden, **parts})
    assert not told({"all": out_of(frame.rename(columns={UNIT: "home"}), unit="home"), **parts})


def test_it_is_asked_of_an_output_and_each_two_others_and_named_of_the_last_two() -> None:
    outs = three(people(), COUNT)
    sides = {name: side for name, out in outs.items() if (side := placed_at_hand(out)) is not None}
    more = {**sides, "again": sides["all"]}
    assert told(outs, among="old")
    assert not told({**outs, "some": out_of(people().head(600))}, among="some")
    doubts = doubts_of_three(more, MINIMUM)
    assert set(doubts) == {("old", "young")}
    assert {dict(one.why.names)["third"] for one in doubts["old", "young"]} == {"all", "again"}
    assert set(doubts_of_three(sides, MINIMUM, among="all")) == {("all", "young")}


def test_persons_with_several_rows_count_once() -> None:
    frame = people()
    rows = pd.concat([frame, frame[frame.age < 18]])
    assert told(three(rows, COUNT))
    assert not told(three(rows, COUNT, older=18))


def test_outputs_that_meet_too_often_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 0)
    with pytest.raises(DataError, match="too many cells"):
        told(three(people(), COUNT))


def parts(besides: int) -> pd.DataFrame:
    """Return persons with wages and benefits, and an income that so many of each district have something besides in."""
    chance, frame = np.random.default_rng(7), people(0)
    frame["wages"], frame["benefits"] = np.round(chance.lognormal(10, 0.3, N)), np.round(chance.lognormal(8, 0.3, N))
    own = np.where(np.arange(N) < 3 * besides, np.round(chance.lognormal(9, 0.3, N)), 0)
    return frame.assign(income=frame.wages + frame.benefits + own)


@pytest.mark.parametrize(("besides", "expected"), [(0, 3), (1, 2), (9, 2), (10, 3)])
@pytest.mark.parametrize("statistics", [("sum", "sum", "sum"), ("mean", "sum", "mean")])
def test_a_value_that_is_two_others_but_for_few_units_does_not_go_with_both(
    besides: int, expected: int, statistics: tuple[str, ...]
) -> None:
    frame = parts(besides)
    names = ("income", "wages", "benefits")
    asked = zip(names, statistics, strict=True)
    assert taken({name: out_of(frame, values=name, statistic=statistic) for name, statistic in asked}) == expected


def test_of_three_values_figures_that_are_no_totals_are_not_asked_nor_what_only_one_category_has() -> None:
    frame = parts(3)
    outs = {name: out_of(frame, values=name, statistic="sum") for name in ("benefits", "income", "wages")}
    sides = {name: side for name, out in outs.items() if (side := placed_at_hand(out)) is not None}
    assert set(three_values(sides, MINIMUM)) == {("benefits", "income", "wages")}
    assert set(three_values(sides, MINIMUM, among="income")) == {("benefits", "income", "wages")}
    assert set(doubts_of_three(sides, MINIMUM)) == {("income", "wages")}
    median = placed_at_hand(out_of(frame, values="income", statistic="median"))
    assert median is not None
    assert not set(three_values({**sides, "income": median}, MINIMUM))
    only = frame.assign(income=frame.income.where(frame.wijk == "28", frame.income * 2 + frame.age))
    other = placed_at_hand(out_of(only, values="income", statistic="sum"))
    assert other is not None
    assert not set(three_values({**sides, "income": other}, MINIMUM))


def slow(sets: list[frozenset[int]], minimum: int) -> set[tuple[int, int, int]]:
    """Return which set is which two others together but for few, counted as whoever adds up counts would."""
    found = set()
    for whole, part, other in (
        (a, b, c) for a in range(3) for b in range(3) for c in range(b + 1, 3) if a not in (b, c)
    ):
        everybody = sets[whole] | sets[part] | sets[other]
        apart = [(unit in sets[part]) + (unit in sets[other]) - (unit in sets[whole]) for unit in everybody]
        either = sum(map(bool, apart))
        if 0 < either < minimum and 2 * either <= len(sets[whole]) and (min(apart) >= 0 or max(apart) <= 0):
            found.add((whole, part, other))
    return found


def test_it_says_what_adding_up_unit_by_unit_says() -> None:
    everybody = placed_at_hand(out_of(people().head(60), rows=()))
    assert everybody is not None
    chance, seen = np.random.default_rng(6), set()
    for turn in range(300):
        whole, few, border = chance.random(60) < 0.8, chance.random(60) < 0.03, np.arange(60) < chance.integers(10, 50)
        # In every third turn those who are few are in both parts, whether they are in the whole or not.
        both = few if turn % 3 == 0 else np.zeros(60, dtype=np.bool_)
        parts = (whole & border) ^ (few & (chance.random() < 0.5)) | both, whole & ~border & ~few | both
        masks = (whole, *parts)
        expected = slow([frozenset(np.flatnonzero(mask).tolist()) for mask in masks], 4)
        sides = {str(name): everybody.some(mask) for name, mask in enumerate(masks)}
        found = {tuple(int(cell.output) for cell in each) for each in three_beside(sides, 4)}
        assert {(first, *sorted(rest)) for first, *rest in found} == expected
        seen.add(bool(expected))
    assert seen == {False, True}
