"""The server as it is started: it has the extensions that its configuration names, and looks for no others.

Jupyter turns on every extension, of the server and of the page in the browser, that any package of the environment
brings along. Such a package is there for another purpose, and its extension can do all that the server can: replace
what keeps data out of the browser, or read a configuration that a team left in its workspace.
"""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from workspace.lab.boxes import CONFIGURATION


class SealedServer(ServerApp):
    """A server whose extensions are those of `configuration`, JupyterLab among them."""

    @property
    def config_file_paths(self) -> list[str]:
        """The folder in which it finds its configuration; none of the environment, the machine or a user."""
        return [CONFIGURATION]

    def find_server_extensions(self) -> None:
        """Look for none: those that are named in `configuration` are all."""
