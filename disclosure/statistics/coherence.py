"""Whether the figures of evidence are what a recipe asks for: rounded as they were computed, and in their range.

Some figures are made where the rows are, and shown as they come. A digit too many would be a way out for whatever is
in it, so it is refused: what is shown of a quantile is a multiple of its step near the quantile, and a fitted figure
has few digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import numpy as np

from disclosure.model.distribution_options import largest, lorenz_points, plain, poverty_line
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.fitted_figures import comparison, model
from disclosure.statistics.options import MOST_DECIMALS
from disclosure.statistics.shape import POWERS
from disclosure.statistics.trimmed_mean import trim

_IS_A_STEP: Final = re.compile(r"[125]0*", re.ASCII)


def figures_are_coherent(recipe: Recipe, evidence: Evidence) -> bool:
    """Tell whether every part of the evidence has the figures that such a recipe gives."""
    shares = evidence.shares
    if recipe.statistic is Statistic.RATE and (shares is None or (shares.high, shares.low) != ("1", "0")):
        return False
    return all(_CHECKS[name](recipe, evidence) for name in evidence.parts if name in _CHECKS)


def is_rounded(exact: Fraction, figure: int, step: int) -> bool:
    """Tell whether a whole number may be shown of a quantile: a multiple of a step of 1, 2, 5, 10, ... near enough.

    A step of 0 says that nothing is shown.

    >>> is_rounded(Fraction(1234), 1250, 50), is_rounded(Fraction(1234), 1250, 10)
    (True, False)
    """
    if step == 0:
        return figure == 0
    return _IS_A_STEP.fullmatch(str(step)) is not None and figure % step == 0 and abs(figure - exact) <= step


def _position(recipe: Recipe, evidence: Evidence) -> bool:
    columns = evidence.part("position").columns
    counted = evidence.n_rows.tolist()
    if evidence.amounts is not None and recipe.weight is None:
        counted = [rows // 10**WEIGHT_DECIMALS for rows in evidence.amounts.divisor.tolist()]
    cells = zip(*(columns[name].tolist() for name in ("quantile", "figure", "step")), strict=True)
    if not all(is_rounded(Fraction(quantile, 10**MOST_DECIMALS), figure, step) for quantile, figure, step in cells):
        return False
    # Where everybody behind the figure has the same value, and that is the quantile, they are on neither side of it.
    at = (columns["width"] == 0) & (columns["figure"] * 10**MOST_DECIMALS == columns["quantile"])
    around = columns["below"] + columns["above"] + columns["alike"]
    return bool((~at.astype(np.bool_) | (around <= np.array(counted, dtype=np.object_))).all())


def _shape(recipe: Recipe, evidence: Evidence) -> bool:
    columns, power = evidence.part("shape").columns, POWERS[recipe.statistic]
    names = [name for name, exponent in (("second", 2), ("third", 3), ("fourth", 4)) if exponent > power]
    if any(columns[name].any() for name in names):
        return False
    if power == 3:
        return bool((columns["absolute"] >= abs(columns["third"])).all())
    return bool((columns["absolute"] == columns["second" if power == 2 else "fourth"]).all())


def _trimmed(recipe: Recipe, evidence: Evidence) -> bool:
    if evidence.amounts is None:
        return False
    share, counted = trim(recipe), evidence.amounts.divisor.tolist()
    wholes = [rows // 10**WEIGHT_DECIMALS for rows in counted]
    left = [rows - 2 * (share.numerator * rows // share.denominator) for rows in wholes]
    return bool(evidence.part("trimmed").columns["rows"].tolist() == left)


def _concentration(recipe: Recipe, evidence: Evidence) -> bool:
    most = largest(recipe) if recipe.statistic is Statistic.CONCENTRATION_RATIO else 0
    n_top = evidence.part("concentration").columns["n_top"].tolist()
    return bool(n_top == [min(most, units) for units in evidence.n_units.tolist()])


def _poverty(recipe: Recipe, evidence: Evidence) -> bool:
    columns, asked = evidence.part("poverty").columns, poverty_line(recipe)
    line = Fraction(columns["line_numerator"][0], columns["line_denominator"][0])
    if line.denominator != columns["line_denominator"][0] or (asked.amount is not None and line != asked.amount):
        return False
    medians = zip(*(columns[name].tolist() for name in ("twice_median", "shown_median", "median_step")), strict=True)
    return all(is_rounded(Fraction(twice, 2), shown, step) for twice, shown, step in medians)


def _lorenz(recipe: Recipe, evidence: Evidence) -> bool:
    asked = tuple(plain(point) for point in lorenz_points(recipe))
    return evidence.categories[-2:] == (asked, ("share",))


def _life_table(recipe: Recipe, evidence: Evidence) -> bool:
    names = evidence.categories[-1]
    if recipe.statistic is Statistic.SURVIVAL:
        return names == ("at_risk", "exits", "censored", "survival")
    causes = (len(names) - 2) // 2
    ends = [""] if causes == 1 else [f"_{cause}" for cause in range(1, causes + 1)]
    return names == (
        "at_risk", *(f"exits{end}" for end in ends), "censored", *(f"incidence{end}" for end in ends)
    )  # fmt: skip


_CHECKS: Mapping[str, Callable[[Recipe, Evidence], bool]] = MappingProxyType(
    {
        "position": _position,
        "shape": _shape,
        "trimmed": _trimmed,
        "concentration": _concentration,
        "poverty": _poverty,
        "lorenz": _lorenz,
        "life_table": _life_table,
        "comparison": comparison,
        "model": model,
    }
)
