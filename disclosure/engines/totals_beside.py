"""Totals of one value in two outputs: whether both add up the same, and what their differences are made of."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.joined import Cells, Joined
from disclosure.engines.overlap_held import differing
from disclosure.engines.placed import Mask, Numbers
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.errors import DataError
from disclosure.policy import Policy
from disclosure.ports import Plan
from disclosure.rules.implied_cells import fails_on_contributors
from disclosure.texts import text

_DIGITS: Final = 52
_NEARLY: Final = 1e-9
_ROUNDED: Final = 0.01
"""What lies off a line, to how far values lie apart, where one value is the other but for rounding or small amounts."""


def same_value(rows: Joined) -> bool:
    """Tell whether both add up the same: most units that are in both have the same value in both, or a multiple."""
    if rows.one.weighted is None or rows.other.weighted is None:
        return rows.one.weighted is rows.other.weighted and rows.one.recipe.value == rows.other.recipe.value
    equal, _ = _equal(rows)
    return bool(2 * int(np.count_nonzero(equal)) >= max(1, len(rows.left)))


def on_a_line(rows: Joined) -> bool:
    """Tell whether one value is a multiple of the other and an amount for most, but for rounding or small amounts."""
    if rows.one.values is None or rows.other.values is None:
        return False
    own, there = rows.one.values[rows.left], rows.other.values[rows.right]
    known = ~np.isnan(own) & ~np.isnan(there)
    order = np.argsort(own[known], kind="stable")
    x, y, half = own[known][order], there[known][order], int(known.sum()) // 2
    run, rise = x[half:] - x[: len(x) - half], y[half:] - y[: len(y) - half]
    if not (run > 0).any():
        return bool(len(x))  # one value in one of the two: nobody can say
    slope = float(np.median(rise[run > 0] / run[run > 0]))
    rest = y - slope * x
    off = float(np.median(np.abs(rest - np.median(rest))))
    return slope != 0 and off <= _ROUNDED * float(np.mean(np.abs(y - np.mean(y))))


def _equal(rows: Joined) -> tuple[Mask, float]:
    """Return of each row beside another whether their units have the same up to a factor that most have, and this.

    Of other keys than those that are counted each unit is asked about all that it has: its rows may be split in two.
    """
    first, last = rows.one.weighted, rows.other.weighted
    if first is None or last is None:
        return np.zeros(len(rows.left), dtype=np.bool_), 1.0
    own, there = first[rows.left], last[rows.right]
    if rows.sized and not rows.once:
        places = rows.units[0][rows.left]
        own, there = (_of_units(*each)[places] for each in ((rows.units[0], first), (rows.units[1], last)))
    both = (own != 0) & (there != 0) & ~np.isnan(own) & ~np.isnan(there)
    factor = float(np.median(there[both] / own[both])) if both.any() else 1.0
    equal = np.isclose(own * factor, there, rtol=_NEARLY, atol=0.0, equal_nan=True)
    return np.asarray(equal, dtype=np.bool_), factor


def _of_units(units: Whole, values: Numbers) -> Numbers:
    """Return what each unit has in all."""
    return np.asarray(np.bincount(units, weights=np.nan_to_num(values)), dtype=np.float64)


def aligned(rows: Joined) -> Numbers:
    """Return the values of the first output as the second one has them: whoever has a multiple of a total has it."""
    own, there = rows.one.weighted, rows.other.weighted
    if own is None or there is None:
        return np.full(len(rows.one), np.nan)
    equal, factor = _equal(rows)
    found: Numbers = own * factor
    if rows.once or not rows.sized:
        found[rows.left[equal]] = there[rows.right[equal]]
    return found


def fail_in_difference(rows: Joined, cells: Cells, there: Cells, pairs: tuple[Whole, Whole], policy: Policy) -> Mask:
    """Return of which pairs the difference of the totals fails a rule on contributors."""
    first, second = pairs
    own_values, other_values = rows.one.weighted, rows.other.weighted
    if own_values is None or other_values is None or not len(first):
        return np.zeros(len(first), dtype=np.bool_)
    own_values = aligned(rows)
    known = ~np.isnan(own_values), ~np.isnan(other_values)
    units = np.concatenate([rows.units[0][known[0]], rows.units[1][known[1]]])
    values = _whole(np.concatenate([own_values[known[0]], other_values[known[1]]]))
    own, others = int(known[0].sum()), int(known[1].sum())
    nowhere = len(cells) + len(there)
    placed = {
        0: np.concatenate([cells.rows[known[0]], np.full(others, nowhere)]),
        1: np.concatenate([np.full(own, nowhere), there.rows[known[1]] + len(cells)]),
    }
    codes = np.zeros((len(units), 0), dtype=np.int32)
    both = UnitRows(codes=codes, units=units, holders=units, further=(), values=values, weights=None)
    pattern_of = np.repeat(np.arange(2, dtype=np.int64), [len(cells), len(there)])
    dominance = policy.dominance if isinstance(policy.dominance, tuple) else ()
    plan = Plan(contributors=max((2, *(m for m, _ in dominance))), decimals=0)
    amounts = differing(both, placed, pattern_of, (first, second + len(cells)), rows.one.recipe, plan)
    return fails_on_contributors(policy, policy.minimum_units or 0, amounts)


def _whole(values: Numbers) -> Whole:
    """Return values as whole numbers at so many digits that sums of them stay exact."""
    most = float(np.abs(values).max(initial=0.0))
    if not np.isfinite(most):
        raise DataError(text("A value does not fit 18 digits, or is infinite, so its sums would not be exact."))
    digits = _DIGITS - 1 - int(np.ceil(np.log2(max(most, 1.0))))
    scaled: npt.NDArray[np.float64] = np.rint(values * 2.0 ** min(digits, 20))
    return scaled.astype(np.int64)
