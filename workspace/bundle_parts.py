"""The parts that a bundle may hold: a closed list, and which Debian packages each of them names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from disclosure.errors import BadInputError

Progress = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, and of how much."""


class Part(StrEnum):
    """A part of a bundle."""

    PYTHON = "python"  # Datakamp and the packages of the lock, as wheels
    SYSTEM = "system"  # what kernels are sealed with, and Python's venv
    R = "r"  # R with IRkernel
    BROWSER = "browser"  # chromium and fonts, for PDF

    @property
    def debian(self) -> tuple[str, ...]:
        """The Debian packages that it names; what those need comes along. Empty for what pip installs."""
        return _DEBIAN.get(self, ())


VENV: Final = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
"""Python itself, as a bundle's wheels need it. A system whose own Python is another one does not know it."""

_DEBIAN: Final = {
    Part.SYSTEM: ("bubblewrap", "tzdata", VENV),
    Part.R: ("r-base-core", "r-cran-irkernel"),
    Part.BROWSER: ("chromium", "fonts-dejavu-core"),
}


def parts_of(text: str) -> tuple[Part, ...]:
    """Return the parts named in a text such as "python,system", each once, in the order of `Part`.

    Raises:
        BadInputError: one of them does not exist, or there is none.
    """
    names = {one.strip() for one in text.split(",")} - {""}
    known = {one.value for one in Part}
    if not names or names - known:
        other = ", ".join(sorted(names - known)[:4])
        raise BadInputError(
            f"There is no part '{other}' of a bundle." if other else "A bundle has at least one part.",
            hint=f"The parts are: {', '.join(Part)}.",
        )
    return tuple(one for one in Part if one.value in names)


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
