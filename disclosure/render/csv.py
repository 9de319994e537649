"""Released csv: one line per cell, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from disclosure.model.cells import is_number
from disclosure.model.tables import JudgedTable
from disclosure.render.grid import label_names

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(table: JudgedTable) -> bytes:
    """Return a judged table as csv in UTF-8: the dimensions, then `value` and `status`.

    A withheld cell has no value and the status "withheld". Totals are called Total, with a star behind it where a
    category has that name.
    """
    names = label_names(table)
    dimensions = table.recipe.dimensions
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    value, status = _heading("value", dimensions), _heading("status", dimensions)
    writer.writerow([*(formula_safe(name) for name in dimensions), value, status])
    for one in table.published():
        labels = one.cell.as_dict()
        parts = (names.shown((name, labels[name]) if name in labels else None) for name in dimensions)
        writer.writerow([*(formula_safe(part) for part in parts), one.figure or "", one.state.value])
    return out.getvalue().encode("utf-8")


def formula_safe(label: str) -> str:
    """Return a label that no spreadsheet takes for a formula: an apostrophe goes before a dangerous first character.

    >>> formula_safe("=1+1"), formula_safe("-5")
    ("'=1+1", '-5')
    """
    return f"'{label}" if label.startswith(_FORMULA) and not is_number(label) else label


def _heading(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "*"
    return name
