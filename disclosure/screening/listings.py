"""Records in a text that do not stand in columns: JSON, pages, blocks of names and values, packed lines, encoded files.

What all listings share is that the same thing comes again and again: the same sequence of figures and words, record
after record, whatever signs part them. So a text is read as a sequence of pieces, each a figure or a word, and one that
repeats a pattern of three pieces or more, a figure among them, more than `MANY_ROWS` times is a listing.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

MANY_ROWS: Final = 20
"""More rows than so many are no example in a text, and no table by groups if their labels repeat."""
MANY_COLUMNS: Final = 3
_LONGEST_PATTERN: Final = 60
_LONGEST_CODE: Final = 300
"""So many signs of what is neither words nor figures are an encoded file; four digests are not."""

_PIECES = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_UNBROKEN = re.compile(r"\S{40,}")
_TAG = re.compile(r"</?[a-z]{1,10}(?:\s[^<>]*)?>")
_SHORT_CODES = re.compile(r"(?:\b[0-9A-Fa-f]{2}\b[\s:,]*){100,}")
_ADDRESS: Final = ("http://", "https://", "<http://", "<https://")
_PARTING: Final = frozenset("(|;,")
_IMAGE = re.compile(r"(?i)\bdata:[\w.+-]+/[\w.+-]+[;,]")
_FIGURE, _WORD = "f", "w"


def is_listing(body: str) -> bool:
    """Tell whether a text lists records, in whatever way they are written down.

    >>> is_listing("\\n".join('{"age": %d, "sex": "v", "income": %d}' % (n, 7 * n) for n in range(30)))
    True
    >>> is_listing("The share fell from 14.2 to 11.3 percent, by 2.9 points.")
    False
    """
    return _is_encoded(body) or _has_alike_lines(body) or _has_many_figures(body) or _repeats(_kinds(body))


def _kinds(text: str) -> str:
    """Return the pieces of a text, a sign for each: a figure or a word."""
    return "".join(_FIGURE if one[0].isdigit() else _WORD for one in _PIECES.findall(text))


def _is_encoded(body: str) -> bool:
    """Tell whether a text holds what is neither words nor figures: an image, a file in base64 or hexadecimal."""
    if _IMAGE.search(body) or _SHORT_CODES.search(body):
        return True
    codes = 0
    for one in _UNBROKEN.findall(_TAG.sub(" ", body)):
        address = one.lstrip("(").startswith(_ADDRESS) and len(one) <= _LONGEST_CODE
        parted = len(one) <= _LONGEST_CODE and not _PARTING.isdisjoint(one)
        if not (address or parted) and any(map(str.isdigit, one)) and any(map(str.isalpha, one)):
            codes += len(one)
    return codes > _LONGEST_CODE


def _has_alike_lines(body: str) -> bool:
    """Tell whether more than `MANY_ROWS` lines one after another have the same figures and words in the same places.

    A line of two pieces may be a name and its figure; a figure alone has no name.
    """
    lines = [kinds for kinds in map(_kinds, body.splitlines()) if kinds]
    return any(
        (kinds == _FIGURE or (len(kinds) >= MANY_COLUMNS and _FIGURE in kinds)) and sum(1 for _ in run) > MANY_ROWS
        for kinds, run in groupby(lines)
    )


def _has_many_figures(body: str) -> bool:
    """Tell whether figures follow each other without a word: more than `MANY_ROWS` rows of `MANY_COLUMNS` would have.

    Columns written one after another are so too. A curve is written in pairs, one on a line, which are passed over.
    """
    lines = map(_kinds, body.splitlines())
    runs = [len(run) for run in "".join(_WORD if one == 2 * _FIGURE else one for one in lines).split(_WORD)]
    return max(runs) > MANY_ROWS * MANY_COLUMNS or sum(run > MANY_ROWS for run in runs) >= MANY_COLUMNS


def _repeats(kinds: str) -> bool:
    """Tell whether a pattern with words and figures comes more than `MANY_ROWS` times, one right after another."""
    for length in range(MANY_COLUMNS, min(_LONGEST_PATTERN, len(kinds) // (MANY_ROWS + 1)) + 1):
        run = 0
        for place in range(len(kinds) - length):
            run = run + 1 if kinds[place] == kinds[place + length] else 0
            if run >= length * MANY_ROWS and _is_pattern(kinds[place + 1 : place + 1 + length]):
                return True
    return False


def _is_pattern(pattern: str) -> bool:
    """Tell whether a pattern has words and figures, and is not a shorter one of two pieces again and again."""
    return _FIGURE in pattern and _WORD in pattern and pattern[2:] + pattern[:2] != pattern
