"""What the screening of a notebook can find: a closed list of classes, each with its reason and its remedy.

A finding says what and where, by the numbers of cell and output. It holds no text from the notebook, not even a name
that the notebook gives to something: names of keys, types and files can carry values as well as figures can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from disclosure.model.verdicts import Status
from disclosure.screening.text_scan import Mark
from disclosure.texts import Text, text


class FindingClass(StrEnum):
    """What was found."""

    IDENTIFIER = "identifier"
    ROW_LISTING = "row_listing"
    SMALL_COUNTS = "small_counts"
    EXTREMES = "extremes"
    TRACEBACK_WITH_DATA = "traceback_with_data"
    TRACEBACK = "traceback"
    CLAIMED_OUTPUT = "claimed_output"
    TABLE = "table"
    TEXT = "text"
    HTML = "html"
    HIDDEN = "hidden_content"
    INTERACTIVE = "interactive"
    WIDGET = "widget"
    IMAGE = "image"
    EMBEDDED = "embedded_data"
    ATTACHMENT = "attachment"
    METADATA = "metadata"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_PART = "unknown_part"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"

    @property
    def status(self) -> Status:
        """UNSAFE where the finding itself shows what may not leave, INCONCLUSIVE where only a person can tell."""
        return Status.UNSAFE if self in _UNSAFE else Status.INCONCLUSIVE

    @property
    def reason(self) -> Text:
        """Why it needs a person."""
        return _REASONS[self]

    @property
    def remedy(self) -> Text:
        """What to do about it."""
        return _REMEDIES[self]


class Part(StrEnum):
    """Where in a cell or output something was found; nothing else from a notebook's own names is ever told."""

    NOTEBOOK = "notebook"
    SOURCE = "source"
    STREAM = "stream"
    ERROR = "error"
    DATA = "data"
    TEXT_PLAIN = "text/plain"
    TEXT_HTML = "text/html"
    METADATA = "metadata"
    ATTACHMENTS = "attachments"
    OTHER = "other"


_UNSAFE: Final = frozenset(
    {
        FindingClass.IDENTIFIER,
        FindingClass.ROW_LISTING,
        FindingClass.SMALL_COUNTS,
        FindingClass.EXTREMES,
        FindingClass.TRACEBACK_WITH_DATA,
    }
)
_MAKE_IT: Final = text("make it with sdc.table and submit it with sdc.basket().add, or clear this output")
_CLEAR: Final = text("clear this output, or write a cleaned copy with --clean")
_BY_HAND: Final = text("take it out by hand: a cleaned copy keeps what is written in cells")
_REASONS: Final = {
    FindingClass.IDENTIFIER: text("this has the form of something that identifies, or of a figure that was withheld"),
    FindingClass.ROW_LISTING: text("this looks like rows of records, which never leave"),
    FindingClass.SMALL_COUNTS: text("this looks like a table of counts, and some lie under the policy's minimum"),
    FindingClass.EXTREMES: text("this shows a minimum and a maximum, each of which is the value of one unit"),
    FindingClass.TRACEBACK_WITH_DATA: text("an error message quotes what the code stumbled over"),
    FindingClass.TRACEBACK: text("an error message may quote what the code stumbled over"),
    FindingClass.CLAIMED_OUTPUT: text(
        "this says that it is an output of Datakamp, which any code can say; only what is submitted is judged"
    ),
    FindingClass.TABLE: text("this looks like a table, and nothing shows how many units stand behind its figures"),
    FindingClass.TEXT: text("this is free text, which no program can judge"),
    FindingClass.HTML: text("this is a page that code wrote, which no program can judge"),
    FindingClass.HIDDEN: text("this carries something that a page does not show"),
    FindingClass.INTERACTIVE: text("this can run or load something, and carries the data behind what it draws"),
    FindingClass.WIDGET: text("a widget keeps its state, which may hold data"),
    FindingClass.IMAGE: text("this is an image of unknown origin: nothing shows the data behind it"),
    FindingClass.EMBEDDED: text("data are encoded within this text"),
    FindingClass.ATTACHMENT: text("a file is attached to this cell"),
    FindingClass.METADATA: text("these metadata tell about a run, a machine or something unknown"),
    FindingClass.UNKNOWN_TYPE: text("this is of a type that is not known here"),
    FindingClass.UNKNOWN_PART: text("this is a part that the notebook format does not know"),
    FindingClass.UNREADABLE: text("this does not have the form that the notebook format gives it"),
    FindingClass.TOO_LARGE: text("this is too large to be looked at"),
}
_REMEDIES: Final = {
    FindingClass.IDENTIFIER: _CLEAR,
    FindingClass.ROW_LISTING: _MAKE_IT,
    FindingClass.SMALL_COUNTS: _MAKE_IT,
    FindingClass.EXTREMES: _MAKE_IT,
    FindingClass.TRACEBACK_WITH_DATA: text("mend the error and run the notebook again, or clear this output"),
    FindingClass.TRACEBACK: text("mend the error and run the notebook again, or clear this output"),
    FindingClass.CLAIMED_OUTPUT: text("submit it with sdc.basket().add and take the figure from the package"),
    FindingClass.TABLE: _MAKE_IT,
    FindingClass.TEXT: _CLEAR,
    FindingClass.HTML: _CLEAR,
    FindingClass.HIDDEN: _CLEAR,
    FindingClass.INTERACTIVE: text("draw it from a table made with sdc.table, or clear this output"),
    FindingClass.WIDGET: _CLEAR,
    FindingClass.IMAGE: text("draw it from a table made with sdc.table, or clear this output"),
    FindingClass.EMBEDDED: text("take the encoded data out"),
    FindingClass.ATTACHMENT: text("take the attachment out, or write a cleaned copy with --clean"),
    FindingClass.METADATA: text("write a cleaned copy with --clean: it keeps only metadata from a closed list"),
    FindingClass.UNKNOWN_TYPE: _CLEAR,
    FindingClass.UNKNOWN_PART: text("write a cleaned copy with --clean: it leaves out what it does not know"),
    FindingClass.UNREADABLE: text("write a cleaned copy with --clean: it leaves out what it cannot read"),
    FindingClass.TOO_LARGE: _CLEAR,
}


@dataclass(frozen=True)
class Finding:
    """One thing that needs a person.

    Attributes:
        what: its class.
        part: where in the cell or output.
        cell: number of the cell, from 1 in the order of the file; None for the notebook itself.
        output: number of the output within the cell, from 1; None for the cell itself.
        mark: what the text scan recognised, for the class IDENTIFIER.
        line, column: where the first one stands in that part as stored, both from 1.
        times: how many there are.
    """

    what: FindingClass
    part: Part
    cell: int | None = None
    output: int | None = None
    mark: Mark | None = None
    line: int | None = None
    column: int | None = None
    times: int = 1

    def __post_init__(self) -> None:
        if (self.mark is not None) != (self.what is FindingClass.IDENTIFIER):
            raise ValueError("a mark belongs to an identifier, and to nothing else")

    @property
    def where(self) -> str:
        """The place, in words."""
        if self.cell is None:
            place = str(text("the notebook"))
        elif self.output is None:
            place = str(text("cell {n}", n=str(self.cell)))
        else:
            place = str(text("cell {n}, output {m}", n=str(self.cell), m=str(self.output)))
        if self.line is None:
            return f"{place} ({self.part.value})"
        line = text("line {n}, column {m}", n=str(self.line), m=str(self.column))
        return f"{place} ({self.part.value}, {line})"

    @property
    def message(self) -> str:
        """The place and the reason, in the reader's language."""
        times = f", {self.times}×" if self.times > 1 else ""
        return f"{self.where}{times}: {self.reason}"

    @property
    def reason(self) -> str:
        """Why it needs a person, in the reader's language."""
        return str(self.what.reason) if self.mark is None else f"{self.mark.words}: {self.what.reason}"

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to do about it, in the reader's language."""
        written = self.output is None and self.part is Part.SOURCE
        if written and self.what is not FindingClass.EMBEDDED:
            return (str(_BY_HAND),)
        return (str(self.what.remedy),)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as it stands in a JSON report."""
        return {
            "class": self.what.value,
            "status": self.what.status.value,
            "cell": self.cell,
            "output": self.output,
            "part": self.part.value,
            "mark": None if self.mark is None else self.mark.value,
            "line": self.line,
            "column": self.column,
            "times": self.times,
            "message": self.message,
            "remedies": list(self.remedies),
        }


def worst(findings: Iterable[Finding]) -> Status:
    """Return UNSAFE if a finding is, else INCONCLUSIVE if there is one, else SAFE."""
    found = {finding.what.status for finding in findings}
    for status in (Status.UNSAFE, Status.INCONCLUSIVE):
        if status in found:
            return status
    return Status.SAFE
