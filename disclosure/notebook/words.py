"""What a reader sees in words: what the figures are, and labels that no character in them can disguise."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.model.recipes import Recipe, Statistic
from disclosure.texts import Text, text

LONGEST_LABEL: Final = 60
_JOINERS: Final = frozenset("\u200c\u200d")  # scripts and emoji are written with them

STATISTICS: Final[Mapping[Statistic, Text]] = MappingProxyType(
    {
        Statistic.COUNT: text("number of units"),
        Statistic.ROW_PERCENT: text("percentage of the row"),
        Statistic.COLUMN_PERCENT: text("percentage of the column"),
        Statistic.TOTAL_PERCENT: text("percentage of the total"),
        Statistic.RATE: text("share of units with"),
        Statistic.SUM: text("sum"),
        Statistic.MEAN: text("mean"),
        Statistic.SHARE: text("share in the total"),
        Statistic.TRIMMED_MEAN: text("trimmed mean"),
        Statistic.MEDIAN: text("median"),
        Statistic.QUANTILE: text("quantile"),
        Statistic.STANDARD_DEVIATION: text("standard deviation"),
        Statistic.VARIANCE: text("variance"),
        Statistic.SKEWNESS: text("skewness"),
        Statistic.KURTOSIS: text("kurtosis"),
        Statistic.MODE: text("mode"),
        Statistic.HHI: text("Herfindahl-Hirschman index"),
        Statistic.CONCENTRATION_RATIO: text("concentration ratio"),
        Statistic.GINI: text("Gini coefficient"),
        Statistic.THEIL: text("Theil index"),
        Statistic.S80_S20: text("S80/S20 ratio"),
        Statistic.POVERTY_RATE: text("poverty rate"),
        Statistic.POVERTY_GAP: text("poverty gap"),
        Statistic.LORENZ: text("Lorenz curve"),
        Statistic.SURVIVAL: text("survival"),
        Statistic.CUMULATIVE_INCIDENCE: text("cumulative incidence"),
        Statistic.CORRELATION: text("correlation"),
        Statistic.MODEL: text("model"),
        Statistic.TEST: text("test"),
        Statistic.CHI_SQUARE: text("chi-square test"),
        Statistic.ODDS_RATIO: text("odds ratio"),
        Statistic.RISK_RATIO: text("risk ratio"),
    }
)
"""The statistics by name, in the reader's language."""


def figures_of(recipe: Recipe) -> str:
    """Return what the figures of a recipe are, in the reader's language."""
    known = STATISTICS.get(recipe.statistic)
    what = str(known) if known is not None else recipe.statistic.value.replace("_", " ")
    given = [f"{name.replace('_', ' ')} {one}" for name, one in recipe.options]
    if given:
        what = f"{what} ({legible(', '.join(given))})"
    return f"{what}: {legible(recipe.value)}" if recipe.value is not None else what


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
