"""Django's backend for PostgreSQL, in which a transaction holds the lock of writers from its beginning to its end.

SQLite has one writer at a time, and a transaction that begins there waits for the one before. The services are written
for that: they read a row, judge it, write, and add to the log what follows its last entry. With several writers at
once two votes could both be the last, and two entries of the log follow the same one. So here too a transaction waits;
reading outside of one never does.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.postgresql import base

WRITERS: Final = 0x6461_7461_6B61_6D70
"""The key of the lock: the letters of the project's name."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of which every transaction is a writer's."""

    def _set_autocommit(self, autocommit: bool) -> None:
        """Begin or end a transaction of Django's; the server frees the lock when it ends."""
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if autocommit:
            return
        try:
            with self.wrap_database_errors, self.create_cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
        except BaseException:
            # Nothing has begun: the connection goes back to where it was.
            self.connection.rollback()
            super()._set_autocommit(autocommit=True)  # type: ignore[misc]
            raise
