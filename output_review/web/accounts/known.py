"""Whether somebody logs in where they have logged in before: who floods the login page does not crowd them out.

A browser in which somebody came in keeps a signed mark of the name. It gives no right and spares nobody a password or
digits: with it one waits among those who have such a mark, and not among everybody who reaches the page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE: Final = "__Host-known"
LASTS: Final = timedelta(days=90)
_SALT: Final = "datakamp/known/1"


def is_known(request: HttpRequest, name: str) -> bool:
    """Tell whether the person of this name came in with this browser before."""
    try:
        said = TimestampSigner(salt=_SALT).unsign(request.COOKIES.get(COOKIE, ""), max_age=LASTS)
    except BadSignature:
        return False
    return constant_time_compare(said, _mark(name))


def remember(answer: HttpResponse, name: str) -> None:
    """Have the browser keep that the person of this name came in with it; one name at a time."""
    answer.set_cookie(
        COOKIE, TimestampSigner(salt=_SALT).sign(_mark(name)), max_age=LASTS, secure=True, httponly=True,
        samesite="Strict",
    )  # fmt: skip


def _mark(name: str) -> str:
    return salted_hmac(_SALT, name, algorithm="sha256").hexdigest()
