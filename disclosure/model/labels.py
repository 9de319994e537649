"""What codebooks call columns, categories and units of measure: shown beside names and codes, never in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from disclosure.model.cells import as_listed
from disclosure.model.codebooks import Column, Text
from disclosure.model.recipes import Recipe, Statistic
from disclosure.texts import localized, text

_TERM: Final = "term"
_NOTHING: Final[Text] = MappingProxyType({})


def _nothing() -> Mapping[str, Column]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Labels:
    """The words for the columns of one table, in the reader's language. Where there is none, the answer is empty.

    A word that only says the name or code again is none, and a code that categories were counted under is not the
    codebook's own, even where it looks like one.

    Attributes:
        columns: column name to its codebook entry, as far as there is one.
        made: dimensions and the codes that a recoding gave them.
        neutral: dimensions and the neutral labels that stand for categories of theirs, each with its number.
        members: dimension to the codes that a recoding gave it, each with the first code that it counts.
        orders: dimension to the order of its categories in the recipe.
        terms: the dimension of which the categories are terms of a model, such as "sex=2"; empty if there is none.
    """

    columns: Mapping[str, Column] = field(default_factory=_nothing)
    made: frozenset[tuple[str, str]] = frozenset()
    neutral: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    terms: str = ""

    @classmethod
    def of(cls, recipe: Recipe, columns: Mapping[str, Column]) -> Labels:
        """Return the words for the columns of a recipe."""
        own = {name: columns[name] for name in recipe.narrow_columns if name in columns}
        made = ((one.dimension, label) for one in recipe.recodings for _, label in one.mapping)
        orders = {one.dimension: recipe.order_of(one.dimension) for one in recipe.orders}
        members = _members(recipe, own)
        terms = _TERM if recipe.statistic is Statistic.MODEL else ""
        return cls(
            MappingProxyType(own), frozenset(made), members=members, orders=MappingProxyType(orders), terms=terms
        )

    def title(self, name: str) -> str:
        """Return the title of a column."""
        column = self.columns.get(name)
        return "" if column is None else _other_than(name, localized(column.title, ""))

    def category(self, name: str, code: str | None) -> str:
        """Return the label of a category of a column."""
        if code is None:
            return ""
        if (name, code) in self.neutral:
            return _other_than(code, str(text("withheld {n}", n=self.neutral[name, code])))
        return _other_than(code, localized(self.category_texts(name, code), ""))

    def title_texts(self, name: str) -> Text:
        """Return the title of a column in every language that there is."""
        column = self.columns.get(name)
        return _NOTHING if column is None else column.title

    def category_texts(self, name: str, code: str | None) -> Text:
        """Return the label of a category in every language that there is; of a term that of its category."""
        if self.terms and name == self.terms and code is not None:
            return self._term_texts(code)
        column = self.columns.get(name)
        if column is None or code is None or (name, code) in self.made or (name, code) in self.neutral:
            return _NOTHING
        return column.categories.get(code, _NOTHING)

    def _term_texts(self, term: str) -> Text:
        """Return the label of the category that a term is of; of products none, as a label may hold any sign."""
        found = [
            self.category_texts(name, term.removeprefix(f"{name}="))
            for name in self.columns
            if name != self.terms and term.startswith(f"{name}=")
        ]
        return next((one for one in found if one), _NOTHING)

    def in_order(self, name: str, codes: Sequence[str | None]) -> tuple[str | None, ...]:
        """Return codes of a column in the order of the recipe, else as the codebook lists them, else as they were.

        What is not listed stands behind what is; what categories are counted under, where the first of them does.
        """
        column = self.columns.get(name)
        listed = codes if column is None else as_listed(codes, tuple(column.categories), self.members.get(name))
        return as_listed(listed, self.orders.get(name, ()))

    def measured_in(self, name: str | None) -> str:
        """Return the unit of measure of a value column, such as "euro"."""
        column = self.columns.get(name) if name is not None else None
        return "" if column is None else localized(column.unit_of_measure, "")

    def titled(self, name: str) -> str:
        """Return a column's name with its title, such as "wijk (District)"."""
        title = self.title(name)
        return f"{name} ({title})" if title else name

    def labelled(self, name: str, code: str) -> str:
        """Return a category's code with its label, such as "28: Centre"."""
        label = self.category(name, code)
        return f"{code}: {label}" if label else code


def _members(recipe: Recipe, columns: Mapping[str, Column]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in recipe.recodings:
        column, mapping = columns.get(one.dimension), dict(one.mapping)
        if column is not None:
            first = found.setdefault(one.dimension, {code: code for code in column.categories})
            merged: dict[str, str] = {}
            for label, code in first.items():
                merged.setdefault(mapping.get(label, label), code)
            found[one.dimension] = merged
    return MappingProxyType({name: MappingProxyType(own) for name, own in found.items()})


def _other_than(name: str, said: str) -> str:
    return "" if said.casefold() == name.casefold() else said
