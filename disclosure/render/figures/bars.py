"""Bars, upright or lying, and histograms. A withheld figure has a sign where its bar would begin."""

from __future__ import annotations

from disclosure.errors import BadInputError
from disclosure.model.figures import FigureRequest, Role
from disclosure.model.recipes import Recipe
from disclosure.render.figures import style
from disclosure.render.figures.frame import (
    BESIDE,
    Canvas,
    Document,
    canvas,
    categories,
    category_axis,
    framed,
    only,
    room,
    row,
    series_colour,
    title_of,
    value_axis,
)
from disclosure.render.figures.intervals import Interval, adjoining, interval, on_a_line
from disclosure.render.figures.plot import Channel, Plot
from disclosure.render.figures.words import label_texts, shown
from disclosure.texts import text

_MOST_UPRIGHT = 28
_MOST_NUMBERS = 40
_TWO_LINES = 32
"""The height in pixels that a label of two lines takes."""
_APART = {"paddingInner": 0.25, "paddingOuter": 0.12}
"""The gaps between bars that stand for themselves, as parts of what a bar and its gap take."""
_COUNTS = ("count", "row_percent", "column_percent", "total_percent")


def bars(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return the document of a bar chart; bars lie down where their labels are long or many."""
    area = canvas(plot)
    lying = lies(plot, area)
    numbers = len(plot.marks) <= _MOST_NUMBERS and (lying or Role.SERIES not in plot.channels)
    rows = [row(plot, mark, text=shown(mark)) for mark in plot.marks]
    along, value = ("y", "x") if lying else ("x", "y")
    place = place_of_category(plot, request, area, lying=lying)
    fill: Document = {"value": style.SERIES[0]}
    series = plot.channels.get(Role.SERIES)
    if series is not None:
        fill = series_colour(series)
    layers: list[Document] = [
        {
            "transform": only("figure"),
            "mark": {"type": "bar"},
            "encoding": {**place, value: _length(), "color": fill},
        },
        signs(place, lying=lying),
        zero_line(value),
    ]
    if numbers:
        beside = {"align": "left", "dx": 4} if lying else {"baseline": "bottom", "dy": -3}
        middle = {"baseline": "middle"} if lying else {"align": "center"}
        layers.append(
            {
                "transform": [*only("figure"), {"filter": {"field": "value", "gte": 0}}],
                "mark": {"type": "text", "fontSize": 10, **beside, **middle},
                "encoding": {**place, value: _length(), "text": {"field": "text", "type": "nominal"}},
            }
        )
    size = extent(plot, area, along=along)
    return framed(recipe, plot, request, rows=rows, layers=layers, size=size)


def histogram(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return the document of a histogram: counts over intervals in the order of the number line.

    Raises:
        BadInputError: the table holds no counts, or a category is neither an interval nor a number.
    """
    if recipe.statistic.value not in _COUNTS:
        raise BadInputError(
            text("A histogram shows counts or percentages."), hint=text('Draw a "bar" or "line" of other figures.')
        )
    channel = plot.channels[Role.X]
    named = [label for label in channel.labels if label is not None]
    if any(interval(label) is None for label in named):
        raise BadInputError(
            text(
                "A histogram is over intervals or numbers, and '{name}' has other categories.", name=channel.dimension
            ),
            hint=text('Draw a "bar" of them.'),
        )
    intervals = on_a_line(named)
    if intervals is None or not adjoining(intervals) or None in channel.labels:
        return _over_labels(recipe, plot, request)
    area = canvas(plot)
    rows = []
    for mark in plot.marks:
        one = intervals[plot.positions(mark)[Role.X]]
        rows.append(row(plot, mark, low=_end(one, 0), high=_end(one, 1), middle=float(one.middle)))
    edges = sorted({_end(one, side) for one in intervals for side in (0, 1)})
    axis = {"title": title_of(channel, request), "grid": False, "values": edges, "labelOverlap": True}
    scale = {"domain": [edges[0], edges[-1]], "nice": False, "zero": False}
    place = {"x": {"field": "low", "type": "quantitative", "axis": axis, "scale": scale}, "x2": {"field": "high"}}
    sign_place = {"x": {"field": "middle", "type": "quantitative", "axis": axis, "scale": scale}}
    layers: list[Document] = [
        {
            "transform": only("figure"),
            "mark": {"type": "bar", "color": style.SERIES[0], "stroke": "#ffffff", "strokeWidth": 1, "binSpacing": 0},
            "encoding": {**place, "y": _length()},
        },
        signs(sign_place, lying=False),
        zero_line("y"),
    ]
    return framed(recipe, plot, request, rows=rows, layers=layers, size={"width": area.width, "height": area.height})


def _over_labels(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return bars with gaps for intervals that differ in width or are open, for numbers, and with a missing category.

    Bars that touch are read as one number line, on which such intervals would have to be as wide as they are, their
    heights would be densities, and what is open or missing would have no place. The labels say what each bar is of.
    """
    area = canvas(plot)
    channel = plot.channels[Role.X]
    across = area.width / len(channel.labels)
    place = {
        "x": {
            "field": "x",
            "type": "ordinal",
            "scale": {**categories(channel), **_APART},
            "axis": category_axis(channel, title=title_of(channel, request), width=room(across)),
        }
    }
    drawn: Document = {
        "transform": only("figure"),
        "mark": {"type": "bar", "color": style.SERIES[0]},
        "encoding": {**place, "y": _length()},
    }
    rows = [row(plot, mark) for mark in plot.marks]
    layers = [drawn, signs(place, lying=False), zero_line("y")]
    return framed(recipe, plot, request, rows=rows, layers=layers, size={"width": area.width, "height": area.height})


def _length() -> Document:
    """Return how long bars are: their figures, from zero."""
    return {"field": "value", "type": "quantitative", "axis": value_axis(), "scale": {"zero": True}}


def _end(one: Interval, side: int) -> float:
    end = (one.low, one.high)[side]
    return float(end) if end is not None else 0.0


def lies(plot: Plot, area: Canvas) -> bool:
    """Tell whether bars lie down: upright, their labels would take too many lines."""
    channel = plot.channels[Role.X]
    count = len(channel.labels)
    series = plot.channels.get(Role.SERIES)
    bars_across = count * (len(series.labels) if series is not None else 1)
    # Few bars do not spread over the whole width, and neither do their labels.
    fits = room(extent(plot, area, along="x")["width"] / count)
    longest = max((len(word) for text in label_texts(channel) for word in text.split()), default=0)
    whole = max(len(text) for text in label_texts(channel))
    return bars_across > _MOST_UPRIGHT or longest > fits or whole > 2 * fits


def place_of_category(plot: Plot, request: FigureRequest, area: Canvas, *, lying: bool) -> dict[str, Document]:
    """Return where bars stand: the category along one axis, and the series beside each other within it."""
    channel = plot.channels[Role.X]
    # A label has the room that its bars have, which a few of them do not spread over the whole width.
    width = BESIDE if lying else room(extent(plot, area, along="x")["width"] / len(channel.labels))
    along = "y" if lying else "x"
    place: dict[str, Document] = {
        along: {
            "field": Role.X.value,
            "type": "ordinal",
            "scale": {**categories(channel), **_APART},
            "axis": category_axis(channel, title=title_of(channel, request), width=width, horizontal=lying, beside=2),
        }
    }
    series = plot.channels.get(Role.SERIES)
    if series is not None:
        place[f"{along}Offset"] = {"field": Role.SERIES.value, "type": "nominal", "scale": categories(series)}
    return place


def extent(plot: Plot, area: Canvas, *, along: str) -> dict[str, int]:
    """Return the size of the plotting area; lying bars make it as long as they need."""
    series = plot.channels.get(Role.SERIES)
    each = 13 * len(series.labels) + 8 if series is not None else 22
    channel = plot.channels[Role.X]
    count = len(channel.labels)
    if along == "x":
        return {"width": min(area.width, _widest(count, series)), "height": area.height}
    two_lines = max(map(len, label_texts(channel))) > BESIDE
    return {"width": area.width, "height": max(60, (max(each, _TWO_LINES) if two_lines else each) * count)}


def _widest(count: int, series: Channel | None) -> int:
    """Return how wide a few upright bars are at most: two bars over the whole width look like walls."""
    return max(200, count * (95 if series is None else 30 + 40 * len(series.labels)))


def signs(place: dict[str, Document], *, lying: bool) -> Document:
    """Return the layer of signs, each just off the line from which its bar would have begun."""
    shift = {"align": "left", "baseline": "middle", "dx": 4} if lying else {"baseline": "bottom", "dy": -2}
    return {
        "transform": only("sign"),
        "mark": {"type": "text", "fontSize": style.SIGN_SIZE, "color": style.SOFT, **shift},
        "encoding": {**place, "x" if lying else "y": {"datum": 0}, "text": {"field": "sign", "type": "nominal"}},
    }


def zero_line(value: str) -> Document:
    """Return the line from which bars begin."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": style.SOFT, "strokeWidth": 1},
        "encoding": {value: {"datum": 0}},
    }
