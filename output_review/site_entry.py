"""Who comes in how: the part of the site configuration that says how people log in to the review application.

    [accounts]                  # may be left out
    session_hours = 8
    idle_minutes = 30
    [oidc]                      # single sign-on, beside the local accounts
    issuer = "https://sso.office.example/realms/office"
    client_id = "datakamp"
    client_secret_file = "keys/oidc.secret"
    name_claim = "preferred_username"   # equals a name in the manifest; one that people cannot change themselves
    acr = ["mfa"]               # how the provider says that it asked for a second factor; at least one
    ca_file = "keys/ca.pem"     # the authority of the provider's certificate, if it is the office's own
    [ldap]                      # a directory checks the passwords; the second factor stays the local one
    url = "ldaps://directory.office.example"    # or ldap://, which is then switched to TLS
    user_dn = "uid={name},ou=people,dc=office,dc=example"
    ca_file = "keys/ca.pem"

Paths are relative to the file. Only on the machine's own loopback may either be reached without TLS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from disclosure.errors import DocumentError

TABLES: Final = frozenset({"accounts", "oidc", "ldap"})
_NAME: Final = "{name}"
_DN: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}=\{name\}(,[A-Za-z][A-Za-z0-9-]{0,40}=[^,={}]{1,100}){0,20}")


@dataclass(frozen=True)
class Provider:
    """A provider of single sign-on.

    Attributes:
        name_claim: the claim of its tokens that equals a person's name in the manifest.
        acr: what its tokens may say of how somebody logged in; each stands for a second factor.
        ca_file: None for the authorities that the machine knows.
    """

    issuer: str
    client_id: str
    secret_file: Path
    name_claim: str
    acr: tuple[str, ...]
    ca_file: Path | None = None


@dataclass(frozen=True)
class Directory:
    """A directory that checks passwords: by binding as `user_dn` with the account's name in it."""

    url: str
    user_dn: str
    ca_file: Path | None = None


@dataclass(frozen=True)
class Entry:
    """How people log in, and for how long."""

    session_hours: int = 8
    idle_minutes: int = 30
    provider: Provider | None = None
    directory: Directory | None = None


def entry_of(document: Mapping[str, Any], folder: Path, what: str) -> Entry:
    """Return what the tables of a site configuration say.

    Args:
        folder: what paths are relative to.
        what: how errors call the file.

    Raises:
        DocumentError: a table has other entries, or a value that is none.
    """
    accounts = _table(document, "accounts", {"session_hours", "idle_minutes"}, what)
    usual = Entry()
    return Entry(
        _whole(accounts, "session_hours", usual.session_hours, 24, what),
        _whole(accounts, "idle_minutes", usual.idle_minutes, 240, what),
        _provider(document, folder, what) if "oidc" in document else None,
        _directory(document, folder, what) if "ldap" in document else None,
    )


def on_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine itself, by its address: a name may mean another one tomorrow.

    >>> on_loopback("127.0.0.1"), on_loopback("::1"), on_loopback("localhost"), on_loopback("10.0.0.1")
    (True, True, False, False)
    """
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_address(value: str, secure: set[str], plain: set[str], what: str) -> str:
    """Return an address without a query, a password or a fragment.

    Args:
        secure, plain: the schemes that TLS protects, and those that are for the machine's own loopback only.

    Raises:
        DocumentError: it is not one.
    """
    try:
        parts = urlsplit(value)
        host, scheme, _ = parts.hostname, parts.scheme, parts.port
    except ValueError:
        raise DocumentError(f"{what}: expected an address.") from None
    if not host or parts.query or parts.fragment or "@" in parts.netloc or not value.isascii():
        raise DocumentError(f"{what}: expected an address.", hint=f"For example {min(secure)}://sso.office.example/")
    if scheme not in secure and not (scheme in plain and on_loopback(host)):
        raise DocumentError(f"{what}: passwords and tokens do not travel without TLS.", hint=f"Use {min(secure)}://.")
    return value


def _provider(document: Mapping[str, Any], folder: Path, what: str) -> Provider:
    names = {"issuer", "client_id", "client_secret_file", "name_claim", "acr", "ca_file"}
    table = _table(document, "oidc", names, what)
    acr = table.get("acr")
    if not isinstance(acr, list) or not acr or not all(isinstance(one, str) and one for one in acr):
        raise DocumentError(
            f"{what}: [oidc] expected acr, what the provider's tokens say when a second factor was asked for.",
            hint='For example acr = ["mfa"].',
        )
    return Provider(
        check_address(_text(table, "oidc", "issuer", what), {"https"}, {"http"}, f"{what}: [oidc] issuer"),
        _text(table, "oidc", "client_id", what),
        folder / _text(table, "oidc", "client_secret_file", what),
        _text(table, "oidc", "name_claim", what),
        tuple(dict.fromkeys(acr)),
        _path(table, "oidc", folder, what),
    )


def _directory(document: Mapping[str, Any], folder: Path, what: str) -> Directory:
    table = _table(document, "ldap", {"url", "user_dn", "ca_file"}, what)
    # ldap:// is allowed everywhere because it is never used without StartTLS but on loopback.
    url = check_address(_text(table, "ldap", "url", what), {"ldaps", "ldap"}, set(), f"{what}: [ldap] url")
    dn = _text(table, "ldap", "user_dn", what)
    if not _DN.fullmatch(dn):
        raise DocumentError(
            f"{what}: [ldap] expected user_dn, a name with {_NAME} as its first value.",
            hint=f'For example user_dn = "uid={_NAME},ou=people,dc=office,dc=example".',
        )
    return Directory(url, dn, _path(table, "ldap", folder, what))


def _table(document: Mapping[str, Any], name: str, entries: set[str], what: str) -> Mapping[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict) or not set(table) <= entries:
        raise DocumentError(f"{what}: [{name}] has only {', '.join(sorted(entries))}.")
    return table


def _text(table: Mapping[str, Any], name: str, key: str, what: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise DocumentError(f"{what}: [{name}] expected {key}, a text.")
    return value


def _path(table: Mapping[str, Any], name: str, folder: Path, what: str) -> Path | None:
    return folder / _text(table, name, "ca_file", what) if "ca_file" in table else None


def _whole(table: Mapping[str, Any], key: str, usual: int, most: int, what: str) -> int:
    value = table.get(key, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise DocumentError(f"{what}: [accounts] expected {key}, a whole number from 1 to {most}.")
    return value
