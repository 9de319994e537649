"""A worker that is killed at random: no submission is lost, none is tabulated twice, and the log is one chain."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

from output_review.log.audit import audit
from output_review.services.auditing import audit_zone
from tests.output_review.zone_camp import ZoneCamp

SUBMISSIONS = 4


def test_a_worker_that_is_killed_at_random_loses_nothing_and_does_nothing_twice(zone_camp: ZoneCamp) -> None:
    from django.db import connection

    for number in range(1, SUBMISSIONS + 1):
        zone_camp.hand_in({"by-wijk": zone_camp.recipe(), "again": zone_camp.recipe(rows=())}, number=number)
    connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.output_review.killed_work", str(zone_camp.folder.parent), "1", "10"],
        check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) >= 4
    zone = zone_camp.zone()
    from output_review.log.database import DatabaseLog
    from output_review.models import JobRow, OutputRow, RequestRow

    assert [row.number for row in RequestRow.objects.order_by("number")] == list(range(1, SUBMISSIONS + 1))
    assert OutputRow.objects.count() == 2 * SUBMISSIONS
    assert not OutputRow.objects.filter(level="").exists()
    assert JobRow.objects.count() == SUBMISSIONS
    assert set(JobRow.objects.values_list("state", flat=True)) <= {"done", "failed"}
    told = Counter(
        (str(one.payload["request"]), str(one.payload["output"]))
        for one in DatabaseLog().read()
        if one.action == "tabulated"
    )
    assert len(told) == 2 * SUBMISSIONS
    assert set(told.values()) == {1}
    for job in JobRow.objects.filter(state="done"):
        assert {one.verdict for one in job.request.outputs.all()} <= {"safe", "unsafe"}
    assert audit(DatabaseLog().read()).holds
    assert audit_zone(zone, None)["holds"]
