"""Outputs of a notebook that show what has been released, byte for byte.

Nothing that a notebook says of itself is believed. But the files of a released package were rendered and signed in the
control zone, and whoever has verified the package may say where they lie. An output that shows the bytes of such a file
and nothing else, under no other type and without metadata, shows nothing that has not left already: it is *registered*.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import read_regular
from disclosure.screening.notebook_file import joined

MOST_FILES: Final = 5_000
MOST_BYTES: Final = 32 << 20
_SUFFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text/csv": ".csv",
        "text/html": ".html",
        "application/json": ".json",
        "image/svg+xml": ".svg",
        "image/png": ".png",
    }
)
_PRINTED: Final = (".csv", ".html", ".json")
"""Kinds of files that code may print as they are."""
_SAID: Final = frozenset(f"<IPython.core.display.{kind} object>" for kind in ("HTML", "Image", "JSON", "SVG"))
"""What IPython says beside what it displays."""


@dataclass(frozen=True, eq=False)
class Registered:
    """An output that shows released files: their names, and the output with nothing else in it."""

    names: tuple[str, ...]
    output: Mapping[str, Any]


def _none() -> Mapping[tuple[str, str], str]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class ReleasedFiles:
    """Files that have been released, by their ending and the SHA-256 digest of their bytes."""

    names: Mapping[tuple[str, str], str] = field(default_factory=_none)

    def shown_by(self, output: Mapping[str, Any]) -> Registered | None:
        """Return what a display or a stream of a notebook shows of these files; None if it shows anything else."""
        if not self.names:
            return None
        if output.get("output_type") == "stream":
            return self._printed(output)
        data = output.get("data")
        if output.get("metadata", {}) != {} or not isinstance(data, dict):
            return None
        kept: dict[str, Any] = {}
        names: list[str] = []
        for kind, value in data.items():
            if kind == "text/plain" and (joined(value) or "").strip() in _SAID:
                continue
            name = self._named(_SUFFIXES.get(kind, ""), _bytes_of(kind, value))
            if name is None:
                return None
            names.append(name)
            kept[kind] = value if kind == "application/json" else joined(value)
        if not names:
            return None
        return Registered(tuple(names), {"output_type": "display_data", "data": kept, "metadata": {}})

    def _printed(self, output: Mapping[str, Any]) -> Registered | None:
        text = joined(output.get("text"))
        if text is None or output.get("name") != "stdout":
            return None
        written = _encoded(text)
        for suffix in _PRINTED:
            # A print ends with a line of its own.
            name = self._named(suffix, written) or self._named(suffix, written and written.removesuffix(b"\n"))
            if name is not None:
                return Registered((name,), {"output_type": "stream", "name": "stdout", "text": text})
        return None

    def _named(self, suffix: str, data: bytes | None) -> str | None:
        return None if data is None else self.names.get((suffix, hashlib.sha256(data).hexdigest()))


NOTHING_RELEASED: Final = ReleasedFiles()


def read_released(folder: Path) -> ReleasedFiles:
    """Return the tables and figures in a folder, such as `data/outputs` of a package that was verified.

    Raises:
        BadInputError: it is no folder, or holds none of them, or too many.
        DataError: one of them is no regular file, or is too large.
    """
    try:
        names = sorted(one.name for one in os.scandir(folder) if Path(one.name).suffix in _SUFFIXES.values())
    except OSError:
        raise BadInputError(
            "The folder of released files cannot be read.",
            hint="Unpack the package, verify it, and name its folder data/outputs.",
        ) from None
    if not names or len(names) > MOST_FILES:
        raise BadInputError(
            f"The folder has no released files, or more than {MOST_FILES}.",
            hint="Unpack the package, verify it, and name its folder data/outputs.",
        )
    found = {}
    for name in names:
        data = read_regular(folder / name, limit=MOST_BYTES)
        # Whoever reads a file as text has the ends of its lines as one sign.
        for spelled in (data, data.replace(b"\r\n", b"\n")):
            found[Path(name).suffix, hashlib.sha256(spelled).hexdigest()] = name
    return ReleasedFiles(MappingProxyType(found))


def _bytes_of(kind: str, value: Any) -> bytes | None:
    """Return the file that a display of this type would be; None if it can be none."""
    if kind == "application/json":
        try:
            return canonical_json(value) + b"\n"
        except DatakampError:
            return None
    text = joined(value)
    if text is None or kind != "image/png":
        return None if text is None else _encoded(text)
    bare = "".join(text.split())
    try:
        data = base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        return None
    # One spelling only: the last letter has bits to spare.
    return data if base64.b64encode(data).decode("ascii") == bare else None


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return None
