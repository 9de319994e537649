"""Backup and restore: one moment, whole, and proven; what is damaged or older is noticed."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, DatakampError, IntegrityError, RefusedError
from disclosure.exchange.canonical import canonical_json
from output_review.domain.votes import Vote
from output_review.services.auditing import audit_zone
from output_review.services.backup import Backup, backup
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.restore import restore
from output_review.services.reviewing import vote
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone, open_zone
from output_review.signing.signoff import Decision
from tests.output_review.test_release_path import approved
from tests.output_review.zone_camp import ZoneCamp


def database_for(zone_camp: ZoneCamp) -> str:
    """Return the address of a database to restore into; empty for a file."""
    return "" if zone_camp.spare is None else zone_camp.spare()


def put_back(zone_camp: ZoneCamp, made: Backup, place: Path) -> ControlZone:
    """Restore a copy into a new folder, and open it."""
    restore(made.folder, place, zone_camp.office / "site.toml", database_for(zone_camp))
    return open_zone(place, zone_camp.engines())


def copied(zone: ControlZone, tmp_path: Path) -> Backup:
    into = tmp_path / "backups"
    into.mkdir(exist_ok=True)
    return backup(zone, into)


def test_what_was_released_is_there_again_and_the_audit_holds(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    stored = sorted(zone.store.digests())
    made = copied(zone, tmp_path)
    assert made.sequence == zone.sequence() - 1
    again = put_back(zone_camp, made, tmp_path / "again")
    assert again.request(number).state == "released"
    assert sorted(again.store.digests()) == stored
    report = audit_zone(again, None)
    assert report["holds"], report
    assert report["entries"] == made.sequence


def test_a_ledger_that_is_lost_comes_back_with_it_and_equals_its_checkpoint_in_the_log(
    zone_camp: ZoneCamp, tmp_path: Path
) -> None:
    import shutil

    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    made = copied(zone, tmp_path)
    shutil.rmtree(zone_camp.office / "ledger")
    assert audit_zone(put_back(zone_camp, made, tmp_path / "again"), None)["holds"]


def test_a_ledger_that_has_grown_since_is_not_set_back(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    made = copied(zone, tmp_path)
    release(zone, zone.request(number))
    chain = zone_camp.office / "ledger" / "PERSONS" / "chain.jsonl"
    before = chain.read_bytes()
    again = put_back(zone_camp, made, tmp_path / "again")
    assert chain.read_bytes() == before
    assert audit_zone(again, None)["holds"]


def test_another_ledger_is_refused_and_nothing_is_made(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    made = copied(zone, tmp_path)
    chain = zone_camp.office / "ledger" / "PERSONS" / "chain.jsonl"
    chain.write_bytes(chain.read_bytes().replace(b"by-wijk", b"by-wyjk"))
    with pytest.raises(RefusedError, match="another one"):
        restore(made.folder, tmp_path / "again", zone_camp.office / "site.toml")
    assert not (tmp_path / "again").exists()


def test_a_restored_older_log_is_noticed_by_who_holds_a_checkpoint(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    made = copied(zone, tmp_path)
    release(zone, zone.request(number))
    zone.sign_head(zone.site.key("log"))
    head = tmp_path / "checkpoint.json"
    head.write_bytes(canonical_json(zone.sign_head(zone.site.key("log")).to_document()))
    assert audit_zone(zone, head)["holds"]
    again = put_back(zone_camp, made, tmp_path / "again")
    report = audit_zone(again, head)
    assert not report["holds"]
    assert "older one restored" in report["problem"]


@pytest.mark.parametrize("harm", ["changed", "missing", "more", "no-manifest", "database", "link", "outside"])
def test_a_damaged_or_incomplete_copy_is_refused_and_nothing_is_made(
    zone_camp: ZoneCamp, tmp_path: Path, harm: str
) -> None:
    zone, _ = approved(zone_camp)
    made = copied(zone, tmp_path)
    some = next(path for path in sorted((made.folder / "store").glob("*/*")))
    manifest = made.folder / "backup.json"
    if harm == "changed":
        some.chmod(0o600)
        some.write_bytes(some.read_bytes() + b" ")
    elif harm == "missing":
        some.unlink()
    elif harm == "more":
        (made.folder / "store" / "more").write_bytes(b"x")
    elif harm == "no-manifest":
        manifest.unlink()
    elif harm == "database":
        data = bytearray((made.folder / "database").read_bytes())
        data[-100] ^= 1
        (made.folder / "database").write_bytes(data)
    elif harm == "link":
        some.unlink()
        some.symlink_to("/etc/hostname")
    else:
        document = json.loads(manifest.read_bytes())
        document["files"]["../escaped"] = next(iter(document["files"].values()))
        manifest.write_bytes(canonical_json(document))
    with pytest.raises(DatakampError):
        restore(made.folder, tmp_path / "again", zone_camp.office / "site.toml", database_for(zone_camp))
    assert not (tmp_path / "again").exists()


def test_a_folder_that_holds_something_is_left_alone(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    made = copied(zone_camp.zone(), tmp_path)
    with pytest.raises(BadInputError, match="not empty"):
        restore(made.folder, zone_camp.folder, zone_camp.office / "site.toml")
    with pytest.raises(BadInputError, match="no folder"):
        backup(zone_camp.zone(), tmp_path / "nowhere")


def test_a_log_that_is_not_the_one_that_the_manifest_names_is_refused(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    made = copied(zone_camp.zone(), tmp_path)
    document = json.loads((made.folder / "backup.json").read_bytes())
    document["sequence"] += 1
    (made.folder / "backup.json").write_bytes(canonical_json(document))
    with pytest.raises(IntegrityError, match="log in the backup"):
        restore(made.folder, tmp_path / "again", zone_camp.office / "site.toml", database_for(zone_camp))


def test_a_copy_that_fails_leaves_nothing(zone_camp: ZoneCamp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from output_review.services import backup as backing

    def full(*_: object) -> str:
        raise OSError("full")

    monkeypatch.setattr(backing, "copy_file", full)
    with pytest.raises(RefusedError, match="cannot be written"):
        copied(zone_camp.zone(), tmp_path)
    assert list((tmp_path / "backups").iterdir()) == []


def test_it_is_one_moment_while_people_vote_and_submissions_come_in(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    from django.db import connection

    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    ingest(zone)
    tabulate(zone, zone.request(1))
    for number in range(2, 8):
        zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=number)
    begun, ended = threading.Event(), threading.Event()

    def voting() -> None:
        try:
            decisions = [Decision.APPROVE, Decision.REQUEST_CHANGES]
            for turn in range(400):
                vote(zone, zone.request(1), ("by-wijk",), Vote("vera", decisions[turn % 2]))
                begun.set()
                if ended.is_set():
                    return
        finally:
            connection.close()

    def taking() -> None:
        try:
            begun.wait(30)
            ingest(zone)
        finally:
            connection.close()

    threads = [threading.Thread(target=voting), threading.Thread(target=taking)]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    made = [copied(zone, tmp_path) for _ in range(2)]
    ended.set()
    for thread in threads:
        thread.join()
    assert made[0].sequence < zone.sequence()
    again = put_back(zone_camp, made[0], tmp_path / "again")
    report = audit_zone(again, None)
    assert (report["holds"], report["entries"]) == (True, made[0].sequence)
    from output_review.models import LogRow, OutputRow, RequestRow

    told = [json.loads(text) for text in LogRow.objects.values_list("document", flat=True)]
    assert RequestRow.objects.count() == sum(one["action"] == "submitted" for one in told)
    for output in OutputRow.objects.all():
        for digest in filter(None, (output.job, output.result, output.claim, *output.files.values())):
            again.store.get(digest)


# ------------------------------------------------------------------------------------ a head that is kept elsewhere
def test_a_head_that_is_kept_elsewhere_is_of_what_was_copied_and_of_the_log_that_is_there(
    zone_camp: ZoneCamp, tmp_path: Path
) -> None:
    zone, _ = approved(zone_camp)
    head = tmp_path / "head.json"
    (tmp_path / "backups").mkdir()
    made = backup(zone, tmp_path / "backups", head)
    assert (made.sequence, made.hash) == (zone.sequence() - 1, made.to_document()["hash"])
    assert audit_zone(zone, head)["holds"]
    place = tmp_path / "again"
    report = restore(made.folder, place, zone_camp.office / "site.toml", database_for(zone_camp), head)
    assert (report.sequence, report.hash) == (made.sequence, made.hash)
    assert audit_zone(open_zone(place, zone_camp.engines()), head)["holds"]


def test_a_log_that_was_cut_off_is_whole_without_the_head_and_refused_with_it(
    zone_camp: ZoneCamp, tmp_path: Path
) -> None:
    zone, _ = approved(zone_camp)
    older = copied(zone, tmp_path)
    zone.log("vera", "note", {})
    head = tmp_path / "head.json"
    backup(zone, tmp_path / "backups", head)
    site = zone_camp.office / "site.toml"
    with pytest.raises(IntegrityError, match="cut off"):
        restore(older.folder, tmp_path / "again", site, database_for(zone_camp), head)
    assert not list((tmp_path / "again").iterdir())
    restore(older.folder, tmp_path / "again", site, database_for(zone_camp))


def test_a_head_that_somebody_else_signed_or_that_is_none_is_refused(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    from output_review.log.chain import LogHead
    from output_review.log.database import DatabaseLog
    from output_review.signing.envelopes import PayloadType, sign
    from output_review.signing.keys import KeyRole, Mark, SigningKey

    zone, _ = approved(zone_camp)
    made, site = copied(zone, tmp_path), zone_camp.office / "site.toml"
    head = tmp_path / "head.json"
    forged = LogHead.of(DatabaseLog().last(), time="2026-11-23T12:00:00Z")
    other = SigningKey.generate(KeyRole.LOG, Mark.DEMO)
    head.write_bytes(canonical_json(sign(forged.to_document(), PayloadType.LOG_HEAD, other).to_document()))
    with pytest.raises(IntegrityError):
        restore(made.folder, tmp_path / "again", site, database_for(zone_camp), head)
    assert not list((tmp_path / "again").iterdir())
    head.write_text("{}")
    with pytest.raises(DatakampError):
        restore(made.folder, tmp_path / "other", site, database_for(zone_camp), head)
    assert not (tmp_path / "other").exists()


def test_a_head_is_never_written_over_another_and_asks_for_the_log_key(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    from dataclasses import replace

    zone = zone_camp.zone()
    into, head = tmp_path / "backups", tmp_path / "head.json"
    into.mkdir()
    head.write_text("an older one")
    with pytest.raises(RefusedError, match="exists"):
        backup(zone, into, head)
    assert head.read_text() == "an older one"
    with pytest.raises(BadInputError, match="folder"):
        backup(zone, into, tmp_path / "nowhere" / "head.json")
    without = replace(zone, site=replace(zone.site, keys={}))
    with pytest.raises(BadInputError, match="log key"):
        backup(without, into, tmp_path / "other.json")
    assert not list(into.iterdir())
    assert backup(without, into).folder.is_dir()
