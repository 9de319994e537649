"""What a statistic adds to a table, in words: its figures, terms and times, and the dimensions that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.texts import Text, text

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
