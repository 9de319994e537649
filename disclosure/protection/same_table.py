"""Which remedies come to the same table: the same categories counted together, under whatever name."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Remedy, RemedyKind


def table_of(remedy: Remedy, recipe: Recipe, evidence: Evidence) -> Hashable:
    """Return a key that two remedies of a table share if they give the same cells.

    Args:
        evidence: that of the table which the remedy is for: a category may be counted under the name of one that stays.
    """
    labels = dict(zip(evidence.dimensions, evidence.categories, strict=True))
    groups: dict[tuple[str, str], set[str]] = {}
    for one in remedy.recodings:
        for label, name in one.mapping:
            stays = {name} if name in labels.get(one.dimension, ()) else set()
            groups.setdefault((one.dimension, name), stays).add(label)
    together = frozenset((dimension, frozenset(own)) for (dimension, _), own in groups.items() if len(own) > 1)
    return replace(remedy, recodings=()).applied_to(recipe), together


def says_less(remedy: Remedy) -> int:
    """Return a rank by which of two remedies that give the same cells the first says more of what it does.

    A level of a hierarchy and a range have names that are known; what is merged is named, what is "other" is not.
    """
    made = any(" + " in name for one in remedy.recodings for _, name in one.mapping)
    return 2 if remedy.kind is RemedyKind.OTHER else int(made)
