"""What programs say of requests and outputs is kept in every language beside the English that was there."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns, empty for what was there before."""

    dependencies: ClassVar = [("output_review", "0009_the_queue_has_an_index")]
    operations: ClassVar = [
        migrations.AddField("requestrow", "reason_words", models.JSONField(default=dict)),
        migrations.AddField("outputrow", "note_words", models.JSONField(default=dict)),
    ]
