"""The same evidence as the general engine's, from whole numbers in arrays: what most tables need, many times faster.

Only what is understood in full is tabulated here. A type, a fault in the rows, a statistic or an option that is not
in this module's list goes to the general engine, which has the last word on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa

from disclosure.engines.array_columns import NotAsArrays, Whole
from disclosure.engines.array_evidence import Asked, Margin, Tallies, evidence_of
from disclosure.engines.array_groups import groups_of_rows, tally_rows, tally_units
from disclosure.engines.array_pairs import MOST_CELLS, PairTally, cells_of, merged_pairs
from disclosure.engines.array_rows import PIECE, Piece, Rows, as_arrays, cores, in_threads, pieces_of
from disclosure.engines.array_tally import Tally, merged
from disclosure.engines.array_units import Dealt, by_unit, one_row_each
from disclosure.engines.door import parquet_pieces
from disclosure.engines.overlap_pairs import MOST_PAIRINGS
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.overlaps import no_overlaps
from disclosure.model.recipes import Recipe, Statistic
from disclosure.ports import Plan

_STATISTICS = frozenset({Statistic.COUNT, Statistic.SUM, Statistic.MEAN, Statistic.RATE})
_FEW_ROWS = 1 << 18
"""So few rows are done before other threads have started."""


def tabulated_table(table: pa.Table, recipe: Recipe, plan: Plan, threads: int | None = None) -> Evidence | None:
    """Return the evidence of a recipe over a narrow frame; None if the general engine is asked for."""
    if not _understood(recipe) or any(table.schema.names.count(name) != 1 for name in recipe.narrow_columns):
        return None
    workers = cores(threads) if table.num_rows > _FEW_ROWS else 1
    return tabulated_cells(pieces_of(table), table.schema, recipe, plan, workers, passing=False)


def tabulated_file(path: Path, recipe: Recipe, plan: Plan, threads: int | None = None) -> Evidence | None:
    """Return the evidence of a recipe over a Parquet file, which need not fit in memory; None as `tabulated_table`."""
    if not _understood(recipe):
        return None
    with parquet_pieces(path, recipe.narrow_columns, PIECE, encoded=recipe.dimensions) as (schema, pieces):
        return tabulated_cells(pieces, schema, recipe, plan, cores(threads))


def tabulated_cells(
    tables: Iterable[pa.Table], schema: pa.Schema, recipe: Recipe, plan: Plan, threads: int, *, passing: bool = True
) -> Evidence | None:
    """Return what is known of every cell from rows that come in pieces, None if the general engine is asked for.

    Further units, holdings and parts of the evidence are no matter of single cells, and are left out.
    """
    basic = Plan(
        plan.contributors,
        plan.decimals,
        plan.weighted_contributions,
        zero_cells=plan.zero_cells,
        minimum_units=plan.minimum_units,
    )
    if plan != basic or recipe.statistic.specification.is_design or not recipe.unit:
        return None
    try:
        return _evidence(as_arrays(tables, schema, recipe, plan, threads, passing=passing), recipe, plan, threads)
    except NotAsArrays:
        return None


def _understood(recipe: Recipe) -> bool:
    """Tell whether a recipe asks for nothing but cells: a field that is new, or another statistic, may ask for more."""
    if recipe.statistic not in _STATISTICS:
        return False
    known = Recipe(
        source=recipe.source,
        statistic=recipe.statistic,
        policy=recipe.policy,
        rows=recipe.rows,
        columns=recipe.columns,
        value=recipe.value,
        unit=recipe.unit,
        weight=recipe.weight,
        dropna=recipe.dropna,
        recodings=recipe.recodings,
        suppressed=recipe.suppressed,
        rounding=recipe.rounding,
    )
    return recipe == known


def _evidence(rows: Rows, recipe: Recipe, plan: Plan, threads: int) -> Evidence:
    contributions = recipe.value is not None or plan.weighted_contributions
    asked = Asked(
        plan.weighted_contributions,
        _two_values(rows, recipe) if recipe.value is not None else None,
        recipe.weight is not None and (recipe.value is None or recipe.statistic is Statistic.RATE),
        plan.contributors if contributions else 0,
    )
    margins = tuple(_margins(rows))
    by_row, of_single = _tallied_rows(rows, asked, threads, alone=one_row_each(rows.pieces, threads))
    pairs = None
    if of_single is not None:
        tallies = tuple(_rolled_up(of_single, margin, asked.contributors) for margin in margins)
    else:
        tallies, pairs = _tallied_units(rows, margins, asked, threads)
    if asked.own_weight and any(one.sums("unequal").any() for one in tallies):
        raise NotAsArrays
    by_rows = tuple(_rolled_up(by_row, margin, 0) for margin in margins)
    evidence = evidence_of(rows, Tallies(margins, by_rows, tallies), asked, recipe, plan)
    if evidence.units_overlap and pairs is not None and _all_apart(by_rows, tallies, margins, pairs, asked):
        contributors = None if evidence.amounts is None else evidence.amounts.largest.shape[1]
        return replace(evidence, overlaps=no_overlaps(contributors, two=evidence.shares is not None))
    return evidence


def _all_apart(
    by_rows: tuple[Tally, ...], tallies: tuple[Tally, ...], margins: tuple[Margin, ...], pairs: PairTally, asked: Asked
) -> bool:
    """Tell whether all cells that have units in common are plainly apart; if not, the rows have to tell more."""
    if pairs.pairings > MOST_PAIRINGS:
        return False
    # The grand total is no cell beside others: all of them lie below it.
    own = [place for place, margin in enumerate(margins) if margin.fixed]
    absolute = None
    if asked.contributors:
        absolute = [by_rows[place].sums("value") - 2 * tallies[place].sums("below") for place in own]
    cells = cells_of(
        [margins[place].fixed for place in own],
        [margins[place].of_inner for place in own],
        [tallies[place] for place in own],
        absolute,
    )
    return pairs.apart(cells, two=asked.two is not None)


def _two_values(rows: Rows, recipe: Recipe) -> tuple[int, int] | None:
    """Return the lower and the higher value of a column that has no others, None if it has."""
    if recipe.statistic is Statistic.RATE:
        low, high = 0, 10**rows.value_scale
    else:
        some = [values for values in map(_values, rows.pieces) if len(values)]
        low, high = min(int(one.min()) for one in some), max(int(one.max()) for one in some)
    for piece in rows.pieces:
        values = _values(piece)
        if ((values != low) & (values != high)).any():
            if recipe.statistic is Statistic.RATE:
                raise NotAsArrays
            return None
    if low == high:
        # One value only: its complement is empty.
        low, high = (low, 10**rows.value_scale) if low == 0 else (0, high)
    return low, high


def _values(piece: Piece) -> Whole:
    if piece.value is None:
        raise NotAsArrays
    return piece.value if piece.there is None else piece.value[piece.there]


def _margins(rows: Rows) -> Iterator[Margin]:
    """Yield the full table, then every margin."""
    width = len(rows.labels)
    for size in reversed(range(width + 1)):
        for fixed in combinations(range(width), size):
            keys = np.zeros(len(rows.cells), dtype=np.int64)
            for place in fixed:
                keys = keys * max(len(rows.labels[place]), 1) + rows.cells[:, place]
            known, first, of_inner = np.unique(keys, return_index=True, return_inverse=True)
            codes = np.full((len(known), width), MARGIN, dtype=np.int32)
            codes[:, list(fixed)] = rows.cells[first][:, list(fixed)]
            yield Margin(fixed, codes, of_inner.astype(np.intp), fixed == tuple(range(size)))


def _rolled_up(tally: Tally, margin: Margin, contributors: int) -> Tally:
    if len(margin.codes) == tally.cells:
        return tally
    found = Tally(len(margin.codes), contributors)
    found.take(tally, margin.of_inner)
    return found


def _tallied_rows(rows: Rows, asked: Asked, threads: int, *, alone: bool) -> tuple[Tally, Tally | None]:
    """Return what follows from rows alone, and the same of units if each has one row."""

    def work(first: int) -> tuple[Tally, Tally]:
        by_row, of_units = Tally(len(rows.cells)), Tally(len(rows.cells), asked.contributors)
        for piece in rows.pieces[first::threads]:
            groups = groups_of_rows(piece, None, asked)
            tally_rows(by_row, piece, groups)
            if alone:
                tally_units(of_units, groups, asked, alone=True)
        return by_row, of_units

    found = list(in_threads(work, range(threads), threads))
    by_row, of_units = merged([one for one, _ in found]), merged([one for _, one in found])
    if alone:
        of_units.sums("units")[:] = by_row.sums("rows") - by_row.sums("missing")
        if asked.contributors and not asked.weighted_contributions:
            of_units.constant = by_row.constant
    return by_row, of_units if alone else None


def _tallied_units(
    rows: Rows, margins: tuple[Margin, ...], asked: Asked, threads: int
) -> tuple[tuple[Tally, ...], PairTally | None]:
    """Return what follows from units, for each margin anew: a unit in several cells is one in their margin.

    With weights, or very many cells, pairs of cells are not tallied: the rows tell of those.
    """
    weighted = any(piece.weight is not None for piece in rows.pieces)
    parts = Dealt(rows.pieces, threads)

    def work(first: int) -> tuple[list[Tally], PairTally | None]:
        tallies = [Tally(len(margin.codes), asked.contributors) for margin in margins]
        pairs = None if weighted or tallies[0].cells > MOST_CELLS else PairTally(tallies[0].cells)
        for number in range(first, len(parts), threads):
            part = parts.part(number)
            if part is not None:
                _tally_part(tallies, pairs, part, margins, asked)
        return tallies, pairs

    found = list(in_threads(work, range(threads), threads))
    return (
        tuple(merged(one) for one in zip(*(tallies for tallies, _ in found), strict=True)),
        merged_pairs([pairs for _, pairs in found]),
    )


def _tally_part(
    tallies: list[Tally], pairs: PairTally | None, part: Piece, margins: tuple[Margin, ...], asked: Asked
) -> None:
    if part.there is not None and part.weight is None:
        part = part.only(part.there)  # without weights, a row without a value says nothing of its unit
    if not len(part):
        return
    piece, units, ascending = by_unit(part, tallies[0].cells)
    entries = groups_of_rows(piece, units, asked)
    entries = entries.collected(entries.places, tallies[0].cells, ascending=ascending)
    if pairs is not None:
        pairs.look(entries, valued=asked.contributors > 0)
    for tally, margin in zip(tallies, margins, strict=True):
        places = margin.of_inner[entries.places]
        tally_units(tally, entries.collected(places, tally.cells, ascending=margin.ascending), asked)
