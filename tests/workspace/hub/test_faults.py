"""What falls over under a hub, and clocks that jump: saved work stays, nobody is left behind, nobody slips in."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disclosure.errors import RefusedError
from disclosure.exchange.camp import CampFile
from tests.workspace.hub.camp import PASSWORD, Browser, Hub, lab, make_camp
from tests.workspace.hub.kernels import headers, start_kernel
from tests.workspace.lab.test_lab import boxes
from workspace.hub import totp
from workspace.hub.entrance import ClosedError, Entrance
from workspace.hub.gate import Activity
from workspace.hub.team import looked

Eventually = Callable[[Callable[[], bool]], bool]
ARMOEDE = "/user/team.armoede/"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def keepers(camp: CampFile) -> list[int]:
    """The processes that a hub started for the teams of a camp."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                told = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"workspace.hub.team" in told and str(camp.folder).encode() in told:
                found.append(int(folder.name))
    return found


def save(browser: Browser) -> None:
    sent = headers(browser, ARMOEDE)
    model = b'{"type": "file", "format": "text", "content": "saved"}'
    assert browser.ask(f"{ARMOEDE}api/contents/kept.py", data=model, headers=sent, method="PUT").code == 201


def saved(browser: Browser) -> bool:
    return '"saved"' in browser.ask(f"{ARMOEDE}api/contents/kept.py").text


def test_a_hub_that_is_killed_leaves_no_lab_and_the_next_one_has_what_was_saved(
    tmp_path: Path, eventually: Eventually
) -> None:
    camp = make_camp(tmp_path)
    with Hub(camp) as hub:
        person, browser = hub.person("anna")
        assert lab(browser, "armoede").code == 200
        start_kernel(browser, ARMOEDE)
        save(browser)
        assert boxes(camp.workspace("armoede"))
        os.kill(hub.process.pid, signal.SIGKILL)
        hub.process.wait(60)
        assert eventually(lambda: not keepers(camp) and not boxes(camp.workspace("armoede")))
        assert "The hub has gone, and the Lab with it." in hub.log()
    with Hub(camp) as hub:
        browser = Browser(hub.address)
        person.log_in(browser)
        assert lab(browser, "armoede").code == 200
        assert saved(browser)


def test_a_gate_and_keeper_that_are_killed_are_started_again_by_whoever_comes(
    tmp_path: Path, eventually: Eventually
) -> None:
    camp = make_camp(tmp_path)
    with Hub(camp) as hub:
        _, browser = hub.person("anna")
        assert lab(browser, "armoede").code == 200
        start_kernel(browser, ARMOEDE)
        save(browser)
        (keeper,) = keepers(camp)
        os.kill(keeper, signal.SIGKILL)
        assert eventually(lambda: not boxes(camp.workspace("armoede")))
        until = time.monotonic() + 120  # the hub looks every half minute whether it still runs
        while lab(browser, "armoede").code != 200 and time.monotonic() < until:
            time.sleep(1)
        assert saved(browser)
        assert keepers(camp) not in ([], [keeper])


@pytest.fixture
def entrance(tmp_path: Path) -> Entrance:
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=8))
    return Entrance(camp.folder)


def enrolled(entrance: Entrance, now: datetime) -> str:
    """The secret of anna, who has come in the first time."""
    code = entrance.invite("anna", now)
    beginning = entrance.begin("anna", code, now)
    entrance.enrol("anna", code, PASSWORD, digits(beginning.secret, now), beginning.statement.digest, now)
    return beginning.secret


def digits(secret: str, now: datetime) -> str:
    return totp.digits_at(secret, int(now.timestamp()))


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_clock_that_jumps_out_of_the_session_ends_labs_and_logins(tmp_path: Path, jump: timedelta) -> None:
    camp = make_camp(tmp_path, start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=8))
    entrance = Entrance(camp.folder)
    secret = enrolled(entrance, NOW)
    assert looked(camp.folder, NOW + jump).ends
    with pytest.raises(ClosedError):
        entrance.log_in("anna", PASSWORD, digits(secret, NOW + jump), NOW + jump)
    with pytest.raises(ClosedError):
        entrance.admitted("anna", NOW + jump)
    # When it is right again, who had come in may still be here, and nobody was locked out.
    assert not looked(camp.folder, NOW).ends
    assert entrance.admitted("anna", NOW) == ("armoede",)
    later = NOW + timedelta(minutes=1)
    assert entrance.log_in("anna", PASSWORD, digits(secret, later), later) == ("armoede",)


def test_digits_are_good_once_when_the_clock_goes_back(entrance: Entrance) -> None:
    secret, later = enrolled(entrance, NOW), NOW + timedelta(hours=2)
    entrance.log_in("anna", PASSWORD, digits(secret, later), later)
    for now in (later, NOW + timedelta(minutes=5)):
        with pytest.raises(RefusedError, match="not right"):
            entrance.log_in("anna", PASSWORD, digits(secret, now), now)


def test_who_logged_in_by_a_clock_that_was_ahead_comes_in_again_with_a_new_code(entrance: Entrance) -> None:
    ahead = enrolled(entrance, NOW + timedelta(hours=5))
    with pytest.raises(RefusedError, match="not right"):
        entrance.log_in("anna", PASSWORD, digits(ahead, NOW), NOW)
    secret, later = enrolled(entrance, NOW), NOW + timedelta(minutes=1)
    assert entrance.log_in("anna", PASSWORD, digits(secret, later), later) == ("armoede",)


def test_idleness_is_told_by_a_clock_that_nobody_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    activity = Activity()
    activity.seen()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= activity.idle_seconds < 60
    beyond = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: beyond)
    assert activity.idle_seconds > 3600
