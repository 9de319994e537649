"""Jupyter kernels in boxes: one kernel, one box, one run directory.

The manager makes its provisioner itself and describes the kernel itself. It never looks for a kernelspec, because
kernelspecs are looked for in folders that a team can write to, and one found there would start unsealed. The
provisioner does not derive from the one that starts local processes, so there is no inherited way to start one.

The key of the kernel reaches the box as a file that exists only there. Interrupts are messages: no signal is sent to a
process number that may have been used again.
"""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import default

from disclosure.errors import SealError
from workspace.isolation.box import Box, Mount
from workspace.isolation.folders import RunDirectory
from workspace.isolation.kernel_kinds import CONNECTION_FILE, PYTHON, START_FILE, KernelKind, kernel_command
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.process import SealedProcess
from workspace.isolation.seal import Seal, require_seal
from workspace.isolation.watchdog import Breach, Budget, Watchdog

_SOCKETS: Final = "/run/kernel/sockets"
SOCKETS_SIZE: Final = MIB
_STARTER: Final = Path(__file__).with_name("kernel_start.py")
_PORTS: Final = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}
_POLL_SECONDS: Final = 0.02
_POLITE_SECONDS: Final = 3.0
_SIGNATURES: Final = "hmac-sha256"


def connected_box(
    box: Box, sockets: Path, *, key: str, kernel: str, mode: SealMode = SealMode.BUBBLEWRAP
) -> tuple[Box, dict[str, Any]]:
    """Return the box of a kernel with its sockets and key, and what its client has to know but the place and the key.

    Args:
        sockets: the folder of the host in which the kernel makes its sockets.
        kernel: its name.
    """
    shared = {"transport": "ipc", "signature_scheme": _SIGNATURES, **_PORTS}
    # A box without a root of its own makes its sockets where the host does: their names must stay short.
    place = _SOCKETS if mode.has_namespaces else str(sockets)
    inside = {**shared, "ip": f"{place}/k", "key": key, "kernel_name": kernel}
    connected = replace(
        box,
        mounts=(*box.mounts, Mount(sockets, _SOCKETS, writable=True)),
        files=box.files if mode.has_namespaces else (*box.files, (START_FILE, _STARTER.read_bytes())),
        keys=(*box.keys, (CONNECTION_FILE, json.dumps(inside).encode())),
    )
    return connected, shared


class SealedProvisioner(KernelProvisionerBase):
    """Starts, signals and ends one sealed kernel.

    Attributes:
        breach: the limit for which the watchdog killed the kernel, if it did.
    """

    parent: SealedKernelManager

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._directory: RunDirectory | None = None
        self._process: SealedProcess | None = None
        self._watchdog: Watchdog | None = None
        self.breach: Breach | None = None

    @property
    def has_process(self) -> bool:
        """Whether a box is running or has not yet been waited for."""
        return self._process is not None

    async def pre_launch(self, **_: Any) -> dict[str, Any]:
        """Make the run directory; whatever command, folder or environment a caller asks for is left out."""
        if self._directory is None:
            self._directory = RunDirectory()
        self._directory.clear()
        return {"cmd": list(_command(self.parent))}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> Any:
        """Start the box and return the connection information of the launcher's side.

        bwrap is forked by the thread that runs this and dies with it: see `process`.
        """
        if self._directory is None:
            raise SealError("The kernel has no run directory.", hint="Start it through its manager.")
        manager = self.parent
        key = manager.session.key
        box, shared = connected_box(
            manager.box, self._directory.sockets, key=key.decode(), kernel=manager.kind.name, mode=manager.seal.mode
        )
        self.breach = None
        self._process = manager.seal.start(box, cmd, limits=manager.limits)
        budgets = (*manager.budgets, Budget(self._directory.sockets, SOCKETS_SIZE))
        self._watchdog = Watchdog(self._process, manager.limits, budgets)
        self.connection_info = {**shared, "ip": self._directory.address(), "key": key}  # type: ignore[typeddict-item]
        return self.connection_info

    async def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        return 0 if self._process is None else self._process.poll()

    async def wait(self) -> int | None:
        """Wait until nothing of the kernel is left, and return the exit status."""
        while self._process is not None and self._process.poll() is None:
            await asyncio.sleep(_POLL_SECONDS)
        return self._finish()

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel itself, never to bwrap."""
        if self._process is not None and signum != 0:
            self._process.signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - named by the base class
        """Kill everything in the box and return when it is gone."""
        if self._process is not None:
            self._process.kill()

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """End what is left and remove the run directory, unless the kernel is about to start again."""
        self._finish()
        if not restart and self._directory is not None:
            self._directory.close()
            self._directory = None

    def stop(self, breach: Breach) -> None:
        """Kill the kernel for a limit that the watchdog does not see."""
        if self._process is not None and self._process.poll() is None:
            self.breach = breach
            self._process.strike()

    def _finish(self) -> int | None:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.kill()
        if self._watchdog is not None:
            self._watchdog.stop()
            self.breach = self._watchdog.breach or self.breach
            self._watchdog = None
        process.close()
        return process.poll()


def _command(manager: SealedKernelManager) -> tuple[str, ...]:
    return kernel_command(manager.kind, manager.modules, mode=manager.seal.mode.value)


class NoKernelSpecs(KernelSpecManager):
    """Finds no kernel anywhere: kernels are described by their manager."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Refuse every name."""
        raise NoSuchKernel(kernel_name)


class BoundedClient(AsyncKernelClient):
    """A client that takes no message larger than all that may be printed: it would fill the launcher's memory.

    ZeroMQ cuts the connection to whoever sends one; `client` watches for that.
    """

    parent: SealedKernelManager

    @default("context")
    def _bounded_context(self) -> zmq.asyncio.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, self.parent.limits.output + MIB)
        return context


class SealedKernelManager(AsyncKernelManager):
    """Manages one kernel in one box.

    Args:
        seal: the verified seal.
        box: what the kernel sees; its sockets and connection file are added.
        limits: what it may use.
        budgets: the writable folders of `box` and what they may hold.
        kind: of kernel.
        modules: see `kernel_command`.
    """

    def __init__(
        self,
        *,
        seal: Seal,
        box: Box,
        limits: Limits,
        budgets: tuple[Budget, ...],
        kind: KernelKind = PYTHON,
        modules: tuple[str, ...] = (),
        **keywords: Any,
    ) -> None:
        self.seal = require_seal(seal)
        self.box = box
        self.limits = limits
        self.budgets = budgets
        self.kind = kind
        self.modules = modules
        self._description = KernelSpec(
            argv=list(_command(self)),
            name=kind.name,
            display_name=f"{kind.title} (sealed)",
            language=kind.language,
            interrupt_mode=kind.interrupt.value,
        )
        super().__init__(
            kernel_name=kind.name,
            kernel_spec_manager=NoKernelSpecs(),
            transport="ipc",
            client_factory=BoundedClient,
            shutdown_wait_time=_POLITE_SECONDS,
            **keywords,
        )

    @property
    def kernel_spec(self) -> KernelSpec:
        """The description of the sealed kernel; nothing is looked up."""
        return self._description

    @property
    def breach(self) -> Breach | None:
        """The limit for which the kernel was killed, if it was."""
        return self.provisioner.breach if isinstance(self.provisioner, SealedProvisioner) else None

    def stop(self, breach: Breach) -> None:
        """Kill the kernel for a limit that only its client can see."""
        if isinstance(self.provisioner, SealedProvisioner):
            self.provisioner.stop(breach)

    def write_connection_file(self, **_: Any) -> None:
        """Write nothing: the key stays in memory."""

    async def end(self, *, polite: bool) -> None:
        """End the kernel and everything around it; nothing is left when this returns, and it can be called again.

        Args:
            polite: let the kernel close its files first; it gets a few seconds for that.
        """
        try:
            if polite and await self.is_alive():
                await self.shutdown_kernel()
        finally:
            if isinstance(self.provisioner, SealedProvisioner):
                await self.provisioner.cleanup()
            await self.cleanup_resources()

    async def _async_pre_start_kernel(
        self, *, transport_encryption: str | None = None, **keywords: Any
    ) -> tuple[list[str], dict[str, Any]]:
        del transport_encryption  # sockets in a private folder; the base class would encrypt by asking a kernelspec
        self.shutting_down = False
        self.kernel_id = self.kernel_id or str(keywords.pop("kernel_id", None) or "sealed")
        self._launch_args = dict(keywords)
        if self.provisioner is None:
            self.provisioner = SealedProvisioner(parent=self, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec)
        prepared = await self.provisioner.pre_launch()
        return prepared.pop("cmd"), prepared

    pre_start_kernel = _async_pre_start_kernel
