"""A file of records as a submission carries it, in one spelling: columns named once, rows in the order of their values.

The order of a register is known to others, so that a row's place would lead back to a person; rows in the order of
their values have none. A field is text without the mark that parts fields, and nothing is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from disclosure.errors import DocumentError
from disclosure.texts import text

MARK: Final = ";"
LONGEST_RECORDS: Final = 1_000_000
_LONGEST_FIELD: Final = 200
_NEVER: Final = frozenset({MARK, '"', "\n", "\r", "\t"})

Row = tuple[str, ...]


@dataclass(frozen=True)
class RecordRows:
    """Records: what their columns are called, and a field for each in every row; empty where a value is missing.

    Raises:
        DocumentError: columns are not named once each, rows have other numbers of fields or are not in the order of
            their values, or a field could be read in two ways.
    """

    columns: Row
    rows: tuple[Row, ...] = field(repr=False)

    def __post_init__(self) -> None:
        width = len(self.columns)
        if not width or not all(self.columns) or len(set(self.columns)) < width or not self.rows:
            raise DocumentError(text("A file of records has rows, and columns that are named once each."))
        if any(len(row) != width for row in self.rows):
            raise DocumentError(text("Each record has a field for each column."))
        if any(before > after for before, after in pairwise(self.rows)):
            raise DocumentError(
                text("Records lie in the order of their values, so that no row tells whose it was."),
                hint=text("Let sdc.records write them."),
            )
        for entry in {*self.columns, *(entry for row in self.rows for entry in row)}:
            if entry != entry.strip() or len(entry) > _LONGEST_FIELD or not _NEVER.isdisjoint(entry):
                raise DocumentError(
                    text(
                        "A field of a record is at most {most} characters on one line, without ';', quotation marks or "
                        "blanks at its ends.",
                        most=_LONGEST_FIELD,
                    )
                )
        if width == 1 and any(not row[0] for row in self.rows):
            raise DocumentError(text("Records of one column have a value each."))

    def to_body(self) -> str:
        """Return the records as text: the names of the columns, then a line for each record."""
        return "\n".join(MARK.join(one) for one in (self.columns, *self.rows))


def rows_in_order(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> RecordRows:
    """Return records in the order of their values.

    >>> rows_in_order(("sexe", "klasse"), [("v", "18-64"), ("m", "65+")]).rows
    (('m', '65+'), ('v', '18-64'))
    """
    return RecordRows(tuple(columns), tuple(sorted(map(tuple, rows))))


def records_from(body: str) -> RecordRows:
    """Return the records in a body that `to_body` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    head, *rows = (tuple(line.split(MARK)) for line in body.split("\n"))
    return RecordRows(head, tuple(rows))
