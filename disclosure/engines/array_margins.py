"""Tallies of the full table and of every margin, from rows and from units."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from disclosure.engines.array_evidence import Asked, Margin
from disclosure.engines.array_groups import groups_of_rows, tally_rows, tally_units
from disclosure.engines.array_pairs import MOST_CELLS, PairTally, merged_pairs
from disclosure.engines.array_rows import Piece, Rows
from disclosure.engines.array_tally import Tally, merged
from disclosure.engines.array_units import Dealt, by_unit
from disclosure.engines.workers import in_threads
from disclosure.model.cells import MARGIN


def margins_of(rows: Rows) -> Iterator[Margin]:
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


def rolled_up(tally: Tally, margin: Margin, contributors: int) -> Tally:
    """Return the tally of the cells of a margin from that of the cells of the rows."""
    if margin.is_table and len(margin.codes) == tally.cells:  # otherwise a recoding has put cells together
        return tally
    found = Tally(len(margin.codes), contributors)
    found.take(tally, margin.of_inner)
    return found


def tallied_rows(rows: Rows, asked: Asked, threads: int, *, alone: bool) -> tuple[Tally, Tally]:
    """Return what follows from rows alone, and if each unit has one row, what follows from units."""

    def work(first: int) -> tuple[Tally, Tally]:
        by_row, of_units = Tally(len(rows.cells)), Tally(len(rows.cells), asked.contributors)
        for piece in rows.pieces[first::threads]:
            groups = groups_of_rows(piece, None, asked)
            counted = tally_rows(by_row, piece, groups)
            if alone:
                tally_units(of_units, groups, asked, alone=True, counted=counted)
        return by_row, of_units

    found = list(in_threads(work, range(threads), threads))
    by_row, of_units = merged([one for one, _ in found]), merged([one for _, one in found])
    if alone:
        of_units.sums("units")[:] = by_row.sums("rows") - by_row.sums("missing")
        if asked.contributors and not asked.weighted_contributions:
            of_units.constant = by_row.constant
    return by_row, of_units


def tallied_units(
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
                _tally_part(tallies, pairs, part, margins, asked, parts.bits)
        return tallies, pairs

    found = list(in_threads(work, range(threads), threads))
    return (
        tuple(merged(one) for one in zip(*(tallies for tallies, _ in found), strict=True)),
        merged_pairs([pairs for _, pairs in found]),
    )


def _tally_part(
    tallies: list[Tally], pairs: PairTally | None, part: Piece, margins: tuple[Margin, ...], asked: Asked, dealt: int
) -> None:
    if part.there is not None and part.weight is None:
        part = part.only(part.there)  # without weights, a row without a value says nothing of its unit
    if not len(part):
        return
    piece, units, ascending = by_unit(part, tallies[0].cells, dealt)
    entries = groups_of_rows(piece, units, asked)
    entries = entries.collected(entries.places, tallies[0].cells, ascending=ascending)
    if pairs is not None:
        pairs.look(entries, valued=asked.contributors > 0)
    for tally, margin in zip(tallies, margins, strict=True):
        if margin.is_table:
            tally_units(tally, entries, asked)
            continue
        places = np.take(margin.of_inner, entries.places)
        found = entries.collected(places, tally.cells, ascending=margin.ascending, last=True)
        tally_units(tally, found, asked)
