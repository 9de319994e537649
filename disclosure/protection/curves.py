"""Withholding in curves: a curve is shown up to the first time that fails, and ends there.

Every later figure is computed from the earlier ones, and the units at risk at a time are those of the time before less
those who left. So what follows the first time that fails would give it away; what precedes it is computed from times
that pass alone. A time that is listed tells that something happens at it, or how long somebody stayed: so times that
no curve shows are not listed. Exact times are those of all groups together, among them those of a group whose curve
ended before, so of several groups with exact times nothing is left once one fails.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe

_TIME = -2


def shown_of_curves(evidence: Evidence, failing: Mask) -> Mask:
    """Return the cells before the first failing time of their curve."""
    own = evidence.codes[:, : evidence.own_dimensions]
    curve = np.unique(own, axis=0, return_inverse=True)[1].reshape(-1) if own.shape[1] else np.zeros(len(own), int)
    time = evidence.codes[:, _TIME]
    first = np.full(int(curve.max(initial=0)) + 1, len(evidence.categories[_TIME]))
    np.minimum.at(first, curve[failing], time[failing])
    return np.asarray(time < first[curve], dtype=np.bool_)


def ended_curves(recipe: Recipe, evidence: Evidence, failing: Mask) -> tuple[Evidence, Mask] | None:
    """Return the evidence without the times that no curve shows, and what fails of the rest.

    None if nothing is left.
    """
    if not failing.any():
        return evidence, failing
    shown = shown_of_curves(evidence, failing)
    curves = len(np.unique(evidence.codes[:, : evidence.own_dimensions], axis=0))
    if not shown.any() or (recipe.option("period") is None and curves > 1):
        return None
    time = evidence.codes[:, _TIME]
    last = int(time[shown].max())
    kept = time <= last
    place = len(evidence.dimensions) + _TIME
    categories = tuple(
        labels[: last + 1] if number == place else labels for number, labels in enumerate(evidence.categories)
    )
    left = replace(
        evidence,
        categories=categories,
        codes=evidence.codes[kept],
        n_units=evidence.n_units[kept],
        n_rows=evidence.n_rows[kept],
        parts={name: part.mapped(lambda column: column[kept]) for name, part in evidence.parts.items()},
    )
    return left, failing[kept]
