"""Policies: named, versioned, frozen sets of parameters, each with its source, pinned by a digest.

A key that a policy does not set is not zero, not off and not a default: an output class that needs it cannot be judged
under that policy. Off is written ``"off"``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

from disclosure.errors import PolicyError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.model.recipes import PolicyReference

SCHEMA = 1
BUILT_IN = ("cbs", "sacro", "abs")


class WeightTreatment(StrEnum):
    """How sampling weights enter dominance and p%."""

    UNWEIGHTED_CONTRIBUTORS = "unweighted_contributors"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Off:
    """A rule that the policy names and switches off."""


OFF = Off()


@dataclass(frozen=True)
class Policy:
    """The parameters; None stands for a key that the policy does not set.

    Attributes:
        minimum_units: the smallest number of units that may be published.
        dominance: pairs (m, k): a cell is unsafe if its m largest contributors hold more than k percent.
        p_percent: p of the p% rule.
        pq: (p, q) of the pq rule.
        group_disclosure: the share of a margin, in percent, above which a cell of a frequency table is unsafe.
        constant: whether equal nonzero contributions are unsafe.
        zero_cells: whether an empty cell of a frequency table discloses.
        modal_share: the share of the modal value, in percent, above which a mode is unsafe.
        minimum_at_risk: the smallest number of units at risk that a survival curve may show.
        weights: how weights are treated.
        identifiers: names of columns that never appear in an output, besides those of the codebook.
        significant_digits: the most digits that a published figure shows.
    """

    name: str
    version: str
    digest: str
    minimum_units: int | None
    dominance: tuple[tuple[int, Fraction], ...] | Off | None
    p_percent: Fraction | Off | None
    group_disclosure: Fraction | Off | None
    constant: bool | None
    zero_cells: bool | None
    minimum_df: int | None
    pq: tuple[Fraction, Fraction] | Off | None
    modal_share: Fraction | Off | None
    minimum_at_risk: int | None
    weights: WeightTreatment | Off | None
    identifiers: tuple[str, ...] | None
    significant_digits: int | None
    sources: Mapping[str, str]

    @property
    def reference(self) -> PolicyReference:
        """The name and digest that recipes and camps pin."""
        return PolicyReference(self.name, self.digest)

    def lacks(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of `keys` that this policy does not set."""
        return tuple(key for key in keys if getattr(self, key) is None)


def load_policy(name: str) -> Policy:
    """Return the built-in policy of that name.

    Raises:
        PolicyError: there is none.
    """
    return policy_from_bytes(policy_source(name).encode("utf-8"), name)


def policy_source(name: str) -> str:
    """Return the text of a built-in policy's file; a camp hands it to every sealed run, which checks its digest."""
    if name not in BUILT_IN:
        raise PolicyError("There is no policy of that name.", hint=f"Known: {', '.join(BUILT_IN)}.")
    return (resources.files("disclosure") / "policies" / f"{name}.toml").read_text("utf-8")


def read_policy(path: Path) -> Policy:
    """Return the policy in a TOML file."""
    try:
        return policy_from_bytes(path.read_bytes(), path.name)
    except OSError:
        raise PolicyError(f"The policy file '{path.name}' cannot be read.") from None


def policy_from_bytes(data: bytes, where: str) -> Policy:
    """Return the policy that a TOML document describes; `where` names it in errors."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise PolicyError(f"The policy '{where}' is not TOML.") from None
    for key in document:
        if key not in ("schema", "name", "version", "parameters"):
            raise PolicyError(f"The policy '{where}' has an unknown entry '{key}'.")
    if document.get("schema") != SCHEMA:
        raise PolicyError(f"The policy '{where}' is not of schema {SCHEMA}.")
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not name or not isinstance(version, str) or not version:
        raise PolicyError(f"The policy '{where}' needs a name and a version, both texts.")
    parameters = document.get("parameters", {})
    if not isinstance(parameters, dict):
        raise PolicyError(f"The policy '{where}': parameters must be tables.")
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, entry in parameters.items():
        if key not in _READERS:
            raise PolicyError(f"The policy '{where}' sets an unknown key '{key}'.", hint=f"Known: {sorted(_READERS)}.")
        if not isinstance(entry, dict) or set(entry) != {"value", "source"} or not isinstance(entry["source"], str):
            raise PolicyError(f"The policy '{where}': expected {key} = {{value = ..., source = \"...\"}}.")
        try:
            values[key] = _READERS[key](entry["value"])
        except (ValueError, TypeError):
            raise PolicyError(f"The policy '{where}': {key} has a value of the wrong kind or out of range.") from None
        sources[key] = entry["source"]
    # A float has more than one spelling, so numbers enter the digest as text.
    pinned = {"schema": SCHEMA, "name": name, "version": version, "parameters": _spelled(parameters)}
    missing = dict.fromkeys(_READERS)
    return Policy(
        name=name, version=version, digest=digest(canonical_json(pinned)), sources=sources, **missing | values
    )


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value if isinstance(value, str) else str(value).lower()


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


def _switch(on: str) -> Any:
    def read(value: Any) -> bool:
        if value not in (on, "off"):
            raise ValueError
        return bool(value == on)

    return read


def _or_off(read: Any) -> Any:
    return lambda value: OFF if value == "off" else read(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    return tuple(value)


_READERS: Mapping[str, Any] = {
    "minimum_units": lambda value: _whole(value, 2, 10_000),
    "dominance": _or_off(_dominance),
    "p_percent": _or_off(_percent),
    "group_disclosure": _or_off(_percent),
    "constant": _switch("on"),
    "zero_cells": _switch("disclosive"),
    "minimum_df": lambda value: _whole(value, 1, 10_000),
    "pq": _or_off(_pq),
    "modal_share": _or_off(_percent),
    "minimum_at_risk": lambda value: _whole(value, 2, 10_000),
    "weights": _or_off(WeightTreatment),
    "identifiers": _names,
    "significant_digits": lambda value: _whole(value, 1, 15),
}
