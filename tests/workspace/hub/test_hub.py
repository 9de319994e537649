"""A camp's hub over HTTP: two people of two teams, each in the Lab of their own, and what stays shut."""

from __future__ import annotations

import asyncio
import copy
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from tests.workspace.hub.camp import PASSWORD, Browser, Hub, Page, Person, lab, make_camp, with_session
from tests.workspace.hub.kernels import cookies, headers, printed, start_kernel
from tests.workspace.small_camp import DATA_SET
from workspace.hub.allowed import CLOSED

ARMOEDE, WONEN = "/user/team.armoede/", "/user/team.wonen/"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with Hub(make_camp(tmp_path_factory.mktemp("hub"))) as started:
        yield started


@pytest.fixture(scope="module")
def anna(hub: Hub) -> Browser:
    """Of the team armoede, in its Lab."""
    browser = hub.person("anna")[1]
    assert lab(browser, "armoede").code == 200
    return browser


@pytest.fixture(scope="module")
def bram(hub: Hub) -> Browser:
    """Of the team wonen, in its Lab."""
    browser = hub.person("bram")[1]
    assert lab(browser, "wonen").code == 200
    return browser


def test_two_people_of_two_teams_each_come_into_a_sealed_lab_of_their_own(
    hub: Hub, anna: Browser, bram: Browser
) -> None:
    for browser, base, data in ((anna, ARMOEDE, "['HOMES']"), (bram, WONEN, "[]")):
        kernel = start_kernel(browser, base)
        source = "import pathlib, os; print(sorted(p.name for p in pathlib.Path('/data').glob('*')), os.getpid() < 100)"
        assert asyncio.run(printed(browser, base, kernel, source)).strip() == f"{data} True"


def test_nobody_comes_into_the_lab_of_another_team(anna: Browser, bram: Browser) -> None:
    for browser, other in ((anna, WONEN), (bram, ARMOEDE)):
        page = browser.ask(f"{other}lab")
        assert page.code == 403
        assert "JupyterLab" not in page.text
        assert browser.ask(f"{other}api/contents").code == 403
        assert browser.ask(f"/hub/spawn/{other.split('/')[2]}").code in (403, 404)


def test_a_browser_that_has_not_logged_in_is_sent_to_the_login(hub: Hub, anna: Browser) -> None:
    stranger = Browser(hub.address)
    assert "/hub/login" in stranger.ask(f"{ARMOEDE}lab").address
    for path in ("api/contents", "api/kernels", "api/me", "api/kernels/1/channels"):
        assert stranger.ask(ARMOEDE + path).code == 403


def test_the_port_behind_the_proxy_opens_to_nobody_by_itself(hub: Hub, anna: Browser) -> None:
    """Another user of the machine finds it, and stands before the same gate."""
    found = re.findall(r"is open on 127\.0\.0\.1:(\d+), behind the hub", hub.log())
    assert found
    for port in found:
        direct = Browser(f"http://127.0.0.1:{port}")
        for base in (ARMOEDE, WONEN):
            assert direct.ask(f"{base}api/contents").code in (403, 404)
        assert direct.ask("/").code == 404


def test_tokens_open_nothing(hub: Hub, anna: Browser) -> None:
    assert anna.ask(f"{ARMOEDE}api/contents?token=x").code == 403
    assert anna.ask(f"{ARMOEDE}api/contents", headers={"Authorization": "token x"}).code == 403


def test_a_change_that_another_site_asks_for_is_refused(anna: Browser) -> None:
    def asked(**other: str | None) -> Page:
        sent = {key: value for key, value in {**headers(anna, ARMOEDE), **other}.items() if value is not None}
        return anna.ask(f"{ARMOEDE}api/contents", data=b'{"type": "notebook"}', headers=sent)

    assert asked().code == 201
    assert asked(Origin="http://other.example").code == 403
    assert asked(Origin=None).code == 403
    assert asked(**{"X-XSRFToken": None}).code == 403
    assert asked(**{"X-XSRFToken": "guessed"}).code == 403


def test_a_websocket_of_another_site_is_refused(anna: Browser) -> None:
    kernel = start_kernel(anna, ARMOEDE)
    with pytest.raises(HTTPClientError) as caught:
        asyncio.run(printed(anna, ARMOEDE, kernel, "1", origin="http://other.example"))
    assert caught.value.code == 403


def test_what_only_claims_to_be_a_websocket_carries_no_second_request(hub: Hub, anna: Browser) -> None:
    place = hub.address.removeprefix("http://")
    host, port = place.split(":")
    same = f"Host: {place}\r\nCookie: {cookies(anna, ARMOEDE)}\r\nOrigin: {hub.address}"
    for path in ("/hub/health", f"{ARMOEDE}api/status"):
        claims = f"GET {path} HTTP/1.1\r\n{same}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(f"{claims}GET /hub/api/ HTTP/1.1\r\n{same}\r\n\r\n".encode())
            answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert answers.startswith(b"HTTP/1.1 200 ")
        assert answers.count(b"HTTP/1.1 ") == 1


def test_the_server_in_its_box_sees_no_cookie_and_sets_none(anna: Browser) -> None:
    before = {(one.name, one.path) for one in anna.jar}
    page = anna.ask(f"{ARMOEDE}lab")
    assert page.code == 200
    assert "Set-Cookie" not in page.headers
    assert {(one.name, one.path) for one in anna.jar} == before


def test_what_is_closed_in_a_lab_is_closed_behind_the_hub(anna: Browser) -> None:
    for path in ("files/a.csv", "api/terminals", "nbconvert/html/a.ipynb", "lab/api/extensions"):
        assert anna.ask(ARMOEDE + path).code == 403


def test_a_person_has_no_server_and_sees_no_list_of_people(anna: Browser) -> None:
    assert anna.ask("/hub/spawn/anna").code in (403, 404)
    assert anna.ask("/hub/admin").code in (403, 404)
    assert anna.ask("/hub/api/users").code in (403, 404)


def test_what_the_hub_has_for_programs_is_closed_to_browsers(hub: Hub, anna: Browser) -> None:
    for path in ("/hub/api/user", "/hub/token", "/hub/metrics", "/hub/api/users/team.armoede/server", "/hub/%61dmin"):
        for browser in (anna, Browser(hub.address)):
            answer = browser.ask(path)
            assert (answer.code, answer.text) == (403, CLOSED), path


def test_a_person_in_two_teams_chooses(hub: Hub) -> None:
    person, browser = Person("carla"), Browser(hub.address)
    assert person.enrol(browser, hub.code("carla")).code == 200
    page = person.log_in(browser)
    assert page.address.endswith("/hub/teams")
    for team in ("armoede", "wonen"):
        assert f"/hub/spawn/team.{team}" in page.text
        assert lab(browser, team).code == 200


def test_the_login_wants_password_and_digits_and_says_the_same_of_each(hub: Hub, anna: Browser) -> None:
    person, browser = Person("bram", secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), Browser(hub.address)
    told, shown = set(), person.digits()
    for name, password, digits in (
        ("bram", "wrong", shown),
        ("bram", PASSWORD, "000000"),
        ("nobody", PASSWORD, shown),
        ("olga", PASSWORD, shown),
        ("team.wonen", PASSWORD, shown),
        ("../accounts/bram", PASSWORD, ""),
    ):
        page = browser.send("/hub/login", username=name, password=password, otp=digits)
        assert page.code == 403
        found = re.search(r'role="alert" id="error">([^<]+)<', page.text)
        assert found is not None, page.text
        told.add(found[1])
    assert len(told) == 1


def test_a_code_is_good_once_and_the_page_speaks_dutch(hub: Hub, anna: Browser) -> None:
    browser = Browser(hub.address)
    page = browser.ask("/hub/first", headers={"Accept-Language": "nl-NL"})
    assert "Eerste wachtwoord" in page.text
    refused = browser.send("/hub/first", name="anna", code="AAAAA-BBBBB-CCCCC")
    assert refused.code == 403
    assert "code" in refused.text


def test_what_the_hub_keeps_is_for_its_own_user_only(hub: Hub, anna: Browser) -> None:
    folder = hub.camp.folder / "hub"
    assert folder.stat().st_mode & 0o077 == 0
    for one in folder.rglob("*"):
        assert one.stat().st_mode & 0o077 == 0, one.name
        if one.is_file():
            assert PASSWORD.encode() not in one.read_bytes()
    assert PASSWORD not in hub.log()


def test_the_lab_ends_with_the_session_after_a_notice_and_nobody_comes_in_again(tmp_path: Path) -> None:
    camp = make_camp(tmp_path, end=datetime.now(UTC) + timedelta(minutes=9))
    with Hub(camp) as hub:
        _, browser = hub.person("anna")
        assert lab(browser, "armoede").code == 200
        notices = list(camp.workspace("armoede").glob("SESSION ENDS AT *.md"))
        assert len(notices) == 1
        kernel = start_kernel(browser, ARMOEDE)
        assert asyncio.run(printed(browser, ARMOEDE, kernel, "print(1)")).strip() == "1"
        now = datetime.now(UTC)
        with_session(camp.folder, now - timedelta(hours=2), now - timedelta(seconds=1))
        until = time.monotonic() + 120
        while "The Lab of armoede has ended" not in hub.log() and time.monotonic() < until:
            time.sleep(0.2)
        assert "The session has ended, and the Lab with it." in hub.log()
        page = Browser(hub.address).send("/hub/login", username="anna", password=PASSWORD, otp="000000")
        assert "closed now" in page.text
        assert browser.ask(f"{ARMOEDE}api/contents").code >= 400
        assert browser.ask("/hub/spawn/team.armoede").code >= 400


def test_ending_the_hub_ends_the_labs(tmp_path: Path) -> None:
    with Hub(make_camp(tmp_path)) as hub:
        _, browser = hub.person("bram")
        assert lab(browser, "wonen").code == 200
        port = int(re.findall(r"is open on 127\.0\.0\.1:(\d+)", hub.log())[0])
    assert "The Lab of wonen has ended." in hub.log()
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", port)) != 0
    assert hub.process.returncode is not None
    assert (hub.camp.folder / "hub" / "hub.sqlite").exists()


def test_a_copied_cookie_opens_nothing_after_logging_out(hub: Hub) -> None:
    _, browser = hub.person("carla")
    assert lab(browser, "armoede").code == 200
    thief = Browser(hub.address)
    for cookie in browser.jar:
        thief.jar.set_cookie(copy.copy(cookie))
    assert "/hub/login" not in thief.ask("/hub/teams").address
    lives = [one.expires for one in browser.jar if one.name == "jupyterhub-hub-login"]
    assert all(one is not None and one - time.time() <= 12 * 3600 for one in lives)
    browser.ask("/hub/logout")
    assert "/hub/login" in thief.ask("/hub/teams").address
    until = time.monotonic() + 60  # a gate keeps a yes of the hub for half a minute
    while "/hub/login" not in (page := thief.ask("/user/team.armoede/lab")).address and time.monotonic() < until:
        time.sleep(1)
    assert "/hub/login" in page.address


def test_a_new_password_ends_what_was_logged_in_with_the_old_one(hub: Hub) -> None:
    _, browser = hub.person("carla")
    assert "/hub/login" not in browser.ask("/hub/teams").address
    _, again = hub.person("carla")
    assert "/hub/login" in browser.ask("/hub/teams").address
    assert "/hub/login" not in again.ask("/hub/teams").address


def test_a_new_team_gets_its_folders_and_a_lab_that_cannot_start_says_so_at_once(tmp_path: Path) -> None:
    camp = make_camp(tmp_path)
    camp.workspace("wonen").rmdir()
    data = camp.data_folder(DATA_SET)
    data.rename(tmp_path / "aside")
    with Hub(camp) as hub:
        _, browser = hub.person("carla")
        begun = time.monotonic()
        page = browser.ask("/hub/spawn/team.armoede")
        while page.code == 200 and "/hub/spawn-pending/" in page.address and time.monotonic() < begun + 55:
            time.sleep(0.5)
            page = browser.ask("/hub/spawn-pending/team.armoede")
        assert page.code == 500
        assert 'role="alert"' in page.text
        assert lab(browser, "wonen").code == 200
        assert camp.workspace("wonen").is_dir()
        # The keeper told the reason in a sentence, before the hub told that it ended.
        assert "ERROR" in hub.log()
        assert "lab_for_team" not in hub.log()
