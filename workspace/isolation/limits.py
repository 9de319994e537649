"""How much a sealed process may use.

Two kinds of limit are needed. Resource limits are set on the box before anything in it runs, but count per process
(and for root some do not count at all). What a box uses in total is measured from outside by `watchdog`, which kills
the box when it is over. An office that runs under systemd adds a third (MemoryMax, TasksMax) that is exact.
"""

from __future__ import annotations

import math
import resource
from dataclasses import dataclass, fields
from typing import Final

from disclosure.errors import BadInputError

MIB: Final = 1 << 20
GIB: Final = 1 << 30

_RESERVED: Final = 256 * GIB
"""Address space without memory behind it."""


@dataclass(frozen=True)
class Limits:
    """The limits of one run. Sizes are bytes; every value is positive.

    Attributes:
        seconds: wall-clock budget from start to end; None for a session that a person sits at.
        memory: proportional memory of all processes of the box together.
        private_memory: memory of one process that is its own and can be written. Libraries ask for more of it than they
            use (pandas, DuckDB and Polars together 3 GiB on two cores), so this stands above `memory`, which is the
            real limit. Address space that is only reserved does not count: what draws figures reserves 70 GiB.
        tasks: processes and threads in the box.
        file_size: size of any one file.
        open_files: open files of one process.
        storage: what the workspace may hold, all that was there before included.
        handover: what the handover folder, or the output folder of a worker, may hold.
        files: how many files and folders may be in each writable folder and each temporary file system.
        reserve: free space that must remain on a disk that the box can write to.
        temporary: size of /tmp in the box, which is memory.
        output: what a notebook may print and display, or a script write to its streams.
        cpu_seconds: processor time of one process; None for no limit.
        interval: seconds between two measurements: what can be used up in one is how far a limit can be passed.
    """

    seconds: float | None = 3600.0
    memory: int = 4 * GIB
    private_memory: int = 8 * GIB
    tasks: int = 512
    file_size: int = 2 * GIB
    open_files: int = 4096
    storage: int = 10 * GIB
    handover: int = GIB
    files: int = 200_000
    reserve: int = 256 * MIB
    temporary: int = 256 * MIB
    output: int = 64 * MIB
    cpu_seconds: int | None = None
    interval: float = 0.2

    def __post_init__(self) -> None:
        optional = {"seconds", "cpu_seconds"}
        real = {"seconds", "interval"}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name in optional:
                continue
            kinds = (int, float) if field.name in real else (int,)
            if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value) or value <= 0:
                raise BadInputError(
                    f"Expected a positive {'number' if field.name in real else 'whole number'} for the limit "
                    f"'{field.name}'.",
                    hint="Leave it out for the default.",
                )


def apply_limits(pid: int, limits: Limits) -> None:
    """Set the resource limits on the first process of a box, before it starts any other.

    The box waits for this, so nothing inside ever runs without them; soft and hard limits are equal, so nothing inside
    can raise them.
    """
    values = {
        resource.RLIMIT_DATA: limits.private_memory,
        resource.RLIMIT_AS: limits.private_memory + _RESERVED,
        resource.RLIMIT_CORE: 0,  # a core file would hold microdata
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: limits.open_files,
        # Counted per user namespace, so by box, from Linux 5.14; not enforced for root: the watchdog counts too.
        resource.RLIMIT_NPROC: limits.tasks,
    }
    if limits.cpu_seconds is not None:
        values[resource.RLIMIT_CPU] = limits.cpu_seconds
    for kind, value in values.items():
        _, hard = resource.prlimit(pid, kind)
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.prlimit(pid, kind, (least, least))
