"""Two outputs that count different units, such as persons and households: by which key their rows are compared.

The rows of both may have one key: of persons with the key of their household, and of households. Then both are placed
by it, and a person's row stands for one of the household's. A difference of two totals is told of whatever is counted;
one of two counts where nearly all households have one person each there.

Without such a key nobody can say who stands in both. A difference of few shows in the figures, though: figures of the
same cells lie close together, and do so systematically. Where they do, the two do not leave together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from disclosure.engines.cells_beside import HALVED, SHOW_UNITS, adds_up, counts_behind
from disclosure.engines.joined import COARSER, TOO_MANY
from disclosure.engines.placed import Numbers, Placed, distinct_keys
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs, Doubt
from disclosure.model.recipes import Statistic
from disclosure.texts import text

Again = Callable[[Collection[str]], Placed]
"""Returns who stands where in an output by another key, named as it is known."""
_SIZED: Final = SHOW_UNITS | {Statistic.MODEL}
_MOST_PAIRS: Final = 1_000_000
_NEARLY: Final = 1e-9
_WHY: Final = text(
    "the two count different units, and some of their cells may be the same but for few, which cannot be told without "
    "a key that both have: keep the key of the one in the rows of the other and name it as other_units=, or hand in "
    "one of them"
)


def by_one_key(one: Placed, other: Placed, again: tuple[Again, Again] | None) -> tuple[Placed, Placed] | None:
    """Return two outputs placed by the unit of one of them, of which the other has the key too; None if none has.

    Where both have the other's key, that of the larger units is taken, of which one has several of the smaller.
    """
    if again is None:
        return None
    found: tuple[Placed, Placed] | None = None
    for key in dict.fromkeys((other.unit, one.unit)):
        if not set(key) <= one.known.keys() & other.known.keys():
            continue
        sides = tuple(side if side.unit == key else ask(key) for side, ask in zip((one, other), again, strict=True))
        found = found or (sides[0], sides[1])
        if any(side.sizes is not None and bool((side.sizes > 1).any()) for side in sides):
            return sides[0], sides[1]
    return found


def by_like_keys(one: Placed, other: Placed) -> tuple[Placed, Placed] | None:
    """Return two outputs whose keys have other names as of one unit, if most keys of one are keys of the other."""
    if len(one.unit) != len(other.unit):
        return None
    left, right = (side.kept(distinct_keys) for side in (one, other))
    fewer, more = (left, right) if len(left) <= len(right) else (right, left)
    shared = int(pc.sum(pc.is_in(fewer, value_set=more)).as_py() or 0)
    if not shared or 2 * shared < len(fewer):
        return None
    return one, replace(other, unit=one.unit)


def may_be_alike(one: Placed, other: Placed, minimum: int) -> tuple[Doubt, ...]:
    """Return the cells of two outputs without a common key that may be the same but for few units, by their figures.

    Cells are put beside those with the same labels in the dimensions that both have, by name or by labels. Two of them
    are close if they differ by fewer units than the minimum, or by no more than so few have. Close ones count where
    three quarters of all are; of the categories of a dimension that only one has, where all of three and more are.

    Raises:
        DataError: there are too many cells.
    """
    statistics = {one.recipe.statistic, other.recipe.statistic}
    found: list[CellPairs] = []
    if statistics <= _SIZED | HALVED:
        for left in counts_behind(one):
            for right in counts_behind(other):
                found += _close(left, right, minimum, of_values=False)
    elif adds_up(one.recipe) and adds_up(other.recipe):
        found += _close(one, other, minimum, of_values=True)
    return (Doubt(CellPairs.joined(found), _WHY),) if any(map(len, found)) else ()


def _close(one: Placed, other: Placed, minimum: int, *, of_values: bool) -> Iterator[CellPairs]:
    if not (len(one) and len(other)) or (of_values and (one.weighted is None or other.weighted is None)):
        return
    common = _common(one, other)
    for a in one.patterns():
        for b in other.patterns():
            shared = [(i, j) for i, j in common if i in a]
            if {j for _, j in shared} != {j for _, j in common if j in b}:
                continue
            plain = len(shared) == len(a) == len(b)
            own, own_codes = one.kept(_figures, a, minimum, of_values=of_values)
            there, other_codes = other.kept(_figures, b, minimum, of_values=of_values)
            own, there = own.copy(deep=False), there.copy(deep=False)
            keys = [f"k{place}" for place in range(len(shared))]
            for key, (i, j) in zip(keys, shared, strict=True):
                labels = {label: number for number, label in enumerate(one.labels[i])}
                own[key] = own_codes[:, i]
                there[key] = np.array([labels.get(label, -1) for label in other.labels[j]])[other_codes[:, j]]
            own["slice"] = _numbered(own_codes, [i for i in a if i not in {i for i, _ in shared}])
            there["slice"] = _numbered(other_codes, [j for j in b if j not in {j for _, j in shared}])
            if not shared and len(own) * len(there) > _MOST_PAIRS:
                raise DataError(TOO_MANY, hint=COARSER)
            both = (
                own.merge(there, on=keys, suffixes=("", "_b"))
                if keys
                else own.merge(there, "cross", suffixes=("", "_b"))
            )
            if len(both) > _MOST_PAIRS:
                raise DataError(TOO_MANY, hint=COARSER)
            told = _told(both, minimum, plain=plain, of_values=of_values)
            if told.any():
                places = both.place.to_numpy()[told], both.place_b.to_numpy()[told]
                names = (one.dimensions, other.dimensions, one.labels, other.labels)
                yield CellPairs(*names, own_codes[places[0]], other_codes[places[1]], np.arange(int(told.sum())))


def _told(both: pd.DataFrame, minimum: int, *, plain: bool, of_values: bool) -> npt.NDArray[np.bool_]:
    """Return which of the cells beside each other count as the same but for few."""
    large = ((both.n >= minimum) | (both.n_b >= minimum)).to_numpy()
    apart = (both.total - both.total_b).abs().to_numpy()
    scale = np.maximum(both.total.abs().to_numpy(), both.total_b.abs().to_numpy())
    equal = apart <= _NEARLY * scale
    most = np.maximum(both.most.to_numpy(), both.most_b.to_numpy()) if of_values else np.full(len(both), minimum - 1)
    close = large & (equal | ((apart <= most) & (2 * apart <= scale)))
    group = both.groupby(["slice", "slice_b"], sort=False).ngroup().to_numpy()
    size = int(group.max(initial=-1)) + 1
    all_of, close_of = (np.bincount(group[which], minlength=size) for which in (large, close))
    enough = 4 * close_of >= 3 * all_of if plain else (close_of == all_of) & (all_of > 2)
    return np.asarray(close & ~equal & enough[group], dtype=np.bool_)


def _figures(
    side: Placed, pattern: tuple[int, ...], minimum: int, *, of_values: bool
) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """Return units, totals and what the largest have of the cells by some dimensions, and the codes of the cells."""
    cell, codes = side.cells(pattern)
    pairs = np.unique(side.units * max(1, len(codes)) + cell) % max(1, len(codes))
    n = np.bincount(pairs, minlength=len(codes))
    frame = pd.DataFrame({"place": np.arange(len(codes)), "n": n, "total": n.astype(np.float64), "most": 0.0})
    if of_values and side.weighted is not None:
        values: Numbers = np.nan_to_num(side.weighted)
        order = np.lexsort((-np.abs(values), cell))
        starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(codes)))[:-1]])
        rank = np.arange(len(order)) - starts[cell[order]]
        top = order[rank < minimum - 1]
        frame["total"] = np.bincount(cell, weights=values, minlength=len(codes))
        frame["most"] = np.bincount(cell[top], weights=np.abs(values[top]), minlength=len(codes))
    return frame, codes


def _numbered(codes: npt.NDArray[np.int32], places: list[int]) -> npt.NDArray[np.int64]:
    if not places:
        return np.zeros(len(codes), dtype=np.int64)
    return np.unique(codes[:, places], axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _common(one: Placed, other: Placed) -> list[tuple[int, int]]:
    """Return the places of dimensions that two outputs have in common: by name first, then by most of their labels."""
    found: list[tuple[int, int]] = []
    for by_name in (True, False):
        for i, name in enumerate(one.dimensions):
            for j, there in enumerate(other.dimensions):
                if i in {a for a, _ in found} or j in {b for _, b in found}:
                    continue
                labels = set(one.labels[i]), set(other.labels[j])
                shared = len(labels[0] & labels[1])
                alike = shared > 1 and 2 * shared >= min(map(len, labels))
                if name.lower() == there.lower() if by_name else alike:
                    found.append((i, j))
    return found
