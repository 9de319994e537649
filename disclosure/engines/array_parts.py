"""Evidence that looks at the whole distribution, from arrays: the same rows as the general engine has, read once.

What is made of them is made by the same code as there. Only how they come to be whole numbers is another way, which
takes no statement of SQL and can be kept for the next statistic of the same values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.array_columns import NotAsArrays, Words
from disclosure.engines.array_kept import Kept, recoded_labels
from disclosure.engines.array_rows import Rows, as_arrays, pieces_of
from disclosure.engines.array_tabulation import columns_of, tabulated_table, workers_for
from disclosure.engines.array_units import one_row_each
from disclosure.engines.further_evidence import part_maker
from disclosure.engines.overlaps import overlaps_of
from disclosure.engines.part_rows import by_value
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.statistics import output_class


def tabulated_rows(
    table: pa.Table, recipe: Recipe, plan: Plan, threads: int | None, kept: Kept
) -> Evidence | Inconclusive | None:
    """Return the evidence of a recipe over a narrow frame, with its part and with the cells that overlap.

    None if the general engine is asked for.
    """
    make = part_maker(recipe.statistic)
    plain = recipe
    if make is not None:
        if output_class(recipe).underlying is not None:
            return None
        # Its cells are those of a sum of the same values.
        plain = replace(recipe, statistic=Statistic.SUM, options=())
    evidence = tabulated_table(table, plain, plan, threads, kept)
    if evidence is None or (make is None and not _overlapping(evidence)):
        return evidence
    try:
        rows = _coded(_unit_rows(table, recipe, plan, threads, kept), evidence, recipe)
    except NotAsArrays:
        return None
    if make is not None:
        part = make(rows, evidence, recipe, plan)
        evidence = replace(evidence, parts={part.name: part})
    if not _overlapping(evidence):
        return evidence
    found = overlaps_of(rows, evidence, recipe, plan)
    return found if isinstance(found, Inconclusive) else replace(evidence, overlaps=found)


def _overlapping(evidence: Evidence) -> bool:
    return evidence.units_overlap and evidence.overlaps is None


@dataclass(frozen=True, eq=False)
class _Read:
    """Rows by the labels that there are, without a recoding, in ascending order of value."""

    rows: UnitRows
    labels: tuple[tuple[str | None, ...], ...]


def _unit_rows(table: pa.Table, recipe: Recipe, plan: Plan, threads: int | None, kept: Kept) -> _Read:
    plain = replace(recipe, recodings=())
    workers = workers_for(table, threads)

    def read() -> _Read:
        rows = as_arrays(pieces_of(table), table.schema, plain, plan, workers, kept)
        joined = _joined(rows, plain, plan, workers)
        return _Read(joined if plain.value is None else by_value(joined), rows.labels)

    what = ("rows", plain.dimensions, plain.value, plain.unit, plain.weight, plain.dropna, plan.decimals)
    return kept.of(what, columns_of(table, plain), read)


def _joined(rows: Rows, recipe: Recipe, plan: Plan, threads: int) -> UnitRows:
    alone = one_row_each(rows.pieces, threads)
    pieces = [one if one.there is None else one.only(one.there) for one in rows.pieces]
    cells = np.concatenate([one.cells for one in pieces])
    values = np.zeros(len(cells), dtype=np.int64)
    if recipe.value is not None:
        values = np.concatenate([one.value for one in pieces if one.value is not None])
        values = values * 10 ** (plan.decimals - rows.value_scale)
    weights = None
    if recipe.weight is not None:
        weights = np.concatenate([one.weight for one in pieces if one.weight is not None])
        weights = weights * 10 ** (WEIGHT_DECIMALS - rows.weight_scale)
    words = tuple(np.concatenate(own) for own in zip(*(one.words for one in pieces), strict=True))
    units = np.arange(len(cells), dtype=np.int64) if alone else _numbers(words)
    return UnitRows(rows.cells[cells], units, units, (), values, weights, alone=alone)


def _numbers(words: tuple[Words, ...]) -> Whole:
    """Return a number for each key, from 0 in the order in which keys first appear."""
    found = np.zeros(len(words[0]), dtype=np.int64)
    for place, word in enumerate(words):
        own = _first_seen(word)
        found = own if not place else _first_seen(found * (int(own.max(initial=0)) + 1) + own)
    return found


def _first_seen(numbers: npt.NDArray[np.int64] | Words) -> Whole:
    return np.asarray(pa.array(numbers).dictionary_encode().indices, dtype=np.int64)


def _coded(read: _Read, evidence: Evidence, recipe: Recipe) -> UnitRows:
    """Return the rows with the codes that their labels, recoded, have in the evidence."""
    codes = []
    for place, (name, own) in enumerate(zip(recipe.dimensions, read.labels, strict=True)):
        labels, places = recoded_labels(own, name, recipe.recodings)
        known = {label: code for code, label in enumerate(evidence.categories[place])}
        # A label of other rows with the same columns is that of no row here.
        found = np.array([known.get(label, -1) for label in labels], dtype=np.int32)
        codes.append(found[places][read.rows.codes[:, place]])
    return replace(read.rows, codes=np.array(codes, dtype=np.int32).reshape(len(codes), len(read.rows.values)).T)
