"""Bounds in labels: a group made by cutting at values of records is named after those values.

`pandas.qcut` calls the top quarter ``(29746.75, 103779.0]``, of which the second number is somebody's income and the
largest. So a label that a table invents may not be an interval with exact bounds, and holds no exact decimal number.
Codes, years, round bounds and what a codebook lists stay as they are.
"""

from __future__ import annotations

import re

from disclosure.model.evidence import Evidence
from disclosure.model.neutral_labels import nameable
from disclosure.model.tables import Trials
from disclosure.model.verdicts import Inconclusive
from disclosure.texts import text

MOST_DIGITS = 3
"""Significant digits that a bound may have: 12500 has three."""
_MOST_OF_CODES = 4
_YEARS = range(1800, 2200)
_NUMBER = r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?"
_BRACKETS = re.compile(rf"[(\[]\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*[)\]]")
_UP_TO = r"(?:-|–|—|\.\.|\bto\b|\btot\b|\bup to\b|\bt/m\b)"
_BETWEEN = re.compile(rf"(?<![\w.,])({_NUMBER})\s*{_UP_TO}\s*({_NUMBER})(?![\w])")
_DECIMAL = re.compile(r"\d+[.,]\d+")


def has_exact_bounds(label: str) -> bool:
    """Tell whether a label is an interval with exact bounds, or holds an exact decimal number.

    >>> [has_exact_bounds(one) for one in ("(29746.75, 103779.0]", "(20000, 40000]", "[2015, 2020)", "05180101")]
    [True, False, False, False]
    """
    for pattern, most in ((_BRACKETS, MOST_DIGITS), (_BETWEEN, _MOST_OF_CODES)):
        for match in pattern.finditer(label):
            if any(_digits(bound) > most and not _is_year(bound) for bound in match.groups()):
                return True
    # 13,750 is a round number where the comma parts thousands.
    found = (match.group() for match in _DECIMAL.finditer(label))
    return any(_digits(number) > _MOST_OF_CODES and not _is_year(number) for number in found)


def exact_bounds(evidence: Evidence, trials: Trials) -> Inconclusive | None:
    """Return which dimensions have labels that were made of values of records, None if none has."""
    missing = []
    for part in (evidence,) if evidence.underlying is None else (evidence, evidence.underlying):
        for place in range(part.own_dimensions):
            name = part.dimensions[place]
            # What hardly anybody bears is published without its label.
            if any(map(has_exact_bounds, nameable(part, place, trials) - trials.listed(name))):
                missing.append(
                    text(
                        "round bounds in the labels of '{name}': cut at round numbers of at most {digits} digits, or "
                        "give the groups names without numbers",
                        name=name,
                        digits=str(MOST_DIGITS),
                    )
                )
    return Inconclusive(tuple(dict.fromkeys(missing))) if missing else None


def _digits(number: str) -> int:
    """Return how many significant digits a number has: without zeros before the first and behind the last one."""
    return len(re.sub(r"\D", "", re.split(r"[eE]", number)[0]).strip("0"))


def _is_year(number: str) -> bool:
    whole = re.fullmatch(r"(\d{4})(?:\.0)?", number)
    return whole is not None and int(whole.group(1)) in _YEARS
