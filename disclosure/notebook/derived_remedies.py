"""What repairs a table that is computed from others: what is done to all of them together, and tried on what it gives.

A repair of one of two tables alone leaves two that have other cells or other rows, which nothing is computed from. So
each repair of rows and columns that one of them is offered, or what they tell together, is made to both; and where one
has values that the other lacks, both are taken of the rows that have both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import DatakampError, RecipeError, RefusedError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.notebook.output import Output
from disclosure.notebook.shared_repairs import Repair, is_of_rows, repair_of
from disclosure.protection.remedies import SUPPRESS
from disclosure.protection.several import figures, only_filled
from disclosure.texts import text

Parents = tuple[Output, ...]
Again = Callable[[Parents], JudgedTable]
_MOST_TRIED: Final = 8
"""So many repairs are tried, besides withholding: those first that most of the tables are offered."""


def repairs_of(parents: Parents, joint: Output | None, table: JudgedTable, again: Again) -> tuple[Remedy, ...]:
    """Return what makes a derived table safe, the one that loses least first; nothing for one that is not unsafe.

    Args:
        joint: by what it was judged what the parents tell together.
        table: the derived table.
        again: computes and judges it from repaired parents.
    """
    if not _unsafe(table, *parents):
        return ()
    found = list(_tried(parents, joint, table, again))
    columns = _values(parents)
    if columns:
        try:
            rows = _with_values(parents, columns)
            after = again(rows)
        except DatakampError:
            return _ranked(found)
        if not _unsafe(after, *rows):
            whole = _outcome(table, after, only_filled(columns))
            found += [
                replace(one, loses_text=only_filled(columns, one).loses_text) if one.loss else one for one in whole
            ]
        else:
            found += [only_filled(columns, one) for one in _tried(rows, None, table, again)]
    return _ranked(found)


def repaired(parents: Parents, remedy: Remedy) -> Parents:
    """Return the tables that something is computed from, each repaired.

    Raises:
        RecipeError: it is no remedy.
        RefusedError: it is none of theirs.
    """
    if not isinstance(remedy, Remedy):
        raise RecipeError(text("A remedy is applied as it was offered."), hint=text("For example out.remedies()[0]."))
    if remedy.measures:
        raise RefusedError(text("No measure here has that remedy."), hint=text("See outs.remedies()."))
    if remedy.filled:
        rows = _with_values(parents, remedy.filled)
        alone = repair_of(remedy) == repair_of(only_filled(remedy.filled))
        return rows if alone else repaired(rows, replace(remedy, filled=()))
    return tuple(one.apply(remedy) for one in parents)


def _tried(parents: Parents, joint: Output | None, before: JudgedTable, again: Again) -> Iterator[Remedy]:
    offered: dict[Repair, list[tuple[int, Remedy]]] = {}
    for out in (*parents, *(() if joint is None or joint in parents else (joint,))):
        for place, remedy in enumerate(out.remedies()):
            if len(parents) == 1 or is_of_rows(remedy):
                offered.setdefault(repair_of(remedy), []).append((place, remedy))
    ranked = sorted(offered.values(), key=lambda own: (-len(own), max(place for place, _ in own)))
    others = [own[0][1] for own in ranked if own[0][1].kind is not RemedyKind.SUPPRESS]
    withheld = [own[0][1] for own in ranked if own[0][1].kind is RemedyKind.SUPPRESS] or [SUPPRESS]
    for remedy in (*others[:_MOST_TRIED], *withheld):
        try:
            after = again(repaired(parents, remedy))
        except DatakampError:
            continue
        yield from _outcome(before, after, remedy)


def _outcome(before: JudgedTable, after: JudgedTable, remedy: Remedy) -> Iterator[Remedy]:
    """Yield a remedy with what it loses of the derived table, if that is safe and not all of it."""
    if after.verdict.status is not Status.SAFE:
        return
    every = figures(before)
    lost = max(0, every - figures(after))
    if lost >= max(1, every):
        return
    share = str(round(100 * lost / every))
    loses = text("{n} of {all} figures ({share}%)", n=str(lost), all=str(every), share=share)
    yield replace(remedy, loses_text=loses if lost else remedy.loses_text, failing=0, loss=lost / every)


def _ranked(found: Sequence[Remedy]) -> tuple[Remedy, ...]:
    order = list(RemedyKind)
    return tuple(sorted(found, key=lambda one: (round(one.loss, 9), order.index(one.kind), str(one.text))))


def _unsafe(*judged: JudgedTable | Output) -> bool:
    return any((one.table if isinstance(one, Output) else one).verdict.status is Status.UNSAFE for one in judged)


def _values(parents: Parents) -> tuple[str, ...]:
    """Return the value columns of two tables that are not of the same one, one of which may be a count."""
    named = [one.recipe.value for one in parents]
    return tuple(dict.fromkeys(one for one in named if one is not None)) if len(set(named)) > 1 else ()


def _with_values(parents: Parents, columns: tuple[str, ...]) -> Parents:
    """Return the tables of only the rows in which none of some value columns is missing.

    Raises:
        RefusedError: these are not their columns, or their rows are not kept.
    """
    kept = [(one.recipe, one.narrow, one.over) for one in parents if one.narrow is not None and one.over is not None]
    if set(columns) != set(_values(parents)) or len(kept) != len(parents):
        raise RefusedError(text("There is nothing to repair yet."), hint=text("The verdict says what is missing."))
    there: pa.ChunkedArray | None = None
    for recipe, narrow, _ in kept:
        if recipe.value is not None and narrow is not None:
            known = pc.invert(pc.is_null(narrow.column(recipe.value), nan_is_null=True))
            there = known if there is None else pc.and_(there, known)
    return tuple(over(recipe, narrow.filter(there)) for recipe, narrow, over in kept)
