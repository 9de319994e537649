"""The first time: a code, a password and a second factor make an account; and another password later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from disclosure.errors import BadInputError, StateError
from output_review.services.accounts import invite, invited
from tests.output_review.web.coming_in import NEW, actions, digits_for, digits_of, join, log_in, shown_key
from tests.output_review.web.web_camp import PASSWORD, WebCamp


# ----------------------------------------------------------------------------------------------------- the first time
def test_a_code_a_password_and_digits_make_an_account(web: WebCamp) -> None:
    invitation = invite(web.zone, "vera")
    browser, answer = join(web, "vera", invitation.code.lower().replace("-", " "))
    assert (answer.status_code, answer["Location"]) == (302, "/join/second-factor")
    key = shown_key(browser)
    picture = browser.get("/join/picture.svg", secure=True)
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture["Cache-Control"] == "no-store"
    assert picture.content.startswith(b"<?xml") or picture.content.startswith(b"<svg")
    assert browser.post("/join/second-factor", {"digits": "000000"}, secure=True).status_code in (400, 200)
    done = browser.post("/join/second-factor", {"digits": digits_of(key)}, secure=True)
    assert done.status_code == 200
    assert log_in(web.client(), "vera", NEW, digits_of(key)).status_code == 400  # those digits are used
    assert log_in(web.client(), "vera", NEW, digits_of(key, steps=1)).status_code == 302
    assert actions("vera") == ["account_invited", "account_joined", "login_failed", "login"]
    assert browser.get("/join/picture.svg", secure=True).status_code == 404
    assert browser.get("/join/second-factor", secure=True)["Location"] == "/join"


def test_a_code_is_good_once(web: WebCamp) -> None:
    code = invite(web.zone, "vera").code
    first, _ = join(web, "vera", code)
    second, _ = join(web, "vera", code)
    assert first.post("/join/second-factor", {"digits": digits_of(shown_key(first))}, secure=True).status_code == 200
    late = second.post("/join/second-factor", {"digits": digits_of(shown_key(second))}, secure=True)
    assert late.status_code == 409
    assert join(web, "vera", code)[1].status_code == 400


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda name, code: (name, code[:-1] + ("A" if code[-1] != "A" else "B")),
        lambda name, code: ("wim", code),
        lambda name, code: ("zeno", code),
        lambda name, code: (name, ""),
    ],
    ids=["another code", "somebody else's", "nobody's", "no code"],
)
def test_another_code_or_name_is_refused(web: WebCamp, spoilt: Callable[[str, str], tuple[str, str]]) -> None:
    answer = join(web, *spoilt("vera", invite(web.zone, "vera").code))[1]
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_a_code_is_good_for_three_days_and_not_longer(web: WebCamp) -> None:
    code = invite(web.zone, "vera").code
    now = web.zone.clock()
    for passed, good in ((timedelta(days=3, minutes=-1), True), (timedelta(days=3), False)):
        assert invited(replace(web.zone, clock=lambda at=now + passed: at), "vera", code) is good  # type: ignore[misc]


def test_a_new_code_voids_the_one_before(web: WebCamp) -> None:
    old, new = invite(web.zone, "vera").code, invite(web.zone, "vera").code
    assert (invited(web.zone, "vera", old), invited(web.zone, "vera", new)) == (False, True)


def test_the_code_itself_is_kept_nowhere(web: WebCamp) -> None:
    from output_review.models import InvitationRow, LogRow

    code = invite(web.zone, "vera").code
    kept = str(list(InvitationRow.objects.values())) + str(list(LogRow.objects.values()))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_only_people_of_the_manifest_are_invited_and_only_once(web: WebCamp) -> None:
    with pytest.raises(BadInputError, match="nobody of that name"):
        invite(web.zone, "zeno")
    web.account("vera")
    with pytest.raises(StateError, match="has an account already"):
        invite(web.zone, "vera")


def test_a_reset_ends_sessions_and_voids_password_and_second_factor(web: WebCamp) -> None:
    browser = web.client("vera")
    digits = digits_for("vera")
    assert browser.get("/account", secure=True).status_code == 200
    code = invite(web.zone, "vera", reset=True).code
    assert browser.get("/account", secure=True).status_code == 302
    assert log_in(web.client(), "vera", digits=digits).status_code == 400
    joined, _ = join(web, "vera", code)
    assert joined.post("/join/second-factor", {"digits": digits_of(shown_key(joined))}, secure=True).status_code == 200


@pytest.mark.parametrize(
    ("password", "again"),
    [("kort-Wz", "kort-Wz"), ("password1234", "password1234"), (NEW, NEW + "!"), ("k-W" * 70, "k-W" * 70)],
)
def test_a_weak_or_mistyped_password_is_refused(web: WebCamp, password: str, again: str) -> None:
    code = invite(web.zone, "vera").code
    given = {"name": "vera", "code": code, "password": password, "again": again}
    answer = web.client().post("/join", given, secure=True)
    assert answer.status_code == 400
    assert password not in answer.content.decode()


# --------------------------------------------------------------------------------------------------- the own password
def test_a_new_password_takes_the_old_one_and_new_digits_and_ends_sessions_elsewhere(web: WebCamp) -> None:
    here, elsewhere = web.client("vera"), web.client("vera")
    given = {"old": PASSWORD, "digits": digits_for("vera"), "password": NEW, "again": NEW}
    assert here.post("/account/password", {**given, "old": "wrong"}, secure=True).status_code == 400
    assert here.post("/account/password", {**given, "digits": "12"}, secure=True).status_code == 400
    assert here.post("/account/password", given, secure=True).status_code == 200
    assert here.get("/account", secure=True).status_code == 200
    assert elsewhere.get("/account", secure=True).status_code == 302
    assert log_in(web.client(), "vera", digits=digits_for("vera", steps=1)).status_code == 400
    assert log_in(web.client(), "vera", NEW, digits_for("vera", steps=1)).status_code == 302


def test_guessing_the_old_password_in_a_session_locks_the_account_and_ends_the_session(web: WebCamp) -> None:
    browser = web.client("vera")
    given = {"old": "wrong", "digits": "000000", "password": NEW, "again": NEW}
    answers = [browser.post("/account/password", given, secure=True).status_code for _ in range(5)]
    assert answers == [400] * 4 + [429]
    assert browser.get("/account", secure=True).status_code == 302
