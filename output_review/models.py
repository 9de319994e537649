"""The rows of the control zone. Bytes lie in the content store; rows hold digests, states and decisions.

The log's rows, and those of who read what, can be added and read, never changed: triggers are on their tables. People
are named by their account in the manifest, which is what they may do; no row gives anyone a right.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from disclosure.model.verdicts import Level, Status
from output_review.domain.jobs import JobState
from output_review.domain.lanes import Lane
from output_review.domain.states import Actor, State
from output_review.domain.threads import Audience
from output_review.signing.signoff import Decision


class CampRow(models.Model):
    """The camp of this control zone, once it is open.

    `site` is the path of the office's site configuration, `review_rules` what the log said last of how it reviews.
    """

    name = models.CharField(max_length=64, unique=True)
    site = models.TextField()
    salt = models.CharField(max_length=64)
    review_rules = models.TextField(default="")


class ManifestRow(models.Model):
    """A signed manifest; the one with the highest number is in force."""

    number = models.PositiveIntegerField(unique=True)
    envelope = models.JSONField()


class RequestRow(models.Model):
    """A request: a submission and its life in review.

    `claimed_at` is when whoever has claimed it last did something with it. `lane` is empty until all is tabulated.

    Of a release, `in_ledger` says that ledger and log hold it, and `moved_out` that its package has left the control
    zone: what becomes of the file after that is not the control zone's business.

    `reason` is in the words of a person, or in a program's English; then `reason_words` is the same in every language.
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
    claimed_at = models.DateTimeField(null=True, blank=True)
    lane = models.CharField(max_length=16, blank=True, default="", choices=[(one.value, one.value) for one in Lane])
    reason = models.TextField(blank=True)
    reason_words = models.JSONField(default=dict)
    submission = models.CharField(max_length=71)
    code = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    package = models.CharField(max_length=120, blank=True)
    package_digest = models.CharField(max_length=71, blank=True)
    in_ledger = models.BooleanField(default=False)
    moved_out = models.BooleanField(default=False)

    class Meta:
        """A team's number is handed in once. The queue is counted and put in order by the index alone."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "number"], name="request_once")]
        indexes: ClassVar = [
            models.Index(fields=["team", "state", "lane", "received", "claimed_by"], name="request_queue")
        ]


class OutputRow(models.Model):
    """One output of one revision: what was asked, and what trusted code made of it.

    An output has a recipe, and perhaps a `figure` that is drawn from its table; or it is a text or a result of own
    code, of which `written` is the digest in the content store. A `derived` one names outputs that it is computed
    from; its recipe says what these tell together. Each is empty where it does not apply.

    `compared_job` and `compared` are the comparison of the outputs of its request, as `job` and `result` are its
    tabulation; empty where it is the only one.

    `shown` is the digest of what pages show of it, made when it was tabulated; a sign-off and a release believe none of
    it and judge again. `cells` is how many cells it shows.

    `note` says why it is what it is, in English, and `note_words` the same in every language.

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
    shown = models.CharField(max_length=71, blank=True, default="")
    cells = models.PositiveIntegerField(default=0)
    files = models.JSONField(default=dict)
    rules = models.JSONField(default=list)
    note = models.TextField(blank=True)
    note_words = models.JSONField(default=dict)
    differences = models.JSONField(default=list)

    class Meta:
        """An output is named once per revision."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision", "name"], name="output_once_per_revision")
        ]


class VoteRow(models.Model):
    """A reviewer's vote on an output; a second one replaces the first, and the log keeps both.

    One that `resolves` settles a dissent between others.
    """

    output = models.ForeignKey(OutputRow, on_delete=models.PROTECT, related_name="votes")
    reviewer = models.CharField(max_length=64)
    decision = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Decision])
    reason = models.CharField(max_length=32, blank=True)
    explanation = models.TextField(blank=True)
    resolves = models.BooleanField(default=False)
    given = models.DateTimeField(null=True, blank=True)

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


class HandedInRow(models.Model):
    """A folder of the outbox that was taken in: the first revision of a request, or a later one.

    What a revision was made with stays here when the next one comes; the request has that of the newest. A revision
    that was handed in from a page has no folder: it was made with what the one before it was.
    """

    team = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="handed_in")
    revision = models.PositiveIntegerField()
    submission = models.CharField(max_length=71, blank=True, default="")
    code = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)

    class Meta:
        """A team's number is handed in once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "number"], name="handed_in_once")]


class StepRow(models.Model):
    """A step of a request from state to state, as the log has it too: what pages and turnaround are counted from."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="steps")
    revision = models.PositiveIntegerField()
    origin = models.CharField(max_length=16, choices=[(one.value, one.value) for one in State])
    target = models.CharField(max_length=16, choices=[(one.value, one.value) for one in State])
    actor = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Actor])
    who = models.CharField(max_length=64)
    reason = models.TextField(blank=True, default="")
    taken = models.DateTimeField()


class CommentRow(models.Model):
    """A comment in the thread of an output, or of the request where `output` is empty. It is never changed.

    `phrase` is a coded sentence that was chosen, which each reader sees in their own language; `body` is in the
    writer's words. A researcher's answer names the comment that it `answers`.
    """

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="comments")
    revision = models.PositiveIntegerField()
    output = models.CharField(max_length=63, blank=True)
    author = models.CharField(max_length=64)
    audience = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Audience])
    phrase = models.CharField(max_length=40, blank=True)
    body = models.TextField(blank=True)
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="answered_by")
    written = models.DateTimeField()


class RecallRow(models.Model):
    """A reviewer's word that a release is to be recalled; it is once the quorum has said so."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="recalls")
    reviewer = models.CharField(max_length=64)
    reason = models.TextField()
    given = models.DateTimeField()

    class Meta:
        """Nobody's word counts twice."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "reviewer"], name="recall_once")]


class JobRow(models.Model):
    """The tabulation of a revision of a request, for a worker; `beat` is when that last said that it lives."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="jobs")
    revision = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=[(one.value, one.value) for one in JobState])
    attempts = models.PositiveIntegerField(default=0)
    due = models.DateTimeField()
    worker = models.CharField(max_length=80, blank=True, default="")
    beat = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, default="")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A revision has one job."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "revision"], name="job_once")]


class AccessRow(models.Model):
    """Who looked at what, or asked for what they may not: `what` is the name of the view."""

    person = models.CharField(max_length=64)
    what = models.CharField(max_length=40)
    refused = models.BooleanField(default=False)
    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, null=True, blank=True, related_name="accesses")
    revision = models.PositiveIntegerField(default=0)
    output = models.CharField(max_length=63, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """Asked for by request and by person."""

        indexes: ClassVar = [models.Index(fields=["person", "what", "request"], name="access_person")]


class InvitationRow(models.Model):
    """A code with which a person sets the password of the own account, once. Only its digest is kept."""

    person = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=71)
    until = models.DateTimeField()


class NoticeRow(models.Model):
    """A message to a person of the camp that waits to be sent, or was."""

    person = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="notices")
    made = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent = models.DateTimeField(null=True, blank=True)
