"""How long somebody who logged in stays so: some hours in all, and less when they do nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib import auth
from django.http import HttpRequest

from output_review.site_entry import Entry

BEGAN, SEEN = "began", "seen"
PROVIDER: Final = "output_review.web.accounts.single_sign_on.ProviderBackend"
"""The way in whose second factor the provider asks for; every other one shows its own."""
_OFTEN: Final = 60


def still_sits(request: HttpRequest, now: datetime, entry: Entry) -> str:
    """Return the account that logged in with both factors and still may sit here; empty for nobody.

    A session that has lasted too long, or in which nothing happened for too long, is ended for good. The moment of the
    last page is kept to the minute: not every page writes a session.
    """
    user, session = request.user, request.session
    if not user.is_authenticated:
        return ""
    if session.get(auth.BACKEND_SESSION_KEY) != PROVIDER and not getattr(user, "is_verified", bool)():
        return ""
    moment = int(now.timestamp())
    began, seen = session.get(BEGAN, moment), session.get(SEEN, moment)
    if moment - began >= entry.session_hours * 3600 or moment - seen >= entry.idle_minutes * 60:
        auth.logout(request)
        return ""
    if BEGAN not in session:
        session[BEGAN] = moment
    if SEEN not in session or moment - seen >= _OFTEN:
        session[SEEN] = moment
    return user.get_username()
