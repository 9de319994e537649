"""The doctor looks at a camp: what lacks is named with a remedy, what is well says so, and nothing is changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import datakamp
from disclosure.exchange.canonical import canonical_json
from output_review.camp_doctor import examined_camp
from output_review.domain.jobs import SILENCE
from output_review.log.chain import next_entry
from output_review.machine import examined
from output_review.services.beating import FILE
from output_review.services.ingest import ingest
from output_review.services.notices import MOST_ATTEMPTS
from output_review.signing.key_files import create_key_files
from output_review.signing.keys import KeyRole, Mark
from tests.output_review.test_notices import mail_server
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp


def parts(camp: ZoneCamp) -> dict[str, tuple[str, str, str]]:
    return {what: (state, found, remedy) for what, state, found, remedy in examined_camp(camp.folder)}


@pytest.fixture
def well(zone_camp: ZoneCamp) -> ZoneCamp:
    """A camp of which all is well: its worker was just heard of, and people are told."""
    (zone_camp.office / "passphrase").chmod(0o600)
    (zone_camp.office / "notices").mkdir()
    site = zone_camp.office / "site.toml"
    site.write_text(site.read_text() + '[notices]\nfolder = "notices"\n')
    site.chmod(0o644)
    (zone_camp.folder / "review").chmod(0o750)
    heard(zone_camp, timedelta())
    return zone_camp


def heard(camp: ZoneCamp, ago: timedelta) -> None:
    (camp.folder / "review" / FILE).write_text((datetime.now(UTC) - ago).isoformat())


def test_a_camp_of_which_all_is_well_lacks_nothing_and_is_not_changed(well: ZoneCamp) -> None:
    before = {path: path.stat().st_mtime_ns for path in well.folder.rglob("*") if path.is_file()}
    looked = parts(well)
    assert {state for state, _, _ in looked.values()} == {"well"}, looked
    assert not any(remedy for _, _, remedy in looked.values())
    assert set(looked) == {
        "camp", "folder of the control zone", "database of the camp", "tables of the database", "guard of the log",
        "clock", "worker", "site configuration", "log key", "release key", "reviewers' public keys",
        "messages to people",
    }  # fmt: skip
    files = {path: path.stat().st_mtime_ns for path in well.folder.rglob("*") if path.is_file()}
    assert {path: at for path, at in files.items() if not path.name.endswith(("-wal", "-shm"))} == {
        path: at for path, at in before.items() if not path.name.endswith(("-wal", "-shm"))
    }


def _open_folder(camp: ZoneCamp) -> None:
    (camp.folder / "review").chmod(0o751)


def _open_session_key(camp: ZoneCamp) -> None:
    place = camp.folder / "review" / "web"
    place.mkdir(exist_ok=True)
    (place / "session.key").write_text("k" * 60)
    (place / "session.key").chmod(0o640)


def _no_triggers(camp: ZoneCamp) -> None:
    from django.db import connection

    camp.zone()
    server = "DROP TRIGGER output_review_logrow_no_change ON output_review_logrow"
    file = "DROP TRIGGER output_review_logrow_no_update"
    with connection.cursor() as cursor:
        cursor.execute(server if connection.vendor == "postgresql" else file)


def _clock_behind(camp: ZoneCamp) -> None:
    from output_review.log.database import DatabaseLog
    from output_review.models import LogRow

    camp.zone()
    last = DatabaseLog().last()
    moment = f"{datetime.now(UTC) + timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ}"
    entry = next_entry(last, time=moment, actor="vera", action="note", payload={})
    LogRow.objects.create(sequence=entry.sequence, document=canonical_json(entry.to_document()).decode())


def _silent_with_work(camp: ZoneCamp) -> None:
    camp.hand_in({"by-wijk": camp.recipe()})
    ingest(camp.zone())
    heard(camp, SILENCE + timedelta(seconds=5))


def _open_key(camp: ZoneCamp) -> None:
    (camp.office / "log.key").chmod(0o640)


def _open_passphrase(camp: ZoneCamp) -> None:
    (camp.office / "passphrase").chmod(0o604)


def _no_key(camp: ZoneCamp) -> None:
    (camp.office / "release.key").unlink()


def _other_key(camp: ZoneCamp) -> None:
    for name in ("log.key", "log.pub"):
        (camp.office / name).unlink()
    create_key_files(camp.office, "log", KeyRole.LOG, PASSPHRASE, mark=Mark.DEMO)


def _other_passphrase(camp: ZoneCamp) -> None:
    (camp.office / "passphrase").write_text("another passphrase\n")


def _no_reviewers_key(camp: ZoneCamp) -> None:
    (camp.office / "wim.pub").unlink()


def _no_folder(camp: ZoneCamp) -> None:
    (camp.office / "notices").rmdir()


def _no_site(camp: ZoneCamp) -> None:
    (camp.office / "site.toml").unlink()


def _open_site(camp: ZoneCamp) -> None:
    (camp.office / "site.toml").chmod(0o666)


@pytest.mark.parametrize(
    ("harm", "what", "found"),
    [
        (_open_folder, "folder of the control zone", "everybody may enter it"),
        (_open_session_key, "review/web/session.key", "others may read it (mode 640)"),
        (_no_triggers, "guard of the log", "not all there"),
        (_clock_behind, "clock", "behind the last entry of the log"),
        (_silent_with_work, "worker", "and 1 jobs are due"),
        (_open_key, "log key", "others may read it"),
        (_open_passphrase, "release key", "others may read it"),
        (_no_key, "release key", "is not there"),
        (_other_key, "log key", "not the one in the camp's manifest"),
        (_other_passphrase, "log key", "does not open"),
        (_no_reviewers_key, "reviewers' public keys", "wim.pub"),
        (_no_folder, "messages to people", "is not there"),
        (_no_site, "site configuration", "site.toml"),
        (_open_site, "site configuration", "others than its owner may change it"),
    ],
)
def test_what_lacks_is_named_with_a_remedy(
    well: ZoneCamp, harm: Callable[[ZoneCamp], None], what: str, found: str
) -> None:
    harm(well)
    looked = parts(well)
    assert looked[what][0] == "missing", looked
    assert found in looked[what][1]
    assert looked[what][2]
    assert PASSPHRASE not in str(looked)


def test_what_only_could_be_better_is_advice(well: ZoneCamp) -> None:
    from output_review.models import NoticeRow, RequestRow

    heard(well, SILENCE + timedelta(seconds=5))
    assert parts(well)["worker"][0] == "advice"
    (well.folder / "review" / FILE).unlink()
    assert parts(well)["worker"][:2] == ("advice", "none was ever heard of")
    well.hand_in({"by-wijk": well.recipe()})
    ingest(well.zone())
    RequestRow.objects.get().jobs.update(state="failed")
    heard(well, timedelta())
    assert parts(well)["worker"][0] == "advice"
    assert "1 jobs were given up" in parts(well)["worker"][1]
    NoticeRow.objects.create(person="wim", kind="waiting", request_id=1, made=datetime.now(UTC), attempts=MOST_ATTEMPTS)
    assert parts(well)["messages to people"][:2] == ("advice", "1 did not leave and are not tried again")
    site = well.office / "site.toml"
    site.write_text(site.read_text().partition("[notices]")[0])
    assert parts(well)["messages to people"][:2] == ("advice", "nobody is told")


def test_a_mail_server_is_asked_whether_it_answers_and_gets_no_message(well: ZoneCamp) -> None:
    site = well.office / "site.toml"
    text = site.read_text().replace('folder = "notices"', 'sender = "a@b.example"\ndomain = "b.example"\nsmtp = "{}"')
    with mail_server() as server:
        address = f"127.0.0.1:{server.server_address[1]}"
        site.write_text(text.format(address))
        assert parts(well)["messages to people"][0] == "well"
    assert server.mails == []
    assert parts(well)["messages to people"][:2] == ("missing", "the mail server does not answer")


def test_tables_of_an_earlier_version_are_told_of_and_left_as_they_are(well: ZoneCamp) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    well.zone()
    MigrationExecutor(connection).migrate([("output_review", "0007_reads_cannot_change")])
    first, again = parts(well), parts(well)
    assert first["tables of the database"][0] == "advice"
    assert "behind this program" in first["tables of the database"][1]
    assert again == first
    assert "worker" not in again


def test_tables_of_a_later_version_are_refused(well: ZoneCamp) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    well.zone()
    MigrationRecorder.Migration.objects.create(app="output_review", name="9999_later")
    assert parts(well)["tables of the database"][0] == "missing"


def test_what_is_no_camp_is_told(tmp_path: Path) -> None:
    assert [one[:2] for one in examined_camp(tmp_path / "nowhere")] == [("camp", "missing")]


def test_a_file_that_is_not_there_or_is_no_database_is_told(well: ZoneCamp, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "camp.toml").write_text((well.folder / "camp.toml").read_text())
    looked = parts(ZoneCamp(new, well.office))
    assert looked["folder of the control zone"][0] == looked["database of the camp"][0] == "missing"
    assert "tables of the database" not in looked
    (new / "review").mkdir(mode=0o750)
    (new / "review" / "review.sqlite3").write_bytes(b"no database" * 1000)
    looked = parts(ZoneCamp(new, well.office))
    assert looked["database of the camp"][0] == "missing"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_that_this_user_cannot_write_is_told(well: ZoneCamp) -> None:
    from django.db import connection

    connection.close()
    (well.folder / "review" / "review.sqlite3").chmod(0o400)
    assert parts(well)["database of the camp"][0] == "missing"


def test_the_command_looks_at_a_camp_when_it_is_named(well: ZoneCamp, capsys: pytest.CaptureFixture[str]) -> None:
    assert "camp" not in {what for what, _, _, _ in examined()}
    (well.office / "release.key").unlink()
    assert datakamp.run(["doctor", "--camp", str(well.folder), "--json"]) == 1
    found = {one["what"]: one["state"] for one in json.loads(capsys.readouterr().out)}
    assert (found["camp"], found["release key"], found["log key"]) == ("well", "missing", "well")
    assert "Python" in found
