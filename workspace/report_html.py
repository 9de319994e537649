"""HTML that code in a notebook made, without anything that runs, loads or leads elsewhere.

A page's Content-Security-Policy stops scripts and loading; this takes away the rest before it is in the page: links,
forms, refreshing, styles that reach beyond their element. What stays is text, tables and pictures that are in the page.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from bs4.exceptions import ParserRejectedMarkup
from markupsafe import Markup, escape

from disclosure.errors import BadInputError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEPT: Final = _words(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 "
    "h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th "
    "thead tr u ul var"
)
_GONE: Final = _words(
    "applet audio base canvas embed form frame frameset head iframe input link math meta noscript object script "
    "select style svg template textarea title video xml"
)
_ATTRIBUTES: Final = _words(
    "abbr align alt class colspan dir headers height lang open reversed rowspan scope start title type valign width"
)
_STYLES: Final = _words(
    "background-color border border-bottom border-left border-right border-top color font-style font-weight "
    "text-align text-decoration vertical-align white-space"
)
_PLAIN_STYLE: Final = re.compile(r"[A-Za-z0-9#%., ()-]{1,80}")
_PICTURE_KINDS: Final = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=\s]+")


def harmless(html: str) -> Markup:
    """Return HTML of which only text, tables and pictures within the page are left; what is no HTML, as text."""
    try:
        soup = BeautifulSoup(html, "html.parser")
    except ParserRejectedMarkup:
        return escape(html)
    for piece in soup.find_all(string=lambda found: isinstance(found, PreformattedString)):
        piece.extract()  # comments, and what claims to be a declaration
    for tag in soup.find_all(True):
        if tag.decomposed:
            continue
        if tag.name in _GONE:
            tag.decompose()
        elif tag.name not in _KEPT or (tag.name == "img" and not _PICTURE.fullmatch(str(tag.get("src", "")))):
            tag.unwrap()
        else:
            _strip(tag)
    return Markup(str(soup))  # noqa: S704 - made of allowed tags just now


def picture(data: str, kind: str) -> Markup:
    """Return a picture as an image in the page: in an image nothing runs and nothing is loaded."""
    encoded = base64.b64encode(data.encode("utf-8")).decode("ascii") if kind == "image/svg+xml" else data
    if not _BASE64.fullmatch(encoded):
        return Markup("")
    return Markup('<img alt="" src="data:{};base64,{}">').format(kind, "".join(encoded.split()))


def written(source: str, attachments: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> str:
    """Return a text in Markdown as HTML, with the pictures that were pasted into its cell.

    Args:
        attachments: of the cell: name, and content by kind.

    Raises:
        BadInputError: it shows a pasted picture that the cell does not hold in a form that a page can show.
    """
    from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

    found: dict[str, dict[str, str]] = {}
    for name, contents in attachments.items():
        usable = {kind: _encoded(data, kind) for kind, data in contents.items() if kind in _PICTURE_KINDS}
        if usable:
            found[name] = found[quote(name)] = usable
    renderer: Any = IPythonRenderer(escape=False, attachments=found)
    try:
        return MarkdownWithMath(renderer=renderer).render(source)
    except InvalidNotebook:
        # Not chained: it holds what the person called the picture.
        raise BadInputError(
            "A text shows a pasted picture that the notebook does not hold, or not as PNG, JPEG, GIF or SVG.",
            hint="Paste the picture again, or take it out of the text.",
        ) from None


def _encoded(data: str, kind: str) -> str:
    if kind == "image/svg+xml" and not _BASE64.fullmatch(data):
        return base64.b64encode(data.encode("utf-8")).decode("ascii")
    return "".join(data.split())


def _strip(tag: Tag) -> None:
    kept = {name: value for name, value in tag.attrs.items() if name in _ATTRIBUTES}
    if tag.name == "img":
        kept["src"] = tag["src"]
    if tag.name == "a" and str(tag.get("href", "")).startswith("#"):
        kept["href"] = tag["href"]
    style = ";".join(_styles(str(tag.get("style", ""))))
    if style:
        kept["style"] = style
    tag.attrs = kept


def _styles(style: str) -> list[str]:
    found = []
    for entry in style.split(";"):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if name.lower() in _STYLES and _PLAIN_STYLE.fullmatch(value) and "url" not in value.lower():
            found.append(f"{name.lower()}:{escape(value)}")
    return found
