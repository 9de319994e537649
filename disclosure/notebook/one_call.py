"""What several measures of one call show together, and no single one of them.

Each measure is judged for itself. Beside each other they show more: a count beside a mean the number of units that have
no value, two columns their difference, three of which one is the sum of the others what that leaves out, and many exact
figures of few units the values themselves.
Measures that would are inconclusive, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from disclosure.assess import inconclusive
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.output import Output
from disclosure.protection.together import at, few_lack
from disclosure.texts import Text, text

FEW: Final = 30
"""Below so many units, more than `MOST_FIGURES` exact figures of one column may be met by one set of values only."""
MOST_FIGURES: Final = 3
_MOMENTS: Final[Mapping[Statistic, str]] = {
    Statistic.SUM: "mean",
    Statistic.MEAN: "mean",
    Statistic.STANDARD_DEVIATION: "variance",
    Statistic.VARIANCE: "variance",
    Statistic.SKEWNESS: "skewness",
    Statistic.KURTOSIS: "kurtosis",
    Statistic.TRIMMED_MEAN: "trimmed mean",
    Statistic.HHI: "hhi",
    Statistic.CONCENTRATION_RATIO: "concentration ratio",
    Statistic.GINI: "gini",
    Statistic.THEIL: "theil",
    Statistic.S80_S20: "s80/s20",
    Statistic.POVERTY_GAP: "poverty gap",
}
"""The figures that are exact functions of the values, sum and mean as one. A quantile is an average of enough units,
rounded to a part of how far these lie apart, and so is not one of them."""
MOST_COLUMNS: Final = 12
"""Columns of one statistic in one call, of which each two are compared."""
_COMPARED: Final = (Statistic.SUM, Statistic.MEAN)
INEXACT: Final = (
    Statistic.COUNT,
    Statistic.ROW_PERCENT,
    Statistic.COLUMN_PERCENT,
    Statistic.TOTAL_PERCENT,
    Statistic.MEDIAN,
    Statistic.QUANTILE,
    Statistic.MODE,
)
"""Figures that are of no column, or that a change of few values leaves as they are."""

Difference = Callable[[str, str], Output | None]
"""Returns the sum of the difference of two value columns over the same rows, judged; None if it cannot be taken."""
FewDiffer = Callable[[Sequence[str]], tuple[tuple[str, ...], ...]]
"""Returns the twos and threes of value columns of which a plain combination is about few units of some cell."""
SameOrder = Callable[[Sequence[str]], tuple[tuple[str, str], ...]]
"""Returns the twos of value columns that are one in another form."""
_QUANTILES: Final = (Statistic.MEDIAN, Statistic.QUANTILE)


def judged_together(
    named: Mapping[str, Output],
    *,
    minimum: int | None,
    weighted: bool,
    difference: Difference,
    few: FewDiffer,
    order: SameOrder,
) -> dict[str, Output]:
    """Return the outputs of one call, those that show too much beside the others replaced by inconclusive ones.

    Args:
        minimum: the policy's minimum of units; None if it sets none.
        weighted: whether the figures are weighted, so that no count of units follows from them.
    """
    marked: dict[str, Text] = {}
    if minimum is not None and not weighted:
        marked |= _without_value(named, minimum)
    marked |= _too_many_figures(named)
    marked |= _one_quantile(named, order)
    marked |= _few_apart(named, few)
    marked |= _differences(named, difference)
    return {name: _marked(out, marked[name]) if name in marked else out for name, out in named.items()}


def _marked(out: Output, what: Text) -> Output:
    return Output(inconclusive(out.recipe, Inconclusive((what,))), None, None)


def _judged(named: Mapping[str, Output]) -> dict[str, tuple[Output, Evidence]]:
    return {name: (out, out.table.evidence) for name, out in named.items() if out.table.evidence is not None}


def _without_value(named: Mapping[str, Output], minimum: int) -> dict[str, Text]:
    """Return the counts beside which a mean or rate tells the number of units without a value, or of further rows."""
    judged = _judged(named)
    counts = {name: own for name, own in judged.items() if own[0].recipe.statistic is Statistic.COUNT}
    summed = {out.recipe.value for out, _ in judged.values() if out.recipe.statistic is Statistic.SUM}
    found: dict[str, Text] = {}
    for out, evidence in judged.values():
        value, statistic = out.recipe.value, out.recipe.statistic
        if value is None or statistic not in (Statistic.MEAN, Statistic.RATE):
            continue
        told = statistic is Statistic.RATE or value in summed
        for name, (_, counted) in counts.items():
            if few_lack(counted, evidence, minimum, told=told):
                found[name] = text(
                    "a number of units that does not show how few have no {value}, or more than one row: leave the "
                    "rows without a value out of the frame first, or leave the count out",
                    value=value,
                )
    return found


def _too_many_figures(named: Mapping[str, Output]) -> dict[str, Text]:
    """Return the measures after the first `MOST_FIGURES` exact figures of a column that some cell of few units has."""
    found: dict[str, Text] = {}
    seen: dict[str | None, set[str]] = {}
    for name, (out, evidence) in _judged(named).items():
        figure = _MOMENTS.get(out.recipe.statistic)
        shown = ~out.table.failing if len(out.table.failing) == len(evidence) else np.ones(len(evidence), np.bool_)
        if figure is None or not bool((shown & (evidence.n_units > 0) & (evidence.n_units < FEW)).any()):
            continue
        before = seen.setdefault(out.recipe.value, set())
        before.add(figure)
        if len(before) > MOST_FIGURES:
            found[name] = text(
                "groups of at least {few} units for more than {most} exact figures of {value}, from which the values "
                "of fewer can be found: ask for fewer figures, or group coarser",
                few=str(FEW),
                most=str(MOST_FIGURES),
                value=out.recipe.value or "",
            )
    return found


def _one_quantile(named: Mapping[str, Output], order: SameOrder) -> dict[str, Text]:
    """Return the quantiles of columns of which an earlier one is another form: the first of them is enough."""
    own: dict[str, list[str]] = {}
    for name, (out, _) in _judged(named).items():
        if out.recipe.value is not None and out.recipe.statistic in _QUANTILES:
            own.setdefault(out.recipe.value, []).append(name)
    if len(own) < 2:
        return {}
    found: dict[str, Text] = {}
    for one, other in order(tuple(own)):
        what = text(
            "quantiles of {one} or of {other}, not of both: one is the other in another form, and their roundings "
            "together show more than each",
            one=one,
            other=other,
        )
        found |= dict.fromkeys(own[other], what)
    return found


def _few_apart(named: Mapping[str, Output], few: FewDiffer) -> dict[str, Text]:
    """Return the exact figures of columns that are the same, a multiple, or the sum of two others but for few units."""
    own: dict[str, list[str]] = {}
    for name, (out, _) in _judged(named).items():
        if out.recipe.value is not None and out.recipe.statistic not in INEXACT:
            own.setdefault(out.recipe.value, []).append(name)
    if len(own) < 2:
        return {}
    found: dict[str, Text] = {}
    for columns in few(tuple(own)):
        what = text(
            "columns that differ for no unit or for enough of them: {columns} are the same, or add up, but for few "
            "units of some cell, of which their figures tell: leave one of them out, or group coarser",
            columns=", ".join(columns),
        )
        found |= {name: what for column in columns for name in own[column]}
    return found


def _differences(named: Mapping[str, Output], difference: Difference) -> dict[str, Text]:
    """Return the measures whose difference, which everybody can take, fails as a sum where both of them are shown."""
    found: dict[str, Text] = {}
    for statistic in _COMPARED:
        own = {name: one for name, one in _judged(named).items() if one[0].recipe.statistic is statistic}
        if len(own) > MOST_COLUMNS:
            most = text(
                "at most {n} columns of one statistic in one call: ask for fewer at a time", n=str(MOST_COLUMNS)
            )
            found |= dict.fromkeys(own, most)
            continue
        for (one, (first, _)), (other, (second, _)) in combinations(own.items(), 2):
            a, b = first.recipe.value or "", second.recipe.value or ""
            if _shown_apart(difference(a, b), first, second):
                continue
            what = text(
                "a difference of {one} and {other} that may be shown, because together they show it: ask for one of "
                "them, or group coarser",
                one=a,
                other=b,
            )
            found |= {one: what, other: what}
    return found


def _shown_apart(taken: Output | None, first: Output, second: Output) -> bool:
    """Tell whether no cell that both outputs show has a difference that fails."""
    if taken is None:
        return False
    evidence = taken.table.evidence
    if evidence is None or not taken.table.failing.any():
        # What is inconclusive of a difference of safe figures is whether values cancel.
        return True
    if evidence.amounts is not None and not any(evidence.amounts.absolute):
        return True
    hidden = np.zeros(len(evidence), dtype=np.bool_)
    for out in (first, second):
        if out.table.evidence is not None:
            hidden |= at(evidence, out.table.evidence, out.table.failing.astype(np.int64)) > 0
    return not bool((taken.table.failing & ~hidden).any())
