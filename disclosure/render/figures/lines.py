"""Lines: over the categories of a dimension, as steps of a Kaplan-Meier curve, as a Lorenz curve with its diagonal.

A line never runs across a withheld figure: it stops before it and begins anew behind it, and the sign stands at the
foot of the plotting area. Steps run on up to the withheld one, because until then the last figure holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disclosure.errors import BadInputError
from disclosure.model.figures import FigureKind, FigureRequest, Role
from disclosure.model.recipes import Recipe
from disclosure.render.figures import style
from disclosure.render.figures.frame import (
    Document,
    Row,
    canvas,
    categories,
    category_axis,
    framed,
    only,
    room,
    row,
    series_colour,
    texts_of,
    title_of,
    value_axis,
)
from disclosure.render.figures.intervals import on_a_line
from disclosure.render.figures.labels import expression
from disclosure.render.figures.plot import Channel, Mark, Plot
from disclosure.texts import text, translate

_MOST_TICKS = 12
_MOST_DOTS = 60
_CURVES = ("survival", "cumulative_incidence")


def lines(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return the document of a line chart, a Kaplan-Meier curve or a Lorenz curve.

    Raises:
        BadInputError: the statistic is not the one that the kind of curve shows, or its dimension has no numbers.
    """
    kind, channel = request.kind, plot.channels[Role.X]
    places = on_a_line([label for label in channel.labels if label is not None])
    numbers = [float(one.middle) for one in places] if places is not None and None not in channel.labels else None
    if kind is FigureKind.KAPLAN_MEIER and (recipe.statistic.value not in _CURVES or numbers is None):
        raise BadInputError(
            text("A Kaplan-Meier curve shows a survival table."), hint=text('Draw a "line" of other tables.')
        )
    if kind is FigureKind.LORENZ and (recipe.statistic.value != "lorenz" or numbers is None):
        raise BadInputError(text("A Lorenz curve shows a Lorenz table."), hint=text('Draw a "line" of other tables.'))
    origin = _origin(recipe, kind, numbers)
    rows = list(_rows(plot, request, numbers, origin))
    layers = _layers(plot, request, numbers)
    extra: tuple[str, ...] = ()
    if kind is FigureKind.LORENZ:
        whole = _whole(plot)
        rows += _over_panels(
            plot, [{"is": "even", "at": 0.0, "value": 0.0}, {"is": "even", "at": 100.0, "value": whole}]
        )
        extra = (translate("dashed line: equal distribution"),)
    area = canvas(plot)
    size = {"width": area.height, "height": area.height} if kind is FigureKind.LORENZ else vars_of(area)
    return framed(recipe, plot, request, rows=rows, layers=layers, size=size, extra_notes=extra)


def vars_of(area: Any) -> dict[str, int]:
    """Return the size of a plotting area as a document has it."""
    return {"width": area.width, "height": area.height}


def _origin(recipe: Recipe, kind: FigureKind, numbers: list[float] | None) -> tuple[float, float] | None:
    """Return the point from which every curve starts by definition, None if the table has it or there is none."""
    if numbers is None or not numbers or min(numbers) <= 0:
        return None
    if kind is FigureKind.KAPLAN_MEIER:
        return (0.0, 1.0 if recipe.statistic.value == "survival" else 0.0)
    return (0.0, 0.0) if kind is FigureKind.LORENZ else None


def _whole(plot: Plot) -> float:
    """Return what all together hold: 1, or 100 where the table has percentages."""
    return 1.0 if max(float(mark.figure) for mark in plot.marks if mark.figure is not None) <= 1 else 100.0


def _rows(
    plot: Plot, request: FigureRequest, numbers: list[float] | None, origin: tuple[float, float] | None
) -> Iterator[Row]:
    steps = request.kind is FigureKind.KAPLAN_MEIER
    segment = 0
    for number, line in enumerate(_by_line(plot)):
        segment += 1
        last: Row | None = None
        if origin is not None:
            start = row(plot, line[0], segment=segment, at=origin[0])
            start.pop("sign", None)
            last = {**start, "is": "start", "value": origin[1]}
            yield last
        for mark in line:
            place = plot.positions(mark)[Role.X]
            at = numbers[place] if numbers is not None else place
            # Signs of several lines at one place stand above each other, each in the colour of its line.
            one = row(plot, mark, segment=segment, at=at, foot=number % style.HEIGHT)
            if mark.figure is not None:
                last = one
            else:
                if steps and last is not None:
                    yield {**last, "is": "start", "at": at}
                segment, last = segment + 1, None
            yield one
        if request.kind is FigureKind.LORENZ and last is not None and numbers is not None and max(numbers) < 100:
            yield {**last, "is": "start", "at": 100.0, "value": _whole(plot)}


def _by_line(plot: Plot) -> list[list[Mark]]:
    """Return the marks of each line, in the order of x."""
    found: dict[tuple[int, ...], list[Mark]] = {}
    for mark in plot.marks:
        positions = plot.positions(mark)
        key = tuple(place for role, place in positions.items() if role is not Role.X)
        found.setdefault(key, []).append(mark)
    return [found[key] for key in sorted(found)]


def _over_panels(plot: Plot, rows: list[Row]) -> list[Row]:
    panel = plot.channels.get(Role.PANEL)
    if panel is None:
        return rows
    return [{**one, Role.PANEL.value: str(place)} for place in range(len(panel.labels)) for one in rows]


def _layers(plot: Plot, request: FigureRequest, numbers: list[float] | None) -> list[Document]:
    kind, channel = request.kind, plot.channels[Role.X]
    x = {"x": _x(plot, request, numbers)}
    upto = {"domain": [0, 1]} if kind is FigureKind.KAPLAN_MEIER else {"zero": kind is FigureKind.LORENZ}
    value = {"field": "value", "type": "quantitative", "axis": value_axis(), "scale": upto}
    series = plot.channels.get(Role.SERIES)
    dotted = kind is not FigureKind.KAPLAN_MEIER and len(channel.labels) <= _MOST_DOTS
    look = _looks(series, dotted=dotted)
    line: Document = {"type": "line", "strokeWidth": 2.25, "strokeJoin": "round"}
    if kind is FigureKind.KAPLAN_MEIER:
        line["interpolate"] = "step-after"
    layers: list[Document] = [
        {
            "transform": [{"filter": {"field": "is", "oneOf": ["figure", "start"]}}],
            "mark": line,
            "encoding": {
                **x,
                "y": value,
                "detail": {"field": "segment", "type": "nominal"},
                "order": {"field": "at", "type": "quantitative"},
                **{name: part for name, part in look.items() if name != "shape"},
            },
        }
    ]
    if kind is FigureKind.LORENZ:
        layers.insert(0, _diagonal(x, value))
    if dotted:
        dots = {name: part for name, part in look.items() if name != "strokeDash"}
        mark = {"type": "point", "filled": True, "size": 42, "opacity": 1}
        layers.append({"transform": only("figure"), "mark": mark, "encoding": {**x, "y": value, **dots}})
    layers.append(_signs(plot, x, look))
    return layers


def _signs(plot: Plot, x: Document, look: Mapping[str, Document]) -> Document:
    height = canvas(plot).height
    foot = {"transform": [*only("sign"), {"calculate": f"{height} - 9 - 12 * (datum.foot % 7)", "as": "down"}]}
    return {
        **foot,
        "mark": {"type": "text", "fontSize": style.SIGN_SIZE, "baseline": "middle", "fontWeight": "bold"},
        "encoding": {
            **x,
            "y": {"field": "down", "type": "quantitative", "scale": None, "axis": None},
            "text": {"field": "sign", "type": "nominal"},
            "color": look["color"],
        },
    }


def _looks(series: Channel | None, *, dotted: bool) -> dict[str, Document]:
    if series is None:
        return {"color": {"value": style.SERIES[0]}}
    count, colour = len(series.labels), series_colour(series)

    def same(kind: str, values: tuple[Any, ...]) -> Document:
        return {**colour, "scale": {**categories(series), "range": list(values[:count])}, "type": kind}

    dashes = same("nominal", style.DASHES)
    # The legend shows dots where there are dots, and dashes where there are none: both at once cannot be read.
    if dotted:
        legend = {**colour["legend"], "symbolStrokeWidth": 0}
        shapes = {**same("nominal", style.SHAPES), "legend": legend}
        return {"color": {**colour, "legend": legend}, "strokeDash": {**dashes, "legend": None}, "shape": shapes}
    legend = {**colour["legend"], "symbolType": "stroke", "symbolSize": 400}
    return {"color": {**colour, "legend": legend}, "strokeDash": {**dashes, "legend": legend}}


def _diagonal(x: Document, value: Document) -> Document:
    return {
        "transform": only("even"),
        "mark": {"type": "line", "color": style.SOFT, "strokeDash": [4, 3], "strokeWidth": 1.25},
        "encoding": {**x, "y": value},
    }


def _x(plot: Plot, request: FigureRequest, numbers: list[float] | None) -> Document:
    channel, area = plot.channels[Role.X], canvas(plot)
    title = title_of(channel, request)
    if numbers is None:
        axis = category_axis(channel, title=title, width=room(area.width / len(channel.labels)))
        return {"field": "x", "type": "ordinal", "scale": {**categories(channel), "type": "point"}, "axis": axis}
    if request.kind is FigureKind.LORENZ:
        wide = {"title": title, "grid": False, "values": [0, 20, 40, 60, 80, 100]}
        return {"field": "at", "type": "quantitative", "scale": {"domain": [0, 100]}, "axis": wide}
    return number_axis(channel, numbers, title=title, zero=request.kind is FigureKind.KAPLAN_MEIER)


def number_axis(channel: Channel, numbers: list[float], *, title: str | None, zero: bool = False) -> Document:
    """Return the place of categories on a number line, each with its own text; if there are many, not with all."""
    every = -(-len(numbers) // _MOST_TICKS)
    shown = dict(list(zip(numbers, texts_of(channel), strict=True))[::every])
    if zero:
        shown.setdefault(0.0, "0")
    axis = {
        "title": title,
        "grid": False,
        "values": sorted(shown),
        "labelExpr": expression({_key(number): [text] for number, text in shown.items()}),
        "labelOverlap": True,
    }
    low, high = (0.0 if zero else min(numbers)), max(numbers)
    margin = 0.0 if zero else (high - low) * 0.03 or 1.0
    scale = {"domain": [low - margin, high + margin], "nice": False, "zero": False}
    return {"field": "at", "type": "quantitative", "scale": scale, "axis": axis}


def _key(number: float) -> str:
    """Return the name under which an expression finds a number: as JavaScript writes it."""
    return str(int(number)) if number == int(number) else repr(number)
