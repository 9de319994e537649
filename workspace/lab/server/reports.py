"""What the server refuses goes into the log of the keeper, as one word of a closed list."""

from __future__ import annotations

import contextlib
import socket

from workspace.lab.boxes import ASK, SOCKET
from workspace.lab.requests import Refusal, Report, written


def report(refusal: Refusal) -> None:
    """Tell the keeper of a refusal. It is refused all the same when nobody listens or the keeper is busy."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        connection.connect(f"{ASK}/{SOCKET}")
        connection.send(written(Report(refusal)))
