"""What a verdict says, as lines: per reason the cells that fail, or what is missing."""

from __future__ import annotations

from typing import Final

from disclosure.model.cells import Cell
from disclosure.model.model_facts import CONSTANT
from disclosure.model.verdicts import Finding, Inconclusive, Status, Verdict, said_of
from disclosure.notebook.words import legible
from disclosure.texts import Text, text

MOST_CELLS = 6
"""How many cells a reason names; the others are counted."""


def count_left_out(measure: Text, value: str) -> Text:
    """Return why a count is not shown beside a measure of a value: a sentence of its own, and no thing that misses."""
    return text(
        "the count is left out: together with the {measure} it tells who has no {value}, or more than one row; leave "
        "the rows without a value out of the frame first",
        measure=measure,
        value=value,
    )


_SENTENCES: Final = frozenset({count_left_out(Text(""), "").sentence})


def reasons_of(verdict: Verdict, added: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what a verdict says: per reason the cells that fail, what is missing, or what was not looked at.

    Args:
        added: the dimensions that the statistic adds to the table. The last of them is across, so where several
            figures of a term or a time fail for one reason, the term or time is named once.
    """
    if isinstance(verdict, Inconclusive):
        return tuple(
            str(what if what.sentence in _SENTENCES else text("missing: {what}", what=what)) for what in verdict.missing
        )
    if verdict.status is Status.SAFE:
        return tuple(str(note) for note in getattr(verdict, "notes", ()))
    by_reason: dict[Text, _Failing] = {}
    for finding in verdict.findings:
        failing = by_reason.get(finding.reason)
        if failing is None:
            failing = by_reason[finding.reason] = _Failing(added)
        failing.take(finding)
    return tuple(f"{reason}: {'; '.join(failing.shown())}" for reason, failing in by_reason.items())


class _Failing:
    """The cells that fail for one reason; of a million of them the first are kept and the others counted."""

    def __init__(self, added: tuple[str, ...]) -> None:
        self._added = added
        self._across = added[-1] if len(added) > 1 else None
        self._cells: list[Cell] = []
        self._places: dict[Cell, list[Cell]] = {}
        self._counted = 0

    def take(self, finding: Finding) -> None:
        cell = finding.cell
        self._counted += 1
        if self._across is not None and cell.labels and cell.labels[-1][0] == self._across:
            self._places.setdefault(Cell(cell.labels[:-1]), []).append(cell)
        elif len(self._cells) < MOST_CELLS:
            self._cells.append(cell)

    def shown(self) -> list[str]:
        """Return the cells as a reader sees them. The constant comes last: it seldom is what to look at."""
        if not self._places:
            more = self._counted - len(self._cells)
            rest = text("and one more cell") if more == 1 else text("and {n} more cells", n=more)
            return [*map(self._named, self._cells), *([str(rest)] if more > 0 else [])]
        ordered = sorted(self._places, key=lambda place: any(label == CONSTANT for _, label in place.labels))
        places = [place if len(self._places[place]) > 1 else self._places[place][0] for place in ordered]
        places += self._cells
        more = len(places) - MOST_CELLS
        listed = [self._named(place) for place in places[:MOST_CELLS]]
        rest = text("and one more place") if more == 1 else text("and {n} more places", n=more)
        return [*listed, *([str(rest)] if more > 0 else [])]

    def _named(self, cell: Cell) -> str:
        return legible(said_of(cell, self._added), 200)
