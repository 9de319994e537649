"""The keeper of a team's workspace: outside every box, it starts the server and, when the server asks, kernels.

One process per team, run by the user to whom the workspace belongs. It holds the token, the table of kernels and all
paths; what comes out of the server's box can name a kernel and nothing else. When the keeper ends, however it ends,
Linux ends all boxes; what it leaves in the temporary folder goes at the next start, and holds no key.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError, SealError
from workspace.isolation.folders import RunDirectory
from workspace.isolation.limits import Limits
from workspace.isolation.process import SealedProcess
from workspace.isolation.seal import Seal, require_seal
from workspace.isolation.watchdog import Watchdog
from workspace.lab import requests
from workspace.lab.boxes import (
    SERVER_LIMITS,
    SOCKET,
    TeamFolders,
    kernel_box,
    server_box,
    server_budgets,
    server_command,
)
from workspace.lab.slots import KernelPlan, KernelSlot
from workspace.lab.splice import to_socket

LOGGER: Final = logging.getLogger("datakamp.workspace")
HOST: Final = "127.0.0.1"

_POLL_SECONDS: Final = 0.1
_READY_SECONDS: Final = 60.0
_CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True)
class LabPlan:
    """What a team's Lab is made of.

    Attributes:
        team: its name.
        workspace: its folder.
        data: the folders of its data sets, by name.
        context: what its kernels may know about the camp.
        limits: of each kernel; without a time, which a person decides.
        most_kernels: how many run at once.
        idle_seconds: a kernel that nobody has used for so long is ended.
        port: on the loopback; 0 for one that is free.
    """

    team: str
    workspace: Path
    data: dict[str, Path]
    context: dict[str, object]
    limits: Limits
    most_kernels: int = 8
    idle_seconds: int = 3600
    port: int = 0


class Keeper:
    """Keeps one team's Lab.

    Args:
        plan: what it is made of.
        seal: a verified one.
    """

    def __init__(self, plan: LabPlan, *, seal: Seal) -> None:
        self._plan, self._seal = plan, require_seal(seal)
        self._token = secrets.token_urlsafe(32)
        self._slots: dict[str, KernelSlot] = {}
        self._directory: RunDirectory | None = None
        self._stopping: asyncio.Event | None = None

    def run(self, ready: Callable[[str], None]) -> None:
        """Keep the Lab until a signal to end comes. Call it from the main thread.

        Args:
            ready: is told the address, with its token, once the server answers.

        Raises:
            SealError: a box could not be built, or the server ended by itself.
            BadInputError: the port is taken.
        """
        asyncio.run(self._run(ready))

    async def _run(self, ready: Callable[[str], None]) -> None:
        os.umask(0o077)
        self._stopping = stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        directory = self._directory = RunDirectory()
        folders = self._folders(directory)
        server: SealedProcess | None = None
        watchdog: Watchdog | None = None
        try:
            plan = KernelPlan(
                self._seal,
                kernel_box(folders, seal=self._seal, limits=self._plan.limits, context=self._plan.context),
                self._plan.limits,
                self._plan.workspace,
            )
            asking = await asyncio.start_unix_server(
                lambda reader, writer: self._serve(plan, folders, reader, writer),
                folders.ask / SOCKET,
                limit=requests.LONGEST,
            )
            browsing = await self._listening(folders)
            port = browsing.sockets[0].getsockname()[1]
            settings: dict[str, object] = {"team": self._plan.team, "idle_seconds": self._plan.idle_seconds}
            box = server_box(folders, seal=self._seal, token=self._token, settings=settings)
            server = self._seal.start(box, server_command(), limits=SERVER_LIMITS, capture=1 << 16)
            watchdog = Watchdog(server, SERVER_LIMITS, server_budgets(folders, self._plan.limits))
            await self._answering(folders, server)
            ready(f"http://{HOST}:{port}/lab?token={self._token}")
            await self._ended(server, stopping)
            browsing.close()
            asking.close()
        finally:
            for slot in tuple(self._slots.values()):
                slot.close()
            if server is not None:
                server.kill()
            if watchdog is not None:
                watchdog.stop()
            if server is not None:
                server.close()
            directory.close()

    def _folders(self, directory: RunDirectory) -> TeamFolders:
        made = {name: directory.path / name[0] for name in ("http", "ask", "kernels")}
        for folder in made.values():
            folder.mkdir(mode=0o700)
        return TeamFolders(workspace=self._plan.workspace, data=self._plan.data, **made)

    async def _listening(self, folders: TeamFolders) -> asyncio.Server:
        try:
            return await asyncio.start_server(to_socket(folders.http / SOCKET), HOST, self._plan.port)
        except OSError:
            raise BadInputError(
                f"Port {self._plan.port} is taken.", hint="Give another with --port, or none for one that is free."
            ) from None

    async def _answering(self, folders: TeamFolders, server: SealedProcess) -> None:
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        while server.poll() is None and asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(folders.http / SOCKET)
                writer.close()
                return
            await asyncio.sleep(_POLL_SECONDS / 2)
        server.kill()
        raise SealError("The server did not start.", hint=_told(server))

    async def _ended(self, server: SealedProcess, stopping: asyncio.Event) -> None:
        """Return when the keeper is to stop, or raise if the server has ended by itself."""
        while not stopping.is_set():
            if server.poll() is not None:
                raise SealError("The server ended by itself.", hint=_told(server))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _POLL_SECONDS)

    async def _serve(
        self, plan: KernelPlan, folders: TeamFolders, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection of the server: the life of one kernel."""
        if not _same_user(writer):
            writer.close()
            return
        slot = KernelSlot(plan, folders.kernels)
        self._slots[slot.name] = slot
        watching = asyncio.ensure_future(_watched(slot, writer))
        try:
            while data := await reader.readline():
                answer = self._answer(slot, data)
                if answer is not None:
                    writer.write(requests.line(answer))
                    await writer.drain()
        except (OSError, ValueError):  # gone, or a line longer than any request
            pass
        finally:
            watching.cancel()
            self._slots.pop(slot.name, None)
            slot.close()
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    def _answer(self, slot: KernelSlot, data: bytes) -> dict[str, Any] | None:
        try:
            request = requests.read(data)
            if isinstance(request, requests.Signal):
                slot.signal(request.number)
                return None
            if sum(one.running for one in self._slots.values()) >= self._plan.most_kernels:
                hint = f"{self._plan.most_kernels} run at most. Shut one down under 'Running'."
                return {"event": "refused", "reason": "Too many kernels run.", "hint": hint}
            started = slot.start(request.kernel, request.key)
        except DatakampError as error:
            LOGGER.warning("A request of the server was refused: %s", error.message)
            return {"event": "refused", "reason": error.message, "hint": error.hint or ""}
        return {"event": "started", "connection": started}


async def _watched(slot: KernelSlot, writer: asyncio.StreamWriter) -> None:
    """Tell the server when its kernel has ended."""
    while True:
        status = slot.ended()
        if status is not None:
            reason = "" if slot.breach is None else slot.breach.sentence
            if reason:
                LOGGER.warning("A kernel was ended. %s", reason)
            with contextlib.suppress(OSError):
                writer.write(requests.line({"event": "ended", "status": status, "reason": reason}))
        await asyncio.sleep(_POLL_SECONDS)


def _same_user(writer: asyncio.StreamWriter) -> bool:
    found: socket.socket = writer.get_extra_info("socket")
    _, user, _ = _CREDENTIALS.unpack(found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return bool(user == os.getuid())


def _told(server: SealedProcess) -> str:
    """Return the end of what the server wrote while it started; it has seen no record."""
    told = b"" if server.errors is None else server.errors.text()
    return f"It said: {told.decode(errors='replace').strip()[-500:] or 'nothing'}"
