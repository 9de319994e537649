"""A whole notebook: every cell, what is written in it, its outputs, attachments and metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from disclosure.errors import PolicyError
from disclosure.model.verdicts import Status
from disclosure.policy import Policy
from disclosure.screening.findings import Finding, FindingClass, Part, worst
from disclosure.screening.notebook_file import Document, joined, leaves
from disclosure.screening.notebook_metadata import kept_cell_metadata, kept_notebook_metadata
from disclosure.screening.notebook_outputs import ScreenedOutput, screen_output
from disclosure.screening.released_files import NOTHING_RELEASED, ReleasedFiles
from disclosure.screening.text_looks import (
    Place,
    Rules,
    page_classes,
    page_scanned,
    scanned,
    scanned_leaves,
    text_classes,
)
from disclosure.screening.written_numbers import SuppressedFigures

KEYS: Final = {
    "code": frozenset({"cell_type", "id", "metadata", "source", "outputs", "execution_count"}),
    "markdown": frozenset({"cell_type", "id", "metadata", "source", "attachments"}),
    "raw": frozenset({"cell_type", "id", "metadata", "source", "attachments"}),
}
NOTEBOOK_KEYS: Final = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
_WIDGET_STATE: Final = "application/vnd.jupyter.widget-state+json"
_IDENTITY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY_LIKE = re.compile(r"\d{9}")
# Text within code that may be a pasted table: long strings, and comments of several lines.
_PASTED = re.compile(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'|((?:^[ \t]*#[^\n]*\n?){2,})', re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*# ?", re.MULTILINE)
# What is written in cells is kept for people to read, so plain prose there is no finding.
_WRITTEN: Final = frozenset(FindingClass) - {FindingClass.TEXT, FindingClass.HTML, FindingClass.TRACEBACK}


@dataclass(frozen=True)
class Screening:
    """What was found in a notebook.

    Attributes:
        cells: the number of cells.
        outputs: every output, in the order of the file.
        written: what was found outside the outputs.
    """

    cells: int
    outputs: tuple[ScreenedOutput, ...]
    written: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that needs a person, in the order of the file."""
        found = [*self.written, *(finding for output in self.outputs for finding in output.findings)]
        return tuple(sorted(found, key=lambda one: (one.cell or 0, one.output or 0)))

    @property
    def status(self) -> Status:
        """SAFE if nothing needs a person, UNSAFE if something shows what may not leave, else INCONCLUSIVE."""
        return worst(self.findings)


def rules_of(
    policy: Policy, suppressed: SuppressedFigures | None = None, released: ReleasedFiles = NOTHING_RELEASED
) -> Rules:
    """Return what a policy asks to look for, with what is known of figures that were withheld or released.

    Raises:
        PolicyError: the policy does not set the minimum or the identifiers, so nothing could be told from it.
    """
    if policy.minimum_units is None or policy.identifiers is None:
        raise PolicyError(f"The policy '{policy.name}' must set minimum_units and identifiers to screen a notebook.")
    return Rules(policy.minimum_units, policy.identifiers, suppressed or SuppressedFigures(), released)


def screen_notebook(document: Document, rules: Rules) -> Screening:
    """Return everything in a notebook that needs a person. Nothing in it is run or rendered."""
    place = Place(Part.NOTEBOOK)
    written: list[Finding] = []
    more = {key: value for key, value in document.items() if key not in NOTEBOOK_KEYS}
    if more:
        written += [place.found(FindingClass.UNKNOWN_PART), *scanned_leaves(leaves(more), place, rules)]
    minor = document.get("nbformat_minor")
    if type(minor) is not int or not 0 <= minor < 100:
        written += [place.found(FindingClass.UNREADABLE), *scanned_leaves(leaves(minor), place, rules)]
    written += _metadata(document.get("metadata", {}), kept_notebook_metadata, Place(Part.METADATA), rules)
    outputs: list[ScreenedOutput] = []
    for number, cell in enumerate(document["cells"], start=1):
        written += _cell(cell, number, rules)
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and isinstance(cell.get("outputs"), list):
            outputs += [screen_output(one, number, place, rules) for place, one in enumerate(cell["outputs"], start=1)]
    return Screening(len(document["cells"]), tuple(outputs), tuple(dict.fromkeys(written)))


def _cell(cell: Any, number: int, rules: Rules) -> Iterator[Finding]:
    other = Place(Part.OTHER, number)
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or not isinstance(kind, str) or kind not in KEYS:
        yield other.found(FindingClass.UNREADABLE)
        yield from scanned_leaves(leaves(cell), other, rules)
        return
    more = {key: value for key, value in cell.items() if key not in KEYS[kind]}
    if more:
        yield other.found(FindingClass.UNKNOWN_PART)
        yield from scanned_leaves(leaves(more), other, rules)
    if not _ordinary(cell, kind):
        yield other.found(FindingClass.UNREADABLE)
        yield from scanned_leaves(leaves([cell.get(key) for key in ("id", "execution_count", "outputs")]), other, rules)
    yield from _metadata(cell.get("metadata", {}), kept_cell_metadata, Place(Part.METADATA, number), rules)
    if cell.get("attachments"):
        attached = Place(Part.ATTACHMENTS, number)
        yield attached.found(FindingClass.ATTACHMENT)
        inside = scanned_leaves(leaves(cell["attachments"]), attached, rules)
        yield from (one for one in inside if one.what is not FindingClass.EMBEDDED)
    source = joined(cell.get("source"))
    written = Place(Part.SOURCE, number)
    if source is None:
        yield written.found(FindingClass.UNREADABLE)
        yield from scanned_leaves(leaves(cell.get("source")), written, rules)
    elif kind == "code":
        yield from _code(source, written, rules)
    else:
        yield from _prose(source, written, rules)


def _ordinary(cell: dict[str, Any], kind: str) -> bool:
    identity, count = cell.get("id", "a"), cell.get("execution_count")
    # Identities are made of hexadecimal digits by chance, of which hardly ever nine in a row are decimal.
    fine = isinstance(identity, str) and _IDENTITY.fullmatch(identity) and not _KEY_LIKE.search(identity)
    counted = count is None or (type(count) is int and 0 <= count < 1_000_000)
    return bool(fine) and counted and (kind != "code" or isinstance(cell.get("outputs"), list))


def _metadata(metadata: Any, keep: Callable[[Any], dict[str, Any]], place: Place, rules: Rules) -> Iterator[Finding]:
    if keep(metadata) == metadata:
        return
    widgets = isinstance(metadata, dict) and ("widgets" in metadata or _WIDGET_STATE in metadata)
    yield place.found(FindingClass.WIDGET if widgets else FindingClass.METADATA)
    if widgets and keep(metadata) != {key: value for key, value in metadata.items() if key != "widgets"}:
        yield place.found(FindingClass.METADATA)
    yield from scanned_leaves(leaves(metadata), place, rules)


def _code(source: str, place: Place, rules: Rules) -> Iterator[Finding]:
    yield from scanned(source, place, rules)
    classes: set[FindingClass] = set()
    for pasted in _PASTED.finditer(source):
        text = next(group for group in pasted.groups() if group is not None)
        classes |= text_classes(_COMMENT.sub("", text), rules) & _WRITTEN
    yield from (place.found(what) for what in sorted(classes))


def _prose(source: str, place: Place, rules: Rules) -> Iterator[Finding]:
    classes, reading = page_classes(source, rules)
    classes |= text_classes(source, rules)
    yield from page_scanned(source, reading, place, rules)
    yield from (place.found(what) for what in sorted(classes & _WRITTEN))
