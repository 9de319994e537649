"""Whether the application answers and a worker lives, for a proxy or a monitor; it says nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.domain.jobs import SILENCE, JobState
from output_review.models import JobRow
from output_review.services.beating import last_beat
from output_review.services.jobs import waiting_jobs
from output_review.services.notices import unsent
from output_review.web.seat import entered, seat_of

if TYPE_CHECKING:
    from output_review.services.zone import ControlZone

_PATIENCE: Final = timedelta(minutes=10)
"""How long a job may be due before something is the matter, if none runs."""


def health(request: HttpRequest) -> JsonResponse:
    """Say "ok"; or "late", if a job has been due for long or no worker lives."""
    return JsonResponse({"status": "late" if _late(seat_of(request).zone) else "ok"})


@entered(Permission.OPERATE)
def operation(request: HttpRequest) -> HttpResponse:
    """Show how the worker is, and which messages have not left."""
    zone = seat_of(request).zone
    failed = JobRow.objects.filter(state=JobState.FAILED.value).order_by("-finished").select_related("request")[:20]
    values = {
        "late": _late(zone), "beat": last_beat(zone), "waiting": waiting_jobs(),
        "running": JobRow.objects.filter(state=JobState.RUNNING.value).order_by("pk"), "failed": failed,
        "unsent": unsent(), "told": zone.site.notices is not None,
    }  # fmt: skip
    return render(request, "review/figures_operation.html", values)


def _late(zone: ControlZone) -> bool:
    now, beat = zone.clock(), last_beat(zone)
    overdue = JobRow.objects.filter(state=JobState.QUEUED.value, due__lt=now - _PATIENCE).exists()
    running = JobRow.objects.filter(state=JobState.RUNNING.value, beat__gt=now - SILENCE).exists()
    silent = beat is None or beat < now - SILENCE
    return silent or (overdue and not running)
