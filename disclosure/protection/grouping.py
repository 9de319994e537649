"""A way to count categories together, tried on the evidence: which cells would still fail, and what would be left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disclosure.model.cells import MARGIN, as_listed, free_name, is_number
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.neutral_labels import nameable
from disclosure.model.recipes import Recipe, Recoding
from disclosure.model.tables import Trials
from disclosure.protection.bands import band_of, in_order, joined
from disclosure.protection.cuts import NumberLine
from disclosure.protection.recode import merged
from disclosure.protection.remedies import entropy, figures_of
from disclosure.texts import translate

Groups = tuple[tuple[str, ...], ...]
"""The categories of one dimension that are counted together, in the order of their neighbours; missing is left out."""


class Budget:
    """How many ways may still be tried."""

    def __init__(self, trials: int) -> None:
        self.left = trials

    def spend(self) -> bool:
        """Count one trial; tell whether it may be made."""
        self.left -= 1
        return self.left >= 0


def is_other(label: str) -> bool:
    """Tell whether a label is what categories without a name are called together."""
    return label.rstrip("*") == translate("other")


def one_other(into: Mapping[str, str], labels: Iterable[str]) -> dict[str, str]:
    """Return a mapping of some labels of a dimension, what has no name counted as one where that is several groups.

    A reader cannot tell "other" from "other*".
    """
    every = {label: into.get(label, label) for label in labels}
    if len({name for name in every.values() if is_other(name)}) < 2:
        return dict(into)
    together = {label: translate("other") if is_other(name) else name for label, name in every.items()}
    return {label: name for label, name in together.items() if label != name}


@dataclass(frozen=True, eq=False)
class Table:
    """A table whose categories may be counted together.

    Attributes:
        budget: shared by all that is tried on the table.
    """

    recipe: Recipe
    evidence: Evidence
    trials: Trials
    budget: Budget

    @cached_property
    def as_it_is(self) -> Grouping:
        """Every category by itself."""
        groups = []
        for name, labels in zip(self.evidence.dimensions, self.evidence.categories, strict=True):
            named = [label for label in labels if label is not None]
            listed = as_listed(in_order(named), self.trials.order(name))
            groups.append(tuple((label,) for label in as_listed(listed, self.recipe.order_of(name))))
        return Grouping(self, tuple(groups), {})

    def name_of(self, place: int, group: tuple[str, ...]) -> str:
        """Return what several categories of a dimension are called together.

        Numbers that few units have, and no codebook lists, are no ends of a band: it ends at round cut points. Where
        there is no such band, as for other labels that few units bear, they are records' own words: "other".
        """
        nameable, line = self._nameable[place]
        hidden = self._words_of_few(place, group)
        rare = {label for label in group if is_number(label) and label not in nameable}
        on_line = [label for label in group if line.holds(label) and label not in hidden] if rare else []
        band = line.named(on_line) if rare else None
        if rare and band is None:
            hidden, on_line = hidden | rare, []
        rest = [label for label in group if label not in hidden and label not in set(on_line)]
        parts = [*([] if band is None else [band]), *([joined(rest, self._order(place))] if rest else [])]
        return " + ".join([*parts, *([translate("other")] if hidden else [])])

    def _order(self, place: int) -> tuple[str, ...]:
        return self.recipe.order_of(self.evidence.dimensions[place])

    def may_name(self, place: int, labels: Iterable[str]) -> bool:
        """Tell whether these categories of a dimension may be told apart by their labels."""
        return not self._words_of_few(place, labels)

    def _words_of_few(self, place: int, labels: Iterable[str]) -> set[str]:
        """Return those that are neither numbers nor bands, and may not be published by their labels.

        Those that were called "other" before have no name to add.
        """
        nameable, _ = self._nameable[place]
        words = {label for label in labels if label not in nameable and band_of(label) is None}
        return words | {label for label in labels if is_other(label)}

    @cached_property
    def _nameable(self) -> tuple[tuple[frozenset[str], NumberLine], ...]:
        """For every dimension the categories whose own labels may be published, and its numbers."""
        evidence = self.evidence
        return tuple(
            (
                nameable(evidence, place, self.trials),
                NumberLine(label for label in evidence.categories[place] if label is not None),
            )
            for place in range(evidence.own_dimensions)
        )

    def parents(self, place: int) -> Mapping[str, str]:
        """Return the parents of a dimension's codes; nothing of one that was recoded, which may mix levels."""
        name = self.evidence.dimensions[place]
        hierarchy = self.trials.hierarchies.get(name)
        recoded = {one.dimension for one in self.recipe.recodings}
        return {} if hierarchy is None or name in recoded else hierarchy.parents


@dataclass(frozen=True, eq=False)
class Grouping:
    """For every dimension the groups of its categories.

    Attributes:
        names: what groups are called that have a name of their own, such as their parent in a hierarchy.
    """

    table: Table
    groups: tuple[Groups, ...]
    names: Mapping[tuple[int, tuple[str, ...]], str]

    @property
    def key(self) -> tuple[Groups, ...]:
        """What two groupings share that come to the same."""
        return self.groups

    @property
    def merges(self) -> int:
        """How many categories fewer there are."""
        return sum(len(group) - 1 for groups in self.groups for group in groups)

    @cached_property
    def recodings(self) -> tuple[Recoding, ...]:
        """The recodings that make it."""
        found = []
        for place, groups in enumerate(self.groups):
            labels, taken = {label for group in groups for label in group}, set[str]()
            mapping: list[tuple[str, str]] = []
            for group in groups:
                if len(group) > 1:
                    # The label of a category that is counted elsewhere would be taken for it.
                    name = free_name(self.name_of(place, group), taken | (labels - set(group)))
                    taken.add(name)
                    mapping += [(label, name) for label in sorted(group)]
            if mapping:
                found.append(Recoding(self.table.evidence.dimensions[place], tuple(mapping)))
        return tuple(found)

    @cached_property
    def evidence(self) -> Evidence:
        """The evidence of the table with its categories so counted."""
        evidence = self.table.evidence
        for recoding in self.recodings:
            place = evidence.dimensions.index(recoding.dimension)
            evidence = merged(evidence, place, dict(recoding.mapping))
        return evidence

    @cached_property
    def failing(self) -> Mask:
        """The cells of its evidence that fail."""
        recipe = self.table.recipe
        for recoding in self.recodings:
            recipe = recipe.recoded(recoding)
        return self.table.trials.failing(recipe, self.evidence)

    @cached_property
    def passes(self) -> bool:
        """Whether no cell fails, and nothing keeps the table from being judged."""
        if self.failing.any():
            return False
        return self.table.trials.shown(self.table.recipe, self.evidence, self.failing) is not None

    @property
    def safe(self) -> bool:
        """Whether it passes, and no dimension is merged into one category: leaving that dimension out says as much."""
        return not self.leaves_one and self.passes

    @property
    def leaves_one(self) -> bool:
        """Whether all categories of a dimension, but for a missing one, are counted together."""
        return any(len(groups) == 1 and len(groups[0]) > 1 for groups in self.groups)

    @cached_property
    def kept(self) -> tuple[int, float]:
        """How many figures are left, and how many bits they tell of a unit."""
        return figures_of(self.evidence), round(entropy(self.evidence), 9)

    def name_of(self, place: int, group: tuple[str, ...]) -> str:
        """Return what a group is called, unless another category has that name already."""
        return self.names.get((place, group)) or self.table.name_of(place, group)

    def with_merged(self, place: int, which: Iterable[int], name: str | None = None) -> Grouping:
        """Return the grouping with some groups of one dimension, by their places, counted together."""
        chosen = sorted(set(which))
        groups = self.groups[place]
        together = tuple(label for one in chosen for label in groups[one])
        rest = [group for one, group in enumerate(groups) if one not in set(chosen[1:])]
        rest[chosen[0]] = together
        names = self.names if name is None else {**self.names, (place, together): name}
        return self.with_groups(place, tuple(rest), names)

    def with_groups(
        self, place: int, groups: Sequence[tuple[str, ...]], names: Mapping[tuple[int, tuple[str, ...]], str]
    ) -> Grouping:
        """Return the grouping with other groups in one dimension."""
        return Grouping(self.table, (*self.groups[:place], tuple(groups), *self.groups[place + 1 :]), names)

    def with_one_other(self) -> Grouping:
        """Return the grouping with all groups of a dimension that have no name, where it has several, as one.

        A reader cannot tell "other" from "other*".
        """
        way = self
        for place in range(len(self.groups)):
            nameless = [one for one, name in enumerate(way.group_names(place)) if is_other(name)]
            if len(nameless) > 1:
                way = way.with_merged(place, nameless, translate("other"))
        return way

    def failing_groups(self, place: int) -> tuple[int, ...]:
        """Return the groups of a dimension in which some cell fails, by their places."""
        codes = np.unique(self.evidence.codes[self.failing, place])
        labels = {self.evidence.categories[place][code] for code in codes.tolist() if code != MARGIN}
        names = self.group_names(place)
        return tuple(one for one, name in enumerate(names) if name in labels)

    def sizes(self, place: int) -> tuple[int, ...]:
        """Return how many units there are in each group of a dimension."""
        evidence = self.evidence
        others = [one for one in range(len(evidence.dimensions)) if one != place]
        only = (evidence.codes[:, others] == MARGIN).all(axis=1) & (evidence.codes[:, place] != MARGIN)
        units = {
            evidence.categories[place][code]: n
            for code, n in zip(evidence.codes[only, place].tolist(), evidence.n_units[only].tolist(), strict=True)
        }
        return tuple(units.get(name, 0) for name in self.group_names(place))

    def group_of(self, place: int, label: str) -> int | None:
        """Return the place of the group that a category of the new evidence is."""
        names = self.group_names(place)
        return names.index(label) if label in names else None

    def group_names(self, place: int) -> tuple[str, ...]:
        """Return what the groups of a dimension are called, in their order."""
        dimension = self.table.evidence.dimensions[place]
        mapping = next((dict(one.mapping) for one in self.recodings if one.dimension == dimension), {})
        return tuple(mapping.get(group[0], group[0]) for group in self.groups[place])
