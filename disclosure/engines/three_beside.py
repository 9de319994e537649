"""Three outputs of which a cell of one is made up of a cell of each of the others, but for few units.

All persons, those under 18 and those of 19 and over are three tables of which each two have nothing to tell: the three
tell who is 18. The same goes for totals of one value, and for three rates of which one is of all who are in either of
the others. Cells are sets of units, and sets that are the same in several outputs count once; units that stand in the
same sets are counted together. So whole baskets are looked at for little more than what it takes to code their rows.

Counts tell of few only where these are all too many or all too few. Cells that nobody sees are left out: those of fewer
units than the minimum, and margins of tables that withhold cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from disclosure.engines.cells_beside import POSITION, SHOW_UNITS, adds_up, counts_behind, halved
from disclosure.engines.joined import COARSER, TOO_MANY, joined
from disclosure.engines.placed import Placed, units_of_all
from disclosure.engines.three_values import three_values
from disclosure.engines.totals_beside import same_value
from disclosure.engines.unit_rows import Whole
from disclosure.engines.unit_sets import UnitSets, kinds_of
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs, Doubt
from disclosure.model.cells import MARGIN
from disclosure.texts import text

_NO_DIMENSION: Final = ("three values",)
_TOTAL: Final = np.full((1, 1), MARGIN, dtype=np.int32)
_ANY_CELL: Final = CellPairs(_NO_DIMENSION, _NO_DIMENSION, ((),), ((),), _TOTAL, _TOTAL, np.zeros(1, dtype=np.int64))
"""A pair of cells of no table's own dimensions, which two tables show if they show anything."""
MOST_LOOKED_AT: Final = 1_000_000
"""So many threes of cells of fitting sizes are looked at."""
MOST_FOUND: Final = 1_000
"""So many threes of cells are told of for the same outputs; where there are as many, all of their cells are doubted."""
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell of an output: the rows that it is of, and its codes by their labels."""

    output: str
    rows: Placed
    codes: Codes


Two = tuple[str, str]
Three = tuple[Cell, Cell, Cell]
_Named = tuple[str, str, str]


def three_beside(sides: Mapping[str, Placed], minimum: int, *, among: str | None = None) -> Iterator[Three]:
    """Yield cells of three outputs each, of which the first is the other two together, but for few units.

    Outputs of different units are not compared. Of the same outputs no more than `MOST_FOUND` are yielded: who gets as
    many does not know all of them.

    Args:
        sides: name to who stands where in the output.
        minimum: the fewest units that are not few.
        among: the name of an output that is one of the three; all are asked about if there is none.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    told: Counter[tuple[str, ...]] = Counter()
    for family, one_sided in _families(sides):
        if len({name for name, _ in family}) > 2 and (among is None or among in {name for name, _ in family}):
            yield from _told(family, minimum, told, one_sided=one_sided, among=among)


def doubts_of_three(
    sides: Mapping[str, Placed], minimum: int, *, among: str | None = None
) -> Mapping[Two, tuple[Doubt, ...]]:
    """Return what three outputs tell, as doubts about two of them, by name in alphabetical order.

    Of the three these are the last two, so that the first may stay; and the one that is among all, if one is named. Of
    the other one it is taken for granted that it shows what it would show if its cells were only too small.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    found: dict[_Named, list[tuple[Cell, Cell]]] = {}
    for three in three_beside(sides, minimum, among=among):
        cells = {cell.output: cell for cell in three}
        one, other, third = _about(tuple(cells), among)
        found.setdefault((one, other, third), []).append((cells[one], cells[other]))
    doubts: dict[Two, tuple[Doubt, ...]] = {}
    for (one, other, third), pairs in found.items():
        why = text(
            "beside '{third}' the three tell of few units: a cell of one is made up of a cell of each of the others "
            "but for these; group coarser, or make all over the same rows",
            third=third,
        )
        # Which of the cells may be withheld is not known where not all of them are: then these two are not shown both.
        about = _pairs(pairs) if len(pairs) < MOST_FOUND else _ANY_CELL
        doubts[one, other] = (*doubts.get((one, other), ()), Doubt(about, why))
    for names in three_values(sides, minimum, among=among):
        one, other, third = _about(names, among)
        why = text(
            "beside '{third}' the three tell of few units: the value of one is the sum of the others' but for these; "
            "leave one of them out, or group coarser",
            third=third,
        )
        doubts[one, other] = (*doubts.get((one, other), ()), Doubt(_ANY_CELL, why))
    return doubts


def _about(names: tuple[str, ...], among: str | None) -> _Named:
    """Return the two outputs that a doubt about three is about, in alphabetical order, and the third."""
    last = [name for name in sorted(names) if name != among]
    one, other = sorted([last[-1], last[-2] if among is None else among])
    (third,) = set(names) - {one, other}
    return one, other, third


def _pairs(found: Sequence[tuple[Cell, Cell]]) -> CellPairs:
    """Return pairs of cells of the same two outputs, each a group of its own."""
    first, last = (cell.rows for cell in found[0])
    own, there = (np.array([pair[side].codes for pair in found], dtype=np.int32) for side in range(2))
    groups = np.arange(len(found), dtype=np.int64)
    return CellPairs(first.dimensions, last.dimensions, first.labels, last.labels, own, there, groups)


def _families(sides: Mapping[str, Placed]) -> Iterator[tuple[list[tuple[str, Placed]], bool]]:
    """Yield outputs of which the figures can be added up, and whether they are counts."""
    known = [(name, one) for name, one in sides.items() if one.sizes is None and len(one)]
    for unit in dict.fromkeys(one.unit for _, one in known):
        own = [(name, one) for name, one in known if one.unit == unit]
        counts = [(name, one) for name, one in own if one.recipe.statistic in SHOW_UNITS or halved(one)]
        yield [(name, each) for name, one in counts for each in counts_behind(one) if len(each)], True
        totals = [(name, one) for name, one in own if adds_up(one.recipe) and one.recipe.statistic not in POSITION]
        for like in _of_one_value(totals):
            yield [(name, _with_values(one)) for name, one in like], False


def _of_one_value(totals: Sequence[tuple[str, Placed]]) -> list[list[tuple[str, Placed]]]:
    """Return totals of one value together: those of the same units tell that of others, which have none in common."""
    found: list[list[tuple[str, Placed]]] = []
    for name, one in totals:
        like = [each for each in found if any(same_value(joined(one, other)) for _, other in each)]
        found = [each for each in found if each not in like] + [[*(two for each in like for two in each), (name, one)]]
    return found


def _with_values(side: Placed) -> Placed:
    """Return the entries that add something to a total."""
    if side.weighted is None:
        return side
    return side.some(~np.isnan(side.weighted) & (side.weighted != 0))


def _told(
    family: Sequence[tuple[str, Placed]],
    minimum: int,
    told: Counter[tuple[str, ...]],
    *,
    one_sided: bool,
    among: str | None,
) -> Iterator[Three]:
    sets, cells = _sets(family, minimum)
    names = [{cell.output for cell in each} for each in cells]
    looked = 0
    for whole, part, other in sets.nearly_made_up():
        if among is not None and among not in names[whole] | names[part] | names[other]:
            continue
        if len(names[whole] | names[part] | names[other]) < 3:
            continue
        looked += 1
        if looked > MOST_LOOKED_AT:
            raise DataError(TOO_MANY, hint=COARSER)
        if not sets.few_apart(whole, part, other, one_sided=one_sided):
            continue
        for three in product(cells[whole], cells[part], cells[other]):
            outputs = tuple(sorted({cell.output for cell in three}))
            if len(outputs) < 3 or (among is not None and among not in outputs):
                continue
            if told[outputs] < MOST_FOUND:
                told[outputs] += 1
                yield three


def _sets(family: Sequence[tuple[str, Placed]], minimum: int) -> tuple[UnitSets, tuple[tuple[Cell, ...], ...]]:
    """Return the cells of a family that outputs show, as sets of units, each once, and of which cells each is."""
    units = units_of_all([one for _, one in family])
    inner = [one.cells(one.patterns()[0])[0] for _, one in family]
    kinds = kinds_of(units, inner)
    members: list[Whole] = []
    cells: list[list[Cell]] = []
    known: dict[int, int] = {}
    for (name, one), numbers in zip(family, units, strict=True):
        stands = kinds.first[numbers]
        few, kind = one.some(stands), kinds.kind[numbers[stands]]
        for pattern in few.patterns()[:1] if one.recipe.suppressed else few.patterns():
            cell, codes = few.cells(pattern)
            for place, inside in enumerate(_members(cell, kind, len(codes), len(kinds.weights))):
                if int(kinds.weights[inside].sum()) < minimum:
                    continue
                number = known.setdefault(kinds.mark(inside), len(members))
                if number == len(members):
                    members.append(inside)
                    cells.append([])
                cells[number].append(Cell(name, one, codes[place]))
    return UnitSets(tuple(members), kinds.weights, minimum), tuple(map(tuple, cells))


def _members(cell: Whole, kind: Whole, cells: int, kinds: int) -> list[Whole]:
    """Return the kinds of units in each cell, each once and in order."""
    # By kind and then by cell: so each cell has its kinds in order, without a comparison.
    entries = coo_array((np.ones(len(cell), dtype=np.int32), (cell, kind)), shape=(cells, kinds))
    inside = entries.tocsc().tocsr()
    inside.sum_duplicates()
    return np.split(inside.indices.astype(np.int64), inside.indptr[1:-1])
