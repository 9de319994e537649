"""The evidence of a table with categories counted together, without tabulating it again.

It is exact where every unit stands in one cell: then the units of merged cells are different ones, whose numbers and
amounts add up, and whose largest contributors are the largest of all. Where units stand in several cells only their
rows can tell, and `merged` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN, label_order
from disclosure.model.evidence import Amounts, Evidence, Mask, Shares, Weighted
from disclosure.protection.rounding import adds_up

_Places = npt.NDArray[np.int64]


def can_merge(evidence: Evidence) -> bool:
    """Tell whether the evidence says what merged categories come to."""
    return not evidence.parts and not evidence.other_units and not evidence.added and adds_up(evidence)


def merged(evidence: Evidence, place: int, into: Mapping[str, str]) -> Evidence:
    """Return the evidence with categories of one dimension under other labels; see `can_merge`.

    Args:
        into: label to new label; a label that it does not name keeps its own.
    """
    old = evidence.categories[place]
    renamed = [label if label is None else into.get(label, label) for label in old]
    labels = tuple(sorted(set(renamed), key=label_order))
    number = {label: code for code, label in enumerate(labels)}
    recode = np.array([*(number[label] for label in renamed), MARGIN], dtype=np.int32)
    codes = evidence.codes.copy()
    codes[:, place] = recode[codes[:, place]]
    return regrouped(
        evidence, codes, tuple(labels if one == place else own for one, own in enumerate(evidence.categories))
    )


def regrouped(
    evidence: Evidence, codes: npt.NDArray[np.int32], categories: tuple[tuple[str | None, ...], ...]
) -> Evidence:
    """Return the evidence with the cells that have the same codes as one; see `can_merge`.

    Args:
        codes: the new place of each of its cells, shape (cells, dimensions).
        categories: the labels that these codes stand for.
    """
    last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
    order: _Places = np.lexsort([last[:, one] for one in reversed(range(codes.shape[1]))]).astype(np.int64)
    codes = codes[order]
    first = np.concatenate([[True], (codes[1:] != codes[:-1]).any(axis=1)])
    starts: _Places = np.flatnonzero(first).astype(np.int64)
    group: _Places = (np.cumsum(first) - 1).astype(np.int64)

    def added(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(np.add.reduceat(column[order], starts))

    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    if shares is not None:
        shares = Shares(shares.high, shares.low, added(shares.numerator), added(shares.complement))
    if weighted is not None:
        numerator = None if weighted.numerator is None else added(weighted.numerator)
        weighted = Weighted(added(weighted.units), numerator)
    return replace(
        evidence,
        categories=categories,
        codes=codes[starts],
        n_units=added(evidence.n_units),
        n_rows=added(evidence.n_rows),
        amounts=None if amounts is None else _amounts(amounts, evidence.n_units > 0, order, starts, group),
        shares=shares,
        weighted=weighted,
    )


def _amounts(amounts: Amounts, filled: Mask, order: _Places, starts: _Places, group: _Places) -> Amounts:
    def added(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(np.add.reduceat(column[order], starts))

    total, divisor = amounts.total[order], amounts.divisor[order]
    largest = amounts.largest[order]
    return replace(
        amounts,
        total=added(amounts.total),
        absolute=added(amounts.absolute),
        largest=_top(largest, starts, group),
        n_nonzero=added(amounts.n_nonzero),
        # Equal contributions of the same size and sign; equal values where totals stand to their rows alike.
        constant=_alike(amounts.constant[order], filled[order], (largest[:, 0] * np.sign(total), 1), starts, group),
        rows_constant=_alike(amounts.rows_constant[order], filled[order], (total, divisor), starts, group),
        divisor=added(amounts.divisor),
        divisor_largest=np.asarray(np.maximum.reduceat(amounts.divisor_largest[order], starts)),
        ends=tuple(one.merged(order, starts) for one in amounts.ends),
    )


def _top(largest: npt.NDArray[Any], starts: _Places, group: _Places) -> npt.NDArray[Any]:
    """Return the largest of all contributors of the merged cells."""
    width = largest.shape[1]
    found = largest[starts].copy()
    sizes = np.diff([*starts.tolist(), len(group)])
    for one in np.flatnonzero(sizes > 1):
        several = sorted(largest[starts[one] : starts[one] + sizes[one]].ravel().tolist(), reverse=True)
        found[one] = several[:width]
    return found


def _alike(constant: Mask, filled: Mask, ratio: tuple[npt.NDArray[Any], Any], starts: _Places, group: _Places) -> Mask:
    """Return where every merged cell with somebody in it is constant, and all of them at the same ratio."""
    above, below = ratio[0], np.broadcast_to(np.asarray(ratio[1], dtype=np.object_), ratio[0].shape)
    some: Mask = np.logical_or.reduceat(filled, starts)
    every: Mask = np.logical_and.reduceat(constant | ~filled, starts)
    # Each cell is compared with the first one of its group that has somebody in it.
    places = np.where(filled, np.arange(len(filled)), len(filled))
    lead = np.minimum(np.minimum.reduceat(places, starts), len(filled) - 1)[group]
    same = np.asarray(above * below[lead] == above[lead] * below, dtype=np.bool_) | ~filled
    return np.asarray(some & every & np.logical_and.reduceat(same, starts), dtype=np.bool_)
