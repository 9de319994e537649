"""Reads only accumulate; and of every request taken in before, the folder that it came from is known."""

from typing import Any, ClassVar

from django.db import migrations

from output_review.append_only import only_grows


def _name_folders(apps: Any, _: Any) -> None:
    requests = apps.get_model("output_review", "RequestRow")
    taken = apps.get_model("output_review", "HandedInRow")
    for row in requests.objects.all():
        taken.objects.create(team=row.team, number=row.number, request=row, revision=1)


def _forget(_apps: Any, _editor: Any) -> None:
    """Nothing: the table goes with the migration before."""


class Migration(migrations.Migration):
    """A trigger, and the rows of `HandedInRow` for requests that are there already."""

    dependencies: ClassVar = [("output_review", "0006_the_review_application")]
    operations: ClassVar = [
        only_grows("output_review_accessrow"),
        migrations.RunPython(_name_folders, _forget),
    ]
