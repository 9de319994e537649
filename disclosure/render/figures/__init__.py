"""Figures, drawn from judged tables only, as fixed images.

A figure is a function of judged tables and a request: whoever has both draws the same bytes, so the control zone
draws what it releases itself.
"""

from __future__ import annotations

from disclosure.model.figures import FigureFormat, FigureRequest
from disclosure.render.figures.draw import svg_bytes
from disclosure.render.figures.labels import drawable
from disclosure.render.figures.png import png_bytes
from disclosure.render.figures.specification import Drawing, Tables, drawing_of

__all__ = ["Drawing", "Tables", "drawing_of", "drawn", "figure_bytes"]


def figure_bytes(
    tables: Tables,
    request: FigureRequest,
    *,
    form: FigureFormat = FigureFormat.SVG,
    geography: bytes | None = None,
) -> bytes:
    """Return a figure of judged tables as an image.

    Args:
        tables: one judged table; for a box plot five, as a mapping with p5, p25, median, p75 and p95.
        form: SVG, or PNG at two pixels to each of the SVG's.
        geography: the GeoJSON file of a map.

    Raises:
        RefusedError: a table is not safe or is too large for a figure, or nothing of what is asked may be shown.
        BadInputError: the request does not fit the tables.
    """
    return drawn(drawing_of(tables, request, geography), form)


def drawn(drawing: Drawing, form: FigureFormat) -> bytes:
    """Return the image of a drawing."""
    title = drawable(drawing.request.title) or drawing.alternative.split(". ", 1)[0]
    svg = svg_bytes(drawing.document, locale=drawing.locale, title=title, description=drawing.alternative)
    return svg if form is FigureFormat.SVG else png_bytes(svg)
