"""A table by one dimension less: what its own margins say already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_columns import changed
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

    left = changed(evidence, evidence.codes[places], lambda column: column[places])
    return replace(left, overlaps=_chosen_overlaps(evidence, places)) if left.units_overlap else left


def _chosen_overlaps(evidence: Evidence, places: npt.NDArray[np.intp]) -> Overlaps | None:
    if evidence.overlaps is None:
        return None
    new = np.full(len(evidence), -1, dtype=np.int64)
    new[places] = np.arange(len(places))
    return evidence.overlaps.moved(new)
