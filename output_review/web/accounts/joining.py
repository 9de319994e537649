"""Coming in for the first time: with a code from the office one sets a password and a second factor.

Until its digits have shown that it works, everything lies in the session, and the account is as it was.
"""

from __future__ import annotations

import base64
import io
import secrets
import time
from typing import Any, Final
from urllib.parse import quote, urlencode

import segno
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_otp.oath import TOTP

from disclosure.errors import StateError
from disclosure.texts import text
from output_review.services.accounts import invited, join
from output_review.web.accounts.backend import DIGITS
from output_review.web.accounts.known import remember
from output_review.web.house import turns_of
from output_review.web.seat import seat_of

_WEAK: Final = {
    "password_too_short": text("The password is too short: at least twelve characters."),
    "password_too_similar": text("The password is too much like the account name."),
    "password_too_common": text("The password is one that everybody guesses first."),
    "": text("The password is too weak."),
}
_KEPT: Final = "joining"
_LONGEST: Final = 200
_BYTES: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
def join_with_code(request: HttpRequest) -> HttpResponse:
    """Ask for name, code and password; go on to the second factor."""
    zone = seat_of(request).zone
    local = zone.site.entry.directory is None
    context: dict[str, Any] = {"local": local}
    if request.method != "POST":
        return render(request, "review/account_join.html", context)
    name, code = (request.POST.get(one, "")[:_LONGEST] for one in ("name", "code"))
    if not invited(zone, name, code):
        problems = [str(text("Name and code do not belong together, or the code is not good any more."))]
    else:
        problems = password_problems(request, User(username=name)) if local else []
    if problems:
        return render(request, "review/account_join.html", context | {"problems": problems, "name": name}, status=400)
    with turns_of(request, known=True).taken():  # the code is good
        password = make_password(request.POST["password"]) if local else None
    request.session.cycle_key()
    request.session[_KEPT] = {
        "name": name,
        "code": code,
        "password": password,
        "key": secrets.token_hex(_BYTES),
    }
    return redirect("join-second-factor")


@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show the secret; with digits that fit it, make the account."""
    zone, kept = seat_of(request).zone, _kept(request)
    if kept is None:
        return redirect("join")
    key = base64.b32encode(bytes.fromhex(kept["key"])).decode()
    context: dict[str, Any] = {"key": " ".join(key[at : at + 4] for at in range(0, len(key), 4))}
    if request.method != "POST":
        return render(request, "review/account_second_factor.html", context)
    last = step_of(kept["key"], request.POST.get("digits", "").replace(" ", ""))
    if last is None:
        problem = text("These digits do not fit. Is the clock of the telephone right?")
        return render(request, "review/account_second_factor.html", context | {"problem": problem}, status=400)
    del request.session[_KEPT]
    try:
        join(zone, kept["name"], kept["code"], password=kept["password"], key=kept["key"], last=last)
    except StateError as error:
        return render(request, "review/account_join.html", {"problems": [error.localized()], "local": True}, status=409)
    request.session.cycle_key()
    answer = render(request, "review/account_joined.html")
    remember(answer, kept["name"])
    return answer


@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """Return the secret as a QR code, as an SVG image."""
    kept = _kept(request)
    if kept is None:
        raise Http404
    camp = seat_of(request).zone.camp.name
    issuer = f"Datakamp {camp}"
    address = f"otpauth://totp/{quote(issuer)}:{quote(kept['name'])}?" + urlencode(
        {
            "secret": base64.b32encode(bytes.fromhex(kept["key"])).decode(), "issuer": issuer,
            "algorithm": "SHA1", "digits": 6, "period": 30,
        },
        quote_via=quote,
    )  # fmt: skip
    written = io.BytesIO()
    segno.make(address, error="m").save(written, kind="svg", scale=6, border=4, light="white", nl=False)
    return HttpResponse(written.getvalue(), content_type="image/svg+xml")


def password_problems(request: HttpRequest, user: User) -> list[str]:
    """Return what is wrong with the password that was typed twice, in the reader's language."""
    password = request.POST.get("password", "")
    if len(password) > _LONGEST:
        return [str(text("A password has at most {most} characters.", most=_LONGEST))]
    if password != request.POST.get("again", ""):
        return [str(text("The two passwords are not the same."))]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [str(_WEAK.get(str(one.code), _WEAK[""])) for one in error.error_list]
    return []


def step_of(key: str, digits: str) -> int | None:
    """Return the step at which these digits belong to a key, now or one step beside; None if they do not."""
    if not DIGITS.fullmatch(digits):
        return None
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    return totp.t() if totp.verify(int(digits), 1) else None


def _kept(request: HttpRequest) -> dict[str, Any] | None:
    kept = request.session.get(_KEPT)
    return kept if isinstance(kept, dict) else None
