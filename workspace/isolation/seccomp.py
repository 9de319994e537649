"""The seccomp filter of a box: which system calls a sealed process may make.

The filter is a classic BPF program (see `bpf`). It is a list of refusals: scientific libraries use too many calls for a
list of permissions to stay right from one release to the next, and the namespaces of the box already take away most
that is dangerous. What is refused either reaches parts of the kernel that have no business in a notebook (mounts,
tracing, io_uring, keyrings, kernel modules), creates memory that no limit counts (memfd_create, System V memory and
semaphores, message queues, larger pipes and sockets, pages that a pipe or a socket holds without a copy), watches files
that other teams read too, opens a namespace, or leaves a set-user-id file behind in a folder that the host also sees.
Sockets are refused except for the families that are named.
A process of another architecture, or of the x32 interface, is killed: its call numbers would mean something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workspace.isolation.bpf import (
    EAFNOSUPPORT,
    ENOSYS,
    EPERM,
    allow,
    fail,
    known_machine,
    load_argument,
    opening,
    when_any_bit,
    when_equal,
)

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
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
        "io_setup": 206,
        # watching files: of data that several teams read it tells one team what another does
        "inotify_init": 253, "inotify_init1": 294,
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
        "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
        "io_setup": 0,
        "inotify_init1": 26,
    },
}
# clone3 and openat2 take their flags behind a pointer, where no filter can look: told that they do not exist, the C
# library falls back to clone and openat. The others hand pages on instead of copying them: for each byte that is sent,
# a pipe or a socket keeps a whole page alive, of up to 2 MiB, that no process has any more. Programs then copy.
_ABSENT: Final = {
    "x86_64": {"clone3": 435, "openat2": 437, "splice": 275, "tee": 276, "vmsplice": 278, "sendfile": 40},
    "aarch64": {"clone3": 435, "openat2": 437, "splice": 76, "tee": 77, "vmsplice": 75, "sendfile": 71},
}
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
_FILE_CONTROL: Final = {"x86_64": 72, "aarch64": 25}  # fcntl
# F_SETLEASE, F_NOTIFY: told when another opens or changes a file; F_SETPIPE_SZ: memory of the kernel, and an allowance
# that is one for all boxes of a user.
_FILE_CONTROLS: Final = (1024, 1026, 1031)
_SET_OPTION: Final = {"x86_64": 54, "aarch64": 208}  # setsockopt
_SOL_SOCKET: Final = 1
# SO_SNDBUF, SO_RCVBUF, and the same by force; SO_ZEROCOPY, by which a socket keeps pages instead of copies.
_HOLDING_MORE: Final = (7, 8, 32, 33, 60)
# fmt: on


def _only_families(families: Iterable[int]) -> bytes:
    block = load_argument(0)
    for family in families:
        if family == AF_NETLINK:  # routing only: the other protocols are a wide road into the kernel
            allowed = load_argument(2) + when_equal(_NETLINK_ROUTE, allow()) + fail(EAFNOSUPPORT)
        else:
            allowed = allow()
        block += when_equal(family, allowed)
    return block + fail(EAFNOSUPPORT)


def program(families: Iterable[int], *, machine: str | None = None) -> bytes:
    """Return the filter as the bytes that ``bwrap --seccomp`` reads.

    Args:
        families: address families that ``socket`` may open.
        machine: as `platform.machine` names it; this machine's if not given.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = known_machine(machine)
    blocks = [opening(name)]
    blocks += [when_equal(number, fail(EPERM)) for number in _REFUSED[name].values()]
    blocks += [when_equal(number, fail(ENOSYS)) for number in _ABSENT[name].values()]
    blocks += [
        when_equal(_CLONE[name], load_argument(0) + when_any_bit(_NEW_NAMESPACE, fail(EPERM)) + allow()),
    ]
    refuse_set_id = when_any_bit(_SET_ID_BITS, fail(EPERM))
    blocks += [
        when_equal(number, load_argument(mode) + refuse_set_id + allow()) for number, mode in _SET_MODE[name].values()
    ]
    blocks += [
        when_equal(
            number,
            load_argument(flags) + when_any_bit(_CREATES_FILE, load_argument(mode) + refuse_set_id) + allow(),
        )
        for number, flags, mode in _OPEN[name].values()
    ]
    controls = b"".join(when_equal(one, fail(EPERM)) for one in _FILE_CONTROLS)
    # Nothing is done and no error is told, as when Linux keeps to its own bound: libraries ask for larger buffers.
    sizes = b"".join(when_equal(one, fail(0)) for one in _HOLDING_MORE)
    blocks += [
        when_equal(_FILE_CONTROL[name], load_argument(1) + controls + allow()),
        when_equal(_SET_OPTION[name], load_argument(1) + when_equal(_SOL_SOCKET, load_argument(2) + sizes) + allow()),
    ]
    only = _only_families(tuple(families))
    blocks += [when_equal(number, only) for number in _SOCKETS[name].values()]
    return b"".join([*blocks, allow()])


def refusing_programs(*, machine: str | None = None) -> bytes:
    """Return a further filter for a process that has started all that it will ever start: it may start no program.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = known_machine(machine)
    return opening(name) + b"".join(when_equal(number, fail(EPERM)) for number in _EXECUTE[name]) + allow()
