"""What runs inside the server's box: a Jupyter server that can open and save code, and ask for sealed kernels.

It is not trusted: that no network, data set or program is within reach is the work of its box. Its own rules keep
honest people from mistakes, and data out of the browser's downloads.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "workspace.lab.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    from workspace.lab.server.allowed import close_routes
    from workspace.lab.server.programs import refuse_programs

    close_routes(server.web_app)
    refuse_programs()
