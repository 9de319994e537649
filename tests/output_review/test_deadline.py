"""The deadline of a presentation: what came after it leaves before the presentation by a logged exception only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from datakamp import run
from disclosure.errors import BadInputError, IntegrityError, StateError
from disclosure.exchange.camp_late import FOLDER, came_late, late_exception, late_exceptions, make_exception
from output_review.commands import opened
from output_review.deadline_commands import deadline_command
from output_review.domain.states import State
from output_review.log.chain import LogEntry
from output_review.services.auditing import audit_zone
from output_review.services.deadline import DEADLINE, MOVED, PRESENTED, deadline_facts, held_back_until
from output_review.services.moving import move_deadline
from output_review.services.releasing import release
from output_review.services.zone import ControlZone
from output_review.signing.fields import moment_text
from output_review.signing.key_files import create_key_files
from output_review.signing.keys import KeyRole, Mark
from tests.output_review.test_release_path import approved
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DEADLINE_AT, SHOWN_AT = NOW + HOUR, NOW + 4 * HOUR


def presented(made: ZoneCamp, at: datetime = SHOWN_AT, deadline: datetime = DEADLINE_AT) -> None:
    with (made.folder / "camp.toml").open("a") as file:
        file.write(f"[presentation]\nat = {at.isoformat()}\ndeadline = {deadline.isoformat()}\n")


@pytest.fixture
def shown(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch) -> ZoneCamp:
    """An open camp that was opened with a presentation: its log's first entry is as of such an opening."""
    presented(zone_camp)
    facts = deadline_facts(zone_camp.camp)

    def first() -> LogEntry | None:
        from output_review.log.database import DatabaseLog

        entry = DatabaseLog().first()
        return entry and replace(entry, payload={**entry.payload, **facts})

    monkeypatch.setattr("output_review.services.deadline._first", first)
    return zone_camp


def received(zone: ControlZone, number: int, at: datetime) -> None:
    row = zone.request(number)
    row.received = at
    row.save(update_fields=["received"])


def at(zone: ControlZone, moment: datetime) -> ControlZone:
    clock: Callable[[], datetime] = lambda: moment  # noqa: E731 - a clock that stands still
    return replace(zone, clock=clock)


def actions() -> list[str]:
    from output_review.log.database import DatabaseLog

    return [one.action for one in DatabaseLog().read()]


@pytest.mark.parametrize(("came", "now", "leaves"), [
    (DEADLINE_AT, DEADLINE_AT + HOUR, True),
    (DEADLINE_AT + SECOND, DEADLINE_AT + HOUR, False),
    (DEADLINE_AT + SECOND, SHOWN_AT - SECOND, False),
    (DEADLINE_AT + SECOND, SHOWN_AT, True),
])  # fmt: skip
def test_what_came_in_time_leaves_and_what_came_late_waits_for_the_presentation(
    shown: ZoneCamp, came: datetime, now: datetime, leaves: bool
) -> None:
    zone, number = approved(shown)
    received(zone, number, came)
    zone = at(zone, now)
    if leaves:
        assert release(zone, zone.request(number)).is_file()
        return
    with pytest.raises(StateError, match="after the deadline") as refused:
        release(zone, zone.request(number))
    assert f"datakamp camp late {number}" in refused.value.hint
    assert State(zone.request(number).state) is State.APPROVED
    assert not list((shown.folder / "released").iterdir())


def test_an_exception_lets_it_leave_and_stands_in_the_log_before_it_does(shown: ZoneCamp) -> None:
    zone, number = approved(shown)
    received(zone, number, DEADLINE_AT + SECOND)
    make_exception(shown.camp, number, "The hall lost its power.", DEADLINE_AT + HOUR)
    zone = at(zone, DEADLINE_AT + HOUR)
    assert held_back_until(zone, zone.request(number)) is None
    assert release(zone, zone.request(number)).is_file()
    told = actions()
    assert told.index("late_exception") < told.index("release")
    opened(shown.folder, shown.engines)
    assert actions().count("late_exception") == 1
    from output_review.models import LogRow

    assert not LogRow.objects.filter(document__contains="power").exists()
    assert audit_zone(zone, None)["holds"]


def test_an_exception_is_for_the_request_that_it_names(shown: ZoneCamp) -> None:
    zone, number = approved(shown)
    received(zone, number, DEADLINE_AT + SECOND)
    make_exception(shown.camp, number + 1, "For another.", NOW)
    with pytest.raises(StateError, match="after the deadline"):
        release(at(zone, SHOWN_AT - SECOND), zone.request(number))


@pytest.mark.parametrize("content", ["", "{}", '{"schema":1,"request":2,"at":"","reason":"a"}',
                                     '{"schema":1,"request":1,"at":"","reason":""}'])  # fmt: skip
def test_an_exception_that_cannot_be_read_is_none(shown: ZoneCamp, content: str) -> None:
    (shown.folder / FOLDER).mkdir()
    (shown.folder / FOLDER / "1.json").write_text(content)
    assert late_exception(shown.folder, 1) is None
    assert late_exceptions(shown.folder) == ()


def test_another_deadline_than_that_of_the_opening_releases_nothing(shown: ZoneCamp) -> None:
    path = shown.folder / "camp.toml"
    later = (DEADLINE_AT + HOUR).isoformat()
    path.write_text(path.read_text().replace(f"deadline = {DEADLINE_AT.isoformat()}", f"deadline = {later}"))
    zone, number = approved(shown)
    with pytest.raises(IntegrityError, match="than those in force"):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.APPROVED


def moved(made: ZoneCamp, before: datetime, after: datetime) -> None:
    path = made.folder / "camp.toml"
    assert path.read_text().count(before.isoformat()) == 1
    path.write_text(path.read_text().replace(before.isoformat(), after.isoformat()))


def test_the_root_moves_a_deadline_and_what_came_late_is_in_time(shown: ZoneCamp) -> None:
    zone, number = approved(shown)
    received(zone, number, DEADLINE_AT + SECOND)
    moved(shown, DEADLINE_AT, DEADLINE_AT + SECOND)
    signatures = zone.request(number).sign_offs.count()
    before, after = move_deadline(shown.zone())
    assert (before[DEADLINE], after[DEADLINE]) == (moment_text(DEADLINE_AT), moment_text(DEADLINE_AT + SECOND))
    zone = shown.zone()
    assert (State(zone.request(number).state), zone.request(number).sign_offs.count()) == (State.APPROVED, signatures)
    assert release(at(zone, DEADLINE_AT + HOUR), zone.request(number)).is_file()
    assert (actions().count(MOVED), audit_zone(zone, None)["holds"]) == (1, True)
    with pytest.raises(StateError, match="deadline and presentation in force"):
        move_deadline(zone)


def test_a_camp_that_was_opened_without_a_deadline_gets_one_and_loses_it_again(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    kept = (zone_camp.folder / "camp.toml").read_text()
    presented(zone_camp)
    assert move_deadline(zone_camp.zone())[0][DEADLINE] == ""
    received(zone, number, DEADLINE_AT + SECOND)
    with pytest.raises(StateError, match="after the deadline"):
        release(at(zone_camp.zone(), DEADLINE_AT + HOUR), zone.request(number))
    (zone_camp.folder / "camp.toml").write_text(kept)
    assert move_deadline(zone_camp.zone())[1][DEADLINE] == ""
    assert release(zone_camp.zone(), zone.request(number)).is_file()


def test_nothing_is_moved_to_what_has_passed(shown: ZoneCamp) -> None:
    now = DEADLINE_AT - HOUR / 2
    moved(shown, DEADLINE_AT, now)
    with pytest.raises(StateError, match="yet to come"):
        move_deadline(at(shown.zone(), now))
    move_deadline(at(shown.zone(), now - SECOND))
    moved(shown, SHOWN_AT, SHOWN_AT + HOUR)
    move_deadline(at(shown.zone(), SHOWN_AT))  # the deadline has passed, and stays
    assert actions().count(MOVED) == 2


def test_a_move_that_the_root_has_not_signed_releases_nothing(shown: ZoneCamp) -> None:
    from django.db import transaction

    zone, number = approved(shown)
    later = DEADLINE_AT + HOUR
    moved(shown, DEADLINE_AT, later)
    move_deadline(shown.zone())
    from output_review.log.database import DatabaseLog

    last = DatabaseLog().last()
    assert last is not None
    facts = {DEADLINE: moment_text(later), PRESENTED: moment_text(SHOWN_AT)}
    for payload in (last.payload, {**facts, "signed": ""}, facts):  # the same once more; none
        with transaction.atomic():
            zone.log("organiser", MOVED, payload)
            with pytest.raises(IntegrityError, match="has not signed"):
                held_back_until(shown.zone(), zone.request(number))
            transaction.set_rollback(True)
    assert held_back_until(shown.zone(), zone.request(number)) is None


def test_only_the_root_of_the_opening_moves_a_deadline(shown: ZoneCamp) -> None:
    moved(shown, DEADLINE_AT, DEADLINE_AT + HOUR)
    site = shown.office / "site.toml"
    create_key_files(shown.office, "root-2", KeyRole.ROOT, PASSPHRASE, mark=Mark.DEMO)
    site.write_text(site.read_text().replace('"root.key"', '"root-2.key"'))
    with pytest.raises(IntegrityError, match="not the one under which"):
        move_deadline(shown.zone())
    assert MOVED not in actions()


def test_the_command_says_what_is_in_force_and_moves_it(zone_camp: ZoneCamp) -> None:
    zone_camp.zone()
    presented(zone_camp)
    command = deadline_command(zone_camp.engines)

    def told(*words: str) -> str:
        done = CliRunner().invoke(command, ["--camp", str(zone_camp.folder), *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert told().startswith("in force: no deadline\ncamp.toml: deadline 20")
    assert told("--sign").startswith(f"in force: deadline {moment_text(DEADLINE_AT)}, presentation ")
    assert told() == f"in force: deadline {moment_text(DEADLINE_AT)}, presentation {moment_text(SHOWN_AT)}\n"


def test_the_opening_says_which_deadline_there_is(zone_camp: ZoneCamp) -> None:
    from output_review.log.database import DatabaseLog

    zone_camp.zone()
    first = DatabaseLog().first()
    assert first is not None
    assert first.payload[DEADLINE] == ""
    # One that is written into camp.toml only afterwards is another than that of the opening.
    presented(zone_camp)
    zone, number = approved(zone_camp)
    with pytest.raises(IntegrityError, match="another deadline"):
        release(zone, zone.request(number))


def test_exceptions_are_made_once_before_the_presentation_and_with_a_reason(shown: ZoneCamp) -> None:
    camp = shown.camp
    for request, reason, moment, error in (
        (1, "Late.", SHOWN_AT, StateError), (0, "Late.", NOW, BadInputError), (1, " ", NOW, BadInputError),
        (1, "two\nlines", NOW, BadInputError),
    ):  # fmt: skip
        with pytest.raises(error):
            make_exception(camp, request, reason, moment)
    assert make_exception(camp, 1, "Late.", SHOWN_AT - SECOND).reason == "Late."
    with pytest.raises(StateError, match="already"):
        make_exception(camp, 1, "Late.", NOW)
    assert [one.request for one in late_exceptions(camp.folder)] == [1]


def test_the_command_makes_exceptions_for_requests(shown: ZoneCamp) -> None:
    assert run(["camp", "late", "3", "4", "--camp", str(shown.folder), "--reason", "The power failed."]) == 0
    assert [one.request for one in late_exceptions(shown.folder)] == [3, 4]
    assert run(["camp", "late", "3", "--camp", str(shown.folder), "--reason", "Again."]) == 1
    assert run(["camp", "late", "5", "--camp", str(shown.folder), "--reason", ""]) == 2


@pytest.mark.parametrize(("deadline", "late"), [(NOW - HOUR, True), (NOW + HOUR, False)])
def test_whoever_hands_in_is_told_that_it_is_late(zone_camp: ZoneCamp, deadline: datetime, late: bool) -> None:
    assert not came_late(zone_camp.camp)
    presented(zone_camp, deadline=deadline)
    assert came_late(zone_camp.camp) is late


def test_taking_in_tells_until_when_a_late_request_waits(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    monkeypatch.setattr("output_review.services.deadline.held_back_until", lambda *_: SHOWN_AT)
    from output_review.review_commands import _ingest

    done = CliRunner().invoke(_ingest(zone_camp.engines), ["--camp", str(zone_camp.folder)])
    assert done.exit_code == 0, done.output
    assert f"after the deadline: not released before {SHOWN_AT:%Y-%m-%d %H:%M} UTC" in done.output


def test_what_comes_in_before_a_changed_deadline_is_in_force_is_taken_in_and_tabulated(shown: ZoneCamp) -> None:
    from output_review.review_commands import _ingest

    shown.zone()
    file = shown.folder / "camp.toml"
    file.write_text(file.read_text().replace(DEADLINE_AT.isoformat(), (DEADLINE_AT + HOUR).isoformat()))
    shown.hand_in({"by-wijk": shown.recipe()})
    # The opening named the deadline from before.
    done = CliRunner().invoke(_ingest(shown.engines), ["--camp", str(shown.folder)])
    assert done.exit_code == 0, done.output
    assert "another deadline" in done.output
    assert "taken in" in done.output
    assert shown.zone().request(1).outputs.get().level
