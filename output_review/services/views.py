"""What the command line shows of requests, as documents; `view_lines` makes text of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from disclosure.errors import BadInputError
from disclosure.exchange.tabulation import ColumnLineage
from disclosure.exchange.written import values_from
from disclosure.model.recipes import LazySource, recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Level
from disclosure.render.figures.svg import description_of
from disclosure.screening.written_numbers import SuppressedFigures
from output_review.domain.phrases import words
from output_review.domain.threads import Audience
from output_review.services.claiming import claim_of
from output_review.services.commenting import Comment, comments
from output_review.services.judging import confirmed, derived_of, tabulated
from output_review.services.records import first_records, report_lines
from output_review.services.rendering import figure_of, written_text
from output_review.services.reviewing import current_outputs, is_blind, outcomes, votes_on
from output_review.services.scanning import findings_about, findings_in, withheld_figures
from output_review.services.shown_code import source_cells
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow, StepRow
    from output_review.signing.manifest import Person


def summary(row: RequestRow) -> dict[str, Any]:
    """Return a request in short."""
    outputs = [
        {"name": one.name, "title": one.title, "verdict": one.verdict or None, "level": one.level or None}
        for one in current_outputs(row)
    ]
    return {
        "request": row.pk,
        "team": row.team,
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "revision": row.revision,
        "received": row.received.isoformat(),
        "reason": row.reason,
        "outputs": outputs,
        "package": row.package,
    }


def detail(zone: ControlZone, row: RequestRow, *, code: bool = False, reader: Person | None = None) -> dict[str, Any]:
    """Return a request in full. Votes are blinded until the quorum has voted: only their number is shown.

    Args:
        code: with the source of the code; otherwise its names, digests and lengths.
        reader: whose comments are shown, as far as this person may see them; None for no comments.
    """
    document = summary(row)
    decided = outcomes(zone, row)
    document |= {
        "author": row.author,
        "purpose": row.purpose,
        "parameters": row.parameters,
        "lane": row.lane,
        "claim": _claim(zone, row),
        "steps": [_step(one) for one in row.steps.order_by("pk")],
        "comments": [] if reader is None else [_comment(one) for one in comments(zone, row, reader)],
        "code": [_code(zone, name, stored, source=code) for name, stored in row.code],
    }
    outputs = current_outputs(row)
    tables = {one.name: _table(zone, one) for one in outputs}
    withheld = withheld_figures(table for table in tables.values() if table is not None)
    sources = {name: source_cells(name, zone.store.get(stored)) for name, stored in row.code}
    document["scan"] = findings_about(row, sources, withheld)
    document["outputs"] = [
        _output(zone, one, tables[one.name], withheld) | {"outcome": decided[one.name].value} for one in outputs
    ]
    document["signed_by"] = [one.reviewer for one in row.sign_offs.filter(revision=row.revision).order_by("reviewer")]
    return document


def _claim(zone: ControlZone, row: RequestRow) -> dict[str, Any] | None:
    held = claim_of(zone, row)
    return None if held is None else {"by": held.by, "until": held.until.isoformat()}


def _step(step: StepRow) -> dict[str, Any]:
    return {
        "revision": step.revision,
        "to": step.target,
        "who": step.who,
        "reason": step.reason,
        "taken": step.taken.isoformat(),
    }


def _comment(one: Comment) -> dict[str, Any]:
    said = [] if one.phrase is None else [words(one.phrase).english]
    return {
        "number": one.number,
        "revision": one.revision,
        "output": one.output,
        "author": one.author,
        "kind": _kind(one),
        "said": "\n".join([*said, *([one.body] if one.body else [])]),
    }


def _kind(one: Comment) -> str:
    if one.audience is Audience.REVIEWERS:
        return "note"
    if not one.is_question:
        return "comment" if one.answers is None else "answer"
    return "question, answered" if one.answered else "question"


def _code(zone: ControlZone, name: str, stored: str, *, source: bool) -> dict[str, Any]:
    data = zone.store.get(stored)
    cells = source_cells(name, data)
    document: dict[str, Any] = {
        "name": name,
        "digest": stored,
        "bytes": len(data),
        "lines": sum(len(cell.source.splitlines()) for cell in cells),
    }
    if source:
        document["cells"] = [{"kind": cell.kind, "source": cell.source} for cell in cells]
    return document


def _table(zone: ControlZone, output: OutputRow) -> JudgedTable | None:
    has_one = output.result and output.level != Level.UNVERIFIED.value
    return confirmed(zone, output) if has_one else None


def file_bytes(zone: ControlZone, row: RequestRow, name: str, file: str) -> bytes:
    """Return a rendered file of an output of the current revision: the bytes that would leave, hashed again now.

    Raises:
        BadInputError: the request has no such output, or the output no such file.
        IntegrityError: the bytes are missing or changed.
    """
    for output in current_outputs(row):
        if output.name == name and file in output.files:
            return zone.store.get(output.files[file])
    raise BadInputError("The request has no such file.", hint=f"See: datakamp review show {row.pk}")


def _output(
    zone: ControlZone, output: OutputRow, table: JudgedTable | None, withheld: SuppressedFigures
) -> dict[str, Any]:
    votes = votes_on(output)
    blind = is_blind(zone, output)
    text = written_text(zone, output) if output.written else None
    document = {
        "name": output.name,
        "title": output.title,
        "population": output.population,
        "differs": output.differs,
        "verdict": output.verdict or None,
        "level": output.level or None,
        "note": output.note,
        "scan": findings_in(output, text, table, withheld),
        "records": [one.english for one in report_lines(zone, text)],
        "differences": output.differences,
        "votes": len(votes) if blind else {one.reviewer: one.decision.value for one in votes},
        "files": output.files,
        "figure": _figure(zone, output),
        "derived": _derived(output),
        "written": None,
    }
    if text is not None:
        shown = [text.body] if not text.kind.has_values else _lines(text.body)
        shown = [" | ".join(row) for row in first_records(text)] or shown
        return document | {"written": {"kind": text.kind.value, "lines": shown, "support": text.support}}
    return document | _judged(zone, output, table)


def _judged(zone: ControlZone, output: OutputRow, table: JudgedTable | None) -> dict[str, Any]:
    recipe = recipe_from_json(output.recipe.encode())
    document: dict[str, Any] = {
        "recipe": recipe.to_document(),
        "derivation": recipe.source.sql if isinstance(recipe.source, LazySource) else None,
        "findings": [],
        "cells": [],
        "lineage": [],
        "across_rows": None,
    }
    if table is None:
        return document
    counts = [] if table.evidence is None else table.evidence.n_units.tolist()
    _, result = tabulated(zone, output)
    return document | {
        "findings": [f"{one.rule.value}: {one.message}" for one in table.verdict.findings],
        "cells": [
            {"cell": str(one.cell), "n_units": units, "shows": one.figure or one.state.value}
            for one, units in zip(table.published(), counts, strict=True)
        ],
        "lineage": [_column(one) for one in result.lineage],
        "across_rows": result.across_rows,
    }


def _figure(zone: ControlZone, output: OutputRow) -> dict[str, Any] | None:
    """Return what is asked of a figure, and its text alternative once it is drawn."""
    figure = figure_of(output)
    if figure is None:
        return None
    stored = output.files.get(f"{output.name}.svg")
    return {
        **figure.request.to_document(),
        "tables": list(figure.tables),
        "alternative": None if stored is None else description_of(zone.store.get(stored)),
    }


def _derived(output: OutputRow) -> dict[str, Any] | None:
    """Return what is computed from which outputs, None of a table."""
    request = derived_of(output)
    return None if request is None else request.to_document()


def _lines(body: str) -> list[str]:
    """Return the values of a result, a line per row."""
    values = values_from(body)
    return [" | ".join(entry if entry is not None else "." for entry in row) for row in (values.columns, *values.rows)]


def _column(one: ColumnLineage) -> dict[str, Any]:
    return {
        "column": one.column,
        "standing": one.standing.value,
        "origin": None if one.origin is None else ".".join(one.origin),
        "sources": [".".join(origin) for origin in sorted(one.sources)],
    }
