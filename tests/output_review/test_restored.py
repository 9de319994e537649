"""A copy whose digests are right and whose database is not what a control zone wrote is not put back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from disclosure.errors import IntegrityError
from disclosure.exchange.canonical import canonical_json
from output_review.services.backup import backup
from output_review.services.copies import DATABASE, digest_of
from output_review.services.releasing import release
from output_review.services.restore import restore
from tests.output_review.test_release_path import approved
from tests.output_review.zone_camp import ZoneCamp

LOG, HEADS = "output_review_logrow", "output_review_headrow"
Harm = Callable[[sqlite3.Connection], object]


def changed_and_guarded_again(change: str, table: str) -> Harm:
    """Return a harm that takes the triggers of a table away, changes it, and puts them back."""

    def harm(database: sqlite3.Connection) -> None:
        question = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        kept = database.execute(question, (table,)).fetchall()
        for name, _ in kept:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(change)
        for _, text in kept:
            database.execute(text)

    return harm


def sql(text: str) -> Harm:
    return lambda database: database.executescript(text)


HARMS: dict[str, tuple[Harm, str]] = {
    "no trigger": (sql(f"DROP TRIGGER {LOG}_no_update"), "triggers"),
    "no trigger on reads": (sql("DROP TRIGGER output_review_accessrow_no_delete"), "triggers"),
    "an empty trigger": (
        sql(f"DROP TRIGGER {LOG}_no_update; CREATE TRIGGER {LOG}_no_update BEFORE UPDATE ON {LOG} BEGIN SELECT 1; END"),
        "triggers",
    ),
    "one trigger more": (
        sql("CREATE TRIGGER more AFTER INSERT ON output_review_voterow BEGIN DELETE FROM output_review_voterow; END"),
        "triggers",
    ),
    "another state": (sql("UPDATE output_review_requestrow SET state = 'approved'"), "state"),
    "a request that was handed in by nobody": (
        changed_and_guarded_again(f"DELETE FROM {LOG} WHERE sequence > 1", LOG), "checkpoint|cut off|release|state"
    ),
    "another entry": (
        changed_and_guarded_again(
            f"UPDATE {LOG} SET document = replace(document, '\"vera\"', '\"xena\"')", LOG
        ),
        "changed after",
    ),
    "no head": (changed_and_guarded_again(f"DELETE FROM {HEADS}", HEADS), "no signed head"),
    "a forged head": (
        changed_and_guarded_again(f"UPDATE {HEADS} SET envelope = replace(envelope, 'a', 'b')", HEADS), "signed them"
    ),
    "no manifest": (sql("DELETE FROM output_review_manifestrow"), "no signed head"),
}  # fmt: skip


def forged(folder: Path, harm: Harm) -> None:
    """Change the database of a copy, and give its manifest the digest and the end of the log that belong to it."""
    path = folder / DATABASE
    with closing(sqlite3.connect(path)) as database:
        harm(database)
        database.commit()
        last = database.execute(f"SELECT document FROM {LOG} ORDER BY sequence DESC LIMIT 1").fetchone()
    entry, manifest = json.loads(last[0]), folder / "backup.json"
    document = json.loads(manifest.read_bytes())
    document["files"][DATABASE] = digest_of(path)
    document["sequence"], document["hash"] = entry["sequence"], entry["hash"]
    manifest.write_bytes(canonical_json(document))


@pytest.mark.parametrize("name", HARMS)
def test_what_no_control_zone_wrote_is_not_put_back(zone_camp: ZoneCamp, tmp_path: Path, name: str) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    made, again = backup(zone, tmp_path), tmp_path / "again"
    harm, said = HARMS[name]
    forged(made.folder, harm)
    with pytest.raises(IntegrityError, match=said):
        restore(made.folder, again, zone_camp.office / "site.toml")
    assert list(again.iterdir()) == []


def test_a_copy_with_the_right_digests_that_was_not_changed_is_put_back(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    made = backup(zone, tmp_path)
    forged(made.folder, lambda _: None)
    restore(made.folder, tmp_path / "again", zone_camp.office / "site.toml")
    assert (tmp_path / "again" / "camp.toml").is_file()
