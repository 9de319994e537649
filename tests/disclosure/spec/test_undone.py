"""A table that withholds cells does not go with another one of the same figures that gives them away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import RefusedError
from disclosure.model.lineage import Derivation, Lineage
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.output import Output
from disclosure.protection.undone import Shown, sources_of, undone
from tests.disclosure.support import UNIT

TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}


def people(**sizes: int) -> pd.DataFrame:
    """Persons by area, one row each, with an income and a column of sexes."""
    areas = [area for area, n in sizes.items() for _ in range(n)]
    n = len(areas)
    chance = np.random.default_rng(3)
    return pd.DataFrame(
        {
            UNIT: range(n),
            "area": areas,
            "sex": ["f", "m"] * (n // 2) + ["f"] * (n % 2),
            "income": np.round(chance.lognormal(10, 0.4, n)),
            "benefit": np.round(chance.lognormal(8, 0.9, n)),
        }
    )


ONE_ALONE = people(a=200, b=200, c=1)


def table(frame: pd.DataFrame, rows: Any = (), values: str | None = "income", statistic: str = "sum") -> Output:
    out = sdc.table(frame, rows=rows, values=values, statistic=statistic, unit=UNIT, policy="cbs")
    assert isinstance(out, Output)
    return out


def withheld(frame: pd.DataFrame, **asked: Any) -> Output:
    out = table(frame, **{"rows": "area", **asked})
    made = out.apply(next(one for one in out.remedies() if one.kind == "suppress"))
    assert made.verdict.status is Status.SAFE
    assert not made.table.complete
    return made


def together(one: Output, other: Output) -> bool:
    assert one.verdict.status is other.verdict.status is Status.SAFE
    answer = undone(Shown(one.table), Shown(other.table))
    assert undone(Shown(other.table), Shown(one.table)) is answer
    return answer


def test_another_breakdown_of_the_same_sum_gives_a_withheld_cell_away() -> None:
    hidden, by_sex = withheld(ONE_ALONE), table(ONE_ALONE, rows="sex")
    # What the two show: the total less the cells that are shown is the income of one person.
    total = by_sex.to_pandas().iloc[-1].astype(float).sum()
    assert total - hidden.to_pandas().iloc[:2, 0].astype(float).sum() == ONE_ALONE.income.iloc[-1]
    assert together(hidden, by_sex)
    basket = Basket()
    basket.add(hidden, name="by-area", **TOLD)
    with pytest.raises(RefusedError, match="together they show what one withholds") as refused:
        basket.add(by_sex, name="by-sex", **TOLD)
    assert "remove('by-area')" in str(refused.value.hint)
    assert [one.name for one in basket.outputs] == ["by-area"]


@pytest.mark.parametrize(
    "other",
    [
        table(ONE_ALONE.assign(copy=ONE_ALONE.income), values="copy"),
        table(ONE_ALONE.assign(twice=2 * ONE_ALONE.income + 7), values="twice"),
        table(ONE_ALONE, statistic="mean"),
        table(ONE_ALONE, statistic="mean", rows="sex"),
        table(ONE_ALONE.iloc[1:]),
        table(ONE_ALONE.sample(frac=1, random_state=1).rename(columns={"income": "pay"}), values="pay"),
    ],
    ids=["a copy", "a multiple and more", "the mean", "means by sex", "one person fewer", "another name"],
)
def test_the_same_figures_are_known_whatever_they_are_called(other: Output) -> None:
    assert together(withheld(ONE_ALONE), other)


@pytest.mark.parametrize(
    "other",
    [
        table(ONE_ALONE, values="benefit", rows="sex"),
        table(ONE_ALONE, values=None, statistic="count", rows="sex"),
        table(ONE_ALONE.iloc[::2], rows="sex"),
        table(ONE_ALONE, statistic="median", rows="sex"),
    ],
    ids=["another value", "a count", "half of the people", "a median"],
)
def test_other_figures_and_other_people_give_nothing_away(other: Output) -> None:
    assert not together(withheld(ONE_ALONE), other)


def test_tables_that_withhold_nothing_go_together() -> None:
    frame = people(a=200, b=200, c=100)
    assert not together(table(frame, rows="area"), table(frame, rows="sex"))
    assert not together(table(frame, rows="area"), table(frame))


def test_the_same_table_twice_gives_nothing_away() -> None:
    assert not together(withheld(ONE_ALONE), withheld(ONE_ALONE))


@pytest.mark.parametrize(("company", "answer"), [(9, True), (10, False)])
def test_each_withheld_cell_needs_the_minimum_of_others_below_the_margin_that_is_shown(
    company: int, *, answer: bool
) -> None:
    # Cells of fewer than ten are withheld; below the total stand c with `company` others.
    frame = people(a=200, b=200, c=5, d=5, e=company - 5)
    counted: dict[str, Any] = {"values": None, "statistic": "count"}
    assert together(withheld(frame, **counted), table(frame, rows="sex", **counted)) is answer


def test_a_margin_of_one_common_dimension_is_looked_at_by_itself() -> None:
    # All three withheld cells are below the total, but only one of them is about men.
    frame = people(a=200, b=200, c=16, d=9)
    frame.loc[frame.area == "c", "sex"] = ["m"] * 8 + ["f"] * 8
    frame.loc[frame.area == "d", "sex"] = "f"
    frame["parity"] = np.where(frame.index % 3 == 0, "x", "y")
    counted: dict[str, Any] = {"values": None, "statistic": "count"}
    hidden = withheld(frame, rows=("area", "sex"), **counted)
    assert not together(hidden, table(frame, rows="parity", **counted))
    assert together(hidden, table(frame, rows=("parity", "sex"), **counted))


def test_categories_put_together_otherwise_give_one_away() -> None:
    frame = people(a=200, b=200, c=5, d=6, e=7)
    merged = frame.assign(area=frame.area.replace({"b": "b and c", "c": "b and c", "d": "d and e", "e": "d and e"}))
    counted: dict[str, Any] = {"values": None, "statistic": "count"}
    assert together(withheld(frame, **counted), table(merged, rows="area", **counted))


def test_two_tables_that_hide_nearly_the_same_people_do_not_go_together() -> None:
    frame = people(a=200, b=200, c=1)
    frame["kind"] = ["x"] * 200 + ["y"] * 199 + ["z"] * 2
    assert together(withheld(frame), withheld(frame, rows="kind"))
    frame["kind"] = ["x"] * 200 + ["y"] * 185 + [f"z{n % 4}" for n in range(16)]
    assert not together(withheld(frame), withheld(frame, rows="kind"))


def test_a_coarser_dimension_gives_away_what_lies_within_one_of_its_categories() -> None:
    frame = people(a1=200, a2=9, b1=200, b2=9, c1=200, c2=9)
    frame["whole"] = frame.area.str[0]
    counted: dict[str, Any] = {"values": None, "statistic": "count"}
    hidden, whole = withheld(frame, **counted), table(frame, rows="whole", **counted)
    basket = Basket()
    basket.add(hidden, name="fine", **TOLD)
    with pytest.raises(RefusedError, match="what one withholds"):
        basket.add(whole, name="coarse", **TOLD)
    by_sex = table(frame, rows="sex", **counted)
    basket.add(by_sex, name="by-sex", **TOLD)
    fine = frozenset({("homes", "buurt")})
    one, other = Shown(hidden.table, {"area": fine}), Shown(whole.table, {"whole": fine})
    assert undone(one, other)
    assert undone(other, one)
    assert not undone(one, Shown(whole.table, {"whole": frozenset({("homes", "age")})}))


def test_what_decides_which_rows_there_are_is_no_source_of_one_dimension() -> None:
    year, area = ("homes", "year"), ("homes", "area")
    columns = {
        UNIT: Lineage(("homes", UNIT), frozenset({("homes", UNIT), year})),
        "area": Lineage(None, frozenset({area, year})),
        "income": Lineage(("homes", "income"), frozenset({("homes", "income"), year})),
        "unused": Lineage(("homes", "unused"), frozenset({("homes", "unused")})),
    }
    recipe = table(ONE_ALONE, rows="area").recipe
    derivation = Derivation("", columns, (), (), broadcasts=False)
    assert sources_of(recipe, derivation) == {
        "area": frozenset({area}),
        "income": frozenset({("homes", "income")}),
    }
    assert sources_of(recipe, None) == {}
