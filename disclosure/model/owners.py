"""To whom the rows and values of a table belong: units of the data sets they come from, beside the unit it counts.

Whoever counts jobs in data about persons makes one person with twelve jobs a cell of twelve. And where the turnover of
a firm is given to each of its workers, their most frequent value is that of one firm, however many they are. So a
figure is about the units that it counts and also about those to whom its rows and values belong, and both must be
enough. Only the office knows that a unit is a whole of others, as a household is of persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from disclosure.model.codebooks import Codebook
from disclosure.model.lineage import Origin
from disclosure.model.recipes import Recipe
from disclosure.model.statistic import Statistic

Unit = frozenset[str]
"""The key of a unit, as the registered names of its columns in lower case."""


def _nobody() -> Mapping[str, frozenset[Unit]]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Units:
    """To whom rows and values belong, as far as codebooks know.

    Attributes:
        of_rows: the units of the data sets that the counted units are keys of; empty if that is not known.
        of_values: column to the units of the data sets that its values come from.
        within: pairs of a unit and one of which it is wholly a part.
    """

    of_rows: frozenset[Unit] = frozenset()
    of_values: Mapping[str, frozenset[Unit]] = field(default_factory=_nobody)
    within: frozenset[tuple[Unit, Unit]] = frozenset()

    @staticmethod
    def merged(parts: Iterable[Units]) -> Units:
        """Return what several codebooks say together."""
        every = tuple(parts)
        names = {name for part in every for name in part.of_values}
        return Units(
            frozenset[Unit]().union(*(part.of_rows for part in every)),
            {name: frozenset[Unit]().union(*(part.of_values.get(name, ()) for part in every)) for name in names},
            frozenset[tuple[Unit, Unit]]().union(*(part.within for part in every)),
        )

    def beside(self, counted: Unit, columns: Iterable[str]) -> frozenset[Unit]:
        """Return the units that must be enough beside the counted ones.

        Rows that may be those of one of several data sets are those of the counted unit if it is the unit of any.

        Args:
            counted: the unit of the recipe.
            columns: the columns whose values the figure is made of.
        """
        found = frozenset[Unit]() if counted in self.of_rows else self.of_rows
        found = found.union(*(self.of_values.get(name, ()) for name in columns))
        return frozenset(one for one in found if one != counted and (one, counted) not in self.within)


def own_unit(codebook: Codebook) -> Unit:
    """Return the key of a data set's own unit."""
    return frozenset(name.lower() for name in codebook.unit)


def wholes_of(codebooks: Iterable[Codebook]) -> frozenset[tuple[Unit, Unit]]:
    """Return the pairs of a unit and one of which it is wholly a part, as these codebooks say."""
    return frozenset(
        (own_unit(book), frozenset(name.lower() for name in book.other_units[whole]))
        for book in codebooks
        for whole in book.wholes
    )


def units_of_frame(sources: Mapping[str, frozenset[Origin]], codebooks: Mapping[str, Codebook]) -> Units:
    """Return to whom the rows and values of a narrow frame belong, as far as its units and the names of columns tell.

    What was found again by the unit's key is the unit's own. Any other column that bears the name of registered ones
    counts as one of theirs: of the frame's unit if that has one of the name, otherwise of each other unit that has.

    Args:
        sources: each column of the frame, and the registered columns that it was found equal to.
    """
    books = {name.lower(): book for name, book in codebooks.items()}
    of_rows = frozenset(own_unit(books[name]) for found in sources.values() for name, _ in found if name in books)
    of_values: dict[str, frozenset[Unit]] = {}
    for column, found in sources.items():
        known = frozenset(own_unit(books[name]) for name, _ in found if name in books)
        named = {own_unit(book) for book in books.values() if column.lower() in map(str.lower, book.columns)}
        of_values[column] = known or frozenset(named & of_rows or named)
    return Units(of_rows, MappingProxyType(of_values), wholes_of(books.values()))


def amounts_of(recipe: Recipe, weights: Iterable[str], harmless: Iterable[str]) -> tuple[str, ...]:
    """Return the columns whose values are in the figures of a recipe, and not only the number of its units.

    A rate counts units, and a codebook's weight is the office's own figure.

    Args:
        weights: the columns that are a codebook's weights.
        harmless: columns of which a codebook says that they are not sensitive; models are full of them.
    """
    names = [] if recipe.statistic is Statistic.RATE else [recipe.value]
    if recipe.weight is not None and recipe.weight not in weights:
        names.append(recipe.weight)
    if recipe.statistic is Statistic.MODEL:
        names += [name for name in recipe.others if name not in harmless]
    return tuple(name for name in names if name is not None)
