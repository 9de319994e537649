"""A derived table: figures computed cell by cell from what other tables publish, and the bytes in which it leaves.

It goes by the shown figures, as they are released, so that a reader who divides two published figures finds the same,
and so that whoever has a package can compute it again. Where a table withholds, it withholds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.exchange.canonical import canonical_json
from disclosure.model.derived import DerivedRequest, Operation
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.neutral_labels import hidden_labels, released
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, Verdict
from disclosure.protection.together import judged_together, matched
from disclosure.render.about import about, in_every_language
from disclosure.render.csv import to_csv
from disclosure.render.description import named
from disclosure.render.grid import grid
from disclosure.render.html import page_of
from disclosure.render.metadata import METADATA_SUFFIX, metadata_of
from disclosure.statistics import rounded
from disclosure.texts import Text, text

SCHEMA: Final = "datakamp-derived/1"
DECIMALS, DIGITS = 6, 12
_HUNDRED: Final = 100
Combine = Callable[[Fraction, Fraction], Fraction | None]
Positions = npt.NDArray[np.int64]

COMBINED: Final[Mapping[Operation, Combine]] = {
    Operation.RATIO: lambda one, other: one / other if other else None,
    Operation.DIFFERENCE: lambda one, other: one - other,
    Operation.INDEX: lambda one, base: _HUNDRED * one / base if base else None,
}


def derived_table(
    operation: Operation, tables: tuple[JudgedTable, ...], base: tuple[str, str] | None, joint: JudgedTable
) -> JudgedTable:
    """Return the table that is computed from others, judged by them and by what they tell together.

    Args:
        base: of an index the dimension and its category.
        joint: the judged table of the recipe that `model.derived.together` returns for these; of one table itself.

    Raises:
        RecipeError: the tables have other dimensions than each other, or there is no such category.
    """
    first, last = tables[0], tables[-1]
    if first.recipe.laid_out != last.recipe.laid_out:
        raise RecipeError(
            text("The two outputs do not have the same rows and columns."),
            hint=text("Make them with the same rows and columns."),
        )
    verdict = _verdict(tables, base, joint)
    rules = tuple(dict.fromkeys(rule for one in (*tables, joint) for rule in one.rules))
    if first.evidence is None or last.evidence is None:
        return replace(first, evidence=None, verdict=verdict, rules=rules)
    found = _based(first.evidence, base) if base is not None else matched(first.evidence, last.evidence)
    figures, shown = _computed(first, last, found, COMBINED[operation])
    failing = _told(first.evidence, verdict)
    return replace(first, verdict=verdict, figures=figures, shown=shown & ~failing, failing=failing, rules=rules)


def described_as(operation: Operation, tables: tuple[JudgedTable, ...], base: tuple[str, str] | None = None) -> Text:
    """Return what the figures of a derived table are."""
    names = [named(one.recipe) for one in tables]
    if operation is Operation.INDEX:
        where = "" if base is None else f"{base[0]}: {base[1]}"
        return text("index of {what} ({base} = 100)", what=names[0], base=where)
    if operation is Operation.RATIO:
        return text("{one} divided by {other}", one=names[0], other=names[1])
    return text("{one} minus {other}", one=names[0], other=names[1])


def derived_files(
    request: DerivedRequest,
    tables: tuple[JudgedTable, ...],
    table: JudgedTable,
    *,
    name: str,
    title: str,
    population: str,
) -> dict[str, bytes]:
    """Return the files of a derived table by their names: csv with what its columns are beside it, HTML, and JSON.

    Args:
        tables: those that it is computed from.
        table: what `derived_table` returned for them.
    """
    if table.evidence is None:
        return {}
    table = released(table)
    said = about(table, title=title, population=population)
    said |= {
        "statistic": in_every_language(lambda: str(described_as(request.operation, tables, request.base))),
        "unit_of_measure": {},
        "decimals": DECIMALS,
    }
    return {
        f"{name}.csv": to_csv(table),
        f"{name}{METADATA_SUFFIX}": metadata_of(table, name, said),
        f"{name}.html": _html(request, tables, table, title),
        f"{name}.json": _json(request, table, said),
    }


def _verdict(tables: tuple[JudgedTable, ...], base: tuple[str, str] | None, joint: JudgedTable) -> Verdict:
    if base is not None and base[1] in hidden_labels(tables[0]).get(base[0], frozenset()):
        return Inconclusive((text("a base with a label that enough units bear, or that a codebook lists"),))
    return judged_together(tables, joint)


def _told(evidence: Evidence, verdict: Verdict) -> Mask:
    """Return which cells the findings of a verdict are about."""
    cells = frozenset(one.cell for one in verdict.findings)
    if not cells:
        return np.zeros(len(evidence), dtype=np.bool_)
    return np.fromiter((cell in cells for cell in evidence.cells()), dtype=np.bool_, count=len(evidence))


def _based(evidence: Evidence, base: tuple[str, str]) -> Positions:
    """Return where the cell of the base stands for each cell, -1 where there is none."""
    name, label = base
    place = evidence.dimensions.index(name) if name in evidence.dimensions else -1
    if place < 0 or label not in evidence.categories[place]:
        raise RecipeError(
            text("The base is not a category of this table."),
            hint=text("For example {example}.", example='base={"year": "2019"}'),
        )
    codes = evidence.codes.copy()
    codes[:, place] = evidence.categories[place].index(label)
    return evidence.positions(codes)


def _computed(
    one: JudgedTable, other: JudgedTable, found: Positions, combine: Combine
) -> tuple[tuple[str | None, ...], Mask]:
    if not len(other.figures):
        return tuple(None for _ in one.figures), one.shown
    figures: list[str | None] = []
    shown: Mask = np.asarray(one.shown & np.where(found >= 0, other.shown[found], True), dtype=np.bool_)
    for position, match in enumerate(found.tolist()):
        first, second = one.figures[position], None if match < 0 else other.figures[match]
        figure = None
        if shown[position] and first is not None and second is not None:
            figure = combine(Fraction(first), Fraction(second))
        figures.append(None if figure is None else rounded(figure, decimals=DECIMALS, significant_digits=DIGITS))
    return tuple(figures), shown


def _html(request: DerivedRequest, tables: tuple[JudgedTable, ...], table: JudgedTable, title: str) -> bytes:
    marks = f"computed from the published figures of {', '.join(request.tables)}, and checked together with them"
    marks += "" if table.complete else "; × : withheld"
    # Where the first table counts nobody, it shows 0; what is computed has no figure there.
    laid = replace(grid(table), empty="")
    return page_of(
        laid, table.labels, title, lambda: f"{described_as(request.operation, tables, request.base)}; {marks}"
    )


def _json(request: DerivedRequest, table: JudgedTable, said: Mapping[str, Any]) -> bytes:
    rows, columns = table.recipe.laid_out
    document = {
        "schema": SCHEMA,
        **request.to_document(),
        "rows": list(rows),
        "columns": list(columns),
        "about": dict(said),
        "cells": [
            {"cell": one.cell.as_dict(), "value": one.figure, "status": one.state.value} for one in table.published()
        ],
    }
    return canonical_json(document) + b"\n"
