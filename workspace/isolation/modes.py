"""The ways in which a box is sealed: a closed list."""

from __future__ import annotations

from enum import StrEnum


class SealMode(StrEnum):
    """How a box is sealed. The mode is always named, recorded and logged; nothing chooses it silently."""

    BUBBLEWRAP = "bubblewrap"  # a root, processes and a network of its own, in namespaces
    LANDLOCK = "landlock"  # the machine's own, of which almost nothing can be opened; chosen by name only

    @property
    def has_namespaces(self) -> bool:
        """Whether a box has a root, processes and a network of its own."""
        return self is SealMode.BUBBLEWRAP
