"""What several measures of one call show together, and no single one of them.

Each measure is judged for itself. Beside each other they show more: a count beside a mean the number of units that have
no value, a sum beside a mean the number that have one, two columns their difference or what one is divided by, three of
which one is the sum of the others what that leaves out, and many exact figures of few units the values themselves.
Measures that would are inconclusive, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product
from typing import Final

import numpy as np

from disclosure.assess import inconclusive
from disclosure.engines.values_beside import INEXACT
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.output import Output
from disclosure.notebook.reasons import count_left_out
from disclosure.notebook.spoken import measures_named
from disclosure.notebook.told_by_few import near_quantiles, several_rows
from disclosure.protection.together import at, few_lack, group_told
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
"""Columns of totals and means in one call, of which each two are compared."""
_LINEAR: Final = (Statistic.SUM, Statistic.MEAN, Statistic.SHARE)
"""Totals, and what is a total but for a number that is known: of one column beside another they tell the difference."""
_TOTALS: Final = (Statistic.SUM, Statistic.SHARE)
_POWERS: Final[Mapping[Statistic, int]] = {
    Statistic.VARIANCE: 2,
    Statistic.STANDARD_DEVIATION: 2,
    Statistic.HHI: 2,
    Statistic.SKEWNESS: 3,
    Statistic.KURTOSIS: 4,
}
"""What power of the values a figure tells the sum of, beside the figures of lower powers."""
Difference = Callable[[str, str], Output | None]
"""Returns the sum of the difference of two value columns over the same rows, judged; None if it cannot be taken."""
FewDiffer = Callable[[Sequence[str], Sequence[tuple[str, int]]], tuple[tuple[str, ...], ...]]
"""Returns the twos and threes of value columns of which a plain combination is about few units of some cell, columns
beside powers of others among them."""
Borrowed = Callable[[Sequence[str]], tuple[tuple[str, str], ...]]
"""Returns the twos of value columns of which one is the other times or plus a value that few units have."""
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
    borrowed: Borrowed,
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
        marked |= several_rows(_judged(named), minimum) | near_quantiles(_judged(named), minimum)
    marked |= _group_told(named)
    marked |= _too_many_figures(named)
    marked |= _one_quantile(named, order)
    marked |= _few_apart(named, few)
    marked |= _borrowed_values(named, borrowed)
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
    for measure, (out, evidence) in judged.items():
        value, statistic = out.recipe.value, out.recipe.statistic
        if value is None or statistic not in (Statistic.MEAN, Statistic.RATE):
            continue
        told = statistic is Statistic.RATE or value in summed
        for name, (_, counted) in counts.items():
            if few_lack(counted, evidence, minimum, told=told):
                found[name] = count_left_out(measures_named((measure,), {measure: out.recipe}), value)
    return found


def _group_told(named: Mapping[str, Output]) -> dict[str, Text]:
    """Return the means that tell beside a total of their column how many there are, where hardly anybody else is."""
    judged = _judged(named)
    totals = {out.recipe.value: out for out, _ in judged.values() if out.recipe.statistic in _TOTALS}
    found: dict[str, Text] = {}
    for name, (out, evidence) in judged.items():
        total, value = totals.get(out.recipe.value), out.recipe.value
        if total is None or value is None or out.recipe.statistic is not Statistic.MEAN:
            continue
        told = group_told(out.recipe, evidence, out.table.trials)
        for one in (out, total):
            hidden = (
                one.table.failing if one.table.evidence is None else at(evidence, one.table.evidence, one.table.failing)
            )
            told = told & ~np.asarray(hidden, dtype=np.bool_)
        if told.any():
            found[name] = text(
                "numbers of units that may be shown, which total and mean of {value} tell together: in some group "
                "nearly everyone is in one category; ask for one of the two, or group coarser",
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
    own = _exact(named)
    if len(own) < 2:
        return {}
    powers = {
        (out.recipe.value, _POWERS[out.recipe.statistic])
        for out, _ in _judged(named).values()
        if out.recipe.value is not None and out.recipe.statistic in _POWERS
    }
    found: dict[str, Text] = {}
    for columns in few(tuple(own), sorted(powers)):
        what = text(
            "columns that differ for no unit or for enough of them: {columns} are the same, or add up, but for few "
            "units of some cell, of which their figures tell: leave one of them out, or group coarser",
            columns=", ".join(columns),
        )
        found |= {name: what for column in columns for name in own[column]}
    return found


def _exact(named: Mapping[str, Output]) -> dict[str, list[str]]:
    """Return the exact figures of each column."""
    own: dict[str, list[str]] = {}
    for name, (out, _) in _judged(named).items():
        if out.recipe.value is not None and out.recipe.statistic not in INEXACT:
            own.setdefault(out.recipe.value, []).append(name)
    return own


def _borrowed_values(named: Mapping[str, Output], borrowed: Borrowed) -> dict[str, Text]:
    """Return the exact figures of columns that are others times or plus a value of few units, such as the highest."""
    own = _exact(named)
    if len(own) < 2:
        return {}
    found: dict[str, Text] = {}
    for one, other in borrowed(tuple(own)):
        what = text(
            "columns that do not tell a value of few units: in some cell {one} is {other} times or plus a number that "
            "fewer than the minimum have, such as the highest; divide by a mean or a public number, or ask for one of "
            "them",
            one=one,
            other=other,
        )
        found |= {name: what for column in (one, other) for name in own[column]}
    return found


def _differences(named: Mapping[str, Output], difference: Difference) -> dict[str, Text]:
    """Return the measures whose difference, which everybody can take, fails as a sum where both of them are shown."""
    own: dict[str, list[tuple[str, Output]]] = {}
    for name, (out, _) in _judged(named).items():
        if out.recipe.value is not None and out.recipe.statistic in _LINEAR:
            own.setdefault(out.recipe.value, []).append((name, out))
    if len(own) > MOST_COLUMNS:
        most = text("at most {n} columns of totals and means in one call: ask for fewer at a time", n=str(MOST_COLUMNS))
        return {name: most for measures in own.values() for name, _ in measures}
    found: dict[str, Text] = {}
    for (a, firsts), (b, lasts) in combinations(own.items(), 2):
        taken = difference(a, b)
        for (one, first), (other, last) in product(firsts, lasts):
            if _shown_apart(taken, first, last):
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
