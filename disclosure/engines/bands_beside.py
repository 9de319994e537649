"""Bands of one output beside cells or bands of another: cells that an option makes are compared as others are.

A band, all bands up to one, and all from one on are sets of units. Each of them is put beside each cell of the other
output, and beside each such set of it. What tells is the same as of two cells (`disclosure.engines.cells_beside`). A
cell that is made up of whole bands tells nothing that these do not, and the other way round.

Of a curve the sets are counts, which are put beside whatever the other output shows. Of values that are cut the sets
are totals, which are put beside figures of the same value only: how many units are in them the option says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from disclosure.engines.band_sets import BandSets
from disclosure.engines.cells_beside import HALVED, POSITION, adds_up, counts_behind, halved
from disclosure.engines.joined import COARSER, TOO_MANY, Joined, joined
from disclosure.engines.own_bands import CUT_BY_VALUE, Bands, own_bands, plain_bands
from disclosure.engines.placed import CURVES, Placed
from disclosure.engines.totals_beside import on_a_line, same_value
from disclosure.engines.values_beside import INEXACT
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs
from disclosure.model.recipes import Statistic
from disclosure.policy import Policy
from disclosure.protection.undone_measures import RATIOS

_MOST_PAIRS: Final = 20_000


def bands_beside(rows: Joined, policy: Policy) -> CellPairs:
    """Return the pairs of cells of two outputs of which a band tells of few units; see the module.

    A pair names the cells that the bands are cut from, since a cell that is withheld shows nothing of its bands.

    Args:
        policy: that of the two which asks for more units.

    Raises:
        DataError: they overlap in too many bands to be compared.
    """
    one, other = rows.one, rows.other
    found = [CellPairs.none(one.dimensions, other.dimensions)]
    for each in _comparisons(rows):
        for left, right in each.pairs():
            found += BandSets(each.rows, left, right, policy, each.totals).told()
    if sum(map(len, found)) > _MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    return CellPairs.joined(found)


@dataclass(frozen=True, eq=False)
class _Comparison:
    """Rows of two outputs of which bands are compared, those of one side or of both.

    Attributes:
        cut: whether the first, and the second output, are cut into bands here.
        totals: whether the sets are totals of a value; None if they are counts.
    """

    rows: Joined
    cut: tuple[bool, bool]
    totals: bool | None

    def pairs(self) -> Iterator[tuple[Bands, Bands]]:
        """Yield what is put beside each other: cells beside cells are compared elsewhere."""
        one, other = self.rows.one, self.rows.other
        left, right = (side.kept(own_bands) if cut else () for side, cut in zip((one, other), self.cut, strict=True))
        yield from ((a, b) for a in left for b in plain_bands(other))
        yield from ((a, b) for a in plain_bands(one) for b in right)
        yield from ((a, b) for a in left for b in right if a.way == b.way)


def _comparisons(rows: Joined) -> Iterator[_Comparison]:
    one, other = rows.one, rows.other
    statistics = one.recipe.statistic, other.recipe.statistic
    if set(statistics) & POSITION or not rows.alike(1):
        return
    curves = tuple(each in CURVES for each in statistics)
    if any(curves):
        yield _Comparison(rows, (curves[0], curves[1]), None)
        # Behind a rate beside a curve stand those who are, and those who are not.
        for side, there in ((one, other), (other, one)):
            if side.recipe.statistic in CURVES and halved(there):
                for counted in counts_behind(there):
                    first = side is one
                    both = joined(side, counted) if first else joined(counted, side)
                    yield _Comparison(both, (first, not first), None)
        return
    if set(statistics) & {*CUT_BY_VALUE} and all(_tells_totals(each) for each in (one, other)) and on_a_line(rows):
        cuts = tuple(each in CUT_BY_VALUE for each in statistics)
        adding = all(cut or adds_up(side.recipe) for cut, side in zip(cuts, (one, other), strict=True))
        yield _Comparison(rows, (cuts[0], cuts[1]), adding and same_value(rows))


def _tells_totals(side: Placed) -> bool:
    """Tell whether figures of a value may tell what it adds up to."""
    statistic = side.recipe.statistic
    return side.values is not None and statistic not in {*INEXACT, *HALVED, *CURVES, *RATIOS, Statistic.POVERTY_GAP}
