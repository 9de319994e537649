"""Lorenz curves: what share of the total the poorest so many percent have, in percent (output class: inequality).

Each point is judged as the quantile that it stands at, and what lies between two points, below the first and above the
last as the total over few or many units that it is. A curve of which some such total is dominated is withheld as a
whole: with fewer points the largest contributor would be in a larger total, but might dominate that as well.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from disclosure.errors import RecipeError
from disclosure.model.distribution_options import lorenz_points
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import MINIMUM_COUNT
from disclosure.rules.base import Judged
from disclosure.rules.curve_points import curve_points
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to
from disclosure.texts import text

DECIMALS = 6
_PART = "lorenz"
_MASS = text("few units have most of the rows or of the weight behind this figure")


def share(evidence: Evidence, position: int) -> Fraction | None:
    """Return the share of the total up to the percentile, None where all values are zero."""
    columns = evidence.part(_PART).columns
    total = columns["total"][position]
    return Fraction(100 * columns["cumulated"][position], total) if total else None


def _whole_curve(judged: Judged, mask: Mask) -> Mask:
    codes = judged.evidence.codes[:, : judged.evidence.own_dimensions]
    if not codes.shape[1]:
        return np.full(len(mask), bool(mask.any()))
    curve = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    return np.asarray((np.bincount(curve, weights=mask) > 0)[curve], dtype=np.bool_)


def _check(recipe: Recipe) -> None:
    lorenz_points(recipe)
    if recipe.holding or recipe.other_units:
        raise RecipeError(
            text("A Lorenz curve is judged on one kind of unit."), hint=text("Leave other_units= and holding= out.")
        )


LORENZ = OutputClass(
    Statistic.LORENZ,
    (
        MINIMUM_COUNT,
        *(put_to(rule, _PART, _MASS) for rule in CONCENTRATION_RULES),
        curve_points(_PART),
        *group_rules(_PART, tuple(map(group_of, ("below", "above", "under", "over"))), _whole_curve),
    ),
    per_cell(share),
    lambda _: DECIMALS,
    amounts=False,
    part=_PART,
    check_options=_check,
    further_units=False,
    holdings=False,
)
