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
from functools import partial
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.incidents import is_frozen
from workspace.isolation.folders import RunDirectory
from workspace.isolation.group_watchdog import GroupWatchdog
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal, require_namespaces
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
from workspace.lab.journal import kept_log
from workspace.lab.serving import Serving, Starter
from workspace.lab.slots import KernelPlan, KernelSlot
from workspace.lab.splice import to_socket

LOGGER: Final = logging.getLogger("datakamp.workspace")
HOST: Final = "127.0.0.1"

_POLL_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.5
_CREDENTIALS: Final = struct.Struct("3i")
_TOLD: Final = 1 << 16
_MORE: Final = 64
"""Connections of the server beside those of its kernels: they tell of a refusal and end. Each takes descriptors."""


@dataclass(frozen=True)
class LabPlan:
    """What a team's Lab is made of.

    Attributes:
        team: its name.
        workspace: its folder.
        data: the folders of its data sets, by name.
        context: what its kernels may know about the camp.
        limits: of each kernel; without a time, which a person decides. `memory` is what all of them may use together.
        most_kernels: how many run at once.
        idle_seconds: a kernel that nobody has used for so long is ended.
        port: on the loopback; 0 for one that is free.
        log: a file for what was started, ended and refused; None for none.
        inbox: the folder with what the team was told of its requests, which kernels see read-only; None for none.
        camp: the folder of the camp that may be stopped meanwhile; None if there is none.
        base: the path below which the server answers, with a slash at both ends.
    """

    team: str
    workspace: Path
    data: dict[str, Path]
    context: dict[str, object]
    limits: Limits
    most_kernels: int = 8
    idle_seconds: int = 3600
    port: int = 0
    log: Path | None = None
    base: str = "/"
    inbox: Path | None = None
    camp: Path | None = None


class Keeper:
    """Keeps one team's Lab.

    Args:
        plan: what it is made of.
        seal: a verified one, of a mode whose boxes have a network of their own: the server of Lab has to reach sockets.
    """

    def __init__(self, plan: LabPlan, *, seal: Seal) -> None:
        self._plan, self._seal = plan, require_namespaces(seal, "JupyterLab")
        self._token = secrets.token_urlsafe(32)
        self._slots: dict[str, KernelSlot] = {}
        self._starting = 0

    def run(self, ready: Callable[[str], None]) -> None:
        """Keep the Lab until a signal to end comes. Call it from the main thread.

        Args:
            ready: is told the address, with its token, once the server answers.

        Raises:
            SealError: a box could not be built, or the server fell over again and again.
            BadInputError: the port is taken, or the log cannot be written.
        """
        os.umask(0o077)
        with kept_log(LOGGER, self._plan.log):
            LOGGER.info("The Lab of %s begins, seal %s.", self._plan.team, self._seal.mode.value)
            try:
                asyncio.run(self._run(ready))
            finally:
                LOGGER.info("The Lab of %s has ended.", self._plan.team)

    async def _run(self, ready: Callable[[str], None]) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        limits = self._plan.limits
        with contextlib.ExitStack() as held:
            directory = RunDirectory()
            held.callback(directory.close)
            starter = Starter()
            held.callback(starter.end)
            watchdog = GroupWatchdog(memory=limits.memory, interval=limits.interval)
            held.callback(watchdog.stop)
            folders = self._folders(directory)
            held.callback(self._close_slots)
            plan = KernelPlan(
                self._seal,
                kernel_box(folders, seal=self._seal, limits=limits, context=self._plan.context),
                limits,
                self._plan.workspace,
                watchdog,
            )
            asking = await asyncio.start_unix_server(
                partial(self._serve, plan, starter, folders.kernels), folders.ask / SOCKET, limit=requests.LONGEST
            )
            browsing = await self._listening(folders)
            held.callback(asking.close)
            held.callback(browsing.close)
            port = browsing.sockets[0].getsockname()[1]
            serving = Serving(
                server_box(folders, seal=self._seal, token=self._token, settings=self._settings()),
                server_budgets(folders, limits),
                folders,
                watchdog,
                start=lambda box: starter.run(
                    partial(self._seal.start, box, server_command(), limits=SERVER_LIMITS, capture=_TOLD)
                ),
            )
            held.callback(serving.end)
            await serving.begin()
            ready(f"http://{HOST}:{port}{self._plan.base}lab?token={self._token}")
            looking = asyncio.create_task(self._looking(stopping))
            try:
                await serving.keep(stopping)
            finally:
                looking.cancel()

    async def _looking(self, stopping: asyncio.Event) -> None:
        """End the Lab, and with it every kernel, as soon as the camp is stopped."""
        while self._plan.camp is None or not await asyncio.to_thread(is_frozen, self._plan.camp):
            await asyncio.sleep(_LOOK_SECONDS)
        LOGGER.warning("The camp was stopped, and the Lab with it.")
        stopping.set()

    def _settings(self) -> dict[str, object]:
        return {
            "team": self._plan.team,
            "base": self._plan.base,
            "idle_seconds": self._plan.idle_seconds,
            # The next server, after one fell over, knows the browsers of the first.
            "cookie_secret": secrets.token_hex(32),
        }

    def _close_slots(self) -> None:
        for slot in tuple(self._slots.values()):
            slot.close()

    def _folders(self, directory: RunDirectory) -> TeamFolders:
        made = {name: directory.path / name[0] for name in ("http", "ask", "kernels")}
        for folder in made.values():
            folder.mkdir(mode=0o700)
        return TeamFolders(workspace=self._plan.workspace, data=self._plan.data, inbox=self._plan.inbox, **made)

    async def _listening(self, folders: TeamFolders) -> asyncio.Server:
        try:
            return await asyncio.start_server(to_socket(folders.http / SOCKET), HOST, self._plan.port)
        except OSError:
            raise BadInputError(
                f"Port {self._plan.port} is taken.", hint="Give another with --port, or none for one that is free."
            ) from None

    async def _serve(
        self,
        plan: KernelPlan,
        starter: Starter,
        kernels: Path,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Serve one connection of the server: the life of one kernel."""
        if not _same_user(writer):
            writer.close()
            return
        if len(self._slots) >= self._plan.most_kernels + _MORE:
            LOGGER.warning("The server asked for too much at once.")
            writer.close()
            return
        slot, busy = KernelSlot(plan, kernels), asyncio.Lock()
        self._slots[slot.name] = slot
        watching = asyncio.ensure_future(_watched(slot, busy, writer))
        try:
            while data := await reader.readline():
                answer = await self._answer(slot, busy, starter, data)
                if answer is not None:
                    writer.write(requests.line(answer))
                    await writer.drain()
        except (OSError, ValueError, asyncio.CancelledError):  # gone, a line longer than any request, or the Lab ends
            pass
        finally:
            watching.cancel()
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()
            async with busy:
                await asyncio.to_thread(slot.close)
            self._slots.pop(slot.name, None)

    async def _answer(
        self, slot: KernelSlot, busy: asyncio.Lock, starter: Starter, data: bytes
    ) -> dict[str, Any] | None:
        try:
            request = requests.read(data)
            if isinstance(request, requests.Signal):
                slot.signal(request.number)
                return None
            if isinstance(request, requests.Report):
                LOGGER.warning("%s", request.refusal.sentence)
                return None
            if self._starting + sum(one.running for one in self._slots.values()) >= self._plan.most_kernels:
                LOGGER.warning("A kernel was refused: too many run.")
                hint = f"{self._plan.most_kernels} run at most. Shut one down under 'Running'."
                return {"event": "refused", "reason": "Too many kernels run.", "hint": hint}
            self._starting += 1
            try:
                async with busy:
                    started = await starter.run(slot.start, request.kernel, request.key)
            finally:
                self._starting -= 1
        except DatakampError as error:
            LOGGER.warning("A request of the server was refused: %s", error.message)
            return {"event": "refused", "reason": error.message, "hint": error.hint or ""}
        return {"event": "started", "connection": started}


async def _watched(slot: KernelSlot, busy: asyncio.Lock, writer: asyncio.StreamWriter) -> None:
    """Tell the server when its kernel has ended."""
    while True:
        if slot.status is not None:
            async with busy:
                status = await asyncio.to_thread(slot.collect)
            if status is not None:
                reason = "" if slot.breach is None else slot.breach.sentence
                LOGGER.log(logging.WARNING if reason else logging.INFO, "A kernel has ended. %s", reason)
                with contextlib.suppress(OSError):
                    writer.write(requests.line({"event": "ended", "status": status, "reason": reason}))
        await asyncio.sleep(_POLL_SECONDS)


def _same_user(writer: asyncio.StreamWriter) -> bool:
    found: socket.socket = writer.get_extra_info("socket")
    _, user, _ = _CREDENTIALS.unpack(found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return bool(user == os.getuid())
