"""Which files a researcher may put before a reviewer: few kinds, told by their content, with nothing hidden in them."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from disclosure.errors import DataError, RefusedError
from disclosure.exchange.files import read_regular
from disclosure.texts import text

MAXIMUM_BYTES: Final = 2_000_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PICTURE_PARTS: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
)
_WRITTEN_PART: Final = b"tEXt"
_SVG_ROOT: Final = re.compile(
    r"\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*(<!DOCTYPE svg PUBLIC[^>\[]*>)?\s*<svg[\s>]", re.DOTALL
)
_ACTIVE: Final = re.compile(
    r"<\s*(script|foreignobject|iframe|image|use|animate|set|handler|audio|video)\b|\bon[a-z]+\s*=|javascript:|<!entity"
    r"|\burl\(\s*[\"']?(?!#)|\bhref\s*=\s*[\"'](?!#)",
    re.IGNORECASE,
)


class FileKind(StrEnum):
    """The kinds of files that a reviewer can look at."""

    PNG = "png"
    SVG = "svg"
    CSV = "csv"
    TEXT = "txt"
    MARKDOWN = "md"


WRITTEN: Final = (FileKind.TEXT, FileKind.MARKDOWN)
"""The kinds that can be handed in. The others can be looked at only: what they show nobody can confirm."""


@dataclass(frozen=True)
class ReadFile:
    """A file as it was read once.

    Attributes:
        text: what is written in it, for the scan; of a picture what is written beside it.
    """

    name: str
    kind: FileKind
    data: bytes
    text: str


def read_file(path: Path) -> ReadFile:
    """Return a file, of a kind that its ending says and its content shows.

    Raises:
        DataError: it cannot be read, is too large, or is no regular file.
        RefusedError: it is of another kind, or carries what cannot be seen.
    """
    ending = path.suffix.lower().lstrip(".")
    known = {kind.value: kind for kind in FileKind}
    if ending not in known:
        raise RefusedError(
            text("Files of this kind are not put before a reviewer."),
            hint=text(
                "Known: {names}; save it as one. Of these {written} can be handed in.",
                names=", ".join(known),
                written=", ".join(kind.value for kind in WRITTEN),
            ),
        )
    if not path.exists() and not path.is_symlink():
        raise DataError(text("There is no file '{name}'.", name=path.name), hint=text("Check the folder and the name."))
    data = read_regular(path, limit=MAXIMUM_BYTES)
    if not data:
        raise DataError(text("The file '{name}' is empty.", name=path.name))
    kind = known[ending]
    return ReadFile(path.name, kind, data, _READERS[kind](data))


def _plain(data: bytes) -> str:
    try:
        written = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError(text("The file is not text in UTF-8."), hint=text("Save it as such.")) from None
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in written):
        raise RefusedError(text("The file has control characters, so it is not plain text."))
    return written


def _svg(data: bytes) -> str:
    written = _plain(data)
    if not _SVG_ROOT.match(written) or not written.rstrip().endswith("</svg>"):
        raise RefusedError(text("The file does not hold an SVG picture."), hint=text("Save the figure anew."))
    if _ACTIVE.search(written):
        raise RefusedError(
            text("The SVG picture runs or loads something, or embeds a picture."),
            hint=text("Save it as PNG, or with shapes only."),
        )
    return written


def _png(data: bytes) -> str:
    """Return what is written in the parts of a PNG file that are no picture."""
    if not data.startswith(_PNG):
        raise RefusedError(text("The file does not hold a PNG picture."), hint=text("Save the figure anew."))
    place, written, last = len(_PNG), [], b""
    while place + 12 <= len(data) and last != b"IEND":
        (size,), last = struct.unpack(">I", data[place : place + 4]), data[place + 4 : place + 8]
        if last == _WRITTEN_PART:
            written.append(data[place + 8 : place + 8 + size].decode("latin-1").replace("\0", ": "))
        elif last not in _PICTURE_PARTS:
            raise RefusedError(
                text("The PNG picture carries more than a picture."), hint=text("Save it without metadata.")
            )
        place += size + 12
    if last != b"IEND" or place != len(data):
        raise RefusedError(
            text("The PNG picture is cut off, or something lies behind it."), hint=text("Save the figure anew.")
        )
    return "\n".join(written)


_READERS: Final[Mapping[FileKind, Callable[[bytes], str]]] = MappingProxyType(
    {FileKind.PNG: _png, FileKind.SVG: _svg, FileKind.CSV: _plain, FileKind.TEXT: _plain, FileKind.MARKDOWN: _plain}
)
