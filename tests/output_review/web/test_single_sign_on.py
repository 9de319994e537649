"""Single sign-on: whom the provider vouches for comes in; no token that is in any way another one does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import jwt
import pytest

from output_review.services.accounts import invite
from output_review.web.entry import entry_settings
from tests.output_review.web.coming_in import actions
from tests.output_review.web.sign_on_provider import CLIENT, SECRET, FakeProvider, provider
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with provider() as one:
        yield one


@pytest.fixture
def web(zone_camp: ZoneCamp, fake: FakeProvider) -> Iterator[WebCamp]:
    """A camp whose office has single sign-on; the settings are as before when the test is over."""
    from django.conf import settings

    from output_review.database import open_database

    open_database(zone_camp.camp.review)
    (zone_camp.office / "client.secret").write_text(SECRET + "\n")
    with (zone_camp.office / "site.toml").open("a") as site:
        site.write(
            f'[oidc]\nissuer = "{fake.issuer}"\nclient_id = "{CLIENT}"\nclient_secret_file = "client.secret"\n'
            'name_claim = "preferred_username"\nacr = ["mfa", "2"]\n'
        )
    before = settings.AUTHENTICATION_BACKENDS
    camp = WebCamp(zone_camp)
    yield camp
    settings.AUTHENTICATION_BACKENDS = before


def start(browser: Client, **given: str) -> str:
    """Go to the provider; return the address there."""
    answer = browser.get("/sign-on", given, secure=True)
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(browser: Client, address: str) -> HttpResponse:
    return cast("HttpResponse", browser.get(address.removeprefix("https://testserver"), secure=True))


def signed_on(web: WebCamp, fake: FakeProvider, **given: str) -> tuple[Client, HttpResponse]:
    browser = web.client()
    return browser, come_back(browser, fake.authorise(start(browser, **given)))


def refused(browser: Client, answer: HttpResponse) -> bool:
    return answer["Location"] == "/login?failed" and browser.get("/account", secure=True).status_code == 302


def test_whom_the_provider_vouches_for_comes_in(web: WebCamp, fake: FakeProvider) -> None:
    from django.contrib.auth.models import User

    browser, answer = signed_on(web, fake, next="/account")
    assert answer["Location"] == "/account"
    assert browser.get("/account", secure=True).status_code == 200
    assert actions("vera") == ["login"]
    assert not User.objects.get(username="vera").has_usable_password()


def test_the_login_page_offers_it(web: WebCamp) -> None:
    assert "/sign-on?next=/queue" in web.client().get("/login?next=/queue", secure=True).content.decode()


def test_without_a_provider_there_are_no_such_pages(zone_camp: ZoneCamp) -> None:
    browser = WebCamp(zone_camp).client()
    assert "sign-on" not in browser.get("/login", secure=True).content.decode()
    assert browser.get("/sign-on", secure=True).status_code == 404
    assert browser.get("/sign-on/callback?code=x&state=y", secure=True).status_code == 404


def test_the_session_that_was_sent_there_has_a_state_a_nonce_and_a_challenge(web: WebCamp, fake: FakeProvider) -> None:
    one, two = (fake.sent(start(web.client())) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 32
        assert one[name] != two[name]
    assert (one["code_challenge_method"], one["acr_values"], one["response_type"]) == ("S256", "mfa 2", "code")


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another client": lambda claims: {**claims, "aud": "another"},
    "made for another client": lambda claims: {**claims, "aud": [CLIENT, "another"], "azp": "another"},
    "another issuer": lambda claims: {**claims, "iss": "https://elsewhere.example"},
    "another nonce": lambda claims: {**claims, "nonce": "x" * 32},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "run out": lambda claims: {**claims, "exp": int(time.time()) - 120},
    "without an end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "from the future": lambda claims: {**claims, "iat": int(time.time()) + 600},
    "password only": lambda claims: {**claims, "acr": "1"},
    "nothing about factors": lambda claims: {name: value for name, value in claims.items() if name != "acr"},
    "a list of factors": lambda claims: {**claims, "acr": ["mfa"]},
    "an unknown name": lambda claims: {**claims, "preferred_username": "zeno"},
    "a name in other letters": lambda claims: {**claims, "preferred_username": "VERA"},
    "no name": lambda claims: {name: value for name, value in claims.items() if name != "preferred_username"},
    "a name that is a list": lambda claims: {**claims, "preferred_username": ["vera"]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_token_with_another_claim_is_refused(web: WebCamp, fake: FakeProvider, change: str) -> None:
    from django.contrib.auth.models import User

    fake.change = CHANGES[change]
    assert refused(*signed_on(web, fake))
    assert not User.objects.exists()


def test_a_token_that_nobody_signed_is_refused(web: WebCamp, fake: FakeProvider) -> None:
    fake.signed = lambda claims: jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
    assert refused(*signed_on(web, fake))


def test_a_token_that_another_key_signed_is_refused(web: WebCamp, fake: FakeProvider) -> None:
    fake.signed = lambda claims: jwt.encode(claims, fake.other, algorithm="RS256", headers={"kid": "one"})
    assert refused(*signed_on(web, fake))


def test_a_token_signed_with_the_clients_secret_is_refused(web: WebCamp, fake: FakeProvider) -> None:
    fake.signed = lambda claims: jwt.encode(claims, SECRET * 3, algorithm="HS256", headers={"kid": "one"})
    assert refused(*signed_on(web, fake))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", None, 5])
def test_what_is_no_token_is_refused(web: WebCamp, fake: FakeProvider, token: Any) -> None:
    fake.signed = lambda _: token
    assert refused(*signed_on(web, fake))


def test_an_answer_counts_once(web: WebCamp, fake: FakeProvider) -> None:
    browser = web.client()
    back = fake.authorise(start(browser))
    come_back(browser, back)
    assert browser.get("/account", secure=True).status_code == 200
    browser.post("/logout", secure=True)
    assert come_back(browser, back).status_code == 200  # the page from which the session's cookie comes along
    assert refused(browser, come_back(browser, back + "&again=1"))
    assert len(fake.asked) == 1


def test_an_answer_to_somebody_elses_session_is_refused(web: WebCamp, fake: FakeProvider) -> None:
    back = fake.authorise(start(web.client()))
    victim = web.client()
    start(victim)
    assert refused(victim, come_back(victim, back))
    assert fake.asked == []


def test_a_browser_that_left_its_cookie_behind_is_led_on_once(web: WebCamp, fake: FakeProvider) -> None:
    back = fake.authorise(start(web.client()))
    browser = web.client()
    page = come_back(browser, back + "%22%3E%3Cscript%3E")
    assert page.status_code == 200
    shown = page.content.decode()
    assert 'http-equiv="refresh"' in shown
    assert "again=1" in shown
    assert "<script>" not in shown
    assert refused(browser, come_back(browser, back + "&again=1"))


def test_a_provider_that_says_it_is_another_one_is_not_asked(web: WebCamp, fake: FakeProvider) -> None:
    fake.claimed_issuer = "https://elsewhere.example"
    assert web.client().get("/sign-on", secure=True).status_code == 503


def test_an_error_at_the_provider_leads_back(web: WebCamp, fake: FakeProvider) -> None:
    browser = web.client()
    state = fake.sent(start(browser))["state"]
    assert refused(browser, come_back(browser, f"/sign-on/callback?error=access_denied&state={state}"))


def test_a_reset_ends_sessions_of_single_sign_on_too(web: WebCamp, fake: FakeProvider) -> None:
    browser, _ = signed_on(web, fake)
    invite(web.zone, "vera", reset=True)
    assert browser.get("/account", secure=True).status_code == 302


def test_a_local_account_is_no_way_around_the_second_factor(web: WebCamp, fake: FakeProvider) -> None:
    browser, _ = signed_on(web, fake)
    assert (
        browser.post("/account/password", {"old": "", "digits": "", "password": "x", "again": "x"}, secure=True)[
            "Location"
        ]
        == "/account"
    )
    browser.post("/logout", secure=True)
    assert browser.post("/login", {"name": "vera", "password": "", "digits": ""}, secure=True).status_code == 400


def test_the_settings_say_what_the_site_says(web: WebCamp) -> None:
    found = entry_settings(web.zone.site.entry)
    assert found["OIDC_RP_CLIENT_SECRET"] == SECRET
    assert found["AUTHENTICATION_BACKENDS"][0] == "axes.backends.AxesStandaloneBackend"
    assert len(found["AUTHENTICATION_BACKENDS"]) == 3
