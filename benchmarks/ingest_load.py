"""Ingest and tabulation under fire: ``python -m benchmarks.ingest_load``.

Submissions come into the outbox while processes take them in and tabulate; at random moments one of these is killed
(SIGKILL) and started anew. At the end each submission must be one request with its own outputs, each output kept once,
and the log whole. ``--sealed`` runs `datakamp review ingest` and `datakamp review work` as they are, boxes and all.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from disclosure.exchange.canonical import digest
from tests.output_review.zone_camp import ZoneCamp

ROOT: Final = Path(__file__).resolve().parents[1]
_ROLES: Final = ("ingest", "work", "work")
_TEAM: Final = "team-1"


@dataclass(frozen=True)
class Load:
    """What is handed in, and how often a process is killed.

    Attributes:
        outputs: of each submission.
        between: seconds between two kills, from and to.
        kills: how many at the most; on a slow machine a process may take longer to start than it is left alive.
        speed: how many times as fast as real time the clock of the processes runs.
        most: seconds after which it has taken too long.
    """

    submissions: int
    outputs: int = 1
    between: tuple[float, float] = (2.0, 8.0)
    kills: int = 1_000_000
    seed: int = 1
    speed: float = 1.0
    sealed: bool = False
    most: float = 3600.0


@dataclass(frozen=True)
class Fire:
    """What happened.

    Attributes:
        kills: by what the process did, "ingest" or "work".
        attempts: how many jobs were begun so often.
        given_up: jobs that were begun too often, whose outputs are unverified.
        problems: what was lost, doubled or is not whole; empty if all is well.
    """

    seconds: float
    kills: Counter[str]
    attempts: Counter[int]
    given_up: int
    problems: tuple[str, ...]


class Handed:
    """Submissions, each made aside and moved into the outbox at once, as the broker does."""

    def __init__(self, camp: ZoneCamp, aside: Path, outputs: int) -> None:
        self._camp, self._outputs = camp, outputs
        self._aside = ZoneCamp(aside, camp.office)
        self.digests: dict[int, str] = {}

    def hand_in(self, number: int) -> None:
        """Hand in a submission like no other."""
        recipes = {
            f"persons-{place}": self._camp.recipe(
                sql=f"SELECT person, wijk, income FROM PERSONS WHERE wijk <> '31' AND income > {place}.{number:06d}"
            )
            for place in range(self._outputs)
        }
        made = self._aside.hand_in(recipes, number=number)
        self.digests[number] = digest((made / "submission.json").read_bytes())
        made.rename(self._camp.folder / "outbox" / _TEAM / str(number))


def fired_at(place: Path, load: Load) -> Fire:
    """Hand in all submissions while processes work and are killed; return what came of it.

    Args:
        place: an empty folder.
    """
    from django.db import connection

    camp, chance = ZoneCamp.made(place), random.Random(load.seed)
    handed = Handed(camp, place / "aside", load.outputs)
    for number in range(1, load.submissions // 2 + 1):
        handed.hand_in(number)
    kills: Counter[str] = Counter()
    begun = time.monotonic()
    with _running(place, load) as processes:
        following = begun + chance.uniform(*load.between)
        number = load.submissions // 2
        while not (ended := _all_done(load)) and time.monotonic() - begun < load.most:
            if number < load.submissions:
                number += 1
                handed.hand_in(number)
            if time.monotonic() >= following and kills.total() < load.kills and not _only_waiting(load):
                kills[processes.kill(chance)] += 1
                following = time.monotonic() + chance.uniform(*load.between)
            processes.restart()
            time.sleep(0.05)
    seconds = time.monotonic() - begun
    connection.close()
    attempts, given_up = _jobs()
    late = () if ended else (f"it did not come to its end in {load.most:.0f} seconds",)
    return Fire(seconds, kills, attempts, given_up, (*late, *problems(camp.zone(), handed.digests, load.outputs)))


class _Processes:
    """The processes that work, one of each role."""

    def __init__(self, place: Path, load: Load) -> None:
        self._place, self._load, self._begun = place, load, time.time()
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = [(role, self._start(role)) for role in _ROLES]

    def kill(self, chance: random.Random) -> str:
        """Kill one of them, whatever it is at; return its role."""
        role, process = chance.choice(self._running)
        process.kill()
        return role

    def restart(self) -> None:
        """Start those anew that have ended."""
        self._running = [
            (role, process if process.poll() is None else self._start(role)) for role, process in self._running
        ]

    def end(self) -> None:
        """End all of them."""
        for _, process in self._running:
            process.kill()
            process.wait()

    def _start(self, role: str) -> subprocess.Popen[bytes]:
        words = ["benchmarks.ingest_worker", str(self._place), role, str(self._begun), str(self._load.speed)]
        if self._load.sealed:
            words = ["datakamp", "review", role, "--camp", str(self._place / "camp")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self._place / "said").open("ab") as said:
            return subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=environment, stdout=said, stderr=said)


@contextmanager
def _running(place: Path, load: Load) -> Iterator[_Processes]:
    processes = _Processes(place, load)
    try:
        yield processes
    finally:
        processes.end()


def _all_done(load: Load) -> bool:
    from output_review.models import JobRow

    return JobRow.objects.filter(state__in=("done", "failed")).count() == load.submissions


def _only_waiting(load: Load) -> bool:
    """Tell whether all is taken in and begun at least once: what is left pauses, and may come to its end."""
    from output_review.models import JobRow

    return JobRow.objects.filter(attempts__gt=0).count() == load.submissions


def _jobs() -> tuple[Counter[int], int]:
    from output_review.models import JobRow

    return Counter(JobRow.objects.values_list("attempts", flat=True)), JobRow.objects.filter(state="failed").count()


def problems(zone: Any, digests: dict[int, str], outputs: int) -> list[str]:
    """Return what is not as it must be after all was handed in, whoever was killed.

    Args:
        digests: of each number that was handed in, that of its document.
        outputs: how many outputs each submission has.
    """
    from output_review.log.database import DatabaseLog
    from output_review.models import HandedInRow, JobRow, OutputRow, RequestRow
    from output_review.services.auditing import audit_zone

    numbers = sorted(digests)
    names = {f"persons-{place}" for place in range(outputs)}
    rows = {row.pk: row for row in RequestRow.objects.all()}
    made: dict[int, list[OutputRow]] = {pk: [] for pk in rows}
    for output in OutputRow.objects.all():
        made[output.request_id].append(output)
    logged = Counter(
        (int(str(one.payload["request"])), str(one.payload["output"]))
        for one in DatabaseLog().read()
        if one.action == "tabulated"
    )
    failed = set(JobRow.objects.filter(state="failed").values_list("request", flat=True))
    told = {number: (zone.camp.inbox(_TEAM) / f"{number}.json").is_file() for number in numbers}
    checks = {
        "a submission is not exactly one request": sorted(row.number for row in rows.values()) == numbers,
        "a folder was not taken exactly once": sorted(HandedInRow.objects.values_list("number", flat=True)) == numbers,
        "a request is not what was handed in": all(
            row.submission == digests.get(row.number) and row.state == "submitted" for row in rows.values()
        ),
        "a request has not exactly its outputs": all(
            len(every) == outputs and {one.name for one in every} == names for every in made.values()
        ),
        "an output was not tabulated exactly once": logged == Counter((pk, name) for pk in rows for name in names),
        "an output is not what trusted code makes of it": all(
            (one.level, one.verdict) == ("recomputed", "safe")
            for pk, every in made.items()
            if pk not in failed
            for one in every
        ),
        "a request has not exactly one job": sorted(JobRow.objects.values_list("request", flat=True)) == sorted(rows),
        "a job is not at its end": not JobRow.objects.exclude(state__in=("done", "failed")).exists(),
        "a team was not told": all(told.values()),
        "the log or a ledger does not hold": bool(audit_zone(zone, None)["holds"]),
    }
    return [what for what, holds in checks.items() if not holds]


@click.command()
@click.option("--submissions", default=1_000, show_default=True, type=click.IntRange(2))
@click.option("--outputs", default=1, show_default=True, type=click.IntRange(1, 60))
@click.option("--between", default=(2.0, 8.0), show_default=True, nargs=2, type=float, help="Seconds between kills.")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="Of the processes' clock; not with --sealed.")
@click.option("--sealed", is_flag=True, help="The commands as they are, with their boxes.")
def main(submissions: int, outputs: int, between: tuple[float, float], seed: int, speed: float, sealed: bool) -> None:
    """Kill ingest and workers at random, and count what is lost."""
    with tempfile.TemporaryDirectory(prefix="ingest-load-") as place:
        load = Load(submissions, outputs, between, seed=seed, speed=speed, sealed=sealed)
        fire = fired_at(Path(place), load)
    click.echo(
        f"{submissions} submissions of {outputs} outputs in {fire.seconds:.0f} s; {fire.kills.total()} kills: "
        f"{fire.kills['ingest']} of ingest, {fire.kills['work']} of workers"
    )
    begun = ", ".join(f"{count} begun {times}x" for times, count in sorted(fire.attempts.items()))
    click.echo(f"jobs: {begun}; {fire.given_up} given up")
    for one in fire.problems:
        click.echo(f"wrong: {one}")
    click.echo("something is wrong" if fire.problems else "none lost, none twice")
    sys.exit(1 if fire.problems else 0)


if __name__ == "__main__":
    main()
