"""Starting Django on the control zone's database: a file of SQLite, or the PostgreSQL database that camp.toml names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from disclosure.errors import DataError
from output_review.store.once import folder_lock

if TYPE_CHECKING:
    from disclosure.exchange.databases import DatabaseAddress

FILE = "review.sqlite3"
_SQLITE_OPTIONS: Final = {
    # A writer takes the lock when it begins: two that read first and write later would have one fail.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
_POSTGRESQL_OPTIONS: Final = {
    "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=600s",
    "connect_timeout": 10,
    "application_name": "datakamp",
}


def has_database(review: Path, address: DatabaseAddress | None = None) -> bool:
    """Tell whether a control zone was given a database; looking makes none.

    Of a server nothing can be told before it is asked: it says then whether the camp is open.
    """
    return review.is_dir() if address is not None else (review / FILE).is_file()


def open_database(review: Path, address: DatabaseAddress | None = None) -> None:
    """Start Django on the database of a control zone, bringing its tables up to date.

    Args:
        review: the control zone's folder.
        address: the database of a server; None for the file in the folder.

    Raises:
        DataError: it is not a database, cannot be reached, or cannot be written.
    """
    turn_to(review, address)
    _migrate(review)


def turn_to(review: Path, address: DatabaseAddress | None = None) -> None:
    """Start Django on a database, however old its tables are; nothing of it is read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "output_review.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from django.db import DEFAULT_DB_ALIAS, connections

    # The command line opens one camp and ends; a process that goes from camp to camp must not stay in the first.
    # Each thread, and each event loop, has a connection of its own, which keeps the settings that it was made with.
    held, wanted = connections[DEFAULT_DB_ALIAS], _settings(review, address)
    if any(held.settings_dict.get(key) != value for key, value in wanted.items()):
        held.close()
        connections.settings[DEFAULT_DB_ALIAS] = {**held.settings_dict, **wanted}
        del connections[DEFAULT_DB_ALIAS]


def _settings(review: Path, address: DatabaseAddress | None) -> dict[str, Any]:
    """Return Django's settings of a database."""
    if address is None:
        file = str((review / FILE).resolve())
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": _SQLITE_OPTIONS,
                "HOST": "", "PORT": "", "USER": "", "CONN_MAX_AGE": 0}  # fmt: skip
    options = {**_POSTGRESQL_OPTIONS, **address.options}
    return {"ENGINE": "output_review.postgresql", "NAME": address.name, "OPTIONS": options, "HOST": address.host,
            "PORT": address.port, "USER": address.user, "CONN_MAX_AGE": 60}  # fmt: skip


def _migrate(review: Path) -> None:
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        if _behind():
            # Pages and worker start at the same moment; the second one finds that the first has done it.
            with folder_lock(review):
                if _behind():
                    call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError:
        raise DataError(
            "The review database cannot be opened.",
            hint="Is the disk full, the file damaged, or the server not running?",
        ) from None


def _behind() -> bool:
    """Tell whether tables are older than this program."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
