"""Ways to treat a whole dimension alike: levels of its hierarchy, wider bands, and all small categories as one."""

from __future__ import annotations

from collections.abc import Iterator

from disclosure.model.cells import is_number
from disclosure.protection.bands import are_bands
from disclosure.protection.grouping import Grouping, Table
from disclosure.texts import translate

_FEWEST_BANDS = 4


def one_level_up(table: Table, place: int, levels: int) -> Grouping | None:
    """Return the grouping by the ancestors that stand so many levels up; None if a category has none."""
    start, parents = table.as_it_is, table.parents(place)
    ancestors: dict[str, list[str]] = {}
    for (label,) in start.groups[place]:
        ancestor = label
        for _ in range(levels):
            if ancestor not in parents:
                return None
            ancestor = parents[ancestor]
        ancestors.setdefault(ancestor, []).append(label)
    if not ancestors or all(len(below) == 1 for below in ancestors.values()):
        return None
    groups = tuple(tuple(below) for below in ancestors.values())
    names = {(place, tuple(below)): ancestor for ancestor, below in ancestors.items()}
    return start.with_groups(place, groups, names)


def bands(table: Table, place: int) -> Iterator[Grouping]:
    """Yield groupings of intervals or numbers by two, by four and so on, from the first one up.

    Numbers that the codebook lists are codes of categories, of which two that follow each other need not be alike.
    """
    start = table.as_it_is
    labels = [label for (label,) in start.groups[place]]
    if len(labels) < _FEWEST_BANDS or not are_bands(labels):
        return
    codes = set(table.trials.order(table.evidence.dimensions[place]))
    if any(label in codes and is_number(label) for label in labels):
        return
    width = 2
    while width < len(labels):
        groups = tuple(tuple(labels[at : at + width]) for at in range(0, len(labels), width))
        yield start.with_groups(place, groups, {})
        width *= 2


def small_as_other(table: Table, place: int) -> Grouping | None:
    """Return the grouping that counts the fewest of the smallest categories as "other" and is safe; None if none is."""
    start = table.as_it_is
    sizes = start.sizes(place)
    order = sorted(range(len(sizes)), key=lambda one: (sizes[one], one))
    low, high, found = 2, len(sizes) - 1, None
    while low <= high and table.budget.spend():
        count = (low + high) // 2
        way = others(start, place, order[:count])
        if way.safe:
            found, high = way, count - 1
        else:
            low = count + 1
    return found


def others(start: Grouping, place: int, which: list[int]) -> Grouping:
    """Return the grouping that counts these categories as "other", in the reader's language."""
    name = translate("other")
    return start.with_merged(place, which, name)
