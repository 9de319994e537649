"""A release of microdata that a camp names, in camp.toml. Without one no records leave a camp::

    [review.microdata_release]
    kind = "training"                          # public, training or student
    keys = ["leeftijdsklasse", "geslacht"]     # by which somebody could be recognised
    others = ["inkomensklasse"]                # what the records may have besides; nothing else
    weights = "gewicht"                        # of a sample; left out where the file holds everybody
    k = 5                                      # how many records share a key, at least
    risk = 0.05                                # the largest risk of a record

What a policy says of tables binds tables; this binds files of records.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.camp_entries import FILE, check_known

_ENTRY: Final = "review.microdata_release"
LEAST_K: Final = 3
"""Who knows one of two that share a key knows the other: a release asks for three at least."""


class ReleaseKind(StrEnum):
    """Whom the records are for. Limits of k and risk bind each of these."""

    PUBLIC = "public"
    TRAINING = "training"
    STUDENT = "student"


@dataclass(frozen=True)
class MicrodataRelease:
    """What records may leave.

    Attributes:
        keys, others: the columns that they may have, besides weights.
        k: the least number of records that share a key.
        risk: the largest risk of re-identification of a record.
    """

    kind: ReleaseKind
    keys: tuple[str, ...]
    k: int
    risk: float
    others: tuple[str, ...] = ()
    weights: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the records may have."""
        return frozenset((*self.keys, *self.others, *(() if self.weights is None else (self.weights,))))


def microdata_release_of(entry: Any) -> MicrodataRelease:
    """Return what the table says.

    Raises:
        DocumentError: an entry is missing, unknown or not of its kind; nothing has a default that lets more out.
    """
    check_known(entry, {"kind", "keys", "others", "weights", "k", "risk"}, _ENTRY)
    try:
        kind = ReleaseKind(entry.get("kind"))
    except ValueError:
        raise DocumentError(f"{FILE}: {_ENTRY}.kind is one of {', '.join(ReleaseKind)}.") from None
    keys, others = _names(entry, "keys"), _names(entry, "others")
    weights = entry.get("weights")
    if not keys or (weights is not None and not (isinstance(weights, str) and weights)):
        raise DocumentError(f"{FILE}: {_ENTRY} names keys, columns of the records, and may name weights, one of them.")
    named = (*keys, *others, *(() if weights is None else (weights,)))
    if len(set(named)) < len(named):
        raise DocumentError(f"{FILE}: {_ENTRY} names a column twice.")
    k, risk = entry.get("k"), entry.get("risk")
    if type(k) is not int or k < LEAST_K:
        raise DocumentError(f"{FILE}: {_ENTRY}.k is a whole number, {LEAST_K} or more.")
    if not isinstance(risk, float) or not 0 < risk < 1:
        raise DocumentError(f"{FILE}: {_ENTRY}.risk lies between 0 and 1, for example 0.05.")
    return MicrodataRelease(kind, keys, k, risk, others, weights)


def _names(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise DocumentError(f"{FILE}: {_ENTRY}.{key} is a list of names of columns.")
    return tuple(value)
