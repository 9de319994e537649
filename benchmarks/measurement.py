"""Measuring in fresh processes, in turn, and what comes back."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_AGREES = 1e-9  # sums of floats differ by their order; ours are exact
_LONGEST = 3600.0


class MeasurementError(Exception):
    """A measurement could not be made, or what should agree does not: a ratio of the two would mean nothing."""


@dataclass(frozen=True)
class Measurement:
    """What one case took.

    Attributes:
        name: the case.
        seconds: of each run, in order.
        peak: the highest peak memory of its runs in bytes, the rows themselves included; 0 if it was not measured.
        facts: the figures it found, for comparison.
    """

    name: str
    seconds: tuple[float, ...]
    peak: int = 0
    facts: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.seconds or min(self.seconds) <= 0:
            raise MeasurementError(f"'{self.name}' has no runs, or one that took no time.")

    @property
    def best(self) -> float:
        """Seconds of the fastest run: the one that other work on the machine disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """Seconds of the run in the middle."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Comparison:
    """A case beside its baseline.

    Attributes:
        section: where it belongs.
        title: what is compared, in words.
        subject, baseline: the two; a case that stands for itself has no baseline.
        goal: the ratio that is aimed for, at most; None if none is.
        by_median: compare medians rather than fastest runs.
        most_bytes: the peak memory that is aimed for, at most; None if none is.
        most_seconds: the seconds that are aimed for, at most; None if none are.
    """

    section: str
    title: str
    subject: Measurement
    baseline: Measurement | None
    goal: float | None = None
    by_median: bool = False
    most_bytes: int | None = None
    most_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.baseline is None:
            return
        ours, theirs = dict(self.subject.facts), dict(self.baseline.facts)
        for name in ours.keys() & theirs.keys():
            # Not ">": a figure that is no number agrees with nothing.
            if not abs(ours[name] - theirs[name]) <= _AGREES * max(abs(ours[name]), abs(theirs[name])):
                raise MeasurementError(f"{self.title}: the two do not agree on '{name}'.")

    @property
    def seconds(self) -> float:
        """Seconds of the subject, as they are compared."""
        return self.subject.median if self.by_median else self.subject.best

    @property
    def ratio(self) -> float | None:
        """Seconds of the subject for each second of the baseline."""
        if self.baseline is None:
            return None
        return self.seconds / (self.baseline.median if self.by_median else self.baseline.best)

    @property
    def memory_ratio(self) -> float | None:
        """Peak memory of the subject over that of the baseline; None unless both were measured."""
        if self.baseline is None or not self.baseline.peak or not self.subject.peak:
            return None
        return self.subject.peak / self.baseline.peak


@dataclass(frozen=True)
class NotMeasured:
    """A section, or a part of one, that could not be measured here, and why."""

    section: str
    reason: str


def run(command: Sequence[str], *, python: Path | None = None, seconds: float = _LONGEST) -> Mapping[str, Any]:
    """Run a module of this package in a fresh process and return what it hands over.

    Args:
        command: the module and its arguments.
        python: the interpreter; this one by default.
        seconds: when it is given up.

    Raises:
        MeasurementError: it failed; the message ends with the last of what it said.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [str(python or sys.executable), "-m", *command],
            capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"{' '.join(command[:2])} did not end in {seconds:.0f} seconds") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise MeasurementError(f"{' '.join(command[:2])} ended with status {done.returncode}: {said}")
    lines = done.stdout.strip().splitlines()
    if not lines:
        return {}
    handed: Mapping[str, Any] = json.loads(lines[-1])
    return handed


def in_turn(commands: Sequence[Sequence[str]], repeats: int, *, python: Path | None = None) -> dict[str, Measurement]:
    """Run commands in turn, `repeats` times each, and return a measurement per case.

    They take turns so that what else the machine does falls on all of them.
    """
    runs: dict[str, list[Mapping[str, Any]]] = {}
    for _ in range(repeats):
        for command in commands:
            for name, result in run(command, python=python).items():
                runs.setdefault(name, []).append(result)
    return {name: collected(name, results) for name, results in runs.items()}


def collected(name: str, results: Sequence[Mapping[str, Any]]) -> Measurement:
    """Return the measurement of several runs of one case."""
    return Measurement(
        name=name,
        seconds=tuple(float(result["seconds"]) for result in results),
        peak=max((int(result.get("peak", 0)) for result in results), default=0),
        facts=tuple(sorted(results[0].get("facts", {}).items())) if results else (),
    )
