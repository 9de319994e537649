"""The rows of the control zone. Bytes lie in the content store; rows hold digests, states and decisions.

The log's rows can be added and read, never changed: the migration puts triggers on the table.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from disclosure.model.verdicts import Level, Status
from output_review.domain.states import State
from output_review.signing.signoff import Decision


class CampRow(models.Model):
    """The camp of this control zone, once it is open. `site` is the path of the office's site configuration."""

    name = models.CharField(max_length=64, unique=True)
    site = models.TextField()
    salt = models.CharField(max_length=64)


class ManifestRow(models.Model):
    """A signed manifest; the one with the highest number is in force."""

    number = models.PositiveIntegerField(unique=True)
    envelope = models.JSONField()


class RequestRow(models.Model):
    """A request: a submission and its life in review.

    Of a release, `in_ledger` says that ledger and log hold it, and `moved_out` that its package has left the control
    zone: what becomes of the file after that is not the control zone's business.
    """

    team = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in State])
    revision = models.PositiveIntegerField(default=1)
    received = models.DateTimeField()
    claimed_by = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    submission = models.CharField(max_length=71)
    code = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    package = models.CharField(max_length=120, blank=True)
    package_digest = models.CharField(max_length=71, blank=True)
    in_ledger = models.BooleanField(default=False)
    moved_out = models.BooleanField(default=False)

    class Meta:
        """A team's number is handed in once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "number"], name="request_once")]


class OutputRow(models.Model):
    """One output of one revision: what was asked, and what trusted code made of it.

    An output has a recipe, and perhaps a `figure` that is drawn from its table; or it is a text or a result of own
    code, of which `written` is the digest in the content store. A `derived` one names outputs that it is computed
    from; its recipe says what these tell together. Each is empty where it does not apply.

    `compared_job` and `compared` are the comparison of the outputs of its request, as `job` and `result` are its
    tabulation; empty where it is the only one.

    `files` maps the names of rendered files to their digests; empty until tabulated, and for what cannot be rendered.
    """

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="outputs")
    revision = models.PositiveIntegerField()
    name = models.CharField(max_length=63)
    title = models.CharField(max_length=200)
    population = models.TextField()
    differs = models.TextField(blank=True)
    recipe = models.TextField(blank=True)
    figure = models.TextField(blank=True, default="")
    written = models.CharField(max_length=71, blank=True, default="")
    derived = models.TextField(blank=True, default="")
    claim = models.CharField(max_length=71, blank=True)
    level = models.CharField(max_length=16, blank=True, choices=[(one.value, one.value) for one in Level])
    verdict = models.CharField(max_length=16, blank=True, choices=[(one.value, one.value) for one in Status])
    job = models.CharField(max_length=71, blank=True)
    result = models.CharField(max_length=71, blank=True)
    compared_job = models.CharField(max_length=71, blank=True, default="")
    compared = models.CharField(max_length=71, blank=True, default="")
    files = models.JSONField(default=dict)
    rules = models.JSONField(default=list)
    note = models.TextField(blank=True)
    differences = models.JSONField(default=list)

    class Meta:
        """An output is named once per revision."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision", "name"], name="output_once_per_revision")
        ]


class VoteRow(models.Model):
    """A reviewer's vote on an output; a second one replaces the first, and the log keeps both."""

    output = models.ForeignKey(OutputRow, on_delete=models.PROTECT, related_name="votes")
    reviewer = models.CharField(max_length=64)
    decision = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Decision])
    reason = models.CharField(max_length=32, blank=True)
    explanation = models.TextField(blank=True)

    class Meta:
        """Nobody's vote counts twice."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["output", "reviewer"], name="vote_once")]


class SignOffRow(models.Model):
    """A reviewer's signed statement about one revision."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="sign_offs")
    revision = models.PositiveIntegerField()
    reviewer = models.CharField(max_length=64)
    envelope = models.JSONField()

    class Meta:
        """A reviewer signs a revision once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision", "reviewer"], name="sign_off_once")
        ]


class LogRow(models.Model):
    """An entry of the log, as canonical JSON text."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    document = models.TextField()


class HeadRow(models.Model):
    """A signed head of the log."""

    sequence = models.PositiveBigIntegerField()
    envelope = models.JSONField()
