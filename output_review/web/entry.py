"""What the office's site configuration says of logging in, as settings of the libraries that do it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from disclosure.errors import DocumentError
from output_review.site import read_passphrase
from output_review.site_entry import Directory, Entry, Provider, on_loopback
from output_review.web.sitting import PROVIDER

_GUARD: Final = "axes.backends.AxesStandaloneBackend"
_LOCAL: Final = "output_review.web.accounts.backend.LocalBackend"
_DIRECTORY: Final = "output_review.web.accounts.directory.DirectoryBackend"
_SECONDS: Final = 10


def entry_settings(entry: Entry) -> dict[str, Any]:
    """Return Django's settings for an entry.

    Raises:
        DocumentError: the provider's secret cannot be read, or no library for directories is installed.
    """
    ways = [_GUARD, _DIRECTORY if entry.directory else _LOCAL]
    found: dict[str, Any] = {"SESSION_COOKIE_AGE": entry.session_hours * 3600}
    if entry.provider:
        ways.append(PROVIDER)
        found |= _provider(entry.provider)
    if entry.directory:
        found |= _directory(entry.directory)
    return {**found, "AUTHENTICATION_BACKENDS": ways}


def _provider(provider: Provider) -> dict[str, Any]:
    return {
        "OIDC_RP_CLIENT_ID": provider.client_id,
        "OIDC_RP_CLIENT_SECRET": read_passphrase(provider.secret_file),
        "OIDC_VERIFY_SSL": str(provider.ca_file) if provider.ca_file else True,
    }


def _directory(directory: Directory) -> dict[str, Any]:
    try:
        import django_auth_ldap.backend
        import ldap  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise DocumentError(
            "The site configuration names a directory, and the library for it is not installed.",
            hint="Install datakamp[ldap], or take [ldap] out.",
        ) from None
    parts = urlsplit(directory.url)
    options = {
        ldap.OPT_NETWORK_TIMEOUT: _SECONDS,
        ldap.OPT_TIMEOUT: _SECONDS,
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
    }
    if directory.ca_file:
        options[ldap.OPT_X_TLS_CACERTFILE] = str(directory.ca_file)
    options[ldap.OPT_X_TLS_NEWCTX] = 0  # last: it takes the options above into force
    del django_auth_ldap
    return {
        "AUTH_LDAP_SERVER_URI": directory.url,
        "AUTH_LDAP_USER_DN_TEMPLATE": directory.user_dn.replace("{name}", "%(user)s"),
        "AUTH_LDAP_START_TLS": parts.scheme == "ldap" and not (on_loopback(parts.hostname) and not directory.ca_file),
        "AUTH_LDAP_CONNECTION_OPTIONS": options,
        "AUTH_LDAP_NO_NEW_USERS": True,
    }
