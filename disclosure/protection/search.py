"""The cheapest way to count categories together so that every cell passes, found by search.

*Cheapest first*: from the table as it is, the grouping that keeps the most figures is taken up next, and of those the
one that tells most of a unit. Its first failing cell must become part of a larger one, so in each of the cell's
dimensions its category is put together with a neighbour, or with all that have the same parent. The first grouping in
which nothing fails is then the cheapest that such steps lead to. Where the budget does not reach that far, *in rounds*
every failing category is put together with its smaller neighbour at once, and what turns out not to be needed is taken
apart again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.protection.grouping import Grouping, Groups, Table

_MOST_ROUNDS = 32


def cheapest(table: Table, trials: int) -> Grouping | None:
    """Return the cheapest safe grouping, None if none is found within so many trials."""
    start = table.as_it_is
    waiting: list[tuple[int, float, int, Grouping]] = [_entry(start, 0)]
    seen, number = {start.key}, 0
    while waiting and trials > 0 and table.budget.spend():
        trials -= 1
        one = heapq.heappop(waiting)[-1]
        if one.safe:
            return one if one.merges else None
        for step in _steps(one):
            if step.key not in seen:
                seen.add(step.key)
                number += 1
                heapq.heappush(waiting, _entry(step, number))
    return None


def _entry(grouping: Grouping, number: int) -> tuple[int, float, int, Grouping]:
    figures, bits = grouping.kept
    return -figures, -bits, number, grouping


def _steps(grouping: Grouping) -> Iterator[Grouping]:
    evidence = grouping.evidence
    failing = np.flatnonzero(grouping.failing)
    # The cell that pins down most dimensions leaves the fewest ways; of those the smallest.
    fixed = (evidence.codes[failing] != MARGIN).sum(axis=1)
    order = np.lexsort((failing, evidence.n_units[failing], -fixed))
    cell = evidence.codes[failing[order[0]]] if len(failing) else np.zeros(0, dtype=np.int32)
    for place, code in enumerate(cell.tolist()):
        label = None if code == MARGIN else evidence.categories[place][code]
        own = None if label is None else grouping.group_of(place, label)
        if own is None:
            continue
        for other in (own - 1, own + 1):
            if 0 <= other < len(grouping.groups[place]):
                yield grouping.with_merged(place, (own, other))
        yield from _siblings(grouping, place, own)


def _siblings(grouping: Grouping, place: int, own: int) -> Iterator[Grouping]:
    """Yield the grouping with everything below the parent of a group's first category counted as that parent."""
    parents, groups = grouping.table.parents(place), grouping.groups[place]
    parent = parents.get(grouping.names.get((place, groups[own]), groups[own][0]))
    if parent is None:
        return
    below = [one for one, group in enumerate(groups) if all(is_below(label, parent, parents) for label in group)]
    if own in below and len(below) > 1:
        yield grouping.with_merged(place, below, parent)


def is_below(label: str, parent: str, parents: Mapping[str, str]) -> bool:
    """Tell whether a code stands below another in a hierarchy."""
    while label in parents:
        label = parents[label]
        if label == parent:
            return True
    return False


def in_rounds(table: Table, places: tuple[int, ...]) -> Grouping | None:
    """Return a safe grouping of these dimensions, found in rounds and taken apart where it goes too far; else None."""
    one = table.as_it_is
    for _ in range(_MOST_ROUNDS):
        if not table.budget.spend():
            return None
        if one.passes:
            # What passes in one category only may do in several, once it is taken apart.
            less = taken_apart(one)
            return less if less.merges and less.safe else None
        ways = [way for way in (one_round(one, place) for place in places) if way is not None]
        if not ways:
            return None
        # The dimension in which a round gets rid of most failing cells for each figure that it costs.
        one = max(ways, key=lambda way: _gain(one, way))
    return None


def _gain(before: Grouping, after: Grouping) -> float:
    repaired = int(before.failing.sum()) - int(after.failing.sum())
    return repaired / max(1, before.kept[0] - after.kept[0])


def one_round(grouping: Grouping, place: int) -> Grouping | None:
    """Put every failing group of a dimension together with its smaller neighbour; None if it has none."""
    groups, sizes = grouping.groups[place], grouping.sizes(place)
    used: set[int] = set()
    partner: dict[int, int] = {}
    for own in sorted(grouping.failing_groups(place), key=lambda one: (sizes[one], one)):
        near = [other for other in (own - 1, own + 1) if 0 <= other < len(groups) and other not in used]
        if own not in used and near:
            other = min(near, key=lambda one: (sizes[one], one))
            used |= {own, other}
            partner[min(own, other)] = max(own, other)
    if not partner:
        return None
    second = set(partner.values())
    put: list[tuple[str, ...]] = [
        (*group, *groups[partner[one]]) if one in partner else group
        for one, group in enumerate(groups)
        if one not in second
    ]
    return grouping.with_groups(place, put, grouping.names)


def taken_apart(grouping: Grouping) -> Grouping:
    """Return the grouping without the merges that it does not need, the largest groups looked at first."""
    for place, groups in enumerate(grouping.groups):
        for group in sorted((one for one in groups if len(one) > 1), key=lambda one: (-len(one), one)):
            for at in _cuts(len(group)):
                now = grouping.groups[place]
                if group not in now or not grouping.table.budget.spend():
                    break
                where = now.index(group)
                less: Groups = (*now[:where], group[:at], group[at:], *now[where + 1 :])
                way = grouping.with_groups(place, less, grouping.names)
                if way.passes:
                    grouping = way
                    break
    return grouping


def _cuts(size: int) -> tuple[int, ...]:
    """Return where to cut a group in two: in the middle, then near its ends."""
    return tuple(dict.fromkeys((size // 2, 1, size - 1)))
