"""`sdc.result`, `sdc.text`, `sdc.file`: what no rule can judge, put before a person with what is known of it.

None of these is ever safe: their verdict is inconclusive and says who must look. What can be counted is counted: of a
result of own code the groups behind it, of a text or file what in it has the form of an identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.written import MOST_DIGITS, plain_figure
from disclosure.model.codebooks import Codebook
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.notebook.html_page import html_page
from disclosure.notebook.judging import Names, as_names
from disclosure.notebook.output import Output
from disclosure.notebook.own_files import WRITTEN, FileKind, ReadFile, read_file
from disclosure.notebook.page import sheet_of
from disclosure.notebook.plain_page import plain_page
from disclosure.notebook.reasons import reasons_of
from disclosure.notebook.report import Report, headline
from disclosure.notebook.table import table
from disclosure.notebook.words import caption_of, legible
from disclosure.render.digits import for_people
from disclosure.screening.records import records_in_text
from disclosure.screening.text_scan import scan
from disclosure.texts import Text, translate
from disclosure.texts import text as words

MAXIMUM_CHARACTERS: Final = 20_000
VALUE: Final = "value"
"""The column of values that came without a name."""
_MOST_VALUES: Final = 10_000
_MOST_LINES = 40
_PERSON = words("the judgement of a reviewer: no rule can be applied to this")

_PICTURE = words("a judged output: a picture from elsewhere cannot be handed in, so draw it with sdc.figure(out)")
_TABLE = words(
    "a judged output: a csv file cannot be handed in, so make it with sdc.table, or sdc.result(values, support=...)"
)


class ForReviewer:
    """Something that only a person can judge. Its verdict is always inconclusive."""

    def __init__(self, what: Text, missing: tuple[Text, ...], *, needs: Text = _PERSON) -> None:
        self.what = what
        self.verdict = Inconclusive((needs, *missing))

    def __repr__(self) -> str:
        return plain_page(self._report())

    def _repr_html_(self) -> str:
        return html_page(self._report())

    def _report(self) -> Report:
        return Report(
            status=self.verdict.status,
            headline=headline(self.verdict, 0),
            caption=str(self.what),
            reasons=reasons_of(self.verdict),
            body=self._body(),
        )

    def _body(self) -> str:
        return ""


class OwnResult(ForReviewer):
    """Figures of own code, with the judged counts of the groups behind them.

    Attributes:
        values: the figures as given, as a frame.
        support: the judged count of units per group.
    """

    def __init__(self, values: pd.DataFrame, support: Output) -> None:
        found = support.verdict.status
        said = {
            Status.SAFE: (),
            Status.UNSAFE: (words("larger groups: those behind the figures fail (see support)"),),
            Status.INCONCLUSIVE: (words("the size of the groups behind the figures (see support)"),),
        }
        super().__init__(words("result of own code"), said[found])
        self.values = values
        self.support = support

    def _body(self) -> str:
        heads = {name: translate("value") for name in self.values.columns if isinstance(name, str) and name == VALUE}
        shown = self.values.head(_MOST_LINES).astype(object).rename(columns=heads)
        body = shown.apply(lambda column: column.map(_for_people)).to_string()
        more = len(self.values) - len(shown)
        return f"{body}\n{words('and {n} more rows', n=str(more))}" if more else body

    def _report(self) -> Report:
        own, sheet = super()._report(), sheet_of(self.support.table)
        recipe = self.support.recipe
        caption = caption_of(str(words("number of units behind the result")), *recipe.laid_out)
        sheets = () if sheet is None else (sheet,)
        safe = self.support.verdict.status is Status.SAFE
        note = str(words("the groups behind the figures are large enough")) if safe else ""
        return Report(own.status, own.headline, caption, own.reasons, sheets=sheets, note=note, body=own.body)


class OwnText(ForReviewer):
    """A text for a reviewer, after the scan."""

    def __init__(self, body: str) -> None:
        super().__init__(words("text"), (*_records(body), *_hits(body)))
        self.body = body

    def _body(self) -> str:
        return _first_lines(self.body)


class OwnFile(ForReviewer):
    """A file, read once and scanned: one of text for a reviewer, others only for looking at."""

    def __init__(self, file: ReadFile) -> None:
        needs = _PERSON if file.kind in WRITTEN else _TABLE if file.kind is FileKind.CSV else _PICTURE
        rows = _records(file.text) if file.kind in WRITTEN else ()
        super().__init__(words("file {name}", name=legible(file.name)), (*rows, *_hits(file.text)), needs=needs)
        self.file = file

    def _body(self) -> str:
        return f"{legible(self.file.name)}, {len(self.file.data)} bytes"


def result(
    values: Any,
    *,
    support: Any,
    by: Names = (),
    unit: Names | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
) -> OwnResult:
    """Return the result of own code, for a reviewer: its support is judged as a count, the values by a person.

    Args:
        values: a number, a mapping, a list, an array, a series or a frame of numbers and texts.
        support: the frame of the units that the result is computed from.
        by: the variables whose groups the values are of.
        unit, policy, dropna, codebook: as in `table`.

    Raises:
        BadInputError: values of another kind, such as a fitted object or a function.
        RefusedError: more values than groups, as residuals and fitted values are.
    """
    frame = _values(values)
    counted = table(support, rows=by, unit=unit, policy=policy, dropna=dropna, codebook=codebook)
    evidence = counted.table.evidence
    if evidence is not None:
        groups, whole = len(evidence), int(evidence.n_units.max(initial=0))
        if len(frame) >= max(whole, 2) or (as_names(by) and len(frame) > groups):
            raise RefusedError(
                words("The result has more rows than there are groups: it may show single units, as residuals do."),
                hint=words("Give one row per group, or figures of the whole."),
            )
    return OwnResult(frame, counted)


def text(body: str) -> OwnText:
    """Return a text for a reviewer, such as an interpretation; at most 20,000 characters.

    Raises:
        BadInputError: no text, or one that is too long.
    """
    if not isinstance(body, str) or not body.strip():
        raise BadInputError(words("Expected a text."))
    if len(body) > MAXIMUM_CHARACTERS:
        raise BadInputError(
            words("A text has at most {maximum_characters} characters.", maximum_characters=f"{MAXIMUM_CHARACTERS:,}"),
            hint=words("Shorten it."),
        )
    return OwnText(body)


def file(path: str | Path) -> OwnFile:
    """Return a file of plain text or Markdown in UTF-8 for a reviewer, at most 2 MB.

    A PNG or SVG picture and a csv file are read and scanned too, for looking at: they cannot be handed in, and the
    verdict says what can.

    Raises:
        BadInputError: it cannot be read, or is too large.
        RefusedError: it is of another kind than its name says, or carries what cannot be seen.
    """
    if not isinstance(path, str | Path):
        raise BadInputError(words("A file is named by its path."))
    return OwnFile(read_file(Path(path)))


def _records(body: str) -> tuple[Text, ...]:
    """Return what is missing from a text that holds what looks like records: the control zone refuses it."""
    if records_in_text(body, ()) is None:
        return ()
    return (words("no rows of single units: a camp refuses what looks like records"),)


def _hits(body: str) -> tuple[Text, ...]:
    return tuple(
        words("line {line} has what looks like {what}: take it out", line=str(hit.line), what=str(hit.mark.words))
        for hit in scan(body)
    )


def _values(values: Any) -> pd.DataFrame:
    if isinstance(values, bool | str | Number):
        frame = pd.DataFrame({VALUE: [values]})
    elif isinstance(values, pd.DataFrame):
        frame = values.copy()
    elif isinstance(values, pd.Series):
        frame = values.to_frame(VALUE if values.name is None else values.name)
    elif isinstance(values, Mapping):
        frame = pd.DataFrame({VALUE: list(values.values())}, index=[str(name) for name in values])
    elif isinstance(values, list | tuple) or (isinstance(values, np.ndarray) and 1 <= values.ndim <= 2):
        frame = pd.DataFrame(values)
        if frame.shape[1] == 1:
            frame.columns = pd.Index([VALUE])
    else:
        kinds = words("a number, a mapping, a list, an array, a series or a frame")
        raise BadInputError(
            words("A result is {kinds}.", kinds=kinds), hint=words("This is a {kind}.", kind=type(values).__name__)
        )
    if frame.size > _MOST_VALUES or not frame.size:
        raise BadInputError(
            words("A result has one to {most_values} values.", most_values=f"{_MOST_VALUES:,}"),
            hint=words("Make a table of it."),
        )
    if not all(_plain(value) for value in frame.to_numpy(dtype=object).ravel()):
        raise BadInputError(
            words("A result holds numbers and texts only."), hint=words("Take the figures out of the objects.")
        )
    return frame


def _plain(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or isinstance(value, str | bool | np.generic | Number)


def _for_people(entry: Any) -> str:
    """Return an entry as it is shown: a figure in the digits that would leave, with the signs of the language."""
    if isinstance(entry, int | float | np.integer | np.floating) and not isinstance(entry, bool | np.bool_):
        figure = plain_figure(float(entry), MOST_DIGITS)
        return "." if figure is None else for_people(figure)
    return "." if entry is None or entry is pd.NA or entry is pd.NaT else str(entry)


def _first_lines(body: str) -> str:
    lines = body.splitlines()
    return "\n".join([*(legible(line, 200) if line.strip() else "" for line in lines[:_MOST_LINES])])
