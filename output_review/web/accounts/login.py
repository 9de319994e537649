"""Logging in and out, and the language of the pages."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from disclosure.texts import LANGUAGES
from output_review.services.accounts import note
from output_review.web.accounts.known import is_known, remember
from output_review.web.house import turns_of
from output_review.web.seat import seat_of

_LONGEST = 200


def safe_next(request: HttpRequest) -> str:
    """Return where to go afterwards, if that is a page of ours; otherwise the first page."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else "/"


@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or let somebody in."""
    seat, after = seat_of(request), safe_next(request)
    if seat.person is not None:
        return redirect(after)
    context: dict[str, Any] = {"next": after, "entry": seat.zone.site.entry}
    if request.method != "POST":
        return render(request, "review/login.html", context | {"failed": "failed" in request.GET})
    name, password, digits = (request.POST.get(one, "")[:_LONGEST] for one in ("name", "password", "digits"))
    person = seat.zone.manifest.person(name)
    # Somebody who types the password where the name belongs finds it in no table.
    counted = name if person else f"unknown-{_keyed(name)}"
    with turns_of(request, known=person is not None and is_known(request, name)).taken():
        user = auth.authenticate(request, username=counted, password=password, digits=digits.replace(" ", ""))
    if user is None or person is None:
        locked = getattr(request, "axes_locked_out", False)
        if not locked or getattr(request, "axes_failures_since_start", None) is not None:
            note(seat.zone, name, "login_locked" if locked else "login_failed")
        return render(request, "review/login.html", context | {"failed": True, "name": name}, status=400)
    auth.login(request, user)
    request.session.clear_expired()  # of everybody: nothing else ever removes them
    note(seat.zone, name, "login", way="local")
    answer = redirect(after)
    remember(answer, name)
    return answer


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """Say that an account is locked for a while: the answer to the failure that did it, and to every one after."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds()) // 60
    return render(request, "review/account_locked.html", {"minutes": minutes}, status=429)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    seat = seat_of(request)
    if seat.person is not None:
        note(seat.zone, seat.name, "logout")
    auth.logout(request)
    return redirect("login")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language that was chosen."""
    chosen, answer = request.POST.get("language", ""), redirect(safe_next(request))
    if chosen in LANGUAGES:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, secure=True, httponly=True, samesite="Strict"
        )
    return answer


def _keyed(name: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:20]
