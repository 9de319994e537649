"""What curves would be in longer intervals or of all groups together, as far as remedies are looked for by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.output import Output
from disclosure.protection.catalogue import remedies_of
from disclosure.protection.coarser_curves import Curves, of_all_groups
from tests.disclosure.support import UNIT

CAUSES = ("survival", "cumulative_incidence")


def spells(size: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            UNIT: range(size),
            "months": random.integers(0, 40, size),
            "left": random.integers(0, 3, size),
            "sex": random.choice(["m", "v"], size),
            "wijk": random.choice(["28", "29", "30"], size),
        }
    )


def curve(period: float | None, by: tuple[str, ...] = ("sex",), *, causes: bool = False) -> Output:
    frame = spells() if causes else spells().assign(left=lambda own: (own["left"] > 0).astype(int))
    kind = "cumulative_incidence" if causes else "kaplan_meier"
    return sdc.survival(frame, duration="months", event="left", by=by, unit=UNIT, period=period, kind=kind)


def counts(evidence: Evidence) -> dict[tuple[str | None, ...], tuple[int, ...]]:
    part = evidence.part("life_table")
    labels = [tuple(one[code] for one, code in zip(evidence.categories, row, strict=True)) for row in evidence.codes]
    columns = (evidence.n_units, *(part.columns[name] for name in sorted(part.columns)))
    return {cell: tuple(int(column[place]) for column in columns) for place, cell in enumerate(labels)}


@pytest.mark.parametrize("causes", [False, True], ids=CAUSES)
@pytest.mark.parametrize("longer", [4, 6, 8])
def test_longer_intervals_are_what_is_tabulated_of_them(longer: int, *, causes: bool) -> None:
    told = Curves(curve(2, causes=causes).evidence).every(Fraction(longer))
    assert counts(told) == counts(curve(longer, causes=causes).evidence)


def test_longer_intervals_are_the_same_by_way_of_others() -> None:
    curves = Curves(curve(1).evidence)
    for one in (2, 3, 6, 12):
        assert counts(curves.every(Fraction(one))) == counts(curve(one).evidence)


def test_of_exact_times_everybody_leaves_in_the_right_interval() -> None:
    told, tabulated = Curves(curve(None).evidence).every(Fraction(6)), curve(6).evidence
    exits = {cell: row[-2:] for cell, row in counts(tabulated).items() if cell[-1] == "exits"}
    assert {cell: row[-2:] for cell, row in counts(told).items() if cell[-1] == "exits"} == exits


@pytest.mark.parametrize("place", [0, 1])
def test_all_groups_together_are_what_is_tabulated_without_them(place: int) -> None:
    by = ("sex", "wijk")
    told = of_all_groups(curve(4, by).evidence, place)
    assert counts(told) == counts(curve(4, (by[1 - place],)).evidence)


def test_nothing_of_a_guess_is_offered_untried() -> None:
    out = curve(1)
    assert out.verdict.status is Status.UNSAFE
    judged: list[Recipe] = []

    def unsafe(recipe: Recipe) -> JudgedTable:
        judged.append(recipe)
        return replace(out.table, recipe=recipe)

    kinds = {one.kind for one in remedies_of(out.table, unsafe) if not one.failing}
    assert RemedyKind.LONGER_PERIOD not in kinds
    assert any(recipe.option("period") != "1" for recipe in judged)


def test_few_curves_are_tabulated_to_find_the_period_that_does() -> None:
    out = curve(1, ("sex", "wijk"))
    judged: list[Recipe] = []
    again: Callable[[Recipe], JudgedTable] | None = out._judge
    assert again is not None

    def counted(recipe: Recipe) -> JudgedTable:
        judged.append(recipe)
        return again(recipe)

    found = [one for one in remedies_of(out.table, counted) if one.kind is RemedyKind.LONGER_PERIOD]
    assert found
    longer = [one for one in judged if one.option("period") != "1"]
    assert len(longer) <= 2 * (1 + len(out.recipe.dimensions)) + 2
    for remedy in found:
        assert out.apply(remedy).verdict.status is Status.SAFE
