"""The log only grows: the database refuses to change or remove an entry or a signed head, whoever asks."""

from typing import ClassVar

from django.db import migrations

from output_review.append_only import only_grows


class Migration(migrations.Migration):
    """Triggers on both tables."""

    dependencies: ClassVar = [("output_review", "0001_initial")]
    operations: ClassVar = [only_grows("output_review_logrow"), only_grows("output_review_headrow")]
