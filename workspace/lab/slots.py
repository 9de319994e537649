"""One kernel of a team: its sockets and its box, from the first start to the end of its connection."""

from __future__ import annotations

import contextlib
import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import ExecutionError
from workspace.isolation.box import WORKSPACE, Box
from workspace.isolation.group_watchdog import GroupWatchdog, Watched
from workspace.isolation.kernel_kinds import KINDS, installed_kinds, kernel_command
from workspace.isolation.limits import Limits
from workspace.isolation.process import SealedProcess
from workspace.isolation.provisioner import SOCKETS_SIZE, connected_box
from workspace.isolation.seal import Seal
from workspace.isolation.watchdog import Breach, Budget, budgets_breach
from workspace.untrusted import remove_folder

_LIMITS: Final = {
    Breach.STORAGE: "it holds more than it may",
    Breach.FILES: "it holds more files than it may",
    Breach.DISK: "the disk is nearly full",
    Breach.UNMEASURABLE: "folders are nested too deeply",
}
_MAKE_ROOM: Final = "Delete what you do not need in the list of files, or ask an organiser."


@dataclass(frozen=True)
class KernelPlan:
    """What every kernel of a team is started with."""

    seal: Seal
    box: Box
    limits: Limits
    workspace: Path
    watchdog: GroupWatchdog


class KernelSlot:
    """The place of one kernel. It may end and be started again; `close` ends it for good.

    `start`, `collect` and `close` wait for processes: they are called from a thread, and one at a time.

    Args:
        kernels: the folder in which it makes one for its sockets.
    """

    def __init__(self, plan: KernelPlan, kernels: Path) -> None:
        self._plan = plan
        self.name = secrets.token_hex(4)
        self._folder = kernels / self.name
        self._process: SealedProcess | None = None
        self._watched: Watched | None = None
        self.breach: Breach | None = None

    @property
    def running(self) -> bool:
        """Whether the kernel runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, kernel: str, key: str) -> dict[str, Any]:
        """Start the kernel, and return what the server needs to reach it; `ip` is a name in the folder of kernels.

        Raises:
            ExecutionError: it runs already, there is no kernel of that name, or the workspace is full.
            SealError: the box could not be built.
        """
        plan = self._plan
        here = {one.name for one in installed_kinds()}
        if kernel not in here:
            raise ExecutionError("There is no such kernel here.", hint=f"There is {', '.join(sorted(here))}.")
        if self.running:
            raise ExecutionError("The kernel runs already.", hint="Restart it.")
        self._end()
        workspace = Budget(plan.workspace, plan.limits.storage)
        breach = budgets_breach((workspace,), plan.limits, {})
        if breach is not None:
            raise ExecutionError(
                f"The workspace is over its limits: {_LIMITS.get(breach, breach.value)}.", hint=_MAKE_ROOM
            )
        self._folder.mkdir(mode=0o700)
        box, shared = connected_box(plan.box, self._folder, key=key, kernel=kernel)
        self.breach = None
        self._process = plan.seal.start(box, kernel_command(KINDS[kernel], (WORKSPACE,)), limits=plan.limits)
        budgets = (workspace, Budget(self._folder, SOCKETS_SIZE))
        self._watched = plan.watchdog.add(self._process, plan.limits, budgets)
        return {**shared, "ip": f"{self.name}/k"}

    def signal(self, number: int) -> None:
        """Send a signal to the kernel itself, if it runs."""
        process = self._process
        if process is None:
            return
        if number == signal.SIGKILL:
            process.strike()
        else:
            process.signal(number)

    @property
    def status(self) -> int | None:
        """The exit status of a kernel that has ended and was not collected yet; None while it runs or never ran."""
        return None if self._process is None else self._process.poll()

    def collect(self) -> int | None:
        """Return the exit status of a kernel that has ended, once, and put away what it left; None if there is none."""
        status = self.status
        if status is not None:
            self._end()
        return status

    def close(self) -> None:
        """Kill what runs and remove the sockets."""
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        if self._watched is not None:
            self._plan.watchdog.remove(self._watched)
            self.breach = self._watched.breach
            self._watched = None
        if process is not None:
            process.close()
        # What a kernel leaves may be nested deeper than the standard library can go.
        with contextlib.suppress(OSError):
            remove_folder(self._folder)
