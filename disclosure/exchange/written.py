"""What a submission carries beside tables: texts and results of own code, which only a person can judge.

They travel inside the submission itself, so that what is copied, hashed, scanned, signed and released are the same
bytes. Each has one spelling: what is not in it is refused, never mended on the way, so that nothing can hide in blanks.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.lines import is_hidden, is_line
from disclosure.exchange.written_records import LONGEST_RECORDS, records_from
from disclosure.texts import text

LONGEST_BODY: Final = 20_000
MOST_WRITTEN: Final = 10
MOST_DIGITS: Final = 6
LONGEST_ENTRY: Final = 200
_TAB: Final = 4


class WrittenKind(StrEnum):
    """What is written: text, Markdown, values of a result of own code or of another program's output, or records."""

    TEXT = "text"
    MARKDOWN = "markdown"
    RESULT = "result"
    FOREIGN = "foreign"
    """Taken in from another program in the control zone; a submission never holds one."""
    RECORDS = "records"
    """A file of records, which leaves only where the camp names a microdata release."""

    @property
    def has_values(self) -> bool:
        """Whether its body holds values and no text."""
        return self in (WrittenKind.RESULT, WrittenKind.FOREIGN)


@dataclass(frozen=True)
class ResultValues:
    """The values of a result of own code: typed cells, figures as decimal text of at most six significant digits.

    Attributes:
        columns: the names of the columns, one line each.
        labels: how many of them, from the first, hold labels, which are no figures whatever they look like.
        rows: as many texts as there are columns, or None for what is missing.
    """

    columns: tuple[str, ...]
    labels: int
    rows: tuple[tuple[str | None, ...], ...]

    def __post_init__(self) -> None:
        if not self.columns or not self.rows or len(set(self.columns)) != len(self.columns):
            raise DocumentError(text("A result has rows, and columns that are named once each."))
        if any(len(row) != len(self.columns) for row in self.rows):
            raise DocumentError(text("Each row of a result has a value or a gap in each column."))
        if type(self.labels) is not int or not 0 <= self.labels < len(self.columns):
            raise DocumentError(text("A result has columns of labels, if any, and then at least one of values."))
        for entry in (*self.columns, *(entry for row in self.rows for entry in row)):
            if entry is not None and not (type(entry) is str and is_line(entry, limit=LONGEST_ENTRY)):
                raise DocumentError(
                    text(
                        "An entry of a result is one line of at most {longest_entry} visible characters.",
                        longest_entry=LONGEST_ENTRY,
                    )
                )
        if any(digits(entry) > MOST_DIGITS for row in self.rows for entry in row[self.labels :] if entry is not None):
            raise DocumentError(
                text("A figure of a result has at most {most_digits} significant digits.", most_digits=MOST_DIGITS),
                hint=text("Round it."),
            )

    def to_body(self) -> str:
        """Return the values as canonical JSON."""
        return canonical_json(
            {"columns": list(self.columns), "labels": self.labels, "rows": [list(row) for row in self.rows]}
        ).decode()


def values_from(body: str) -> ResultValues:
    """Return the values in a body that `to_body` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    document = parse_json(body.encode("utf-8", "surrogatepass"), what="The result")
    try:
        rows = tuple(tuple(row) for row in document["rows"])
        values = ResultValues(tuple(document["columns"]), document["labels"], rows)
    except (KeyError, TypeError):
        raise DocumentError(text("The values of a result do not follow their schema.")) from None
    if values.to_body() != body:
        raise DocumentError(text("The values of a result are not in their one spelling."))
    return values


def digits(entry: str) -> int:
    """Return the number of significant digits of a figure; 0 for what is no figure.

    >>> digits("0.0123"), digits("1200"), digits("wijk 28")
    (3, 2, 0)
    """
    try:
        number = Decimal(entry.strip().replace(" ", ""))
    except InvalidOperation:
        return 0
    # Exact: normalising would round to 28 digits, and hide those behind them.
    return len("".join(map(str, number.as_tuple().digits)).rstrip("0")) or 1 if number.is_finite() else 0


def plain_figure(number: float, most_digits: int) -> str | None:
    """Return a number as decimal text of so many significant digits; None if it is not finite.

    >>> plain_figure(1234567.0, 6), plain_figure(0.5, 6), plain_figure(-0.0, 6)
    ('1234570', '0.5', '0')
    """
    rounded = Decimal(f"{number:.{most_digits - 1}e}")
    if not rounded.is_finite():
        return None
    return format(rounded.normalize(), "f") if rounded else "0"


def spelled(body: str) -> str:
    r"""Return a text in its one spelling: composed letters, line ends \n, no tabs, no blanks at the ends of lines.

    >>> spelled("one\t\r\ntwo \n\n")
    'one\ntwo'
    """
    composed = unicodedata.normalize("NFC", body.replace("\r\n", "\n").replace("\r", "\n").expandtabs(_TAB))
    return "\n".join(line.rstrip() for line in composed.split("\n")).strip("\n")


@dataclass(frozen=True)
class SubmittedText:
    """One text or result of a submission.

    Attributes:
        name, title, population, differs: as of an output of a table.
        kind: what is written.
        body: the text in its one spelling, or the values of a result.
        support: of a result the name of the output that counts the units behind it; otherwise empty.
    """

    name: str
    title: str
    population: str
    differs: str
    kind: WrittenKind
    body: str
    support: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.kind, WrittenKind):
            raise DocumentError(
                text("What is written is of a known kind."), hint=text("Known: {known}.", known=", ".join(WrittenKind))
            )
        if self.kind is WrittenKind.RECORDS:
            if len(self.body) > LONGEST_RECORDS:
                raise DocumentError(
                    text("A file of records has at most {most} characters.", most=f"{LONGEST_RECORDS:,}"),
                    hint=text("Leave columns out, make them coarser, or draw a sample."),
                )
            records_from(self.body)
        elif not self.body.strip() or len(self.body) > LONGEST_BODY:
            raise DocumentError(
                text(
                    "A text has 1 to {longest_body} characters, so that it can be read within the hour.",
                    longest_body=f"{LONGEST_BODY:,}",
                ),
                hint=text("Shorten it, or add it in parts."),
            )
        if any(is_hidden(sign) and sign != "\n" for sign in set(self.body)):
            raise DocumentError(
                text("A text has lines of visible characters."), hint=text("No control or invisible characters.")
            )
        if (self.kind is WrittenKind.RESULT) is not bool(self.support):
            raise DocumentError(text("A result, and nothing else, names the output that counts the units behind it."))
        if self.kind.has_values:
            values_from(self.body)
        elif spelled(self.body) != self.body:
            raise DocumentError(text("A text is not in its one spelling."), hint=text("Let sdc.submit write it."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "name": self.name,
            "title": self.title,
            "population": self.population,
            "differs": self.differs,
            "kind": self.kind.value,
            "body": self.body,
            "support": self.support,
        }


def text_from(document: Any) -> SubmittedText:
    """Return the text that `to_document` wrote; `KeyError`, `TypeError` or `ValueError` if it is of another form."""
    names = ("name", "title", "population", "differs", "body", "support")
    given = {name: document[name] for name in names}
    if not all(type(one) is str for one in given.values()):
        raise TypeError
    return SubmittedText(kind=WrittenKind(document["kind"]), **given)
