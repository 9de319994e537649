"""What the screening of a notebook says, for people and as JSON. No text of the notebook is in either."""

from __future__ import annotations

from typing import Any

from disclosure.model.verdicts import Status
from disclosure.screening.findings import Finding, worst
from disclosure.screening.notebook_cells import Screening
from disclosure.screening.notebook_outputs import ScreenedOutput
from disclosure.texts import text, translate

_MOST_PLACES = 12
_SIGNS = {Status.SAFE: "✓", Status.UNSAFE: "▲", Status.INCONCLUSIVE: "?"}


def as_document(screening: Screening, policy: str, copy: Screening | None = None) -> dict[str, Any]:
    """Return a screening as the document that `check notebook --json` prints.

    Args:
        policy: the name of the policy.
        copy: the screening of the cleaned copy, if one was written.
    """
    return {
        "status": screening.status.value,
        "policy": policy,
        "cells": screening.cells,
        "outputs": [
            {
                "cell": one.cell,
                "output": one.output,
                "type": one.kind,
                "status": worst(one.findings).value,
                "classes": _classes(one),
                **({} if one.registered is None else {"files": list(one.registered.names)}),
            }
            for one in screening.outputs
        ],
        "findings": [finding.as_dict() for finding in screening.findings],
        "cleaned": None if copy is None else _copy(copy),
    }


def _classes(output: ScreenedOutput) -> list[str]:
    if output.registered is not None:
        return ["registered"]
    return sorted({finding.what.value for finding in output.findings}) or ["harmless"]


def _copy(copy: Screening) -> dict[str, Any]:
    return {"status": copy.status.value, "findings": [finding.as_dict() for finding in copy.findings]}


def as_text(screening: Screening, copy: Screening | None = None) -> str:
    """Return a screening as plain text in the reader's language: per finding where, why and what to do."""
    lines = [headline(screening), *_lines(screening.findings)]
    registered = [one for one in screening.outputs if one.registered is not None]
    if registered:
        lines.append(f"  {text('outputs that show released files and nothing else: {n}', n=str(len(registered)))}")
    if not screening.findings:
        lines.append(f"  {translate('What is written in cells was only scanned: that is no proof.')}")
    if copy is not None and copy.findings:
        lines += [translate("The cleaned copy is written, and still has:"), *_lines(copy.findings)]
    elif copy is not None:
        lines.append(translate("The cleaned copy is written, and nothing in it needs a person."))
    return "\n".join(lines)


def headline(screening: Screening) -> str:
    """Return the result in one line."""
    words = {
        Status.SAFE: text("Nothing found that needs a person"),
        Status.UNSAFE: text("Unsafe"),
        Status.INCONCLUSIVE: text("Inconclusive"),
    }
    counted = text(
        "(outputs: {outputs}, findings: {findings})",
        outputs=str(len(screening.outputs)),
        findings=str(len(screening.findings)),
    )
    return f"{_SIGNS[screening.status]} {words[screening.status]} {counted}"


def _lines(findings: tuple[Finding, ...]) -> list[str]:
    """Return findings of a kind together, unsafe ones first: a long notebook repeats itself."""
    alike: dict[tuple[bool, str, str, tuple[str, ...]], list[str]] = {}
    for one in findings:
        heading = f"{one.reason} [{one.what.value}]"
        key = (one.what.status is not Status.UNSAFE, _SIGNS[one.what.status], heading, one.remedies)
        alike.setdefault(key, []).append(one.where if one.times == 1 else f"{one.where}, {one.times}×")
    lines = []
    for (_, sign, heading, remedies), places in sorted(alike.items(), key=lambda item: item[0][0]):
        more = len(places) - _MOST_PLACES
        shown = places[:_MOST_PLACES] + ([str(text("and {n} more places", n=str(more)))] if more > 0 else [])
        lines += [f"  {sign} {heading}", f"      {'; '.join(shown)}"]
        lines += [f"      {text('remedy: {what}', what=remedy)}" for remedy in remedies]
    return lines
