"""Implied cells: what one cell minus another tells where the same units stand in both.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), on differencing; RULES.md, section 2: a cell that
follows from published ones fails as if it were published itself, also from up to three of them. Of two cells that
overlap, and of three of which two make up most of the other, all fail where

- their counts differ, and fewer than the minimum stand in only one of them;
- the sums differ, and fewer than the minimum units have another total in the one than in the other, or these
  differences, or the sizes of them, fail a rule on contributors: dominance, p%, pq, constant, deviations, and group
  disclosure where hardly any two of them are not the same. Small whole numbers are excepted from what is the same
  where as many as the minimum of the units in both have changed: how many changed is then not known;
- rates differ, and the units, those in the numerator or those in the complement do by fewer than the minimum;
- it follows from counts or rates that nearly all units in only one of the two are in one category
  (`disclosure.rules.implied_groups`);
- the figure is of another kind, and fewer than the minimum stand in only one of them, also if nobody does, unless the
  values of the same units really differ, as those of the same persons in two years do. A quantile of the same units
  with all values shifted is the same quantile once more, with another rounding.

Four cells and more are not compared: a table in which a cell is all but the sum of three or more others, as a city
beside its districts, is not judged at all (`disclosure.engines.overlap_triples`).
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.overlaps import Differing, Overlaps
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.policy import Policy
from disclosure.rules.base import Judged, Rule, switched_on, too_few
from disclosure.rules.deviations import elsewhere, far, small_numbers
from disclosure.rules.dominance import dominated
from disclosure.rules.frequency_in_disguise import nearly_one_amount
from disclosure.rules.implied_groups import failing_groups
from disclosure.rules.p_percent import too_close
from disclosure.texts import text

_COUNTS = frozenset({Statistic.COUNT, Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT})
_RATES = frozenset({Statistic.RATE})
_SUMS = frozenset({Statistic.SUM, Statistic.MEAN, Statistic.SHARE})


def failing(judged: Judged) -> Mask:
    """Return the cells whose difference fails, and margins too close to a cell below them."""
    overlaps, mask = judged.evidence.overlaps, judged.none()
    if overlaps is None:
        return mask
    for some in (overlaps, overlaps.triples):
        if some is not None:
            failing_ = failing_pairs(judged, some)
            for cells in some.cells:
                mask[cells[failing_]] = True
    if judged.statistic not in _COUNTS | _RATES | _SUMS:
        # Over the same units a margin is another figure of theirs; over a few more it is one of those few.
        mask |= _nearly_the_same(judged.evidence, judged.minimum_units)
    return mask


def failing_pairs(judged: Judged, overlaps: Overlaps) -> Mask:
    """Return which of the overlapping pairs, or of three cells, give away a cell that fails."""
    minimum, amounts = judged.minimum_units, overlaps.amounts
    pairs = np.zeros(len(overlaps), dtype=np.bool_)
    if judged.statistic in _COUNTS | _RATES:
        pairs |= too_few(overlaps.units.either, minimum)
    elif judged.statistic not in _SUMS:
        pairs |= (overlaps.units.either < minimum) & ~_really_differ(overlaps, minimum)
    for counted in (overlaps.numerators, overlaps.complements):
        if counted is not None:
            pairs |= too_few(counted.either, minimum)
    if amounts is not None and judged.statistic in _COUNTS | _SUMS:
        # A count has amounts where a weight of the researcher's own makes a sum of it.
        pairs |= fails_on_contributors(judged.policy, judged.minimum_units, amounts)
        if judged.evidence.shares is None:
            pairs |= _alike(judged, overlaps, amounts)
    if judged.statistic in _COUNTS | _RATES or judged.evidence.shares is not None:
        pairs |= failing_groups(judged, overlaps)
    return pairs


def _really_differ(overlaps: Overlaps, minimum: int) -> Mask:
    """Return the pairs of the same units whose values differ for enough of them, and not all by about as much."""
    amounts = overlaps.amounts
    if amounts is None:
        return np.zeros(len(overlaps), dtype=np.bool_)
    # A shift has differences of one size: on average nearly as large as the largest.
    spread = 10 * amounts.absolute < 9 * amounts.largest[:, 0] * amounts.n_units
    return np.asarray(overlaps.units.same & (amounts.n_units >= minimum) & spread, dtype=np.bool_)


def fails_on_contributors(policy: Policy, minimum: int, amounts: Differing) -> Mask:
    """Return which differences of totals too few units, or too few large ones, make up."""
    largest, absolute = amounts.largest, amounts.absolute
    failing = too_few(amounts.n_units, minimum)
    failing |= dominated(largest, absolute, switched_on(policy.dominance, "dominance") or ())
    p, pq = switched_on(policy.p_percent, "p_percent"), switched_on(policy.pq, "pq")
    if p is not None:
        failing |= too_close(largest, absolute, p / 100)
    if pq is not None:
        failing |= too_close(largest, absolute, pq[0] / pq[1])
    return failing


def _alike(judged: Judged, overlaps: Overlaps, amounts: Differing) -> Mask:
    """Return the differences of which what contributors have in common, or nearly, gives some of them away."""
    failing = np.zeros(len(overlaps), dtype=np.bool_)
    constant = switched_on(judged.policy.constant, "constant")
    zeros = switched_on(judged.policy.zero_cells, "zero_cells")
    if not len(overlaps):
        return failing
    sizes = amounts.ends[1]
    # How many of the same units have another number of jobs or children than before is not known to anybody.
    changed = amounts.ends[0].numbers - overlaps.units.either >= judged.minimum_units
    unknown = changed & small_numbers(sizes, 10**judged.amounts.decimals)
    for ends in amounts.ends:
        same = elsewhere(judged, ends) | nearly_one_amount(judged, ends)
        if constant:
            same |= np.asarray((ends.lowest == ends.highest) & (ends.lowest != 0), dtype=np.bool_)
        if zeros:
            same |= np.asarray((ends.numbers > 0) & (ends.lowest == 0) & (ends.highest == 0), dtype=np.bool_)
        failing |= (same & ~unknown) | far(judged, ends)
    return failing


def _nearly_the_same(evidence: Evidence, minimum: int) -> Mask:
    """Return the margins over overlapping cells that have fewer than the minimum units more than one of these."""
    mask = np.zeros(len(evidence), dtype=np.bool_)
    n_units, n_rows = evidence.n_units, evidence.n_rows
    for place in range(evidence.own_dimensions):
        margin = evidence.margin_over(place)
        below = (evidence.codes[:, place] != MARGIN) & (margin >= 0)
        added = np.zeros_like(n_units)
        np.add.at(added, margin[below], n_units[below])
        near = below & (added > n_units)[margin] & too_few(n_units[margin] - n_units, minimum)
        # A margin over one cell only has the same rows and shows the same figure again.
        mask[margin[near & (n_rows != n_rows[margin]) & (n_units > 0)]] = True
    return mask


IMPLIED_CELLS = Rule(
    RuleName.IMPLIED_CELLS,
    ("minimum_units",),
    text("units stand in several cells, and the difference of this cell and another one gives some of them away"),
    failing,
)
