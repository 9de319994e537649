"""An output may have a figure, or be a text or result that only a person can judge."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns that are empty for outputs taken in before."""

    dependencies: ClassVar = [("output_review", "0002_log_cannot_change")]
    operations: ClassVar = [
        migrations.AddField("outputrow", "figure", models.TextField(blank=True, default="")),
        migrations.AddField("outputrow", "written", models.CharField(blank=True, default="", max_length=71)),
        migrations.AlterField("outputrow", "recipe", models.TextField(blank=True)),
    ]
