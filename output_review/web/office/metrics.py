"""Numbers for a monitor (Prometheus): how many requests and jobs there are in each state, and how long answers take.

Names of people and teams are in none. Only the machine itself may ask, or whoever shows the token in a file of the
control zone; behind a reverse proxy everybody seems to be the machine itself, so there the token is needed.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from disclosure.errors import DataError
from disclosure.exchange.files import read_regular
from output_review.domain.jobs import JobState
from output_review.domain.states import State
from output_review.models import JobRow, RequestRow
from output_review.services.beating import last_beat
from output_review.services.figures import oldest_waiting
from output_review.services.notices import unsent
from output_review.web.seat import seat_of

if TYPE_CHECKING:
    from output_review.services.zone import ControlZone

TOKEN_FILE: Final = "web/metrics.token"  # noqa: S105 - where it lies
_LIMIT: Final = 1000
_SHORTEST: Final = 24
_FORWARDED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the numbers as Prometheus reads them."""
    zone = seat_of(request).zone
    if not (_shown_token(request, zone) or _machine_itself(request)):
        raise PermissionDenied
    registry = CollectorRegistry()
    registry.register(_OfZone(zone))
    text = generate_latest(registry) + generate_latest(_answers())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _machine_itself(request: HttpRequest) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER is not None or any(key in request.META for key in _FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _shown_token(request: HttpRequest, zone: ControlZone) -> bool:
    try:
        token = read_regular(zone.camp.review / TOKEN_FILE, limit=_LIMIT).strip()
    except DataError:
        return False
    said = request.headers.get("Authorization", "").removeprefix("Bearer ").encode("utf-8", "replace")
    return len(token) >= _SHORTEST and hmac.compare_digest(said, token)


def _answers() -> CollectorRegistry:
    """Return the counts of all processes of this server."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class _OfZone:
    """Counts of the control zone as it is now."""

    def __init__(self, zone: ControlZone) -> None:
        self._zone = zone

    def collect(self) -> Iterable[Metric]:
        """Yield the numbers."""
        states = dict(RequestRow.objects.values_list("state").annotate(Count("pk")).order_by())
        yield _by_state("datakamp_review_requests", "Requests by state.", states, State)
        jobs = dict(JobRow.objects.values_list("state").annotate(Count("pk")).order_by())
        yield _by_state("datakamp_review_jobs", "Jobs by state.", jobs, JobState)
        hours = oldest_waiting(self._zone)
        yield _one("datakamp_review_oldest_waiting_session_hours", "Age of the request that has waited longest.", hours)
        left = unsent()
        yield _one("datakamp_review_messages_waiting", "Messages to people that have not left yet.", left.waiting)
        yield _one("datakamp_review_messages_given_up", "Messages that were tried too often.", left.given_up)
        beat = last_beat(self._zone)
        if beat is not None:
            silence = (self._zone.clock() - beat).total_seconds()
            yield _one("datakamp_review_worker_silence_seconds", "Since a worker was heard of.", max(0.0, silence))


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _by_state(name: str, about: str, counts: Mapping[str, int], states: Iterable[StrEnum]) -> GaugeMetricFamily:
    """Return a number for each state, also for those that nothing is in."""
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state in states:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family
