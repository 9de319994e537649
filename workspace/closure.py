"""Which packages Datakamp needs to run: its requirements, theirs, and so on, as installed here."""

from __future__ import annotations

from importlib import metadata
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

PRODUCT: Final = "datakamp"


def needed_names(product: str = PRODUCT) -> frozenset[str]:
    """Return the canonical names of what a distribution needs on this machine, itself left out.

    Extras count only where a requirement asks for them. A requirement that is not installed is in the answer; what it
    would need itself cannot be known.
    """
    found: set[str] = set()
    waiting: list[tuple[str, str]] = [(product, "")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in _requirements(name):
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            needed = canonicalize_name(requirement.name)
            found.add(needed)
            waiting += [(needed, one) for one in ("", *sorted(requirement.extras))]
    return frozenset(found - {canonicalize_name(product)})


def _requirements(name: str) -> list[Requirement]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Requirement(line))
        except InvalidRequirement:
            continue
    return found
