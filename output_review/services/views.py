"""What the command line shows of requests: documents for JSON, and the same as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from disclosure.model.recipes import LazySource, recipe_from_json
from disclosure.model.verdicts import Level
from output_review.domain.states import State
from output_review.services.judging import judged_again
from output_review.services.reviewing import current_outputs, needed, outcomes, votes_on
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow
    from output_review.signing.signoff import SignOff

MOST_FINDINGS = 20


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


def detail(zone: ControlZone, row: RequestRow) -> dict[str, Any]:
    """Return a request in full. Votes are blinded until the quorum has voted: only their number is shown."""
    document = summary(row)
    decided = outcomes(zone, row)
    document |= {"author": row.author, "purpose": row.purpose, "code": [name for name, _ in row.code]}
    document["outputs"] = [_output(zone, one, decided[one.name].value) for one in current_outputs(row)]
    document["signed_by"] = [one.reviewer for one in row.sign_offs.filter(revision=row.revision).order_by("reviewer")]
    return document


def _output(zone: ControlZone, output: OutputRow, outcome: str) -> dict[str, Any]:
    recipe = recipe_from_json(output.recipe.encode())
    votes = votes_on(output)
    blind = len(votes) < needed(zone, output)
    findings: list[str] = []
    cells: list[dict[str, Any]] = []
    if output.result and output.level != Level.UNVERIFIED.value:
        table = judged_again(zone, output)
        findings = [f"{one.rule.value}: {one.message}" for one in table.verdict.findings]
        counts = [] if table.evidence is None else table.evidence.n_units.tolist()
        cells = [
            {"cell": str(one.cell), "n_units": units, "shows": one.figure or one.state.value}
            for one, units in zip(table.published(), counts, strict=True)
        ]
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
        "derivation": recipe.source.sql if isinstance(recipe.source, LazySource) else "the submission's code",
        "suppressed": recipe.suppressed,
        "outcome": outcome,
        "votes": len(votes) if blind else {one.reviewer: one.decision.value for one in votes},
        "files": output.files,
        "cells": cells,
    }


def detail_lines(document: dict[str, Any]) -> list[str]:
    """Return what `detail` returned as lines of text."""
    lines = [
        f"request {document['request']} of {document['team']}, revision {document['revision']}: {document['title']}",
        f"  state: {document['state']}   author: {document['author']}   code: {', '.join(document['code'])}",
        f"  purpose: {document['purpose']}",
    ]
    for output in document["outputs"]:
        lines += [
            "",
            f"{output['name']}: {output['verdict']}, {output['level']}; {output['outcome']}",
            f"  {output['title']} ({output['population']})",
        ]
        if output["differs"]:
            lines.append(f"  differs: {output['differs']}")
        if output["note"]:
            lines.append(f"  note: {output['note']}")
        lines += [f"  - {finding}" for finding in output["findings"][:MOST_FINDINGS]]
        if len(output["findings"]) > MOST_FINDINGS:
            lines.append(f"  and {len(output['findings']) - MOST_FINDINGS} more findings")
        lines += [f"  not as claimed: {cell}" for cell in output["differences"][:MOST_FINDINGS]]
        lines += [f"    {cell['cell']}: {cell['shows']}  (n = {cell['n_units']})" for cell in output["cells"]]
    return lines


def statement_lines(signed: SignOff) -> list[str]:
    """Return what a reviewer is about to sign, digest by digest."""
    lines = [f"You sign revision {signed.revision} of request {signed.request} of team {signed.team}:"]
    for output in signed.approved:
        lines.append(f"  approve {output.name} ({output.verdict.value}, {output.level.value}): {output.title}")
        lines += [f"    {one.file}  {one.digest}" for one in output.files]
    lines += [f"  {one.decision.value}: an output that stays inside" for one in signed.withheld]
    return lines
