"""What a piece of HTML says and what it hides, read without rendering it.

The reader is a plain walk from tag to tag in time proportional to the length of the text: markup that is made to keep a
parser busy is refused nothing and gains nothing. Tags within a line do not part what they stand in, so that a number of
which half is bold is one number; cells, lines and blocks do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final

_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9-]*(?=[\s/>])")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s=>/][^\s=>/]*)?(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?""")
_RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noscript", "noembed", "noframes"})
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "bdi", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "u"}
)
_ACTIVE: Final = frozenset(
    {"script", "iframe", "object", "embed", "applet", "form", "input", "button", "select", "frame"}
)
_PICTURE: Final = frozenset({"img", "svg", "canvas", "picture", "video", "audio", "math", "image"})
# Attributes of ordinary pages; whatever else is there carries something along.
_ORDINARY: Final = frozenset(
    {"align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color", "colspan", "dir", "height",
     "href", "id", "lang", "name", "nowrap", "rel", "role", "rowspan", "scope", "scoped", "span", "src", "style",
     "tabindex", "target", "title", "type", "valign", "width"}
)  # fmt: skip
_UNSEEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d]*[1-9])")


@dataclass
class Reading:
    """What was found.

    Attributes:
        text: what a page would show, tables with tabs between cells.
        flow: the same without what stands in tables.
        tables: per table its rows, per row its cells as (text, whether it is a heading).
        aside: comments and the names and values of attributes.
        scripts: the insides of scripts and the like.
        active: whether it holds what runs, loads or asks.
        pictures: whether it holds a drawing or a picture.
        hidden: whether something is there that a page does not show: a comment, an attribute that carries data along,
            or a style that hides.
        marked_up: whether there are tags at all.
    """

    text: str = ""
    flow: str = ""
    tables: list[list[list[tuple[str, bool]]]] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    active: bool = False
    pictures: bool = False
    hidden: bool = False
    marked_up: bool = False


def read_html(source: str) -> Reading:
    """Return what a piece of HTML says and hides. Broken markup is read as far as it goes, the rest as text.

    >>> read_html("<p>12<b>34</b><!-- x -->").text.strip(), read_html("<!-- x -->").aside
    ('1234', [' x '])
    """
    walk = _Walk(source)
    walk.all()
    return walk.reading


class _Walk:
    def __init__(self, source: str) -> None:
        self.source = source
        self.reading = Reading()
        self.pieces: list[str] = []
        self.flow: list[str] = []
        self.open: list[list[list[tuple[str, bool]]]] = []
        self.cell: list[str] | None = None
        self.heading = False

    def all(self) -> None:
        source, place = self.source, 0
        while place < len(source):
            tag = source.find("<", place)
            if tag < 0:
                tag = len(source)
            self.say(unescape(source[place:tag]))
            if tag < len(source):
                place = self.markup(tag)
            else:
                break
        self.close_cell()
        self.reading.text = "".join(self.pieces)
        self.reading.flow = "".join(self.flow)

    def say(self, words: str) -> None:
        if words and not (self.open and self.cell is None and words.isspace()):
            self.pieces.append(words)
            if not self.open:
                self.flow.append(words)
            elif self.cell is not None:
                self.cell.append(words)

    def markup(self, place: int) -> int:
        """Read what begins with "<" at `place`; return the place after it."""
        source = self.source
        if source.startswith("<!--", place):
            return self.aside(place + 4, "-->")
        if source.startswith(("<!", "<?"), place):
            return self.aside(place + 2, ">")
        name = _NAME.match(source, place + 1)
        if name is None:
            self.say("<")
            return place + 1
        self.reading.marked_up = True
        word = name.group().lower()
        place, said, closed = self.attributes(name.end())
        if not closed:
            # A page would drop a tag that never ends; here it is read as text.
            self.say(unescape(source[name.start() :]))
            return len(source)
        self.tag(word, said)
        if word in _RAW:
            return self.raw(word, place)
        return place

    def aside(self, start: int, closing: str) -> int:
        end = self.source.find(closing, start)
        said = unescape(self.source[start : end if end >= 0 else None])
        self.reading.aside.append(said)
        self.reading.hidden |= closing == "-->" and bool(said.strip())
        return end + len(closing) if end >= 0 else len(self.source)

    def raw(self, word: str, start: int) -> int:
        ending = re.compile(rf"</{word}(?=[\s/>])", re.IGNORECASE).search(self.source, start)
        inside = self.source[start : ending.start() if ending else None]
        if word == "style":
            self.reading.hidden |= _UNSEEN.search(inside) is not None
            self.reading.aside.append(inside)
        elif word in ("script", "iframe"):
            self.reading.scripts.append(inside)
        else:
            self.say(unescape(inside))
        return ending.start() if ending else len(self.source)

    def attributes(self, place: int) -> tuple[int, list[tuple[str, str]], bool]:
        said: list[tuple[str, str]] = []
        source = self.source
        while place < len(source):
            if source[place] == ">":
                return place + 1, said, True
            one = _ATTRIBUTE.match(source, place)
            if one is None or one.end() == place:
                place += 1
                continue
            value = one.group(2) or one.group(3) or one.group(4) or ""
            said.append(((one.group(1) or "").lower(), value))
            place = one.end()
        return place, said, False

    def tag(self, word: str, said: list[tuple[str, str]]) -> None:
        reading = self.reading
        name = word.removeprefix("/")
        reading.active |= name in _ACTIVE or any(one.startswith("on") for one, _ in said)
        reading.pictures |= name in _PICTURE
        for attribute, value in said:
            reading.aside += [attribute, unescape(value)]
            ordinary = attribute in _ORDINARY or attribute.startswith(("on", "aria-"))
            reading.hidden |= not ordinary or _UNSEEN.search(value) is not None
        if name in ("table", "tr", "td", "th"):
            self.table_tag(word)
        elif name not in _INLINE:
            self.say("\n")

    def table_tag(self, word: str) -> None:
        self.close_cell()
        if word == "table":
            self.open.append([])
            self.reading.tables.append(self.open[-1])
        elif word == "/table" and self.open:
            self.open.pop()
        elif word == "tr" and self.open:
            self.open[-1].append([])
        elif word in ("td", "th"):
            self.cell, self.heading = [], word == "th"
        self.pieces.append("\n" if word.endswith(("table", "tr")) else "\t")
        if not self.open:
            self.flow.append("\n")

    def close_cell(self) -> None:
        if self.cell is not None and self.open:
            if not self.open[-1]:
                self.open[-1].append([])
            self.open[-1][-1].append((" ".join("".join(self.cell).split()), self.heading))
        self.cell = None
