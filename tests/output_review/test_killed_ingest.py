"""Ingest that is killed at random, with revisions in the outbox: nothing is lost and nothing is taken in twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from output_review.domain.states import State
from output_review.services.auditing import audit_zone
from tests.output_review.returned_camp import FIRST, again, returned, told
from tests.output_review.zone_camp import ZoneCamp

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("seed", [1, 2])
def test_ingest_that_is_killed_at_random_loses_nothing_and_takes_nothing_twice(zone_camp: ZoneCamp, seed: int) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone."})
    again(zone_camp, {one: "Everyone.", other: "For the atlas."}, number=3)
    for number in range(4, 8):
        zone_camp.hand_in({FIRST: zone_camp.recipe(sql=f"SELECT * FROM PERSONS LIMIT {number}00")}, number=number)
    done = subprocess.run(
        [sys.executable, "-m", "tests.output_review.killed_ingest", str(zone_camp.folder.parent), str(seed)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    seen = json.loads(done.stdout)
    assert sum(step["killed"] for step in seen) > 10
    for step in seen:
        taken = dict(step["handed_in"])
        assert step["answers"] == (2 if 3 in taken else 0), step
        assert {number: revision for number, _, revision in step["requests"]}[1] == (2 if 3 in taken else 1), step
        of_new = [number for number, _, _ in step["outputs"] if number > 3]
        assert sorted(of_new) == [number for number in range(4, 8) if number in taken], step
    zone = zone_camp.zone()
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.SUBMITTED, 2)
    assert [one.name for one in row.outputs.filter(revision=2)] == [FIRST]
    assert row.comments.exclude(answers=None).count() == 2
    from output_review.models import HandedInRow, JobRow, RequestRow

    assert sorted(HandedInRow.objects.values_list("number", flat=True)) == list(range(1, 8))
    assert sorted(RequestRow.objects.values_list("number", flat=True)) == [1, 2, 4, 5, 6, 7]
    assert JobRow.objects.filter(request__number__in=range(4, 8)).count() == 4
    assert [told(zone_camp, number)["state"] for number in range(1, 8)] == ["submitted", "refused"] + ["submitted"] * 5
    assert audit_zone(zone, None)["holds"]
