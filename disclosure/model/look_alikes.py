"""Look-alikes: categories that differ as texts and not to the eye, so that a page hides that a group was split.

``28`` and ``28`` with a blank behind it, ``A`` of the Latin and of the Cyrillic alphabet, words with a sign of no
width: a reviewer sees one category twice, or does not see which of two is which. What a codebook lists is the
office's own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from disclosure.model.evidence import Evidence
from disclosure.model.neutral_labels import nameable
from disclosure.model.tables import Trials
from disclosure.model.verdicts import Inconclusive
from disclosure.texts import text

_DRAWN_LIKE: Final = (
    "a\u0430\u03b1\u0251", "A\u0410\u0391", "B\u0412\u0392", "b\u044c\u042c", "c\u0441\u03f2", "C\u0421\u03f9",
    "d\u0501", "e\u0435", "E\u0415\u0395", "g\u0261\u0581", "G\u050c", "h\u04bb\u0570", "H\u041d\u0397",
    "i\u0456\u0131\u03b9\u0269", "I\u0406\u0399\u04c0", "j\u0458\u03f3", "J\u0408", "k\u043a\u03ba", "K\u041a\u039a",
    "l\u04cf", "M\u041c\u039c", "n\u0578", "N\u039d", "o\u043e\u03bf\u0585\u1d0f", "O\u041e\u039f", "p\u0440\u03c1",
    "P\u0420\u03a1", "q\u051b", "Q\u051a", "r\u0433", "s\u0455", "S\u0405", "T\u0422\u03a4", "u\u03c5\u057d",
    "v\u03bd\u0475", "w\u051d\u0461\u03c9", "W\u051c", "x\u0445\u03c7", "X\u0425\u03a7", "y\u0443\u04af\u03b3",
    "Y\u04ae\u03a5\u0423", "Z\u0396", "3\u0417\u0437", "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043",
    "/\u2044\u2215", "'\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", '"\u201c\u201d\u201e\u201f\u2033',
    "|\u01c0\u2223\u2502",
)  # fmt: skip
"""Signs of the Latin alphabet, each with the Greek, Cyrillic and other ones that typefaces draw like it."""
_LATIN: Final = {ord(other): one[0] for one in _DRAWN_LIKE for other in one[1:]}
_NARROW: Final = str.maketrans({"I": "l", "1": "l", "|": "l", "O": "0"})
"""Signs that many typefaces draw alike, in this case only: ``i`` and ``o`` are others."""
_BLANK: Final = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_NO_WIDTH: Final = frozenset(map(chr, (0x34F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))))
_NO_WIDTH_FROM, _NO_WIDTH_TO = "\U000e0000", "\U000e0fff"
_UNKNOWN: Final = "\ufffd"


def skeletons(label: str) -> tuple[str, str]:
    """Return what is seen of a label: without regard to case, and with case but with signs that are drawn alike as one.

    Two labels of which either is the same look alike.

    >>> skeletons("Centrum ")[0] == skeletons("CENTRUM")[0], skeletons("A1")[1] == skeletons("Al")[1]
    (True, True)
    >>> skeletons("wijk 1") == skeletons("wijk 2")
    False
    """
    if not (label.isascii() and label.isprintable()):
        label = unicodedata.normalize("NFKC", "".join(map(_seen, label)))
    seen = " ".join(label.translate(_LATIN).split())
    return seen.casefold(), seen.translate(_NARROW)


def look_alikes(evidence: Evidence, trials: Trials) -> Inconclusive | None:
    """Return which dimensions have categories that look alike, None if none has."""
    missing = []
    for part in (evidence,) if evidence.underlying is None else (evidence, evidence.underlying):
        for place in range(part.own_dimensions):
            name = part.dimensions[place]
            # What hardly anybody bears is published without its label.
            if _some_alike(nameable(part, place, trials), trials.listed(name)):
                missing.append(
                    text(
                        "labels of '{name}' that the eye can tell apart: write each category in one way, without "
                        "blanks at its ends and in one alphabet, and give different groups different names",
                        name=name,
                    )
                )
    return Inconclusive(tuple(dict.fromkeys(missing))) if missing else None


def _some_alike(labels: Iterable[str], listed: frozenset[str]) -> bool:
    """Tell whether some two labels look alike that the codebook does not list both."""
    every = tuple(labels)
    if all(label.isascii() and label.isdigit() for label in every):
        return False
    for seen in zip(*map(skeletons, every), strict=True):
        first: dict[str, str] = {}
        for label, skeleton in zip(every, seen, strict=True):
            other = first.setdefault(skeleton, label)
            if other != label and not {other, label} <= listed:
                return True
    return False


def _seen(sign: str) -> str:
    """Return a sign as it is drawn: a blank for any blank, nothing for what has no width."""
    kind = unicodedata.category(sign)
    if sign in _BLANK or sign.isspace():
        return " "
    if kind in ("Cf", "Cc") or sign in _NO_WIDTH or _NO_WIDTH_FROM <= sign <= _NO_WIDTH_TO:
        return ""
    return _UNKNOWN if kind in ("Cn", "Co", "Cs") else sign
