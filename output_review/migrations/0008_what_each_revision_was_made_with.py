"""Of each folder taken in: its document, code and parameters, which the request has of its newest revision only."""

from typing import Any, ClassVar

from django.db import migrations, models


def _copy(apps: Any, _: Any) -> None:
    for taken in apps.get_model("output_review", "HandedInRow").objects.select_related("request"):
        row = taken.request
        taken.submission, taken.code, taken.parameters = row.submission, row.code, row.parameters
        taken.save(update_fields=["submission", "code", "parameters"])


def _forget(_apps: Any, _editor: Any) -> None:
    """Nothing: the columns go."""


class Migration(migrations.Migration):
    """Three columns, filled for what was taken in before: until now every request had one revision."""

    dependencies: ClassVar = [("output_review", "0007_reads_cannot_change")]
    operations: ClassVar = [
        migrations.AddField("handedinrow", "submission", models.CharField(blank=True, default="", max_length=71)),
        migrations.AddField("handedinrow", "code", models.JSONField(default=list)),
        migrations.AddField("handedinrow", "parameters", models.JSONField(default=dict)),
        migrations.RunPython(_copy, _forget),
    ]
