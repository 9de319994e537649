"""The rows of the queue, in few statements whatever the camp holds, and without judging anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from output_review.domain.access import Permission
from output_review.domain.lanes import Lane
from output_review.domain.states import LIVE_VALUES, State
from output_review.services.changes import FIELDS, Mark
from output_review.services.session_hours import hours_between

if TYPE_CHECKING:
    from output_review.web.seat import Seat

PAGE: Final = 50
_SHORT: Final = tuple(field for field in FIELDS if field not in ("recipe", "figure", "derived"))
"""What a change is told by here: the job names the recipe, and the files what is drawn and computed."""
_COLUMNS: Final = ("team", "title", "author", "state", "lane", "revision", "received", "claimed_by", "claimed_at")
"""What a row is made of: the code and the parameters of a request are long, and nothing of them is shown here."""


class Shelf(StrEnum):
    """Which requests the queue shows."""

    WAITING = "waiting"
    MINE = "mine"
    LIGHT = "light"
    ALL = "all"


@dataclass(frozen=True)
class QueueRow:
    """A request in the queue.

    Attributes:
        verdicts: of each output its name and verdict.
        hours: session hours since it came in, `late` if that is more than is promised; None once it was answered.
        claimed_by, until: who has claimed it, and until when; empty and None if nobody has.
        changed: how many outputs changed, came or went since the revision before.
    """

    number: int
    team: str
    title: str
    author: str
    state: str
    light: bool
    revision: int
    verdicts: tuple[tuple[str, str], ...]
    hours: float | None
    late: bool
    claimed_by: str
    until: datetime | None
    changed: tuple[tuple[Mark, int], ...]


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue. `counts` says per shelf how many there are."""

    rows: tuple[QueueRow, ...]
    counts: dict[Shelf, int]
    shelf: Shelf
    page: int
    more: bool


def queue_page(seat: Seat, shelf: Shelf, page: int) -> QueuePage:
    """Return a page of the queue as somebody may see it: light ones first, then by how long they wait."""
    from django.db.models import Case, Count, Q, When

    from output_review.models import RequestRow

    zone = seat.zone
    teams = [team.name for team in zone.camp.teams if seat.may(Permission.READ, team.name)]
    waiting = Q(state__in=LIVE_VALUES)
    wanted = {
        Shelf.WAITING: waiting,
        Shelf.MINE: waiting & Q(claimed_by=seat.name),
        Shelf.LIGHT: waiting & Q(lane=Lane.LIGHT.value),
        Shelf.ALL: Q(),
    }
    readable = RequestRow.objects.filter(team__in=teams)
    counts = readable.aggregate(**{one.value: Count("pk", filter=chosen or None) for one, chosen in wanted.items()})
    order = ["-received", "-pk"] if shelf is Shelf.ALL else [
        Case(When(lane=Lane.LIGHT.value, then=0), default=1), "received", "pk"
    ]  # fmt: skip
    page = max(1, page)
    start = (page - 1) * PAGE
    rows = list(readable.filter(wanted[shelf]).order_by(*order).only(*_COLUMNS)[start : start + PAGE + 1])
    verdicts = _verdicts([row.pk for row in rows[:PAGE]])
    revised = _revised([row.pk for row in rows[:PAGE] if row.revision > 1])
    return QueuePage(
        tuple(_row(seat, row, verdicts.get(row.pk, []), revised.get(row.pk, {})) for row in rows[:PAGE]),
        {one: counts[one.value] for one in Shelf},
        shelf,
        page,
        len(rows) > PAGE,
    )


def _verdicts(requests: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return of each request the name and the verdict of every output of its current revision."""
    from django.db.models import F

    from output_review.models import OutputRow

    found: dict[int, list[tuple[str, str]]] = {}
    current = OutputRow.objects.filter(request__in=requests, revision=F("request__revision")).order_by("name")
    for request, name, verdict in current.values_list("request", "name", "verdict"):
        found.setdefault(request, []).append((name, verdict))
    return found


def _revised(requests: list[int]) -> dict[int, dict[int, list[dict[str, Any]]]]:
    """Return of each request the outputs of its current revision and of the one before, to be compared."""
    from django.db.models import F

    from output_review.models import OutputRow

    found: dict[int, dict[int, list[dict[str, Any]]]] = {}
    if not requests:
        return found
    asked = OutputRow.objects.filter(request__in=requests, revision__gte=F("request__revision") - 1)
    for one in asked.values("request", "revision", "name", "files", *_SHORT):
        found.setdefault(one["request"], {}).setdefault(one["revision"], []).append(one)
    return found


def _row(
    seat: Seat, row: Any, verdicts: Iterable[tuple[str, str]], revised: dict[int, list[dict[str, Any]]]
) -> QueueRow:
    zone, now = seat.zone, seat.zone.clock()
    waits = row.state in LIVE_VALUES
    hours = hours_between(zone.camp.sessions, row.received, now) if waits else None
    until = None
    if row.state == State.IN_REVIEW.value and row.claimed_by and row.claimed_at is not None:
        until = row.claimed_at + timedelta(minutes=zone.camp.review_rules.claim_minutes)
    claimed = until is not None and now < until
    return QueueRow(
        number=row.pk,
        team=row.team,
        title=row.title,
        author=row.author,
        state=row.state,
        light=row.lane == Lane.LIGHT.value,
        revision=row.revision,
        verdicts=tuple(verdicts),
        hours=hours,
        late=hours is not None and hours > zone.camp.review_rules.answer_hours,
        claimed_by=row.claimed_by if claimed else "",
        until=until if claimed else None,
        changed=tuple(_changed(revised.get(row.revision, []), revised.get(row.revision - 1, []))),
    )


def _changed(current: Iterable[dict[str, Any]], before: list[dict[str, Any]]) -> list[tuple[Mark, int]]:
    earlier = {one["name"]: one for one in before}
    if not earlier:
        return []
    told = (*_SHORT, "files")
    counts = dict.fromkeys((Mark.CHANGED, Mark.ADDED, Mark.REMOVED), 0)
    for one in current:
        other = earlier.pop(one["name"], None)
        if other is None:
            counts[Mark.ADDED] += 1
        elif any(one[field] != other[field] for field in told):
            counts[Mark.CHANGED] += 1
    counts[Mark.REMOVED] = len(earlier)
    return [(mark, n) for mark, n in counts.items() if n]
