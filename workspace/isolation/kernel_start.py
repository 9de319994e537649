"""Starts a Python kernel in a box that may open no socket of the network, not even on its own loopback.

It is copied into the box and run there, never imported. ipykernel would have what forked children print sent to itself
over the loopback, and ZeroMQ ends the process when it cannot ask for one. So nobody listens: what a forked child prints
is lost, as it is wherever ipykernel finds no loopback.
"""

from __future__ import annotations

from typing import Any

from ipykernel import iostream, kernelapp


class QuietThread(iostream.IOPubThread):
    """Publishes what the kernel itself prints, and listens to no child."""

    def __init__(self, socket: Any, pipe: bool = False, session: Any = None) -> None:  # noqa: ARG002
        super().__init__(socket, pipe=False, session=session)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    kernelapp.IOPubThread = QuietThread  # type: ignore[attr-defined]
    kernelapp.launch_new_instance()
