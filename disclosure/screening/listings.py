"""Records in a text that do not stand in columns: JSON, pages, blocks of names and values, packed lines, encoded files.

What all listings share is that the same thing comes again and again: the same sequence of figures and words, record
after record, whatever signs part them. So a text is read as a sequence of pieces, each a figure or a word, and one that
repeats a pattern of three pieces or more, a figure among them, more than `MANY_ROWS` times is a listing.
"""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import Final

MANY_ROWS: Final = 20
"""More rows than so many are no example in a text, and no table by groups if their labels repeat."""
MANY_COLUMNS: Final = 3
_LONGEST_PATTERN: Final = 60
_LONGEST_CODE: Final = 300
"""So many signs of what is neither words nor figures are an encoded file; four digests are not."""

_SHORTEST_CODE: Final = 5
_LONG_CODE: Final = 20
_LONGEST_FIELD: Final = 40

_PIECES = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_UNBROKEN = re.compile(r"\S{40,}")
_TAG = re.compile(r"</?[a-z]{1,10}(?:\s[^<>]*)?>")
_SHORT_CODES = re.compile(r"(?:\b[0-9A-Fa-f]{2}\b[\s:,]*){100,}")
_CODED = re.compile(rf"[A-Za-z0-9+/=]{{{_SHORTEST_CODE},}}")
_SIGNS = re.compile(rf"\S{{{_LONG_CODE},}}")
_BRACKETS = re.compile(r"[\[\]{}\n]")
_MARKS: Final = (",", ";", "\t", "|")
_ADDRESS: Final = ("http://", "https://", "<http://", "<https://")
_PARTING: Final = frozenset("(|;,")
_FILE_NAME = re.compile(r"(?<![A-Za-z0-9+])[A-Z]{2,12}(?:19|20)\d{2}[A-Z]{0,8}(?:V\d{1,2})?(?![A-Za-z0-9+])")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?![A-Za-z0-9+/=])")
_MOST_COLOURS: Final = 20
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}-[01]\d-[0-3]\d(?:[ T][0-2]\d(?::[0-5]\d){1,2}(?:\.0+)?)?"
    r"|[0-3]\d-[01]\d-(?:19|20)\d{2})(?!\d)"
)
_SAID_AGAIN: Final = 5
"""So many different lines are what a program says, however often."""
_DATES_OF_A_LABEL: Final = 2
_OF_A_LIST: Final = r"(?:(?:GM|WK|BU)\d{4,8}|\d{1,4})"
_LIST = re.compile(rf"\D*?{_OF_A_LIST}(?:(?:\s*(?:[,;+&]|\b(?:en|and|of|or)\b))+\s*{_OF_A_LIST})+\D*")
_IMAGE = re.compile(r"(?i)\bdata:[\w.+-]+/[\w.+-]+[;,]")
_FIGURE, _WORD = "f", "w"
_SIGN_KINDS: Final = "0Aa+"
_MOST_OF_A_LABEL: Final = 8


def is_listing(body: str) -> bool:
    """Tell whether a text lists records, in whatever way they are written down.

    >>> is_listing("\\n".join('{"age": %d, "sex": "v", "income": %d}' % (n, 7 * n) for n in range(30)))
    True
    >>> is_listing("The share fell from 14.2 to 11.3 percent, by 2.9 points.")
    False
    """
    return (
        is_encoded(body)
        or _has_alike_lines(body)
        or _has_alike_words(body)
        or _has_long_columns(body)
        or _has_many_figures(body)
        or _repeats(_kinds(body))
    )


def _kinds(text: str) -> str:
    """Return the pieces of a text, a sign for each: a figure or a word."""
    return "".join(_FIGURE if one[0].isdigit() else _WORD for one in _PIECES.findall(text))


def is_packed(cell: str) -> bool:
    """Tell whether a cell of a result holds more figures than a label of a group has: several records in one.

    A label has two dates at most, one figure each, or joins up to `MANY_ROWS` groups by their codes, which rise.

    >>> is_packed("Laak, 18-64, 2019-2022"), is_packed("34/v/1200 51/m/1900 28/v/800 44/m/300 18/v/9")
    (False, True)
    """
    if len(_DATE.findall(cell)) <= _DATES_OF_A_LABEL:
        cell = _DATE.sub("0", cell)
    most = MANY_ROWS if _joins_groups(cell) else _MOST_OF_A_LABEL
    return _kinds(cell).count(_FIGURE) > most


def _joins_groups(cell: str) -> bool:
    """Tell whether a label is a list of codes of groups, each larger than the one before."""
    codes = [int(code) for code in re.findall(r"\d+", cell)]
    return _LIST.fullmatch(cell) is not None and all(one < other for one, other in pairwise(codes))


def is_encoded(body: str) -> bool:
    """Tell whether a text holds what is neither words nor figures: an image, a file in base64 or hexadecimal.

    Names of files with a year are words, and so are colours, of which a text has few.
    """
    plain = _FILE_NAME.sub(" ", _TAG.sub(" ", body))
    if len(set(_COLOUR.findall(plain))) <= _MOST_COLOURS:
        plain = _COLOUR.sub(" ", plain)
    if sum(len(one) for one in _CODED.findall(plain) if _is_code(one)) > _LONGEST_CODE:
        return True
    if sum(len(one) for one in _SIGNS.findall(_TAG.sub(" ", body)) if _is_signs(one)) > _LONGEST_CODE:
        return True
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


def _is_code(piece: str) -> bool:
    """Tell whether capitals, small letters and figures change places as in a code; a word has its capital in front.

    >>> [_is_code(one) for one in ("H4sIAAAA", "9f86d081", "DataFrame", "GBA2019TAB", "RINPERSOONS", "84639NED")]
    [True, True, False, False, False, False]
    """
    letters = "".join(filter(str.isalnum, piece))
    return 5 * _changes(letters) >= max(len(letters), 11)


def _is_signs(piece: str) -> bool:
    """Tell whether letters of both kinds, figures and signs stand mixed, as in base85."""
    kinds = {_kind(sign) for sign in piece}
    return len(kinds) == len(_SIGN_KINDS) and 5 * _changes(piece) >= 2 * len(piece)


def _changes(piece: str) -> int:
    """Return how often the kind of sign changes within a piece, other than from a capital to a small letter."""
    kinds = [_kind(sign) for sign in piece]
    return sum(one != other and (one, other) != ("A", "a") for one, other in pairwise(kinds))


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "0"
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return "+"


def _has_alike_words(body: str) -> bool:
    """Tell whether more than `MANY_ROWS` lines have as many words each, and in no place words that differ by line.

    So are records of categories, without a figure among them; a list has a name on each line that no other has, and a
    log says a few things again and again.
    """
    lines = [words for words in map(_PIECES.findall, body.splitlines()) if words]
    for width, run in groupby(lines, key=len):
        rows = list(run)
        if width >= MANY_COLUMNS and len(rows) > MANY_ROWS:
            columns = zip(*rows, strict=True)
            if len(set(map(tuple, rows))) > _SAID_AGAIN and all(
                2 * len(set(column)) <= len(rows) for column in columns
            ):
                return True
    return False


def _has_long_columns(body: str) -> bool:
    """Tell whether columns are written one after another: lists of short fields, as many in each."""
    lengths = []
    for one in _BRACKETS.split(body):
        fields = max((one.split(mark) for mark in _MARKS), key=len)
        if len(fields) > MANY_ROWS and max(map(len, fields)) <= _LONGEST_FIELD:
            lengths.append(len(fields))
    return any(lengths.count(length) >= MANY_COLUMNS for length in set(lengths))


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
