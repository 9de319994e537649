"""What the server and the kernels of a team see: neither has what the other needs to do harm.

The server has the workspace, so that notebooks can be opened and saved, and no data set; it speaks over sockets in
folders and may not start a program. A kernel has the data sets and no way to the server but the sockets of its own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import workspace as package
from disclosure.exchange.canonical import canonical_json
from workspace.isolation.box import CAMP, PACKAGE, WORKSPACE, Box, Mount, python_box
from workspace.isolation.code_box import code_box
from workspace.isolation.limits import GIB, MIB, Limits
from workspace.isolation.seal import Seal
from workspace.isolation.seccomp import KERNEL_FAMILIES, WORKER_FAMILIES
from workspace.isolation.watchdog import Budget

HTTP: Final = "/run/http"
"""Folder of the server's box in which it listens: `SOCKET` in it."""
ASK: Final = "/run/ask"
"""Folder of the server's box in which the keeper listens."""
KERNELS: Final = "/run/kernels"
"""Folder of the server's box with a folder of sockets for each kernel."""
SOCKET: Final = "s"
CONFIGURATION: Final = f"{PACKAGE}/workspace/lab/configuration"
TOKEN: Final = "/run/lab/token"  # noqa: S105 - a path
SETTINGS: Final = "/run/lab/settings.json"

INBOX: Final = f"{CAMP}/inbox"
"""Folder of a kernel's box with what the team was told, read-only; `disclosure.notebook.panel_requests` reads it."""

_HTTP_SIZE: Final = MIB
_BEYOND: Final = 4 * GIB
"""More than a kernel can write before it is killed for a full workspace."""

SERVER_LIMITS: Final = Limits(
    seconds=None, memory=GIB, tasks=256, file_size=256 * MIB, files=1_000_000, temporary=128 * MIB, interval=1.0
)


@dataclass(frozen=True)
class TeamFolders:
    """The folders of the host that a team's boxes are made of.

    Attributes:
        workspace: of the team.
        data: the data sets that it is authorised for, by name.
        http, ask, kernels: folders of the run directory, see `HTTP`, `ASK` and `KERNELS`.
        inbox: what the team was told of its requests; None for none.
    """

    workspace: Path
    data: dict[str, Path]
    http: Path
    ask: Path
    kernels: Path
    inbox: Path | None = None


def server_box(folders: TeamFolders, *, seal: Seal, token: str, settings: dict[str, object]) -> Box:
    """Return the box of the Jupyter server."""
    box = python_box(
        [
            Mount(Path(package.__file__).resolve().parent, f"{PACKAGE}/workspace"),
            Mount(folders.workspace, WORKSPACE, writable=True),
            Mount(folders.http, HTTP, writable=True),
            Mount(folders.ask, ASK),
            Mount(folders.kernels, KERNELS),
        ],
        files=((TOKEN, token.encode()), (SETTINGS, canonical_json(settings))),
        families=WORKER_FAMILIES,
        temporary=SERVER_LIMITS.temporary,
        mode=seal.mode.value,
    )
    named = {"JUPYTER_CONFIG_DIR": CONFIGURATION, "JUPYTER_CONFIG_PATH": CONFIGURATION}
    kept = tuple((name, value) for name, value in box.environment if name not in named)
    return replace(box, environment=(*kept, *named.items()))


def server_command() -> tuple[str, ...]:
    """Return what runs in the server's box."""
    return (sys.executable, "-m", "workspace.lab.server")


def server_budgets(folders: TeamFolders, limits: Limits) -> tuple[Budget, ...]:
    """Return the folders that the server can write to, and what they may hold.

    Of the workspace more than a kernel: when kernels have filled it, people still save and delete in the browser.
    """
    return (Budget(folders.workspace, limits.storage + _BEYOND, own=False), Budget(folders.http, _HTTP_SIZE))


def kernel_box(folders: TeamFolders, *, seal: Seal, limits: Limits, context: dict[str, object]) -> Box:
    """Return the box of a kernel, without its sockets."""
    told = () if folders.inbox is None else (Mount(folders.inbox, INBOX),)
    return code_box(
        seal, folders.data, folders.workspace, context, limits=limits, families=KERNEL_FAMILIES, mounts=told
    )
