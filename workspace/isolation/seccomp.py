"""The seccomp filter of a box: which system calls a sealed process may make.

The filter is a classic BPF program, assembled here because that takes fewer lines than binding libseccomp and works
wherever Python does. It is a list of refusals: scientific libraries use too many calls for a list of permissions to
stay right from one release to the next, and the namespaces of the box already take away most that is dangerous.
What is refused either reaches parts of the kernel that have no business in a notebook (mounts, tracing, io_uring,
keyrings, kernel modules), creates memory that no limit counts (memfd_create, System V memory, message queues), opens
a namespace, or leaves a set-user-id file behind in a folder that the host also sees. Sockets are refused except for
the families that are named. A process of another architecture, or of the x32 interface, is killed: its call numbers
would mean something else.

Every block of the program either leaves the call number in the accumulator, or ends by returning.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterable
from typing import Final

from disclosure.errors import SealError

# Instruction codes of classic BPF (linux/bpf_common.h).
_LOAD_WORD: Final = 0x20
_JUMP_EQUAL: Final = 0x15
_JUMP_GREATER_OR_EQUAL: Final = 0x35
_JUMP_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06

# Actions (linux/seccomp.h) and errors (asm-generic/errno.h).
_ALLOW: Final = 0x7FFF_0000
_KILL_PROCESS: Final = 0x8000_0000
_FAIL_WITH: Final = 0x0005_0000
_EPERM: Final = 1
_ENOSYS: Final = 38
_EAFNOSUPPORT: Final = 97

# Offsets in struct seccomp_data. Only the low half of an argument is read: all that are tested here are 32 bits wide.
_CALL_NUMBER: Final = 0
_ARCHITECTURE: Final = 4
_X32_BIT: Final = 0x4000_0000


def _argument(index: int) -> int:
    return 16 + 8 * index


# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h).
_NEW_NAMESPACE: Final = 0x7E02_0000
_CREATES_FILE: Final = 0o100 | 0o20000000  # O_CREAT, __O_TMPFILE: without them the mode argument is noise
_SET_ID_BITS: Final = 0o6000

AF_UNIX: Final = 1
AF_INET: Final = 2
AF_INET6: Final = 10
AF_NETLINK: Final = 16
_NETLINK_ROUTE: Final = 0

KERNEL_FAMILIES: Final = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)
"""A Jupyter kernel: ipykernel joins its own threads over the box's loopback, and ZeroMQ lists interfaces for that."""

WORKER_FAMILIES: Final = (AF_UNIX,)
"""A worker needs no network at all, not even that of its own box."""

_ARCHITECTURES: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}

# fmt: off
_REFUSED: Final = {
    "x86_64": {
        # tracing and reading other processes
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440, "kcmp": 312,
        "pidfd_getfd": 438, "perf_event_open": 298, "lookup_dcookie": 212,
        # mounts, roots and namespaces
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
        "move_mount": 429, "open_tree": 428, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "mount_setattr": 442, "open_tree_attr": 467, "open_by_handle_at": 304, "name_to_handle_at": 303,
        "quotactl": 179, "quotactl_fd": 443, "fanotify_init": 300, "swapon": 167, "swapoff": 168, "acct": 163,
        # kernel, clock and machine
        "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "keyctl": 250, "add_key": 248, "request_key": 249, "kexec_load": 246, "kexec_file_load": 320,
        "init_module": 175, "finit_module": 313, "delete_module": 176, "reboot": 169, "syslog": 103,
        "settimeofday": 164, "clock_settime": 227, "clock_adjtime": 305, "adjtimex": 159, "sethostname": 170,
        "setdomainname": 171, "iopl": 172, "ioperm": 173, "modify_ldt": 154, "uselib": 134, "vhangup": 153,
        # memory that neither the size of a tmpfs nor the watchdog sees
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "mq_open": 240,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "process_madvise": 440, "kcmp": 272,
        "pidfd_getfd": 438, "perf_event_open": 241, "lookup_dcookie": 18,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
        "move_mount": 429, "open_tree": 428, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "mount_setattr": 442, "open_tree_attr": 467, "open_by_handle_at": 265, "name_to_handle_at": 264,
        "quotactl": 60, "quotactl_fd": 443, "fanotify_init": 262, "swapon": 224, "swapoff": 225, "acct": 89,
        "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "keyctl": 219, "add_key": 217, "request_key": 218, "kexec_load": 104, "kexec_file_load": 294,
        "init_module": 105, "finit_module": 273, "delete_module": 106, "reboot": 142, "syslog": 116,
        "settimeofday": 170, "clock_settime": 112, "clock_adjtime": 266, "adjtimex": 171, "sethostname": 161,
        "setdomainname": 162, "vhangup": 58,
        "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "msgget": 186, "mq_open": 180,
    },
}
# clone3 and openat2 take their flags behind a pointer, where no filter can look: told that they do not exist, the C
# library falls back to clone and openat.
_ABSENT: Final = {"x86_64": {"clone3": 435, "openat2": 437}, "aarch64": {"clone3": 435, "openat2": 437}}
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
_SOCKETS: Final = {"x86_64": {"socket": 41, "socketpair": 53}, "aarch64": {"socket": 198, "socketpair": 199}}
# name: (number, which argument is the mode)
_SET_MODE: Final = {
    "x86_64": {"chmod": (90, 1), "fchmod": (91, 1), "fchmodat": (268, 2), "fchmodat2": (452, 2), "creat": (85, 1),
               "mknod": (133, 1), "mknodat": (259, 2)},
    "aarch64": {"fchmod": (52, 1), "fchmodat": (53, 2), "fchmodat2": (452, 2), "mknodat": (33, 2)},
}
# name: (number, which argument holds the flags, which the mode)
_OPEN: Final = {"x86_64": {"open": (2, 1, 2), "openat": (257, 2, 3)}, "aarch64": {"openat": (56, 2, 3)}}
_EXECUTE: Final = {"x86_64": (59, 322), "aarch64": (221, 281)}  # execve, execveat
# fmt: on


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def _load(offset: int) -> bytes:
    return _instruction(_LOAD_WORD, offset)


def _return(action: int) -> bytes:
    return _instruction(_RETURN, action)


def _fail(error: int) -> bytes:
    return _return(_FAIL_WITH | error)


def _length(block: bytes) -> int:
    return len(block) // 8


def _when_equal(value: int, block: bytes) -> bytes:
    """Run `block` if the accumulator equals `value`."""
    return _instruction(_JUMP_EQUAL, value, 0, _length(block)) + block


def _when_any_bit(bits: int, block: bytes) -> bytes:
    """Run `block` if the accumulator has one of `bits`."""
    return _instruction(_JUMP_ANY_BIT, bits, 0, _length(block)) + block


def _only_families(families: Iterable[int]) -> bytes:
    allow = _return(_ALLOW)
    block = _load(_argument(0))
    for family in families:
        if family == AF_NETLINK:  # routing only: the other protocols are a wide road into the kernel
            allowed = _load(_argument(2)) + _when_equal(_NETLINK_ROUTE, allow) + _fail(_EAFNOSUPPORT)
        else:
            allowed = allow
        block += _when_equal(family, allowed)
    return block + _fail(_EAFNOSUPPORT)


def program(families: Iterable[int], *, machine: str | None = None) -> bytes:
    """Return the filter as the bytes that ``bwrap --seccomp`` reads.

    Args:
        families: address families that ``socket`` may open.
        machine: as `platform.machine` names it; this machine's if not given.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = machine or platform.machine()
    if name not in _ARCHITECTURES:
        raise SealError(
            f"There is no system-call filter for the architecture '{name}'.",
            hint=f"Use a machine of one of: {', '.join(sorted(_ARCHITECTURES))}.",
        )
    allow = _return(_ALLOW)
    blocks = [
        _load(_ARCHITECTURE),
        _instruction(_JUMP_EQUAL, _ARCHITECTURES[name], 1, 0),
        _return(_KILL_PROCESS),
        _load(_CALL_NUMBER),
    ]
    if name == "x86_64":
        blocks += [_instruction(_JUMP_GREATER_OR_EQUAL, _X32_BIT, 0, 1), _return(_KILL_PROCESS)]
    blocks += [_when_equal(number, _fail(_EPERM)) for number in _REFUSED[name].values()]
    blocks += [_when_equal(number, _fail(_ENOSYS)) for number in _ABSENT[name].values()]
    blocks += [
        _when_equal(_CLONE[name], _load(_argument(0)) + _when_any_bit(_NEW_NAMESPACE, _fail(_EPERM)) + allow),
    ]
    refuse_set_id = _when_any_bit(_SET_ID_BITS, _fail(_EPERM))
    blocks += [
        _when_equal(number, _load(_argument(mode)) + refuse_set_id + allow) for number, mode in _SET_MODE[name].values()
    ]
    blocks += [
        _when_equal(
            number,
            _load(_argument(flags)) + _when_any_bit(_CREATES_FILE, _load(_argument(mode)) + refuse_set_id) + allow,
        )
        for number, flags, mode in _OPEN[name].values()
    ]
    only = _only_families(tuple(families))
    blocks += [_when_equal(number, only) for number in _SOCKETS[name].values()]
    return b"".join([*blocks, allow])


def refusing_programs(*, machine: str | None = None) -> bytes:
    """Return a further filter for a process that has started all that it will ever start: it may start no program.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = machine or platform.machine()
    if name not in _ARCHITECTURES:
        raise SealError(f"There is no system-call filter for the architecture '{name}'.")
    blocks = [
        _load(_ARCHITECTURE),
        _instruction(_JUMP_EQUAL, _ARCHITECTURES[name], 1, 0),
        _return(_KILL_PROCESS),
        _load(_CALL_NUMBER),
        *(_when_equal(number, _fail(_EPERM)) for number in _EXECUTE[name]),
    ]
    return b"".join([*blocks, _return(_ALLOW)])
