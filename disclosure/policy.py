"""Policies: named, versioned, frozen sets of parameters, each with its source, pinned by a digest.

A key that a policy does not set is not zero, not off and not a default: an output class that needs it cannot be judged
under that policy. Off is written ``"off"``.

Policies are compared key by key (`is_at_least_as_strict`), and a policy that tightens another is named by what it
changes, so that whoever has the other can make it again: ``cbs; minimum_units=20``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from disclosure.errors import PolicyError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.model.policies import Policy, is_at_least_as_strict, is_stricter_in
from disclosure.model.policy_values import OFF, READERS, Off, Rounding, WeightTreatment, written
from disclosure.model.recipes import PolicyReference
from disclosure.model.toml import NotTomlError, named, parse_toml
from disclosure.texts import text as said

__all__ = [
    "BUILT_IN",
    "OFF",
    "Off",
    "Policy",
    "Rounding",
    "WeightTreatment",
    "is_at_least_as_strict",
    "load_policy",
    "policy_asked",
    "policy_from_bytes",
    "policy_named",
    "policy_source",
    "read_policy",
    "tightened",
]

SCHEMA = 1
BUILT_IN = ("cbs", "sacro", "abs", "essnet", "opensafely", "insee_households")


def load_policy(name: str) -> Policy:
    """Return the built-in policy of that name.

    Raises:
        PolicyError: there is none.
    """
    if name not in BUILT_IN:
        raise PolicyError(
            said("There is no policy of that name."), hint=said("Known: {known}.", known=", ".join(BUILT_IN))
        )
    return policy_named(name)


def policy_named(name: str) -> Policy:
    """Return the policy of that name: a built-in one, or one that tightens it ("cbs; minimum_units=20").

    Raises:
        PolicyError: there is none, or what the name changes is not tighter.
    """
    return policy_from_bytes(policy_source(name).encode("utf-8"), name)


def policy_source(name: str) -> str:
    """Return the text of a policy's file; a camp hands it to every sealed run, which checks its digest."""
    base, changes = _changes_in(name)
    if base not in BUILT_IN:
        raise PolicyError(
            said("There is no policy of that name."), hint=said("Known: {known}.", known=", ".join(BUILT_IN))
        )
    source = (resources.files("disclosure") / "policies" / f"{base}.toml").read_text("utf-8")
    if not changes:
        return source
    made = _tightened(policy_from_bytes(source.encode("utf-8"), base), changes)
    if made.name != name:
        raise PolicyError(said("The name of a policy that tightens another is not written as it is made."))
    return _text_of(made)


def tightened(policy: Policy, **changes: Any) -> Policy:
    """Return a policy that changes some parameters of another, each to a stricter value.

    Its name is the other's with the changes, so that a camp's control zone can make it again from the name alone; its
    digest is its own.

    Args:
        changes: parameters by key, with values as a policy file has them.

    Raises:
        PolicyError: a key or value that no policy has, or a change that is not at least as strict.

    >>> tightened(load_policy("cbs"), minimum_units=20).name
    'cbs; minimum_units=20'
    """
    if not changes:
        return policy
    earlier = _changes_in(policy.name)[1]
    return _tightened(policy, {**earlier, **changes})


def policy_asked(reference: PolicyReference, floor: Policy) -> Policy:
    """Return the policy that a recipe is pinned to, where `floor` is the camp's.

    Raises:
        PolicyError: it is not the camp's, and not one that is known here and at least as strict.
    """
    if reference == floor.reference:
        return floor
    policy = policy_named(reference.name)
    if policy.digest != reference.digest:
        raise PolicyError(said("The recipe is pinned to a policy that is not the one of that name here."))
    if not is_at_least_as_strict(policy, floor):
        raise PolicyError(
            said(
                "The policy '{name}' is not at least as strict as this camp's '{other}'.",
                name=policy.name,
                other=floor.name,
            ),
            hint=said("Leave policy= out, or tighten the camp's."),
        )
    return policy


def _tightened(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    base, _ = _changes_in(policy.name)
    for key, value in changes.items():
        if key not in READERS:
            raise PolicyError(
                said("A policy has no such key."), hint=said("Known: {known}.", known=", ".join(sorted(READERS)))
            )
        try:
            # What a name says is read before any of it is written into the text of a policy.
            READERS[key](json.loads(json.dumps(value)))
        except (ValueError, TypeError, RecursionError):
            raise PolicyError(
                said("The change of {key} is of the wrong kind or out of range.", key=key),
                hint=said("Give a value as a policy file has it."),
            ) from None
    spelled = (f"{key}={json.dumps(changes[key], ensure_ascii=False)}" for key in sorted(changes))
    parameters = {key: (written(key, getattr(policy, key)), source) for key, source in policy.sources.items()}
    for key, value in changes.items():
        parameters[key] = (value, f"Stricter than {base}, as its name says")
    text = _toml("; ".join((base, *spelled)), policy.version, parameters)
    made = policy_from_bytes(text.encode("utf-8"), "tightened")
    laxer = [key for key in sorted(changes) if not is_stricter_in(key, made, policy)]
    if laxer:
        raise PolicyError(
            said("This would not be stricter than '{name}' in {known}.", name=policy.name, known=", ".join(laxer))
        )
    return made


def _changes_in(name: str) -> tuple[str, dict[str, Any]]:
    """Return the base that a policy's name begins with, and the changes that it names."""
    base, *parts = name.split("; ")
    changes: dict[str, Any] = {}
    for part in parts:
        key, _, value = part.partition("=")
        try:
            changes[key] = json.loads(value)
        except (ValueError, RecursionError):
            raise PolicyError(
                said("The changes that a policy's name makes cannot be read."),
                hint=said(
                    "Write each as key=value behind a semicolon and a blank, the value as JSON has it: {examples}.",
                    examples='minimum_units=20, dominance=[[1, 44]], zero_cells="disclosive"',
                ),
            ) from None
    return base, changes


def _text_of(policy: Policy) -> str:
    parameters = {key: (written(key, getattr(policy, key)), source) for key, source in policy.sources.items()}
    return _toml(policy.name, policy.version, parameters)


def _toml(name: str, version: str, parameters: Mapping[str, tuple[Any, str]]) -> str:
    def value(one: Any) -> str:
        if isinstance(one, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {value(item)}" for key, item in one.items()) + "}"
        return json.dumps(one)

    lines = [f"schema = {SCHEMA}", f"name = {json.dumps(name)}", f"version = {json.dumps(version)}"]
    for key, (one, source) in parameters.items():
        lines += ["", f"[parameters.{key}]", f"value = {value(one)}", f"source = {json.dumps(source)}"]
    return "\n".join(lines) + "\n"


def read_policy(path: Path) -> Policy:
    """Return the policy in a TOML file."""
    try:
        return policy_from_bytes(path.read_bytes(), path.name)
    except OSError:
        raise PolicyError(said("The policy file '{name}' cannot be read.", name=path.name)) from None


def policy_from_bytes(data: bytes, where: str) -> Policy:
    """Return the policy that a TOML document describes; `where` names it in errors."""
    try:
        document = parse_toml(data)
    except NotTomlError as error:
        raise PolicyError(said("The policy '{where}' is not TOML.", where=where), hint=error.sentences[1]) from None
    for key in document:
        if key not in ("schema", "name", "version", "parameters"):
            raise PolicyError(said("The policy '{where}' has an unknown entry '{key}'.", where=where, key=named(key)))
    if document.get("schema") != SCHEMA:
        raise PolicyError(said("The policy '{where}' is not of schema {schema}.", where=where, schema=SCHEMA))
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not name or not isinstance(version, str) or not version:
        raise PolicyError(said("The policy '{where}' needs a name and a version, both texts.", where=where))
    parameters = document.get("parameters", {})
    if not isinstance(parameters, dict):
        raise PolicyError(said("The policy '{where}': parameters must be tables.", where=where))
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, entry in parameters.items():
        if key not in READERS:
            known = said("Known: {known}.", known=", ".join(sorted(READERS)))
            raise PolicyError(
                said("The policy '{where}' sets an unknown key '{key}'.", where=where, key=named(key)), hint=known
            )
        if not isinstance(entry, dict) or set(entry) != {"value", "source"} or not isinstance(entry["source"], str):
            raise PolicyError(
                said(
                    "The policy '{where}': expected {what}.",
                    where=where,
                    what=f'{key} = {{value = ..., source = "..."}}',
                )
            )
        try:
            values[key] = READERS[key](entry["value"])
        except (ValueError, TypeError):
            raise PolicyError(
                said("The policy '{where}': {key} has a value of the wrong kind or out of range.", where=where, key=key)
            ) from None
        sources[key] = entry["source"]
    # A float has more than one spelling, so numbers enter the digest as text.
    pinned = {"schema": SCHEMA, "name": name, "version": version, "parameters": _spelled(parameters)}
    missing = dict.fromkeys(READERS)
    return Policy(
        name=name, version=version, digest=digest(canonical_json(pinned)), sources=sources, **missing | values
    )


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value if isinstance(value, str) else str(value).lower()
