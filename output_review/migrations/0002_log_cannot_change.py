"""The log only grows: the database refuses to change or remove an entry or a signed head, whoever asks."""

from typing import ClassVar

from django.db import migrations

_TABLES = ("output_review_logrow", "output_review_headrow")


def _create(table: str, event: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )


class Migration(migrations.Migration):
    """Triggers for SQLite; on a server the role's grants say the same."""

    dependencies: ClassVar = [("output_review", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(_create(table, event), f"DROP TRIGGER {table}_no_{event.lower()}")
        for table in _TABLES
        for event in ("UPDATE", "DELETE")
    ]
