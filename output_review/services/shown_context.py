"""Where a reviewer looks first: what no rule can judge and a person can, as points above an output.

A point accuses nobody. It says what is thin, and where that is read: a population that does not tell which units are
meant, a title that says nothing, rows that are filtered by something that the population does not mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text, text

if TYPE_CHECKING:
    from output_review.models import OutputRow
    from output_review.services.scanning import Found

FEWEST_WORDS: Final = 3
"""A population or a title of fewer words says too little: which units, where, when."""
_WORD: Final = re.compile(r"\w+")
_FILTER: Final = re.compile(
    r"\bWHERE\b(.+?)(?=\bGROUP\s+BY\b|\bORDER\s+BY\b|\bHAVING\b|\bLIMIT\b|\bUNION\b|\Z)", re.IGNORECASE | re.DOTALL
)
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'|\b(\d+(?:\.\d+)?)\b")
_VAGUE: Final = frozenset(
    ["?", "all", "alle", "alles", "data", "dataset", "everyone", "everything", "iedereen", "n.v.t.", "na", "nvt", "tbd",
     "test", "the", "todo", "xxx", "etc", "enz", "some", "various", "diverse", "selection", "selectie"]
)  # fmt: skip
_LONGEST_FILTER: Final = 200


class PointKind(StrEnum):
    """What a point is about."""

    EXCEPTION = "exception"
    IDENTIFIER = "identifier"
    POPULATION = "population"
    CONTEXT = "context"
    FILTER = "filter"
    CLAIM = "claim"
    DERIVATION = "derivation"
    NOTE = "note"
    CHANGE = "change"


@dataclass(frozen=True)
class Point:
    """One thing to look at."""

    kind: PointKind
    text: Text


def points_of(output: OutputRow, recipe: Recipe | None, scan: tuple[Found, ...], *, across_rows: bool) -> list[Point]:
    """Return the points of an output that was tabulated, in the order in which they weigh.

    Args:
        recipe: None of a text.
        scan: what the scan found in it.
        across_rows: whether a column may depend on rows of other units.
    """
    return [
        *_exception(output),
        *(Point(PointKind.IDENTIFIER, text("Found by the scan: {what}.", what=one.words)) for one in scan),
        *_population(output),
        *_title(output),
        *_filter(output, recipe),
        *_claim(output),
        *_derivation(output, recipe, across_rows=across_rows),
    ]


def is_vague(said: str) -> bool:
    """Tell whether a text says too little to be judged by: few words, or words that stand for anything.

    >>> is_vague("persons"), is_vague("all data (test)"), is_vague("persons in The Hague on 1 January 2025")
    (True, True, False)
    """
    words = [one.casefold() for one in _WORD.findall(said)]
    telling = [one for one in words if one not in _VAGUE and (len(one) > 1 or one.isdigit())]
    return len(telling) < FEWEST_WORDS or "?" in said


def _exception(output: OutputRow) -> Iterator[Point]:
    if output.verdict != Status.SAFE.value or output.level == Level.UNVERIFIED.value:
        yield Point(
            PointKind.EXCEPTION, text("To approve this is an exception: it takes a reason and one more reviewer.")
        )


def _population(output: OutputRow) -> Iterator[Point]:
    if not output.population.strip():
        yield Point(PointKind.POPULATION, text("The population is empty."))
    elif output.population.strip().casefold() == output.title.strip().casefold():
        yield Point(PointKind.POPULATION, text("The population repeats the title."))
    elif is_vague(output.population):
        yield Point(PointKind.POPULATION, text("The population says little: which units are meant, where, and when?"))


def _title(output: OutputRow) -> Iterator[Point]:
    words = [one for one in _WORD.findall(output.title.casefold()) if not one.isdigit()]
    own = set(_WORD.findall(output.name.casefold()))
    if "?" in output.title or len([one for one in words if one not in {"table", "tabel", "figure", "figuur"}]) < 2:
        yield Point(PointKind.CONTEXT, text("The title does not say what the output shows."))
    elif set(words) <= own and len(words) < FEWEST_WORDS:
        yield Point(PointKind.CONTEXT, text("The title only repeats the name."))


def _filter(output: OutputRow, recipe: Recipe | None) -> Iterator[Point]:
    """Yield the filters of a derivation of which nothing is mentioned where the population is described."""
    if recipe is None or not isinstance(recipe.source, LazySource):
        return
    said = f"{output.title} {output.population} {output.differs}".casefold()
    for found in _FILTER.findall(recipe.source.sql):
        literals = [(one or other).casefold() for one, other in _LITERAL.findall(found)]
        names = [one.casefold() for one in _WORD.findall(found) if len(one) > 2]
        if not any(one and one in said for one in (*literals, *names)):
            short = " ".join(found.split())[:_LONGEST_FILTER]
            yield Point(
                PointKind.FILTER, text("Rows are filtered, and the population does not mention it: {what}", what=short)
            )


def _claim(output: OutputRow) -> Iterator[Point]:
    if output.differences:
        yield Point(
            PointKind.CLAIM,
            text(
                "What the researcher saw differs from what is tabulated here, in cells: {n}.", n=len(output.differences)
            ),
        )


def _derivation(output: OutputRow, recipe: Recipe | None, *, across_rows: bool) -> Iterator[Point]:
    if output.level != Level.REPRODUCED.value or recipe is None:
        return
    if isinstance(recipe.source, LazySource) and across_rows:
        yield Point(
            PointKind.DERIVATION, text("A column may depend on rows of other units: you confirm the derivation.")
        )
    elif not isinstance(recipe.source, LazySource):
        yield Point(PointKind.DERIVATION, text("The rows are made by the team's code: you confirm that code."))
