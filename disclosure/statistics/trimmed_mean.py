"""Trimmed means (output class: linear aggregations): the mean of the rows left when a share is cut off at each end.

As `scipy.stats.trim_mean`: of n rows, the whole part of trim x n smallest and as many largest are left out. What the
figure shows is what is left, so the rules on totals are put to that: its units, its largest contributors. And the rows
that were cut off are an implied cell: with the mean of all rows, the trimmed mean gives away what they add up to. So
the rules on totals are put to these as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules import FEW_ELSEWHERE, Rule
from disclosure.rules.base import Judged, too_few
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass
from disclosure.statistics.contributions import contributions
from disclosure.statistics.mean import decimals
from disclosure.statistics.options import decimal_option, refuse_weights
from disclosure.statistics.sums import MAGNITUDE_RULES
from disclosure.texts import text


def trim(recipe: Recipe) -> Fraction:
    """Return the share that is cut off at each end, between 0 and a half, or raise `RecipeError`."""
    asked = decimal_option(recipe, "trim")
    if not 0 < asked < Fraction(1, 2):
        raise RecipeError(
            text("What is trimmed at each end is more than 0 and less than a half."), hint=text('trim="0.1".')
        )
    return asked


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless the share to trim is one and there are no weights."""
    trim(recipe)
    refuse_weights(recipe)


def figures(_recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the means of the rows that are left, None where no unit has a value."""
    columns = evidence.part("trimmed").columns
    scale = 10 ** (evidence.amounts.decimals if evidence.amounts is not None else 0)
    for total, rows in zip(columns["total"].tolist(), columns["rows"].tolist(), strict=True):
        yield Fraction(total, rows * scale) if rows else None


def _kept(judged: Judged) -> Judged:
    """Return what is judged with the rows that are left in the place of all of them."""
    part = judged.evidence.part("trimmed")
    amounts = replace(
        contributions(part),
        n_nonzero=part.columns["nonzero"],
        constant=part.columns["constant"],
        negative=judged.amounts.negative,
    )
    return replace(judged, evidence=replace(judged.evidence, n_units=part.columns["units"], amounts=amounts))


def _of_what_is_left(rule: Rule) -> Rule:
    return replace(rule, failing=lambda judged: rule.failing(_kept(judged)))


def _few_cut_off(judged: Judged) -> Mask:
    """Return the cells of which rows were cut off that are of too few units, or of too few with something."""
    columns, minimum = judged.evidence.part("trimmed").columns, judged.minimum_units
    return too_few(columns["trimmed_off"], minimum) | too_few(columns["off_nonzero"], minimum)


CUT_OFF = Rule(
    RuleName.IMPLIED_COUNTS,
    ("minimum_units",),
    text("with the mean of all rows this gives away the values of too few units: those that were cut off"),
    _few_cut_off,
)

CUT_OFF_TOTAL = tuple(
    replace(
        rule,
        reason=text("with the mean of all rows this gives away what was cut off, most of which few contributors hold"),
    )
    for rule in group_rules("trimmed", (group_of("off"),))
)
"""Dominance, p% and pq of what was cut off."""

TRIMMED_MEAN = OutputClass(
    Statistic.TRIMMED_MEAN,
    (*(_of_what_is_left(rule) for rule in MAGNITUDE_RULES), CUT_OFF, *CUT_OFF_TOTAL, FEW_ELSEWHERE),
    figures,
    decimals,
    part="trimmed",
    check_options=check_options,
)
