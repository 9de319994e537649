"""A directory checks passwords; the second factor stays the one of the account here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from disclosure.errors import DocumentError
from output_review.services.accounts import invite
from output_review.web.entry import entry_settings
from tests.output_review.web.coming_in import actions, digits_for, digits_of, log_in, shown_key
from tests.output_review.web.directory_server import BASE, WORD, DirectoryServer, certificate, directory, free_port
from tests.output_review.web.web_camp import PASSWORD, WebCamp
from tests.output_review.zone_camp import ZoneCamp

Camp = Callable[..., WebCamp]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with directory(tmp_path_factory.mktemp("directory")) as one:
        yield one


@pytest.fixture
def camp(zone_camp: ZoneCamp) -> Iterator[Camp]:
    """Makes a camp whose office has a directory; the settings are as before when the test is over."""
    from output_review.database import open_database

    open_database(zone_camp.camp.review)
    from django.conf import settings

    before = settings.AUTHENTICATION_BACKENDS

    def made(url: str, authority: Path | None = None) -> WebCamp:
        entry = f'[ldap]\nurl = "{url}"\nuser_dn = "cn={{name}},{BASE}"\n'
        if authority:
            entry += f'ca_file = "{authority}"\n'
        with (zone_camp.office / "site.toml").open("a") as site:
            site.write(entry)
        web = WebCamp(zone_camp)
        web.account("vera")
        return web

    yield made
    settings.AUTHENTICATION_BACKENDS = before


def test_the_password_of_the_directory_and_digits_of_here_let_somebody_in(server: DirectoryServer, camp: Camp) -> None:
    web = camp(server.secure, server.authority)
    assert log_in(web.client(), "vera", WORD).status_code == 302
    assert actions("vera")[-1] == "login"


@pytest.mark.parametrize("wrong", ["password", "the local password", "no password", "digits"])
def test_whatever_is_wrong_nobody_comes_in(server: DirectoryServer, camp: Camp, wrong: str) -> None:
    web = camp(server.secure, server.authority)
    password = {"password": "x", "the local password": PASSWORD, "no password": ""}.get(wrong, WORD)
    digits = "00000" if wrong == "digits" else None
    assert log_in(web.client(), "vera", password, digits).status_code == 400


@pytest.mark.parametrize("name", ["zeno", "wim", "*", "vera,dc=office", "vera)(cn=*"])
def test_who_is_not_of_the_camp_or_not_invited_does_not_come_in(server: DirectoryServer, camp: Camp, name: str) -> None:
    from django.contrib.auth.models import User

    web = camp(server.secure, server.authority)
    assert log_in(web.client(), name, WORD, digits_for("vera")).status_code == 400
    assert list(User.objects.values_list("username", flat=True)) == ["vera"]


def test_without_tls_the_connection_is_switched_to_it(server: DirectoryServer, camp: Camp) -> None:
    web = camp(server.plain, server.authority)
    assert entry_settings(web.zone.site.entry)["AUTH_LDAP_START_TLS"] is True
    assert log_in(web.client(), "vera", WORD).status_code == 302


def test_only_on_loopback_and_without_an_authority_it_stays_plain(server: DirectoryServer, camp: Camp) -> None:
    web = camp(server.plain)
    assert entry_settings(web.zone.site.entry)["AUTH_LDAP_START_TLS"] is False
    assert log_in(web.client(), "vera", WORD).status_code == 302


@pytest.mark.parametrize("switched", [False, True])
def test_a_certificate_of_another_authority_is_refused(
    server: DirectoryServer, camp: Camp, tmp_path: Path, switched: bool
) -> None:
    other = certificate(tmp_path)
    web = camp(server.plain if switched else server.secure, other)
    assert log_in(web.client(), "vera", WORD).status_code == 400


def test_a_directory_that_does_not_answer_lets_nobody_in(camp: Camp) -> None:
    web = camp(f"ldaps://127.0.0.1:{free_port()}")
    assert log_in(web.client(), "vera", WORD).status_code == 400


def test_the_first_time_one_sets_no_password_and_the_second_factor_only(server: DirectoryServer, camp: Camp) -> None:
    web = camp(server.secure, server.authority)
    code = invite(web.zone, "vera", reset=True).code
    browser = web.client()
    assert 'name="password"' not in browser.get("/join", secure=True).content.decode()
    assert browser.post("/join", {"name": "vera", "code": code}, secure=True).status_code == 302
    key = shown_key(browser)
    assert browser.post("/join/second-factor", {"digits": digits_of(key)}, secure=True).status_code == 200
    inside = web.client()
    assert log_in(inside, "vera", WORD, digits_of(key, steps=1)).status_code == 302
    assert inside.get("/account/password", secure=True)["Location"] == "/account"


def test_failures_lock_the_account_here_too(server: DirectoryServer, camp: Camp) -> None:
    web = camp(server.secure, server.authority)
    assert [log_in(web.client(), "vera", "x", "000000").status_code for _ in range(5)] == [400] * 4 + [429]
    assert log_in(web.client(), "vera", WORD).status_code == 429


def test_a_directory_without_its_library_stops_the_application(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap", None)
    with pytest.raises(DocumentError, match="library for it is not installed"):
        camp("ldaps://127.0.0.1:1")
