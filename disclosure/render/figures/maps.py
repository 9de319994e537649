"""Choropleths: areas in classes of colour; a withheld one is hatched grey with its sign."""

from __future__ import annotations

from disclosure.errors import BadInputError
from disclosure.model.figures import FigureRequest, Role
from disclosure.model.recipes import Recipe
from disclosure.render.figures import style
from disclosure.render.figures.classes import classes_of
from disclosure.render.figures.frame import Document, Row, framed, only
from disclosure.render.figures.geography import Geography
from disclosure.render.figures.labels import heading, identity
from disclosure.render.figures.plot import Plot
from disclosure.render.figures.shapes import shapes_of
from disclosure.render.figures.tiles import class_colour
from disclosure.render.figures.words import SIGNS, measure
from disclosure.texts import text, translate

_MOST_HEIGHT = 620


def choropleth(recipe: Recipe, plot: Plot, request: FigureRequest, geography: Geography) -> Document:
    """Return the document of a map.

    Areas without a cell in the table are drawn as outlines. The missing category has no area; the note says so.

    Raises:
        BadInputError: a category of the table has no area.
    """
    channel = plot.channels[Role.X]
    # A category without its own label has no area to be looked up: where it lies is drawn as an outline.
    known = geography.labels | {label for name, label in plot.labels.neutral if name == channel.dimension}
    homeless = [label for label in channel.labels if label is not None and label not in known]
    if homeless:
        raise BadInputError(
            text(
                "{n} of the {n2} categories of '{dimension}' have no area.",
                n=len(homeless),
                n2=len(channel.labels),
                dimension=channel.dimension,
            ),
            hint=text("Check that key= names the property that holds the same codes as the table."),
        )
    classes = classes_of([mark.figure for mark in plot.marks if mark.figure is not None])
    shapes, height = shapes_of(geography, width=style.WIDTH, most_height=_MOST_HEIGHT)
    marks = {channel.labels[plot.positions(mark)[Role.X]]: mark for mark in plot.marks}
    rows: list[Row] = []
    for shape in shapes:
        mark = marks.get(shape.label)
        area: Row = {"type": "Feature", "geometry": shape.geometry()}
        if mark is None:
            rows.append({**area, "is": "outline"})
            continue
        if mark.figure is not None:
            rows.append({**area, "is": "area", "colour": identity(classes.of(mark.figure))})
            continue
        x, y = shape.inside()
        rows.append({**area, "is": "area", "colour": mark.state.value})
        rows.append({"type": "Feature", "geometry": shape.hatching(), "is": "hatch"})
        rows.append({"is": "sign", "sign": SIGNS[mark.state], "px": x, "py": y})
    # All areas lie within the plotting area: nothing is cut off, so nothing needs a cutting path with a name.
    shape_of = {"type": "geoshape", "clip": False, "stroke": "#6f6f6f", "strokeWidth": 0.6}
    colour = class_colour(classes, plot, title=heading(measure(recipe, request)))
    layers: list[Document] = [
        {"transform": only("outline"), "mark": {**shape_of, "fill": style.NOTHING, "stroke": "#b5b5b5"}},
        {"transform": only("area"), "mark": shape_of, "encoding": {"color": colour}},
        {
            "transform": only("hatch"),
            "mark": {"type": "geoshape", "clip": False, "filled": False, "stroke": "#9a9a9a", "strokeWidth": 0.7},
        },
        _signs(),
    ]
    for layer in layers[:3]:
        layer["projection"] = {"type": "identity", "scale": 1, "translate": [0, 0]}
    extra = []
    if None in channel.labels:
        extra.append(translate("the missing category is not on the map"))
    if any(one["is"] == "outline" for one in rows):
        extra.append(translate("outline only: not in the table"))
    size = {"width": style.WIDTH, "height": height}
    return framed(recipe, plot, request, rows=rows, layers=layers, size=size, extra_notes=tuple(extra))


def _signs() -> Document:
    def pixel(field: str) -> Document:
        return {"field": field, "type": "quantitative", "scale": None, "axis": None}

    return {
        "transform": only("sign"),
        "mark": {"type": "text", "fontSize": 16, "fontWeight": "bold", "baseline": "middle", "color": style.INK},
        "encoding": {"x": pixel("px"), "y": pixel("py"), "text": {"field": "sign", "type": "nominal"}},
    }
