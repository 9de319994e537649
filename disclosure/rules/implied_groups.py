"""Groups that follow from two overlapping cells: nearly all units in only one of them are in one category.

Of the poor in B there are so many more than in A: that many poor at least are in B and not in A. If they are more than
group disclosure lets a category hold of the units in B and not in A, the difference tells who is poor as a cell would.
That holds of who is what in both cells. Where the same units change their category between the cells, as from year to
year, as many as the minimum and no fewer than there are in only one of the cells, nothing certain follows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN
from disclosure.model.codebooks import Column
from disclosure.model.evidence import Counts, Evidence, Mask
from disclosure.model.overlaps import Overlaps
from disclosure.rules.base import Judged, exceeds_share, switched_on


def failing_groups(judged: Judged, overlaps: Overlaps) -> Mask:
    """Return which overlapping pairs, or three cells, give away that nearly all of a difference are in one category."""
    mask = np.zeros(len(overlaps), dtype=np.bool_)
    policy = judged.policy
    shares = switched_on(policy.group_disclosure, "group_disclosure")
    if not len(overlaps) or (shares is None and not switched_on(policy.zero_cells, "zero_cells")):
        return mask
    if judged.evidence.shares is not None:
        mask |= _by_value(judged, overlaps)
    if overlaps.third is None:
        for place, name in enumerate(judged.evidence.dimensions):
            column = judged.columns[name]
            if column.sensitive and len(column.categories) != 1:
                mask |= _by_dimension(judged, overlaps, place, column)
    return mask


def _by_value(judged: Judged, overlaps: Overlaps) -> Mask:
    shares, column = judged.shares, judged.columns.get(judged.value or "", Column(judged.value or ""))
    mask, numerators, complements = np.zeros(len(overlaps), np.bool_), overlaps.numerators, overlaps.complements
    if not column.sensitive or numerators is None or complements is None:
        return mask
    changed = numerators.first + complements.first - overlaps.units.first
    for counts, label in ((shares.numerator, shares.high), (shares.complement, shares.low)):
        more = counts[overlaps.first] - sum(counts[cell] for cell in overlaps.cells[1:])
        mask |= _nearly_all(judged, overlaps, more, changed, harmless=label in column.not_disclosive)
    return mask


def _by_dimension(judged: Judged, overlaps: Overlaps, place: int, column: Column) -> Mask:
    """Return the pairs at the total of a dimension that tell so of one of its categories."""
    evidence = judged.evidence
    mask = np.zeros(len(overlaps), dtype=np.bool_)
    whole = np.flatnonzero(
        (evidence.codes[overlaps.first, place] == MARGIN) & (evidence.codes[overlaps.second, place] == MARGIN)
    )
    if not len(whole):
        return mask
    at_total = overlaps.chosen(whole)
    below = list(_below(evidence, at_total, place))
    changed, differences = -at_total.units.first, []
    for _, first, second in below:
        counts = [np.where(one >= 0, evidence.n_units[one], 0) for one in (first, second)]
        differences.append(counts[0] - counts[1])
        changed = changed + _only_first(overlaps, evidence, (first, second), (counts[0], counts[1]))
    for (code, _, _), more in zip(below, differences, strict=True):
        harmless = evidence.categories[place][code] in column.not_disclosive
        mask[whole] |= _nearly_all(judged, at_total, more, changed, harmless=harmless)
    return mask


def _below(
    evidence: Evidence, overlaps: Overlaps, place: int
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield each category of a dimension and where the cells of the pairs are in it, -1 for none."""
    for code in range(len(evidence.categories[place])):
        found = []
        for cells in (overlaps.first, overlaps.second):
            codes = evidence.codes[cells].copy()
            codes[:, place] = code
            found.append(evidence.positions(codes))
        yield code, found[0], found[1]


def _only_first(
    overlaps: Overlaps,
    evidence: Evidence,
    cells: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    counts: tuple[Counts, Counts],
) -> Counts:
    """Return how many units stand in the first cells and not in the second, at least: of pairs not listed by bounds."""
    (first, second), (one, other) = cells, counts
    least: Counts = one - np.minimum(np.minimum(one, other), np.maximum(one, other) // 2)
    keys = overlaps.first * len(evidence) + overlaps.second
    for own, theirs, units in (
        (first, second, overlaps.units.first),
        (second, first, overlaps.units.second),
    ):
        asked = own * len(evidence) + theirs
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        least = np.where((keys[at] == asked) & (first >= 0) & (second >= 0), units[at], least)
    return least


def _nearly_all(judged: Judged, overlaps: Overlaps, more: Counts, changed: Counts, *, harmless: bool) -> Mask:
    """Return where so many more in a category are too many of those in the first cell only; fewer, of the second.

    Args:
        changed: how many of the units in both cells change their category.
    """
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    zeros = switched_on(judged.policy.zero_cells, "zero_cells")
    mask, units = np.zeros(len(overlaps), dtype=np.bool_), overlaps.units
    for part, whole, others in ((more, units.first, units.second), (-more, units.second, units.first)):
        over = part >= whole if harmless or share is None else exceeds_share(part, whole, share)
        if zeros:
            over = over | (part >= whole) | ((part == 0) & (others == 0))
        unknown = (changed >= judged.minimum_units) & ((changed >= units.either) | (part > whole))
        mask |= np.asarray((whole > 0) & over & ~unknown, dtype=np.bool_)
    return mask
