"""What several measures of one call show together, and no single one of them.

Each measure is judged for itself. Beside each other they show more: a count beside a mean the number of units that have
no value, two columns of one statistic their difference, and many exact figures of few units the values themselves.
Measures that would are inconclusive, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Final

import numpy as np

from disclosure.assess import inconclusive
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Counts, Evidence, Mask
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.output import Output
from disclosure.texts import Text, text

FEW: Final = 30
"""Below so many units, more than `MOST_FIGURES` exact figures of one column may be met by one set of values only."""
MOST_FIGURES: Final = 3
SMALL: Final = 100
"""Below so many units a mean, shown with two decimals more than its values, tells how many rows it is taken of."""
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
"""The figures that are exact functions of the values, sum and mean as one. A quantile is rounded until enough units
share it, and so is not one of them."""
MOST_COLUMNS: Final = 12
"""Columns of one statistic in one call, of which each two are compared."""
_ABSENT: Final = -2
_COMPARED: Final = (Statistic.SUM, Statistic.MEAN)

Difference = Callable[[str, str], Output | None]
"""Returns the sum of the difference of two value columns over the same rows, judged; None if it cannot be taken."""


def judged_together(
    named: Mapping[str, Output], *, minimum: int | None, weighted: bool, difference: Difference
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
            if _few_lack(counted, evidence, minimum, told=told):
                found[name] = text(
                    "a number of units that does not show how few have no {value}, or more than one row: leave the "
                    "rows without a value out of the frame first, or leave the count out",
                    value=value,
                )
    return found


def _few_lack(counted: Evidence, valued: Evidence, minimum: int, *, told: bool) -> bool:
    if counted.dimensions != valued.dimensions:
        return False
    amounts = valued.amounts
    with_value = valued.n_units if amounts is None else (amounts.divisor // 10**WEIGHT_DECIMALS).astype(np.int64)
    units, rows = _at(counted, valued, valued.n_units), _at(counted, valued, with_value)
    # Of a cell without any value there is no mean to compare with.
    seen = (units > 0) & (told | (counted.n_units < SMALL))
    lacking, further = counted.n_units - units, rows - units
    return bool((seen & (_few(lacking, minimum) | _few(further, minimum))).any())


def _at(counted: Evidence, valued: Evidence, numbers: Counts) -> Counts:
    """Return the numbers of the cells that have the same labels, 0 where there is no such cell."""
    codes, known = counted.codes.copy(), np.ones(len(counted), dtype=np.bool_)
    for place, labels in enumerate(counted.categories):
        own = {label: code for code, label in enumerate(valued.categories[place])}
        here = np.array([own.get(label, _ABSENT) for label in labels] or [_ABSENT], dtype=codes.dtype)
        inner = codes[:, place] != MARGIN
        codes[inner, place] = here[codes[inner, place]]
        known &= ~inner | (codes[:, place] != _ABSENT)
    codes[~known] = MARGIN
    found = valued.positions(codes)
    return np.asarray(np.where(known & (found >= 0), numbers[np.maximum(found, 0)], 0), dtype=np.int64)


def _few(numbers: Counts, minimum: int) -> Mask:
    return np.asarray((numbers > 0) & (numbers < minimum), dtype=np.bool_)


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
            hidden |= _at(evidence, out.table.evidence, out.table.failing.astype(np.int64)) > 0
    return not bool((taken.table.failing & ~hidden).any())
