"""A box without namespaces: one command under Landlock and two filters of system calls, on the machine's own files.

Nothing can be mounted, so the paths of the box lead to a folder of the run that stands for its root: links to what
`Box` mounts, copies of its files, and folders for what is otherwise a file system in memory. The paths that a launcher
tells the code are written with `box.INSIDE` in front, and become paths of that folder here. What may be opened is
decided by the rules of Landlock alone; the links only lead there.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, AnyStr, Final

from disclosure.errors import SealError
from workspace.isolation import landlock_start, seccomp, seccomp_sharing
from workspace.isolation.box import HOME, HOME_SIZE, INSIDE, MODE_VARIABLE, TEMPORARY, Box, system_folders
from workspace.isolation.folders import RunDirectory
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.observe import begun, descendants, tasks_of_user
from workspace.isolation.process import BoxNotBuiltError, SealedProcess, abandon, content, read_status, release
from workspace.isolation.seccomp import WORKER_FAMILIES

OLDEST_VERSION: Final = 6
"""Of Landlock: the first that keeps signals and abstract sockets inside, in Linux 6.12."""

_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_READING: Final = _EXECUTE | _READ | _LIST
_DEVICE_RIGHTS: Final = 1 << 6 | 1 << 11 | 1 << 15  # making devices, and their controls
_WRITING: Final = landlock_start.FILES & ~_DEVICE_RIGHTS
_DEVICES: Final = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
# What libraries read to learn how many processors and how much memory there are.
_MACHINE: Final = ("/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu")
_OWN: Final = ("fd", "status", "stat", "statm", "maps", "cmdline", "limits", "cgroup")
_CGROUPS: Final = Path("/sys/fs/cgroup")
_CGROUP_LIMITS: Final = ("cpu.max", "memory.max", "cpu.cfs_quota_us", "cpu.cfs_period_us", "memory.limit_in_bytes")
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_./-]+")


def landlock_version() -> int:
    """Return the version of Landlock that this machine's Linux has; 0 if it has none, or it is not turned on."""
    number, only_version = ctypes.c_long(landlock_start.CREATE_RULESET), ctypes.c_uint32(1)
    return max(0, int(ctypes.CDLL(None).syscall(number, None, ctypes.c_size_t(0), only_version)))


class LandlockProcess(SealedProcess):
    """A running box of the Landlock mode.

    Its first process is the command itself, and the one that watches over it stands where bwrap stands otherwise.
    """

    def __init__(
        self,
        monitor: subprocess.Popen[bytes],
        command: int,
        *,
        status: int,
        life: int,
        directory: RunDirectory,
        folders: tuple[tuple[Path, int], ...],
        capture: int,
    ) -> None:
        super().__init__(monitor, command, 0, status=status, capture=capture)
        self._life: int | None = life
        self._letting_go = threading.Lock()
        self._directory = directory
        self._folders = folders
        self._seen: dict[int, int | None] = {}

    @property
    def folders(self) -> tuple[tuple[Path, int], ...]:
        """Folders of the host that stand for file systems in memory, and the bytes that each may hold."""
        return self._folders

    def strike(self) -> None:
        """Have everything in the box killed without waiting for it."""
        with self._letting_go:
            life, self._life = self._life, None
        if life is not None:
            os.close(life)

    def kill(self) -> None:
        """Kill everything in the box and return when nothing of it is left."""
        self.strike()
        try:
            self._monitor.wait(self.KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self.members()
            self._monitor.kill()
            self._monitor.wait()
        if self._monitor.returncode < 0:
            self._end_orphans()

    def close(self) -> None:
        """Kill what is left, let go of all handles and remove the folder of the run."""
        super().close()
        self._directory.close()

    def signal(self, number: int) -> None:
        """Send a signal to the command."""
        if number == signal.SIGKILL:
            self.kill()
            return
        with contextlib.suppress(OSError):
            if not self._closed:
                signal.pidfd_send_signal(self._handle, number)

    def members(self) -> tuple[int, ...]:
        """Return the process identifiers of everything in the box."""
        found = descendants(self.pid)
        if self._monitor.poll() is None:
            self._seen = {pid: begun(pid) for pid in found}
        return found

    def _end_orphans(self) -> None:
        """Kill what was in the box when it was last looked at, and what that started: its watcher was killed."""
        for pid, since in self._seen.items():
            for one in (*descendants(pid), pid):
                with contextlib.suppress(OSError):
                    if since is not None and begun(pid) == since:
                        os.kill(one, signal.SIGKILL)

    def root(self) -> Path | None:
        """Return None: the box has no root of its own."""
        return None


def start_landlocked(box: Box, command: Sequence[str], *, limits: Limits, capture: int | None = None) -> SealedProcess:
    """Start `command` under Landlock. Only `seal` calls this: everyone else starts a box through a verified seal.

    Args:
        capture: as for `process.start_process`.

    Raises:
        SealError: the box could not be built, limited or measured; nothing runs.
    """
    if (MODE_VARIABLE, SealMode.LANDLOCK.value) not in box.environment:
        raise SealError("The box was described for another seal.", hint="Give python_box the mode of the seal.")
    with contextlib.ExitStack() as held:
        directory = RunDirectory()
        unowned = held.enter_context(contextlib.ExitStack())
        unowned.callback(directory.close)
        try:
            root = _built_root(directory, box)
        except OSError:
            raise SealError("The folder of the run could not be made.", hint="Is the disk full?") from None
        ends = held.enter_context(contextlib.ExitStack())
        status, status_end = os.pipe()
        unowned.callback(os.close, status)
        ends.callback(os.close, status_end)
        life_end, life = os.pipe()
        unowned.callback(os.close, life)
        ends.callback(os.close, life_end)
        gate_end, gate = os.pipe()
        held.callback(os.close, gate)
        ends.callback(os.close, gate_end)
        secret = {path: content(_at(data, root), held) for path, data in box.keys}
        for path, handle in secret.items():
            _place(root, path).symlink_to(f"/proc/self/fd/{handle}")
        told: dict[str, Any] = {
            "status": status_end, "life": life_end, "gate": gate_end, "kept": list(secret.values()),
            "rules": _rules(box, root), "own": [(name, _READING) for name in _OWN],
            "directory": f"{root}{box.directory}",
            "environment": {name: _at(value, root) for name, value in box.environment},
            "command": [_at(one, root) for one in command],
            "filters": [seccomp_sharing.program().hex(), seccomp.program(WORKER_FAMILIES).hex()],
        }  # fmt: skip
        # In a descriptor and not on the command line, which everybody on this machine can read.
        telling = content(json.dumps(told).encode(), held)
        try:
            monitor = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", landlock_start.__file__, str(telling)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if capture is None else subprocess.PIPE,
                stderr=subprocess.DEVNULL if capture is None else subprocess.PIPE,
                pass_fds=(telling, status_end, life_end, gate_end, *secret.values()),
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError:
            raise SealError("Python could not be started.", hint="Install Datakamp again.") from None
        ends.close()
        try:
            first, _ = read_status(status)
            folders = ((root / TEMPORARY[1:], box.temporary), (root / HOME[1:], HOME_SIZE))
            process = LandlockProcess(
                monitor, first, status=status, life=life, directory=directory, folders=folders, capture=capture or 0
            )
        except (OSError, ValueError, LookupError, TypeError):
            raise BoxNotBuiltError(abandon(monitor)) from None
        unowned.pop_all()  # the process closes them
        try:
            # Without a user namespace Linux counts all processes of the user together.
            release(process, first, gate, replace(limits, tasks=limits.tasks + tasks_of_user(os.getuid())))
        except OSError:
            process.close()
            raise BoxNotBuiltError(process.errors.text() if process.errors else b"") from None
        except BaseException:
            process.close()
            raise
        return process


def _built_root(directory: RunDirectory, box: Box) -> Path:
    """Make the folder that stands for the root of the box, and return it."""
    root = directory.path / "r"
    if not _PLAIN_PATH.fullmatch(str(root)):
        raise SealError(
            "The path of the temporary folder has signs that cannot be told to a box.",
            hint="Set TMPDIR to a folder whose path has letters, digits, '-', '_' and '.' only.",
        )
    for folder in (TEMPORARY, HOME):
        (root / folder[1:]).mkdir(mode=0o700, parents=True)
    for mount in box.mounts:
        if mount.target != str(mount.source):
            _place(root, mount.target).symlink_to(mount.source.resolve())
    for path, data in box.files:
        place = _place(root, path)
        place.write_bytes(_at(data, root))
        place.chmod(0o400)
    return root


def _place(root: Path, path: str) -> Path:
    place = root / path.removeprefix("/")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _rules(box: Box, root: Path) -> list[tuple[str, int]]:
    """Return the paths that may be opened, each with what is beneath it, and how."""
    rules = [(str(root), _READING)]
    rules += [(str(folder), _READING) for folder in (*system_folders(), *_MACHINE)]
    rules += [(str(path), _READ) for path in _cgroup_limits()]
    rules += [(device, _READ | _WRITE | _TRUNCATE) for device in _DEVICES]
    rules += [(str(root / folder[1:]), _WRITING) for folder in (TEMPORARY, HOME)]
    rules += [(str(mount.source.resolve()), _WRITING if mount.writable else _READING) for mount in box.mounts]
    return rules


def _cgroup_limits() -> tuple[Path, ...]:
    """Return the files with the limits of this process's control groups; libraries end the process without them."""
    found: dict[Path, None] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in (controllers, *controllers.split(",")):
            for folder in (_CGROUPS / controller, _CGROUPS / controller / path[1:]):
                found.update(dict.fromkeys(folder / name for name in _CGROUP_LIMITS))
    return tuple(path for path in found if path.is_file())


def _at(text: AnyStr, root: Path) -> AnyStr:
    """Return what is told to the code with the paths of the box as they are here."""
    if isinstance(text, bytes):
        return text.replace(INSIDE.encode(), os.fsencode(root))
    return text.replace(INSIDE, str(root))
