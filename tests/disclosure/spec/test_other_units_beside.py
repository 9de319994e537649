"""Outputs that count different units, such as persons and households, go together unless few are told of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines import cells_beside, rows_beside
from disclosure.engines import joined as rows_joined
from disclosure.engines.joined import Joined, joined
from disclosure.engines.placed import Placed
from disclosure.engines.rows_beside import compared
from disclosure.errors import RefusedError
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from disclosure.policy import load_policy, policy_from_bytes
from tests.disclosure.beside import go_together
from tests.disclosure.support import ABSENT, policy_toml

TOLD: dict[str, str] = {"title": "Households", "population": "everybody"}
PERSON: dict[str, Any] = {"unit": "person", "policy": "cbs"}
HOME: dict[str, Any] = {"unit": "home", "policy": "cbs"}
BY_HOME: dict[str, Any] = {**PERSON, "other_units": ["home"]}
BY_PERSON: dict[str, Any] = {**HOME, "other_units": ["person"]}
SUM: dict[str, Any] = {"values": "income", "statistic": "sum"}
ONE = 20
"""A person, and a home of its own where everybody lives alone."""


def people(size: int = 1, homes: int = 600) -> pd.DataFrame:
    """Return persons of homes of so many, each home in one of three wijken."""
    chance = np.random.default_rng(11)
    home = np.repeat(np.arange(homes), size)
    frame = pd.DataFrame({"person": [f"p{one}" for one in range(len(home))], "home": [f"h{one}" for one in home]})
    frame["wijk"] = np.array(["28", "29", "30"])[home % 3]
    frame["sex"] = np.where(np.arange(len(home)) % 2 == 0, "f", "m")
    frame["poor"] = (home // 5 % 3 == 0).astype(int)
    frame["income"] = np.round(chance.lognormal(10, 0.5, len(home)))
    return frame


def out_of(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **{"rows": "wijk", **asked})
    assert isinstance(out, Output)
    if out.verdict.status is Status.UNSAFE:
        out = out.apply(next(one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS))
    assert out.verdict.status is Status.SAFE
    return out


def goes_beside(first: Output, then: Output) -> bool:
    return go_together(first, then, reason="")  # without a key the reason is another one


def without(frame: pd.DataFrame, homes: int = 1) -> pd.DataFrame:
    """Return the rows but those of so many homes of one wijk."""
    gone = frame.home.drop_duplicates()[frame.wijk == frame.wijk.iloc[0]].iloc[3 : 3 + homes]
    return frame[~frame.home.isin(gone)]


KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "counts": ({}, {}),
    "counts by a column": ({"columns": "poor"}, {"columns": "poor"}),
    "sums": ({**SUM, "holding": "home"}, {**SUM, "holding": "person"}),
}


# ------------------------------------------------------------------------------------------- both have a key in common


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("homes", "goes"), [(0, True), (1, False), (9, False), (30, True)])
def test_where_everybody_lives_alone_households_are_compared_as_persons_are(
    kind: str, homes: int, *, goes: bool
) -> None:
    persons, of_homes = KINDS[kind]
    frame = people()
    first, then = out_of(frame, **BY_HOME, **persons), out_of(without(frame, homes), **BY_PERSON, **of_homes)
    assert goes_beside(first, then) is goes


@pytest.mark.parametrize(("homes", "goes"), [(0, True), (1, False), (30, True)])
def test_of_larger_households_a_difference_of_two_sums_is_compared(homes: int, *, goes: bool) -> None:
    persons, of_homes = KINDS["sums"]
    frame = people(3)
    first, then = out_of(frame, **BY_HOME, **persons), out_of(without(frame, homes), **BY_PERSON, **of_homes)
    assert goes_beside(first, then) is goes


def test_sums_by_other_dimensions_are_compared_by_household() -> None:
    persons, of_homes = KINDS["sums"]
    frame = people(3)
    moved = frame.assign(wijk=frame.wijk.where(frame.home != "h30", "29"))
    first = out_of(frame, columns="sex", **BY_HOME, **persons)
    assert goes_beside(first, out_of(frame.rename(columns={"wijk": "area"}), rows="area", **BY_PERSON, **of_homes))
    then = out_of(moved.rename(columns={"wijk": "area"}), rows="area", **BY_PERSON, **of_homes)
    assert not goes_beside(first, then)


def test_how_many_persons_there_are_tells_nothing_of_few_households() -> None:
    frame = people(3)
    assert goes_beside(out_of(frame, **BY_HOME), out_of(without(frame), **BY_PERSON))


def test_a_household_of_two_in_a_cell_does_not_tell_who_is_left_out() -> None:
    """Some cells have one of most homes and two of a few: what is left out is made up for."""
    frame = people()
    twins = frame[frame.wijk == "28"].head(5).assign(person=lambda some: "q" + some.person)
    both = pd.concat([frame, twins], ignore_index=True)
    assert goes_beside(out_of(both, **BY_HOME), out_of(both, **BY_PERSON))
    assert not goes_beside(out_of(both, **BY_HOME), out_of(without(both, 2), **BY_PERSON))


def test_rates_of_persons_go_beside_rates_of_households() -> None:
    frame = people(2)
    rate: dict[str, Any] = {"values": "poor", "statistic": "rate"}
    assert goes_beside(out_of(frame, **BY_HOME, **rate), out_of(frame, **BY_PERSON, **rate))


def test_a_margin_of_households_gives_away_persons_that_are_withheld() -> None:
    few = people()
    few["wijk"] = few.wijk.where(~few.home.isin(["h3", "h6", "h9"]), "31")
    assert not goes_beside(out_of(few, **BY_HOME), out_of(few, rows=(), **BY_PERSON))
    families = people(3)
    families["wijk"] = families.wijk.where(~families.home.isin(["h3", "h6", "h9"]), "31")
    assert goes_beside(out_of(families, **BY_HOME), out_of(families, rows=(), **BY_PERSON))


def test_a_key_of_several_columns_is_compared_by_the_one_that_both_have() -> None:
    frame = people()
    both = out_of(without(frame), unit=["person", "home"], policy="cbs", **SUM)
    assert not goes_beside(out_of(frame, **PERSON, **SUM), both)
    assert goes_beside(out_of(frame, **PERSON, **SUM), out_of(frame, unit=["person", "home"], policy="cbs", **SUM))


# --------------------------------------------------------------------------------------------- nobody knows who is who


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("homes", "goes"), [(0, True), (1, False), (9, False), (60, True)])
def test_without_a_key_cells_that_may_be_the_same_but_for_few_do_not_go_together(
    kind: str, homes: int, *, goes: bool
) -> None:
    asked = {name: value for name, value in KINDS[kind][0].items() if name != "holding"}
    frame = people()
    first, then = out_of(frame, **PERSON, **asked), out_of(without(frame, homes), **HOME, **asked)
    assert goes_beside(first, then) is goes


def test_it_is_said_that_they_were_not_compared_and_what_helps() -> None:
    frame = people()
    basket = Basket()
    basket.add(out_of(frame, **PERSON), name="one", **TOLD)
    with pytest.raises(RefusedError, match="count different units") as refused:
        basket.add(out_of(without(frame), **HOME), name="other", **TOLD)
    assert "other_units=" in str(refused.value)


def test_naming_the_key_helps_where_the_households_are_others() -> None:
    frame = people()
    others = without(frame).assign(home=lambda one: "x" + one.home)
    assert not goes_beside(out_of(frame, **PERSON), out_of(others, **HOME))
    assert goes_beside(out_of(frame, **BY_HOME), out_of(others, **HOME))


@pytest.mark.parametrize("columns", [(), "sex"])
def test_households_under_another_label_are_found_by_their_labels(columns: Any) -> None:
    other = without(people()).rename(columns={"wijk": "area"})
    assert not goes_beside(out_of(people(), columns=columns, **PERSON), out_of(other, rows="area", **HOME))


def test_a_part_of_one_output_beside_a_whole_one_is_found_if_all_of_it_is_close() -> None:
    frame = people()
    only = frame[frame.poor == 1]
    assert not goes_beside(out_of(frame, columns="poor", **PERSON), out_of(without(only), **HOME))


def test_numbers_that_are_keys_of_both_may_be_of_one_unit() -> None:
    frame = people()
    renamed = frame.rename(columns={"person": "somebody"})
    # Of the persons left out those of another wijk make up for one: no figure is close, and the rows tell.
    assert not goes_beside(out_of(frame, **PERSON), out_of(without(renamed), unit="somebody", policy="cbs"))
    assert goes_beside(out_of(frame, **PERSON), out_of(renamed, unit="somebody", policy="cbs"))


ORDINARY: dict[str, tuple[str, dict[str, Any]]] = {
    "persons": ("person", {}),
    "persons by sex": ("person", {"columns": "sex"}),
    "income of persons": ("person", {**SUM, "statistic": "mean"}),
    "poor persons": ("person", {"values": "poor", "statistic": "rate"}),
    "homes": ("home", {}),
    "homes by poverty": ("home", {"columns": "poor"}),
    "income of homes": ("home", {"values": "all", "statistic": "mean"}),
    "poor homes": ("home", {"values": "poor", "statistic": "rate"}),
}


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("numbers", [True, False])
def test_ordinary_tables_of_persons_and_of_households_go_into_one_basket(keyed: bool, numbers: bool) -> None:
    frame = people(2, 900)
    frame = frame.drop(index=frame.index[frame.person.str[1:].astype(int) % 8 == 1])  # a quarter lives alone
    homes = frame.drop_duplicates("home").assign(all=lambda one: one.home.map(frame.groupby("home").income.sum()))
    if numbers:
        frame, homes = (one.assign(home=one.home.str[1:].astype(int)) for one in (frame, homes))
        frame = frame.assign(person=frame.person.str[1:].astype(int))
    basket = Basket()
    for place, (unit, asked) in enumerate(ORDINARY.values()):
        of_persons = unit == "person"
        told = {**(BY_HOME if keyed else PERSON)} if of_persons else HOME
        basket.add(out_of(frame if of_persons else homes, **told, **asked), name=f"o{place}", **TOLD)
    assert len(basket) == len(ORDINARY)


# ------------------------------------------------------------------------------------------------- what nobody can say


def test_a_policy_without_a_minimum_compares_nothing_and_says_so() -> None:
    one, other = (placed_at_hand(out_of(people(), **PERSON)) for _ in range(2))
    assert one is not None
    assert other is not None
    assert compared(one, other, load_policy("cbs")).nothing
    none = policy_from_bytes(policy_toml(minimum_units=ABSENT).encode(), "camp")
    beside = compared(one, other, none)
    assert beside.unknown is not None
    assert "minimum" in str(beside.unknown)
    assert not beside.nothing


def test_rows_are_put_beside_each_other_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counting(one: Placed, other: Placed) -> Joined:
        made.append(one)
        return joined(one, other)

    for module in (rows_beside, cells_beside, rows_joined):
        monkeypatch.setattr(module, "joined", counting)
    one, other = (placed_at_hand(out_of(frame, **PERSON, **SUM)) for frame in (people(), without(people(), 60)))
    assert one is not None
    assert other is not None
    rows_beside.compared(one, other, load_policy("cbs"))
    assert len(made) == 1
