"""The command in the server's box; see `configuration` for what it is started with."""

from __future__ import annotations

from workspace.lab.server.application import SealedServer

if __name__ == "__main__":
    SealedServer.launch_instance(argv=[])
