"""Starting Django on the control zone's database file."""

from __future__ import annotations

import os
from pathlib import Path

from disclosure.errors import DataError

FILE = "review.sqlite3"


def open_database(review: Path) -> None:
    """Start Django on the database in a control zone's folder, bringing its tables up to date.

    Raises:
        DataError: the file is not a database, or cannot be written.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "output_review.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from django.db import connection

    # The command line opens one camp and ends; a process that goes from camp to camp must not stay in the first.
    wanted = str((review / FILE).resolve())
    if connection.settings_dict["NAME"] != wanted:
        connection.close()
        connection.settings_dict["NAME"] = wanted
    _migrate()


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError:
        raise DataError(
            "The review database cannot be opened.", hint="Is the disk full, or the file damaged?"
        ) from None
