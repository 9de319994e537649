"""Text as it is read, with the way back to text as it is stored.

A number that colour codes cut in two, an address with a zero-width space in it and digits of another script all look
like what they are on a page, and like nothing to a pattern. Here they are put into one spelling before anybody looks
for patterns, and every place in that spelling leads back to the place in the text as given.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

# What a terminal swallows: control sequences (colours), titles and links, other strings, short escapes.
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]"
)
# Besides what is no plain ASCII: characters that a page spells out, such as "&#64;" for "@".
_ODD = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24});|[^\t\n\r -~]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINES = frozenset("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


@dataclass(frozen=True)
class PlainText:
    """A text in plain spelling.

    Attributes:
        text: what is read.
        plain: places in `text` where a stretch begins; the first is 0.
        given: the place of each of these stretches in the text as given, with its end as the last entry.
    """

    text: str
    plain: tuple[int, ...]
    given: tuple[int, ...]

    def place(self, index: int) -> int:
        """Return the place in the text as given of a place in the plain one."""
        stretch = bisect_right(self.plain, index) - 1
        last = max(self.given[stretch], self.given[stretch + 1] - 1)
        return min(self.given[stretch] + index - self.plain[stretch], last)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of the plain text as a span of the text as given."""
        return self.place(start), self.place(end - 1) + 1


def plain_text(text: str) -> PlainText:
    """Return a text as a reader sees it.

    >>> plain_text("12\\x1b[31m34\\u200b56").text
    '123456'
    """
    return _spelled(text, (match.span() for match in _ESCAPE.finditer(text)))


def plain_texts(text: str) -> tuple[PlainText, ...]:
    """Return a text as a reader sees it and, if a terminal would swallow part of it, with that part as well."""
    seen = plain_text(text)
    return (seen, _spelled(text, ())) if _ESCAPE.search(text) else (seen,)


def _spelled(text: str, swallowed: Iterable[tuple[int, int]]) -> PlainText:
    pieces: list[str] = []
    plain, given = [0], [0]
    length = done = 0

    def add(piece: str, start: int) -> None:
        nonlocal length
        if plain[-1] == length:
            given[-1] = start
        else:
            plain.append(length)
            given.append(start)
        pieces.append(piece)
        length += len(piece)

    def stretch(start: int, end: int) -> None:
        for odd in _ODD.finditer(text, start, end):
            if odd.start() > start:
                add(text[start : odd.start()], start)
            if piece := _spelling(odd.group()) if len(odd.group()) == 1 else _entity(odd.group()):
                add(piece, odd.start())
            start = odd.end()
        if end > start:
            add(text[start:end], start)

    for first, last in swallowed:
        stretch(done, first)
        done = last
    stretch(done, len(text))
    return PlainText("".join(pieces), tuple(plain), (*given, len(text)))


@functools.lru_cache(maxsize=4096)
def _entity(spelled: str) -> str:
    return "".join(one if " " <= one <= "~" else _spelling(one) for one in unescape(spelled))


@functools.lru_cache(maxsize=4096)
def _spelling(character: str) -> str:
    """Return what a character outside plain ASCII stands for; nothing if it cannot be seen."""
    if character in _LINES:
        return "\n"
    category = unicodedata.category(character)
    if character == "\x1b":
        return " "
    if category in _INVISIBLE or character in _BLANK_LETTERS:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    if category == "Pd" or character == "−":
        return "-"
    return unicodedata.normalize("NFKC", character)
