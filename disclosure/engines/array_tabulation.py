"""The same evidence as the general engine's, from whole numbers in arrays: what most tables need, many times faster.

Only what is understood in full is tabulated here. A type, a fault in the rows, a statistic or an option that is not
in this module's list goes to the general engine, which has the last word on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from disclosure.engines.array_columns import NotAsArrays, Whole
from disclosure.engines.array_evidence import Asked, Margin, Tallies, evidence_of
from disclosure.engines.array_kept import Kept
from disclosure.engines.array_margins import margins_of, rolled_up, tallied_rows, tallied_units
from disclosure.engines.array_pairs import PairTally, cells_of
from disclosure.engines.array_rows import PIECE, Piece, Rows, as_arrays, pieces_of, recoded_rows
from disclosure.engines.array_tally import Tally
from disclosure.engines.array_units import one_row_each
from disclosure.engines.door import parquet_pieces
from disclosure.engines.overlap_pairs import MOST_PAIRINGS
from disclosure.engines.workers import cores
from disclosure.model.evidence import Evidence
from disclosure.model.midpoints import MIDPOINT
from disclosure.model.overlaps import no_overlaps
from disclosure.model.recipes import Recipe, Statistic
from disclosure.ports import Plan

_STATISTICS = frozenset({Statistic.COUNT, Statistic.SUM, Statistic.MEAN, Statistic.RATE})
_SHOWN_OTHERWISE = frozenset({MIDPOINT})
"""Options that change how figures are shown, and not what is tabulated."""
_FEW_ROWS = 1 << 18
"""So few rows are done before other threads have started."""


def tabulated_table(
    table: pa.Table, recipe: Recipe, plan: Plan, threads: int | None = None, kept: Kept | None = None
) -> Evidence | None:
    """Return the evidence of a recipe over a narrow frame; None if the general engine is asked for.

    Args:
        kept: what is known of the columns; None if nothing is to be kept.
    """
    if not _understood(recipe) or any(table.schema.names.count(name) != 1 for name in recipe.narrow_columns):
        return None
    known = Kept(0) if kept is None else kept
    if not _basic(recipe, plan):
        return None
    plan = replace(plan, minimum_units=0)  # what is shown of a quantile is no matter of cells
    fields = (recipe.unit, recipe.weight, recipe.dropna, recipe.statistic is Statistic.RATE, plan)
    what = ("cells", recipe.dimensions, recipe.recodings, recipe.value, *fields)
    return known.of(what, columns_of(table, recipe), lambda: _by_arrays(table, recipe, plan, threads, known))


def columns_of(table: pa.Table, recipe: Recipe) -> tuple[pa.ChunkedArray, ...]:
    """Return the columns that a recipe names."""
    return tuple(table.column(name) for name in recipe.narrow_columns)


def workers_for(table: pa.Table, threads: int | None) -> int:
    """Return how many threads read a table."""
    return cores(threads) if table.num_rows > _FEW_ROWS else 1


def _by_arrays(table: pa.Table, recipe: Recipe, plan: Plan, threads: int | None, kept: Kept) -> Evidence | None:
    workers, plain = workers_for(table, threads), replace(recipe, recodings=())
    fields = (plain.dimensions, plain.value, plain.unit, plain.weight, plain.dropna, plain.statistic is Statistic.RATE)
    read: list[Rows] = []

    def singles() -> Singles | None:
        read.append(as_arrays(pieces_of(table), table.schema, plain, plan, workers, kept))
        return _singles(read[0], plain, plan, workers)

    try:
        # Of units with one row each, a recoding adds up the cells that there are.
        found = kept.of(("singles", *fields, plan), columns_of(table, plain), singles)
        if found is not None:
            return _of_singles(found, recipe, plan)
        if not read or recipe.recodings:
            read[:] = [as_arrays(pieces_of(table), table.schema, recipe, plan, workers, kept)]
        return _of_units(read.pop(), recipe, plan, workers)
    except NotAsArrays:
        return None


def tabulated_file(path: Path, recipe: Recipe, plan: Plan, threads: int | None = None) -> Evidence | None:
    """Return the evidence of a recipe over a Parquet file, which need not fit in memory; None as `tabulated_table`."""
    if not _understood(recipe):
        return None
    with parquet_pieces(path, recipe.narrow_columns, PIECE, encoded=recipe.dimensions) as (schema, pieces):
        return tabulated_cells(pieces, schema, recipe, plan, cores(threads))


def tabulated_cells(
    tables: Iterable[pa.Table], schema: pa.Schema, recipe: Recipe, plan: Plan, threads: int
) -> Evidence | None:
    """Return what is known of every cell from rows that pass in pieces, None if the general engine is asked for.

    Further units, holdings and parts of the evidence are no matter of single cells, and are left out.
    """
    if not _basic(recipe, plan):
        return None
    try:
        rows = as_arrays(tables, schema, recipe, plan, threads, None)
        found = _singles(rows, recipe, plan, threads)
        return _of_units(rows, recipe, plan, threads) if found is None else _of_singles(found, recipe, plan)
    except NotAsArrays:
        return None


def _basic(recipe: Recipe, plan: Plan) -> bool:
    basic = Plan(
        plan.contributors,
        plan.decimals,
        plan.weighted_contributions,
        zero_cells=plan.zero_cells,
        minimum_units=plan.minimum_units,
    )
    return plan == basic and not recipe.statistic.specification.is_design and bool(recipe.unit)


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
        orders=recipe.orders,
        options=tuple(one for one in recipe.options if one[0] in _SHOWN_OTHERWISE),
    )
    return recipe == known


@dataclass(frozen=True, eq=False)
class Singles:
    """What was tallied of units with one row each, by the cells of the rows as they are.

    Attributes:
        rows: without the rows themselves.
    """

    rows: Rows
    asked: Asked
    by_row: Tally
    of_single: Tally


def _singles(rows: Rows, recipe: Recipe, plan: Plan, threads: int) -> Singles | None:
    """Return what was tallied if each unit has one row, otherwise None."""
    if not one_row_each(rows.pieces, threads):
        return None
    asked = _asked(rows, recipe, plan)
    by_row, of_single = tallied_rows(rows, asked, threads, alone=True)
    if asked.own_weight and of_single.sums("unequal").any():
        raise NotAsArrays
    return Singles(replace(rows, pieces=[]), asked, by_row, of_single)


def _of_singles(found: Singles, recipe: Recipe, plan: Plan) -> Evidence:
    rows, asked = recoded_rows(found.rows, recipe), found.asked
    margins = tuple(margins_of(rows))
    tallies = tuple(rolled_up(found.of_single, margin, asked.contributors) for margin in margins)
    by_rows = tuple(rolled_up(found.by_row, margin, 0) for margin in margins)
    return evidence_of(rows, Tallies(margins, by_rows, tallies), asked, recipe, plan)


def _of_units(rows: Rows, recipe: Recipe, plan: Plan, threads: int) -> Evidence:
    asked, margins = _asked(rows, recipe, plan), tuple(margins_of(rows))
    by_row, _ = tallied_rows(rows, asked, threads, alone=False)
    tallies, pairs = tallied_units(rows, margins, asked, threads)
    if asked.own_weight and any(one.sums("unequal").any() for one in tallies):
        raise NotAsArrays
    by_rows = tuple(rolled_up(by_row, margin, 0) for margin in margins)
    evidence = evidence_of(rows, Tallies(margins, by_rows, tallies), asked, recipe, plan)
    if evidence.units_overlap and pairs is not None and _all_apart(by_rows, tallies, margins, pairs, asked):
        contributors = None if evidence.amounts is None else evidence.amounts.largest.shape[1]
        return replace(evidence, overlaps=no_overlaps(contributors, two=evidence.shares is not None))
    return evidence


def _asked(rows: Rows, recipe: Recipe, plan: Plan) -> Asked:
    contributions = recipe.value is not None or plan.weighted_contributions
    return Asked(
        plan.weighted_contributions,
        _two_values(rows, recipe) if recipe.value is not None else None,
        recipe.weight is not None and (recipe.value is None or recipe.statistic is Statistic.RATE),
        plan.contributors if contributions else 0,
    )


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
