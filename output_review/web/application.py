"""The review application of one camp as a WSGI application, ready for gunicorn, a test client, or any other server."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from disclosure.errors import DataError
from disclosure.exchange.files import read_regular
from output_review.store.once import ExistsError, create_once
from output_review.web.bodies import bounded
from output_review.web.entry import entry_settings
from output_review.web.errors import quiet_logging
from output_review.web.house import HOUSE, House

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

KEY_FILE: Final = "web/session.key"
_LIMIT: Final = 1000


def application(house: House, review: Path, *, hosts: tuple[str, ...], proxied: bool = False) -> WSGIApplication:
    """Return the application of a camp whose control zone was opened before.

    Args:
        review: the control zone's folder, where the key lies that signs sessions.
        hosts: the host names by which it is reached; any other is refused.
        proxied: whether a reverse proxy in front says by X-Forwarded-Proto that it was asked over TLS.

    Raises:
        DatakampError: the control zone cannot be opened, or what the site configuration says of logging in is wrong.
    """
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    for name, value in entry_settings(house.zone().site.entry).items():
        setattr(settings, name, value)
    quiet_logging()
    settings.SECRET_KEY = session_key(review)
    settings.ALLOWED_HOSTS = list(hosts)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxied else None
    inner = get_wsgi_application()

    def answered(environment: WSGIEnvironment, start: StartResponse) -> Iterable[Any]:
        environment[HOUSE] = house
        return inner(environment, start)

    return bounded(answered)


def session_key(review: Path) -> str:
    """Return the key that signs sessions and forms, made when it is first asked for.

    Raises:
        DataError: the file is there and is no such key.
    """
    path = review / KEY_FILE
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        with contextlib.suppress(ExistsError):  # another process of the same server was first
            create_once(path, secrets.token_urlsafe(48).encode(), mode=0o600)
    key = read_regular(path, limit=_LIMIT).decode("ascii", "replace").strip()
    if len(key) < 48:
        raise DataError(f"'{KEY_FILE}' in the control zone is no key.", hint="Remove it: everyone logs in again.")
    return key
