"""A cleaned copy of a notebook: what is written, without outputs, attachments and metadata that could hold anything.

No output stays but those that show released files and nothing else. A short note names the classes of those in which
something was found, and a fixed one stands for all others, since the size of a figure and the order of two words can
spell a number too. What is written in cells is kept, since taking a line out of code would change what it does: what
the scan finds there is told again for the copy, and a person takes it out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError
from disclosure.exchange.files import write_atomically
from disclosure.screening.findings import FindingClass
from disclosure.screening.notebook_cells import KEYS, Screening
from disclosure.screening.notebook_file import FORMAT, Document, joined
from disclosure.screening.notebook_metadata import kept_cell_metadata, kept_notebook_metadata
from disclosure.screening.notebook_outputs import ScreenedOutput
from disclosure.screening.text_looks import NOTHING_FOUND, data_addresses_removed, noted_classes
from disclosure.texts import text

_MINOR: Final = 5
_MODE: Final = 0o600


def cleaned_notebook(document: Document, screening: Screening) -> Document:
    """Return a new notebook without what the screening could not clear; `document` is left as it is."""
    by_cell: dict[int, list[ScreenedOutput]] = {}
    for output in screening.outputs:
        by_cell.setdefault(output.cell, []).append(output)
    cells = [
        _cell(cell, number, by_cell.get(number, [])) for number, cell in enumerate(document["cells"], start=1)
    ]  # fmt: skip
    metadata = kept_notebook_metadata(document.get("metadata"))
    spec = metadata.get("kernelspec", {})
    if not {"name", "display_name"} <= spec.keys():
        metadata.pop("kernelspec", None)  # the format asks for both
    if "name" not in metadata.get("language_info", {}):
        metadata.pop("language_info", None)
    return {"cells": cells, "metadata": metadata, "nbformat": FORMAT, "nbformat_minor": _MINOR}


def write_cleaned(document: Document, path: Path, *, original: Path, overwrite: bool = False) -> None:
    """Write a cleaned notebook: the whole file or nothing, readable by its owner only, never over the original.

    Raises:
        BadInputError: `path` is the original, is there already and `overwrite` is false, or cannot be written.
    """
    try:
        same = path.exists() and path.samefile(original)
        if same or path.absolute() == original.absolute():
            raise BadInputError("The cleaned copy would replace the original.", hint="Give it another name.")
        if path.is_dir():
            raise BadInputError("The cleaned copy cannot be written over a folder.", hint="Name a file.")
        if os.path.lexists(path) and not overwrite:
            raise BadInputError("There is a file of that name already.", hint="Add --overwrite, or name another.")
        write_atomically(path, to_bytes(document), mode=_MODE)
    except OSError:
        raise BadInputError("The cleaned copy cannot be written there.", hint="Does the folder exist?") from None


def to_bytes(document: Document) -> bytes:
    """Return a notebook as a file, in the form that notebooks are saved in."""
    spelled = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{spelled}\n".encode("utf-8", "replace")  # half a character, which JSON can hold, becomes "?"


def _cell(cell: Any, number: int, outputs: list[ScreenedOutput]) -> dict[str, Any]:
    base: dict[str, Any] = {"id": f"cell-{number}"}
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    source = joined(cell.get("source")) if isinstance(cell, dict) else None
    if not isinstance(kind, str) or kind not in KEYS or source is None:
        note = _note([FindingClass.UNREADABLE])
        return {**base, "cell_type": "markdown", "metadata": {}, "source": note}
    base |= {"cell_type": kind, "metadata": kept_cell_metadata(cell.get("metadata")), "source": source}
    if kind != "code":
        return {**base, "source": data_addresses_removed(source)}
    released = [dict(one.registered.output) for one in outputs if one.registered is not None]
    unknown = [one for one in outputs if one.registered is None]
    cleared = [_texts(cell["outputs"][one.output - 1]) for one in unknown if not one.findings]
    noted = [noted_classes(one) for one in cleared]
    gone = {finding.what for one in outputs for finding in one.findings}.union(*noted)
    # Once, however many there are; what an earlier cleaning noted is no output of its own.
    nothing = any(not told or NOTHING_FOUND in one for one, told in zip(cleared, noted, strict=True))
    lines = [*([NOTHING_FOUND] if nothing else []), *([_note(sorted(gone))] if gone else [])]
    written = [{"output_type": "stream", "name": "stdout", "text": "".join(f"{line}\n" for line in lines)}]
    return {**base, "execution_count": None, "outputs": [*released, *(written if lines else [])]}


def _texts(output: dict[str, Any]) -> str:
    """Return what is written in an output in which nothing was found."""
    texts = [output["text"]] if output["output_type"] == "stream" else list(output["data"].values())
    return "\n".join(joined(one) or "" for one in texts)


def _note(classes: list[FindingClass]) -> str:
    return str(text("[removed: {classes}]", classes=", ".join(one.value for one in classes)))
