"""What the command line shows of requests, as documents; `view_lines` makes text of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from disclosure.exchange.tabulation import ColumnLineage
from disclosure.model.recipes import LazySource, recipe_from_json
from disclosure.model.verdicts import Level
from output_review.domain.states import State
from output_review.services.judging import confirmed, tabulated
from output_review.services.reviewing import current_outputs, needed, outcomes, votes_on
from output_review.services.shown_code import source_cells
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow


def waiting() -> list[RequestRow]:
    """Return the requests with outputs that are not tabulated."""
    from output_review.models import RequestRow

    live = (State.SUBMITTED.value, State.IN_REVIEW.value)
    return list(RequestRow.objects.filter(state__in=live, outputs__level="").distinct().order_by("pk"))


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


def detail(zone: ControlZone, row: RequestRow, *, code: bool = False) -> dict[str, Any]:
    """Return a request in full. Votes are blinded until the quorum has voted: only their number is shown.

    Args:
        code: with the source of the code; otherwise its names, digests and lengths.
    """
    document = summary(row)
    decided = outcomes(zone, row)
    document |= {
        "author": row.author,
        "purpose": row.purpose,
        "parameters": row.parameters,
        "code": [_code(zone, name, stored, source=code) for name, stored in row.code],
    }
    document["outputs"] = [_output(zone, one, decided[one.name].value) for one in current_outputs(row)]
    document["signed_by"] = [one.reviewer for one in row.sign_offs.filter(revision=row.revision).order_by("reviewer")]
    return document


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


def _output(zone: ControlZone, output: OutputRow, outcome: str) -> dict[str, Any]:
    recipe = recipe_from_json(output.recipe.encode())
    votes = votes_on(output)
    blind = len(votes) < needed(zone, output)
    findings: list[str] = []
    cells: list[dict[str, Any]] = []
    lineage: list[dict[str, Any]] = []
    across_rows = None
    if output.result and output.level != Level.UNVERIFIED.value:
        table = confirmed(zone, output)
        findings = [f"{one.rule.value}: {one.message}" for one in table.verdict.findings]
        counts = [] if table.evidence is None else table.evidence.n_units.tolist()
        cells = [
            {"cell": str(one.cell), "n_units": units, "shows": one.figure or one.state.value}
            for one, units in zip(table.published(), counts, strict=True)
        ]
        _, result = tabulated(zone, output)
        lineage, across_rows = [_column(one) for one in result.lineage], result.across_rows
    return {
        "name": output.name,
        "title": output.title,
        "population": output.population,
        "differs": output.differs,
        "verdict": output.verdict or None,
        "level": output.level or None,
        "note": output.note,
        "findings": findings,
        "differences": output.differences,
        "recipe": recipe.to_document(),
        "derivation": recipe.source.sql if isinstance(recipe.source, LazySource) else None,
        "lineage": lineage,
        "across_rows": across_rows,
        "outcome": outcome,
        "votes": len(votes) if blind else {one.reviewer: one.decision.value for one in votes},
        "files": output.files,
        "cells": cells,
    }


def _column(one: ColumnLineage) -> dict[str, Any]:
    return {
        "column": one.column,
        "standing": one.standing.value,
        "origin": None if one.origin is None else ".".join(one.origin),
        "sources": [".".join(origin) for origin in sorted(one.sources)],
    }
