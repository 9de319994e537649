"""An incident: the control zone signs and releases nothing while a camp is stopped, and its log says so once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from disclosure.exchange.incidents import FrozenError, freeze, lift
from output_review.commands import opened
from output_review.domain.states import State
from output_review.log.chain import LogEntry
from output_review.services import releasing
from output_review.services.auditing import audit_zone
from output_review.services.finishing import finish
from output_review.services.incidents import log_incidents
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.zone import ControlZone
from output_review.web.house import House
from tests.output_review.test_release_path import approved, sign, taken_in, vote_all
from tests.output_review.zone_camp import ZoneCamp

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def logged() -> list[LogEntry]:
    from output_review.log.database import DatabaseLog

    return list(DatabaseLog().read())


def actions() -> list[str]:
    return [one.action for one in logged() if one.action.startswith("camp_") and one.action != "camp_open"]


def packages(made: ZoneCamp) -> list[Path]:
    return list((made.folder / "released").iterdir())


def test_nothing_is_signed_while_a_camp_is_stopped_and_it_is_afterwards(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    freeze(zone_camp.folder, "A telephone was found.", NOW)
    with pytest.raises(FrozenError):
        sign(zone_camp, zone, number, "vera")
    lift(zone_camp.folder, "It was off.", NOW)
    assert sign(zone_camp, zone, number, "vera") is State.IN_REVIEW


def test_nothing_is_released_while_a_camp_is_stopped_and_it_is_afterwards(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    freeze(zone_camp.folder, "A telephone was found.", NOW)
    with pytest.raises(FrozenError):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.APPROVED
    assert not packages(zone_camp)
    lift(zone_camp.folder, "It was off.", NOW)
    assert release(zone, zone.request(number)).is_file()


def test_a_package_that_was_being_released_leaves_only_when_the_camp_goes_on(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = approved(zone_camp)
    once = iter((finish, None))

    def stopped(zone: ControlZone) -> tuple[str, ...]:
        # The first finishes what was before; between the commit and the second the camp is stopped.
        if next(once) is None:
            freeze(zone_camp.folder, "A telephone was found.", NOW)
        return finish(zone)

    with monkeypatch.context() as patched:
        patched.setattr(releasing, "finish", stopped)
        with pytest.raises(FrozenError):
            release(zone, zone.request(number))
    opened(zone_camp.folder, zone_camp.engines)
    assert not packages(zone_camp)
    lift(zone_camp.folder, "It was off.", NOW)
    opened(zone_camp.folder, zone_camp.engines)
    assert [one.suffix for one in packages(zone_camp)] == [".zip"]


def test_the_log_says_once_that_a_camp_was_stopped_and_went_on(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    assert log_incidents(zone) == 0
    freeze(zone_camp.folder, "camp_lifted is a word of mine", NOW)
    opened(zone_camp.folder, zone_camp.engines)
    opened(zone_camp.folder, zone_camp.engines)
    assert actions() == ["camp_frozen"]
    lift(zone_camp.folder, "It was off.", NOW)
    freeze(zone_camp.folder, "Another one.", NOW)
    opened(zone_camp.folder, zone_camp.engines)
    assert actions() == ["camp_frozen", "camp_lifted", "camp_frozen"]
    assert not [one for one in logged() if "word of mine" in str(one.payload)]
    assert audit_zone(zone, None)["holds"]


def rules(made: ZoneCamp) -> list[dict[str, object]]:
    opened(made.folder, made.engines)
    return [dict(one.payload) for one in logged() if one.action == "review_rules"]


def test_the_log_says_how_a_camp_reviews_and_each_change_before_a_step_is_taken_under_it(zone_camp: ZoneCamp) -> None:
    """Nobody signs `[review]` of camp.toml: who changes it while the camp is open does not do so unseen."""
    (first,) = rules(zone_camp)
    assert (first["shared"], first["claim_minutes"], first["records"]) == (False, 30, "")
    assert len(rules(zone_camp)) == 1
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    number = taken_in(zone_camp)[1]
    file = zone_camp.folder / "camp.toml"
    before = file.read_text()
    file.write_text(before + "\n[review]\nshared = true\n")
    zone = zone_camp.zone()
    with zone.held(zone.request(number)):
        said = logged()[-1]
    assert (said.action, said.payload["shared"]) == ("review_rules", True)
    release = '[review.microdata_release]\nkind = "student"\nkeys = ["age"]\nothers = ["x"]\nk = 5\nrisk = 0.05\n'
    file.write_text(before + release)
    assert len(rules(zone_camp)) == 3
    last = rules(zone_camp)[-1]
    assert (last["shared"], last["records"], last["k"], last["risk"]) == (False, "student", 5, "0.05")
    assert [tuple(last[name]) for name in ("keys", "others")] == [("age",), ("x",)]  # type: ignore[arg-type]
    file.write_text(before)
    assert [one["records"] for one in rules(zone_camp)] == ["", "", "student", ""]
    assert audit_zone(zone_camp.zone(), None)["holds"]


def test_the_log_says_under_which_rules_something_was_taken_in_or_seen(zone_camp: ZoneCamp) -> None:
    """Also where camp.toml is set back before anybody takes another step."""
    rules(zone_camp)
    file = zone_camp.folder / "camp.toml"
    before = file.read_text()
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    file.write_text(before + "\n[review]\noutputs = 5\n")
    ingest(zone_camp.zone())
    taken = [(one.action, one.payload.get("outputs")) for one in logged()]
    assert taken.index(("review_rules", 5)) < [action for action, _ in taken].index("submitted")
    file.write_text(before + "\n[review]\nshared = true\n")
    assert House(zone_camp.folder, zone_camp.zone).zone().camp.review_rules.shared
    assert (logged()[-1].action, logged()[-1].payload["shared"]) == ("review_rules", True)


def test_a_camp_that_is_stopped_before_the_review_opens_is_logged_when_it_does(zone_camp: ZoneCamp) -> None:
    freeze(zone_camp.folder, "A telephone was found.", NOW)
    lift(zone_camp.folder, "It was off.", NOW)
    opened(zone_camp.folder, zone_camp.engines)
    assert actions() == ["camp_frozen", "camp_lifted"]
