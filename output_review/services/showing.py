"""What pages show of an output, made once when it is tabulated and kept in the content store.

A sign-off and a release believe none of it: they judge the evidence again. The document has a head, which the list of
outputs reads too, and beside it the grid of its table. Words in it stand in both languages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from disclosure.errors import IntegrityError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.written import WrittenKind, values_from
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.recipes import LazySource, recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.toml import parse_toml
from disclosure.model.verdicts import Inconclusive, Level
from disclosure.render.about import in_every_language
from disclosure.render.figures.svg import description_of
from disclosure.screening.text_scan import TextTooLongError
from disclosure.screening.written_numbers import SuppressedFigures
from disclosure.texts import text
from output_review.services.judging import confirmed, derived_of, tabulated
from output_review.services.records import first_records, report_lines
from output_review.services.rendering import figure_of, written_text
from output_review.services.scanning import Found, found_about, found_in, withheld_figures
from output_review.services.shown_code import source_cells
from output_review.services.shown_context import points_of
from output_review.services.shown_grid import ROWS, findings_document, grid_document, parts_of_grid
from output_review.services.shown_words import caption_words, lineage_words, recipe_words
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

SCHEMA: Final = "datakamp-shown/1"
MOST_FOUND: Final = 200
"""So many findings of a scan are kept; the others are counted."""
_WHAT = "What is shown of an output"


def make_shown(zone: ControlZone, row: RequestRow) -> None:
    """Make and keep what pages show of the outputs of the newest revision, once all of them are tabulated.

    Raises:
        IntegrityError: job or result of one is missing or changed.
    """
    outputs = _of(row)
    if all(one.shown for one in outputs) or not all(one.level for one in outputs):
        return
    for output, (head, grid) in _made(zone, row, outputs):
        head["grid"] = "" if grid is None else _kept(zone, grid)
        output.shown, output.cells = zone.store.put(_bytes(head)), head["cells"]
        output.save(update_fields=["shown", "cells"])


def shown(zone: ControlZone, output: OutputRow, part: int | None = None) -> dict[str, Any]:
    """Return what a page shows of an output; with an entry `grid`, None where it has no table that can be laid out.

    Of a grid `n` is the number of its rows, and `first` the place from 0 of the first of those that are in it. One that
    was tabulated before there were pages is made for each reader.

    Args:
        part: which part of the rows, from 1; one that there is not is the last. None for all rows.

    Raises:
        IntegrityError: what was kept is missing or changed, or is about something else.
    """
    if not output.shown:
        heads = {one.name: pair for one, pair in _made(zone, output.request, _of(output.request, output.revision))}
        head, grid = heads[output.name]
        return {**head, "grid": None if grid is None else _chosen(grid, parts_of_grid(grid), part)}
    head = shown_head(zone, output)
    if not head["grid"]:
        return {**head, "grid": None}
    grid = parse_json(zone.store.get(head["grid"]), what=_WHAT)
    parts = _Parts(zone, grid["parts"])
    return {**head, "grid": _chosen(grid, parts, part)}


def shown_head(zone: ControlZone, output: OutputRow) -> dict[str, Any]:
    """Return the same without its grid, of an output for which it is kept.

    Raises:
        IntegrityError: see `shown`.
    """
    head: dict[str, Any] = parse_json(zone.store.get(output.shown), what=_WHAT)
    if (head.get("schema"), head.get("name")) != (SCHEMA, output.name):
        raise IntegrityError(text("What is kept to be shown of '{name}' is about something else.", name=output.name))
    return head


class _Parts(Sequence[dict[str, Any]]):
    """The parts of a grid in the content store, each read when it is asked for."""

    def __init__(self, zone: ControlZone, stored: list[str]) -> None:
        self._zone, self._stored = zone, stored

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, place: Any) -> Any:
        return parse_json(self._zone.store.get(self._stored[place]), what=_WHAT)


def _kept(zone: ControlZone, grid: dict[str, Any]) -> str:
    parts = [zone.store.put(_bytes(one)) for one in parts_of_grid(grid)]
    return zone.store.put(_bytes({**grid, "rows": [], "cells": [], "n": len(grid["rows"]), "parts": parts}))


def _chosen(grid: dict[str, Any], parts: Sequence[dict[str, Any]], part: int | None) -> dict[str, Any]:
    place = None if part is None else min(max(1, part), len(parts)) - 1
    chosen = list(parts) if place is None else [parts[place]]
    return {
        **{name: one for name, one in grid.items() if name != "parts"},
        "rows": [row for one in chosen for row in one["rows"]],
        "cells": [line for one in chosen for line in one["cells"]],
        "n": grid.get("n", len(grid["rows"])),
        "first": (place or 0) * ROWS,
    }


def _of(row: RequestRow, revision: int | None = None) -> list[OutputRow]:
    return list(row.outputs.filter(revision=revision or row.revision).order_by("name"))


def _made(
    zone: ControlZone, row: RequestRow, outputs: list[OutputRow]
) -> list[tuple[OutputRow, tuple[dict[str, Any], dict[str, Any] | None]]]:
    tables = {one.name: _table(zone, one) for one in outputs}
    withheld = withheld_figures(table for table in tables.values() if table is not None)
    sources = {name: source_cells(name, zone.store.get(stored)) for name, stored in row.code}
    about = _scanned(lambda: found_about(row, sources, withheld))
    return [(one, _document(zone, one, tables[one.name], withheld, about)) for one in outputs]


def _table(zone: ControlZone, output: OutputRow) -> JudgedTable | None:
    has_one = output.result and output.level != Level.UNVERIFIED.value
    return confirmed(zone, output) if has_one else None


def _document(
    zone: ControlZone,
    output: OutputRow,
    table: JudgedTable | None,
    withheld: SuppressedFigures,
    about: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    written = written_text(zone, output) if output.written else None
    recipe = recipe_from_json(output.recipe.encode()) if output.recipe else None
    job, result = (None, None) if table is None else tabulated(zone, output)
    scan = found_in(output, written, table, withheld)
    across = result is not None and result.across_rows
    grid = None if table is None else grid_document(table)
    derived = derived_of(output)
    foreign = written is not None and written.kind is WrittenKind.FOREIGN
    codebooks = {} if job is None else {name: _codebook(said) for name, said in job.codebook_texts.items()}
    lineage = () if result is None else result.lineage
    points = points_of(output, recipe, scan, across_rows=across, foreign=foreign, codebooks=codebooks, lineage=lineage)
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "name": output.name,
        "caption": {} if table is None else caption_words(table),
        "recipe": [] if recipe is None else recipe_words(recipe),
        "derivation": recipe.source.sql if recipe is not None and isinstance(recipe.source, LazySource) else None,
        "lineage": [] if result is None else lineage_words(result.lineage),
        "across_rows": across,
        "findings": [] if table is None else findings_document(table),
        "notes": [] if table is None else _notes(table),
        "records": [_every(one) for one in report_lines(zone, written)],
        "points": [{"kind": one.kind.value, "text": _every(one.text)} for one in points],
        "scan": _found(scan),
        "about": about,
        "figure": _figure(zone, output),
        "derived": None if derived is None else derived.to_document(),
        "written": None,
        "cells": 0 if table is None or table.evidence is None else len(table.evidence),
        "failing": 0 if table is None else int(table.failing.sum()),
        "withheld": 0 if table is None else int((~table.shown).sum()),
        "too_large": table is not None and table.evidence is not None and grid is None,
    }
    if written is not None:
        values = values_from(written.body) if written.kind.has_values else None
        records = first_records(written)
        head["written"] = {
            "kind": written.kind.value,
            "body": "" if values is not None or records else written.body,
            "rows": records if values is None else [list(values.columns), *(list(one) for one in values.rows)],
            "labels": 0 if values is None else values.labels,
            "support": written.support,
        }
    return head, grid


def _codebook(said: str) -> Codebook:
    return codebook_from(parse_toml(said.encode()))


def _notes(table: JudgedTable) -> list[dict[str, str]]:
    if isinstance(table.verdict, Inconclusive):
        return [_every(one) for one in table.verdict.missing]
    return [_every(one) for one in getattr(table.verdict, "notes", ())]


def _figure(zone: ControlZone, output: OutputRow) -> dict[str, Any] | None:
    figure = figure_of(output)
    if figure is None:
        return None
    file = f"{output.name}.svg"
    stored = output.files.get(file)
    return {
        "kind": figure.request.kind.value,
        "title": figure.request.title,
        "tables": list(figure.tables),
        "file": file if stored else "",
        "alternative": description_of(zone.store.get(stored)) if stored else "",
    }


def _scanned(scan: Callable[[], tuple[Found, ...]]) -> dict[str, Any]:
    try:
        return _found(scan())
    except TextTooLongError:
        return {"n": 1, "found": [_every(text("A text is too long to be scanned, so nothing is known about it."))]}


def _found(found: tuple[Found, ...]) -> dict[str, Any]:
    return {"n": len(found), "found": [_every(one.words) for one in found[:MOST_FOUND]]}


def _every(said: object) -> dict[str, str]:
    return in_every_language(lambda: str(said))


def _bytes(document: Any) -> bytes:
    # Not canonical: nothing is signed over it, and large grids are written several times as fast.
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
