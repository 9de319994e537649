"""What the user of a process reaches: tried, not worked out from modes.

Run as ``python -m workspace.hub.trying`` by root, as the user, with the places on standard input. It needs nothing but
the standard library, so that many users are tried in a short time.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Final

_MODES: Final = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}


@dataclass(frozen=True)
class Expected:
    """What is expected of a user: places and the letters of what it may do there, and places where it may nothing."""

    open: tuple[tuple[str, str], ...]
    shut: tuple[str, ...]


def tried(document: Expected) -> tuple[str, ...]:
    """Return the places that are not as expected for the user of this process."""
    closed = [path for path, letters in document.open if not all(os.access(path, _MODES[one]) for one in letters)]
    return (*closed, *(path for path in document.shut if any(os.access(path, one) for one in _MODES.values())))


def main() -> None:
    """Print the places that are not as expected, as JSON."""
    given = json.load(sys.stdin)
    found = tried(Expected(tuple((path, letters) for path, letters in given["open"]), tuple(given["shut"])))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
