"""What the server in its box may ask of the keeper outside: one kernel per connection, in lines of JSON.

A request names a kernel of a fixed table and the key of its messages, nothing else: no command, folder or variable. The
connection is the kernel's life: when it closes, the kernel is killed. What the server refuses a browser it may report,
by one word of a closed list.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json

LONGEST: Final = 4096
"""Bytes of a line, in either direction."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

_KERNEL: Final = re.compile(r"[a-z0-9-]{1,30}")
_KEY: Final = re.compile(r"[A-Za-z0-9-]{16,80}")


@dataclass(frozen=True)
class Start:
    """Start the kernel of this connection, or start it again after it has ended.

    Attributes:
        kernel: a name of the keeper's table.
        key: signs the messages between server and kernel.
    """

    kernel: str
    key: str

    def __post_init__(self) -> None:
        if not _KERNEL.fullmatch(self.kernel) or not _KEY.fullmatch(self.key):
            raise DocumentError("A kernel is asked for by its name and a key of letters, digits and hyphens.")


@dataclass(frozen=True)
class Signal:
    """Send a signal to the kernel of this connection."""

    number: int

    def __post_init__(self) -> None:
        if self.number not in SIGNALS:
            raise DocumentError("A kernel is interrupted, ended or killed, nothing else.")


class Refusal(StrEnum):
    """What the server has refused a browser. Of the request itself nothing comes out: its words may be a record's."""

    ROUTE = "route"
    KERNEL = "kernel"
    LINK = "link"
    DATA = "data"
    UPLOAD = "upload"
    NAME = "name"

    @property
    def sentence(self) -> str:
        """What happened, for the log."""
        return _REFUSALS[self]


_REFUSALS: Final = {
    Refusal.ROUTE: "The browser asked for something that is closed.",
    Refusal.KERNEL: "The browser asked for a kernel that there is not.",
    Refusal.LINK: "The browser asked for a path that leads out of the workspace.",
    Refusal.DATA: "The browser asked for a file that is neither code nor a note.",
    Refusal.UPLOAD: "The browser sent a file that is neither code nor a note.",
    Refusal.NAME: "The browser sent a file with the name of the check.",
}


@dataclass(frozen=True)
class Report:
    """Put into the log that the server refused something."""

    refusal: Refusal


Request = Start | Signal | Report


def written(request: Request) -> bytes:
    """Return the line of a request.

    >>> written(Signal(2))
    b'{"do":"signal","number":2}\\n'
    """
    if isinstance(request, Start):
        return line({"do": "start", "kernel": request.kernel, "key": request.key})
    if isinstance(request, Report):
        return line({"do": "report", "refusal": request.refusal.value})
    return line({"do": "signal", "number": int(request.number)})


def read(data: bytes) -> Request:
    """Return the request in a line.

    Raises:
        DocumentError: it is not one. The line is not quoted: it may hold a key.
    """
    document = parse_json(data, what="A request to the keeper")
    match document:
        case {"do": "start", "kernel": str(kernel), "key": str(key), **rest} if not rest:
            return Start(kernel, key)
        case {"do": "signal", "number": int(number), **rest} if not rest and not isinstance(number, bool):
            return Signal(number)
        case {"do": "report", "refusal": str(refusal), **rest} if not rest and refusal in tuple(Refusal):
            return Report(Refusal(refusal))
    raise DocumentError("The keeper starts a kernel, signals it or notes a refusal, nothing else.")


def line(document: dict[str, Any]) -> bytes:
    """Return a document as a line."""
    return canonical_json(document) + b"\n"
