"""Where a reviewer looks first: what no rule can judge and a person can, as points above an output.

A point accuses nobody. It says what is thin, and where that is read: a population that does not tell which units are
meant, a title that says nothing, rows that are filtered by something that the population does not mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from disclosure.exchange.tabulation import ColumnLineage
from disclosure.model.codebooks import Codebook
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text, text
from output_review.services.shown_filters import Filter, filters_in

if TYPE_CHECKING:
    from output_review.models import OutputRow
    from output_review.services.scanning import Found

FEWEST_WORDS: Final = 3
"""A population or a title of fewer words says too little: which units, where, when."""
_WORD: Final = re.compile(r"\w+")
_VAGUE: Final = frozenset(
    ["?", "all", "alle", "alles", "data", "dataset", "everyone", "everything", "iedereen", "n.v.t.", "na", "nvt", "tbd",
     "test", "the", "todo", "xxx", "etc", "enz", "some", "various", "diverse", "selection", "selectie"]
)  # fmt: skip
_LONGEST_FILTER: Final = 200
Codebooks = Mapping[str, Codebook]
"""The codebooks of the data sets that a derivation reads, by name."""


class PointKind(StrEnum):
    """What a point is about."""

    EXCEPTION = "exception"
    IDENTIFIER = "identifier"
    POPULATION = "population"
    CONTEXT = "context"
    FILTER = "filter"
    FOREIGN = "foreign"
    CLAIM = "claim"
    DERIVATION = "derivation"
    NOTE = "note"
    CHANGE = "change"


@dataclass(frozen=True)
class Point:
    """One thing to look at."""

    kind: PointKind
    text: Text


def points_of(
    output: OutputRow,
    recipe: Recipe | None,
    scan: tuple[Found, ...],
    *,
    across_rows: bool,
    foreign: bool = False,
    codebooks: Codebooks = MappingProxyType({}),
    lineage: Iterable[ColumnLineage] = (),
) -> list[Point]:
    """Return the points of an output that was tabulated, in the order in which they weigh.

    Args:
        recipe: None of a text.
        scan: what the scan found in it.
        across_rows: whether a column may depend on rows of other units.
        foreign: whether another program made it.
        codebooks: what the columns of a derivation and their categories are called.
        lineage: from which registered columns its columns are made.
    """
    return [
        *_exception(output),
        *_foreign(foreign=foreign),
        *(Point(PointKind.IDENTIFIER, text("Found by the scan: {what}.", what=one.words)) for one in scan),
        *_population(output),
        *_title(output),
        *_filter(output, recipe, codebooks, lineage),
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


def _foreign(*, foreign: bool) -> Iterator[Point]:
    if foreign:
        yield Point(
            PointKind.FOREIGN,
            text(
                "Another program made it. Its own status and its checks say nothing here: the microdata, the code and "
                "the rules that it used are not known."
            ),
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


def _filter(
    output: OutputRow, recipe: Recipe | None, codebooks: Codebooks, lineage: Iterable[ColumnLineage]
) -> Iterator[Point]:
    """Yield the conditions on rows of which neither the title nor the population mentions anything."""
    if recipe is None or not isinstance(recipe.source, LazySource):
        return
    title, population = _legible(output.title), _legible(output.population)
    # A title names what the table is by: "persons by wijk" does not say that a wijk is left out.
    shown = {one.casefold() for one in (*recipe.dimensions, *recipe.unit, recipe.value or "")}
    made_of = [place for one in lineage if one.column.casefold() in shown for place in (*one.sources, one.origin or ())]
    shown |= {place[-1].casefold() for place in made_of if place}
    for found in filters_in(recipe.source.sql):
        if found.is_presence and {one.casefold() for one in found.columns} <= {(recipe.value or "").casefold()}:
            continue  # what has no value is not in a figure of that value
        words = [*found.values, *(number for number in found.numbers if len(number) > 1)]
        named = [(column, word) for column in found.columns for word in (column, *_titles(column, codebooks))]
        words += [word for word in _labels(found, codebooks) if len(word) > 1]
        apart = [word for column, word in named if column.casefold() not in shown]
        in_population = (*words, *(word for _, word in named))
        if not (_mentions(population, in_population) or _mentions(title, (*words, *apart))):
            short = found.said[:_LONGEST_FILTER]
            yield Point(
                PointKind.FILTER,
                text("Rows are filtered, and title and population do not mention it: {what}", what=short),
            )


def _legible(said: str) -> str:
    """Return what people wrote in small letters, with numbers as a derivation writes them."""
    return re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", said.casefold())


def _mentions(said: str, words: Iterable[str]) -> bool:
    """Tell whether one of these words stands in a text, by itself or with an ending of a plural."""
    plain = (" ".join(word.casefold().replace("_", " ").split()) for word in words)
    return any(word and re.search(rf"(?<!\w){re.escape(word)}(?:s|es|en|n|d|ed)?(?!\w)", said) for word in plain)


def _titles(column: str, codebooks: Codebooks) -> Iterator[str]:
    for codebook in codebooks.values():
        yield from codebook.column(column).title.values()


def _labels(found: Filter, codebooks: Codebooks) -> Iterator[str]:
    """Yield what the codebooks call the categories that a condition names."""
    for codebook in codebooks.values():
        for column in found.columns:
            known = codebook.column(column).categories
            for code in (*found.values, *found.numbers):
                yield from known.get(code, {}).values()


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
