"""Names and titles of a submission: what a person reads in one line and a file system can keep."""

from __future__ import annotations

import re

from disclosure.errors import DocumentError
from disclosure.exchange.lines import is_line
from disclosure.texts import text

_OUTPUT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CODE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}\.(ipynb|py)")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def check_output_name(name: object) -> str:
    """Return an output's name: its identity across runs, and later a file name.

    >>> check_output_name("children-by-wijk")
    'children-by-wijk'
    """
    if not isinstance(name, str) or not _OUTPUT_NAME.fullmatch(name):
        raise DocumentError(
            text("An output's name has up to 63 small letters, digits and hyphens."),
            hint=text("For example children-by-wijk."),
        )
    if name in _DEVICES:
        # Its files could be neither signed nor written everywhere.
        raise DocumentError(
            text("An output may not be called '{name}': some systems keep that name for a device.", name=name),
            hint=text("For example children-by-wijk."),
        )
    return name


def check_code_name(name: object) -> str:
    """Return the name of a notebook or script: a plain file name without a folder."""
    if not isinstance(name, str) or not _CODE_NAME.fullmatch(name):
        raise DocumentError(text("Code is named by plain file names that end in .ipynb or .py, without folders."))
    return name


def check_context(name: str, title: str, population: str, differs: str) -> None:
    """Refuse a name, title, population or difference that is not what a person and a file system can read."""
    check_output_name(name)
    check_line(title, "title", 200)
    check_line(population, "population", 500)
    if differs:
        check_line(differs, "differs", 1000)


def check_line(value: str, what: str, limit: int) -> None:
    """Refuse what is not one line of 1 to `limit` visible characters; `what` names the argument."""
    if not is_line(value, limit=limit):
        raise DocumentError(
            text("Expected a {what} of one line, 1 to {limit} characters.", what=what, limit=limit),
            hint=text("Give {what}= without blanks around it and without control or invisible characters.", what=what),
        )
