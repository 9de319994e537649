"""Tabulation as jobs: entered when a revision comes in, done by a worker, taken up again when a worker has died.

A worker holds the control zone's lock while it works, as everything does that tabulates or releases, and begins a job
only once it has it. So one job runs at a time, whatever the number of workers, and one that was killed leaves what is
tabulated so far in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F, Q

from disclosure.errors import DatakampError, broken_at
from disclosure.texts import text
from output_review.domain.jobs import MOST_ATTEMPTS, SILENCE, JobState, pause
from output_review.domain.states import LIVE_VALUES, State
from output_review.models import JobRow, RequestRow
from output_review.services.beating import beating
from output_review.services.notices import NoticeKind, authors_of, notify, reviewers_of
from output_review.services.stopping import NEVER, Stop, StoppedError
from output_review.services.tabulating import give_up, tabulate_held
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from datetime import datetime

_DIED: Final = "the worker stopped in the middle of it"
_SPENT: Final = text(
    "it could not be tabulated: the worker began {n} times and did not come to the end", n=MOST_ATTEMPTS
)


def enqueue(zone: ControlZone, row: RequestRow) -> JobRow:
    """Return the job that tabulates the current revision of a request, entered if there is none.

    Called in the transaction that makes the revision, so that none is without.
    """
    values = {"state": JobState.QUEUED.value, "due": zone.clock()}
    job, _ = JobRow.objects.get_or_create(request=row, revision=row.revision, defaults=values)
    return job


def enqueue_missing(zone: ControlZone) -> int:
    """Enter a job for each revision that waits to be tabulated and has none, and return how many there were.

    Those are of requests that came in before there were jobs.
    """
    live = RequestRow.objects.filter(state__in=LIVE_VALUES)
    rows = live.filter(outputs__level="", outputs__revision=F("revision")).distinct()
    without = [row for row in rows if not row.jobs.filter(revision=row.revision).exists()]
    for row in without:
        enqueue(zone, row)
    return len(without)


def waiting_jobs() -> int:
    """Return how many jobs are not at their end."""
    return JobRow.objects.filter(state__in=(JobState.QUEUED.value, JobState.RUNNING.value)).count()


def work_once(zone: ControlZone, worker: str, stop: Stop = NEVER) -> bool:
    """Do the job that has waited longest, if one is due.

    Args:
        worker: what tells this process from others, for example "host:4711".
        stop: interrupts tabulation when somebody asks for it.

    Returns:
        whether there was one: ask again at once.

    Raises:
        StoppedError: it was interrupted; the job waits as it did before.
    """
    with zone.lock():
        _take_up_again(zone)
        job = _begun(zone, worker)
        if job is None:
            return False
        row = job.request
        try:
            with beating(zone, job), stop.interrupts():
                if row.revision == job.revision:  # a later revision has a job of its own
                    tabulate_held(zone, row)
        except StoppedError:
            _put_back(job, worker, zone.clock())
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the job is taken up again or given up
            _failed(zone, job, worker, error.message if isinstance(error, DatakampError) else broken_at(error))
            return True
        _done(zone, job, worker)
    return True


def work_through(zone: ControlZone, worker: str) -> list[tuple[int, str]]:
    """Do every job once, also those that pause; return the requests that are not done, and why."""
    enqueue_missing(zone)
    JobRow.objects.filter(state=JobState.QUEUED.value).update(due=zone.clock())
    while work_once(zone, worker):
        pass
    left = JobRow.objects.filter(state=JobState.QUEUED.value).exclude(problem="").order_by("pk")
    return list(left.values_list("request_id", "problem"))


def _begun(zone: ControlZone, worker: str) -> JobRow | None:
    """Return the job that is due longest, begun; None if none is."""
    now = zone.clock()
    with transaction.atomic():
        due = JobRow.objects.filter(state=JobState.QUEUED.value, due__lte=now)
        job = due.select_related("request").order_by("due", "pk").first()
        if job is not None:
            _save(job, state=JobState.RUNNING.value, attempts=job.attempts + 1, worker=worker, beat=now, problem="")
    return job


def _take_up_again(zone: ControlZone) -> None:
    """Let jobs wait anew whose worker has fallen silent, and give up those that were begun too often."""
    heard = Q(beat__isnull=False, beat__gt=zone.clock() - SILENCE)
    for job in JobRow.objects.filter(~heard, state=JobState.RUNNING.value).select_related("request"):
        _failed(zone, job, job.worker, _DIED)


def _done(zone: ControlZone, job: JobRow, worker: str) -> None:
    with transaction.atomic():
        if _is_still(job, worker):
            _save(job, state=JobState.DONE.value, finished=zone.clock())
            if job.request.state == State.SUBMITTED.value and job.revision == job.request.revision:
                notify(zone, job.request, NoticeKind.WAITING, reviewers_of(zone, job.request))


def _failed(zone: ControlZone, job: JobRow, worker: str, problem: str) -> None:
    """Let a job wait for its next attempt, or, after the last, make what is left unverified and tell people."""
    now = zone.clock()
    facts: dict[str, str | int] = {"request": str(job.request_id), "revision": job.revision, "attempt": job.attempts}
    with transaction.atomic():
        if not _is_still(job, worker):
            return
        zone.log("tabulation", "job_failed", facts)
        if job.attempts < MOST_ATTEMPTS:
            _save(job, state=JobState.QUEUED.value, due=now + pause(job.attempts), problem=problem)
            return
        _save(job, state=JobState.FAILED.value, finished=now, problem=problem)
        if job.revision == job.request.revision:
            give_up(zone, job.request, _SPENT)
            people = (*reviewers_of(zone, job.request), *authors_of(zone, job.request))
            notify(zone, job.request, NoticeKind.JOB_FAILED, people)


def _put_back(job: JobRow, worker: str, now: datetime) -> None:
    """Let a job wait that was interrupted on purpose: that was no attempt."""
    with transaction.atomic():
        if _is_still(job, worker):
            _save(job, state=JobState.QUEUED.value, due=now, attempts=job.attempts - 1)


def _is_still(job: JobRow, worker: str) -> bool:
    """Tell whether a job is a worker's own: one that slept for long may find that another has taken it up."""
    return JobRow.objects.filter(pk=job.pk, state=JobState.RUNNING.value, worker=worker).exists()


def _save(job: JobRow, **values: Any) -> None:
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))
