"""What holds for every answer: its headers, its language, and error pages that tell nothing about the inside."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from disclosure.errors import BadInputError, IntegrityError, StateError
from disclosure.texts import text
from tests.output_review.web.coming_in import log_in
from tests.output_review.web.web_camp import WebCamp

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

PAGES = ["/login", "/join", "/queue", "/account", "/account/password", "/nothing-here", "/health"]


@pytest.fixture
def browser(web: WebCamp) -> Client:
    """A browser in which Vera is logged in; faults are answered, as a server answers them."""
    one = web.client("vera")
    one.raise_request_exception = False
    return one


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """What the account page raises: put an error in."""
    from output_review.web.accounts import own

    errors: list[Exception] = []

    def fail(_: object) -> dict[str, object]:
        raise errors[0]

    monkeypatch.setattr(own, "_context", fail)
    yield errors
    assert errors


def english(browser: Client, address: str) -> HttpResponse:
    return cast("HttpResponse", browser.get(address, secure=True, headers={"accept-language": "en"}))


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_the_headers_that_browsers_keep_to(browser: Client, address: str) -> None:
    answer = browser.get(address, secure=True)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "max-age=31536000" in answer["Strict-Transport-Security"]
    assert "Server" not in answer


def test_what_never_changes_is_served_from_here(browser: Client) -> None:
    for name in ("review/review.css", "review/review.js"):
        answer = browser.get(f"/static/{name}", secure=True)
        assert answer.status_code == 200
        assert answer["X-Content-Type-Options"] == "nosniff"
        answer.close()
    assert browser.get("/static/../settings.py", secure=True).status_code == 404
    assert browser.get("/static/%2e%2e/%2e%2e/settings.py", secure=True).status_code == 404


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver.elsewhere.example", "testserver:80@x", ""])
def test_another_host_name_is_no_request_of_ours(browser: Client, host: str) -> None:
    answer = browser.get("/login", secure=True, headers={"host": host or " "})
    assert answer.status_code == 400
    assert "elsewhere" not in answer.content.decode()


# ------------------------------------------------------------------------------------------------------ error pages
def test_a_fault_shows_nothing_of_the_inside_and_logs_none_of_its_words(
    browser: Client, faulty: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    from output_review.web.errors import PlainLines

    faulty.append(ValueError("the income of 123456782 is 99999"))
    answer = english(browser, "/account")
    assert answer.status_code == 500
    assert "Something is wrong on our side." in answer.content.decode()
    ours = [one for one in logging.getLogger("django").handlers if "pytest" not in type(one).__module__]
    assert [type(one.formatter) for one in ours] == [PlainLines]
    for page in (answer.content.decode(), *(PlainLines().format(record) for record in caplog.records)):
        assert "123456782" not in page
        assert "Traceback" not in page


def test_a_line_of_the_log_names_kind_and_place_of_an_error_and_stays_one_line() -> None:
    from output_review.web.errors import PlainLines

    try:
        raise ValueError("secret")
    except ValueError as error:
        record = logging.LogRecord(
            "django.request", logging.ERROR, "", 0, "failed: %s", ("/a\nb\x1b[2J",), (ValueError, error, None)
        )
    assert PlainLines().format(record) == "ERROR django.request: failed: /a?b?[2J (ValueError)"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StateError(text("This request cannot be read."), hint="Wait."), 409),
        (BadInputError("Name the outputs <b>."), 400),
        (IntegrityError("Broken."), 409),
    ],
)
def test_what_a_service_says_is_shown_where_no_view_did(
    browser: Client, faulty: list[Exception], error: Exception, status: int
) -> None:
    faulty.append(error)
    answer = browser.get("/account", secure=True, headers={"accept-language": "nl"})
    assert answer.status_code == status
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert "<b>" not in page
    if isinstance(error, StateError):
        assert "Deze aanvraag kan niet worden gelezen." in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "There is no such page, or it is not for you."), ("nl", "Deze pagina bestaat niet, of is niet voor u.")],
)
def test_error_pages_are_in_the_readers_language(browser: Client, language: str, said: str) -> None:
    answer = browser.get("/nothing-here", secure=True, headers={"accept-language": language})
    assert answer.status_code == 404
    assert said in answer.content.decode()
    assert f'<html lang="{language}">' in answer.content.decode()
    assert "nothing-here" not in re.sub(r'name="next" value="[^"]*"', "", answer.content.decode())


@pytest.mark.parametrize(
    "address", ["/%3Cscript%3Ealert(1)%3C/script%3E", "/x%22onload=%22alert(1)", "/%00", "/%ff%fe"]
)
def test_an_address_that_makes_no_sense_is_answered_without_it(browser: Client, address: str) -> None:
    answer = browser.get(address, secure=True)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.content.decode()
    assert '"onload' not in answer.content.decode()


# --------------------------------------------------------------------------------------------------------- language
def test_the_language_is_the_browsers_until_one_is_chosen(web: WebCamp) -> None:
    browser = web.client()

    def shown(asked: str) -> str:
        found = re.search(
            r'<html lang="(\w+)">',
            browser.get("/login", secure=True, headers={"accept-language": asked}).content.decode(),
        )
        assert found
        return found[1]

    assert [shown(asked) for asked in ("nl", "nl-BE,nl;q=0.9", "en-GB", "de", "", "*")] == [
        "nl",
        "nl",
        "en",
        "en",
        "en",
        "en",
    ]
    browser.post("/language", {"language": "nl"}, secure=True)
    assert [shown(asked) for asked in ("en", "de")] == ["nl", "nl"]
    browser.post("/language", {"language": "en"}, secure=True)
    assert shown("nl") == "en"


@pytest.mark.parametrize("language", ["de", "", "../../etc", "nl\r\nSet-Cookie: a=b", "NL"])
def test_a_language_that_there_is_not_changes_nothing(web: WebCamp, language: str) -> None:
    browser = web.client()
    assert browser.post("/language", {"language": language}, secure=True).status_code == 302
    assert "__Host-language" not in browser.cookies


def test_after_the_choice_one_is_where_one_was_and_nowhere_else(web: WebCamp) -> None:
    browser = web.client()
    assert browser.post("/language", {"language": "nl", "next": "/join"}, secure=True)["Location"] == "/join"
    for elsewhere in ("//elsewhere.example", "https://elsewhere.example"):
        assert browser.post("/language", {"language": "nl", "next": elsewhere}, secure=True)["Location"] == "/"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("kort-Wz", "Het wachtwoord is te kort: ten minste twaalf tekens."),
        ("password1234", "Het wachtwoord is er een die iedereen het eerst raadt."),
        ("veravera.vera", "Het wachtwoord lijkt te veel op de accountnaam."),
    ],
)
def test_what_is_wrong_with_a_password_is_said_in_the_readers_language(web: WebCamp, password: str, said: str) -> None:
    from django.contrib.auth.models import User
    from django.test import RequestFactory

    from disclosure.texts import language
    from output_review.web.accounts.joining import password_problems

    given = RequestFactory().post("/join", {"password": password, "again": password})
    with language("nl"):
        assert password_problems(given, User(username="vera.vera.ver")) == [said]


def test_the_header_leads_each_person_to_their_own_pages_only(web: WebCamp) -> None:
    def links(name: str) -> set[str]:
        page = english(web.client(name), "/account").content.decode()
        header = page[page.index("<header") : page.index("</header>")]
        return set(re.findall(r'href="([^"]+)"', header))

    assert {"/queue", "/account"} <= links("vera")
    assert not {"/own/requests", "/organiser", "/audit"} & links("vera")
    assert "/own/requests" in links("anna")
    assert not {"/queue", "/audit"} & links("anna")


def test_an_old_page_asked_for_by_script_leads_to_the_login_page(web: WebCamp) -> None:
    answer = web.client().get("/queue", secure=True, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == "/login"


def test_a_form_that_was_too_late_leads_to_login_and_not_back_to_it(web: WebCamp) -> None:
    assert web.client().post("/account/password", {}, secure=True)["Location"] == "/login"


def test_who_is_logged_in_is_led_on_from_the_login_page(web: WebCamp) -> None:
    browser = web.client("vera")
    assert browser.get("/login?next=/account", secure=True)["Location"] == "/account"
    assert log_in(browser, "vera", next="/account")["Location"] == "/account"
