"""From judged tables and a request to what is drawn: the document, its text alternative, and the figures behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import BadInputError, DocumentError
from disclosure.exchange.canonical import digest
from disclosure.model.figures import FigureKind, FigureRequest
from disclosure.model.recipes import Recipe
from disclosure.model.tables import JudgedTable
from disclosure.render.figures.bars import bars, histogram
from disclosure.render.figures.boxes import Boxes, boxes, boxes_of
from disclosure.render.figures.dots import binned_scatter
from disclosure.render.figures.geography import geography_from
from disclosure.render.figures.lines import lines
from disclosure.render.figures.maps import choropleth
from disclosure.render.figures.plot import Plot, plot_of
from disclosure.render.figures.tiles import heat_map
from disclosure.render.figures.words import alternative, number_locale
from disclosure.texts import language, text

Tables = JudgedTable | Mapping[str, JudgedTable]
"""One judged table; for a box plot one for each of `boxes.QUANTILES`."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn.

    Attributes:
        document: the Vega-Lite document, with its data in it.
        locale: how axes write numbers.
        alternative: the text alternative.
        plots: the figures drawn, by what they are; one plot under "" but for a box plot.
    """

    recipe: Recipe
    request: FigureRequest
    document: dict[str, Any]
    locale: dict[str, Any]
    alternative: str
    plots: Mapping[str, Plot]


_KINDS: Final[Mapping[FigureKind, Callable[[Recipe, Plot, FigureRequest], dict[str, Any]]]] = MappingProxyType(
    {
        FigureKind.BAR: bars,
        FigureKind.LINE: lines,
        FigureKind.HEAT_MAP: heat_map,
        FigureKind.HISTOGRAM: histogram,
        FigureKind.KAPLAN_MEIER: lines,
        FigureKind.LORENZ: lines,
        FigureKind.BINNED_SCATTER: binned_scatter,
    }
)


def drawing_of(tables: Tables, request: FigureRequest, geography: bytes | None = None) -> Drawing:
    """Return what a figure of judged tables draws, in the language of the request.

    Args:
        geography: the GeoJSON file that the request names by its digest; for a map only.

    Raises:
        RefusedError: a table is not safe or too large, or nothing of what is asked may be shown.
        BadInputError: the tables or the GeoJSON do not fit the request.
    """
    with language(request.language):
        if request.kind is FigureKind.BOX:
            found = boxes_of(_several(tables), request)
            return _drawn_boxes(_several(tables)["median"].recipe, found, request)
        if not isinstance(tables, JudgedTable):
            raise BadInputError(
                text("A figure of this kind is drawn from one table."), hint=text('Only a "box" takes five.')
            )
        plot = plot_of(tables, request)
        recipe = tables.recipe
        if request.kind is FigureKind.CHOROPLETH:
            document = _map(recipe, plot, request, geography)
        else:
            document = _KINDS[request.kind](recipe, plot, request)
        plots = MappingProxyType({"": plot})
        return Drawing(recipe, request, document, number_locale(), alternative(recipe, plots, request), plots)


def _several(tables: Tables) -> Mapping[str, JudgedTable]:
    return {} if isinstance(tables, JudgedTable) else tables


def _drawn_boxes(recipe: Recipe, found: Boxes, request: FigureRequest) -> Drawing:
    document = boxes(recipe, found, request)
    words = alternative(recipe, found.plots, request)
    return Drawing(recipe, request, document, number_locale(), words, MappingProxyType(dict(found.plots)))


def _map(recipe: Recipe, plot: Plot, request: FigureRequest, geography: bytes | None) -> dict[str, Any]:
    if request.geography is None or geography is None:
        raise BadInputError(text("A map needs its areas."), hint=text("Give a GeoJSON file: geography= and key=."))
    if digest(geography) != request.geography.digest:
        raise DocumentError(text("The GeoJSON is not the one that the request for this map names."))
    return choropleth(recipe, plot, request, geography_from(geography, key=request.geography.key))
