"""Tables that only grow: the database itself refuses to change or remove a row of them, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_EVENTS = ("UPDATE", "DELETE")


def only_grows(table: str) -> migrations.RunPython:
    """Return the step of a migration that puts triggers on a table.

    Raises:
        NotImplementedError: when it runs, on a database that is neither SQLite nor PostgreSQL: a table that can be
            changed is no log.
    """

    def put(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for line in _created(table, editor.connection.vendor):
            editor.execute(line)

    def take(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for line in _dropped(table, editor.connection.vendor):
            editor.execute(line)

    return migrations.RunPython(put, take)


def _created(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
            for event in _EVENTS
        ]
    if vendor == "postgresql":
        refuses = "$$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$"
        calls = f"EXECUTE FUNCTION {table}_only_grows()"
        return [
            f"CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS {refuses}",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {calls}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {calls}",
        ]
    raise NotImplementedError(f"No triggers are known for {vendor}.")


def _dropped(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_{event.lower()}" for event in _EVENTS]
    return [f"DROP FUNCTION {table}_only_grows() CASCADE"]
