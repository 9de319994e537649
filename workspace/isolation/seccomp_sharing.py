"""The further filter of a box that shares the machine's files, processes and network with everybody (Landlock mode).

Landlock decides which files are opened, and whom a signal reaches. What it does not decide is refused here: reaching
a socket by its name or its path, sockets that need no connection to send, changing what a file is (mode, owner, times,
attributes) without opening it for writing, watching files that cannot be opened, limits and priorities of other
processes of the same user, and memory and messages that are shared by a number.
"""

from __future__ import annotations

from typing import Final

from workspace.isolation.bpf import (
    EAFNOSUPPORT,
    EPERM,
    allow,
    fail,
    keep_bits,
    known_machine,
    load_argument,
    opening,
    when_equal,
)

# fmt: off
REFUSED: Final = {
    "x86_64": {
        # a socket of the machine, by its path or its abstract name: a session bus starts programs outside every box
        "connect": 42,
        # what a file is, for who owns it: data are read-only, and stay readable for their owner alone
        "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
        "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "getxattr": 191, "lgetxattr": 192, "fgetxattr": 193,
        "listxattr": 194, "llistxattr": 195, "flistxattr": 196, "removexattr": 197, "lremovexattr": 198,
        "fremovexattr": 199, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465, "removexattrat": 466,
        "file_getattr": 468, "file_setattr": 469, "inotify_init": 253, "inotify_init1": 294,
        # other processes of the same user
        "migrate_pages": 256, "move_pages": 279, "process_mrelease": 448,
        # memory and messages that are shared by a number
        "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "semtimedop": 220,
        "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "mq_unlink": 241,
    },
    "aarch64": {
        "connect": 203, "fchown": 55, "fchownat": 54,
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "getxattr": 8, "lgetxattr": 9, "fgetxattr": 10,
        "listxattr": 11, "llistxattr": 12, "flistxattr": 13, "removexattr": 14, "lremovexattr": 15,
        "fremovexattr": 16, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465, "removexattrat": 466,
        "file_getattr": 468, "file_setattr": 469, "inotify_init1": 26,
        "migrate_pages": 238, "move_pages": 239, "process_mrelease": 448,
        "shmat": 196, "shmctl": 195, "semget": 190, "semop": 193, "semctl": 191, "semtimedop": 192,
        "msgsnd": 189, "msgrcv": 188, "msgctl": 187, "mq_unlink": 181,
    },
}
# Mode and times of a file, priority of a process: nothing is done, and no error is told. Every library that copies a
# file asks for the first, and ZeroMQ ends the process if it may not set the second, for its own threads.
IGNORED: Final = {
    "x86_64": {"chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "utime": 132, "utimes": 235,
               "futimesat": 261, "utimensat": 280, "setpriority": 141, "ioprio_set": 251, "sched_setparam": 142,
               "sched_setscheduler": 144, "sched_setattr": 314},
    "aarch64": {"fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "utimensat": 88, "setpriority": 140, "ioprio_set": 30,
                "sched_setparam": 118, "sched_setscheduler": 119, "sched_setattr": 274},
}
# Calls whose first argument names a process, zero for the caller's own.
OWN_ONLY: Final = {
    "x86_64": {"prlimit64": 302, "sched_setaffinity": 203}, "aarch64": {"prlimit64": 261, "sched_setaffinity": 122},
}
SOCKETS: Final = {"x86_64": {"socket": 41, "socketpair": 53}, "aarch64": {"socket": 198, "socketpair": 199}}
IOCTL: Final = {"x86_64": 16, "aarch64": 29}
# FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION: attributes by a descriptor that is open for reading only;
# TIOCSTI, TIOCLINUX: typing into a terminal.
CONTROLS: Final = (0x4008_6602, 0x401C_5820, 0x4008_7602, 0x5412, 0x541C)
# fmt: on

_STREAM: Final = 1
_TYPE_BITS: Final = 0xF
"""Of the type of a socket; the rest are flags."""


def program(*, machine: str | None = None) -> bytes:
    """Return the filter. It is put in place before that of `seccomp.program`, whose refusals then come first.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = known_machine(machine)
    only_streams = load_argument(1) + keep_bits(_TYPE_BITS) + when_equal(_STREAM, allow()) + fail(EAFNOSUPPORT)
    only_own = load_argument(0) + when_equal(0, allow()) + fail(EPERM)
    controls = load_argument(1) + b"".join(when_equal(one, fail(EPERM)) for one in CONTROLS) + allow()
    blocks = [
        opening(name),
        *(when_equal(number, fail(EPERM)) for number in REFUSED[name].values()),
        *(when_equal(number, fail(0)) for number in IGNORED[name].values()),
        *(when_equal(number, only_own) for number in OWN_ONLY[name].values()),
        *(when_equal(number, only_streams) for number in SOCKETS[name].values()),
        when_equal(IOCTL[name], controls),
        allow(),
    ]
    return b"".join(blocks)
