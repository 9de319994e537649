"""Accounts of a demonstration: made at once, with a password and digits that are told to whoever runs it.

Only of a camp whose signed manifest says DEMO: its keys are of nobody, and its packages verify nowhere else. Everywhere
else the owner of an account sets its password and keeps its second factor, see `accounts`.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.errors import StateError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import read_regular, write_atomically
from output_review.services.accounts import has_joined, invite, join
from output_review.signing.keys import Mark

if TYPE_CHECKING:
    from output_review.services.zone import ControlZone

FOLDER: Final = "web/demo-accounts"
"""Below the control zone's folder: a file of each account that was made here, for the control zone's user alone."""
_SIZE: Final = 1000
_KEY_BYTES: Final = 20
_STEP: Final = 30
_NEVER: Final = -1


@dataclass(frozen=True)
class DemoAccount:
    """What somebody types to come in. The digits count once, until `seconds` from now."""

    person: str
    password: str
    digits: str
    seconds: int


def demo_account(zone: ControlZone, name: str) -> DemoAccount:
    """Return how to come in as a person of a demonstration; the account is made when it is first asked for.

    Raises:
        StateError: the camp is no demonstration, or this account was made by its owner.
        BadInputError: nobody of that name is in the manifest.
    """
    if zone.manifest.mark is not Mark.DEMO:
        raise StateError(
            "This camp is no demonstration: people set their passwords themselves.",
            hint="Make a code: datakamp review account NAME.",
        )
    path = zone.camp.review / FOLDER / f"{name}.json"
    if not _is_joined(name):
        _make(zone, name, path)
    if not path.is_file():
        raise StateError(f"'{name}' came in with a code, so nobody else knows the password.", hint="Name another.")
    kept = json.loads(read_regular(path, limit=_SIZE))
    digits, seconds = _digits(name, kept["key"])
    return DemoAccount(name, kept["password"], digits, seconds)


def _make(zone: ControlZone, name: str, path: Path) -> None:
    from django.contrib.auth.hashers import make_password

    invitation = invite(zone, name)
    password, key = f"demo-{secrets.token_hex(6)}", secrets.token_hex(_KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, canonical_json({"password": password, "key": key}), mode=0o600)
    join(zone, name, invitation.code, password=make_password(password), key=key, last=_NEVER)


def _is_joined(name: str) -> bool:
    from django.contrib.auth.models import User

    user = User.objects.filter(username=name).first()
    return user is not None and has_joined(user)


def _digits(name: str, key: str) -> tuple[str, int]:
    """Return digits that were not used yet, those of the next half minute if these were, and how long they count."""
    from django_otp.oath import TOTP
    from django_otp.plugins.otp_totp.models import TOTPDevice

    totp, now = TOTP(bytes.fromhex(key)), time.time()
    used = TOTPDevice.objects.get(user__username=name).last_t
    step = max(int(now) // _STEP, used + 1)
    totp.time = step * _STEP
    return f"{totp.token():06d}", int((step + 2) * _STEP - now)
