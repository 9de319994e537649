"""A picture that is only a picture: shapes and texts of closed lists, in one spelling, and nothing else.

What the drawing library writes is read again and written anew. An element or attribute that is not listed here, or a
reference to anything, inside the picture or out of it, refuses the figure: nothing is repaired silently that could
load, run or hide something. What only names the parts for machines (classes, roles, labels for screen readers, which
repeat data) is left out; the picture gets one title and one description instead.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from html import escape, unescape
from typing import Final

from disclosure.errors import RefusedError
from disclosure.render.figures.labels import HARD_SPACE
from disclosure.texts import text

_ELEMENTS: Final = frozenset(["svg", "g", "rect", "path", "line", "circle", "text", "tspan"])
_KEPT: Final = frozenset(
    [
        "xmlns", "width", "height", "viewBox", "transform", "d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "r",
        "cx", "cy", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
        "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity", "font-family",
        "font-size", "font-weight", "font-style", "text-anchor", "display",
    ]
)  # fmt: skip
_LEFT_OUT: Final = frozenset(["xmlns:xlink", "version", "class", "role", "pointer-events"])
_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_DESCRIPTION = re.compile("<desc>([^<]*)</desc>")
_PLAIN = re.compile(r"[A-Za-z0-9 ,.()#%+\-]*", re.ASCII)


def clean(drawn: str, *, title: str, description: str) -> bytes:
    """Return a drawn SVG as bytes in UTF-8: shapes and texts only, with a title and a description.

    Raises:
        RefusedError: it holds anything else.
    """
    writer = _Writer(title, description)
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.data
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = parser.CommentHandler = _refuse
    try:
        parser.Parse(drawn.encode("utf-8"), True)
    except (xml.parsers.expat.ExpatError, UnicodeEncodeError):
        # Not chained: the library's text may quote a label.
        raise RefusedError(
            text("The figure cannot be drawn as a picture."), hint=text("A label may hold what no font has.")
        ) from None
    return "".join(writer.parts).encode("utf-8")


def description_of(picture: bytes) -> str:
    """Return the description in a picture that `clean` wrote, empty if there is none."""
    found = _DESCRIPTION.search(picture.decode("utf-8"))
    return "" if found is None else unescape(found.group(1))


class _Writer:
    def __init__(self, title: str, description: str) -> None:
        self.parts: list[str] = []
        self._about = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        self._open: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in _ELEMENTS or (name == "svg") is not (not self._open):
            _refuse()
        kept = []
        for key, value in sorted(attributes.items()):
            if key in _LEFT_OUT or key.startswith("aria-"):
                continue
            if (
                key not in _KEPT
                or "url" in value.lower()
                or not (_PLAIN.fullmatch(value) or (key, value) == ("xmlns", _NAMESPACE))
            ):
                _refuse()
            kept.append(f' {key}="{escape(value)}"')
        role = ' role="img"' if name == "svg" else ""
        self.parts.append(f"<{name}{role}{''.join(kept)}>{'' if self._open else self._about}")
        self._open.append(name)

    def end(self, name: str) -> None:
        self._open.pop()
        self.parts.append(f"</{name}>")

    def data(self, text: str) -> None:
        if self._open and self._open[-1] in ("text", "tspan"):
            self.parts.append(escape(text.rstrip(HARD_SPACE), quote=False))
        elif text.strip():
            _refuse()


def _refuse(*_: object) -> None:
    raise RefusedError(
        text("The figure holds more than shapes and texts."), hint=text("Report this: it should not be possible.")
    )
