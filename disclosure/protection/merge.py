"""Merging categories: with a neighbour, or all of a dimension one step up a codebook's hierarchy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disclosure.model.cells import MARGIN
from disclosure.model.codebooks import Column, Hierarchy
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recoding
from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.texts import text


def recoded_column(column: Column, recodings: tuple[Recoding, ...]) -> Column:
    """Return what is known of a dimension after its recodings.

    A merged category is not disclosive only if every category in it is. Whether the dimension has one category only
    is a matter of the recoded ones.
    """
    for recoding in recodings:
        if recoding.dimension != column.name:
            continue
        mapping = dict(recoding.mapping)
        parts: dict[str, set[str]] = {}
        # A label that the rows may already have is merged with; only a codebook's list can say that they do not.
        taken = {label for label in mapping.values() if not column.categories or label in column.categories}
        for code in {*column.categories, *mapping, *taken, *column.not_disclosive}:
            parts.setdefault(mapping.get(code, code), set()).add(code)
        harmless = {label for label, codes in parts.items() if codes <= set(column.not_disclosive)}
        kept: Mapping[str, Mapping[str, str]] = (
            {label: column.categories.get(label, {}) for label in parts} if column.categories else {}
        )
        column = replace(column, not_disclosive=tuple(sorted(harmless)), categories=kept)
    return column


def merge_with_neighbour(evidence: Evidence, dimension: int, code: int) -> Remedy | None:
    """Return the remedy that merges a category with the smaller of its two neighbours; None if it has none.

    The missing category is left alone: it is no neighbour of anything.
    """
    labels = evidence.categories[dimension]
    if labels[code] is None:
        return None
    sizes = {}
    others = [place for place in range(len(evidence.dimensions)) if place != dimension]
    totals = (evidence.codes[:, others] == MARGIN).all(axis=1)
    for position in totals.nonzero()[0]:
        sizes[int(evidence.codes[position, dimension])] = int(evidence.n_units[position])
    near = [place for place in (code - 1, code + 1) if 0 <= place < len(labels) and labels[place] is not None]
    if not near:
        return None
    other = min(near, key=lambda place: (sizes.get(place, 0), place))
    first, second = (labels[place] for place in sorted((code, other)))
    if first is None or second is None:
        return None
    into = f"{first} + {second}"
    name = evidence.dimensions[dimension]
    return Remedy(
        RemedyKind.MERGE,
        Recoding(name, ((first, into), (second, into))),
        text("merge {first} with {second} in {name}", first=first, second=second, name=name),
        text("the difference between {first} and {second}", first=first, second=second),
    )


def merge_along(hierarchy: Hierarchy, evidence: Evidence, dimension: int) -> Remedy | None:
    """Return the remedy that replaces every category by its parent; None if one has no parent."""
    labels = [label for label in evidence.categories[dimension] if label is not None]
    if not labels or any(label not in hierarchy.parents for label in labels):
        return None
    name = evidence.dimensions[dimension]
    return Remedy(
        RemedyKind.MERGE,
        Recoding(name, tuple((label, hierarchy.parents[label]) for label in labels)),
        text("merge {name} one level up its hierarchy", name=name),
        text("the detail of {name} below that level", name=name),
    )
