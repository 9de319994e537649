"""What the log said last of how a camp reviews, so that a change of camp.toml is seen."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column, empty for a camp that was open before: its rules come into the log with the next step."""

    dependencies: ClassVar = [("output_review", "0010_words_in_every_language")]
    operations: ClassVar = [migrations.AddField("camprow", "review_rules", models.TextField(default=""))]
