"""Salted commitments: name a digest in a document that leaves, without giving it away.

A plain digest of something that few guesses exhaust (a policy's parameters, a small table before protection) gives it
away: whoever reads the digest tries the candidates. A commitment is an HMAC under a key that stays in the control
zone; there, and only there, it can be opened and compared. Each label has its own key, derived from the salt, so that
one commitment can later be opened for an auditor without opening the others.

Where which is used: sign-offs and certificates carry plain digests of *rendered released bytes* only, which everybody
has in hand. Policy, data sets, ledger head and outputs that were not approved appear as commitments.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any

from disclosure.errors import BadInputError, DocumentError
from disclosure.exchange.canonical import is_digest

SALT_BYTES = 32
_COMMITMENT = re.compile(r"hmac-sha256:[0-9a-f]{64}")


def new_salt() -> bytes:
    """Return 32 random bytes, to be kept in the control zone as long as its commitments must be opened."""
    return secrets.token_bytes(SALT_BYTES)


def opening_key(salt: bytes, label: str) -> bytes:
    """Return the key that opens the commitments under `label`, and no others."""
    if len(salt) != SALT_BYTES:
        raise BadInputError(f"Expected a salt of {SALT_BYTES} bytes.")
    return hmac.digest(salt, b"datakamp/commitment/1\n" + label.encode("utf-8"), hashlib.sha256)


def commit(salt: bytes, label: str, digest: str) -> str:
    """Return the commitment to `digest` under `label`, for example ``policy`` or ``data-set/INHATAB``."""
    if not is_digest(digest):
        raise BadInputError("Expected a digest to commit to.")
    value = hmac.digest(opening_key(salt, label), digest.encode("ascii"), hashlib.sha256)
    return f"hmac-sha256:{value.hex()}"


def opens(commitment: str, salt: bytes, label: str, digest: str) -> bool:
    """Tell whether `commitment` is the one to `digest` under `salt` and `label`."""
    return hmac.compare_digest(commitment.encode("utf-8"), commit(salt, label, digest).encode("ascii"))


def commitment_text(value: Any, what: str) -> str:
    """Return `value` if it has the form of a commitment; a plain digest has not."""
    if not isinstance(value, str) or not _COMMITMENT.fullmatch(value):
        raise DocumentError(f"{what}: expected a commitment, 'hmac-sha256:' and 64 hexadecimal digits.")
    return value
