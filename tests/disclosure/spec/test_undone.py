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
from disclosure.protection.undone_by_two import undone_by_two
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


def table(
    frame: pd.DataFrame, rows: Any = (), values: str | None = "income", statistic: str = "sum", columns: Any = ()
) -> Output:
    out = sdc.table(frame, rows=rows, columns=columns, values=values, statistic=statistic, unit=UNIT, policy="cbs")
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


THREE = people(a=200, b=200, c=3).assign(
    poor=lambda frame: (frame.index % 3 == 0).astype(int),
    months=lambda frame: frame.index % 36 + 1,
    low=lambda frame: np.where(frame.index % 3 == 0, "ja", "nee"),
)
KEYS: dict[str, Any] = {"unit": UNIT, "policy": "cbs"}
COUNTED: dict[str, Any] = {"values": None, "statistic": "count"}
SIZED = {
    "correlation": lambda frame: sdc.correlation(frame, "income", "benefit", **KEYS),
    "model": lambda frame: sdc.model("income ~ benefit", frame, family="ols", **KEYS),
    "survival": lambda frame: sdc.survival(frame, duration="months", event="poor", period=12, **KEYS),
    "survival by group": lambda frame: sdc.survival(
        frame, duration="months", event="poor", period=12, by="sex", **KEYS
    ),
    "chi-square": lambda frame: sdc.chi_square(frame, "sex", "low", **KEYS),
    "odds ratio": lambda frame: sdc.odds_ratio(frame, outcome="poor", exposure="sex", **KEYS),
}


@pytest.mark.parametrize("kind", SIZED)
def test_whatever_says_how_many_units_it_is_of_gives_a_withheld_count_away(kind: str) -> None:
    hidden = withheld(THREE, **COUNTED)
    assert together(hidden, SIZED[kind](THREE))
    # Of other people it tells nothing, and beside a count that withholds nothing it may stand.
    assert not together(hidden, SIZED[kind](THREE[THREE.area == "a"]))
    assert not together(table(THREE, rows="sex", **COUNTED), SIZED[kind](THREE))


def test_a_number_of_units_gives_away_no_cell_that_has_the_minimum_of_others_beside_it() -> None:
    frame = people(a=200, b=200, c=7, d=7, e=7)
    assert not together(withheld(frame, **COUNTED), sdc.correlation(frame, "income", "benefit", **KEYS))


def poor_in_c(poor: int) -> pd.DataFrame:
    """Persons by area of whom a few in c are poor, in ones and zeros."""
    frame = people(a=200, b=200, c=200)
    frame["poor"] = np.where(frame.index % 3 == 0, 1, 0)
    frame.loc[frame.area == "c", "poor"] = [1] * poor + [0] * (200 - poor)
    return frame


@pytest.mark.parametrize("shown", ["count", "row_percent"])
@pytest.mark.parametrize("statistic", ["sum", "mean", "rate"])
def test_a_value_of_ones_and_zeros_counts_a_category(shown: str, statistic: str) -> None:
    frame = poor_in_c(5)
    hidden = withheld(frame, rows="area", columns="poor", values=None, statistic=shown)
    frame["amount"] = 500 * frame.poor
    assert together(hidden, table(frame, rows="sex", values="poor", statistic=statistic))
    assert not together(hidden, table(frame[frame.area != "b"], rows="sex", values="poor", statistic=statistic))
    if statistic != "rate":
        assert together(hidden, table(frame, rows="sex", values="amount", statistic=statistic))
    assert not together(hidden, table(frame, rows="sex", statistic="mean"))


def test_a_percentage_of_a_whole_tells_nothing_of_its_size() -> None:
    frame = people(a=200, b=200, c=3)
    frame["parity"] = np.where(frame.index % 3 == 0, "x", "y")
    percent = table(frame, rows="sex", columns="parity", values=None, statistic="row_percent")
    assert not together(withheld(frame, **COUNTED), percent)
    shares = withheld(poor_in_c(5), rows="area", columns="poor", values=None, statistic="row_percent")
    assert not together(shares, table(poor_in_c(5), rows="area", **COUNTED))


def test_a_linear_model_tells_the_total_of_its_response() -> None:
    hidden = withheld(ONE_ALONE)
    for formula in ("income ~ C(sex)", "income ~ benefit"):
        assert together(hidden, sdc.model(formula, ONE_ALONE, family="ols", **KEYS))
    assert not together(hidden, sdc.model("benefit ~ C(sex)", ONE_ALONE, family="ols", **KEYS))
    assert not together(hidden, sdc.model("np.log(income) ~ C(sex)", ONE_ALONE, family="ols", **KEYS))
    half = ONE_ALONE[ONE_ALONE.area == "a"]
    assert not together(hidden, sdc.model("income ~ C(sex)", half, family="ols", **KEYS))
    assert not together(table(ONE_ALONE, rows="sex"), sdc.model("income ~ C(sex)", ONE_ALONE, family="ols", **KEYS))


@pytest.mark.parametrize(("part", "answer"), [(1.1, False), (0.9, True)])
def test_a_model_of_five_digits_tells_nothing_of_less_than_these(part: float, *, answer: bool) -> None:
    frame = ONE_ALONE.copy()
    frame.loc[frame.area == "c", "income"] = np.round(frame.income[:-1].sum() / 10**5 / part)
    model = sdc.model("income ~ C(sex)", frame, family="ols", **KEYS)
    assert together(withheld(frame), model) is answer


def test_two_values_that_add_up_to_a_third_tell_it() -> None:
    frame = ONE_ALONE.assign(whole=ONE_ALONE.income + ONE_ALONE.benefit, other=ONE_ALONE.income.rank() * 17)
    hidden = withheld(frame)
    first, last = (table(frame, rows="sex", values=name) for name in ("whole", "benefit"))
    assert not together(hidden, first)
    assert not together(hidden, last)
    assert undone_by_two(Shown(last.table), [Shown(hidden.table), Shown(first.table)]) == (0, 1)
    assert undone_by_two(Shown(hidden.table), [Shown(last.table), Shown(first.table)]) == (0, 1)
    other = table(frame, rows="sex", values="other")
    assert undone_by_two(Shown(other.table), [Shown(hidden.table), Shown(first.table), Shown(other.table)]) is None
    basket = Basket()
    basket.add(hidden, name="by-area", **TOLD)
    basket.add(first, name="whole", **TOLD)
    with pytest.raises(RefusedError, match="show together what one of them withholds"):
        basket.add(last, name="benefit", **TOLD)
    assert [one.name for one in basket.outputs] == ["by-area", "whole"]


def test_a_sum_and_a_mean_tell_the_number_of_units() -> None:
    total, mean = (table(THREE, rows="sex", statistic=one) for one in ("sum", "mean"))
    hidden = withheld(THREE, **COUNTED)
    assert undone_by_two(Shown(hidden.table), [Shown(total.table), Shown(mean.table)]) == (0, 1)
    benefit = table(THREE, rows="sex", values="benefit", statistic="mean")
    assert undone_by_two(Shown(hidden.table), [Shown(total.table), Shown(benefit.table)]) is None
    nothing = table(THREE, rows="sex", **COUNTED)
    assert undone_by_two(Shown(nothing.table), [Shown(total.table), Shown(mean.table)]) is None


def test_an_ordinary_basket_that_withholds_nothing_is_taken() -> None:
    frame = people(a=200, b=200, c=200).assign(low=lambda rows: np.where(rows.index % 3 == 0, 1, 0))
    outs = [
        table(frame, rows="area", **COUNTED),
        table(frame, rows="area", values="low"),
        table(frame, rows="sex"),
        table(frame, rows="sex", statistic="mean"),
        table(frame, rows="area", values="low", statistic="rate"),
        sdc.model("income ~ C(sex)", frame, family="ols", **KEYS),
        sdc.correlation(frame, "income", "benefit", **KEYS),
        sdc.odds_ratio(frame, outcome="low", exposure="sex", **KEYS),
    ]
    basket = Basket()
    for place, out in enumerate(outs):
        basket.add(out, name=f"o{place}", **TOLD)
    assert len(basket) == len(outs)
