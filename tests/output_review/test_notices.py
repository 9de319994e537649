"""Notices: made with the step that they tell of, sent once, in both languages, with nothing of what outputs hold."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import BadInputError, DocumentError
from output_review.domain.notices import NoticeKind, said
from output_review.domain.states import Actor, State
from output_review.notice_settings import notice_settings
from output_review.services.ingest import ingest
from output_review.services.notices import (
    MOST_ATTEMPTS,
    Unsent,
    authors_of,
    notify,
    reviewers_of,
    send,
    send_again,
    unsent,
)
from output_review.services.posting import check_post
from output_review.services.zone import ControlZone
from tests.output_review.zone_camp import ZoneCamp

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Inbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets; the first `refusals` messages it will not have."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[str] = []
        self.refusals = refusals


class _Talk(socketserver.StreamRequestHandler):
    server: Inbox

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                if self.server.refusals:
                    self.server.refusals -= 1
                    self.say("451 later")
                    continue
                self.say("354 go on")
                lines = []
                for text in self.rfile:
                    if text == b".\r\n":
                        break
                    lines.append(text.decode())
                self.server.mails.append("".join(lines))
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@contextmanager
def mail_server(refusals: int = 0) -> Iterator[Inbox]:
    """Run a mail server on loopback."""
    with Inbox(refusals) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def told(zone_camp: ZoneCamp, entry: dict[str, Any], now: datetime = NOON) -> ControlZone:
    """Return the control zone of a camp with a request, in an office that tells people."""
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    ingest(zone)
    site = replace(zone.site, notices=notice_settings(entry, zone_camp.office))
    return replace(zone, site=site, clock=lambda: now)


def later(zone: ControlZone, minutes: int) -> ControlZone:
    now = zone.clock() + timedelta(minutes=minutes)
    return replace(zone, clock=lambda: now)


def test_a_file_per_person_says_it_in_both_languages_and_nothing_of_the_request(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.office / "notices"
    folder.mkdir()
    zone = told(zone_camp, {"folder": "notices", "url": "https://review.office.example"})
    row = zone.request(1)
    assert reviewers_of(zone, row) == ("vera", "wim", "yara")
    notify(zone, row, NoticeKind.WAITING, reviewers_of(zone, row))
    notify(zone, row, NoticeKind.WAITING, ("vera", "nobody-known"))
    assert send(zone) == 3
    documents = [json.loads(path.read_bytes()) for path in sorted(folder.iterdir())]
    assert [one["to"] for one in documents] == ["vera", "wim", "yara"]
    assert documents[0]["text"] == {
        "en": "Request 1 waits for review.",
        "nl": "Aanvraag 1 wacht op beoordeling.",
    }
    assert not any("Persons" in path.read_text() or "by-wijk" in path.read_text() for path in folder.iterdir())
    assert send(zone) == 0
    assert len(list(folder.iterdir())) == 3


def test_a_step_tells_the_author_when_it_is_taken_and_not_when_it_fails(zone_camp: ZoneCamp) -> None:
    from django.db import transaction

    from output_review.models import NoticeRow

    zone = told(zone_camp, {"folder": "notices"})
    row = zone.request(1)
    with transaction.atomic():
        zone.move(row, State.IN_REVIEW, Actor.REVIEWER, "vera")
    with transaction.atomic():
        zone.move(row, State.RETURNED, Actor.REVIEWER, "vera")
        transaction.set_rollback(True)
    assert not NoticeRow.objects.exists()
    row.refresh_from_db()
    with transaction.atomic():
        zone.move(row, State.RETURNED, Actor.REVIEWER, "vera")
    assert [(one.person, one.kind) for one in NoticeRow.objects.all()] == [("anna", "returned")]


def test_without_notices_in_the_site_configuration_nobody_is_told(zone_camp: ZoneCamp) -> None:
    from output_review.models import NoticeRow

    zone = replace(told(zone_camp, {"folder": "notices"}))
    zone = replace(zone, site=replace(zone.site, notices=None))
    notify(zone, zone.request(1), NoticeKind.WAITING, ("vera",))
    assert not NoticeRow.objects.exists()
    assert send(zone) == 0


def test_mail_goes_to_the_address_that_the_office_gives(zone_camp: ZoneCamp) -> None:
    with mail_server() as server:
        entry = {
            "smtp": f"127.0.0.1:{server.server_address[1]}", "sender": "datakamp@office.example",
            "domain": "office.example", "addresses": {"wim": "w.visser@office.example"},
        }  # fmt: skip
        zone = told(zone_camp, entry)
        notify(zone, zone.request(1), NoticeKind.WAITING, ("vera", "wim"))
        assert send(zone) == 2
    assert "To: vera@office.example" in server.mails[0]
    assert "To: w.visser@office.example" in server.mails[1]
    assert "Request 1 waits for review." in server.mails[0]
    assert "Aanvraag 1 wacht op beoordeling." in server.mails[0]


def test_mail_that_is_refused_is_sent_later_and_once(zone_camp: ZoneCamp) -> None:
    with mail_server(refusals=1) as server:
        entry = {"smtp": f"127.0.0.1:{server.server_address[1]}", "sender": "a@b.example", "domain": "b.example"}
        zone = told(zone_camp, entry)
        notify(zone, zone.request(1), NoticeKind.WAITING, ("vera",))
        assert send(zone) == 0
        assert send(zone) == 0
        assert send(later(zone, 1)) == 1
        assert send(later(zone, 10)) == 0
        assert len(server.mails) == 1


def test_nobody_answers_and_it_is_given_up_in_the_end(zone_camp: ZoneCamp) -> None:
    from output_review.models import NoticeRow

    with mail_server() as server:
        port = server.server_address[1]
    zone = told(zone_camp, {"smtp": f"127.0.0.1:{port}", "sender": "a@b.example", "domain": "b.example"})
    notify(zone, zone.request(1), NoticeKind.WAITING, ("vera",))
    for _ in range(MOST_ATTEMPTS + 2):
        zone = later(zone, 24 * 60)
        assert send(zone) == 0
    notice = NoticeRow.objects.get()
    assert (notice.attempts, notice.sent) == (MOST_ATTEMPTS, None)


def test_a_folder_that_is_not_there_is_tried_again(zone_camp: ZoneCamp) -> None:
    zone = told(zone_camp, {"folder": "notices"})
    notify(zone, zone.request(1), NoticeKind.WAITING, ("vera",))
    assert send(zone) == 0
    (zone_camp.office / "notices").mkdir()
    assert send(later(zone, 1)) == 1


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_exists_in_dutch(kind: NoticeKind) -> None:
    from disclosure.texts import language

    with language("nl"):
        dutch = str(said(kind, 7))
    assert "7" in dutch
    assert dutch != said(kind, 7).english


@pytest.mark.parametrize(
    "entry",
    [
        {}, {"folder": "a", "smtp": "h:25", "sender": "a@b", "domain": "b"}, {"smtp": "h:25"}, {"folder": 3},
        {"smtp": "h", "sender": "a@b.example", "domain": "b"}, {"smtp": "h:25", "sender": "a\nb@c", "domain": "b"},
        {"folder": "a", "password": "x"}, {"folder": "a", "addresses": {"vera": "a@b\nBcc: c@d"}},
        {"folder": "a", "url": "javascript:1"}, {"folder": "a", "tls": "yes"}, "folder",
    ],
)  # fmt: skip
def test_what_says_no_way_or_no_address_is_refused(entry: Any, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="notices"):
        notice_settings(entry, tmp_path)


def test_a_folder_is_looked_at_before_a_worker_or_the_pages_start(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    import click

    from output_review.operate_commands import commands

    check_post(None)
    settings = notice_settings({"folder": "notices"}, tmp_path)
    with pytest.raises(BadInputError, match="'notices', is not there"):
        check_post(settings)
    (tmp_path / "notices").write_text("a file")
    with pytest.raises(BadInputError, match="is not there"):
        check_post(settings)
    (tmp_path / "notices").unlink()
    (tmp_path / "notices").mkdir()
    check_post(settings)
    site = zone_camp.office / "site.toml"
    site.write_text(site.read_text() + '[notices]\nfolder = "notices"\n')
    group = click.Group("review", commands={one.name or "": one for one in commands(zone_camp.engines)})
    with pytest.raises(BadInputError, match="'notices', is not there"):
        group.main(["work", "--once", "--camp", str(zone_camp.folder)], standalone_mode=False)
    with pytest.raises(BadInputError, match="'notices', is not there"):
        group.main(["serve", "--camp", str(zone_camp.folder)], standalone_mode=False)


def test_a_folder_into_which_nothing_can_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notices").mkdir()
    monkeypatch.setattr("output_review.services.posting.os.access", lambda *_: False)  # root may write everywhere
    with pytest.raises(BadInputError, match="Nothing can be written"):
        check_post(notice_settings({"folder": "notices"}, tmp_path))


def test_what_has_not_left_is_counted(zone_camp: ZoneCamp) -> None:
    from output_review.models import NoticeRow

    zone = told(zone_camp, {"folder": "notices"})
    assert unsent() == Unsent(0, None, 0, ())
    notify(zone, zone.request(1), NoticeKind.WAITING, ("vera", "wim"))
    assert unsent() == Unsent(2, NOON, 0, ())
    NoticeRow.objects.filter(person="vera").update(attempts=MOST_ATTEMPTS)
    assert unsent() == Unsent(1, NOON, 1, (1,))
    NoticeRow.objects.update(sent=NOON)
    assert unsent() == Unsent(0, None, 0, ())


def test_what_was_given_up_is_sent_once_somebody_asks_for_it(
    zone_camp: ZoneCamp, capsys: pytest.CaptureFixture[str]
) -> None:
    import click

    from output_review.models import NoticeRow
    from output_review.operate_commands import commands

    zone = told(zone_camp, {"folder": "notices"})
    notify(zone, zone.request(1), NoticeKind.WAITING, ("vera", "wim"))
    NoticeRow.objects.filter(person="vera").update(attempts=MOST_ATTEMPTS)
    (zone_camp.office / "notices").mkdir()
    assert send(later(zone, 10_000)) == 1
    group = click.Group("review", commands={one.name or "": one for one in commands(zone_camp.engines)})
    words = ["messages", "--camp", str(zone_camp.folder)]
    group.main(words, standalone_mode=False)
    assert "given up: 1, about request 1" in capsys.readouterr().out
    group.main([*words, "--again", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == {"waiting": 1, "given_up": 0, "requests": [], "again": 1}
    assert send_again(zone) == 0
    assert send(replace(zone, clock=lambda: datetime.now(UTC))) == 1
    assert send(later(zone, 10_000)) == 0


@pytest.mark.parametrize(
    ("author", "who"), [("anna", ("anna",)), ("team", ("anna", "bert")), ("vera", ("anna", "bert"))]
)
def test_a_team_is_told_unless_it_names_one_of_its_own(zone_camp: ZoneCamp, author: str, who: tuple[str, ...]) -> None:
    from output_review.signing.manifest import Person, PersonRole

    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    ingest(zone)
    people = [one for one in zone.manifest.people if PersonRole.RESEARCHER not in one.roles]
    people += [Person(name, (PersonRole.RESEARCHER,), ("team-1",)) for name in ("anna", "bert")]
    zone = replace(zone, manifest=replace(zone.manifest, people=(*people, Person("carl", (PersonRole.RESEARCHER,)))))
    row = zone.request(1)
    row.author = author
    assert authors_of(zone, row) == who
