"""Life tables: who is at risk, leaves by an event or is censored, by group and time.

Without a period the times are those at which an event happens, and 0; whoever is censored at the time of an event was
still at risk at it. With a period they are the ends of intervals of that length: (0, p], (p, 2p], ..., of which the
first has those of duration 0 as well. Every group has a row for every time, so that the rows of one group tell nothing
of another's. A group has a row of its own per unit; several are refused, because which one counts is not ours to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import fixed_point, label, recoded, unit_key
from disclosure.engines.own_cells import extended, own_evidence
from disclosure.engines.unit_rows import UnitRows, Whole, coded, unit_numbers
from disclosure.errors import ColumnError, RecipeError
from disclosure.model.distribution_options import Times, plain, times
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

MOST_TIMES = 5000
MOST_CELLS = 500_000
MOST_CAUSES = 9
_EVENT_DECIMALS = 6
AT_RISK, EXITS, CENSORED, SURVIVAL, INCIDENCE = "at_risk", "exits", "censored", "survival", "incidence"


@dataclass(frozen=True, eq=False)
class LifeTable:
    """The life table of one group, one entry per time; `exits` has one column per cause."""

    at_risk: Whole
    exits: Whole
    censored: Whole


@dataclass(frozen=True, eq=False)
class Axis:
    """The times of all groups, as whole numbers: the end of each interval, or without a period its beginning."""

    ends: Whole
    grouped: bool
    until: int | None


def life_table(rows: ir.Table, _base: ir.Table, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence of a survival curve or a cumulative incidence.

    Raises:
        ColumnError: a duration is negative, or an event is missing or not one of the known codes.
        RecipeError: there are too many times, or too many cells.
    """
    event = recipe.others[0]
    base = _with_event(rows, recipe, plan, event)
    own = own_evidence(base, recipe, totals=False)
    people, events = _read(base, own, recipe, plan)
    if (people.values < 0).any():
        raise ColumnError(text("The column '{value}' has negative durations.", value=recipe.value))
    causes = _causes(events, recipe, event)
    places = list(people.of_cells(own))
    if any(len(np.unique(people.units[one])) < len(one) for one in places):
        return Inconclusive((text("one duration per unit: some units have several rows in one group"),))
    axis = _axis(people.values, events, times(recipe), plan.decimals)
    figures = _figures(recipe.statistic, causes)
    if len(places) * len(axis.ends) * len(figures) > MOST_CELLS:
        raise _too_many()
    tables = [_counted(people.values[one], events[one], axis, causes) for one in places]
    labels = tuple(plain(Fraction(int(end), 10**plan.decimals)) for end in axis.ends.tolist())
    at_risk = _per_cell([table.at_risk for table in tables], len(figures))
    part = Part(
        "life_table",
        {
            "at_risk": at_risk,
            "exits": _per_cell([table.exits.sum(axis=1) for table in tables], len(figures)),
            "censored": _per_cell([table.censored for table in tables], len(figures)),
            "own_exits": np.concatenate([_own(table).ravel() for table in tables]),
        },
    )
    return extended(own, {"time": labels, "figure": figures}, at_risk, at_risk, part)


def _figures(statistic: Statistic, causes: int) -> tuple[str, ...]:
    if statistic is Statistic.SURVIVAL:
        return (AT_RISK, EXITS, CENSORED, SURVIVAL)
    numbers = [""] if causes == 1 else [f"_{cause}" for cause in range(1, causes + 1)]
    return (AT_RISK, *(f"{EXITS}{one}" for one in numbers), CENSORED, *(f"{INCIDENCE}{one}" for one in numbers))


def _own(table: LifeTable) -> Whole:
    """Return per time and figure the exits of the figure's own cause, 0 for figures that have none."""
    nothing = np.zeros((len(table.at_risk), 1), dtype=np.int64)
    return np.concatenate([nothing, table.exits, nothing, table.exits], axis=1)


def _per_cell(columns: list[Whole], figures: int) -> Whole:
    return np.repeat(np.concatenate(columns), figures)


def _with_event(rows: ir.Table, recipe: Recipe, plan: Plan, event: str) -> ir.Table:
    """Return what `prepared` does, with the event as column e beside the other columns of the same row."""
    dimensions = {
        f"d{place}": recoded(label(rows[name], name), recipe.recodings, name)
        for place, name in enumerate(recipe.dimensions)
    }
    asked: dict[str, ir.Value] = dict(dimensions)
    asked |= {f"u{place}": unit_key(rows[name], name) for place, name in enumerate(recipe.unit)}
    asked["v"] = fixed_point(rows[recipe.value or ""], recipe.value or "", plan.decimals)
    asked["e"] = fixed_point(rows[event], event, _EVENT_DECIMALS)
    base = rows.select(**asked)
    if recipe.dropna and dimensions:
        base = base.filter([base[name].notnull() for name in dimensions])
    return base.filter(base.v.notnull())


def _read(base: ir.Table, own: Evidence, recipe: Recipe, plan: Plan) -> tuple[UnitRows, npt.NDArray[Any]]:
    with engine_errors():
        table = base.mutate(v=_scaled(base.v, plan.decimals), e=_scaled(base.e, _EVENT_DECIMALS)).to_pyarrow()
    events = table.column("e")
    if events.null_count:
        raise ColumnError(
            text("The event column '{column}' is missing where there is a duration.", column=recipe.others[0]),
            hint=text("Drop those rows, or record the units as censored."),
        )
    width = len(recipe.dimensions)
    codes = [coded(table.column(f"d{place}"), labels) for place, labels in enumerate(own.categories)]
    units = unit_numbers([table.column(f"u{place}") for place in range(len(recipe.unit))])
    found = UnitRows(
        codes=np.array(codes, dtype=np.int32).reshape(width, table.num_rows).T,
        units=units,
        holders=units,
        further=(),
        values=_numbers(table.column("v")),
        weights=None,
    )
    return found, _numbers(events)


def _scaled(column: ir.Value, decimals: int) -> ir.Value:
    return (column.cast(f"decimal(38, {decimals})") * 10**decimals).cast("int64")


def _numbers(column: pa.ChunkedArray) -> Whole:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _causes(events: Whole, recipe: Recipe, event: str) -> int:
    """Return how many causes there are, at least one, after checking the codes."""
    one = 10**_EVENT_DECIMALS
    most = MOST_CAUSES if recipe.statistic is Statistic.CUMULATIVE_INCIDENCE else 1
    if (events % one != 0).any() or (events < 0).any() or (events > most * one).any():
        known = (
            text("0 for censored and 1 for the event")
            if most == 1
            else text("0 for censored and 1 to {most} for the cause", most=most)
        )
        raise ColumnError(
            text("The event column '{event}' has other values than the known ones.", event=event),
            hint=text("They are {known}.", known=known),
        )
    return max(1, int(events.max(initial=0) // one))


def _axis(durations: Whole, events: Whole, asked: Times, decimals: int) -> Axis:
    until = None if asked.until is None else _whole(asked.until, decimals, "until")
    longest = int(durations.max(initial=0))
    last = longest if until is None else min(longest, until)
    if asked.period is None:
        happened = np.unique(np.concatenate([[0], durations[(events > 0) & (durations <= last)]]))
        if len(happened) > MOST_TIMES:
            raise _too_many()
        return Axis(happened.astype(np.int64), False, until)
    period = _whole(asked.period, decimals, "period")
    number = max(1, -(-last // period))
    if number > MOST_TIMES:
        raise _too_many()
    ends = np.array([period * place for place in range(1, number + 1)], dtype=np.object_)
    if until is not None:
        ends = np.minimum(ends, until)
    return Axis(ends.astype(np.int64), True, until)


def _whole(value: Fraction, decimals: int, name: str) -> int:
    scaled = value * 10**decimals
    if scaled.denominator != 1 or scaled >= 2**62:
        raise RecipeError(text("The option '{name}' does not have the decimals that the durations have.", name=name))
    return int(scaled)


def _counted(durations: Whole, events: Whole, axis: Axis, causes: int) -> LifeTable:
    """Return the life table of the units of one group."""
    size = len(axis.ends)
    # An interval is known by its end, which it includes; without a period by its beginning, which it includes too.
    after = np.searchsorted(axis.ends, durations, side="left" if axis.grouped else "right")
    place = after if axis.grouped else after - 1
    inside = place < size
    if axis.until is not None:
        inside &= durations <= axis.until
    cause = events // 10**_EVENT_DECIMALS
    exits = np.zeros((size, causes), dtype=np.int64)
    for number in range(1, causes + 1):
        exits[:, number - 1] = np.bincount(place[inside & (cause == number)], minlength=size)
    censored = np.bincount(place[inside & (cause == 0)], minlength=size).astype(np.int64)
    gone = np.cumsum(exits.sum(axis=1) + censored)
    return LifeTable(len(durations) - np.concatenate([[0], gone[:-1]]), exits, censored)


def _too_many() -> RecipeError:
    return RecipeError(
        text("The curve has more times than can be judged one by one."),
        hint=text('Take a longer period, for example "12".'),
    )
