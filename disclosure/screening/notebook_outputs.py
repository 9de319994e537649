"""Every output of an executed notebook, classified.

Whatever runs in a kernel can write any output, also one that looks like a judged table, and no mark that a kernel could
set would prove more. So an output that says that it comes from Datakamp is told as a claim, and is looked at like any
other: only what is submitted is judged, by the control zone. What has been released is known by its bytes alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from disclosure.screening.findings import Finding, FindingClass, Part
from disclosure.screening.notebook_file import joined, leaves
from disclosure.screening.notebook_metadata import kept_output_metadata
from disclosure.screening.released_files import Registered
from disclosure.screening.text_looks import (
    Place,
    Rules,
    is_harmless,
    page_classes,
    page_scanned,
    scanned,
    scanned_leaves,
    text_classes,
)

# A display of ours may carry its recipe under this type; our HTML has this beginning.
CLAIM_TYPE: Final = "application/vnd.datakamp.output+json"
_CLAIM_PAGE: Final = '<div class="dk"'

KEYS: Final = {
    "stream": frozenset({"output_type", "name", "text"}),
    "display_data": frozenset({"output_type", "data", "metadata"}),
    "execute_result": frozenset({"output_type", "data", "metadata", "execution_count"}),
    "error": frozenset({"output_type", "ename", "evalue", "traceback"}),
}
UNKNOWN: Final = "unknown"
_PRINTED_PAGE = re.compile(r"(?i)<t[dhr][\s>]|<script|<svg")
_QUOTES = re.compile(r"[\d'\"`‘’“”«»]")
_TEXTS: Final = frozenset({"text/plain", "text/latex", "text/markdown", "text/csv", "text/tab-separated-values"})
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_IMAGES: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff", "application/pdf",
     "application/postscript"}
)  # fmt: skip
_PATTERNS: Final = (
    (re.compile(r"application/vnd\.jupyter\.widget-(view|state)\+json"), FindingClass.WIDGET),
    (re.compile(r"application/vnd\.(plotly|vega|vegalite|bokehjs|holoviews)[a-z_.0-9]*(\+json|\+load|\+exec)?"),
     FindingClass.INTERACTIVE),
    (re.compile(r"(application|text)/(x-)?(java|ecma)script|application/geo\+json|application/vnd\.deck[a-z.+]*"),
     FindingClass.INTERACTIVE),
    (re.compile(r"application/vnd\.dataresource\+json"), FindingClass.ROW_LISTING),
    (re.compile(r"application/json"), FindingClass.EMBEDDED),
)  # fmt: skip


@dataclass(frozen=True)
class ScreenedOutput:
    """One output and what was found in it.

    Attributes:
        cell, output: its numbers, both from 1.
        kind: stream, display_data, execute_result, error, or unknown.
        findings: what needs a person; none means that it can hold nothing of a record.
        registered: the released files that it shows, if it shows nothing else; then nothing is looked for in it.
    """

    cell: int
    output: int
    kind: str
    findings: tuple[Finding, ...]
    registered: Registered | None = None


def screen_output(output: Any, cell: int, number: int, rules: Rules) -> ScreenedOutput:
    """Return an output with what was found in it. Whatever does not have the form of an output is a finding."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if not isinstance(output, dict) or not isinstance(kind, str) or kind not in KEYS:
        other = Place(Part.OTHER, cell, number)
        found = (other.found(FindingClass.UNREADABLE), *scanned_leaves(leaves(output), other, rules))
        return ScreenedOutput(cell, number, UNKNOWN, found)

    def at(part: Part) -> Place:
        return Place(part, cell, number)

    more = {key: value for key, value in output.items() if key not in KEYS[kind]}
    shown = None if more else rules.released.shown_by(output)
    if shown is not None and _counted(output):
        return ScreenedOutput(cell, number, kind, (), shown)
    findings = [*_READERS[kind](output, at, rules)]
    if more:
        findings.append(at(Part.OTHER).found(FindingClass.UNKNOWN_PART))
        findings.extend(scanned_leaves(leaves(more), at(Part.OTHER), rules))
    return ScreenedOutput(cell, number, kind, tuple(dict.fromkeys(findings)))


At = Callable[[Part], Place]


def _stream(output: dict[str, Any], at: At, rules: Rules) -> Iterator[Finding]:
    text = joined(output.get("text"))
    if text is None or output.get("name") not in ("stdout", "stderr"):
        yield at(Part.STREAM).found(FindingClass.UNREADABLE)
        yield from scanned_leaves(leaves(output), at(Part.STREAM), rules)
    if text is not None:
        yield from _text(text, at(Part.STREAM), rules)


def _error(output: dict[str, Any], at: At, rules: Rules) -> Iterator[Finding]:
    place = at(Part.ERROR)
    value = joined(output.get("evalue"))
    quotes = value is None or _QUOTES.search(value) is not None
    yield place.found(FindingClass.TRACEBACK_WITH_DATA if quotes else FindingClass.TRACEBACK)
    yield from scanned_leaves(leaves([output.get(key) for key in ("ename", "evalue", "traceback")]), place, rules)


def _display(output: dict[str, Any], at: At, rules: Rules) -> Iterator[Finding]:
    data = output.get("data")
    count = output.get("execution_count")
    if not isinstance(data, dict) or not _counted(output):
        yield at(Part.DATA).found(FindingClass.UNREADABLE)
        yield from scanned_leaves(leaves([data, count]), at(Part.DATA), rules)
    if isinstance(data, dict):
        if CLAIM_TYPE in data or (joined(data.get("text/html")) or "").lstrip().startswith(_CLAIM_PAGE):
            yield at(Part.DATA).found(FindingClass.CLAIMED_OUTPUT)
        for kind, value in data.items():
            yield from _bundle(kind, value, at, rules)
    metadata = output.get("metadata", {})
    if kept_output_metadata(metadata) != metadata:
        yield at(Part.METADATA).found(FindingClass.METADATA)
        yield from scanned_leaves(leaves(metadata), at(Part.METADATA), rules)


def _counted(output: dict[str, Any]) -> bool:
    """Tell whether the execution count of an output is one, or missing."""
    count = output.get("execution_count")
    return count is None or (type(count) is int and 0 <= count < 1_000_000)


_READERS: Final = {"stream": _stream, "error": _error, "display_data": _display, "execute_result": _display}


def _bundle(kind: str, value: Any, at: At, rules: Rules) -> Iterator[Finding]:
    """Look at what an output shows under one type. Types that are not known are told without their names."""
    text, name, place = joined(value), kind, at(Part.DATA)
    if text is not None and name in _TEXTS:
        part = Part.TEXT_PLAIN if name == "text/plain" else Part.DATA
        yield from _text(text, at(part), rules, page=name == "text/markdown")
        return
    if text is not None and name in _PAGES:
        yield from _page(text, at(Part.TEXT_HTML), rules)
        return
    if name in _IMAGES:
        # Pixels cannot be read here; the letters and digits that encode them say nothing.
        yield place.found(FindingClass.IMAGE if text is not None else FindingClass.UNREADABLE)
        if text is not None and re.search(r"[^A-Za-z0-9+/=\s]", text):
            yield place.found(FindingClass.UNREADABLE)
            yield from scanned(text, place, rules)
        return
    if name == "image/svg+xml" and text is not None:
        _, reading = page_classes(text, rules)
        yield place.found(FindingClass.IMAGE)
        yield from page_scanned(text, reading, place, rules)
        return
    if name != CLAIM_TYPE:
        known = [what for pattern, what in _PATTERNS if pattern.fullmatch(name)]
        yield place.found(known[0] if known else FindingClass.UNKNOWN_TYPE)
    yield from scanned_leaves([kind, *leaves(value)], place, rules)


def _text(text: str, place: Place, rules: Rules, *, page: bool = False) -> Iterator[Finding]:
    if is_harmless(text):
        return
    found = scanned(text, place, rules)
    classes = text_classes(text, rules)
    if page or _PRINTED_PAGE.search(text):
        inside, reading = page_classes(text, rules)
        if reading.marked_up:
            found = page_scanned(text, reading, place, rules)
            classes |= inside
    yield from found
    yield from (place.found(what) for what in sorted(classes or {FindingClass.TEXT}))


def _page(text: str, place: Place, rules: Rules) -> Iterator[Finding]:
    if not text.strip():
        return
    classes, reading = page_classes(text, rules)
    yield from page_scanned(text, reading, place, rules)
    yield from (place.found(what) for what in sorted(classes or {FindingClass.HTML}))
