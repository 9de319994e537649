"""Tests, ratios and correlations from the rows, by SciPy: the figures, and what they are judged on beside their table.

Rows are sorted before anything is added up, and figures are rounded to a few digits, so that neither the order of rows
nor the number of threads changes a character.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
from scipy import stats

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import fixed_point, missing_to_null
from disclosure.engines.lost_digits import require_digits
from disclosure.engines.part_rows import contribution_entries
from disclosure.engines.residuals import Residuals, residuals
from disclosure.engines.standard_columns import Columns
from disclosure.engines.unit_rows import UnitRows
from disclosure.errors import DataError
from disclosure.model.codebooks import DEFAULT_DECIMALS
from disclosure.model.evidence import Evidence, OtherUnits
from disclosure.model.parts import MOST_CONTRIBUTORS, Part
from disclosure.model.recipes import Recipe
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.statistics.comparisons import PART, RESIDUAL, figure_names
from disclosure.texts import text

Numbers = npt.NDArray[np.float64]
_DIGITS = 6
_SCALE = 10**DEFAULT_DECIMALS
_95_PERCENT = 1.959963984540054
_RATIOS = (Statistic.ODDS_RATIO, Statistic.RISK_RATIO)
_NO_VARIATION = text("variation: a group has none, or a count is 0, so there is no such figure")
_NO_RATIO = text(
    "a count above 0 in each cell of the two by two table, or there is no ratio: take more units or other bounds, or "
    "show the table of counts instead"
)


@dataclass(frozen=True)
class _Compared:
    """Figures by name, and what they are judged on.

    Attributes:
        degrees: the degrees of freedom.
        fewest: how many units differ from the commonest value of a correlation's variables.
        perfect: a correlation is perfect.
        left: what few units hold of what either variable of a correlation leaves of the other.
        second: the sizes of a correlation's second variable, which no underlying table holds.
    """

    figures: Mapping[str, float]
    degrees: int
    fewest: int
    perfect: bool = False
    left: Residuals = field(default_factory=lambda: Residuals.none(MOST_CONTRIBUTORS))
    second: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def complete_rows(rows: ir.Table, recipe: Recipe) -> ir.Table:
    """Return the rows in which nothing that is compared is missing."""
    names = (*recipe.others, *((recipe.value,) if recipe.value is not None else ()))
    return rows.filter([missing_to_null(rows[name]).notnull() for name in names])


def comparison(rows: ir.Table, coded: UnitRows, table: Evidence, recipe: Recipe) -> Evidence | Inconclusive:
    """Return the evidence of a test, a ratio or a correlation.

    Args:
        rows: the complete rows, under their own names.
        coded: the same rows as the underlying table codes them.
        table: the evidence of the underlying table.

    Raises:
        DataError: there are not as many groups as the statistic compares.
    """
    n_units = int(table.n_units[-1])
    if len(coded.units) != n_units:
        return Inconclusive((text("one row per unit: some units have several; aggregate them first"),))
    # Figures that overflow or divide by nothing are not numbers, and are told below.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = _COMPUTED[recipe.statistic](rows, coded, table, recipe)
    figures = {**found.figures, "n_units": float(n_units)}
    names = figure_names(recipe)
    if any(math.isnan(figures[name]) for name in names):
        return Inconclusive((_NO_RATIO if recipe.statistic in _RATIOS else _NO_VARIATION,))
    size = len(names)
    columns = {
        "figure": np.array([_rounded(figures[name]) for name in names], dtype=np.float64),
        "degrees": np.full(size, max(found.degrees, 0), dtype=np.int64),
        "fewest": np.full(size, found.fewest, dtype=np.int64),
        "perfect": np.full(size, found.perfect, dtype=np.bool_),
        "residual_units": np.full(size, found.left.units, dtype=np.int64),
        **{f"residual_top_{m}": np.full(size, top, dtype=np.int64) for m, top in enumerate(found.left.tops, 1)},
        **{name: np.full(size, held, dtype=np.object_) for name, held in contribution_entries(found.second).items()},
    }
    return Evidence(
        dimensions=("figure",),
        categories=(names,),
        codes=np.arange(size, dtype=np.int32).reshape(size, 1),
        n_units=np.full(size, n_units, dtype=np.int64),
        n_rows=np.full(size, len(coded.units), dtype=np.int64),
        added=("figure",),
        other_units=tuple(
            OtherUnits(one.key, np.full(size, int(one.n_units[-1]), dtype=np.int64)) for one in table.other_units
        ),
        parts=MappingProxyType({PART: Part(PART, MappingProxyType(columns))}),
        underlying=table,
    )


def _rounded(figure: float) -> float:
    return float(f"{figure:.{_DIGITS}g}")


def _test(_rows: ir.Table, coded: UnitRows, table: Evidence, recipe: Recipe) -> _Compared:
    groups = [np.sort(coded.values[coded.codes[:, 0] == code]).astype(np.float64) for code in _groups(table, recipe)]
    n = len(coded.units)
    kind = recipe.option("kind")
    if kind == "anova":
        statistic, p_value = stats.f_oneway(*groups)
        figures = _tested(statistic, len(groups) - 1, p_value) | {RESIDUAL: float(n - len(groups))}
    elif kind == "wilcoxon":
        statistic, p_value = stats.mannwhitneyu(*groups, method="asymptotic")
        figures = {"statistic": float(statistic), "p_value": float(p_value)}
    else:
        done = stats.ttest_ind(*groups, equal_var=False)
        figures = _tested(done.statistic, done.df, done.pvalue)
    return _Compared(figures, n - len(groups), n)


def _groups(table: Evidence, recipe: Recipe) -> range:
    found = len(table.categories[0])
    if found < 2 or (found != 2 and recipe.option("kind") != "anova"):
        column = recipe.others[0]
        if found < 2:
            raise DataError(
                text("The column '{column}' has one group only, so there is nothing to compare.", column=column),
                hint=text("Compare by a column with two groups, or keep the rows of another group too."),
            )
        raise DataError(
            text("The column '{column}' has {found} groups; this test compares two.", column=column, found=found),
            hint=text("Compare several with sdc.anova, or leave rows of two groups."),
        )
    return range(found)


def _tested(statistic: float, degrees: float, p_value: float) -> dict[str, float]:
    return {"statistic": float(statistic), "degrees_of_freedom": float(degrees), "p_value": float(p_value)}


def _chi_square(_rows: ir.Table, coded: UnitRows, table: Evidence, _recipe: Recipe) -> _Compared:
    shape = tuple(len(labels) for labels in table.categories)
    if min(shape) < 2:
        raise DataError(
            text("A variable has one category only, so there is nothing to compare."),
            hint=text("Take columns with two categories or more among rows that have both."),
        )
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, tuple(coded.codes.T), 1)
    done = stats.chi2_contingency(counts, correction=False)
    n = len(coded.units)
    return _Compared(_tested(done.statistic, done.dof, done.pvalue), n - counts.size, n)


def _ratio(_rows: ir.Table, coded: UnitRows, table: Evidence, recipe: Recipe) -> _Compared:
    if len(table.categories[0]) != 2:
        raise DataError(
            text("The column '{column}' does not have two groups.", column=recipe.others[0]),
            hint=text("Recode it first."),
        )
    if table.shares is None:
        raise DataError(
            text("The column '{value}' is not of 0 and 1.", value=recipe.value),
            hint=text("Derive a column of 0 and 1, or true and false, first."),
        )
    # The labels' canonical order: the second group, such as 1 or true, is the exposed one.
    (c, a), (d, b) = (part[:2].astype(np.float64) for part in (table.shares.numerator, table.shares.complement))
    if recipe.statistic is Statistic.ODDS_RATIO:
        estimate = a * d / (b * c)
        error = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    else:
        estimate = (a / (a + b)) / (c / (c + d))
        error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    figures = {
        "estimate": _finite(estimate),
        "low": _finite(estimate * np.exp(-_95_PERCENT * error)),
        "high": _finite(estimate * np.exp(_95_PERCENT * error)),
        "exposed_with": float(a),
        "exposed_without": float(b),
        "others_with": float(c),
        "others_without": float(d),
    }
    n = len(coded.units)
    return _Compared(figures, n - 4, n)


def _correlation(rows: ir.Table, _coded: UnitRows, _table: Evidence, recipe: Recipe) -> _Compared:
    name = recipe.others[0]
    require_digits(rows, {str(recipe.value): DEFAULT_DECIMALS, name: DEFAULT_DECIMALS}, spread=True)
    pair = rows.select(
        x=fixed_point(rows[str(recipe.value)], str(recipe.value), DEFAULT_DECIMALS).cast("float64"),
        y=fixed_point(rows[name], name, DEFAULT_DECIMALS).cast("float64"),
        second=(fixed_point(rows[name], name, DEFAULT_DECIMALS).cast(dt.Decimal(38, DEFAULT_DECIMALS)) * _SCALE).cast(
            "int64"
        ),
    )
    with engine_errors():
        columns = pair.to_pyarrow()
    x, y = (np.asarray(columns.column(one).to_numpy(), dtype=np.float64) for one in ("x", "y"))
    order = np.lexsort([y, x])
    x, y = x[order], y[order]
    n = len(x)
    if n < 3:
        return _Compared({"correlation": math.nan, "p_value": math.nan}, 0, 0)
    done = stats.spearmanr(x, y) if recipe.option("method") == "spearman" else stats.pearsonr(x, y)
    fewest = min(n - int(np.unique(one, return_counts=True)[1].max()) for one in (x, y))
    correlation = float(done.statistic)
    return _Compared(
        {"correlation": correlation, "p_value": float(done.pvalue)},
        n - 2,
        fewest,
        perfect=abs(correlation) > 1 - 10**-_DIGITS,
        left=_left_of(x, y) if recipe.option("method") != "spearman" else _left_of(*map(stats.rankdata, (x, y))),
        second=np.abs(np.asarray(columns.column("second").to_numpy(), dtype=np.int64)),
    )


def _left_of(x: Numbers, y: Numbers) -> Residuals:
    """Return the worse of what few units hold of what a line through one variable leaves of the other."""
    x, y = ((one - one.mean()) / (one.std() or 1.0) for one in (x, y))
    units = (np.arange(len(x)),)
    found = [
        residuals(
            left, Columns.unchanged(np.column_stack([np.ones(len(x)), by])), np.ones(len(x)), units, MOST_CONTRIBUTORS
        )
        for by, left in ((x, y - x * (x @ y) / len(x)), (y, x - y * (x @ y) / len(x)))
        if by.any()
    ]
    if not found:
        return Residuals.none(MOST_CONTRIBUTORS)
    tops = tuple(max(tops) for tops in zip(*(one.tops for one in found), strict=True))
    return Residuals(min((one.units for one in found if one.units), default=0), tops)


def _finite(figure: Any) -> float:
    return float(figure) if np.isfinite(figure) else math.nan


_COMPUTED: Mapping[Statistic, Callable[[ir.Table, UnitRows, Evidence, Recipe], _Compared]] = MappingProxyType(
    {
        Statistic.TEST: _test,
        Statistic.CHI_SQUARE: _chi_square,
        Statistic.ODDS_RATIO: _ratio,
        Statistic.RISK_RATIO: _ratio,
        Statistic.CORRELATION: _correlation,
    }
)
