"""What is known of a dimension once some of its categories are counted together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disclosure.model.codebooks import Column
from disclosure.model.recipes import Recoding


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
