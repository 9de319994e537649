"""What a policy's parameters may be: each key's type, how it is read from a file, and how it is written again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

MAXIMUM_ROUNDING = 1_000_000


class WeightTreatment(StrEnum):
    """How sampling weights enter dominance and p%."""

    UNWEIGHTED_CONTRIBUTORS = "unweighted_contributors"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Off:
    """A rule that the policy names and switches off."""


OFF: Final = Off()


@dataclass(frozen=True)
class Rounding:
    """What a policy says of rounding counts: to which base, and whether it must be done.

    Counts may be rounded to the base or to a multiple of it, where that protects what fails a rule. A policy that
    requires it publishes no count that is not. It may also let counts be shown as midpoints of classes instead
    (`disclosure.protection.midpoint`); then a count that is too small need not be withheld.

    Attributes:
        midpoint: the width of the classes; 0 if counts are not shown as midpoints.
    """

    base: int
    required: bool
    midpoint: int = 0

    def takes(self, base: int) -> bool:
        """Tell whether counts may be rounded to multiples of `base` under the policy."""
        return base > 0 and base % self.base == 0

    def takes_midpoint(self, width: int) -> bool:
        """Tell whether counts may be shown as midpoints of classes so wide: whole ones of the policy's, together."""
        return width > 0 and self.midpoint > 0 and width % self.midpoint == 0


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError
    return value


def _percent(value: Any) -> Fraction:
    if type(value) not in (int, float):
        raise ValueError
    share = Fraction(str(value))
    if not 0 < share <= 100:
        raise ValueError
    return share


def _dominance(value: Any) -> tuple[tuple[int, Fraction], ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple((_whole(m, 1, 10), _percent(k)) for m, k in value)


def _pq(value: Any) -> tuple[Fraction, Fraction]:
    p, q = (_percent(one) for one in value)
    if p >= q:
        raise ValueError
    return p, q


def _rounding(value: Any) -> Rounding:
    if not isinstance(value, dict) or set(value) - {"midpoint"} != {"base", "use"}:
        raise ValueError
    if value["use"] not in ("permitted", "required"):
        raise ValueError
    midpoint = _whole(value["midpoint"], 2, MAXIMUM_ROUNDING) if "midpoint" in value else 0
    return Rounding(_whole(value["base"], 2, MAXIMUM_ROUNDING), value["use"] == "required", midpoint)


def _switch(on: str) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if value not in (on, "off"):
            raise ValueError
        return bool(value == on)

    return read


def _or_off(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: OFF if value == "off" else read(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    return tuple(value)


READERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "minimum_units": lambda value: _whole(value, 2, 10_000),
        "dominance": _or_off(_dominance),
        "p_percent": _or_off(_percent),
        "pq": _or_off(_pq),
        "group_disclosure": _or_off(_percent),
        "constant": _switch("on"),
        "zero_cells": _switch("disclosive"),
        "minimum_df": lambda value: _whole(value, 1, 10_000),
        "modal_share": _or_off(_percent),
        "minimum_at_risk": lambda value: _whole(value, 2, 10_000),
        "weights": _or_off(WeightTreatment),
        "identifiers": _names,
        "significant_digits": lambda value: _whole(value, 1, 15),
        "rounding": _or_off(_rounding),
        "most_rows": _or_off(lambda value: _whole(value, 1, 10_000_000)),
    }
)
"""Every key, with what reads its value. A reader raises `ValueError` or `TypeError` at anything else."""

_ON: Mapping[str, str] = MappingProxyType({"constant": "on", "zero_cells": "disclosive"})


def written(key: str, value: Any) -> Any:
    """Return the value of a key as a policy file has it: what `READERS` reads back.

    >>> written("dominance", ((1, Fraction(50)), (2, Fraction(67))))
    [[1, 50], [2, 67]]
    """
    if value == OFF:
        return "off"
    if isinstance(value, bool):
        return _ON[key] if value else "off"
    if isinstance(value, Rounding):
        midpoint = {"midpoint": value.midpoint} if value.midpoint else {}
        return {"base": value.base, "use": "required" if value.required else "permitted", **midpoint}
    if isinstance(value, tuple):
        return [written(key, item) for item in value]
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return str(value) if isinstance(value, str) else value
