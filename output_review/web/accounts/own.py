"""The own account: the password, and the sessions elsewhere."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from disclosure.texts import text
from output_review.domain.access import Permission
from output_review.services.accounts import end_sessions, note
from output_review.web.accounts.joining import password_problems
from output_review.web.accounts.login import locked_out
from output_review.web.house import turns_of
from output_review.web.seat import entered, seat_of
from output_review.web.words import ROLES


@entered(Permission.ENTER)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show who one is here, and what one may."""
    return render(request, "review/account.html", _context(request))


@entered(Permission.ENTER)
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Set another password: with the old one and new digits. Sessions elsewhere end."""
    context = _context(request)
    if not context["local"]:
        return redirect("account")
    if request.method != "POST":
        return render(request, "review/account_password.html", context)
    seat, digits = seat_of(request), request.POST.get("digits", "").replace(" ", "")
    with turns_of(request, known=True).taken():
        user = auth.authenticate(request, username=seat.name, password=request.POST.get("old", "")[:200], digits=digits)
    if user is None:
        note(seat.zone, seat.name, "password_refused")
        if getattr(request, "axes_locked_out", False):
            auth.logout(request)
            return locked_out(request)
        problems = [str(text("The password or the digits are not right. Digits count only once: wait for new ones."))]
    else:
        problems = password_problems(request, user)
    if user is None or problems:
        return render(request, "review/account_password.html", context | {"problems": problems}, status=400)
    user.set_password(request.POST["password"])
    user.save(update_fields=["password"])
    auth.update_session_auth_hash(request, user)
    end_sessions(user, but=request.session.session_key)
    note(seat.zone, seat.name, "password_changed")
    return render(request, "review/account.html", context | {"changed": True})


@entered(Permission.ENTER)
@require_POST
def log_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all sessions of the account, this one too."""
    seat = seat_of(request)
    user = auth.get_user(request)
    if user.is_authenticated:
        end_sessions(user)
    note(seat.zone, seat.name, "logout_everywhere")
    auth.logout(request)
    return redirect("login")


def _context(request: HttpRequest) -> dict[str, object]:
    seat = seat_of(request)
    user = auth.get_user(request)
    own = bool(user.is_authenticated and user.has_usable_password())
    return {
        "local": own and seat.zone.site.entry.directory is None,
        "entry": seat.zone.site.entry,
        "roles": [ROLES[role] for role in seat.person.roles] if seat.person else [],
    }
