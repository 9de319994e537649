"""Code as it is handed in: notebooks without what they printed, and parameters for those that declare them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from disclosure.errors import BadInputError
from workspace.isolation.client import declared_parameters, kind_of, read_notebook

NOTEBOOK: Final = ".ipynb"

_PARAMETERS: Final = "parameters"
# The last format in which cells have no identifier: one that is missing would be drawn at random.
_FORMAT: Final = {"nbformat": 4, "nbformat_minor": 4}


def without_outputs(name: str, data: bytes) -> bytes:
    """Return code without anything that running it left behind.

    A notebook that was saved after a run holds records: outputs, the state of widgets, pasted pictures. What remains
    is source text and kind of each cell and the mark of the one that holds parameters, in one spelling. A script is
    returned as it is.

    Raises:
        BadInputError: it is not a notebook that a sealed kernel can run, or a script that is not UTF-8 text.
    """
    if not name.endswith(NOTEBOOK):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise BadInputError(f"'{name}' is not UTF-8 text.") from None
        return data
    notebook = read_notebook(data, what=f"'{name}'")
    described = {"language_info": {"name": kind_of(notebook).language}}
    document = {"cells": [_cell(cell) for cell in notebook.cells], "metadata": described, **_FORMAT}
    try:
        return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")
    except (ValueError, TypeError):
        raise BadInputError(f"'{name}' is not a notebook that can be written as text.") from None


def parameters_for(name: str, data: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the parameters that a piece of code declares; none for a script."""
    if not parameters or not name.endswith(NOTEBOOK):
        return {}
    what = f"'{name}'"
    declared = declared_parameters(read_notebook(data, what=what), what=what)
    return {key: value for key, value in parameters.items() if key in declared}


def _cell(cell: Any) -> dict[str, Any]:
    tags = [_PARAMETERS] if _PARAMETERS in cell.metadata.get("tags", []) else []
    kept = {"cell_type": cell.cell_type, "metadata": {"tags": tags} if tags else {}, "source": cell.source}
    return kept | ({"execution_count": None, "outputs": []} if cell.cell_type == "code" else {})
