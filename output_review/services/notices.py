"""Notices: messages to people of the camp, made in the transaction of what they tell of and sent by the worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from disclosure.texts import LANGUAGES, language
from output_review.domain.access import Permission, may
from output_review.domain.notices import OF_STEPS, NoticeKind, said
from output_review.domain.states import State
from output_review.services.posting import Message, post_of
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import NoticeRow, RequestRow

__all__ = ["NoticeKind", "Unsent", "authors_of", "notify", "reviewers_of", "send", "send_again", "step_taken", "unsent"]

MOST_ATTEMPTS: Final = 8
_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Unsent:
    """Messages that have not left.

    Attributes:
        waiting: how many are tried again; `since` is when the oldest of them was made, None if there is none.
        given_up: how many were tried too often, and are tried again only if somebody asks for it.
        requests: the numbers of the requests that those were about, newest first, at most twenty.
    """

    waiting: int
    since: datetime | None
    given_up: int
    requests: tuple[int, ...]


def notify(zone: ControlZone, row: RequestRow, kind: NoticeKind, people: Iterable[str]) -> None:
    """Have people told; called in the transaction of what they are told of.

    Whoever has the same message still waiting to be sent gets no second one. Where the site configuration has no
    [notices], or the manifest no such person, there is none.
    """
    from output_review.models import NoticeRow

    if zone.site.notices is None:
        return
    for person in dict.fromkeys(people):
        if zone.manifest.person(person) is None:
            continue
        if not NoticeRow.objects.filter(person=person, kind=kind.value, request=row, sent=None).exists():
            NoticeRow.objects.create(person=person, kind=kind.value, request=row, made=zone.clock())


def step_taken(zone: ControlZone, row: RequestRow, target: State) -> None:
    """Tell the author of a request of a step that matters to them."""
    if target in OF_STEPS:
        notify(zone, row, OF_STEPS[target], authors_of(zone, row))


def authors_of(zone: ControlZone, row: RequestRow) -> tuple[str, ...]:
    """Return who of its team handed a request in: all researchers of the team, unless it names one of them.

    The name is what the team wrote, so somebody else's is not believed.
    """
    members = tuple(one.name for one in zone.manifest.people if may(one, Permission.ANSWER, row.team))
    return (row.author,) if row.author in members else members


def reviewers_of(zone: ControlZone, row: RequestRow) -> tuple[str, ...]:
    """Return who may decide on a request."""
    return tuple(one.name for one in zone.manifest.people if may(one, Permission.DECIDE, row.team))


def send(zone: ControlZone) -> int:
    """Send the messages that are due and return how many left; one that cannot leave is tried again later."""
    from django.db.models import F

    from output_review.models import NoticeRow

    if zone.site.notices is None:
        return 0
    sent = 0
    waiting = NoticeRow.objects.filter(sent=None, attempts__lt=MOST_ATTEMPTS).order_by("pk")
    with post_of(zone.site.notices) as post:
        for notice in [one for one in waiting if _due(zone, one)][:_AT_ONCE]:
            # Counted before it leaves: a worker that is killed in between sends it twice at the most, never forever.
            taken = NoticeRow.objects.filter(pk=notice.pk, sent=None, attempts=notice.attempts)
            if not taken.update(attempts=F("attempts") + 1):
                continue  # another worker was first
            if post.leave(_message(zone, notice)):
                NoticeRow.objects.filter(pk=notice.pk).update(sent=zone.clock())
                sent += 1
    return sent


def send_again(zone: ControlZone) -> int:
    """Let the messages that were given up be tried anew, and return how many there are; a worker sends them."""
    from django.db import transaction

    from output_review.models import NoticeRow

    with transaction.atomic():
        lost = NoticeRow.objects.filter(sent=None, attempts__gte=MOST_ATTEMPTS)
        n = lost.update(attempts=0, made=zone.clock())
        if n:
            zone.log("organiser", "notices_again", {"notices": n})
    return n


def unsent() -> Unsent:
    """Return which messages have not left."""
    from django.db.models import Count, Min

    from output_review.models import NoticeRow

    rows = NoticeRow.objects.filter(sent=None)
    waiting = rows.filter(attempts__lt=MOST_ATTEMPTS).aggregate(n=Count("pk"), since=Min("made"))
    lost = rows.filter(attempts__gte=MOST_ATTEMPTS)
    requests = lost.order_by("-request_id").values_list("request_id", flat=True).distinct()
    return Unsent(waiting["n"], waiting["since"], lost.count(), tuple(requests[:20]))


def _due(zone: ControlZone, notice: NoticeRow) -> bool:
    """Tell whether it is time: after a minute, two, four and so on."""
    return zone.clock() >= notice.made + timedelta(minutes=int(2**notice.attempts) - 1)


def _message(zone: ControlZone, notice: NoticeRow) -> Message:
    what = said(NoticeKind(notice.kind), notice.request_id)
    sentences = {}
    for code in LANGUAGES:
        with language(code):
            sentences[code] = str(what)
    return Message(notice.pk, notice.person, notice.kind, zone.camp.name, notice.request_id, sentences)
