"""What a reader sees in words: what the figures are, and labels that no character in them can disguise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.model.evidence import Evidence
from disclosure.model.labels import Labels
from disclosure.model.recipes import Recipe
from disclosure.render.description import STATISTICS, described, local_number
from disclosure.texts import Text, text

__all__ = ["LONGEST_LABEL", "STATISTICS", "caption_of", "figures_of", "head_of", "legible", "local_number", "width"]

LONGEST_LABEL: Final = 60
_LONGEST_CAPTION: Final = 500
_JOINERS: Final = frozenset("\u200c\u200d")  # scripts and emoji are written with them


_HEADS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "at_risk": text("at_risk"),
        "censored": text("censored"),
        "coefficient": text("coefficient"),
        "confidence_high": text("confidence_high"),
        "confidence_low": text("confidence_low"),
        "correlation": text("correlation"),
        "degrees_of_freedom": text("degrees_of_freedom"),
        "degrees_of_freedom_residual": text("degrees_of_freedom_residual"),
        "estimate": text("estimate"),
        "exits": text("exits"),
        "exposed_with": text("exposed_with"),
        "exposed_without": text("exposed_without"),
        "figure": text("figure"),
        "hazard_ratio": text("hazard_ratio"),
        "hazard_ratio_high": text("hazard_ratio_high"),
        "hazard_ratio_low": text("hazard_ratio_low"),
        "high": text("high"),
        "incidence": text("incidence"),
        "log_likelihood": text("log_likelihood"),
        "low": text("low"),
        "n_units": text("n_units"),
        "odds_ratio": text("odds_ratio"),
        "odds_ratio_high": text("odds_ratio_high"),
        "odds_ratio_low": text("odds_ratio_low"),
        "others_with": text("others_with"),
        "others_without": text("others_without"),
        "p_value": text("p_value"),
        "percentile": text("percentile"),
        "r_squared": text("r_squared"),
        "rate_ratio": text("rate_ratio"),
        "rate_ratio_high": text("rate_ratio_high"),
        "rate_ratio_low": text("rate_ratio_low"),
        "share": text("share"),
        "standard_error": text("standard_error"),
        "statistic": text("statistic"),
        "survival": text("survival"),
        "term": text("term"),
        "time": text("time"),
    }
)
"""What a statistic adds to a table, as it is named in what is released and as a reader sees it."""
_NUMBERED: Final = re.compile(r"(exits|incidence)(_?[0-9]+)", re.ASCII)


def head_of(name: str) -> str:
    """Return a name that a statistic adds to a table, such as that of a figure, in the reader's language.

    What is released keeps the name itself; on the screen its words stand apart. One of several causes keeps its number.

    >>> head_of("p_value"), head_of("my_column")
    ('p value', 'my_column')
    """
    numbered = _NUMBERED.fullmatch(name)
    base, number = (name, "") if numbered is None else numbered.groups()
    return f"{_HEADS[base]}{number}".replace("_", " ") if base in _HEADS else name


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
