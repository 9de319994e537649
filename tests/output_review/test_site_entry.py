"""How people log in, as the site configuration says it: what is not exactly right is refused, by its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import DocumentError
from output_review.site_entry import Entry, check_address, entry_of

OIDC: dict[str, Any] = {
    "issuer": "https://sso.office.example/realms/office", "client_id": "datakamp", "client_secret_file": "oidc.secret",
    "name_claim": "preferred_username", "acr": ["mfa"],
}  # fmt: skip
LDAP: dict[str, Any] = {
    "url": "ldaps://directory.office.example",
    "user_dn": "uid={name},ou=people,dc=office,dc=example",
}
HERE = Path("/office")


def entry(**tables: Any) -> Entry:
    return entry_of(tables, HERE, "The site configuration")


def test_what_is_left_out_is_as_usual() -> None:
    assert entry() == Entry(8, 30, None, None)


def test_all_of_it() -> None:
    found = entry(accounts={"session_hours": 4, "idle_minutes": 10}, oidc={**OIDC, "ca_file": "ca.pem"}, ldap=LDAP)
    assert (found.session_hours, found.idle_minutes) == (4, 10)
    assert found.provider is not None
    assert (found.provider.secret_file, found.provider.ca_file) == (HERE / "oidc.secret", HERE / "ca.pem")
    assert found.provider.acr == ("mfa",)
    assert found.directory is not None
    assert found.directory.ca_file is None


@pytest.mark.parametrize("hours", [1, 24])
def test_sessions_within_bounds(hours: int) -> None:
    assert entry(accounts={"session_hours": hours}).session_hours == hours


@pytest.mark.parametrize(
    "table",
    [
        {"session_hours": 0}, {"session_hours": 25}, {"session_hours": True}, {"session_hours": "8"},
        {"idle_minutes": 0}, {"idle_minutes": 241}, {"idle": 5},
    ],
)  # fmt: skip
def test_sessions_out_of_bounds_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(DocumentError, match="accounts"):
        entry(accounts=table)


@pytest.mark.parametrize("name", sorted(OIDC))
def test_a_provider_says_everything(name: str) -> None:
    with pytest.raises(DocumentError, match="oidc"):
        entry(oidc={key: value for key, value in OIDC.items() if key != name})


@pytest.mark.parametrize(
    "change",
    [
        {"acr": []}, {"acr": "mfa"}, {"acr": [""]}, {"acr": [2]}, {"client_id": ""}, {"scope": "email"},
        {"issuer": "http://sso.office.example"}, {"issuer": "http://localhost:80"}, {"issuer": "ftp://127.0.0.1"},
        {"issuer": "https://user:word@sso.office.example"}, {"issuer": "https://sso.office.example/?a=b"},
        {"issuer": "https://"}, {"issuer": "https://[::1"}, {"issuer": 5},
    ],
)  # fmt: skip
def test_a_provider_that_is_not_right_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError, match="oidc"):
        entry(oidc={**OIDC, **change})


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:8080/realms/a", "http://[::1]:8080", "https://sso.office.example"]
)
def test_only_on_loopback_a_provider_may_do_without_tls(issuer: str) -> None:
    provider = entry(oidc={**OIDC, "issuer": issuer}).provider
    assert provider is not None
    assert provider.issuer == issuer


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://directory.office.example"}, {"url": "ldapi://%2frun%2fslapd"}, {"url": ""},
        {"user_dn": "uid=anna,ou=people"}, {"user_dn": "ou=people,uid={name}"}, {"user_dn": "uid={name},{name}=x"},
        {"user_dn": "uid=%(user)s"}, {"bind_password": "x"},
    ],
)  # fmt: skip
def test_a_directory_that_is_not_right_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError, match="ldap"):
        entry(ldap={**LDAP, **change})


def test_an_error_never_repeats_the_address_it_refuses() -> None:
    with pytest.raises(DocumentError) as caught:
        check_address("https://user:secret@elsewhere.example", {"https"}, set(), "The issuer")
    assert "secret" not in str(caught.value)
