"""Sets of units that are the same but for few, given how many stand in each and in both."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from disclosure.engines.placed import Mask
from disclosure.engines.unit_rows import Whole


def few_apart(
    n: Whole,
    m: Whole,
    shared: Whole,
    minimum: int,
    *,
    one_sided: bool,
    others: tuple[Whole | int, Whole | int] = (0, 0),
) -> Mask:
    """Tell where few of the units of two sets are in only one of them.

    Args:
        others: units in both that stand for more in the first set, and for more in the second one.
    """
    apart = n - shared, m - shared
    more, fewer = (own + by for own, by in zip(apart, others, strict=True))
    either, union = more + fewer, n + apart[1]
    few = (apart[0] + apart[1] > 0) & (either < minimum) & (union >= minimum) & (2 * either <= union)
    if one_sided:
        few &= (more == 0) | (fewer == 0)
    return np.asarray(few, dtype=np.bool_)


def unions(
    first: Whole,
    second: Whole,
    shared: Whole,
    counts: tuple[Whole, Whole],
    minimum: int,
    *,
    one_sided: bool,
    small: Mask | None = None,
) -> tuple[Whole, Whole]:
    """Return the pairs of several cells of one and several of the other that are together the same but for few units.

    Cells that share the minimum of units go together. What is left are those that share fewer, so that of two divisions
    with one border moved by few units all cells between two borders are one such set.

    Args:
        small: per cell of both, first those of one, whether few units are in it and it is shown: it goes with the set
            in which all large cells are that it shares units with.

    Returns:
        the places of the pairs, and for each the number of its set, from 0.
    """
    n, m = counts
    strong = shared >= minimum
    if not strong.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    size = len(n) + len(m)
    links = coo_array((np.ones(int(strong.sum())), (first[strong], second[strong] + len(n))), shape=(size, size))
    component = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    most = int(component.max()) + 1
    if small is not None:
        component = _with_small(component, (first, second + len(n)), small)
    inside = component[first] == component[second + len(n)]
    sums = (
        np.bincount(component[: len(n)], weights=n, minlength=most),
        np.bincount(component[len(n) :], weights=m, minlength=most),
        np.bincount(component[first[inside]], weights=shared[inside], minlength=most),
    )
    own, theirs, both = (np.rint(one).astype(np.int64) for one in sums)
    told = few_apart(own, theirs, both, minimum, one_sided=one_sided)
    sizes = np.bincount(component, minlength=most)
    places = np.flatnonzero(strong & (told & (sizes > 2))[component[first]])
    return places, np.unique(component[first[places]], return_inverse=True)[1].astype(np.int64)


def _with_small(component: Whole, pairs: tuple[Whole, Whole], small: Mask) -> Whole:
    """Return the sets of cells, each small one in the set that all cells are in that it shares units with, if one."""
    size = int(component.max()) + 1
    lowest, highest = np.full(len(component), size), np.full(len(component), -1)
    for own, there in (pairs, pairs[::-1]):
        large = ~small[there]
        np.minimum.at(lowest, own[large], component[there[large]])
        np.maximum.at(highest, own[large], component[there[large]])
    return np.asarray(np.where(small & (lowest == highest), lowest, component), dtype=np.int64)
