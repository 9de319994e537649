"""Binned scatter plots: a dot per bin, never per unit.

Over two dimensions a dot's area is its count. Over one, a dot stands at the figure of its bin, such as a mean.
"""

from __future__ import annotations

from disclosure.errors import BadInputError
from disclosure.model.figures import FigureRequest, Role
from disclosure.model.recipes import Recipe, Statistic
from disclosure.render.figures import style
from disclosure.render.figures.frame import (
    BESIDE,
    Document,
    canvas,
    categories,
    category_axis,
    framed,
    only,
    room,
    row,
    title_of,
)
from disclosure.render.figures.labels import heading
from disclosure.render.figures.lines import lines
from disclosure.render.figures.plot import Plot
from disclosure.render.figures.words import measure
from disclosure.texts import text

_LARGEST = 700
_TALLEST_STEP = 34


def binned_scatter(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return the document of a binned scatter plot.

    Raises:
        BadInputError: there are two dimensions, and the table does not hold counts.
    """
    if Role.Y not in plot.channels:
        return _dots_only(lines(recipe, plot, request))
    if recipe.statistic is not Statistic.COUNT:
        raise BadInputError(
            text("Over two dimensions the area of a dot is a count."), hint=text('Use a "heat_map" for this table.')
        )
    across, down = plot.channels[Role.X], plot.channels[Role.Y]
    area = canvas(plot)
    wide = area.width / len(across.labels)
    tall = max(10.0, min(_TALLEST_STEP, 640 / len(down.labels)))
    rows = [row(plot, mark) for mark in plot.marks if mark.figure is None or float(mark.figure) > 0]
    # A number line grows upwards: the first interval stands at the bottom.
    upward = {"domain": list(reversed(categories(down)["domain"]))}
    place: dict[str, Document] = {
        "x": {
            "field": "x",
            "type": "ordinal",
            "scale": {**categories(across), "type": "band"},
            "axis": {
                **category_axis(across, title=title_of(across, request), width=room(wide)),
                "grid": True,
                "labelOverlap": wide < 16,
            },
        },
        "y": {
            "field": "y",
            "type": "ordinal",
            "scale": {**upward, "type": "band"},
            "axis": {
                **category_axis(down, title=heading(down.titled), width=BESIDE, horizontal=True),
                "grid": True,
                "labelOverlap": tall < 12,
            },
        },
    }
    largest = min(_LARGEST, 3.14 * (min(wide, tall * 1.3) / 2) ** 2)
    area_of = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "rangeMin": 0, "rangeMax": largest},
        "legend": {
            "title": heading(measure(recipe, request)),
            "tickCount": 4,
            "symbolFillColor": style.SERIES[0],
            "symbolStrokeColor": style.SERIES[0],
        },
    }
    layers: list[Document] = [
        {
            "transform": only("figure"),
            "mark": {"type": "circle", "color": style.SERIES[0], "opacity": 0.85},
            "encoding": {**place, "size": area_of},
        },
        {
            "transform": only("sign"),
            "mark": {"type": "text", "fontSize": style.SIGN_SIZE, "color": style.SOFT, "baseline": "middle"},
            "encoding": {**place, "text": {"field": "sign", "type": "nominal"}},
        },
    ]
    size = {"width": area.width, "height": int(tall * len(down.labels))}
    return framed(recipe, plot, request, rows=rows, layers=layers, size=size)


def _dots_only(document: Document) -> Document:
    """Return a line chart without its lines: between two bins nothing is known."""
    body = document.get("spec", document)
    body["layer"] = [layer for layer in body["layer"] if layer["mark"]["type"] != "line"]
    return document
