"""Heat maps: one tile per cell in a class of colour, with its figure in it where there is room."""

from __future__ import annotations

from disclosure.model.figures import FigureRequest, Role
from disclosure.model.recipes import Recipe
from disclosure.model.tables import CellState
from disclosure.render.figures import style
from disclosure.render.figures.classes import Classes, classes_of
from disclosure.render.figures.frame import (
    BESIDE,
    Document,
    Row,
    canvas,
    categories,
    category_axis,
    framed,
    legend_columns,
    only,
    room,
    row,
    title_of,
)
from disclosure.render.figures.labels import heading, identity, lookup_by
from disclosure.render.figures.plot import Plot
from disclosure.render.figures.words import measure, shown
from disclosure.texts import translate

_TILE = 26
_LEAST_TILE = 7
_DIGIT = 6.4
_TALLEST = 900


def heat_map(recipe: Recipe, plot: Plot, request: FigureRequest) -> Document:
    """Return the document of a heat map."""
    across, down = plot.channels[Role.X], plot.channels[Role.Y]
    area = canvas(plot)
    wide = area.width / len(across.labels)
    tall = max(_LEAST_TILE, min(_TILE, _TALLEST / len(down.labels)))
    classes = classes_of([mark.figure for mark in plot.marks if mark.figure is not None])
    fits = tall >= 12 and max(len(shown(mark)) for mark in plot.marks) * _DIGIT < wide - 4
    rows: list[Row] = []
    for mark in plot.marks:
        colour = identity(classes.of(mark.figure)) if mark.figure is not None else mark.state.value
        dark = mark.figure is not None and palette(classes)[classes.of(mark.figure)] in style.DARK_CLASSES
        rows.append(row(plot, mark, colour=colour, text=shown(mark), ink="light" if dark else "dark"))
    place: dict[str, Document] = {
        "x": {
            "field": "x",
            "type": "ordinal",
            "scale": {**categories(across), "padding": 0.03},
            "axis": {
                **category_axis(across, title=title_of(across, request), width=room(wide)),
                "domain": False,
                "labelOverlap": wide < 2 * _DIGIT,
            },
        },
        "y": {
            "field": "y",
            "type": "ordinal",
            "scale": {**categories(down), "padding": 0.03},
            "axis": {
                **category_axis(down, title=heading(down.titled), width=BESIDE, horizontal=True),
                "domain": False,
                "labelOverlap": tall < 12,
            },
        },
    }
    tile: Document = {
        "mark": {"type": "rect", "stroke": "#bdbdbd", "strokeWidth": 0.5},
        "encoding": {**place, "color": class_colour(classes, plot, title=heading(measure(recipe, request)))},
    }
    ink = {"condition": {"test": {"field": "ink", "equal": "light"}, "value": "#ffffff"}, "value": style.INK}
    figures: Document = {
        "transform": [] if fits else only("sign"),
        "mark": {"type": "text", "baseline": "middle", "align": "center", "fontSize": 11 if fits else 10},
        "encoding": {**place, "text": {"field": "text", "type": "nominal"}, "color": ink},
    }
    size = {"width": area.width, "height": int(tall * len(down.labels))}
    return framed(recipe, plot, request, rows=rows, layers=[tile, figures], size=size)


def palette(classes: Classes) -> tuple[str, ...]:
    """Return the colour of each class, from light to dark."""
    if len(classes) == 1:
        return (style.CLASSES[2],)
    steps = [round(place * (len(style.CLASSES) - 1) / (len(classes) - 1)) for place in range(len(classes))]
    return tuple(style.CLASSES[step] for step in steps)


def class_colour(classes: Classes, plot: Plot, *, title: str) -> Document:
    """Return the colour of each class, and of what is withheld or has no figure, with the legend."""
    texts = {identity(place): words for place, words in enumerate(classes.texts())}
    colours = list(palette(classes))
    for state, colour, words in (
        (CellState.WITHHELD, style.WITHHELD, translate("× withheld")),
        (CellState.NO_VALUE, style.NOTHING, translate(". no figure")),
    ):
        if state in plot.has:
            texts[state.value] = words
            colours.append(colour)
    return {
        "field": "colour",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(texts), "range": colours},
        "legend": {
            "title": title,
            "labelExpr": lookup_by(texts, width=60, most=1),
            "symbolType": "square",
            "symbolSize": 160,
            "symbolStrokeColor": "#8c8c8c",
            "symbolStrokeWidth": 0.5,
            "columns": legend_columns(list(texts.values()), style.WIDTH),
        },
    }
