"""Figures about the work as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def figures_lines(document: Mapping[str, Any]) -> list[str]:
    """Return the lines of a document of `Figures`."""
    lines = [
        (
            f"waiting: {document['waiting']}, the oldest for {_hours(document['oldest'])}, "
            f"half of them for {_hours(document['median_age'])} or less"
        ),
        f"answers: {_answers(document)}",
        f"votes: {document['votes']}, against the verdict: {document['overrides']}",
    ]
    lines += [f"  {one['week']}: {_answers(one)}" for one in document["weeks"]]
    for one in document.get("teams", ()):
        lines.append(f"  {one['team']}: {_answers(one)}, votes against the verdict: {one['overrides']}")
    return lines


def _answers(one: Mapping[str, Any]) -> str:
    return (
        f"{one['answers']}, of which {one['returns']} returned; half within {_hours(one['median'])}, "
        f"nine of ten within {_hours(one['p90'])}"
    )


def _hours(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} session hours"
