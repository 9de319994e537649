"""Coming in by password and digits; and staying in no longer than one may."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from disclosure.errors import StateError
from output_review.services.accounts import Standing, invite, standings
from output_review.web.accounts.known import COOKIE
from output_review.web.house import House
from output_review.web.turns import CrowdedError, Turns
from tests.output_review.web.coming_in import NEW, actions, digits_for, log_in
from tests.output_review.web.web_camp import PASSWORD, WebCamp


# -------------------------------------------------------------------------------------------------------- logging in
def test_password_and_digits_together_let_somebody_in(web: WebCamp) -> None:
    web.account("vera")
    browser = web.client()
    answer = log_in(browser, "vera", next="/queue")
    assert (answer.status_code, answer["Location"]) == (302, "/queue")
    assert browser.get("/account", secure=True).status_code == 200
    assert actions("vera")[-1] == "login"


def test_only_so_many_passwords_are_checked_at_a_time_and_others_are_asked_to_come_back(web: WebCamp) -> None:
    web.account("vera")
    web.house.turns = Turns(at_once=1, waiting=0)
    with web.house.turns.taken():
        answer = log_in(web.client(), "vera")
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "Too many are logging in" in answer.content.decode()
        given = {"name": "vera", "code": "x", "password": NEW, "again": NEW}
        assert web.client().post("/join", given, secure=True).status_code == 400  # without a code nothing is checked
        assert web.client().get("/login", secure=True).status_code == 200
    assert log_in(web.client(), "vera").status_code == 302
    assert "login_failed" not in actions("vera")


def test_who_floods_the_login_page_does_not_crowd_out_whom_it_knows(web: WebCamp) -> None:
    for name in ("vera", "wim"):
        web.account(name)
    known = web.client()
    assert log_in(known, "vera").status_code == 302
    mark = known.cookies[COOKIE]
    assert (mark["secure"], mark["httponly"], mark["samesite"], mark["path"]) == (True, True, "Strict", "/")
    web.house.turns = Turns(at_once=1, waiting=0)
    browsers = {"known": web.client(), "of another": web.client(), "forged": web.client()}
    browsers["forged"].cookies[COOKIE] = mark.value[:-1] + ("A" if mark.value[-1] != "A" else "B")
    browsers["known"].cookies[COOKIE] = browsers["of another"].cookies[COOKIE] = mark.value
    with web.house.turns.taken():
        assert log_in(browsers["known"], "vera", "wrong").status_code == 400  # it was looked at
        assert log_in(browsers["of another"], "wim").status_code == 503
        assert log_in(browsers["forged"], "vera").status_code == 503


def test_those_who_are_known_wait_for_each_other(web: WebCamp) -> None:
    web.house.known_turns = Turns(at_once=1, waiting=0)
    browser = web.client("vera")
    changed = {"old": PASSWORD, "password": NEW, "again": NEW, "digits": digits_for("vera")}
    with web.house.known_turns.taken():
        assert browser.post("/account/password", changed, secure=True).status_code == 503
    assert browser.post("/account/password", changed, secure=True).status_code == 200


def test_those_who_wait_get_their_turn() -> None:
    turns, begun, free = Turns(at_once=1, waiting=1), Event(), Event()

    def held() -> None:
        with turns.taken():
            begun.set()
            free.wait(30)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(held)
        assert begun.wait(30)
        second = pool.submit(held)
        while turns._room.acquire(blocking=False):  # until the second one waits
            turns._room.release()
        with pytest.raises(CrowdedError), turns.taken():
            pass
        free.set()
        assert (first.result(30), second.result(30)) == (None, None)
    with turns.taken():
        pass


@pytest.mark.parametrize("wrong", ["password", "digits", "name", "nobody", "no digits", "digits in other signs"])
def test_whatever_is_wrong_the_answer_is_the_same(web: WebCamp, wrong: str) -> None:
    web.account("vera")
    web.account("wim")
    right = digits_for("vera")
    name = {"name": "wim", "nobody": "zeno"}.get(wrong, "vera")
    digits = {
        "digits": f"{(int(right) + 1) % 1_000_000:06d}",
        "no digits": "",
        "digits in other signs": right.translate({ord("0") + n: 0x0660 + n for n in range(10)}),
    }.get(wrong, right)
    answer = log_in(web.client(), name, "wrong password" if wrong == "password" else PASSWORD, digits)
    assert answer.status_code == 400
    said = re.sub(
        r'(name="csrfmiddlewaretoken" value|id="name" name="name" value)="[^"]*"', "", answer.content.decode()
    )
    other = log_in(web.client(), "yara", "x", "000000").content.decode()
    other = re.sub(r'(name="csrfmiddlewaretoken" value|id="name" name="name" value)="[^"]*"', "", other)
    assert said == other
    assert 'role="alert"' in said


def test_digits_count_once(web: WebCamp) -> None:
    web.account("vera")
    digits = digits_for("vera")
    assert log_in(web.client(), "vera", digits=digits).status_code == 302
    assert log_in(web.client(), "vera", digits=digits).status_code == 400


def test_digits_of_a_login_with_a_wrong_password_are_not_used_up(web: WebCamp) -> None:
    web.account("vera")
    digits = digits_for("vera")
    assert log_in(web.client(), "vera", "wrong", digits).status_code == 400
    assert log_in(web.client(), "vera", digits=digits).status_code == 302


@pytest.mark.parametrize("steps", [-3, 3])
def test_digits_of_another_moment_are_refused(web: WebCamp, steps: int) -> None:
    web.account("vera")
    assert log_in(web.client(), "vera", digits=digits_for("vera", steps=steps)).status_code == 400


def test_who_is_not_in_the_manifest_does_not_come_in(web: WebCamp) -> None:
    web.account("zeno")
    assert log_in(web.client(), "zeno").status_code == 400
    assert actions("zeno") == []


def test_an_account_without_a_second_factor_does_not_come_in(web: WebCamp) -> None:
    from django_otp.plugins.otp_totp.models import TOTPDevice

    digits = (web.account("vera"), digits_for("vera"))[1]
    TOTPDevice.objects.all().delete()
    assert log_in(web.client(), "vera", digits=digits).status_code == 400


def test_a_session_with_the_password_alone_is_nobodys(web: WebCamp) -> None:
    browser = web.client()
    browser.force_login(web.account("vera"), backend="output_review.web.accounts.backend.LocalBackend")
    assert browser.get("/queue", secure=True)["Location"] == "/login?next=/queue"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "queue", ""],
)
def test_after_login_one_never_lands_elsewhere(web: WebCamp, elsewhere: str) -> None:
    web.account("vera")
    assert log_in(web.client(), "vera", next=elsewhere)["Location"] == "/"


# ---------------------------------------------------------------------------------------------------------- lock-out
def test_five_failures_lock_an_account_for_a_while(web: WebCamp) -> None:
    from axes.models import AccessAttempt

    web.account("vera")
    answers = [log_in(web.client(), "vera", "wrong", "000000").status_code for _ in range(5)]
    assert answers == [400, 400, 400, 400, 429]
    locked = log_in(web.client(), "vera")
    assert locked.status_code == 429
    assert "30" in locked.content.decode()
    assert actions("vera") == ["login_failed"] * 4 + ["login_locked"]
    assert standings(["vera", "wim"], web.zone.clock()) == {"vera": Standing.LOCKED, "wim": Standing.NONE}
    AccessAttempt.objects.update(attempt_time=web.zone.clock() - timedelta(minutes=29))
    assert log_in(web.client(), "vera").status_code == 429
    AccessAttempt.objects.update(attempt_time=web.zone.clock() - timedelta(minutes=31))
    assert log_in(web.client(), "vera").status_code == 302


def test_a_login_forgets_the_failures_before_it(web: WebCamp) -> None:
    web.account("vera")
    for _ in range(4):
        log_in(web.client(), "vera", "wrong", "000000")
    assert log_in(web.client(), "vera").status_code == 302
    assert log_in(web.client(), "vera", "wrong", "000000").status_code == 400


def test_one_account_locked_leaves_the_others_alone(web: WebCamp) -> None:
    web.account("wim")
    for _ in range(5):
        log_in(web.client(), "vera", "wrong", "000000")
    assert log_in(web.client(), "wim").status_code == 302


def test_no_table_keeps_what_was_typed(web: WebCamp) -> None:
    from axes.models import AccessAttempt

    from output_review.models import LogRow

    web.account("vera")
    log_in(web.client(), "my secret words", "also secret", "123456")
    log_in(web.client(), "vera", "also secret", "123456")
    kept = str(list(AccessAttempt.objects.values())) + str(list(LogRow.objects.values()))
    assert "secret" not in kept
    assert "123456" not in kept


# ---------------------------------------------------------------------------------------------------------- sessions
def later(web: WebCamp, **passed: float) -> None:
    """Let time pass in the application."""
    zone = web.house.zone()
    moment = zone.clock() + timedelta(**passed)
    moved = replace(zone, clock=lambda: moment)
    web.house._kept = None
    web.house._opened = lambda: moved


def test_a_session_ends_after_half_an_hour_without_a_page(web: WebCamp) -> None:
    browser = web.client("vera")
    assert browser.get("/account", secure=True).status_code == 200
    later(web, minutes=29)
    assert browser.get("/account", secure=True).status_code == 200
    later(web, minutes=29)
    assert browser.get("/account", secure=True).status_code == 200
    later(web, minutes=31)
    assert browser.get("/account", secure=True).status_code == 302
    later(web, minutes=-31)
    assert browser.get("/account", secure=True).status_code == 302


def test_a_session_ends_after_eight_hours_whatever_happens(web: WebCamp) -> None:
    browser = web.client("vera")
    for _ in range(19):
        assert browser.get("/account", secure=True).status_code == 200
        later(web, minutes=25)
    assert browser.get("/account", secure=True).status_code == 200
    later(web, minutes=6)
    assert browser.get("/account", secure=True).status_code == 302


def test_the_cookies_are_bound_to_this_host_and_to_tls(web: WebCamp) -> None:
    web.account("vera")
    browser = web.client()
    browser.get("/login", secure=True)
    log_in(browser, "vera")
    browser.post("/language", {"language": "nl"}, secure=True)
    assert set(browser.cookies) == {"__Host-session", "__Host-csrf", "__Host-language", COOKIE}
    for cookie in browser.cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] == "Strict"


def test_the_session_before_login_is_not_the_one_after(web: WebCamp) -> None:
    web.account("vera")
    code = invite(web.zone, "wim").code
    browser = web.client()
    browser.post("/join", {"name": "wim", "code": code, "password": NEW, "again": NEW}, secure=True)
    before = browser.cookies["__Host-session"].value
    log_in(browser, "vera")
    after = browser.cookies["__Host-session"].value
    assert before
    assert before != after
    stolen = web.client()
    stolen.cookies["__Host-session"] = before
    assert stolen.get("/account", secure=True).status_code == 302


def test_logging_out_takes_a_form_and_ends_the_session_for_good(web: WebCamp) -> None:
    browser = web.client("vera")
    kept = browser.cookies["__Host-session"].value
    assert browser.get("/logout", secure=True).status_code == 405
    assert browser.get("/account", secure=True).status_code == 200
    assert browser.post("/logout", secure=True)["Location"] == "/login"
    again = web.client()
    again.cookies["__Host-session"] = kept
    assert again.get("/account", secure=True).status_code == 302


def test_logging_out_everywhere_ends_the_own_sessions_and_no_others(web: WebCamp) -> None:
    one, two, other = web.client("vera"), web.client("vera"), web.client("wim")
    assert one.post("/account/log-out-everywhere", secure=True).status_code == 302
    assert [browser.get("/account", secure=True).status_code for browser in (one, two, other)] == [302, 302, 200]


@pytest.mark.parametrize("path", ["/login", "/logout", "/language", "/join", "/account/log-out-everywhere"])
def test_a_form_without_the_sessions_token_is_refused(web: WebCamp, path: str) -> None:
    browser = web.client("vera", csrf=True)
    answer = browser.post(path, {"language": "nl"}, secure=True, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "did not come from a page of your session" in answer.content.decode()


def test_a_form_with_the_token_is_taken(web: WebCamp) -> None:
    browser = web.client("vera", csrf=True)
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/account", secure=True).content.decode()
    )
    assert token
    sent = {"csrfmiddlewaretoken": token[1], "language": "nl"}
    elsewhere = browser.post("/language", sent, secure=True, headers={"referer": "https://elsewhere.example/"})
    assert elsewhere.status_code == 403
    ours = browser.post("/language", sent, secure=True, headers={"referer": "https://testserver/account"})
    assert ours.status_code == 302


def test_who_leaves_the_manifest_is_out_at_the_next_page(web: WebCamp) -> None:
    from output_review.models import ManifestRow

    browser = web.client("anna")
    assert browser.get("/account", secure=True).status_code == 200
    zone = web.house.zone()
    people = tuple(one for one in zone.manifest.people if one.name != "anna")
    fewer = replace(zone, manifest=replace(zone.manifest, people=people))
    web.house._opened = lambda: fewer
    ManifestRow.objects.create(number=2, envelope=zone.manifest_envelope.to_document())
    assert browser.get("/account", secure=True)["Location"] == "/login?next=/account"
    assert log_in(web.client(), "anna").status_code == 400


def test_a_house_that_cannot_be_opened_shows_no_more_than_that(web: WebCamp) -> None:
    def closed() -> Any:
        raise StateError("a secret place")

    browser = web.client("vera")
    browser.raise_request_exception = False
    browser.defaults["datakamp.house"] = House(web.camp.folder, closed)  # type: ignore[assignment]
    answer = browser.get("/queue", secure=True)
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
