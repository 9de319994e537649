"""What the review needs of this machine, and of a camp, for `datakamp doctor`: looked at, never changed."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Final

_OLDEST_SQLITE: Final = (3, 37)
_PROGRAMS: Final = ("pg_dump", "pg_restore")
_WELL, _ADVICE, _MISSING = "well", "advice", "missing"


def examined(camp: Path | None = None) -> tuple[tuple[str, str, str, str], ...]:
    """Return each part: what, state ("well", "advice", "missing"), what was found, and the remedy.

    Args:
        camp: the folder of a camp that is looked at too.
    """
    machine = (_sqlite(), _server_programs())
    if camp is None:
        return machine
    from output_review.camp_doctor import examined_camp  # starts Django, which the machine alone does without

    return (*machine, *examined_camp(camp))


def _sqlite() -> tuple[str, str, str, str]:
    found = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info >= _OLDEST_SQLITE:
        return "database of the review", _WELL, found, ""
    wanted = ".".join(map(str, _OLDEST_SQLITE))
    return "database of the review", _MISSING, found, f"Use a Python with SQLite {wanted} or later."


def _server_programs() -> tuple[str, str, str, str]:
    lacking = [name for name in _PROGRAMS if shutil.which(name) is None]
    if not lacking:
        return "PostgreSQL's programs", _WELL, "pg_dump and pg_restore, for backups of a camp on a server", ""
    return (
        "PostgreSQL's programs",
        _ADVICE,
        f"no {' and no '.join(lacking)}; camps with a database file do without",
        "Install PostgreSQL's client programs to back up a camp whose database is a server's.",
    )
