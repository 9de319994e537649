"""Passwords and codes: how they are made, what is kept of them, and which ones are taken."""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from disclosure.errors import RefusedError
from disclosure.exchange.canonical import digest
from disclosure.texts import text

SHORTEST: Final = 12
LONGEST: Final = 200
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a code: none of them is taken for another."""
_GROUPS: Final = (5, 5, 5)
_HASHER: Final = PasswordHasher()
NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$4pWCwdV9pDT+Q6mYhk8DwA$Ytx5fM4vAOgAb7D3Y2dJGoJc0kEdOyVp0tQe2hrHkXI"
"""What a name without a password is compared with, so that it takes as long as one that has it."""


def new_code() -> str:
    """Return a code for the first login: 15 letters and digits (75 bits) in groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(length)) for length in _GROUPS)


def kept_code(code: str) -> str:
    """Return what is kept of a code: it is long and random, so a plain digest gives nothing away.

    >>> kept_code("ab cde") == kept_code("ABC-DE")
    True
    """
    return digest("".join(sign for sign in code.upper() if sign.isalnum()).encode("utf-8"))


def kept_password(password: str, name: str) -> str:
    """Return what is kept of a password (Argon2id).

    Raises:
        RefusedError: it is shorter than `SHORTEST`, longer than `LONGEST`, or holds the name or few signs.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        message = text("A password has {shortest} to {longest} signs.", shortest=SHORTEST, longest=LONGEST)
        raise RefusedError(message, hint=text("Four or five words that have nothing to do with each other are good."))
    if name.lower() in password.lower() or len(set(password)) < SHORTEST // 2:
        raise RefusedError(
            text("This password is too easy to guess."),
            hint=text("It holds your name, or the same few signs again and again."),
        )
    return _HASHER.hash(password)


def is_password(kept: str, password: str) -> bool:
    """Tell whether a password is the one that `kept` was made of; with nothing kept it is not, after the same time."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(kept or NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
