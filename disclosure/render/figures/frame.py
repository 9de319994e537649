"""What all figures have in common in Vega-Lite: the frame with its titles, the axes, the legend, the panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from disclosure.model.figures import FigureKind, FigureRequest, Role
from disclosure.model.recipes import Recipe
from disclosure.render.figures import style
from disclosure.render.figures.labels import (
    STRETCH,
    drawable,
    heading,
    identities,
    identity,
    lines,
    longest_word,
    lookup,
)
from disclosure.render.figures.plot import Channel, Mark, Plot
from disclosure.render.figures.words import SIGNS, full_measure, headline, label_texts, notes, unit_of
from disclosure.texts import translate

Document = dict[str, Any]
Row = dict[str, Any]

SCHEMA_URL = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
"""Names the language of the document; nothing is fetched from it."""

BESIDE: Final = 40
"""The room in characters for a label beside the plotting area."""

_LEGEND_LABEL = 30
_SLANTED = 36
_CHARACTER = 5.6
"""The width in pixels of an average character of a label."""


@dataclass(frozen=True)
class Canvas:
    """The size in pixels of the plotting area, of each panel where there are several."""

    width: int
    height: int


def canvas(plot: Plot) -> Canvas:
    """Return the usual plotting area."""
    panels = Role.PANEL in plot.channels
    return Canvas(style.PANEL_WIDTH, style.PANEL_HEIGHT) if panels else Canvas(style.WIDTH, style.HEIGHT)


def row(plot: Plot, mark: Mark, **more: Any) -> Row:
    """Return a mark as a row of data: the category in each role, its figure or its sign, and what kind of row it is."""
    found: Row = {role.value: identity(place) for role, place in plot.positions(mark).items()}
    if mark.figure is None:
        return {**found, "is": "sign", "sign": SIGNS[mark.state], **more}
    return {**found, "is": "figure", "value": float(mark.figure), **more}


def only(kind: str) -> list[Row]:
    """Return the transform that keeps the rows of one kind."""
    return [{"filter": {"field": "is", "equal": kind}}]


def texts_of(channel: Channel) -> tuple[str, ...]:
    """Return the texts of a dimension's categories, as they are drawn."""
    return tuple(drawable(text) for text in label_texts(channel))


def title_of(channel: Channel, request: FigureRequest) -> str:
    """Return the name of the axis along x."""
    if request.x_title:
        return heading(request.x_title)
    if request.kind is FigureKind.KAPLAN_MEIER:
        return translate("time")
    if request.kind is FigureKind.LORENZ:
        return translate("percentage of the units, from low to high")
    return heading(channel.titled)


def category_axis(
    channel: Channel, *, title: str | None, width: int, horizontal: bool = False, beside: int = 1
) -> Document:
    """Return the axis of categories; `width` is the room in characters for one label.

    Labels under the plotting area of which a word does not fit are slanted, each on a line of its own; those beside it
    take at most `beside` lines.
    """
    texts = label_texts(channel)
    slanted = not horizontal and max(longest_word(text) for text in texts) > width * STRETCH
    axis: Document = {
        "labelExpr": lookup(texts, width=_SLANTED, most=1)
        if slanted
        else lookup(texts, width=width, most=beside if horizontal else 3),
        "title": title,
        "labelAngle": -45 if slanted else 0,
        "ticks": False,
        "grid": False,
        "labelPadding": 6,
        "labelOverlap": slanted and width < 3,
    }
    if slanted:
        axis |= {"labelAlign": "right", "labelBaseline": "middle"}
    if horizontal and title is not None:
        axis |= {"titleAngle": 0, "titleAlign": "right", "titleAnchor": "end", "titleY": -8, "titleX": -6}
    return axis


def categories(channel: Channel) -> Document:
    """Return the scale of a dimension: its categories in the order drawn, also those without a figure."""
    return {"domain": identities(len(channel.labels))}


def room(pixels: float) -> int:
    """Return how many characters of a label fit in so many pixels."""
    return max(2, int(pixels / _CHARACTER))


def value_axis(*, title: str | None = None) -> Document:
    """Return the axis of figures: light lines, no line of its own."""
    return {"title": title, "domain": False, "ticks": False, "grid": True, "tickCount": 6, "labelPadding": 4}


def legend_columns(texts: Sequence[str], width: int) -> int:
    """Return how many entries of a legend stand beside each other in so many pixels."""
    longest = max(min(len(text), _LEGEND_LABEL) for text in texts) * _CHARACTER + 34
    return max(1, min(len(texts), int(width / longest)))


def series_colour(channel: Channel) -> Document:
    """Return the colour of each category of a series, with the legend that names them."""
    texts = label_texts(channel)
    legend = {
        "title": heading(channel.titled),
        "labelExpr": lookup(texts, width=_LEGEND_LABEL, most=1),
        "columns": legend_columns(texts, style.WIDTH),
    }
    return {
        "field": Role.SERIES.value,
        "type": "nominal",
        "sort": None,
        "scale": {**categories(channel), "range": list(style.SERIES[: len(texts)])},
        "legend": legend,
    }


def framed(
    recipe: Recipe,
    plot: Plot,
    request: FigureRequest,
    *,
    rows: Sequence[Row],
    layers: Sequence[Document],
    size: Mapping[str, Any],
    extra_notes: tuple[str, ...] = (),
) -> Document:
    """Return the whole document of a figure: layers over one set of rows, in panels if asked, under its titles."""
    body: Document = {**size, "layer": list(layers)}
    panel = plot.channels.get(Role.PANEL)
    if panel is not None:
        across = 2
        facet = {
            "field": Role.PANEL.value,
            "type": "nominal",
            "sort": identities(len(panel.labels)),
            "header": {"labelExpr": lookup(label_texts(panel), width=38, most=1)},
        }
        body = {"facet": facet, "columns": across, "spacing": 24, "spec": body}
        # Each panel has an axis under it, also the last ones of a row that is not full.
        body["resolve"] = {"axis": {"x": "independent"}}
    return {
        "$schema": SCHEMA_URL,
        "title": _title(recipe, plot, request, extra_notes),
        "data": {"values": list(rows)},
        **body,
        "config": style.configuration(),
    }


def _title(recipe: Recipe, plot: Plot, request: FigureRequest, extra: tuple[str, ...]) -> Document:
    width = 68
    what = headline(recipe, plot, request)
    above, below = (request.title, what) if request.title else (what, "")
    if request.title and request.value_title:
        below = full_measure(recipe, request)
    under = lines(below, width=88) if below else []
    under += [line for said in (notes(plot, extra=extra), unit_of(recipe)) if said for line in lines(said, width=88)]
    title: Document = {"text": [heading(line) for line in lines(above, width=width, most=6)]}
    return {**title, "subtitle": [heading(line) for line in under]} if under else title
