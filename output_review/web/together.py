"""Pages and worker as one service: two processes that end together."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

_GRACE: Final = 40.0
_AGAIN: Final = 5.0
_LOOK: Final = 0.2
_PDEATHSIG: Final = 1


def run_together(folder: Path, words: list[str]) -> int:
    """Run `review serve` and `review work` of a camp until ended, and return the exit status.

    A worker that ends by itself is started again: what it had begun waits in the database. When the pages end, so does
    everything.

    Args:
        words: options of `review serve`.
    """
    program = [sys.executable, "-m", "datakamp", "review"]
    camp = ["--camp", str(folder)]
    ended: list[int] = []

    def heard(number: int, _: FrameType | None) -> None:
        ended.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
    pages = _started([*program, "serve", *camp, *words])
    worker = _started([*program, "work", *camp])
    begun = time.monotonic()
    while not ended and pages.poll() is None:
        if worker.poll() is not None and time.monotonic() - begun > _AGAIN:
            worker, begun = _started([*program, "work", *camp]), time.monotonic()
        time.sleep(_LOOK)
    status = pages.poll()
    _end((pages, worker))
    return 0 if ended else (1 if status is None else abs(status))


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process that is told to end when this one is gone, and that a key at the terminal does not reach."""
    return subprocess.Popen(command, preexec_fn=_follow, start_new_session=True)  # noqa: PLW1509 - there is one thread


def _follow() -> None:
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGTERM)


def _end(processes: tuple[subprocess.Popen[bytes], ...]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + _GRACE
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
