"""The process that holds R: ``python -m disclosure.engines.sdcmicro.worker FOLDER MEMORY SECONDS``.

It says what it is (hello.json), reads the job in its folder, leaves results there and ends. It speaks by its exit
status and by files only: what R or a library says can quote values, so both streams stay silent.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from disclosure.engines.sdcmicro.calls import Job, job_from_document
from disclosure.engines.sdcmicro.functions import FUNCTIONS
from disclosure.engines.sdcmicro.handshake import PROTOCOL, Ended, Versions, is_too_old
from disclosure.errors import DatakampError
from disclosure.exchange.files import write_atomically

HELLO, JOB, FRAMES, RESULTS, FAILED = "hello.json", "job.json", "frames", "out", "failed.json"
BRIDGE: Final = Path(__file__).with_name("bridge.R")
_PR_SET_PDEATHSIG: Final = 1
_SHORT_OF_MEMORY: Final = ("cannot allocate", "memory exhausted", "std::bad_alloc")


class _EndError(Exception):
    def __init__(self, status: Ended) -> None:
        super().__init__(status.name)
        self.status = status


def main(arguments: list[str]) -> int:
    """Do the job in a folder and return the exit status; without a job, say only what answers."""
    folder = Path(arguments[0])
    end_with_parent()
    _limit(int(arguments[1]), int(arguments[2]))
    try:
        robjects = _r()
        found = _versions(robjects)
        write_atomically(folder / HELLO, json.dumps(found.to_document()).encode())
        if is_too_old(found.sdcmicro):
            return Ended.TOO_OLD
        if not (folder / JOB).exists():
            return Ended.DONE
        return _work(robjects, folder)
    except _EndError as end:
        return end.status
    except MemoryError:
        return Ended.NO_MEMORY


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone, however that ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(memory: int, seconds: int) -> None:
    """Hold this process to its limits. It is trusted code: the limits are against accidents."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _r() -> Any:
    """Return rpy2's robjects with R started and its console silent."""
    if shutil.which("R") is None and "R_HOME" not in os.environ:
        raise _EndError(Ended.NO_R)
    if importlib.util.find_spec("rpy2") is None:
        raise _EndError(Ended.NO_RPY2)
    try:
        from rpy2 import robjects
        from rpy2.rinterface_lib import callbacks
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - rpy2 fails in many ways where it was made for another R
        raise _EndError(Ended.RPY2_UNFIT) from None
    callbacks.consolewrite_print = _silent
    callbacks.consolewrite_warnerror = _silent
    return robjects


def _silent(_: str) -> None:
    """Say nothing."""


def _versions(robjects: Any) -> Versions:
    from rpy2.rinterface_lib.embedded import RRuntimeError

    try:
        robjects.r("suppressWarnings(suppressMessages(library(sdcMicro)))")
        robjects.r("data.table::setDTthreads(0)")
        found = robjects.r("as.character(packageVersion('sdcMicro'))")[0]
    except RRuntimeError:
        raise _EndError(Ended.NO_SDCMICRO) from None
    r = robjects.r("paste(R.version$major, R.version$minor, sep = '.')")[0]
    python = ".".join(map(str, sys.version_info[:3]))
    return Versions(PROTOCOL, python, version("rpy2"), str(r), str(found))


def _work(robjects: Any, folder: Path) -> int:
    from rpy2.rinterface_lib.embedded import RRuntimeError

    try:
        job: Job = job_from_document(json.loads((folder / JOB).read_bytes()))
    except (DatakampError, ValueError, OSError):
        return Ended.BAD_JOB
    results = folder / RESULTS
    results.mkdir()
    try:
        robjects.r["source"](str(BRIDGE))
        subjects = robjects.StrVector([FUNCTIONS[call.function].subject for call in job.calls])
        robjects.globalenv["dk_run"](str(folder / JOB), str(folder / FRAMES), str(results), subjects)
    except RRuntimeError as error:
        if any(one in str(error) for one in _SHORT_OF_MEMORY):
            return Ended.NO_MEMORY
        place = int(robjects.r("dk_progress$call")[0])
        called = job.calls[place - 1].function if place else None
        (folder / FAILED).write_text(json.dumps({"function": called}), encoding="utf-8")
        return Ended.CALL_FAILED
    return Ended.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
