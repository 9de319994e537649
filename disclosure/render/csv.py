"""Released csv: one line per cell, safe to open in a spreadsheet."""

from __future__ import annotations

import re

import numpy as np

from disclosure.model.cells import MARGIN, is_number
from disclosure.model.neutral_labels import released
from disclosure.model.tables import JudgedTable
from disclosure.render.columns import ColumnRole, ReleasedColumn, released_columns
from disclosure.render.grid import label_names

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AFTER_SEPARATOR = re.compile(r"(?<=.)([;,\t\r\n|])(?=[=+\-@])", re.DOTALL)
_SPECIAL = re.compile(r"""[",;\t\r\n|]|^\s|\s$""")


def to_csv(table: JudgedTable) -> bytes:
    """Return a judged table as csv in UTF-8: one rectangle, the codes of the dimensions, then `value` and `status`.

    A withheld cell has no value and the status "withheld". Totals are called Total, with a star behind it where a
    category has that name. What the codebook calls a code stands beside it, in a column for each language;
    see `disclosure.render.columns`.
    """
    table = released(table)
    columns = released_columns(table)
    heads = ",".join(field(formula_safe(one.heading)) for one in columns)
    fields = [_fields(table, one) for one in columns]
    return "".join(f"{line}\r\n" for line in (heads, *map(",".join, zip(*fields, strict=True)))).encode("utf-8")


def _fields(table: JudgedTable, column: ReleasedColumn) -> list[str]:
    """Return one column as fields, a line for each cell; each label is written once, however many cells have it."""
    evidence = table.evidence
    if evidence is None:
        return []
    if column.role is ColumnRole.STATUS:
        return [state.value for state, _ in table.published_figures()]
    if column.role is ColumnRole.FIGURE:
        return [figure or "" for _, figure in table.published_figures()]
    place = evidence.dimensions.index(column.of)
    labels = evidence.categories[place]
    if column.role is ColumnRole.LABEL:
        texts = [table.labels.category_texts(column.of, label).get(column.language, "") for label in labels]
        total = ""
    else:
        names = label_names(table)
        texts, total = [names.shown((column.of, label)) for label in labels], names.total
    written = [field(formula_safe(one)) for one in (*texts, total)]
    codes = evidence.codes[:, place]
    return [written[code] for code in np.where(codes == MARGIN, len(labels), codes).tolist()]


def field(text: str) -> str:
    """Return a text as a field of csv, quoted where any reader might cut it."""
    # Python's csv quotes for a comma only; a reader that expects another separator must not cut a label open.
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def formula_safe(label: str) -> str:
    """Return a label that no spreadsheet takes for a formula.

    An apostrophe goes before a dangerous first character, and before one behind anything that may count as a
    separator somewhere.

    >>> formula_safe("=1+1"), formula_safe("a;=1+1"), formula_safe("-5")
    ("'=1+1", "a;'=1+1", '-5')
    """
    if is_number(label):
        return label
    inside = _AFTER_SEPARATOR.sub(r"\1'", label)
    return f"'{inside}" if label.startswith(_FORMULA) else inside
