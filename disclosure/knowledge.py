"""What the office says of the columns of one recipe: from a codebook by name, or through lineage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from disclosure.errors import RecipeError
from disclosure.model.codebooks import Codebook, Column, Hierarchy
from disclosure.model.lineage import Derivation, Lineage, Origin, is_all_rows, matched_column
from disclosure.model.owners import Unit, Units, amounts_of, own_unit, wholes_of
from disclosure.model.recipes import Recipe
from disclosure.texts import text


@dataclass(frozen=True)
class Knowledge:
    """What the office says of the columns of a recipe; empty outside a camp without a codebook.

    Attributes:
        columns: column name to its codebook entry.
        identifiers: columns that may not be a dimension or a value.
        weights: columns that are sampling weights.
        hierarchies: column name to its hierarchy.
        keys: column name to the registered name, in lower case, of the key column that it is.
        required: keys of units that must reach the minimum in every cell, each as its registered names.
        holdings: keys by which contributions are added up for dominance, each as its registered names.
        owners: to whom rows and values belong.
    """

    columns: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    identifiers: frozenset[str] = frozenset()
    weights: frozenset[str] = frozenset()
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    required: frozenset[Unit] = frozenset()
    holdings: frozenset[Unit] = frozenset()
    owners: Units = field(default_factory=Units)

    def column(self, name: str) -> Column:
        """Return what is known of a column; of an unknown one the careful default."""
        return self.columns.get(name, Column(name))


def named_unit(key: Collection[str], knowledge: Knowledge) -> Unit:
    """Return key columns of a recipe as the registered names that they have, in lower case."""
    return frozenset(knowledge.keys.get(name, name.lower()) for name in key)


def units_beside(recipe: Recipe, knowledge: Knowledge) -> frozenset[Unit]:
    """Return to whom the rows and values of a recipe belong, beside the units that it counts."""
    harmless = (name for name, column in knowledge.columns.items() if not column.sensitive)
    return knowledge.owners.beside(
        named_unit(recipe.unit, knowledge), amounts_of(recipe, knowledge.weights, tuple(harmless))
    )


def knowledge_of(codebook: Codebook) -> Knowledge:
    """Return what one codebook says of its own columns."""
    hierarchies = {
        name: codebook.hierarchies[column.hierarchy]
        for name, column in codebook.columns.items()
        if column.hierarchy is not None
    }
    keys = {name: name.lower() for name in codebook.key_columns()}
    return Knowledge(
        codebook.columns,
        codebook.key_columns(),
        frozenset(codebook.weights),
        MappingProxyType(hierarchies),
        MappingProxyType(keys),
        *further_units(codebook),
        Units(frozenset({own_unit(codebook)}), within=wholes_of((codebook,))),
    )


def further_units(codebook: Codebook) -> tuple[frozenset[Unit], frozenset[Unit]]:
    """Return the keys of units that must reach the minimum, and of holdings: each as its names in lower case."""

    def keys(names: tuple[str, ...]) -> frozenset[Unit]:
        return frozenset(frozenset(one.lower() for one in codebook.other_units[name]) for name in names)

    return keys(codebook.reach_minimum), keys((codebook.holding,) if codebook.holding is not None else ())


def merged(parts: tuple[Knowledge, ...]) -> Knowledge:
    """Return what several codebooks say together; of a column that two describe, the more careful entry holds."""
    columns: dict[str, Column] = {}
    for part in parts:
        for name, column in part.columns.items():
            columns[name] = _careful(columns[name], column) if name in columns else column
    return Knowledge(
        MappingProxyType(columns),
        frozenset[str]().union(*(part.identifiers for part in parts)),
        frozenset[str]().union(*(part.weights for part in parts)),
        MappingProxyType({name: one for part in reversed(parts) for name, one in part.hierarchies.items()}),
        MappingProxyType({name: one for part in parts for name, one in part.keys.items()}),
        frozenset[Unit]().union(*(part.required for part in parts)),
        frozenset[Unit]().union(*(part.holdings for part in parts)),
        Units.merged(part.owners for part in parts),
    )


def _careful(one: Column, other: Column) -> Column:
    harmless = tuple(label for label in one.not_disclosive if label in other.not_disclosive)
    many = one if len(one.categories) != 1 else other
    return replace(many, sensitive=one.sensitive or other.sensitive, not_disclosive=harmless)


def knowledge_through(derivation: Derivation, recipe: Recipe, codebooks: Mapping[str, Codebook]) -> Knowledge:
    """Return what codebooks say of a lazy recipe's columns, following each to where it comes from.

    A column that is a registered one, under whatever name, has that one's entry. A computed column is sensitive
    unless everything that it depends on is known not to be; it identifies units if anything that it depends on does.
    That rows were put together by equal keys neither identifies nor is sensitive.

    Raises:
        RecipeError: a column of the recipe is not one of the derivation, or the unit is not a registered key.
    """
    books = {name.lower(): book for name, book in codebooks.items()}
    keys = registered_keys(codebooks)
    columns: dict[str, Column] = {}
    hierarchies: dict[str, Hierarchy] = {}
    identifiers, weights = set(), set()
    for name in recipe.narrow_columns:
        lineage = derivation.columns.get(name.lower())
        if lineage is None:
            raise RecipeError(text("The derivation has no column '{name}'.", name=name))
        if lineage.sources & keys:
            identifiers.add(name)
        origin = _entry(lineage.origin, books) if lineage.origin is not None else None
        if origin is None:
            columns[name] = Column(name, sensitive=_any_sensitive(lineage, books, keys))
            continue
        book, column = origin
        columns[name] = replace(column, name=name)
        if column.hierarchy is not None:
            hierarchies[name] = book.hierarchies[column.hierarchy]
        if column.name in book.weights:
            weights.add(name)
    for name in recipe.unit:
        if not derivation.columns[name.lower()].key(keys):
            raise RecipeError(
                text("The unit column '{name}' is not a registered key, so nobody knows what it counts.", name=name),
                hint=text("Keep the key column of the data set as it is, and name it as unit=."),
            )
    names = unit_names(derivation, recipe, keys)
    if recipe.unit and not any(is_one_unit(names, book) for book in codebooks.values()):
        # A person with ten jobs would be ten units of person and employer.
        raise RecipeError(
            text("The unit columns are not the key of one unit, so nobody knows what they count together."),
            hint=text("Name the key of a unit that the codebook names."),
        )
    further = [further_units(book) for book in codebooks.values()]
    of_rows = {origin for name in recipe.unit for origin in derivation.columns[name.lower()].key(keys)}
    owners = Units(
        frozenset(own_unit(books[origin[0]]) for origin in of_rows if origin[0] in books),
        MappingProxyType(
            {name: _belongs(derivation.columns[name.lower()], books, keys) for name in recipe.narrow_columns}
        ),
        wholes_of(codebooks.values()),
    )
    return Knowledge(
        MappingProxyType(columns),
        frozenset(identifiers),
        frozenset(weights),
        MappingProxyType(hierarchies),
        MappingProxyType(_key_names(derivation, recipe, keys)),
        frozenset[Unit]().union(*(required for required, _ in further)),
        frozenset[Unit]().union(*(holdings for _, holdings in further)),
        owners,
    )


def _belongs(lineage: Lineage, books: Mapping[str, Codebook], keys: frozenset[Origin]) -> frozenset[Unit]:
    """Return to whose units the values of a column belong: those of every data set that one of its values is from.

    That rows are there, and that keys match, is nobody's value.
    """
    values = (one for one in lineage.sources - keys if not is_all_rows(one) and matched_column(one) is None)
    return frozenset(own_unit(books[data_set]) for data_set, _ in values if data_set in books)


def put_together(derivation: Derivation, recipe: Recipe, codebooks: Mapping[str, Codebook]) -> dict[str, list[str]]:
    """Return the dimensions of a lazy recipe that put columns together in one label, each with those columns' names.

    Of columns that are all known not to be sensitive nobody asks how a group falls apart, so they are left out.
    """
    books, keys = {name.lower(): book for name, book in codebooks.items()}, registered_keys(codebooks)
    found = {}
    for name in recipe.dimensions:
        lineage = derivation.columns.get(name.lower())
        parts = frozenset[Origin]() if lineage is None else lineage.together - keys
        if len(parts) > 1 and _any_sensitive(Lineage(None, parts), books, keys):
            entries = [(_entry(one, books), one[1]) for one in parts]
            found[name] = sorted(other if entry is None else entry[1].name for entry, other in entries)
    return found


def _key_names(derivation: Derivation, recipe: Recipe, keys: frozenset[Origin]) -> dict[str, str]:
    found = {name: derivation.columns[name.lower()].key(keys) for name in recipe.narrow_columns}
    return {name: min(own)[1] for name, own in found.items() if own}


def registered_keys(codebooks: Mapping[str, Codebook]) -> frozenset[Origin]:
    """Return every column of these data sets that identifies a unit."""
    return frozenset((name.lower(), key.lower()) for name, book in codebooks.items() for key in book.key_columns())


def registered_units(codebooks: Mapping[str, Codebook]) -> dict[str, frozenset[str]]:
    """Return data set to the names of its unit's key columns, all in lower case."""
    return {name.lower(): frozenset(key.lower() for key in book.unit) for name, book in codebooks.items()}


def is_one_unit(names: Collection[str], codebook: Codebook) -> bool:
    """Tell whether columns are together the whole key of one unit that a codebook names; cases are not told apart.

    A column that the codebook only lists as an identifier is no unit: of persons' data, jobs would count as persons.
    """
    asked = frozenset(name.lower() for name in names)
    units = (codebook.unit, *codebook.other_units.values())
    return bool(asked) and any(asked == frozenset(name.lower() for name in unit) for unit in units)


def unit_names(derivation: Derivation, recipe: Recipe, keys: frozenset[Origin]) -> frozenset[str]:
    """Return the registered names, in lower case, of the recipe's unit columns.

    Args:
        keys: every registered key column.
    """
    return frozenset(origin[1] for name in recipe.unit for origin in derivation.columns[name.lower()].key(keys))


def _entry(origin: Origin, books: Mapping[str, Codebook]) -> tuple[Codebook, Column] | None:
    book = books.get(origin[0])
    if book is None:
        return None
    for name in (*book.columns, *book.weights):
        if name.lower() == origin[1]:
            return book, book.column(name)
    return None


def _any_sensitive(lineage: Lineage, books: Mapping[str, Codebook], keys: frozenset[Origin]) -> bool:
    if not lineage.sources:
        return True
    for source in lineage.sources:
        origin = matched_column(source)
        if origin in keys:
            continue
        entry = None if is_all_rows(source) else _entry(origin or source, books)
        if entry is None or entry[1].sensitive:
            return True
    return False
