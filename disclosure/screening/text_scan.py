"""The scan of what people write: identifiers, and figures that were withheld.

One scan for titles, comments, markdown, code, labels and the outputs of notebooks. It finds what has a form: a
nine-digit key, a BSN, an IBAN, a postcode with a house number, an e-mail address, a telephone number, a withheld
figure. It does not find names, numbers in words or what is encoded; an empty answer is no proof that a text is free of
them.

A hit says what kind it is and where. It never holds what was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from disclosure.errors import BadInputError
from disclosure.screening.bank_accounts import ibans
from disclosure.screening.plain_text import plain_texts
from disclosure.screening.written_numbers import SuppressedFigures, numbers_equal_to
from disclosure.texts import Text, text

MOST_CHARACTERS: Final = 2_000_000
NOTHING_SUPPRESSED: Final = SuppressedFigures()
Spans = Iterator[tuple[int, int]]


class Mark(StrEnum):
    """What was recognised; where two fit the same place, the first one is told."""

    IBAN = "iban"
    EMAIL = "email"
    TELEPHONE = "telephone"
    POSTCODE = "postcode_house_number"
    BSN = "bsn"
    NINE_DIGITS = "nine_digit_key"
    SUPPRESSED = "suppressed_value"

    @property
    def words(self) -> Text:
        """What it is, in words."""
        return _WORDS[self]


_WORDS: Final = {
    Mark.IBAN: text("a bank account number (IBAN)"),
    Mark.EMAIL: text("an e-mail address"),
    Mark.TELEPHONE: text("a telephone number"),
    Mark.POSTCODE: text("a postcode with a house number"),
    Mark.BSN: text("a citizen service number (BSN)"),
    Mark.NINE_DIGITS: text("a nine-digit key"),
    Mark.SUPPRESSED: text("a figure that was withheld"),
}


class TextTooLongError(BadInputError):
    """A text is too long to be scanned, so nothing is known about it."""


@dataclass(frozen=True)
class Hit:
    """Something that was recognised.

    Attributes:
        mark: what it is.
        start, end: where it stands in the text as given; `end` is the place after it.
        line, column: the same for people, both from 1.
    """

    mark: Mark
    start: int
    end: int
    line: int
    column: int


def scan(text: str, *, suppressed: SuppressedFigures = NOTHING_SUPPRESSED) -> tuple[Hit, ...]:
    """Return what is recognised in a text, in the order in which it stands there.

    Colour codes, zero-width characters, other widths and other scripts of digits do not hide anything.

    Args:
        suppressed: figures that were withheld; numbers of four and more digits that equal one are told.

    Raises:
        TextTooLongError: the text has more than `MOST_CHARACTERS` characters.

    >>> [(hit.mark.value, hit.line, hit.column) for hit in scan("Ask me:\\n- jan@example.org")]
    [('email', 2, 3)]
    """
    if len(text) > MOST_CHARACTERS:
        raise TextTooLongError(
            f"A text is longer than the {MOST_CHARACTERS:,} characters that are scanned.", hint="Shorten it."
        )
    found: set[tuple[int, int, Mark]] = set()
    for view in plain_texts(text):
        for mark, spans in _DETECTORS:
            found |= {(*view.span(start, end), mark) for start, end in spans(view.text)}
        found |= {(*view.span(start, end), Mark.SUPPRESSED) for start, end in numbers_equal_to(view.text, suppressed)}
    return _placed(text, _widest(found))


def masked(text: str, hits: tuple[Hit, ...]) -> str:
    """Return a text with the kind of each hit in its place, for those who may read the text but not what was found.

    >>> masked("Ask jan@example.org.", scan("Ask jan@example.org."))
    'Ask [email].'
    """
    pieces, done = [], 0
    for hit in sorted(hits, key=lambda one: (one.start, -one.end)):
        if hit.start >= done:
            pieces.append(f"{text[done : hit.start]}[{hit.mark.value}]")
        done = max(done, hit.end)
    return "".join([*pieces, text[done:]])


def _widest(found: set[tuple[int, int, Mark]]) -> list[tuple[int, int, Mark]]:
    """Leave out what lies inside something wider; a withheld figure is told wherever it stands, once."""
    order = {mark: rank for rank, mark in enumerate(Mark)}
    kept: list[tuple[int, int, Mark]] = []
    reach = {True: 0, False: 0}
    for start, end, mark in sorted(found, key=lambda one: (one[0], -one[1], order[one[2]])):
        figure = mark is Mark.SUPPRESSED
        if end > reach[figure]:
            kept.append((start, end, mark))
            reach[figure] = end
    return kept


def _placed(text: str, found: list[tuple[int, int, Mark]]) -> tuple[Hit, ...]:
    hits, line, begin = [], 1, 0
    for start, end, mark in found:
        line += text.count("\n", begin, start)
        begin = max(begin, start)
        hits.append(Hit(mark, start, end, line, start - text.rfind("\n", 0, start)))
    return tuple(hits)


# --------------------------------------------------------------------------------------------------------------- keys
# Nine digits behind a decimal point are a fraction; behind a comma they may be a field of a file.
_NINE = re.compile(r"(?<!\d)(?<!\d\.)\d{9}(?!\d)|(?<![\d.])[1-9]\.\d{8}[eE]\+?0?8(?!\d)")
# Groups between spaces may be columns of a table, so those must stand alone.
_DOTTED_NINE = re.compile(r"(?<!\d)(?<!\d[.\-_])(?:\d{3}([.\-_])\d{3}\1\d{3}|\d{4}([.\-])\d\d\2\d{3})(?!\d|[.\-_]\d)")
_SPACED_NINE = re.compile(r"(?<!\d)(?<!\d )(?:\d{3} \d{3} \d{3}|\d{4} \d\d \d{3})(?! ?\d)")
_NAMED_EIGHT = re.compile(r"(?i)(?:bsn|burgerservicenummer|sofi-?nummer)\W{0,5}(\d{8})(?!\d)")


def is_bsn(digits: str) -> bool:
    """Tell whether nine digits are a BSN: 9 a + 8 b + ... + 2 h - i is a multiple of eleven, and not all are zero.

    Source: Besluit burgerservicenummer, article 2.

    >>> is_bsn("111222333"), is_bsn("111222334")
    (True, False)
    """
    weighted = sum(weight * int(digit) for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    return weighted % 11 == 0 and digits.strip("0") != ""


def _bsns(text: str) -> Spans:
    for pattern in (_NINE, _DOTTED_NINE, _SPACED_NINE):
        for match in pattern.finditer(text):
            digits = re.sub(r"[eE].*|\D", "", match.group())
            if is_bsn(digits):
                yield match.span()
    for match in _NAMED_EIGHT.finditer(text):
        if is_bsn(f"0{match.group(1)}"):
            yield match.span(1)


def _nine_digits(text: str) -> Spans:
    yield from (match.span() for match in _NINE.finditer(text))


# ---------------------------------------------------------------------------------------------------------- addresses
_AT = re.compile(r"@|%40|\s?[\[({]\s?(?i:at|@|apenstaart(?:je)?)\s?[\])}]\s?")
_BEFORE_AT = re.compile(r"[\w.%+'’&/=?^`{|}~!#$*-]{0,63}\w\Z")
_AFTER_AT = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}|\[?\d{1,3}(?:\.\d{1,3}){3}\]?")
_LOCAL_PART = 64


def _emails(text: str) -> Spans:
    for at in _AT.finditer(text):
        # Looked at from the sign outwards: from the left, a long text without one would be read once per character.
        domain = _AFTER_AT.match(text, at.end())
        if domain is None:
            continue
        local = _BEFORE_AT.search(text[max(0, at.start() - _LOCAL_PART) : at.start()])
        if local is not None:
            yield at.start() - len(local.group()), domain.end()


# Letters that no Dutch postcode has: SA, SD and SS. Small letters only without a space: "2022 in 12 wijken".
_CODE = r"[1-9]\d{3}(?: ?(?!S[ADS])[A-Z]{2}|(?!s[ads])[a-z]{2})(?![A-Za-z0-9])"
_BETWEEN = r"""[ \t,;:|/"'\-]{1,40}"""
_NAMED_NUMBER = r"[^\d\n]{0,20}(?i:huis|nr|nummer|number|house)[^\d\n]{0,20}"
_HOUSE = r"(?<![\d.,])[1-9]\d{0,4}"
_CODE_FIRST = re.compile(rf"(?<![\dA-Za-z]){_CODE}(?:{_BETWEEN}|{_NAMED_NUMBER}){_HOUSE}(?![\d])(?![.,]\d)")
_HOUSE_FIRST = re.compile(rf"(?<![\dA-Za-z]){_HOUSE}(?:[ -]?[A-Za-z]{{1,3}}|-\d{{1,4}})?[ \t,;|\"'\r\n]{{1,8}}{_CODE}")


def _postcodes(text: str) -> Spans:
    for pattern in (_CODE_FIRST, _HOUSE_FIRST):
        yield from (match.span() for match in pattern.finditer(text))


# ---------------------------------------------------------------------------------------------------------- telephone
# With separators an area code stands apart ("070-3373800", "06 12 34 56 78"), so that a row of codes is no number.
_AREA = r"\(?0{}\)?[ \-/.]{{1,3}}\d(?:[ \-.]?\d){{{}}}"
_DUTCH = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:0[1-9]\d{{8}}|{_AREA.format('6', 7)}|{_AREA.format('[1-9][0-9]', 6)}|"
    rf"{_AREA.format('[1-9][0-9][0-9]', 5)})(?!\d)"
)
_COUNTRY = re.compile(r"(?<!\d)(?:\+|00) ?31[ \-.]?(?:\(0\)[ \-.]?)?[1-9](?:[ \-.]?\d){8}(?!\d)")
_ABROAD = re.compile(r"(?<![\d+])\+ ?[1-9](?:[ \-.()]?\d){8,14}")


def _telephones(text: str) -> Spans:
    for pattern in (_DUTCH, _COUNTRY, _ABROAD):
        yield from (match.span() for match in pattern.finditer(text))


_DETECTORS: Final[tuple[tuple[Mark, Callable[[str], Spans]], ...]] = (
    (Mark.IBAN, ibans),
    (Mark.EMAIL, _emails),
    (Mark.TELEPHONE, _telephones),
    (Mark.POSTCODE, _postcodes),
    (Mark.BSN, _bsns),
    (Mark.NINE_DIGITS, _nine_digits),
)
