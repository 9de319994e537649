"""Percentages: numerator, denominator and complement of a share of a frequency table each obey the minimum count.

The numerator is the cell's own count, which the minimum count judges. The complement is the rest of the line: with the
count of the line, which is as good as known, a percentage tells both. How much of a line one cell may hold is group
disclosure's. The complement may hold any share: "not in this one of ten categories" tells nothing of anyone.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Counts, Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def lines(recipe: Recipe, evidence: Evidence) -> Counts:
    """Return for each cell the position of the cell that is its 100 percent, -1 for one that the evidence lacks."""
    whole, rows = evidence.codes.copy(), len(recipe.rows)
    if recipe.statistic is not Statistic.COLUMN_PERCENT:
        whole[:, rows:] = MARGIN
    if recipe.statistic is not Statistic.ROW_PERCENT:
        whole[:, :rows] = MARGIN
    return evidence.positions(whole)


def failing(judged: Judged) -> Mask:
    """Return the cells whose line, or the rest of whose line, has fewer units than the minimum."""
    evidence = judged.evidence
    line = lines(judged.recipe, evidence)
    whole = np.where(line >= 0, evidence.n_units[line], 0)
    rest = whole - evidence.n_units
    few = too_few(whole, judged.minimum_units) | too_few(rest, judged.minimum_units)
    return np.asarray(few | (line < 0), dtype=np.bool_)


PERCENTAGE = Rule(
    RuleName.FREQUENCY_IN_DISGUISE,
    ("minimum_units",),
    text("this is a share of a count, and that count or the rest of it is too small"),
    failing,
)
