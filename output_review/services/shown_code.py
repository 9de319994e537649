"""A submission's code as a reviewer reads it: source alone, without the outputs that a notebook may carry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NOTEBOOK, _FORMAT = ".ipynb", 4


@dataclass(frozen=True)
class SourceCell:
    """A cell of a notebook, or a whole script. `kind` is "code", "markdown", "raw", "script" or "unreadable"."""

    kind: str
    source: str


def source_cells(name: str, data: bytes) -> tuple[SourceCell, ...]:
    """Return the source of a notebook's cells in their order, or a script as one cell.

    What is not a notebook of the format that is run is returned whole, as "unreadable": nothing of it is left out.
    """
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if not name.endswith(_NOTEBOOK):
        return (SourceCell("script", text),)
    try:
        document = json.loads(text)
        if document["nbformat"] != _FORMAT:
            raise ValueError
        return tuple(_cells(document["cells"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return (SourceCell("unreadable", text),)


def _cells(cells: Any) -> Iterator[SourceCell]:
    if not isinstance(cells, list):
        raise TypeError
    for cell in cells:
        source = cell["source"]
        source = "".join(source) if isinstance(source, list) else source
        if cell["cell_type"] not in ("code", "markdown", "raw") or not isinstance(source, str):
            raise ValueError
        yield SourceCell(cell["cell_type"], source)
