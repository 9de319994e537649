"""What a piece of text in a notebook looks like: identifiers, tables, listings, pages, encoded data.

Each look gives classes, never verdicts about figures: what a table counts, only whoever made it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from disclosure.screening.findings import Finding, FindingClass, Part
from disclosure.screening.grids import (
    Grid,
    grids_in_html,
    grids_in_text,
    has_extremes,
    has_figures,
    has_small_counts,
    is_row_listing,
    is_truncated,
    without_hard_groups,
)
from disclosure.screening.html_reading import Reading, read_html
from disclosure.screening.plain_text import plain_text
from disclosure.screening.released_files import NOTHING_RELEASED, ReleasedFiles
from disclosure.screening.text_scan import MOST_CHARACTERS, NOTHING_SUPPRESSED, Hit, Mark, TextTooLongError, scan
from disclosure.screening.written_numbers import SuppressedFigures


@dataclass(frozen=True)
class Rules:
    """What is looked for.

    Attributes:
        minimum_units: the smallest count that may be published.
        identifiers: names of columns that identify.
        suppressed: figures that were withheld, if any are known.
        released: files that have been released, if any are known.
    """

    minimum_units: int
    identifiers: tuple[str, ...] = ()
    suppressed: SuppressedFigures = NOTHING_SUPPRESSED
    released: ReleasedFiles = NOTHING_RELEASED


@dataclass(frozen=True)
class Place:
    """A part of a cell or output, for findings to name."""

    part: Part
    cell: int | None = None
    output: int | None = None

    def found(self, what: FindingClass, times: int = 1) -> Finding:
        """Return a finding of this class here."""
        return Finding(what, self.part, self.cell, self.output, times=times)

    def marked(self, mark: Mark, times: int, first: Hit | None) -> Finding:
        """Return a finding of something that the text scan recognised here."""
        line, column = (None, None) if first is None else (first.line, first.column)
        return Finding(FindingClass.IDENTIFIER, self.part, self.cell, self.output, mark, line, column, times)


# Long runs of letters and digits: no word and no number is that long.
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{512,}")
_DATA_ADDRESS = re.compile(r"(?i)data:\s*(?:[a-z]+/[a-z0-9.+-]+|;\s*base64|,)[^\s\"'<>()]*")
_TRACEBACK: Final = ("Traceback (most recent call last)", "Error in ", "Execution halted")
# What libraries say of an object instead of showing it, and words of progress: nothing of a record is in them.
_OBJECT = re.compile(
    r"<Figure size \d{2,4}x\d{2,4} with \d{1,2} Axes>|<Axes: ?>|<AxesSubplot: ?>|"
    r"<IPython\.core\.display\.(?:HTML|Javascript|Markdown|Image) object>|alt\.(?:[A-Z][A-Za-z]{1,20})?Chart\(\.\.\.\)"
)
_WORDS: Final = frozenset(
    {"begin", "begonnen", "bezig", "busy", "completed", "data", "done", "einde", "end", "finished", "geladen",
     "gelezen", "gereed", "hallo", "hello", "imported", "klaar", "loaded", "loading", "ok", "ready", "reading",
     "running", "saved", "saving", "start", "started", "success", "wereld", "world", "written"}
)  # fmt: skip
_NOTE = re.compile(r"\[(?:removed|verwijderd): ([a-z_]+(?:, [a-z_]+)*)\]")


NOTHING_FOUND: Final = "[nothing found]"
"""Stands in a cleaned copy for outputs in which nothing was found."""


def noted_classes(text: str) -> frozenset[FindingClass]:
    """Return the classes that our own notes in a text name; none if it is anything else."""
    lines = [line.strip() for line in text.strip().splitlines()]
    notes = [note for line in lines if (note := _NOTE.fullmatch(line)) is not None]
    named = {one for note in notes for one in note.group(1).split(", ")}
    ours = named <= _CLASSES and len(notes) + lines.count(NOTHING_FOUND) == len(lines)
    return frozenset(map(FindingClass, named)) if ours else frozenset()


def is_harmless(text: str) -> bool:
    """Tell whether a text is one that can hold nothing of a record: empty, a known phrase, or our own note."""
    words = text.strip()
    if noted_classes(words):
        return True
    lines = [line.strip() for line in words.splitlines()]
    known = (line == NOTHING_FOUND or _OBJECT.fullmatch(line) or _is_progress(line) for line in lines)
    return all(known) and len(lines) <= _MOST_LINES


_MOST_LINES: Final = 50
_CLASSES: Final = frozenset(one.value for one in FindingClass)


def _is_progress(line: str) -> bool:
    words = re.sub(r"[.!,…]+(?= |$)", "", line).lower().split()
    return all(word in _WORDS for word in words)


def data_addresses_removed(text: str) -> str:
    """Return a text without the data that are encoded in addresses within it."""
    return _ENCODED.sub("", _DATA_ADDRESS.sub("removed", text))


def scanned(text: str, place: Place, rules: Rules) -> tuple[Finding, ...]:
    """Return what the text scan finds, once per kind with the first place; and whether data are encoded within."""
    found = [place.found(FindingClass.EMBEDDED)] if _DATA_ADDRESS.search(text) or _ENCODED.search(text) else []
    # Encoded bytes hold short numbers by chance. They are told as such; blanks keep the places of all else.
    bare = _ENCODED.sub(lambda match: " " * len(match.group()), text)
    try:
        hits = scan(bare, suppressed=rules.suppressed)
    except TextTooLongError:
        return (*found, place.found(FindingClass.TOO_LARGE))
    return (*found, *_by_mark(hits, place))


def scanned_leaves(texts: Iterable[str], place: Place, rules: Rules) -> tuple[Finding, ...]:
    """Return what the text scan finds in pieces that have no order of lines, without places."""
    found = scanned("\n".join(texts), place, rules)
    return tuple(place.marked(one.mark, one.times, None) if one.mark is not None else one for one in found)


def _by_mark(hits: Iterable[Hit], place: Place) -> Iterator[Finding]:
    marks: dict[Mark, list[Hit]] = {}
    for hit in hits:
        marks.setdefault(hit.mark, []).append(hit)
    for mark, same in marks.items():
        yield place.marked(mark, len(same), same[0])


def text_classes(text: str, rules: Rules) -> set[FindingClass]:
    """Return what a plain text looks like: an error, a listing, a table. Nothing of these gives an empty set."""
    if len(text) > MOST_CHARACTERS:
        return set()  # the scan says so
    seen = plain_text(text).text
    classes = {FindingClass.TRACEBACK} if any(words in seen for words in _TRACEBACK) else set()
    if is_truncated(seen):
        classes.add(FindingClass.ROW_LISTING)
    return classes | _grid_classes(grids_in_text(plain_text(without_hard_groups(text)).text), rules)


def page_classes(source: str, rules: Rules) -> tuple[set[FindingClass], Reading]:
    """Return what a page of HTML looks like and holds, and what was read of it."""
    if len(source) > MOST_CHARACTERS:
        return set(), Reading()  # the scan says so
    reading = read_html(source)
    grids = grids_in_html([[[(plain_text(cell).text, head) for cell, head in row] for row in table]
                           for table in reading.tables])  # fmt: skip
    classes = _grid_classes(grids, rules) | text_classes(reading.flow, rules)
    if is_truncated(reading.text):
        classes.add(FindingClass.ROW_LISTING)
    for there, what in (
        (reading.active, FindingClass.INTERACTIVE),
        (reading.pictures, FindingClass.IMAGE),
        (reading.hidden, FindingClass.HIDDEN),
    ):
        if there:
            classes.add(what)
    return classes, reading


def page_scanned(source: str, reading: Reading, place: Place, rules: Rules) -> tuple[Finding, ...]:
    """Return what the text scan finds in a page: in its source, with places, and in what only a reader would see."""
    found = scanned(source, place, rules)
    known = {one.mark for one in found} | {one.what for one in found if one.mark is None}
    said = (reading.text, *reading.aside, *reading.scripts)
    inside = scanned_leaves(said, place, rules)
    return (*found, *(one for one in inside if (one.mark or one.what) not in known))


def _grid_classes(grids: Iterable[Grid], rules: Rules) -> set[FindingClass]:
    classes: set[FindingClass] = set()
    for grid in grids:
        if is_row_listing(grid, rules.identifiers):
            classes.add(FindingClass.ROW_LISTING)
        elif has_small_counts(grid, rules.minimum_units):
            classes.add(FindingClass.SMALL_COUNTS)
        elif has_figures(grid):
            classes.add(FindingClass.TABLE)
        if has_extremes(grid):
            classes.add(FindingClass.EXTREMES)
    if classes & {FindingClass.ROW_LISTING, FindingClass.SMALL_COUNTS, FindingClass.EXTREMES}:
        classes.discard(FindingClass.TABLE)
    return classes
