"""Submissions come in while the processes that take them in and tabulate are killed: none lost, none twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.ingest_load import Handed, Load, fired_at, problems
from output_review.services.ingest import ingest
from output_review.services.stopping import Stop
from output_review.services.working import one_round
from tests.output_review.zone_camp import ZoneCamp


def test_nothing_is_lost_and_nothing_comes_twice_whoever_is_killed(tmp_path: Path) -> None:
    fire = fired_at(tmp_path, Load(30, between=(0.3, 1.5), kills=8, speed=60.0, most=270.0))
    assert fire.problems == ()
    assert fire.kills.total() >= 3
    assert sum(fire.attempts.values()) == 30


@pytest.fixture
def done(zone_camp: ZoneCamp, tmp_path: Path) -> tuple[ZoneCamp, Handed]:
    """A camp in which two submissions were handed in and tabulated."""
    handed = Handed(zone_camp, tmp_path / "aside", 2)
    for number in (1, 2):
        handed.hand_in(number)
    one_round(zone_camp.zone, "worker", Stop())
    return zone_camp, handed


def _lost(camp: ZoneCamp, handed: Handed) -> str:
    handed.hand_in(3)
    return "not exactly one request"


def _not_tabulated(camp: ZoneCamp, handed: Handed) -> str:
    handed.hand_in(3)
    ingest(camp.zone())
    return "not tabulated exactly once"


def _another(camp: ZoneCamp, handed: Handed) -> str:
    handed.digests[1], handed.digests[2] = handed.digests[2], handed.digests[1]
    return "not what was handed in"


def _fewer(camp: ZoneCamp, handed: Handed) -> str:
    from output_review.models import OutputRow

    OutputRow.objects.filter(name="persons-1", request_id=2).delete()
    return "not exactly its outputs"


def _twice(camp: ZoneCamp, handed: Handed) -> str:
    camp.zone().log("tabulation", "tabulated", {"request": "1", "output": "persons-0"})
    return "not tabulated exactly once"


def _unverified(camp: ZoneCamp, handed: Handed) -> str:
    from output_review.models import OutputRow

    OutputRow.objects.filter(name="persons-1").update(level="unverified")
    return "not what trusted code makes of it"


def _untold(camp: ZoneCamp, handed: Handed) -> str:
    (camp.folder / "inbox" / "team-1" / "2.json").unlink()
    return "was not told"


def _job_lost(camp: ZoneCamp, handed: Handed) -> str:
    from output_review.models import JobRow

    JobRow.objects.filter(request_id=1).delete()
    return "not exactly one job"


def _job_open(camp: ZoneCamp, handed: Handed) -> str:
    from output_review.models import JobRow

    JobRow.objects.filter(request_id=1).update(state="running")
    return "not at its end"


def test_what_is_as_it_must_be_has_no_problem(done: tuple[ZoneCamp, Handed]) -> None:
    camp, handed = done
    assert problems(camp.zone(), handed.digests, 2) == []


@pytest.mark.parametrize(
    "harm", [_lost, _not_tabulated, _another, _fewer, _twice, _unverified, _untold, _job_lost, _job_open]
)
def test_the_count_would_notice(done: tuple[ZoneCamp, Handed], harm: Callable[[ZoneCamp, Handed], str]) -> None:
    expected = harm(*done)
    camp, handed = done
    assert any(expected in one for one in problems(camp.zone(), handed.digests, 2))
