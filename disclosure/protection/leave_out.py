"""A table by one dimension less: what its own margins say already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, OtherUnits, Weighted
from disclosure.model.overlaps import Overlaps
from disclosure.model.recipes import Recipe
from disclosure.statistics import output_class


def without(recipe: Recipe, dimension: str) -> Recipe | None:
    """Return the recipe without one of its dimensions; None if its statistic needs it, as row percentages do."""
    try:
        shorter = recipe.without(dimension)
        output_class(shorter)
    except RecipeError:
        return None
    return shorter


def left_out(evidence: Evidence, place: int) -> Evidence | None:
    """Return the evidence of the same table without one of its own dimensions; None if it has no totals over it."""
    at_total = np.flatnonzero(evidence.codes[:, place] == MARGIN)
    if evidence.added or not len(at_total):
        return None
    rest = [other for other in range(len(evidence.dimensions)) if other != place]
    return chosen(
        replace(
            evidence,
            dimensions=tuple(evidence.dimensions[other] for other in rest),
            categories=tuple(evidence.categories[other] for other in rest),
            codes=evidence.codes[:, rest],
        ),
        at_total,
    )


def chosen(evidence: Evidence, places: npt.NDArray[np.intp]) -> Evidence:
    """Return the evidence of some of the cells, in the order of `places`."""

    def take(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return column[places]

    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    if amounts is not None:
        amounts = replace(
            amounts,
            total=take(amounts.total),
            absolute=take(amounts.absolute),
            largest=take(amounts.largest),
            n_nonzero=take(amounts.n_nonzero),
            constant=take(amounts.constant),
            rows_constant=take(amounts.rows_constant),
            divisor=take(amounts.divisor),
            contributed=take(amounts.contributed),
            lowest=take(amounts.lowest),
            highest=take(amounts.highest),
            n_lowest=take(amounts.n_lowest),
            n_highest=take(amounts.n_highest),
            divisor_largest=take(amounts.divisor_largest),
        )
    if shares is not None:
        shares = replace(shares, numerator=take(shares.numerator), complement=take(shares.complement))
    if weighted is not None:
        numerator = None if weighted.numerator is None else take(weighted.numerator)
        weighted = Weighted(take(weighted.units), numerator)
    return replace(
        evidence,
        codes=take(evidence.codes),
        n_units=take(evidence.n_units),
        n_rows=take(evidence.n_rows),
        amounts=amounts,
        shares=shares,
        weighted=weighted,
        other_units=tuple(OtherUnits(one.key, take(one.n_units)) for one in evidence.other_units),
        parts={name: part.mapped(take) for name, part in evidence.parts.items()},
        overlaps=_chosen_overlaps(evidence, places),
    )


def _chosen_overlaps(evidence: Evidence, places: npt.NDArray[np.intp]) -> Overlaps | None:
    if evidence.overlaps is None:
        return None
    new = np.full(len(evidence), -1, dtype=np.int64)
    new[places] = np.arange(len(places))
    return evidence.overlaps.moved(new)
