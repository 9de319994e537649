"""The folder that ACRO writes at the end of a session: ``results.json``, and the files that it names.

The format is that of ACRO 0.4 to 1.0 (https://github.com/AI-SDC/ACRO): per output a status, a type, a method, a
summary, comments, an exception that is asked for, and files. Tables are CSV as pandas writes it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.files import read_regular
from disclosure.exchange.foreign import LONGEST_NAME, LONGEST_SAID, ForeignOutput, ForeignOutputs, ForeignTable
from disclosure.exchange.lines import is_hidden
from disclosure.exchange.written import LONGEST_BODY, LONGEST_ENTRY, MOST_DIGITS, ResultValues, digits, plain_figure

FILE: Final = "results.json"
_LARGEST_RESULTS: Final = 5_000_000
_LARGEST_TABLE: Final = 1_000_000
_MOST_COLUMNS: Final = 200
_NOT_TO_LEAVE: Final = "DONT_RELEASE"
_SAID: Final = ("status", "type", "method", "command", "summary", "exception")


def read_acro(folder: Path) -> ForeignOutputs:
    """Return the outputs in a folder of ACRO.

    What ACRO itself marks as not to be released is passed over. A file that is no table, or no readable one, is left
    out with the reason.

    Raises:
        DocumentError: there is no results.json, or it does not follow the format.
    """
    document = parse_json(read_regular(folder / FILE, limit=_LARGEST_RESULTS), what=FILE)
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        raise DocumentError(f"{FILE} is not what ACRO writes.", hint="Expected version and results.")
    outputs = tuple(
        _output(_shown(name, LONGEST_NAME), entry, folder)
        for name, entry in document["results"].items()
        if _NOT_TO_LEAVE not in name
    )
    return ForeignOutputs(f"ACRO {_shown(document.get('version'), 40)}", outputs)


def _output(name: str, entry: Any, folder: Path) -> ForeignOutput:
    if not isinstance(entry, dict) or not isinstance(entry.get("files"), list):
        raise DocumentError(f"An output in {FILE} has no files.", hint="Let ACRO write it again.")
    tables, left_out = [], []
    for file in entry["files"]:
        called = file.get("name") if isinstance(file, dict) else None
        if not isinstance(called, str) or Path(called).name != called or called.startswith("."):
            raise DocumentError(f"An output in {FILE} names a file by more than its name.")
        try:
            tables.append(ForeignTable(_shown(called, LONGEST_NAME), _table(folder / called)))
        except DatakampError as error:
            left_out.append(_shown(f"{called}: {error.message}", LONGEST_NAME))
        except ValueError:  # a name that no file can have
            left_out.append(_shown(f"{called}: not a file that can be read", LONGEST_NAME))
    return ForeignOutput(name, _said(entry), tuple(tables), tuple(left_out))


def _said(entry: Mapping[str, Any]) -> str:
    properties = entry.get("properties")
    known = {**(properties if isinstance(properties, dict) else {}), **entry}
    lines = [f"{one}: {known[one]}" for one in _SAID if isinstance(known.get(one), str) and known[one].strip()]
    comments = entry.get("comments")
    lines += [f"comment: {one}" for one in (comments if isinstance(comments, list) else []) if isinstance(one, str)]
    return "\n".join(_shown(line, LONGEST_SAID) for text in lines for line in text.splitlines())[:LONGEST_SAID]


def _shown(value: Any, longest: int) -> str:
    """Return a value as one line of visible characters: what was not visible stands as a blank."""
    line = "".join(" " if is_hidden(sign) else sign for sign in str(value))
    return line[:longest].strip() or "?"


def _table(path: Path) -> ResultValues:
    if path.suffix.lower() != ".csv":
        raise DocumentError("not a table; what is no table is made again here, or left out")
    try:
        text = read_regular(path, limit=_LARGEST_TABLE).decode("utf-8")
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line]
    except (UnicodeDecodeError, csv.Error):
        raise DocumentError("not a table that can be read") from None
    if len(lines) < 2:
        raise DocumentError("a table without rows")
    width = max(map(len, lines))
    if width > _MOST_COLUMNS:
        raise DocumentError("a table of too many columns")
    head, *rows = ([*line, *[""] * (width - len(line))] for line in lines)
    labels = _labels(rows, width)
    values = ResultValues(
        tuple(_named(head)),
        labels,
        tuple(tuple(_entry(one, figure=place >= labels) for place, one in enumerate(row)) for row in rows),
    )
    if len(values.to_body()) > LONGEST_BODY:
        raise DocumentError("a table that is too large to be read within the hour")
    return values


def _labels(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns, from the first, hold no figure; at least one column holds values."""
    count = 0
    while count < width - 1 and not any(_decimal(row[count]) is not None for row in rows):
        count += 1
    return max(count, 1) if width > 1 else 0


def _named(head: Sequence[str]) -> Iterator[str]:
    """Yield names of columns: visible, none empty, none twice."""
    used: set[str] = set()
    for place, entry in enumerate(head, start=1):
        # A summary of a model has figures in its head.
        said = _plain(entry) if digits(entry) > MOST_DIGITS else _entry(entry, figure=False)
        plain = _shown(said or f"column {place}", LONGEST_ENTRY // 2)
        name, count = plain, 1
        while name in used:
            count += 1
            name = f"{plain} ({count})"
        used.add(name)
        yield name


def _entry(entry: str, *, figure: bool) -> str | None:
    if not entry.strip():
        return None
    plain = _plain(entry) if figure else None
    if plain is not None:
        return plain
    if len(entry) > LONGEST_ENTRY:
        raise DocumentError("a table with an entry that is too long")
    return _shown(entry, LONGEST_ENTRY)


def _plain(entry: str) -> str | None:
    """Return a figure rounded, as decimal text; None for what is none, or is too large or too small to be one."""
    number = _decimal(entry)
    if number is None or not number.is_finite():
        return None
    near = float(number)
    plain = plain_figure(near, MOST_DIGITS) if near or not number else None
    return plain if plain is not None and len(plain) <= LONGEST_ENTRY else None


def _decimal(entry: str) -> Decimal | None:
    """Return the number that an entry says, infinite ones and those that are none too; None if it says none."""
    try:
        return None if "_" in entry else Decimal(entry.strip())
    except InvalidOperation:
        return None
