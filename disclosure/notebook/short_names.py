"""Names of measures as parts of an output's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def short_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of measures as parts of an output's name: small letters, digits and hyphens, all different.

    >>> short_names(["mean of inkomen", "p2.5 of inkomen", "count"])
    ('mean-of-inkomen', 'p2-5-of-inkomen', 'count')
    """
    found: list[str] = []
    for name in names:
        plain = _NOT_IN_A_NAME.sub("-", name.lower()).strip("-") or "measure"
        same = sum(one == plain or one.startswith(f"{plain}--") for one in found)
        found.append(f"{plain}--{same + 1}" if same else plain)
    return tuple(found)
