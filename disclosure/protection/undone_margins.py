"""What the margins that one table withholds and another shows tell of the cells below them."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.protection.undone_measures import Measure

_NEAR: Final = 5
"""What is hidden besides a cell leaves a doubt of at least one part in so many about its largest contribution."""


def given_away(measure: Measure, by: Measure, minimum: int) -> bool:
    """Tell whether another table shows a margin of one that withholds it, and with it too much of what is below it."""
    own, there = measure.evidence, by.evidence
    named = {name: place for place, name in enumerate(own.dimensions)}
    common = [(named[name], place) for place, name in enumerate(there.dimensions) if name in named]
    if any(not set(there.categories[b]) <= set(own.categories[a]) for a, b in common):
        # Categories put together in another way: one less another gives a withheld one away.
        return True
    withheld = np.flatnonzero(measure.hidden)
    margins = margins_shown(measure, by, common)
    if own.units_overlap and len(withheld) and margins:
        # Units that stand in several cells may be one another's company.
        return True
    for asked in margins:
        fixed = [place for place, code in enumerate(asked) if code != MARGIN]
        below = [n for n in withheld.tolist() if all(own.codes[n, place] == asked[place] for place in fixed)]
        if not _in_company(measure, below, minimum):
            return True
    return False


def margins_shown(measure: Measure, by: Measure, common: list[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Return the codes of the cells that a table withholds and another one shows."""
    own, there = measure.evidence, by.evidence
    foreign = [place for place in range(len(there.dimensions)) if place not in {b for _, b in common}]
    seen = by.shown & by.telling & (there.codes[:, foreign] == MARGIN).all(axis=1)
    asked = np.full((int(seen.sum()), len(own.dimensions)), MARGIN, dtype=own.codes.dtype)
    for a, b in common:
        codes = {label: code for code, label in enumerate(own.categories[a])}
        into = np.array([codes[label] for label in there.categories[b]] or [MARGIN], dtype=own.codes.dtype)
        here = there.codes[seen, b]
        asked[:, a] = np.where(here == MARGIN, MARGIN, into[np.maximum(here, 0)])
    places = own.positions(asked)
    known = places >= 0
    kept = asked[known][(~measure.shown & measure.telling)[places[known]]]
    return tuple(tuple(row) for row in kept.tolist())


def _in_company(measure: Measure, below: list[int], minimum: int) -> bool:
    """Tell whether the sum of some hidden cells tells little of each of them."""
    own = measure.evidence
    units, whole = int(own.n_units[below].sum()), sum((measure.absolute[n] for n in below), Fraction(0))
    for n in below:
        others = [measure.largest[one][0] for one in below if one != n and measure.largest[one]]
        largest = measure.largest[n][0] if measure.largest[n] else Fraction(0)
        doubt = whole - measure.absolute[n] - max(others, default=Fraction(0))
        if units - int(own.n_units[n]) < minimum or doubt * _NEAR < largest:
            return False
    return True


def amount_hidden(measure: Measure) -> Fraction:
    """Return the sum, without signs, of the cells that are not published."""
    return sum((measure.absolute[place] for place in np.flatnonzero(measure.hidden).tolist()), Fraction(0))
