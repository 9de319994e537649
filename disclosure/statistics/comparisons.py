"""Tests, ratios and correlations (output classes: hypothesis tests, calculated ratios, correlation).

Each is judged as the plain table that it follows from, and by its degrees of freedom. One comparison at a time: what
differs between groups is a table of several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from disclosure.errors import RecipeError
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import (
    COMPARISON_DF,
    HARDLY_VARIES,
    MINIMUM_COUNT,
    PERFECT_BUT_FOR_FEW,
    PERFECT_CORRELATION,
    RESIDUAL_DOMINANCE,
    Rule,
)
from disclosure.statistics.base import OutputClass, Withholding
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to
from disclosure.statistics.options import refuse_weights
from disclosure.texts import text

PART: Final = "comparison"
KINDS: Final = ("t", "anova", "wilcoxon")
METHODS: Final = ("pearson", "spearman")
RESIDUAL: Final = "degrees_of_freedom_residual"
OF_TEST: Final = ("statistic", "degrees_of_freedom", "p_value", "n_units")
OF_KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "t": OF_TEST,
        "anova": ("statistic", "degrees_of_freedom", RESIDUAL, "p_value", "n_units"),
        # The normal approximation of a rank sum has no degrees of freedom.
        "wilcoxon": ("statistic", "p_value", "n_units"),
    }
)
OF_CORRELATION: Final = ("correlation", "p_value", "n_units")
OF_RATIO: Final = (
    "estimate", "low", "high", "exposed_with", "exposed_without", "others_with", "others_without", "n_units",
)  # fmt: skip
_FIGURES: Final[Mapping[Statistic, tuple[str, ...]]] = MappingProxyType(
    {
        Statistic.CHI_SQUARE: OF_TEST,
        Statistic.CORRELATION: OF_CORRELATION,
        Statistic.ODDS_RATIO: OF_RATIO,
        Statistic.RISK_RATIO: OF_RATIO,
    }
)
_DECIMALS = 6


def figure_names(recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the figures of a test, ratio or correlation, in their order."""
    if recipe.statistic is Statistic.TEST:
        return OF_KINDS[recipe.option("kind") or ""]
    return _FIGURES[recipe.statistic]


def figures(_recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the figures as they were computed and rounded; None where there is none."""
    for figure in evidence.part(PART).columns["figure"].tolist():
        yield Fraction(Decimal(repr(figure))) if math.isfinite(figure) else None


def check(recipe: Recipe) -> None:
    """Raise `RecipeError` unless the recipe compares what its statistic compares."""
    refuse_weights(recipe)
    if recipe.dimensions:
        raise RecipeError(
            text("A test, ratio or correlation has no rows and columns."), hint=text("Make one for each group.")
        )
    wanted = 2 if recipe.statistic is Statistic.CHI_SQUARE else 1
    if len(recipe.others) != wanted:
        raise RecipeError(
            text("A {statistic} reads {wanted} further column(s).", statistic=recipe.statistic, wanted=wanted),
            hint=text("Name what is compared."),
        )
    if recipe.statistic is Statistic.TEST and recipe.option("kind") not in KINDS:
        raise RecipeError(
            text("There is no test of that kind."), hint=text("Known: {known}, and chi_square.", known=", ".join(KINDS))
        )
    if recipe.option("method") not in (None, *METHODS):
        raise RecipeError(
            text("There is no correlation of that method."), hint=text("Known: {known}.", known=", ".join(METHODS))
        )


def _table(statistic: Statistic, recipe: Recipe, rows: tuple[str, ...]) -> Recipe:
    return replace(
        recipe, statistic=statistic, rows=rows, others=(), options=(), suppressed=False, dropna=True, rounding=0
    )


def table_of_means(recipe: Recipe) -> Recipe:
    """Return the recipe of the means of the groups that a test compares."""
    return _table(Statistic.MEAN, recipe, recipe.others)


def table_of_counts(recipe: Recipe) -> Recipe:
    """Return the recipe of the counts behind a chi-square test."""
    return _table(Statistic.COUNT, recipe, recipe.others)


def table_of_rates(recipe: Recipe) -> Recipe:
    """Return the recipe of the rates of the exposed and the others: the two by two table of a ratio."""
    return _table(Statistic.RATE, recipe, recipe.others)


def one_mean(recipe: Recipe) -> Recipe:
    """Return the recipe of the mean of one variable of a correlation, over the units that have both."""
    return _table(Statistic.MEAN, recipe, ())


def _class(statistic: Statistic, table: Callable[[Recipe], Recipe], *rules: Rule) -> OutputClass:
    return OutputClass(
        statistic,
        (MINIMUM_COUNT, COMPARISON_DF, *rules),
        figures,
        lambda _: _DECIMALS,
        Withholding.ALL,
        amounts=False,
        part=PART,
        check_options=check,
        underlying=table,
    )


TEST = _class(Statistic.TEST, table_of_means)
CHI_SQUARE = _class(Statistic.CHI_SQUARE, table_of_counts)
ODDS_RATIO = _class(Statistic.ODDS_RATIO, table_of_rates)
RISK_RATIO = _class(Statistic.RISK_RATIO, table_of_rates)
CORRELATION = _class(
    Statistic.CORRELATION,
    one_mean,
    HARDLY_VARIES,
    PERFECT_CORRELATION,
    PERFECT_BUT_FOR_FEW,
    RESIDUAL_DOMINANCE,
    # The first variable is judged as its mean; the second, which may be given first as well, as much as that.
    *(put_to(rule, PART, text("few units hold most of the second variable")) for rule in CONCENTRATION_RULES),
)
