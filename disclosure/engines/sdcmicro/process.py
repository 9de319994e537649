"""The worker's life: started for one job, held to time and memory, killed with all that it started."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from disclosure.engines.sdcmicro.aliases import Aliases
from disclosure.engines.sdcmicro.calls import Job
from disclosure.engines.sdcmicro.frames import write_frame
from disclosure.engines.sdcmicro.functions import FUNCTIONS
from disclosure.engines.sdcmicro.handshake import (
    Ended,
    EngineFailedError,
    Versions,
    error_of,
    versions_from,
)
from disclosure.engines.sdcmicro.results import Answer, read_answers
from disclosure.engines.sdcmicro.worker import FAILED, FRAMES, HELLO, JOB, RESULTS
from disclosure.errors import BadInputError
from disclosure.exchange.files import write_atomically
from disclosure.texts import text

WORKER: Final = (sys.executable, "-P", "-m", "disclosure.engines.sdcmicro.worker")
_PASSED: Final = ("PATH", "R_HOME", "R_LIBS", "R_LIBS_SITE", "R_LIBS_USER", "LD_LIBRARY_PATH", "CONDA_PREFIX")
_PREFIX: Final = "datakamp-sdcmicro-"
_HELD: Final = "held"
_STARTING: Final = 120.0
"""Seconds within which R and sdcMicro are loaded."""


@dataclass(frozen=True)
class WorkerLimits:
    """What the worker may take.

    Attributes:
        seconds: from its start to its end.
        memory: bytes of address space.
    """

    seconds: float = 3600.0
    memory: int = 16 << 30

    def __post_init__(self) -> None:
        if not (self.seconds > 0 and self.memory > 0):
            raise BadInputError(text("A limit of time or memory is above zero."))


@dataclass(frozen=True)
class Finished:
    """What a worker left.

    Attributes:
        versions: what answered.
        answers: one per call.
        seconds: from its start to its last result read.
    """

    versions: Versions
    answers: tuple[Answer, ...]
    seconds: float


def versions(limits: WorkerLimits | None = None, *, command: tuple[str, ...] = WORKER) -> Versions:
    """Start a worker, and return what it says of itself.

    Raises:
        EngineMissingError: R, rpy2 or sdcMicro is missing or too old.
        EngineFailedError: the worker died or hung.
    """
    with _Folder() as folder:
        return _ran(folder.path, limits or WorkerLimits(seconds=_STARTING), command)


def run(
    job: Job, frames: Mapping[str, pa.Table], limits: WorkerLimits | None = None, *, command: tuple[str, ...] = WORKER
) -> Finished:
    """Do a job in a worker of its own, and return what it left.

    Args:
        frames: those that the job names.
        command: what starts a worker; the folder and limits are added.

    Raises:
        BadInputError: the job and the frames do not belong together, or a call names a column that is not there.
        EngineMissingError: R, rpy2 or sdcMicro is missing or too old.
        EngineFailedError: the worker died, passed a limit, or sdcMicro refused a call.
    """
    _check(job, frames)
    begun = time.monotonic()
    # No name of a column reaches R, where sdcMicro would have some of them read as a program.
    aliases = Aliases(frames[name] for name in job.frames)
    with _Folder() as folder:
        try:
            for name in job.frames:
                write_frame(aliases.sent(frames[name]), folder.path / FRAMES / name)
            document = aliases.job(job).to_document()
            write_atomically(folder.path / JOB, json.dumps(document, ensure_ascii=False).encode())
        except OSError:
            raise _no_room() from None
        found = _ran(folder.path, limits or WorkerLimits(), command)
        answers = tuple(map(aliases.answer, read_answers(folder.path / RESULTS)))
        if len(answers) != len(job.calls):
            raise EngineFailedError(text("The process with sdcMicro left no results."))
        return Finished(found, answers, time.monotonic() - begun)


class _Folder:
    """A folder for records, its owner's only, and gone afterwards: at the next start if its process was killed."""

    def __enter__(self) -> _Folder:
        try:
            _sweep(Path(tempfile.gettempdir()))
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            self._held = (self.path / _HELD).open("xb")
            fcntl.flock(self._held, fcntl.LOCK_EX)
        except OSError:
            raise _no_room() from None
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._held.close()


def _sweep(place: Path) -> None:
    """Remove what was left by processes that are gone: a killed one holds no lock, and could not remove its records."""
    for folder in place.glob(f"{_PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.getuid() or folder.is_symlink():
                continue
            with (folder / _HELD).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # held, just begun, or swept by another


def _no_room() -> EngineFailedError:
    return EngineFailedError(
        text("The records could not be handed to the process with sdcMicro."),
        hint=text("Is there room in the folder for temporary files?"),
    )


def _check(job: Job, frames: Mapping[str, pa.Table]) -> None:
    if set(job.frames) != set(frames):
        raise BadInputError(text("The job names other frames than are given."))
    for call in job.calls:
        if not isinstance(call.subject, str):
            continue
        there = set(frames[call.subject].column_names)
        for name, value in call.arguments.items():
            kind = FUNCTIONS[call.function].arguments[name].kind.value
            asked = (value,) if kind == "column" else value if kind == "columns" else ()
            absent = [one for one in asked if one not in there]
            if absent:
                raise BadInputError(text("There is no column '{name}' in the frame.", name=absent[0]))


def _ran(folder: Path, limits: WorkerLimits, command: tuple[str, ...]) -> Versions:
    """Run the worker over a folder to its end, and return what it said of itself."""
    seconds = limits.seconds
    arguments = (*command, str(folder), str(limits.memory), str(max(1, int(seconds * (os.cpu_count() or 1)))))
    try:
        process = subprocess.Popen(
            arguments, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError:
        raise EngineFailedError(text("The process with sdcMicro could not be started.")) from None
    try:
        status = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise EngineFailedError(
            text(
                "sdcMicro took longer than {seconds} seconds and was ended; nothing was written.", seconds=int(seconds)
            ),
            hint=text("Give it more time, try fewer rows or key variables, or the embedded engine."),
        ) from None
    finally:
        _kill(process)
    if status != Ended.DONE:
        raise error_of(status, _called(folder))
    try:
        return versions_from(json.loads((folder / HELLO).read_bytes()))
    except (OSError, ValueError):
        raise EngineFailedError(text("The process with sdcMicro did not say what it is.")) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the worker and whatever it started, which is in a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _called(folder: Path) -> str | None:
    try:
        called = json.loads((folder / FAILED).read_bytes())["function"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return called if isinstance(called, str) and called in FUNCTIONS else None


def _environment(folder: Path) -> dict[str, str]:
    """Return what the worker sees: none of a user's start files, one language, its own folder for temporary files."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return passed | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "R_PROFILE_USER": os.devnull,
        "R_ENVIRON_USER": os.devnull,
    }
