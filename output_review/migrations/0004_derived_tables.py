"""An output may be computed from others."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that is empty for outputs taken in before."""

    dependencies: ClassVar = [("output_review", "0003_figures_and_texts")]
    operations: ClassVar = [migrations.AddField("outputrow", "derived", models.TextField(blank=True, default=""))]
