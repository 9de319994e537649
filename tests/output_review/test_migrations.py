"""A database of every earlier version comes up to date with all that is in it, and its log can still only grow."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.databases import database_of
from output_review.database import open_database, turn_to
from output_review.log.chain import next_entry
from tests.output_review.zone_camp import ZoneCamp

VERSIONS = sorted(path.stem for path in (Path(__file__).parents[2] / "output_review" / "migrations").glob("[0-9]*.py"))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def filled(version: str) -> None:
    """Make the tables of an earlier version and put a row into each that it had from the first on."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    apps = executor.migrate([("output_review", version)]).apps

    def add(name: str, /, **values: Any) -> Any:
        return apps.get_model("output_review", name).objects.create(**values)

    add("CampRow", name="camp", site="site.toml", salt="00")
    add("ManifestRow", number=1, envelope={"a": 1})
    request = add(
        "RequestRow", team="team-1", number=3, author="anna", title="Persons", purpose="A test.", state="submitted",
        received=NOON, submission="sha256:" + "0" * 64,
    )  # fmt: skip
    output = add("OutputRow", request_id=request.pk, revision=1, name="by-wijk", title="T", population="P", recipe="{}")
    add("VoteRow", output_id=output.pk, reviewer="vera", decision="approve")
    add("SignOffRow", request_id=request.pk, revision=1, reviewer="vera", envelope={"a": 1})
    entry = next_entry(None, time="2026-11-23T12:00:00Z", actor="anna", action="open", payload={})
    add("LogRow", sequence=1, document=canonical_json(entry.to_document()).decode())
    add("HeadRow", sequence=1, envelope={"a": 1})


@pytest.mark.parametrize("version", VERSIONS)
def test_every_earlier_version_comes_up_to_date(zone_camp: ZoneCamp, tmp_path: Path, version: str) -> None:
    from django.db import DatabaseError, connection

    review = tmp_path / "review"
    review.mkdir()
    address = None if zone_camp.spare is None else database_of(zone_camp.spare())
    turn_to(review, address)
    filled(version)
    connection.close()
    open_database(review, address)
    from output_review.log.audit import audit
    from output_review.log.database import DatabaseLog
    from output_review.models import HandedInRow, HeadRow, LogRow, OutputRow, RequestRow, SignOffRow, VoteRow

    request = RequestRow.objects.get()
    assert (request.team, request.number, request.received, request.revision) == ("team-1", 3, NOON, 1)
    assert (OutputRow.objects.get().name, VoteRow.objects.get().reviewer) == ("by-wijk", "vera")
    assert (SignOffRow.objects.get().reviewer, HeadRow.objects.get().sequence) == ("vera", 1)
    assert audit(DatabaseLog().read()).length == 1
    if version < "0007":  # from then on whoever takes a folder in says which it was
        assert [(one.team, one.number, one.revision) for one in HandedInRow.objects.all()] == [("team-1", 3, 1)]
    for rows in (LogRow.objects.all(), HeadRow.objects.all()):
        with pytest.raises(DatabaseError, match="only grows"):
            rows.delete()
        with pytest.raises(DatabaseError, match="only grows"):
            rows.update(sequence=7)
    connection.close()


def test_two_processes_that_start_at_once_bring_it_up_to_date_once(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    import subprocess
    import sys

    review = tmp_path / "review"
    review.mkdir()
    address = "" if zone_camp.spare is None else zone_camp.spare()
    program = (
        "import sys; from pathlib import Path; from output_review.database import open_database;"
        "from disclosure.exchange.databases import database_of;"
        "open_database(Path(sys.argv[1]), database_of(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(review), address]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, env=dict(os.environ)) for _ in range(3)]
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
