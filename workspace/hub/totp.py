"""Digits that change every thirty seconds (RFC 6238), as any authenticator app shows them."""

from __future__ import annotations

import hmac
from typing import Final

import pyotp
import segno

PERIOD: Final = 30
"""Seconds that digits are shown."""
DIGITS: Final = 6
_LATE: Final = (0, -1, 1)
"""Steps that a clock may be off, the right one first."""


def new_secret() -> str:
    """Return a new secret of 160 bits, in the letters and digits that an app takes (base 32)."""
    return pyotp.random_base32()


def link(secret: str, person: str, camp: str) -> str:
    """Return the `otpauth:` link of a secret, which an app opens."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD).provisioning_uri(name=person, issuer_name=camp)


def picture(address: str, title: str) -> str:
    """Return a link as a picture that the camera of an app reads: SVG to stand in a page, without style or script.

    Args:
        title: what a screen reader says instead of it.
    """
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", title=title, svgclass="camp-picture", lineclass=None
    )
    return drawn.replace("<svg ", '<svg role="img" ', 1)


def digits_at(secret: str, seconds: int) -> str:
    """Return the digits at a time in seconds since 1970.

    >>> digits_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59)
    '287082'
    """
    return pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD).at(seconds)


def accepted_step(secret: str, digits: str, seconds: int, *, after: int) -> int | None:
    """Return the step of thirty seconds whose digits these are, or None.

    Args:
        seconds: the time since 1970; a clock may be one step off.
        after: the last step that was accepted: digits are good once, and none before them is good any more.
    """
    shown = digits.replace(" ", "").encode("utf-8")
    for late in _LATE:
        step = seconds // PERIOD + late
        if step > after and hmac.compare_digest(digits_at(secret, step * PERIOD).encode("ascii"), shown):
            return step
    return None
