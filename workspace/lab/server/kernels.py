"""Kernels as the server sees them: it knows their names, and asks the keeper for everything else.

Nothing here can start a process. Kernelspecs are described, not looked for: one that a team puts into its workspace is
not found, and a request that names another kernel is answered with 404.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from datetime import UTC, datetime
from typing import Any, Final

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from tornado.web import HTTPError
from traitlets import default

from workspace.isolation.kernel_kinds import installed_kinds
from workspace.isolation.limits import MIB
from workspace.lab.boxes import ASK, KERNELS, SOCKET
from workspace.lab.requests import LONGEST, SIGNALS, Refusal, Signal, Start, written
from workspace.lab.server.reports import report

_NOWHERE: Final = "/run/lab/no-resources"
_POLL_SECONDS: Final = 0.02
_ANSWER_SECONDS: Final = 30.0
_NO_ANSWER: Final[dict[str, Any]] = {
    "event": "refused",
    "reason": "The keeper does not answer.",
    "hint": "Start Lab again.",
}
_LARGEST_MESSAGE: Final = 64 * MIB


class SealedKernelSpecs(KernelSpecManager):
    """Describes the kernels that there are, and finds no others."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the names; there is no folder of any."""
        return {kind.name: _NOWHERE for kind in installed_kinds()}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the description of a kernel.

        Raises:
            HTTPError: 404, there is none of that name, wherever one may lie about.
        """
        here = {one.name: one for one in installed_kinds()}
        if kernel_name not in here:
            report(Refusal.KERNEL)
            raise HTTPError(404, f"There is no such kernel here. There is {', '.join(here)}.")
        kind = here[kernel_name]
        return KernelSpec(
            argv=["sealed"],
            name=kernel_name,
            display_name=f"{kind.title} (sealed)",
            language=kind.language,
            interrupt_mode=kind.interrupt.value,
            resource_dir=_NOWHERE,
        )

    def get_all_specs(self) -> dict[str, Any]:
        """Return all descriptions."""
        return {
            name: {"resource_dir": _NOWHERE, "spec": self.get_kernel_spec(name).to_dict()}
            for name in self.find_kernel_specs()
        }

    def install_kernel_spec(self, *_: Any, **__: Any) -> str:
        """Install nothing."""
        raise HTTPError(403, "Kernels are not installed here.")

    def remove_kernel_spec(self, name: str) -> str:  # noqa: ARG002 - named by the base class
        """Remove nothing."""
        raise HTTPError(403, "Kernels are not removed here.")


class AskingProvisioner(KernelProvisionerBase):
    """Has the keeper start, signal and end one kernel, over a connection of its own."""

    parent: AskedKernelManager

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._connection: socket.socket | None = None
        self._received = b""
        self._answer: dict[str, Any] | None = None
        self._running = False
        self._status: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel runs."""
        return self._running

    async def pre_launch(self, **_: Any) -> dict[str, Any]:
        """Leave out whatever command, folder or environment is asked for."""
        return {"cmd": ["sealed"]}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> Any:  # noqa: ARG002 - named by the base class
        """Ask the keeper for a kernel, and return how it is reached."""
        if self._connection is None:
            self._connection = socket.socket(socket.AF_UNIX)
            self._connection.connect(f"{ASK}/{SOCKET}")
        self._answer = None
        self._status = None
        session = self.parent.session
        self._send(written(Start(self.parent.kernel_name, session.key.decode())))
        for _attempt in range(int(_ANSWER_SECONDS / _POLL_SECONDS)):
            answer = self._heard()
            if answer is not None:
                break
            await asyncio.sleep(_POLL_SECONDS)
        else:
            answer = _NO_ANSWER
        if answer["event"] != "started":
            raise HTTPError(503, f"{answer['reason']} {answer['hint']}".strip())
        self._running = True
        connection: dict[str, Any] = dict(answer["connection"])
        connection |= {"ip": f"{KERNELS}/{connection['ip']}", "key": session.key}
        self.parent.transport, self.parent.ip = "ipc", connection["ip"]
        self.connection_info = connection  # type: ignore[assignment]
        return connection

    async def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        self._listen()
        return None if self._running else (self._status or 0)

    async def wait(self) -> int | None:
        """Return the exit status when the kernel has ended."""
        while await self.poll() is None:
            await asyncio.sleep(_POLL_SECONDS)
        return self._status

    async def send_signal(self, signum: int) -> None:
        """Ask the keeper to signal the kernel."""
        if self._running and signum in SIGNALS:
            self._send(written(Signal(int(signum))))

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - named by the base class
        """Ask the keeper to kill the kernel."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """Ask the keeper to end the kernel."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Close the connection, which ends whatever still runs, unless the kernel is about to start again."""
        if not restart:
            self._close()

    def _heard(self) -> dict[str, Any] | None:
        self._listen()
        return _NO_ANSWER if self._answer is None and self._connection is None else self._answer

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._running = False

    def _send(self, line: bytes) -> None:
        try:
            if self._connection is not None:
                self._connection.sendall(line)
        except OSError:
            self._close()

    def _listen(self) -> None:
        while self._connection is not None:
            try:
                data = self._connection.recv(LONGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self._close()
                break
            self._received += data
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if answer["event"] == "ended":
                self._running, self._status = False, int(answer["status"])
                if answer["reason"]:
                    self.log.warning("The kernel was ended. %s", answer["reason"])
            else:
                self._answer = answer


class AskedKernelManager(ServerKernelManager):
    """Manages a kernel that the keeper runs; it makes its provisioner itself, so no other can take its place."""

    @default("context")
    def _bounded_context(self) -> zmq.Context[Any]:
        self._created_context = True
        context = zmq.asyncio.Context()
        # A kernel that sends more than that is cut off: it would fill the server's memory.
        context.setsockopt(zmq.MAXMSGSIZE, _LARGEST_MESSAGE)
        return context

    # The library sets both once a kernel runs, lists it before that, and answers 500 for want of the first.
    @default("last_activity")
    def _begun(self) -> datetime:
        return datetime.now(UTC)

    @default("execution_state")
    def _starting(self) -> str:
        return "starting"

    def write_connection_file(self, **_: Any) -> None:
        """Write nothing: the key stays in memory."""

    async def _async_pre_start_kernel(self, **keywords: Any) -> tuple[list[str], dict[str, Any]]:
        self.shutting_down = False
        self.kernel_id = self.kernel_id or str(keywords.pop("kernel_id", "sealed"))
        self._launch_args = dict(keywords)
        if self.provisioner is None:
            self.provisioner = AskingProvisioner(parent=self, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec)
        prepared = await self.provisioner.pre_launch()
        return prepared.pop("cmd"), prepared

    pre_start_kernel = _async_pre_start_kernel  # type: ignore[assignment]
