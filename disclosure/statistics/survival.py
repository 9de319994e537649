"""Survival curves and cumulative incidence, each with its life table (output class: survival).

Without a period the curves are those of Kaplan & Meier (1958) and of Aalen & Johansen (1978). With a period they are
those of the life table in intervals of that length: units that are censored in an interval are counted as at risk for
half of it (Cutler & Ederer 1958), so that nothing but the counts of whole intervals enters a figure.

The value is the duration. One further column has the event: 0 for censored, 1 for the event; for cumulative incidence
1, 2, ... for its causes. Everybody is at risk from duration 0 on: delayed entry is not supported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.distribution_options import plain, times
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import EVERYBODY_LEAVES, ONE_OUTCOME, SINGLE_EXIT, SURVIVAL_AT_RISK
from disclosure.statistics.base import OutputClass, Withholding
from disclosure.texts import text

DECIMALS = 6
_PART = "life_table"
# A product over thousands of times as a fraction would have as many digits; so many are the same on every machine.
_DIGITS = Context(prec=60, rounding=ROUND_HALF_EVEN)
_LADDER = (1, 2, 3, 6, 12, 24)


def figures(recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield units at risk, exits and censored units as they are, and survival or incidence up to and with the time.

    Survival and incidence are shares, None where nobody is at risk any more.

    Raises:
        RecipeError: the evidence has not every time of every group.
    """
    names, columns = evidence.categories[-1], evidence.part(_PART).columns
    shape = (-1, len(evidence.categories[-2]), len(names))
    if len(evidence) % (shape[1] * shape[2]):
        raise RecipeError(text("The evidence of the curves lacks a time."))
    at_risk, exits, censored, own = (
        columns[name].reshape(shape) for name in ("at_risk", "exits", "censored", "own_exits")
    )
    grouped = recipe.option("period") is not None
    for group in range(len(at_risk)):
        staying, incidence = Decimal(1), {name: Decimal(0) for name in names}
        for time in range(shape[1]):
            n, gone, lost = (int(counts[group, time, 0]) for counts in (at_risk, exits, censored))
            exposed = Decimal(2 * n - lost if grouped else 2 * n)
            for place, name in enumerate(names):
                mine = int(own[group, time, place])
                known = {"at_risk": n, "censored": lost}
                if name in known:
                    yield Fraction(known[name])
                elif name is not None and name.startswith("exits"):
                    yield Fraction(mine)
                elif n == 0:
                    yield None
                elif name == "survival":
                    yield Fraction(_less(staying, gone, exposed))
                else:
                    incidence[name] = _DIGITS.add(incidence[name], _step(staying, mine, exposed))
                    yield Fraction(incidence[name])
            if n:
                staying = _less(staying, gone, exposed)


def _step(staying: Decimal, gone: int, exposed: Decimal) -> Decimal:
    return _DIGITS.divide(_DIGITS.multiply(staying, Decimal(2 * gone)), exposed)


def _less(staying: Decimal, gone: int, exposed: Decimal) -> Decimal:
    return _DIGITS.divide(_DIGITS.multiply(staying, exposed - 2 * gone), exposed)


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless there is one event column, no weight, and times that make sense."""
    if len(recipe.others) != 1:
        raise RecipeError(
            text("A survival curve takes one further column, the event; delayed entry is not supported."),
            hint=text("Give the column that is 0 for censored units, and durations since entry."),
        )
    if recipe.others[0] in recipe.dimensions:
        raise RecipeError(
            text("The event column of a survival curve is also a dimension."), hint=text("Group by another column.")
        )
    if recipe.weight is not None:
        raise RecipeError(text("A survival curve counts units, so it takes no weights."), hint=text("Leave them out."))
    times(recipe)


def longer_period(recipe: Recipe) -> Recipe | None:
    """Return the recipe of the same curve in longer intervals: the next of 1, 2, 3, 6, 12, 24, 48, ... units of time.

    None if it is no curve, or if the longer interval would be longer than the curve.
    """
    if recipe.statistic not in (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE):
        return None
    asked = times(recipe)
    period = asked.period
    if period is None:
        longer = Fraction(1)
    else:
        longer = next((Fraction(one) for one in _LADDER if one > period), 2 * period)
        if period < Fraction(1, 2):
            longer = 2 * period
    if longer >= 10**9 or (asked.until is not None and longer > asked.until):
        return None
    options = {**dict(recipe.options), "period": plain(longer)}
    return replace(recipe, options=tuple(sorted(options.items())))


def _class(statistic: Statistic) -> OutputClass:
    return OutputClass(
        statistic,
        (SURVIVAL_AT_RISK, SINGLE_EXIT, EVERYBODY_LEAVES, ONE_OUTCOME),
        figures,
        lambda _: DECIMALS,
        Withholding.CURVES,
        amounts=False,
        part=_PART,
        check_options=check_options,
        further_units=False,
        holdings=False,
    )


SURVIVAL = _class(Statistic.SURVIVAL)
CUMULATIVE_INCIDENCE = _class(Statistic.CUMULATIVE_INCIDENCE)
