"""What stands in the guides: the steps that are run, in their order, and the pictures that are shown."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = ("guide-organiser.md", "guide-researcher.md", "guide-reviewer.md")
_STEP = re.compile(r"^<!-- (\d+) -->\n```(sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/([^)]+)\)")


@dataclass(frozen=True)
class Step:
    """A numbered block: its commands, and what is asked and answered in it."""

    number: int
    commands: tuple[tuple[str, ...], ...]
    asked: tuple[tuple[str, str], ...] = ()


def steps() -> tuple[Step, ...]:
    """Return the numbered blocks of all guides, in order."""
    found = [_step(*one) for name in GUIDES for one in _STEP.findall((DOCS / name).read_text("utf-8"))]
    return tuple(sorted(found, key=lambda one: one.number))


def shown() -> set[str]:
    """Return the names of the pictures that the guides show."""
    return {one for name in GUIDES for one in _PICTURE.findall((DOCS / name).read_text("utf-8"))}


def _step(number: str, language: str, text: str) -> Step:
    lines = text.splitlines()
    if language == "sh":
        return Step(int(number), tuple(tuple(shlex.split(line, comments=True)) for line in lines if line))
    pairs = (line.rpartition(": ") for line in lines[1:])
    return Step(int(number), (tuple(shlex.split(lines[0].removeprefix("$ "))),), tuple((a, b) for a, _, b in pairs))
