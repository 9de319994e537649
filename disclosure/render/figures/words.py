"""The words and numbers of a figure: what it shows, what its signs mean, and its text alternative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from disclosure.model.cells import free_name
from disclosure.model.figures import FigureKind, FigureRequest
from disclosure.model.labels import Labels
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import CellState
from disclosure.render.description import details, named, with_details
from disclosure.render.digits import HARD_SPACE, in_few_digits
from disclosure.render.figures.intervals import interval
from disclosure.render.figures.labels import drawable
from disclosure.render.figures.plot import Channel, Mark, Plot
from disclosure.texts import Text, current_language, text, translate

SIGNS: Final[Mapping[CellState, str]] = MappingProxyType({CellState.WITHHELD: "×", CellState.NO_VALUE: "."})
"""What stands where there is no figure, as in the released table."""

_LOCALES: Mapping[str, tuple[str, str]] = MappingProxyType({"en": (".", ","), "nl": (",", HARD_SPACE)})
_MINUS = "−"

_KINDS: Mapping[FigureKind, Text] = MappingProxyType(
    {
        FigureKind.BAR: text("Bar chart"),
        FigureKind.LINE: text("Line chart"),
        FigureKind.HEAT_MAP: text("Heat map"),
        FigureKind.HISTOGRAM: text("Histogram"),
        FigureKind.BOX: text("Box plot"),
        FigureKind.KAPLAN_MEIER: text("Kaplan-Meier curve"),
        FigureKind.LORENZ: text("Lorenz curve"),
        FigureKind.BINNED_SCATTER: text("Binned scatter plot"),
        FigureKind.CHOROPLETH: text("Map"),
    }
)


def number_locale() -> dict[str, Any]:
    """Return how axes write numbers in the reader's language, as d3-format takes it."""
    point, thousands = _LOCALES[current_language()]
    return {"decimal": point, "thousands": thousands, "grouping": [3], "currency": ["€" + HARD_SPACE, ""]}


def number(figure: str) -> str:
    """Return a published figure, digit for digit, in the reader's language.

    >>> number("-1234567.5")
    '−1,234,567.5'
    """
    point, thousands = _LOCALES[current_language()]
    sign, digits = (_MINUS, figure[1:]) if figure.startswith("-") else ("", figure)
    whole, _, decimals = digits.partition(".")
    grouped = f"{int(whole):,}".replace(",", thousands)
    return sign + grouped + (point + decimals if decimals else "")


def shown(mark: Mark) -> str:
    """Return a mark as text: its figure in few digits, or the sign that stands in its place."""
    return SIGNS[mark.state] if mark.figure is None else number(in_few_digits(mark.figure, decimals=1))


def label_texts(channel: Channel) -> tuple[str, ...]:
    """Return the texts of a dimension's categories; the missing one gets a name that no other has."""
    known = [label for label in channel.labels if label is not None]
    read = {label: _interval_text(label) for label in known}
    plain = {
        label: f"{label}: {word}" if word else label
        for label, word in zip(channel.labels, channel.words or [""] * len(channel.labels), strict=True)
        if label is not None
    }
    texts = read if all(read.values()) and len(set(read.values())) == len(known) else plain
    missing = free_name(translate("(missing)"), texts.values())
    return tuple(missing if label is None else texts[label] for label in channel.labels)


def _interval_text(label: str) -> str:
    """Return "[0.0, 10.0)" as "0 to 10", empty for a label that is not such an interval.

    "Tot" in Dutch and "to" in English stand for "up to, but not including": intervals closed on the right keep their
    brackets.
    """
    one = interval(label)
    if one is None or label[:1] not in ("[", "(") or " + " in label:
        return ""
    low, high = (None if end is None else number(_plain(end)) for end in (one.low, one.high))
    if label[-1] == ")" and label[0] == "[" and low is not None and high is not None:
        return str(text("{low} to {high}", low=low, high=high))
    if low is None:
        return f"{'≤' if label[-1] == ']' else '<'} {high}"
    if high is None:
        return f"{'≥' if label[0] == '[' else '>'} {low}"
    return f"{label[0]}{low}; {high}{label[-1]}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def measure(recipe: Recipe, request: FigureRequest) -> str:
    """Return what the figures are."""
    if request.value_title:
        return request.value_title
    value = recipe.value or ""
    if request.kind is FigureKind.BOX:
        return str(text("Distribution of {value}", value=value))
    known = _measures(value).get(recipe.statistic.value)
    if known is not None:
        return str(known)
    words = named(recipe)
    return words[:1].upper() + words[1:]


def full_measure(recipe: Recipe, request: FigureRequest, labels: Labels | None = None) -> str:
    """Return what the figures are, with what the codebook calls the value, options, weights and further columns.

    In brackets, or figures weighted by a column would read as weighted by the dimensions that follow.
    """
    told = details(_without_probability(recipe, request), unit=False, labels=None if request.value_title else labels)
    return with_details(measure(recipe, request), told)


def _measures(value: str) -> dict[str, Text]:
    return {
        "count": text("Number of units"),
        "row_percent": text("Percentage of the row"),
        "column_percent": text("Percentage of the column"),
        "total_percent": text("Percentage of the total"),
        "rate": text("Share of units with {value}", value=value),
        "sum": text("Sum of {value}", value=value),
        "mean": text("Mean of {value}", value=value),
        "share": text("Share in the sum of {value}", value=value),
        "median": text("Median of {value}", value=value),
        "std": text("Standard deviation of {value}", value=value),
        "gini": text("Gini coefficient of {value}", value=value),
        "poverty_rate": text("Poverty rate by {value}", value=value),
        "lorenz": text("Cumulative share in {value}", value=value),
        "survival": text("Share without the event so far"),
        "cumulative_incidence": text("Share with the event so far"),
    }


def headline(recipe: Recipe, plot: Plot, request: FigureRequest) -> str:
    """Return what the figures are, by which dimensions, of whom."""
    # A curve runs over a dimension that its statistic adds: it is not by which the units are grouped.
    added = recipe.statistic.specification.added
    names = [channel.titled for channel in plot.channels.values() if channel.dimension not in added]
    words = full_measure(recipe, request, plot.labels)
    if names:
        last = names[-1]
        joined = str(text("{first} and {last}", first=", ".join(names[:-1]), last=last)) if names[1:] else last
        words = str(text("{what} by {names}", what=words, names=joined))
    own = [(name, label) for name, label in plot.at if not (name == "figure" and name not in recipe.dimensions)]
    held = ", ".join(f"{name} {translate('(missing)') if label is None else label}" for name, label in own)
    return f"{words} ({held})" if held else words


def _without_probability(recipe: Recipe, request: FigureRequest) -> Recipe:
    """Return the recipe; of a box plot without the probability, of which it shows five."""
    return replace(recipe, statistic=Statistic.MEDIAN, options=()) if request.kind is FigureKind.BOX else recipe


def unit_of(recipe: Recipe) -> str:
    """Return the sentence that names the statistical unit, empty if there is none."""
    return drawable(str(text("Unit: {names}.", names=", ".join(recipe.unit)))) if recipe.unit else ""


def notes(plot: Plot, *, extra: tuple[str, ...] = ()) -> str:
    """Return what the signs mean that occur in a figure, empty if none does."""
    meanings = {
        CellState.WITHHELD: translate("× withheld"),
        CellState.NO_VALUE: translate(". no figure"),
    }
    return ";  ".join([*(meaning for state, meaning in meanings.items() if state in plot.has), *extra])


def alternative(recipe: Recipe, plots: Mapping[str, Plot], request: FigureRequest) -> str:
    """Return the text alternative of a figure: what a reader who does not see it should know first.

    Of a box plot the lowest and highest are those of the medians.
    """
    every = [mark for one in plots.values() for mark in one.marks]
    number_drawn = sum(mark.figure is not None for mark in every)
    withheld = sum(mark.state is CellState.WITHHELD for mark in every)
    plot = plots.get("median") or next(iter(plots.values()))
    published = [mark for mark in plot.marks if mark.figure is not None]
    what = headline(recipe, plot, request)
    incidence = recipe.statistic is Statistic.CUMULATIVE_INCIDENCE and request.kind is FigureKind.KAPLAN_MEIER
    kind = text("Curve of cumulative incidence") if incidence else _KINDS[request.kind]
    head = str(text("{kind}: {what}.", kind=str(kind), what=what))
    drawn = str(text("Figures drawn: {n}; withheld: {m}.", n=str(number_drawn), m=str(withheld)))
    low, high = (pick(published, key=lambda mark: float(mark.figure or 0)) for pick in (min, max))
    ends = text(
        "Lowest {low} ({where_low}); highest {high} ({where_high}).",
        low=shown(low),
        where_low=_where(plot, low),
        high=shown(high),
        where_high=_where(plot, high),
    )
    titled = f"{request.title}. " if request.title else ""
    unit = f" {unit_of(recipe)}" if recipe.unit else ""
    return drawable(f"{titled}{head} {drawn} {ends}{unit}")


def _where(plot: Plot, mark: Mark) -> str:
    texts = [label_texts(channel) for channel in plot.channels.values()]
    return ", ".join(known[place] for known, place in zip(texts, mark.place, strict=True))
