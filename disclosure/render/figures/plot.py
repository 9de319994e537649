"""What a figure draws, read from a judged table: dimensions in their roles, and one mark per published cell.

This is the only way from a table into a figure. It reads `JudgedTable.published`, so a withheld figure is not there
to be drawn, and it takes no cell of a margin for a category.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.model.evidence import Evidence
from disclosure.model.figures import FigureKind, FigureRequest, Role
from disclosure.model.labels import Labels
from disclosure.model.neutral_labels import released
from disclosure.model.recipes import Statistic
from disclosure.model.tables import CellState, JudgedTable
from disclosure.model.verdicts import Status
from disclosure.render.figures.intervals import interval, ordered
from disclosure.texts import text

MOST_MARKS: Final = 2000
MOST_BARS: Final = 400
MOST_SERIES: Final = 7
MOST_PANELS: Final = 12

_ORDER: Mapping[FigureKind, tuple[Role, ...]] = {
    FigureKind.BAR: (Role.X, Role.SERIES, Role.PANEL),
    FigureKind.LINE: (Role.X, Role.SERIES, Role.PANEL),
    FigureKind.HEAT_MAP: (Role.Y, Role.X, Role.PANEL),
    FigureKind.HISTOGRAM: (Role.X, Role.PANEL),
    FigureKind.BOX: (Role.X, Role.SERIES, Role.PANEL),
    FigureKind.KAPLAN_MEIER: (Role.X, Role.SERIES, Role.PANEL),
    FigureKind.LORENZ: (Role.X, Role.SERIES, Role.PANEL),
    FigureKind.BINNED_SCATTER: (Role.Y, Role.X, Role.PANEL),
    FigureKind.CHOROPLETH: (Role.X,),
}
"""The roles of each kind, in the order in which the dimensions of a table take them."""

_CURVES: Mapping[FigureKind, str] = {FigureKind.KAPLAN_MEIER: "time", FigureKind.LORENZ: "percentile"}
"""The dimension that the statistic of a curve adds, which the curve runs over."""

_FIGURE = "figure"
_FIGURES_OF_CURVES = ("survival", "incidence", "cumulative_incidence", "share", "cumulative_share", "lorenz")


@dataclass(frozen=True)
class Channel:
    """A dimension in a role, its categories in the order in which they are drawn.

    Attributes:
        title: what the codebook calls the dimension, empty if it says nothing.
        words: what it calls each category; empty if it says nothing of any.
    """

    dimension: str
    labels: tuple[str | None, ...]
    title: str = ""
    words: tuple[str, ...] = ()

    @property
    def titled(self) -> str:
        """The name of the dimension, with what the codebook calls it."""
        return f"{self.dimension} ({self.title})" if self.title else self.dimension


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure at a place: the position of its category in each channel, in the order of the channels."""

    place: tuple[int, ...]
    state: CellState
    figure: str | None


@dataclass(frozen=True)
class Plot:
    """Channels by role, and a mark for every combination of their categories; `labels` are the codebook's words."""

    channels: Mapping[Role, Channel]
    marks: tuple[Mark, ...]
    at: tuple[tuple[str, str | None], ...]
    labels: Labels = field(default_factory=Labels, repr=False)

    def positions(self, mark: Mark) -> dict[Role, int]:
        """Return the position of a mark's category in each role."""
        return dict(zip(self.channels, mark.place, strict=True))

    @property
    def has(self) -> frozenset[CellState]:
        """The states that occur."""
        return frozenset(mark.state for mark in self.marks)


def require_safe(table: JudgedTable) -> Evidence:
    """Return the evidence of a table whose verdict is Safe.

    Raises:
        RefusedError: it is not; nothing of it is drawn.
    """
    if table.verdict.status is Status.UNSAFE:
        raise RefusedError(
            text("The table is not safe, so no figure is drawn from it."),
            hint=text("Apply a remedy first: sdc.figure(out.apply(out.remedies()[0]))."),
        )
    if table.verdict.status is not Status.SAFE or table.evidence is None:
        raise RefusedError(
            text("The table could not be judged, so no figure is drawn from it."),
            hint=text("The verdict says what is missing: out.verdict."),
        )
    return table.evidence


def plot_of(table: JudgedTable, request: FigureRequest) -> Plot:
    """Return what a figure of a judged table draws.

    Raises:
        RefusedError: the table is not safe, or is too large for a figure, or nothing of what is asked may be shown.
        BadInputError: a dimension or category that the table does not have, or that the kind has no role for.
    """
    table = released(table)
    evidence = require_safe(table)
    at = _held(evidence, request)
    roles = _roles(evidence, request, at)
    labels = dict(zip(evidence.dimensions, evidence.categories, strict=True))
    channels = {
        role: _channel(table, name, labels[name] if name in evidence.added else _in_order(table, name, labels[name]))
        for role, name in roles.items()
    }
    _require_size(request.kind, channels)
    marks = _marks(table, channels, at)
    if not any(mark.state is CellState.PUBLISHED for mark in marks):
        raise RefusedError(
            text("No figure of what is asked may be shown: all of it is withheld, or there is none."),
            hint=text("Margins are withheld with failing cells; give every dimension a role (x=, series=, panel=)."),
        )
    return Plot(channels, marks, tuple(sorted(at.items())), table.labels)


def _in_order(table: JudgedTable, name: str, labels: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Return categories as a figure draws them: along the number line, or in the order of the table's own display."""
    along = ordered(labels)
    if all(interval(label) is not None for label in labels if label is not None):
        return along
    return table.labels.in_order(name, along)


def _channel(table: JudgedTable, name: str, labels: tuple[str | None, ...]) -> Channel:
    words = tuple(table.labels.category(name, label) for label in labels)
    return Channel(name, labels, table.labels.title(name), words if any(words) else ())


def _held(evidence: Evidence, request: FigureRequest) -> dict[str, str | None]:
    known = dict(zip(evidence.dimensions, evidence.categories, strict=True))
    at = dict(request.at)
    for name, label in at.items():
        if name not in known or label not in known[name]:
            raise BadInputError(text("The table does not have the dimension or category that at= names."))
    figures = known.get(_FIGURE, ())
    if request.kind in _CURVES and _FIGURE in evidence.added and _FIGURE not in (*at, *request.roles.values()):
        chosen = next((one for one in _FIGURES_OF_CURVES if one in figures), None)
        if chosen is None:
            raise BadInputError(
                text("Which figure of the table is the curve?"),
                hint=text("For example {example}.", example=f"at={{'{_FIGURE}': 'incidence_1'}}"),
            )
        at[_FIGURE] = chosen
    return at


def _roles(evidence: Evidence, request: FigureRequest, at: Mapping[str, str | None]) -> dict[Role, str]:
    kind, order = request.kind, _ORDER[request.kind]
    roles = dict(request.roles)
    if any(name not in evidence.dimensions for name in roles.values()):
        raise BadInputError(
            text("The table has no such dimension."), hint=text("It has {names}.", names=", ".join(evidence.dimensions))
        )
    if kind is FigureKind.BINNED_SCATTER and (Role.SERIES in roles or _is_means(request, evidence, at)):
        order = (Role.X, Role.SERIES, Role.PANEL)
    wrong = [role for role in roles if role not in order]
    if wrong:
        raise BadInputError(
            text("A figure of this kind has no {wrong}.", wrong=wrong[0]),
            hint=text("It has {names}.", names=", ".join(order)),
        )
    free = [name for name in evidence.dimensions if name not in at and name not in roles.values()]
    curve = _CURVES.get(kind)
    if curve is not None and Role.X not in roles:
        if curve not in free:
            raise BadInputError(
                text(
                    "A figure of this kind runs over a dimension '{curve}', which this table does not have.",
                    curve=curve,
                ),
                hint=text("Draw a line for another table."),
            )
        roles[Role.X] = curve
        free.remove(curve)
    if not request.roles:
        open_roles = [role for role in order if role not in roles]
        if len(free) > len(open_roles):
            raise BadInputError(
                text("The table has more dimensions than a figure of this kind: {names}.", names=", ".join(free)),
                hint=text('Name those to draw, for example x="wijk"; hold others at a category with at=.'),
            )
        # Of one dimension the kinds with two axes make a row of tiles, or dots over the number line: along x.
        if len(free) == 1 and order[0] is Role.Y:
            open_roles = [Role.X]
        roles |= dict(zip(open_roles, free, strict=False))
        free = []
    if any(name in evidence.added for name in free):
        raise BadInputError(
            text("A dimension that the statistic adds has no total."), hint=text("Hold it at one with at=.")
        )
    needed = (Role.X, Role.Y) if Role.Y in order else (Role.X,)
    if any(role not in roles for role in needed):
        raise BadInputError(text("A figure of this kind needs a dimension for {names}.", names=" and ".join(needed)))
    return {role: roles[role] for role in Role if role in roles}


def _is_means(request: FigureRequest, evidence: Evidence, at: Mapping[str, str | None]) -> bool:
    """Whether dots stand at the height of a figure: where there is no second number line to stand on."""
    if request.roles:
        return Role.Y not in request.roles
    return sum(name not in at for name in evidence.dimensions) == 1


def _require_size(kind: FigureKind, channels: Mapping[Role, Channel]) -> None:
    sizes = {role: len(channel.labels) for role, channel in channels.items()}
    most = MOST_BARS if kind in (FigureKind.BAR, FigureKind.BOX, FigureKind.HISTOGRAM) else MOST_MARKS
    if math.prod(sizes.values()) > most:
        raise RefusedError(
            text("A figure of this kind shows at most {most} figures.", most=f"{most:,}"),
            hint=text("Use fewer or coarser categories, hold a dimension at one with at=, or publish the table."),
        )
    if sizes.get(Role.SERIES, 0) > MOST_SERIES:
        raise RefusedError(
            text("At most {most_series} series can be told apart.", most_series=MOST_SERIES),
            hint=text("Use panel= for this dimension, or a heat map."),
        )
    if sizes.get(Role.PANEL, 0) > MOST_PANELS:
        raise RefusedError(
            text("A figure has at most {most_panels} panels.", most_panels=MOST_PANELS),
            hint=text("Hold the dimension at one with at=."),
        )


def _marks(table: JudgedTable, channels: Mapping[Role, Channel], at: Mapping[str, str | None]) -> tuple[Mark, ...]:
    wanted = {channel.dimension for channel in channels.values()} | set(at)
    positions = [{label: place for place, label in enumerate(channel.labels)} for channel in channels.values()]
    names = [channel.dimension for channel in channels.values()]
    found = {}
    for one in table.published():
        labels = one.cell.as_dict()
        if labels.keys() != wanted or any(labels[name] != label for name, label in at.items()):
            continue
        place = tuple(known[labels[name]] for name, known in zip(names, positions, strict=True))
        found[place] = Mark(place, one.state, one.figure)
    # As in the released table: a combination without units is 0 in a count and has no figure otherwise.
    counted = table.recipe.statistic is Statistic.COUNT and bool(found)
    state, figure = (CellState.PUBLISHED, "0") if counted else (CellState.NO_VALUE, None)
    places = product(*(range(len(channel.labels)) for channel in channels.values()))
    return tuple(found.get(place) or Mark(place, state, figure) for place in places)
