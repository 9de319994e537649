"""The box of the server: started, and started again when the server falls over.

What a person has saved is in the workspace. A server that falls over takes its kernels with it, because each is a
connection of it; the browser finds the next one at the same address, with the same token and cookies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from disclosure.errors import SealError
from workspace.isolation.box import Box
from workspace.isolation.group_watchdog import GroupWatchdog, Watched
from workspace.isolation.process import SealedProcess
from workspace.isolation.watchdog import Budget
from workspace.lab.boxes import SERVER_LIMITS, SOCKET, TeamFolders

LOGGER: Final = logging.getLogger("datakamp.workspace")

MOST_FALLS: Final = 3
"""So often in `FALLS_SECONDS` the server is started again; once more, and the Lab ends."""
FALLS_SECONDS: Final = 600.0

_FALLS_HINT: Final = "If it passed a limit, the log of the Lab says which."
_READY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


@dataclass
class Serving:
    """Keeps a server in a box.

    Attributes:
        box: of the server.
        budgets: what it may fill.
        folders: of the team.
        watchdog: that its box is given to.
        start: starts the box, in the thread that starts all boxes.
    """

    box: Box
    budgets: tuple[Budget, ...]
    folders: TeamFolders
    watchdog: GroupWatchdog
    start: Callable[[Box], Awaitable[SealedProcess]]
    _process: SealedProcess | None = None
    _watched: Watched | None = None
    _falls: list[float] = field(default_factory=list)

    async def begin(self) -> None:
        """Start the server and return when it answers.

        Raises:
            SealError: it does not.
        """
        shutil.rmtree(self.folders.http, ignore_errors=True)  # the socket of a server that fell over
        self.folders.http.mkdir(mode=0o700, exist_ok=True)
        self._process = process = await self.start(self.box)
        self._watched = self.watchdog.add(process, SERVER_LIMITS, self.budgets, together=False)
        deadline = time.monotonic() + _READY_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(self.folders.http / SOCKET)
                writer.close()
                return
            await asyncio.sleep(_POLL_SECONDS)
        told = await asyncio.to_thread(self.end)
        raise SealError("The server did not start.", hint=told)

    async def keep(self, stopping: asyncio.Event) -> None:
        """Keep the server running until `stopping` is set.

        Raises:
            SealError: it fell over again and again.
        """
        while not stopping.is_set():
            if self._process is None or self._process.poll() is not None:
                await self._again()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 2 * _POLL_SECONDS)

    async def _again(self) -> None:
        now = time.monotonic()
        self._falls = [one for one in self._falls if now - one < FALLS_SECONDS]
        await asyncio.to_thread(self.end)
        if len(self._falls) >= MOST_FALLS:
            # Not what it said: of a file that it could not read it quotes the beginning.
            raise SealError("The server ended by itself, again and again.", hint=_FALLS_HINT)
        self._falls.append(now)
        await self.begin()
        LOGGER.warning("The server was started again. Its kernels have ended; what was saved is there.")

    def end(self) -> str:
        """Kill the server, and return the end of what it wrote, which is told of one that never answered only.

        It waits for the process.
        """
        process, self._process = self._process, None
        watched, self._watched = self._watched, None
        if process is None:
            return ""
        process.kill()
        if watched is not None:
            self.watchdog.remove(watched)
            if watched.breach is not None:
                LOGGER.warning("The server was ended. %s", watched.breach.sentence)
            else:
                LOGGER.info("The server has ended.")
        told = b"" if process.errors is None else process.errors.text()
        process.close()
        return f"It said: {told.decode(errors='replace').strip()[-500:] or 'nothing'}"


class Starter:
    """One thread that starts all boxes and outlives them: a box ends with the thread that started it.

    Started in the loop, a box would keep everybody else waiting for a tenth of a second.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="boxes")

    async def run(self, start: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `start` returns, called in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, start, *arguments)

    def end(self) -> None:
        """End the thread, and with it all boxes that are still there."""
        self._thread.shutdown(wait=True, cancel_futures=True)
