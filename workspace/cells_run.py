"""What is known of the cells of a notebook that was run, without looking at a record."""

from __future__ import annotations

import builtins
import re
from typing import Any, Final

from disclosure import errors

_CLASS_NAME: Final = re.compile(r"[A-Za-z_]{1,60}")


def was_started(cell: Any) -> bool:
    """Tell whether a cell of code was started."""
    return cell.cell_type == "code" and cell.metadata.papermill.get("start_time") is not None


def number_shown(place: int | None, injected: int | None) -> int | None:
    """Return the number, from 1, by which an author knows a cell; None for the one with the parameters, and for none.

    Args:
        injected: where the parameters were put in; None if there are none.
    """
    if place is None or place == injected:
        return None
    return place + 1 if injected is None or place < injected else place


def class_of_error(cell: Any) -> str | None:
    """Return the class of the error of a cell, if it is a plain name: a class can be named after a record, too."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            name = output.get("ename", "")
            known = hasattr(builtins, name) or hasattr(errors, name)
            return name if known or _CLASS_NAME.fullmatch(name) else None
    return None
