"""What a reader sees in words: what the figures are, and labels that no character in them can disguise."""

from __future__ import annotations

import unicodedata
from typing import Final

from disclosure.model.evidence import Evidence
from disclosure.model.heads import head_of
from disclosure.model.labels import Labels
from disclosure.model.recipes import Recipe
from disclosure.render.description import STATISTICS, described, local_number
from disclosure.texts import text

__all__ = ["LONGEST_LABEL", "STATISTICS", "caption_of", "figures_of", "head_of", "legible", "local_number", "width"]

LONGEST_LABEL: Final = 60
_LONGEST_CAPTION: Final = 500
_JOINERS: Final = frozenset("\u200c\u200d")  # scripts and emoji are written with them


def figures_of(
    recipe: Recipe, evidence: Evidence | None = None, *, unit: bool = False, labels: Labels | None = None
) -> str:
    """Return what the figures of a recipe are, in the reader's language; see `disclosure.render.description`."""
    return legible(described(recipe, evidence, unit=unit, labels=labels), _LONGEST_CAPTION)


def caption_of(figures: str, rows: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """Return the caption of a table: its figures, and the dimensions that they are given by."""
    names = ", ".join(legible(name) for name in (*rows, *columns))
    return str(text("{what}, by {names}", what=figures, names=names)) if names else figures


def legible(label: str, longest: int = LONGEST_LABEL) -> str:
    r"""Return a label as it is shown: in one line, without signs that hide or reorder what stands around them.

    The label itself does not change, nor what is released; this is for the eye.

    >>> legible("a\nb"), legible(""), legible("\u202e12")
    ('a\\nb', '""', '\\u202e12')
    """
    if not label.strip():
        label = f'"{label}"'
    shown = "".join(_visible(sign) for sign in label[: longest + 1])
    return shown if len(label) <= longest else shown[:longest] + "…"


def width(label: str) -> int:
    """Return how many columns of a terminal a label takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in label)
    none = sum(unicodedata.combining(sign) > 0 or sign in _JOINERS or sign == "\ufe0f" for sign in label)
    return len(label) + wide - none


def _visible(sign: str) -> str:
    hidden = unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp", "Cs"} and sign not in _JOINERS
    return sign.encode("unicode_escape").decode("ascii") if hidden else sign
