"""Record keys and cell keys: from a secret of the office, so that a cell is perturbed alike in every table.

Source: *Handbook on Statistical Disclosure Control*, 2nd edition, the cell key method; Thompson, Broadfoot and Elazar
(2013). Every unit has a record key, uniform between 0 and 1. The cell key is the fractional part of the sum of the
record keys of the units in a cell, so it is uniform too, and the same whenever the same units come together. Nothing
else decides how a cell is perturbed: no seed, no order of rows, no name of a table. Whoever repeats a table gets the
same figures, and repeating it averages no perturbation away.

Record keys are made from the unit's key and a secret that the office keeps. Who knows the secret can undo what stands
on it, so it belongs to the control zone and never to a session. Keys are exact fractions.

The pure functions are here and in `cell_key_table`; no policy asks for the method yet.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from disclosure.errors import BadInputError
from disclosure.exchange.canonical import canonical_json

_BITS = 64
_LEAST_SECRET = 32


@dataclass(frozen=True)
class OfficeSecret:
    """What only the office knows, at least 32 bytes from a good source of randomness. It shows itself nowhere."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < _LEAST_SECRET:
            raise BadInputError(
                "The secret of record keys is too short.", hint=f"Take at least {_LEAST_SECRET} random bytes."
            )
        if len(set(self.secret)) == 1:
            raise BadInputError("The secret of record keys is one byte repeated.", hint="Take random bytes.")


def record_key(unit: Iterable[str], secret: OfficeSecret, *, data_set: str) -> Fraction:
    """Return the record key of a unit, at least 0 and below 1, with 64 bits.

    Args:
        unit: the texts of the unit's key columns, in their order.
        data_set: the population that the keys belong to, such as the name of the register; not the version of a file,
            or else the same unit would be perturbed anew with each delivery.
    """
    return _drawn(secret, ["record key", data_set, *unit])


def cell_key(record_keys: Iterable[Fraction]) -> Fraction:
    """Return the fractional part of the sum of record keys; 0 for a cell without units.

    >>> cell_key([Fraction("0.9"), Fraction("0.3"), Fraction("0.6")])
    Fraction(4, 5)

    Raises:
        BadInputError: a record key is below 0, or not below 1.
    """
    total = Fraction(0)
    for key in record_keys:
        if not 0 <= key < 1:
            raise BadInputError("A record key is at least 0 and below 1.")
        total += key
    return total % 1


def derived_draw(key: Fraction, secret: OfficeSecret, *, purpose: str) -> Fraction:
    """Return a number from 0 to 1 that follows from a cell key and the secret, for a purpose other than its lookup.

    Two methods that looked at the same key would tell of each other.
    """
    return _drawn(secret, ["draw", purpose, str(key.numerator), str(key.denominator)])


def _drawn(secret: OfficeSecret, texts: list[str]) -> Fraction:
    # Canonical JSON keeps ["ab", "c"] apart from ["a", "bc"].
    made = hmac.new(secret.secret, canonical_json(texts), hashlib.sha256).digest()
    return Fraction(int.from_bytes(made[: _BITS // 8], "big"), 2**_BITS)
