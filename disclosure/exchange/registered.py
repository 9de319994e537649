"""The record of a data set: the digests of its files, written beside them when it was registered.

Who can read the files computes the digests again and compares. Who may not, as the control zone where zones are
separated, has what was registered, and what the worker that reads them finds out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DataError, DocumentError
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE, is_areas_file
from disclosure.exchange.canonical import canonical_json, is_digest, parse_json
from disclosure.exchange.files import read_regular

RECORD: Final = "dataset.json"
FILES: Final = (DATA_FILE, CODEBOOK_FILE)

_VERSION: Final = 1
_LARGEST: Final = 10_000


def record_bytes(name: str, digests: Mapping[str, str]) -> bytes:
    """Return the record of a data set, by the digests of its files."""
    return canonical_json({"version": _VERSION, "name": name, "files": dict(digests)})


def recorded_digests(folder: Path, name: str) -> Mapping[str, str]:
    """Return file name to digest, as recorded when the data set in a folder was registered.

    Raises:
        DataError: it was not registered.
        DocumentError: its record does not follow the schema.
    """
    if not (folder / RECORD).is_file():
        raise DataError(
            f"The data set '{name}' is not registered in this camp.", hint="See 'datakamp data register --help'."
        )
    document = parse_json(read_regular(folder / RECORD, limit=_LARGEST), what=f"The record of '{name}'")
    if not _is_record(document, name):
        raise DocumentError(f"The record of the data set '{name}' does not follow its schema.")
    files: dict[str, str] = document["files"]
    return files


def _is_record(document: Any, name: str) -> bool:
    if not isinstance(document, dict) or set(document) != {"version", "name", "files"}:
        return False
    files = document["files"]
    known = document["version"] == _VERSION and document["name"] == name and isinstance(files, dict)
    areas = set(files) - set(FILES) if known else set()
    complete = known and set(FILES) <= set(files) and all(isinstance(one, str) and is_areas_file(one) for one in areas)
    return complete and all(is_digest(value) for value in files.values())
