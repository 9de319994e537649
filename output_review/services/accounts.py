"""Accounts of the review application: a name of the manifest, a password that its owner set, and a second factor.

An account gives nobody a right: what a person may do stands in the manifest. The office makes a code, its owner comes
with it once, sets the password and shows that the second factor works; only then there is an account.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from disclosure.errors import BadInputError, StateError
from disclosure.exchange.canonical import digest
from disclosure.texts import text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from output_review.services.zone import ControlZone

CODE_DAYS: Final = 3
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that two people read differently
_GROUPS, _GROUP = 5, 4  # 100 bits


class Standing(StrEnum):
    """How far somebody's account is."""

    NONE = "none"
    INVITED = "invited"
    JOINED = "joined"
    LOCKED = "locked"


@dataclass(frozen=True)
class Invitation:
    """A code for a person, which nothing else keeps: it is shown once."""

    person: str
    code: str
    until: datetime


def invite(zone: ControlZone, name: str, *, reset: bool = False) -> Invitation:
    """Return a new code with which a person sets the password and the second factor of the own account.

    It replaces the code from before.

    Args:
        reset: void the account that there is: its password, its second factor and its sessions.

    Raises:
        BadInputError: nobody of that name is in the manifest.
        StateError: there is an account, and it is not to be reset.
    """
    from django.contrib.auth.models import User
    from django.db import transaction

    from output_review.models import InvitationRow

    if zone.manifest.person(name) is None:
        raise BadInputError("There is nobody of that name in this camp's manifest.", hint="See camp.toml: people.")
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    until = zone.clock() + timedelta(days=CODE_DAYS)
    with transaction.atomic():
        user = User.objects.filter(username=name).first()
        if user is not None and has_joined(user) and not reset:
            raise StateError(
                f"'{name}' has an account already.", hint="With --reset its password, second factor and sessions end."
            )
        if user is not None:
            void(user)
        InvitationRow.objects.update_or_create(person=name, defaults={"code": _digest(code), "until": until})
        zone.log("organiser", "account_reset" if reset else "account_invited", {"person": name})
    return Invitation(name, code, until)


def invited(zone: ControlZone, name: str, code: str) -> bool:
    """Tell whether a code is the one that this person was given, and still good."""
    from output_review.models import InvitationRow

    row = InvitationRow.objects.filter(person=name).first() if zone.manifest.person(name) else None
    same = compare_digest(_digest(code), row.code if row else _digest(""))
    return row is not None and same and zone.clock() < row.until


def join(zone: ControlZone, name: str, code: str, *, password: str | None, key: str, last: int) -> None:
    """Make the account of a person who came with a code: it is used up.

    Args:
        password: as `django.contrib.auth.hashers.make_password` returns it; None where a directory checks passwords.
        key: the second factor's secret, hexadecimal.
        last: the step of the digits that showed it works: they count once.

    Raises:
        StateError: the code is not good any more.
    """
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.db import transaction
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from output_review.models import InvitationRow

    with transaction.atomic():
        if not invited(zone, name, code):
            raise StateError(text("This code is not good any more."), hint=text("Ask an organiser for a new one."))
        user, _ = User.objects.get_or_create(username=name)
        void(user)
        user.password = make_password(None) if password is None else password
        user.save(update_fields=["password"])
        TOTPDevice.objects.create(user=user, name="app", confirmed=True, key=key, last_t=last)
        InvitationRow.objects.filter(person=name).delete()
        zone.log(name, "account_joined", {"person": name})


def has_joined(user: User) -> bool:
    """Tell whether somebody has a second factor here."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def void(user: User) -> None:
    """Take away an account's password, second factor, sessions and failed attempts."""
    from axes.utils import reset
    from django_otp.plugins.otp_totp.models import TOTPDevice

    TOTPDevice.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)
    reset(username=user.get_username())


def end_sessions(user: User, *, but: str | None = None) -> int:
    """End an account's sessions, all but one if that is named, and return how many."""
    from django.contrib.auth import SESSION_KEY
    from django.contrib.sessions.models import Session

    keys = [
        one.session_key
        for one in Session.objects.iterator()
        if one.session_key != but and str(one.get_decoded().get(SESSION_KEY)) == str(user.pk)
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def standings(names: Iterable[str], now: datetime) -> dict[str, Standing]:
    """Return how far each person's account is.

    Args:
        now: the time, for codes that have run out.
    """
    from axes.models import AccessAttempt
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db.models import Sum
    from django.utils import timezone
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from output_review.models import InvitationRow

    recent = timezone.now() - settings.AXES_COOLOFF_TIME
    failed = AccessAttempt.objects.filter(attempt_time__gte=recent).values("username")
    locked = {
        one["username"]
        for one in failed.annotate(sum=Sum("failures_since_start"))
        if one["sum"] >= settings.AXES_FAILURE_LIMIT
    }
    joined = set(TOTPDevice.objects.filter(confirmed=True).values_list("user__username", flat=True))
    joined |= set(User.objects.filter(last_login__isnull=False).exclude(password="").values_list("username", flat=True))
    waiting = set(InvitationRow.objects.filter(until__gt=now).values_list("person", flat=True))

    def standing(name: str) -> Standing:
        for known, one in ((locked, Standing.LOCKED), (waiting, Standing.INVITED), (joined, Standing.JOINED)):
            if name in known:
                return one
        return Standing.NONE

    return {name: standing(name) for name in names}


def note(zone: ControlZone, name: str, action: str, **facts: Any) -> None:
    """Write into the log what happened with an account of the camp; of other names nothing is kept."""
    if zone.manifest.person(name) is not None:
        zone.log(name, action, {"person": name, **facts})


def _digest(code: str) -> str:
    kept = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return digest(b"datakamp/invitation/1\n" + kept.encode("ascii"))
