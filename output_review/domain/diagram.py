"""The states of a request as a page of documentation, drawn from the table of transitions."""

from __future__ import annotations

import sys

from output_review.domain.states import TRANSITIONS


def page() -> str:
    """Return docs/states.md: a Mermaid diagram and the same as a table."""
    lines = [
        "# The states of a request",
        "",
        "Drawn from the table in `output_review/domain/states.py`; a test compares the two. Make it again with",
        "`.venv/bin/python -m output_review.domain.diagram > docs/states.md`.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {row.origin.value} --> {row.target.value}: {row.actor.value}" for row in TRANSITIONS),
        "```",
        "",
        "| from | to | who | guard |",
        "|---|---|---|---|",
        *(
            f"| {row.origin.value} | {row.target.value} | {row.actor.value} | {row.guard.value} |"
            for row in TRANSITIONS
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
