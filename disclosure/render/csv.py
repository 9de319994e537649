"""Released csv: one line per cell, safe to open in a spreadsheet."""

from __future__ import annotations

import re

from disclosure.model.cells import is_number
from disclosure.model.tables import JudgedTable
from disclosure.render.grid import label_names

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AFTER_SEPARATOR = re.compile(r"(?<=.)([;,\t\r\n|])(?=[=+\-@])", re.DOTALL)
_SPECIAL = re.compile(r"""[",;\t\r\n|]|^\s|\s$""")


def to_csv(table: JudgedTable) -> bytes:
    """Return a judged table as csv in UTF-8: the dimensions, then `value` and `status`.

    A withheld cell has no value and the status "withheld". Totals are called Total, with a star behind it where a
    category has that name.
    """
    names = label_names(table)
    dimensions = table.recipe.dimensions
    value, status = _heading("value", dimensions), _heading("status", dimensions)
    lines = [[*(formula_safe(name) for name in dimensions), value, status]]
    for one in table.published():
        labels = one.cell.as_dict()
        parts = (names.shown((name, labels[name]) if name in labels else None) for name in dimensions)
        lines.append([*(formula_safe(part) for part in parts), one.figure or "", one.state.value])
    return "".join(",".join(map(_field, line)) + "\r\n" for line in lines).encode("utf-8")


def _field(text: str) -> str:
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


def _heading(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "*"
    return name
