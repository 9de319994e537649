"""Bank account numbers (IBAN, ISO 13616), recognised by country, length and check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Lengths in the IBAN registry (SWIFT, release 99).
_LENGTHS: Final = {
    code: length
    for length, codes in {
        15: "NO",
        16: "BE",
        18: "DK FK FO FI GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for code in codes.split()
}
# In capitals throughout or in small letters throughout: encoded bytes mix them, and look like one by chance.
_START = re.compile(r"(?<!\d)(?:[A-Z]{2}|[a-z]{2})\d{2}")
_CAPITALS, _SMALL = (re.compile(f"[ -]?[{letters}0-9]") for letters in ("A-Z", "a-z"))


def is_iban(number: str) -> bool:
    """Tell whether capitals and digits without spaces are an IBAN: the remainder by 97 of the rearranged number is 1.

    >>> is_iban("NL91ABNA0417164300"), is_iban("NL92ABNA0417164300")
    (True, False)
    """
    if len(number) != _LENGTHS.get(number[:2]):
        return False
    digits = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    return int(digits) % 97 == 1


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the bank account numbers in a plain text; spaces and hyphens may stand between its groups."""
    for start in _START.finditer(text):
        length = _LENGTHS.get(start.group()[:2].upper())
        if length is None:
            continue
        following = _CAPITALS if start.group()[0].isupper() else _SMALL
        number, end = start.group(), start.end()
        while len(number) < length and (one := following.match(text, end)):
            number, end = number + one.group()[-1], one.end()
        if is_iban(number.upper()):
            yield start.start(), end
