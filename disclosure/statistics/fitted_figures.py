"""What figures of a model or a comparison look like: few digits, in their range, and not at odds with each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.model_facts import OF_MODEL, OF_TERMS, PART, WHOLE, Family, Figure, ModelFacts, model_facts
from disclosure.model.model_ratios import figures_of_terms, ratios_of
from disclosure.model.model_recipe import model_recipe
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.comparisons import PART as COMPARISON
from disclosure.statistics.comparisons import RESIDUAL, figure_names

_DIGITS_OF_COMPARISON: Final = 6
_DIGITS_OF_MODEL: Final = 5
_NEAR: Final = 1e-4
_LEAST_PERFECT: Final = 0.999999


def comparison(recipe: Recipe, evidence: Evidence) -> bool:
    """Tell whether a test, ratio or correlation has its figures, at so many digits, in agreement with its table."""
    part, table, names = evidence.part(COMPARISON), evidence.underlying, figure_names(recipe)
    found = dict(zip(names, part.columns["figure"].tolist(), strict=False))
    if evidence.categories[-1] != names or len(found) != len(names) or table is None:
        return False
    n, groups = int(evidence.n_units[0]), [len(labels) for labels in table.categories]
    if not all(_has_digits(one, _DIGITS_OF_COMPARISON) for one in found.values()) or found["n_units"] != _short(n):
        return False
    if "p_value" in found and not 0 <= found["p_value"] <= 1:
        return False
    perfect, degrees = bool(part.columns["perfect"][0]), int(part.columns["degrees"][0])
    fewest = int(part.columns["fewest"][0])
    if recipe.statistic is Statistic.CORRELATION:
        size = abs(found["correlation"])
        return degrees == max(n - 2, 0) and size <= 1 and (size == 1) <= perfect <= (size >= _LEAST_PERFECT)
    cells = 4 if "estimate" in found else math.prod(groups)
    if perfect or fewest != n or degrees != max(n - cells, 0):
        return False
    if "estimate" in found:
        return _ratio(recipe, found, table)
    return (
        _chi_square(found, table, groups) if recipe.statistic is Statistic.CHI_SQUARE else _test(recipe, found, groups)
    )


def _test(recipe: Recipe, found: Mapping[str, float], groups: list[int]) -> bool:
    kind, n = recipe.option("kind"), found["n_units"]
    if kind == "anova":
        return found["degrees_of_freedom"] == groups[0] - 1 and found[RESIDUAL] == _short(int(n) - groups[0])
    return kind == "wilcoxon" or found["degrees_of_freedom"] > 0


def _ratio(recipe: Recipe, found: Mapping[str, float], table: Evidence) -> bool:
    if table.shares is None or len(table) != 3:
        return False
    (c, a), (d, b) = (counts[:2].tolist() for counts in (table.shares.numerator, table.shares.complement))
    named = ("exposed_with", "exposed_without", "others_with", "others_without")
    if not min(a, b, c, d) or [found[name] for name in named] != [_short(one) for one in (a, b, c, d)]:
        return False
    odds = recipe.statistic is Statistic.ODDS_RATIO
    estimate = a * d / (b * c) if odds else (a / (a + b)) / (c / (c + d))
    return _near(found["estimate"], estimate) and 0 < found["low"] <= found["estimate"] <= found["high"]


def _chi_square(found: Mapping[str, float], table: Evidence, groups: list[int]) -> bool:
    inner = (table.codes != MARGIN).all(axis=1)
    counts = np.zeros(groups)
    counts[tuple(table.codes[inner].T)] = table.n_units[inner]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    degrees = (groups[0] - 1) * (groups[1] - 1)
    return _near(found["statistic"], statistic) and found["degrees_of_freedom"] == degrees


def model(recipe: Recipe, evidence: Evidence) -> bool:
    """Tell whether a model has its figures for each term and as a whole, at so many digits."""
    facts, terms = model_facts(evidence), evidence.categories[0]
    figures = evidence.part(PART).columns["figure"].tolist()
    named = evidence.categories[-1]
    of_model = tuple(one.value for one in OF_MODEL if one.value in named)
    family = model_recipe(recipe).family
    of_each = figures_of_terms(family)
    if named != (*(one.value for one in of_each), *of_model) or terms[-1] != WHOLE:
        return False
    width = len(of_each)
    codes = [(term, code) for term in range(len(terms) - 1) for code in range(width)]
    codes += [(len(terms) - 1, code) for code in range(width, len(named))]
    if evidence.codes.tolist() != [list(one) for one in codes]:
        return False
    of_terms = (figures[start : start + width] for start in range(0, width * (len(terms) - 1), width))
    whole = {Figure(str(name)): one for name, one in zip(of_model, figures[-len(of_model) :], strict=True)}
    return all(_term(family, one) for one in of_terms) and _whole(whole, facts)


def _term(family: Family, figures: list[float]) -> bool:
    fitted, ratios = figures[: len(OF_TERMS)], figures[len(OF_TERMS) :]
    if any(map(math.isnan, fitted)):
        return all(map(math.isnan, figures))
    expected = ratios_of(family, dict(zip(OF_TERMS, fitted, strict=True))).values()
    if not np.array_equal(ratios, list(expected), equal_nan=True):
        return False
    coefficient, error, statistic, p_value, low, high = fitted
    # Coefficient and bounds have the digits that the larger of coefficient and error has.
    larger = max(abs(Decimal(repr(coefficient))), Decimal(repr(error)))
    if error <= 0 or not larger:
        return False
    step = larger.adjusted() - _DIGITS_OF_MODEL + 1
    if larger == Decimal(1).scaleb(larger.adjusted()):
        step -= 1  # it may have been rounded up to one more digit
    checks = [
        all(_in_steps(one, step) for one in (coefficient, low, high)),
        all(_has_digits(one, _DIGITS_OF_MODEL) for one in (error, statistic)),
        _in_steps(statistic, -3) and _in_steps(p_value, -4),
        0 <= p_value <= 1 and low <= coefficient <= high,
    ]
    return all(checks)


def _whole(figures: Mapping[Figure, float], facts: ModelFacts) -> bool:
    squared, likelihood = (figures.get(one, math.nan) for one in (Figure.R_SQUARED, Figure.LOG_LIKELIHOOD))
    return (
        figures.get(Figure.UNITS) == facts.units
        and (math.isnan(squared) or (squared <= 1 and _in_steps(squared, -4)))
        and (math.isnan(likelihood) or _has_digits(likelihood, _DIGITS_OF_MODEL))
    )


def _short(count: int) -> float:
    return float(f"{float(count):.{_DIGITS_OF_COMPARISON}g}")


def _has_digits(figure: float, most: int) -> bool:
    return float(f"{figure:.{most}g}") == figure


def _in_steps(figure: float, exponent: int) -> bool:
    """Tell whether a figure, as it is written, is a multiple of a power of ten."""
    return not figure or Decimal(repr(figure)).normalize().as_tuple().exponent >= exponent  # type: ignore[operator]


def _near(figure: float, other: float) -> bool:
    return math.isclose(figure, other, rel_tol=_NEAR, abs_tol=_NEAR)
