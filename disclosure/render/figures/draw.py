"""From a document to a fixed picture, offline: the same document gives the same bytes.

The document holds its data in itself and names no address but that of its schema, which nothing fetches; the drawing
library is forbidden every address besides.
"""

from __future__ import annotations

from typing import Any, Final

from disclosure.errors import RefusedError
from disclosure.render.figures.svg import clean
from disclosure.texts import text

VEGA_LITE: Final = "6.4"
ADDRESS_SPACE: Final = 80 << 30
"""Bytes that the drawing library reserves, and hardly uses; less makes it end the process instead of raising."""
_ADDRESSES: Final = frozenset(["url", "href", "src", "lookup", "image", "sequence", "graticule", "params"])


def svg_bytes(document: dict[str, Any], *, locale: dict[str, Any], title: str, description: str) -> bytes:
    """Return the SVG of a Vega-Lite document.

    Args:
        locale: how numbers are written, as d3-format takes it.
        title, description: the text alternative, kept in the picture.

    Raises:
        NoRoomError: this process may not reserve the address space that drawing takes.
        RefusedError: the document is not one that may be drawn, or the picture is not only shapes and texts.
    """
    require_room()
    import altair
    import vl_convert
    from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

    require_closed(document)
    try:
        altair.Chart.from_dict(document)
        drawn = vl_convert.vegalite_to_svg(
            document, vl_version=VEGA_LITE, allowed_base_urls=[], show_warnings=False, format_locale=locale
        )
    except (ValidationError, ValueError, TypeError):
        # Not chained: the libraries quote the document, which holds labels.
        raise RefusedError(
            text("The figure cannot be drawn from this table."), hint=text("Publish the table instead.")
        ) from None
    return clean(drawn, title=title, description=description)


class NoRoomError(RefusedError):
    """This process cannot draw, whatever the figure is. Where it is submitted, the control zone draws it."""


def require_room() -> None:
    """Raise `NoRoomError` where the drawing library would end the process for want of address space."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    room, _ = resource.getrlimit(resource.RLIMIT_AS)
    if room not in (resource.RLIM_INFINITY, -1) and room < ADDRESS_SPACE:
        raise NoRoomError(
            text("Figures cannot be drawn within this kernel's limit of address space."),
            hint=text("It can be submitted all the same: the control zone draws it from the table."),
        )


def require_closed(document: Any) -> None:
    """Raise `RefusedError` if a document names an address, an image or anything else that is not its own data."""
    if isinstance(document, dict):
        if not _ADDRESSES.isdisjoint(document):
            raise RefusedError(
                text("A figure holds its data in itself."), hint=text("Report this: it should not be possible.")
            )
        for part in document.values():
            require_closed(part)
    elif isinstance(document, list | tuple):
        for part in document:
            require_closed(part)
