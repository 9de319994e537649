"""TOML that others wrote, read so that nothing but one kind of error comes of it.

The standard library reads it, but what it raises is of several kinds: text that is not UTF-8, a number of thousands
of digits, tables nested deeper than a stack. For whoever asked, each of them is a file that is not TOML.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from disclosure.errors import DocumentError
from disclosure.texts import text

_PLACE = re.compile(r"\((at [a-z0-9, ]{1,60})\)$")


class NotTomlError(DocumentError):
    """A document is not TOML.

    Args:
        place: where reading stopped, such as "at line 2, column 5"; empty if that is not known.
    """

    def __init__(self, place: str = "") -> None:
        super().__init__(text("The document is not TOML."), hint=text("See {place}.", place=place) if place else "")
        self.place = place


def parse_toml(data: bytes) -> dict[str, Any]:
    """Return the document in these bytes.

    Raises:
        NotTomlError: it is not TOML. The error quotes nothing of it.

    >>> parse_toml(b"minimum = 10")
    {'minimum': 10}
    """
    try:
        return tomllib.loads(data.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        raise NotTomlError("" if found is None else found[1]) from None
    except (ValueError, RecursionError):
        raise NotTomlError from None


def named(name: str, longest: int = 60) -> str:
    """Return the name of an entry as a message quotes it: in signs that can be seen, and cut where it is very long.

    >>> named("minimum_units"), named("x" * 99, longest=3)
    ('minimum_units', 'xxx…')
    """
    shown = (sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in name[:longest])
    return "".join(shown) + ("…" if len(name) > longest else "")
