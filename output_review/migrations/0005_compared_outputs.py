"""The outputs of a request are compared by their rows."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns that are empty for outputs taken in before: beside another one they are to be tabulated again."""

    dependencies: ClassVar = [("output_review", "0004_derived_tables")]
    operations: ClassVar = [
        migrations.AddField("outputrow", name, models.CharField(max_length=71, blank=True, default=""))
        for name in ("compared_job", "compared")
    ]
