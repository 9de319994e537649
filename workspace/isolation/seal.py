"""Proof that the seal holds on this machine, and the only way to run something in a box.

A `Seal` is a capability: `verify_seal` starts a real box, tries from inside everything that must not work, and hands
out the seal only if each attempt fails. Whatever runs code on microdata takes the seal as an argument and starts the
box through it. A mode is asked for by its name: where it does not hold there is no seal, and no other mode steps in.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from disclosure.errors import SealError
from workspace.isolation import probe
from workspace.isolation.box import DATA, PACKAGE, Box, Mount, inside, python_box
from workspace.isolation.folders import run_folder
from workspace.isolation.landlock_process import OLDEST_VERSION, landlock_version, start_landlocked
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.process import BoxNotBuiltError, SealedProcess, start_process
from workspace.isolation.seccomp import KERNEL_FAMILIES

LOGGER: Final = logging.getLogger("datakamp.workspace")

_PROBE: Final = "/run/probe.py"
_PROBE_SECONDS: Final = 60.0
_WITNESS: Final = object()
_WITNESS_FIELD: Final = "_witness"
_INSTALL: Final = (
    "Install bubblewrap 0.8 or newer: 'apt-get install bubblewrap' on Debian or Ubuntu, "
    "or 'conda install -c conda-forge bubblewrap'."
)


@dataclass(frozen=True, eq=False)
class Seal:
    """A seal that was verified in this process. Only `verify_seal` makes one; it cannot be copied or stored.

    Attributes:
        mode: how boxes are sealed.
        verified_at: when, in UTC.
        probes: name and result of each probe that was made from inside.
        program: the program that builds the boxes.
    """

    mode: SealMode
    verified_at: datetime
    probes: tuple[tuple[str, str], ...]
    program: Path
    witness: InitVar[object] = None
    _witness: object = field(init=False, repr=False, default=None)

    def __post_init__(self, witness: object) -> None:
        if witness is not _WITNESS:
            raise SealError("A seal is not made by hand.", hint="Call verify_seal().")
        object.__setattr__(self, _WITNESS_FIELD, witness)

    def __init_subclass__(cls) -> None:
        raise SealError("A seal is not a class to derive from.", hint="Call verify_seal().")

    def __reduce_ex__(self, _: object) -> Any:
        raise SealError("A seal is valid only in the process that verified it.", hint="Call verify_seal() there.")

    def start(self, box: Box, command: Sequence[str], *, limits: Limits, capture: int | None = None) -> SealedProcess:
        """Start `command` in `box` and return the running process.

        Args:
            capture: keep so many bytes of standard output and of standard error; without it both are thrown away.

        Raises:
            SealError: the box could not be built, or cannot be measured; nothing runs.
        """
        require_seal(self)
        process = _start(self.mode, self.program, box, command, limits=limits, capture=capture)
        LOGGER.info("Started a box, seal %s.", self.mode.value)
        return process


def require_seal(seal: object) -> Seal:
    """Return `seal` if it is a verified one.

    Raises:
        SealError: it is anything else, such as None.
    """
    if type(seal) is not Seal or getattr(seal, _WITNESS_FIELD, None) is not _WITNESS:
        raise SealError("Nothing runs on microdata without a verified seal.", hint="Call verify_seal().")
    return seal


def verify_seal(mode: SealMode = SealMode.BUBBLEWRAP) -> Seal:
    """Start a box, probe it from inside, and return the seal.

    It takes about a third of a second; verify once per process and pass the seal on.

    Raises:
        SealError: something is missing or does not hold; the message names it, the hint says what to do.
    """
    if not isinstance(mode, SealMode):
        raise SealError(
            "There is no such mode of sealing.", hint=f"The modes are: {', '.join(m.value for m in SealMode)}."
        )
    program = _bubblewrap() if mode is SealMode.BUBBLEWRAP else _landlock()
    results = _probe(mode, program)
    broken = [name for name, held, _ in results if not held]
    if broken:
        raise SealError(
            f"The seal does not hold on this machine: {'; '.join(broken)}.",
            hint="Nothing runs on microdata here. Compare bubblewrap and kernel with the supported versions.",
        )
    seal = Seal(
        mode=mode,
        verified_at=datetime.now(UTC),
        probes=tuple((name, detail) for name, _, detail in results),
        program=program,
        witness=_WITNESS,
    )
    LOGGER.info("Seal verified: %s, %d probes held.", mode.value, len(results))
    return seal


def require_namespaces(seal: Seal, what: str) -> Seal:
    """Return `seal` if it is a verified one whose boxes have a root and a network of their own.

    Raises:
        SealError: it is not; `what` names what needs it.
    """
    if not require_seal(seal).mode.has_namespaces:
        raise SealError(
            f"{what} needs boxes of bubblewrap; the mode '{seal.mode.value}' runs notebooks and scripts only.",
            hint=_INSTALL,
        )
    return seal


def _bubblewrap() -> Path:
    found = shutil.which("bwrap")
    if found is None:
        raise SealError("bubblewrap (bwrap) is not installed.", hint=_INSTALL)
    return Path(found).absolute()


def _landlock() -> Path:
    version = landlock_version()
    if version < OLDEST_VERSION:
        raise SealError(
            f"The Landlock of this machine is of version {version}; {OLDEST_VERSION} or later is needed."
            if version
            else "This machine's Linux has no Landlock, or it is not turned on.",
            hint="Linux 6.12 or later has it; 'landlock' must be in the list of the boot parameter 'lsm='.",
        )
    return Path(sys.executable)


def _start(
    mode: SealMode, program: Path, box: Box, command: Sequence[str], *, limits: Limits, capture: int | None
) -> SealedProcess:
    if mode is SealMode.BUBBLEWRAP:
        return start_process(program, box, command, limits=limits, capture=capture)
    return start_landlocked(box, command, limits=limits, capture=capture)


def _probe(mode: SealMode, program: Path) -> list[tuple[str, bool, str]]:
    """Return name, whether it held, and detail of each probe; those that only the host can see come last."""
    limits = Limits(seconds=_PROBE_SECONDS)
    content = os.urandom(8).hex()
    with (
        run_folder("datakamp-probe-") as name,
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        folder = Path(name)
        for path in (folder / "canary", folder / "data" / "record"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        udp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0datakamp-{os.urandom(8).hex()}")
        abstract.listen()
        named.bind(f"{name}/s")
        named.listen()
        box = python_box(
            [Mount(folder / "data", f"{DATA}/probe")],
            files=[(_PROBE, Path(probe.__file__).read_bytes())],
            families=KERNEL_FAMILIES,
            mode=mode.value,
        )
        told = {
            "namespaces": mode.has_namespaces,
            "named": f"{name}/s",
            "launcher": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "abstract": abstract.getsockname()[1:].decode(),
            "canary": str(folder / "canary"),
            "data": inside(f"{DATA}/probe", mode.value),
            "content": content,
            "package": inside(f"{PACKAGE}/disclosure", mode.value),
            "variables": [variable for variable, _ in box.environment],
            "private_memory": limits.private_memory,
        }
        # Without site packages: what is probed is the box, and no module of the environment shall stand in between.
        command = (sys.executable, "-S", "-B", inside(_PROBE, mode.value), json.dumps(told))
        results = _run_probe(mode, program, box, command, limits)
        results.append(("nothing reached the host", *_untouched(tcp, udp, abstract, named)))
        results.append(
            ("data unchanged", [path.name for path in (folder / "data").iterdir()] == ["record"], "as before")
        )
    return results


def _run_probe(
    mode: SealMode, program: Path, box: Box, command: Sequence[str], limits: Limits
) -> list[tuple[str, bool, str]]:
    told = b""
    try:
        with _start(mode, program, box, command, limits=limits, capture=MIB) as process:
            process.wait(_PROBE_SECONDS)
            output = b"" if process.output is None else process.output.text()
            told = b"" if process.errors is None else process.errors.text()
            if not process.ran():
                raise BoxNotBuiltError(told)
    except subprocess.TimeoutExpired:
        raise SealError(
            "The probe of the seal did not end in time.", hint="Try again when the machine is idle."
        ) from None
    except BoxNotBuiltError as error:
        if mode is SealMode.LANDLOCK:
            raise SealError(
                "Landlock could not build a box.", hint=f"It said: {error.told[-300:] or 'nothing'}"
            ) from None
        raise _explained(error.told) from None
    try:
        return [(str(name), held is True, str(detail)) for name, held, detail in json.loads(output)]
    except (ValueError, TypeError):
        raise SealError(
            "The probe of the seal could not run: Python does not start inside the box.",
            hint=f"It said: {told.decode(errors='replace').strip()[-300:] or 'nothing'}",
        ) from None


def _untouched(*listeners: socket.socket) -> tuple[bool, str]:
    for listener in listeners:
        listener.setblocking(False)
        try:
            if listener.type == socket.SOCK_DGRAM:
                listener.recv(1)
            else:
                listener.accept()[0].close()
        except BlockingIOError:
            continue
        return False, "a probe arrived"
    return True, "no probe arrived"


def _explained(told: str) -> SealError:
    """Return the error that says why bubblewrap could not build a box, and what would help."""
    switches = (
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile for bwrap)",
        ),
    )
    if "nknown option" in told:
        return SealError("This bubblewrap is too old.", hint=_INSTALL)
    remedies = [remedy for path, off, remedy in switches if _setting(path) == off]
    if remedies or "namespace" in told or "uid map" in told:
        remedies = remedies or [remedy for _, _, remedy in switches]
        return SealError(
            "This machine does not let bubblewrap make user namespaces.",
            hint=f"As root: {'; '.join(remedies)}. In a container, allow user namespaces there. Notebooks alone can "
            f"also be run by '--seal landlock'. It said: {told[-200:]}",
        )
    return SealError("bubblewrap could not build a box.", hint=f"It said: {told[-300:] or 'nothing'}")


def _setting(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None
