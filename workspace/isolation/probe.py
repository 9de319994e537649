"""What a box is asked from inside before it is trusted: run by `seal` in a box of its own, never imported.

It uses the standard library only, prints one JSON list of [probe, held, detail], and knows of the host what its one
argument tells. A probe that raises something it did not expect has not held.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNS = 0x0002_0000
SECONDS = 2.0
# Addresses that are reserved for documentation (RFC 5737, RFC 3849): no answer is expected from anywhere.
FAR = ("192.0.2.1", "2001:db8::1")


def _fails(action: Callable[[], Any], *numbers: int) -> tuple[bool, str]:
    """Run an action that must fail, with one of the error numbers if any are given."""
    try:
        action()
    except OSError as error:
        return (not numbers or error.errno in numbers), errno.errorcode.get(error.errno or 0, type(error).__name__)
    return False, "allowed"


def _call(name: str, *arguments: Any) -> None:
    """Call a function of the C library and raise its error."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _connect(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> None:
    with socket.socket(family, kind) as client:
        client.settimeout(SECONDS)
        client.connect(address)
        client.send(b"probe")


def _no_route() -> tuple[bool, str]:
    devices = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    return devices == ["lo"] and not routes, f"{len(devices)} device, {len(routes)} routes"


def _no_datagram(port: int) -> tuple[bool, str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"probe", ("127.0.0.1", port))  # goes to the box's own loopback; the host looks if it came
    return _fails(lambda: _connect(socket.AF_INET, (FAR[0], 53), socket.SOCK_DGRAM), errno.ENETUNREACH)


def _status(pid: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _privileges(pids: tuple[str, ...], *, root: bool) -> tuple[bool, str]:
    held, told = True, ""
    for pid in pids:
        found = _status(pid)
        told = f"Seccomp {found['Seccomp']}, NoNewPrivs {found['NoNewPrivs']}, CapEff {found['CapEff']}"
        held = held and (found["Seccomp"], found["NoNewPrivs"], int(found["CapEff"], 16)) == ("2", "1", 0)
    return held and (root or os.getuid() != 0), told


def _own_processes() -> tuple[bool, str]:
    pids = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return pids == sorted({1, os.getpid()}), f"{len(pids)} processes"


def _environment(expected: list[str]) -> tuple[bool, str]:
    extra = sorted(set(os.environ) - set(expected) - {"PWD", "LC_CTYPE"})
    return not extra, "clean" if not extra else "variables of the host"


def _descriptors() -> tuple[bool, str]:
    listed = list(Path("/proc/self/fd").iterdir())
    extra = [path for path in listed if int(path.name) > 2 and path.is_symlink()]  # but for the listing's own
    return not extra, "clean" if not extra else "open descriptors of the host"


def _limited(private_memory: int) -> tuple[bool, str]:
    held = resource.getrlimit(resource.RLIMIT_DATA) == (private_memory, private_memory)
    return held and resource.getrlimit(resource.RLIMIT_CORE) == (0, 0), "set" if held else "not set"


def _data_readable(folder: str, content: str) -> tuple[bool, str]:
    held = Path(folder, "record").read_text() == content
    return held, "readable" if held else "another file"


def _not_set_id() -> tuple[bool, str]:
    path = Path(os.environ["TMPDIR"], "probe")
    path.touch()
    return _fails(lambda: path.chmod(0o4755), errno.EPERM)


def _no_switches() -> tuple[bool, str]:
    # Opened and left: a switch that can be turned is not turned here. Who is not root on the host is refused before
    # Linux looks whether the file system can be written.
    return _fails(lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY), errno.EROFS, errno.EACCES)


def _append(path: str) -> None:
    with Path(path).open("a") as stream:
        stream.write("x")


def _not_changed(path: str) -> tuple[bool, str]:
    before = os.stat(path)  # noqa: PTH116
    attempts: tuple[Callable[[], None], ...] = (
        lambda: Path(path).chmod(before.st_mode ^ 0o044),
        lambda: os.utime(path, (1, 1)),
    )
    for attempt in attempts:
        with contextlib.suppress(OSError):
            attempt()
    after = os.stat(path)  # noqa: PTH116
    held = (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns)
    return held, "as before" if held else "changed"


def _probes(told: dict[str, Any]) -> dict[str, Callable[[], tuple[bool, str]]]:
    """Return the probes by name; each returns whether the seal held, and how."""
    own = bool(told["namespaces"])
    # What is not there in a box with a root of its own cannot be opened in one without.
    absent, read_only = (errno.ENOENT, errno.EROFS) if own else (errno.EACCES, errno.EACCES)
    return {
        **(_apart(told) if own else _together(told)),
        "no DNS": lambda: _fails(lambda: socket.getaddrinfo("example.org", 443)),
        "no raw packets": lambda: _fails(lambda: socket.socket(17, socket.SOCK_RAW), errno.EAFNOSUPPORT),
        "no virtual sockets": lambda: _fails(lambda: socket.socket(40, socket.SOCK_STREAM), errno.EAFNOSUPPORT),
        "no passwords of the host": lambda: _fails(lambda: Path("/etc/shadow").read_bytes(), absent),
        "no other files of the host": lambda: _fails(lambda: Path(told["canary"]).read_bytes(), absent),
        "data readable": lambda: _data_readable(told["data"], told["content"]),
        "data not changeable": lambda: _fails(lambda: _append(told["data"] + "/record"), read_only),
        "no new files in data": lambda: _fails(lambda: _append(told["data"] + "/new"), read_only),
        "mode and times of data not changeable": lambda: _not_changed(told["data"] + "/record"),
        "installation not changeable": lambda: _fails(lambda: _append(sys.prefix + "/probe"), read_only),
        "package not changeable": lambda: _fails(lambda: _append(told["package"] + "/probe"), read_only),
        "root not changeable": lambda: _fails(lambda: _append("/probe"), read_only),
        "devices not changeable": lambda: _fails(lambda: _append("/dev/probe"), read_only),
        "no switches of the host's kernel": _no_switches,
        "no variables of the host": lambda: _environment(told["variables"]),
        "no descriptors of the host": _descriptors,
        "no nested user namespace": lambda: _fails(lambda: _call("unshare", CLONE_NEWUSER)),
        "no mount namespace": lambda: _fails(lambda: _call("unshare", CLONE_NEWNS)),
        "no mount": lambda: _fails(lambda: _call("mount", b"none", os.environb[b"TMPDIR"], b"tmpfs", 0, None)),
        "no memory without a name": lambda: _fails(lambda: os.memfd_create("probe"), errno.EPERM),
        "no set-user-id files": _not_set_id,
        "resource limits": lambda: _limited(told["private_memory"]),
    }


def _apart(told: dict[str, Any]) -> dict[str, Callable[[], tuple[bool, str]]]:
    """Return the probes of a box that has processes and a network of its own."""
    return {
        "no device and no route": _no_route,
        "no TCP to the host": lambda: _fails(
            lambda: _connect(socket.AF_INET, ("127.0.0.1", told["tcp"])), errno.ECONNREFUSED
        ),
        "no TCP outside": lambda: _fails(lambda: _connect(socket.AF_INET, (FAR[0], 443)), errno.ENETUNREACH),
        "no TCP outside (IPv6)": lambda: _fails(
            lambda: _connect(socket.AF_INET6, (FAR[1], 443)), errno.ENETUNREACH, errno.EADDRNOTAVAIL
        ),
        "no UDP": lambda: _no_datagram(told["udp"]),
        "no abstract socket of the host": lambda: _fails(
            lambda: _connect(socket.AF_UNIX, "\0" + told["abstract"]), errno.ECONNREFUSED
        ),
        "no socket in a folder of the host": lambda: _fails(
            lambda: _connect(socket.AF_UNIX, told["named"]), errno.ENOENT
        ),
        "no processes of the host": _own_processes,
        "filter, no new privileges, no capabilities": lambda: _privileges(("self", "1"), root=False),
    }


def _together(told: dict[str, Any]) -> dict[str, Callable[[], tuple[bool, str]]]:
    """Return the probes of a box that shares the machine's processes and network, and may reach neither."""
    no_family, refused = errno.EAFNOSUPPORT, errno.EPERM
    return {
        "no TCP to the host": lambda: _fails(lambda: _connect(socket.AF_INET, ("127.0.0.1", told["tcp"])), no_family),
        "no TCP outside (IPv6)": lambda: _fails(lambda: _connect(socket.AF_INET6, (FAR[1], 443)), no_family),
        "no UDP": lambda: _fails(
            lambda: _connect(socket.AF_INET, ("127.0.0.1", told["udp"]), socket.SOCK_DGRAM), no_family
        ),
        "no netlink": lambda: _fails(lambda: socket.socket(16, socket.SOCK_RAW), no_family),
        "no sockets that send without a connection": lambda: _fails(
            lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM), no_family
        ),
        "no abstract socket of the host": lambda: _fails(
            lambda: _connect(socket.AF_UNIX, "\0" + told["abstract"]), refused
        ),
        "no socket in a folder of the host": lambda: _fails(lambda: _connect(socket.AF_UNIX, told["named"]), refused),
        "no processes of the host": lambda: _fails(lambda: os.listdir("/proc"), errno.EACCES),
        "no signal to the host": lambda: _fails(lambda: os.kill(told["launcher"], 0), refused),
        "no signal to who watches over it": lambda: _fails(lambda: os.kill(os.getppid(), 0), refused),
        # Asked for only: if it were allowed, a probe that sets one would have harmed who started it.
        "no limits of other processes": lambda: _fails(
            lambda: resource.prlimit(told["launcher"], resource.RLIMIT_NOFILE), refused
        ),
        "no shared memory by number": lambda: _fails(lambda: _call("shmctl", 0, 0, None), refused),
        "filter, no new privileges, no capabilities": lambda: _privileges(("self",), root=True),
    }


def main() -> None:
    """Run all probes and write what came out."""
    results = []
    for name, probe in _probes(json.loads(sys.argv[1])).items():
        try:
            held, detail = probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, the probe has not held
            held, detail = False, type(error).__name__
        results.append((name, held, detail))
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
