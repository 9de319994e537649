"""An index by which the queue is counted and put in order: the rows themselves are long."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing but the index."""

    dependencies: ClassVar = [("output_review", "0008_what_each_revision_was_made_with")]
    operations: ClassVar = [
        migrations.AddIndex(
            "requestrow",
            models.Index(fields=["team", "state", "lane", "received", "claimed_by"], name="request_queue"),
        )
    ]
