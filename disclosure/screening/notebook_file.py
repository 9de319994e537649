"""A notebook file, read as the data that it is: strictly, within limits, without the libraries that run notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DocumentError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.files import read_regular

FORMAT: Final = 4
MOST_BYTES: Final = 32 << 20
MOST_DEPTH: Final = 64
MOST_CONTAINERS: Final = 500_000
Document = dict[str, Any]


class NotebookError(BadInputError):
    """A file is not a notebook of the format that is read here."""


def read_notebook(path: Path) -> Document:
    """Return the notebook in a file, as JSON gives it.

    Only what holds for every notebook is checked here; the parts are judged one by one where they are screened.

    Raises:
        DataError: the file cannot be read, is a link, or is larger than `MOST_BYTES`.
        NotebookError: it is no notebook, or of another format than 4.
    """
    return notebook_from_bytes(read_regular(path, limit=MOST_BYTES))


def notebook_from_bytes(data: bytes) -> Document:
    """Return the notebook in these bytes; errors as for `read_notebook`."""
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS:
        raise NotebookError("The notebook has more parts than can be looked at.", hint="Clear its outputs first.")
    try:
        document = parse_json(data, what="The notebook")
    except DocumentError:
        raise NotebookError(
            "The file is not a notebook: it is not JSON in UTF-8 with each key once and no NaN.",
            hint="Open it in JupyterLab, clear its outputs and save it again.",
        ) from None
    if not isinstance(document, dict) or "nbformat" not in document:
        raise NotebookError("The file is not a notebook: it names no notebook format.")
    _check_format(document["nbformat"])
    if not isinstance(document.get("cells"), list):
        raise NotebookError("The file is not a notebook: it has no list of cells.")
    if _depth_over(document, MOST_DEPTH):
        raise NotebookError(
            f"The notebook is nested deeper than the {MOST_DEPTH} levels that are looked at.",
            hint="Clear its outputs first.",
        )
    return document


def _check_format(version: object) -> None:
    if type(version) is not int:
        raise NotebookError("The file is not a notebook: its format is not a number.")
    if version < FORMAT:
        raise NotebookError(
            f"The notebook is of an older format than {FORMAT}.", hint="Open it in JupyterLab and save it again."
        )
    if version > FORMAT:
        raise NotebookError(f"The notebook is of a newer format than {FORMAT}.", hint=f"Save it as format {FORMAT}.")


def _depth_over(document: Any, most: int) -> bool:
    level = [document]
    for _ in range(most):
        level = [item for part in level for item in _items(part) if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def _items(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else part


def joined(value: Any) -> str | None:
    """Return a multi-line text of the notebook format, a string or a list of strings; None if it is neither."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return None


def leaves(value: Any) -> Iterator[str]:
    """Yield every key, text and number within a piece of JSON."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            if (text := joined(one)) is not None:
                yield text
            else:
                waiting.extend(reversed(one))
        elif one is not None and not isinstance(one, bool):
            yield str(one)
