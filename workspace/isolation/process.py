"""Starting, measuring and killing the processes of one box.

``launcher -> bwrap -> first process of the box -> the command``. The first process is held back until its resource
limits are set, and it is the one that is killed: when the first process of a process namespace dies, Linux kills all
others of it before it lets go, so that nothing can stay behind, whatever it forked. Signals meant for the code go to
the command; sent to bwrap they would end the box.

bwrap dies with the *thread* that started it: start a box from the main thread, or from one that outlives the run.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from disclosure.errors import SealError
from workspace.isolation import seccomp
from workspace.isolation.box import Box, system_files
from workspace.isolation.limits import Limits, apply_limits
from workspace.isolation.observe import Capture, children, parent, processes_by_namespace, proportional_memory

_START_SECONDS: Final = 30.0
_STATUS_SIZE: Final = 4096
_FIRST_TO_GO: Final = "500"


class SealedProcess:
    """A running box. Use it as a context manager: leaving kills what is still there.

    Attributes:
        namespace: the number of its process namespace.
        output, errors: what the command wrote, if the box was started with `capture`.
    """

    KILL_SECONDS: Final = 10.0

    def __init__(
        self, monitor: subprocess.Popen[bytes], first: int, namespace: int, *, status: int, capture: int
    ) -> None:
        self._monitor = monitor
        self._first = first
        self.namespace = namespace
        self._handle = os.pidfd_open(first)  # a number may be used again, a descriptor names this process for good
        self._status = status
        self._closed = False
        self._built = False
        self.output = Capture(monitor.stdout, capture) if monitor.stdout else None
        self.errors = Capture(monitor.stderr, capture) if monitor.stderr else None

    def __enter__(self) -> SealedProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process identifier of bwrap."""
        return self._monitor.pid

    def poll(self) -> int | None:
        """Return the exit status, or None while the box runs."""
        return self._monitor.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status of the command when the box has ended.

        Raises:
            subprocess.TimeoutExpired: it has not ended in `timeout` seconds.
        """
        return self._monitor.wait(timeout)

    def strike(self) -> None:
        """Kill everything in the box without waiting for it."""
        with contextlib.suppress(ProcessLookupError):
            if not self._closed:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def kill(self) -> None:
        """Kill everything in the box and return when nothing of it is left."""
        self.strike()
        try:
            self._monitor.wait(self.KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._monitor.kill()
            self._monitor.wait()

    def close(self) -> None:
        """Kill what is left and let go of all handles."""
        if not self._closed:
            self.kill()
            self._closed = True
            os.close(self._handle)
            os.close(self._status)

    def ran(self) -> bool:
        """Tell, when the box has ended by itself, whether it was built and the command was started."""
        ready, _, _ = select.select([self._status], [], [], 0)
        return bool(ready) and b"exit-code" in os.read(self._status, _STATUS_SIZE)

    def signal(self, number: int) -> None:
        """Send a signal to the command, never to bwrap or to the first process of the box."""
        if number == signal.SIGKILL:
            self.kill()
            return
        command = self._command()
        if command is None:
            return
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(command)
            try:
                if parent(command) == self._first:
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    def members(self) -> tuple[int, ...]:
        """Return the process identifiers, as the host counts them, of everything in the box."""
        return processes_by_namespace().get(self.namespace, ())

    @property
    def folders(self) -> tuple[tuple[Path, int], ...]:
        """Folders of the host that stand for file systems in memory, and the bytes that each may hold: none."""
        return ()

    def root(self) -> Path | None:
        """Return the path by which the host sees the root of the box. Only for measuring: follow no link below it.

        None while the box is being built: the path then still leads to the root of the host.
        """
        self._built = self._built or bool(children(self._first))
        return Path(f"/proc/{self._first}/root") if self._built else None

    def _command(self) -> int | None:
        return next(iter(children(self._first)), None)


def start_process(
    program: Path, box: Box, command: Sequence[str], *, limits: Limits, capture: int | None = None
) -> SealedProcess:
    """Start `command` in a new box. Only `seal` calls this: everyone else starts a box through a verified seal.

    Args:
        program: bubblewrap.
        capture: keep so many bytes of standard output and of standard error; without it both are thrown away.

    Raises:
        SealError: the box could not be built, limited or measured; nothing runs.
    """
    with contextlib.ExitStack() as held:
        status, status_end = os.pipe()
        gate_end, gate = os.pipe()
        held.callback(os.close, gate)
        ends = held.enter_context(contextlib.ExitStack())
        ends.callback(os.close, status_end)
        ends.callback(os.close, gate_end)
        unowned = held.enter_context(contextlib.ExitStack())
        unowned.callback(os.close, status)

        files = {path: content(data, held) for path, data in (*system_files(), *box.files, *box.keys)}
        seccomp_handle = content(seccomp.program(box.families), held)
        options = box.arguments(file_handles=files, seccomp_handle=seccomp_handle)
        options = ("--json-status-fd", str(status_end), "--block-fd", str(gate_end), *options)
        # In a descriptor and not on the command line: the box can read that of its first process, and others `ps`.
        options_handle = content(b"".join(option.encode() + b"\0" for option in options), held)
        try:
            monitor = subprocess.Popen(
                [str(program), "--args", str(options_handle), "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if capture is None else subprocess.PIPE,
                stderr=subprocess.DEVNULL if capture is None else subprocess.PIPE,
                pass_fds=(options_handle, seccomp_handle, status_end, gate_end, *files.values()),
                env={},
                cwd="/",
                start_new_session=True,  # Ctrl-C at the terminal is for the launcher, which then ends the box in order
            )
        except OSError:
            raise SealError("bubblewrap could not be started.", hint="Install it again.") from None
        ends.close()
        try:
            first, namespace = read_status(status)
            process = SealedProcess(monitor, first, namespace, status=status, capture=capture or 0)
        except (OSError, ValueError, LookupError, TypeError):
            raise BoxNotBuiltError(abandon(monitor)) from None
        unowned.pop_all()  # the process closes it
        try:
            release(process, first, gate, limits)
        except OSError:
            process.close()
            raise BoxNotBuiltError(process.errors.text() if process.errors else b"") from None
        except BaseException:
            process.close()
            raise
        return process


def content(data: bytes, held: contextlib.ExitStack) -> int:
    """Return a descriptor with a content that lies in memory only and cannot be changed; `held` closes it."""
    handle = os.memfd_create("datakamp", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    held.callback(os.close, handle)
    with os.fdopen(os.dup(handle), "wb") as stream:
        stream.write(data)
    fcntl.fcntl(handle, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def release(process: SealedProcess, first: int, gate: int, limits: Limits) -> None:
    """Limit the box that waits at its gate, see that it can be measured, and let it go."""
    apply_limits(first, limits)
    # When the machine runs out of memory, Linux shall take a box before anything of the office.
    with contextlib.suppress(OSError):
        Path(f"/proc/{first}/oom_score_adj").write_text(_FIRST_TO_GO)
    if first not in process.members() or proportional_memory(first) is None:
        if process.poll() is not None or parent(first) != process.pid:
            raise ProcessLookupError
        raise SealError(
            "What a box uses cannot be measured on this machine.",
            hint="/proc must be mounted without 'hidepid' for the user that starts boxes, and have 'smaps_rollup'.",
        )
    os.write(gate, b"\0")


def abandon(monitor: subprocess.Popen[bytes]) -> bytes:
    """End a starter that did not say which process it started, and return what it wrote.

    That process waits for the starter and would outlive it.
    """
    for child in children(monitor.pid):
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)
    monitor.kill()
    told = b"" if monitor.stderr is None else monitor.stderr.read(_STATUS_SIZE)
    with monitor:  # closes its streams and waits for it
        return told


class BoxNotBuiltError(SealError):
    """bubblewrap ended before anything ran in the box.

    Attributes:
        told: what bubblewrap wrote; no code had run, so it holds names of this machine but no value of a record.
    """

    def __init__(self, told: bytes = b"") -> None:
        super().__init__("The box could not be built.", hint="Verify the seal again: it says what is missing.")
        self.told = told.decode(errors="replace").strip()


def read_status(status: int) -> tuple[int, int]:
    """Return which process a starter has started, and the number of its process namespace.

    Raises:
        OSError, ValueError, LookupError, TypeError: it did not say.
    """
    line = b""
    deadline = time.monotonic() + _START_SECONDS
    while not line.endswith(b"\n"):  # bwrap writes it in pieces
        ready, _, _ = select.select([status], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(status, _STATUS_SIZE)
        if not piece:
            raise ProcessLookupError
        line += piece
    document = json.loads(line.splitlines()[0])
    return int(document["child-pid"]), int(document["pid-namespace"])
