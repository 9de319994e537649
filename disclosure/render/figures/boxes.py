"""Box plots from five quantiles: a box from p25 to p75 with the median, whiskers to p5 and p95, never to an extreme.

Each quantile is a judged table of its own. What one of them withholds is not drawn: without p95 there is no upper
whisker, without a quartile or the median no box, and a sign says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from disclosure.errors import BadInputError
from disclosure.model.figures import QUANTILES, FigureRequest, Role
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import CellState, JudgedTable
from disclosure.render.figures import style
from disclosure.render.figures.bars import extent, lies, place_of_category, signs
from disclosure.render.figures.frame import Document, Row, canvas, framed, only, row, series_colour, value_axis
from disclosure.render.figures.plot import Mark, Plot, plot_of
from disclosure.texts import text, translate

_BOX: Final = ("p25", "median", "p75")


@dataclass(frozen=True)
class Boxes:
    """Five plots of the same channels, by quantile."""

    plots: Mapping[str, Plot]

    def marks(self, place: int) -> dict[str, Mark]:
        """Return the five marks at one place."""
        return {name: plot.marks[place] for name, plot in self.plots.items()}

    @property
    def whole(self) -> Plot:
        """The median's plot, in which a place is withheld where any quantile is."""
        median = self.plots["median"]
        states = [{mark.state for mark in self.marks(place).values()} for place in range(len(median.marks))]
        marks = tuple(
            Mark(mark.place, CellState.WITHHELD, None) if CellState.WITHHELD in found else mark
            for mark, found in zip(median.marks, states, strict=True)
        )
        return replace(median, marks=marks)


def boxes_of(tables: Mapping[str, JudgedTable], request: FigureRequest) -> Boxes:
    """Return the five plots of a box plot.

    Raises:
        BadInputError: there are other tables than the five, or they do not belong together.
        RefusedError: one of them is not safe, or shows nothing of what is asked.
    """
    if set(tables) != set(QUANTILES):
        raise BadInputError(
            text("A box plot takes five tables."), hint=text("Give a mapping with {names}.", names=", ".join(QUANTILES))
        )
    plots = {name: plot_of(tables[name], request) for name in QUANTILES}
    if any(plot.channels != plots["median"].channels for plot in plots.values()):
        raise BadInputError(
            text("The five tables of a box plot have different categories."), hint=text("Make them in one call.")
        )
    asked = {_same(tables[name].recipe) for name in QUANTILES}
    if len(asked) != 1 or Statistic.COUNT in {tables[name].recipe.statistic for name in QUANTILES}:
        raise BadInputError(text("The five tables of a box plot are quantiles of one value, of the same units."))
    for place in range(len(plots["median"].marks)):
        known = [
            float(one.figure) for one in (plots[name].marks[place] for name in QUANTILES) if one.figure is not None
        ]
        if known != sorted(known):
            raise BadInputError(
                text("The five tables of a box plot are not in order."), hint=text("Check which is which.")
            )
    return Boxes(plots)


def _same(recipe: Recipe) -> tuple[Any, ...]:
    return (recipe.source, recipe.dimensions, recipe.value, recipe.unit, recipe.weight, recipe.recodings)


def boxes(recipe: Recipe, found: Boxes, request: FigureRequest) -> Document:
    """Return the document of a box plot."""
    plot = found.plots["median"]
    area = canvas(plot)
    lying = lies(plot, area)
    rows: list[Row] = []
    for place in range(len(plot.marks)):
        rows += _box(plot, found.marks(place))
    along, value, end = ("y", "x", "x2") if lying else ("x", "y", "y2")
    category = place_of_category(plot, request, area, lying=lying)
    series = plot.channels.get(Role.SERIES)
    fill = series_colour(series) if series is not None else {"value": style.SERIES[4]}

    def amount(field: str) -> Document:
        return {"field": field, "type": "quantitative", "axis": value_axis(), "scale": {"zero": False}}

    stretch = {value: amount("low"), end: {"field": "high"}}
    layers: list[Document] = [
        _layer("whisker", {"type": "rule", "color": style.INK, "strokeWidth": 1.25}, {**category, **stretch}),
        _layer("box", {"type": "bar", "stroke": style.INK, "strokeWidth": 1}, {**category, **stretch, "color": fill}),
        # A bar without a length is a line as wide as the box.
        _layer("median", {"type": "bar", "stroke": style.INK, "strokeWidth": 2.5}, {**category, **stretch}),
        _signs(signs(category, lying=lying), value, area.height),
    ]
    whole = found.whole
    extra = (translate("box: middle half with the median; whiskers: 5th to 95th percentile"),)
    size = extent(plot, area, along=along)
    return framed(recipe, whole, request, rows=rows, layers=layers, size=size, extra_notes=extra)


def _box(plot: Plot, marks: Mapping[str, Mark]) -> Sequence[Row]:
    figures = {name: float(mark.figure) for name, mark in marks.items() if mark.figure is not None}
    any_mark = marks["median"]
    place = {role.value: str(position) for role, position in plot.positions(any_mark).items()}

    def stretch(kind: str, low: str, high: str) -> Row:
        return {**place, "is": kind, "low": figures[low], "high": figures[high]}

    rows: list[Row] = []
    for low, high in (("p5", "p25"), ("p75", "p95")):
        if low in figures and high in figures:
            rows.append(stretch("whisker", low, high))
    if all(name in figures for name in _BOX):
        rows += [stretch("box", "p25", "p75"), stretch("median", "median", "median")]
    lacking = [mark for mark in marks.values() if mark.figure is None]
    if lacking:
        withheld = [mark for mark in lacking if mark.state is CellState.WITHHELD]
        rows.append(row(plot, (withheld or lacking)[0]))
    return rows


def _layer(kind: str, mark: Document, encoding: Document) -> Document:
    return {"transform": only(kind), "mark": mark, "encoding": encoding}


def _signs(layer: Document, value: str, height: int) -> Document:
    """Return the signs at the foot of the plotting area: the axis of quantiles does not begin at zero."""
    foot = {"value": 4 if value == "x" else height - 2}
    return {**layer, "encoding": {**layer["encoding"], value: foot}}
