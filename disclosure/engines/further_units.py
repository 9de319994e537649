"""Further units and holdings: the same rows tabulated once more, with another key as the unit.

What a household or an employer contributes to a cell is then added up by the same code, and as exactly, as what a
person does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ibis.expr.types as ir
import numpy as np

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import missing_to_null, unit_key
from disclosure.errors import RecipeError
from disclosure.model.evidence import Amounts, Evidence, OtherUnits
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

Tabulate = Callable[[Recipe], Evidence | Inconclusive]


def with_further_units(evidence: Evidence, recipe: Recipe, plan: Plan, tabulate: Tabulate) -> Evidence | Inconclusive:
    """Return the evidence with the further units of the recipe, and contributions added up by its holding.

    Args:
        tabulate: returns the evidence of the same rows under a recipe that differs in its unit only.
    """
    others: list[OtherUnits] = []
    for key in recipe.other_units:
        other = tabulate(replace(recipe, unit=key, other_units=(), holding=()))
        if isinstance(other, Inconclusive):
            return other
        shares = other.shares
        _require_same_cells(evidence, other)
        others.append(
            OtherUnits(key, other.n_units, shares.numerator if shares else None, shares.complement if shares else None)
        )
    amounts = evidence.amounts
    if recipe.holding and amounts is not None:
        if plan.expanded:
            return Inconclusive((text("a rule for holdings under expanded weights: leave holding= or weights= out"),))
        held = tabulate(replace(recipe, unit=recipe.holding, other_units=(), holding=()))
        if isinstance(held, Inconclusive):
            return held
        _require_same_cells(evidence, held)
        amounts = _held(amounts, held, counted=recipe.holding in recipe.other_units)
    return replace(evidence, other_units=tuple(others), amounts=amounts)


def _held(amounts: Amounts, held: Evidence, *, counted: bool) -> Amounts:
    """Return amounts of which the contributors are holdings.

    How many units have a value stays as it is, unless holdings must reach the minimum too: then as many of them must
    have something as of the units.

    A holding holds more than each of its units, unless a unit is in several of them. So what is judged is the larger
    of the two, beside the smaller of the two totals: no key makes a contributor smaller than its unit.
    """
    if held.amounts is None:
        raise RecipeError("The holdings were tabulated without amounts.")
    largest = np.maximum(amounts.largest, held.amounts.largest)
    return replace(
        amounts,
        absolute=np.maximum(np.minimum(amounts.absolute, held.amounts.absolute), largest[:, 0]),
        largest=largest,
        n_nonzero=np.minimum(amounts.n_nonzero, held.amounts.n_nonzero) if counted else amounts.n_nonzero,
        constant=amounts.constant | held.amounts.constant,
        negative=amounts.negative or held.amounts.negative,
        ends=(*amounts.ends, *held.amounts.ends),
    )


def _require_same_cells(one: Evidence, other: Evidence) -> None:
    if one.categories != other.categories or not np.array_equal(one.codes, other.codes):
        raise RecipeError("The further units were tabulated for other cells.")


def splits_units(rows: ir.Table, recipe: Recipe) -> bool:
    """Tell whether a unit has rows, with a value, in several holdings."""
    if recipe.value is not None:
        rows = rows.filter(missing_to_null(rows[recipe.value]).notnull())
    units = {f"u{place}": unit_key(rows[name], name) for place, name in enumerate(recipe.unit)}
    holdings = {f"h{place}": unit_key(rows[name], name) for place, name in enumerate(recipe.holding)}
    with engine_errors():
        pairs, alone = (
            rows.select(**keys).distinct().count().to_pyarrow().as_py() for keys in ({**units, **holdings}, units)
        )
    return bool(pairs != alone)
