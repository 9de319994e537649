"""Run one long step: its noise goes to a log, its progress to the terminal, its failure names the log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_SECONDS = 0.1
_TERMINAL_SECONDS = 0.2  # how often a terminal's line is redrawn
_PLAIN_SECONDS = 15.0  # how often a line is added where nothing can be redrawn
_ERRORS_SHOWN = 3


class StepFailedError(Exception):
    """A step of the set-up ended with another exit status than 0."""


@dataclass(frozen=True)
class Count:
    """What shows how far a step is: lines of its output that begin with certain words, out of how many.

    Args:
        words: how such a line may begin.
        total: how many there will be.
        then: what the step does once all have been seen.
    """

    words: tuple[str, ...]
    total: int
    then: str


def run_logged(
    command: Sequence[str],
    *,
    log: Path,
    title: str,
    count: Count | None = None,
    settings: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> None:
    """Run a command to its end, its output appended to the log.

    Args:
        command: the argv.
        log: the file that gets both its outputs.
        title: what the step is, for the line of progress.
        count: what of its output shows how far it is.
        settings: variables of the environment to set.
        without: variables of the environment to leave out.

    Raises:
        StepFailedError: it could not be started, or its exit status is not 0; the message names the log.
    """
    environment = {name: value for name, value in os.environ.items() if name not in without} | dict(settings or {})
    with log.open("ab") as sink:
        sink.write(f"\n$ {' '.join(command)}\n".encode())
        sink.flush()
        begin = sink.tell()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=environment,
                close_fds=False,  # a step that outlives a killed set-up goes on holding the folder's lock
            )
        except OSError as error:
            raise StepFailedError(f"{title}: {command[0]} could not be started ({type(error).__name__}).") from None
        try:
            _watch(process, log, begin, title, count)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode != 0:
        lines = [f"{title}: failed with exit status {process.returncode}. The log is {log}"]
        lines += [f"  {line}" for line in _errors(log, begin)]
        raise StepFailedError("\n".join(lines))


def _watch(process: subprocess.Popen[bytes], log: Path, begin: int, title: str, count: Count | None) -> None:
    terminal = sys.stdout.isatty()
    started = shown = time.monotonic()
    if not terminal:
        print(f"set-up: {title}", flush=True)
    while process.poll() is None:
        time.sleep(_TICK_SECONDS)
        now = time.monotonic()
        if now - shown < (_TERMINAL_SECONDS if terminal else _PLAIN_SECONDS):
            continue
        shown = now
        line = f"set-up: {title}{_progress(log, begin, count)}, {now - started:.0f} s"
        print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", flush=True)
    if terminal:
        print(f"\r\x1b[Kset-up: {title}, {time.monotonic() - started:.0f} s", flush=True)


def _progress(log: Path, begin: int, count: Count | None) -> str:
    if count is None:
        return ""
    seen = sum(line.startswith(count.words) for line in _output(log, begin))
    return f": {count.then}" if seen >= count.total else f": {seen} of {count.total}"


def _errors(log: Path, begin: int) -> list[str]:
    marks = ("ERROR:", "E:", "error:")
    return [line for line in _output(log, begin) if line.startswith(marks)][:_ERRORS_SHOWN]


def _output(log: Path, begin: int) -> list[str]:
    with log.open("rb") as source:
        source.seek(begin)
        return source.read().decode(errors="replace").splitlines()
