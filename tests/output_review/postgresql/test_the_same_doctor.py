"""The tests of the doctor's look at a camp, once more on PostgreSQL; and what only a server can lack."""

from pathlib import Path

from output_review.camp_doctor import examined_camp
from tests.output_review.postgresql.cluster import Cluster
from tests.output_review.test_camp_doctor import *  # noqa: F403
from tests.output_review.zone_camp import CAMP, ZoneCamp

# These are about a database file.
del test_a_file_that_is_not_there_or_is_no_database_is_told  # noqa: F821
del test_a_database_that_this_user_cannot_write_is_told  # noqa: F821


def found(folder: Path, address: str) -> tuple[str, str]:
    """Return what the doctor finds of the database at an address."""
    (folder / "camp.toml").write_text(f'database = "{address}"\n{CAMP}')
    ((state, said),) = [(one[1], one[2]) for one in examined_camp(folder) if one[0] == "database of the camp"]
    return state, said


def test_a_server_that_does_not_answer_can_only_be_read_or_has_no_camp_is_told(
    zone_camp: ZoneCamp, cluster: Cluster
) -> None:
    assert found(zone_camp.folder, "postgresql:///camp?host=/nowhere")[0] == "missing"
    name = cluster.database()
    address = cluster.address(name)
    state, said = found(zone_camp.folder, address)
    assert state == "well"
    assert said.startswith("PostgreSQL ")
    empty = {what: state for what, state, _, _ in examined_camp(zone_camp.folder)}
    assert empty["tables of the database"] == "missing"
    with cluster.connected() as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    from django.db import connections

    connections.close_all()
    assert found(zone_camp.folder, address) == ("missing", "it can only be read")
