"""Two roles on a server: one owns the tables; the application's can neither change the log nor lift its triggers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from output_review import database
from tests.output_review.postgresql.cluster import Cluster
from tests.output_review.postgresql.conftest import closed
from tests.output_review.workflow_camp import Workflow, submitted
from tests.output_review.zone_camp import ZoneCamp

OWNER, APPLICATION = "camp-owner", "camp-review"
REFUSED = r"permission denied|must be owner"
ONLY_GROW = "output_review_logrow, output_review_headrow, output_review_accessrow"
# As docs/operating-the-review.md has them.
STATEMENTS = f"""
REASSIGN OWNED BY "{APPLICATION}" TO "{OWNER}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{APPLICATION}";
GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO "{APPLICATION}";
REVOKE UPDATE, DELETE ON {ONLY_GROW} FROM "{APPLICATION}";
"""


@pytest.fixture
def apart(
    cluster: Cluster, opened_there: tuple[ZoneCamp, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workflow]:
    """A request in a camp that was opened by the application's role, which then gave its tables to the owner."""
    closed()
    name = cluster.database()
    with cluster.connected() as connection:
        for role in (OWNER, APPLICATION):
            connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
        connection.execute(f'ALTER DATABASE "{name}" OWNER TO "{APPLICATION}"')
    monkeypatch.setitem(database._POSTGRESQL_OPTIONS, "assume_role", APPLICATION)
    camp = ZoneCamp.made(tmp_path, database=cluster.address(name))
    closed()
    with cluster.connected(name) as connection:
        for statement in STATEMENTS.strip().splitlines():
            connection.execute(statement)
    yield submitted(camp)
    closed()
    with cluster.connected(name) as connection:
        for role in (OWNER, APPLICATION):
            connection.execute(f'DROP OWNED BY "{role}" CASCADE')
    with cluster.connected() as connection:
        connection.execute(f'DROP DATABASE "{name}"')
        for role in (OWNER, APPLICATION):
            connection.execute(f'DROP ROLE "{role}"')


def test_the_application_works_and_can_touch_neither_the_log_nor_what_guards_it(apart: Workflow) -> None:
    from django.db import DatabaseError, connection

    apart.released()
    assert "released" in apart.state.value
    for table in ONLY_GROW.split(", "):
        for statement in (
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TRIGGER {table}_no_change ON {table}",
            f"CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(DatabaseError, match=REFUSED), connection.cursor() as cursor:
                cursor.execute(statement)
