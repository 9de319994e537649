"""Which packages Datakamp needs to run: its requirements, theirs, and so on, as installed here."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Final

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

PRODUCT: Final = "datakamp"

_PATCHES: Final = range(100)


def holds(marker: Marker | None, *, extra: str = "", any_patch: bool = False) -> bool:
    """Tell whether a requirement with this marker counts on this machine.

    Args:
        any_patch: it also counts if it would for another patch of this Python, as 3.11.2 is of 3.11.7.
    """
    if marker is None or marker.evaluate({"extra": extra}):
        return True
    if not any_patch or not depends_on_patch(marker):
        return False
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    return any(marker.evaluate({"extra": extra, "python_full_version": f"{minor}.{patch}"}) for patch in _PATCHES)


def depends_on_patch(marker: Marker | None) -> bool:
    """Tell whether a marker may say one thing for one patch of a Python, and another for the next."""
    return marker is not None and "python_full_version" in str(marker)


def needed_names(product: str = PRODUCT, *, any_patch: bool = False) -> frozenset[str]:
    """Return the canonical names of what a distribution needs on this machine, itself left out.

    Extras count only where a requirement asks for them. A requirement that is not installed is in the answer; what it
    would need itself cannot be known.

    Args:
        any_patch: what it would need on another patch of this Python is in the answer too.
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
            if not holds(requirement.marker, extra=extra, any_patch=any_patch):
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
