"""What stands beside an output: comments, the request's history, and what was released earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from disclosure.texts import Text, text
from output_review.domain.access import Permission
from output_review.domain.phrases import CHOSEN, words
from output_review.domain.states import Actor, State, by_a_person
from output_review.domain.threads import Audience
from output_review.services.commenting import Comment, comments
from output_review.services.foreign import AUTHOR
from output_review.services.revising import BROKER
from output_review.services.signatures import signatures_needed
from output_review.services.signing_off import chosen
from output_review.web.reviewing.names import STATES, Named

if TYPE_CHECKING:
    from output_review.models import RequestRow, StepRow
    from output_review.web.seat import Seat

MOST_RELEASES: Final = 12


@dataclass(frozen=True)
class Said:
    """A comment as it is shown. `private` ones are notes among reviewers."""

    number: int
    revision: int
    author: str | Text
    phrase: Text | None
    body: str
    private: bool
    answers: int | None
    open: bool
    written: datetime


@dataclass(frozen=True)
class Step:
    """A step of the request's history; `who` took it, a person by name or a program in words."""

    state: Named
    who: str | Text
    reason: str
    revision: int
    taken: datetime


@dataclass(frozen=True)
class Earlier:
    """An earlier release over the same data."""

    number: int
    team: str
    title: str
    package: str
    state: Named
    outputs: tuple[str, ...]
    when: datetime | None


def threads_of(seat: Seat, row: RequestRow) -> dict[str, list[Said]]:
    """Return what this reader may see of all threads of a request, by output; the request's own under an empty name."""
    if seat.person is None:
        return {}
    found: dict[str, list[Said]] = {}
    for one in comments(seat.zone, row, seat.person):
        found.setdefault(one.output, []).append(_said(one))
    return found


def phrases() -> list[tuple[str, Text]]:
    """Return the coded phrases with their sentences."""
    return [(one.value, words(one)) for one in CHOSEN]


def history_of(row: RequestRow) -> list[Step]:
    """Return the steps of a request, the newest one first."""
    return [
        Step(STATES[one.target], _taker(one), by_a_person(one.actor, one.reason), one.revision, one.taken)
        for one in row.steps.order_by("-taken", "-pk")
    ]


def earlier_releases(seat: Seat, row: RequestRow) -> list[Earlier]:
    """Return the newest releases of this team, and of others with one of its data sets, that the reader may read."""
    from output_review.models import RequestRow, StepRow

    own = set(seat.zone.camp.team(row.team).data_sets)
    teams = [
        one.name
        for one in seat.zone.camp.teams
        if (one.name == row.team or own & set(one.data_sets)) and seat.may(Permission.READ, one.name)
    ]
    left = (State.RELEASED.value, State.RECALLED.value)
    rows = RequestRow.objects.filter(team__in=teams, state__in=left).exclude(pk=row.pk).order_by("-pk")
    found = list(rows[:MOST_RELEASES])
    when = dict(StepRow.objects.filter(request__in=found, target=State.RELEASED.value).values_list("request", "taken"))
    return [
        Earlier(one.pk, one.team, one.title, one.package, STATES[one.state], _left(seat, one), when.get(one.pk))
        for one in found
    ]


def sign_offs_of(seat: Seat, row: RequestRow) -> dict[str, Any]:
    """Return how many have signed this revision, and who once the quorum has or nobody can sign any more."""
    signed = sorted(row.sign_offs.filter(revision=row.revision).values_list("reviewer", flat=True))
    needed = signatures_needed(seat.zone, row, seat.name)
    open_ = row.state == State.IN_REVIEW.value and len(signed) < needed
    return {"n": len(signed), "needed": needed, "own": seat.name in signed, "names": [] if open_ else signed}


def _taker(step: StepRow) -> str | Text:
    if step.who == BROKER and step.actor == Actor.RESEARCHER.value:
        return text("the team, from its workspace")
    return _PROGRAMS.get(step.actor, step.who)


_PROGRAMS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        Actor.GATE.value: text("the gate"),
        Actor.SYSTEM.value: text("the system"),
        Actor.RELEASE_PROCESS.value: text("the release"),
    }
)


def _left(seat: Seat, row: RequestRow) -> tuple[str, ...]:
    return tuple(output.name for output in chosen(seat.zone, row))


def _said(one: Comment) -> Said:
    return Said(
        number=one.number,
        revision=one.revision,
        author=text("the intake") if one.author == AUTHOR else one.author,
        phrase=None if one.phrase is None else words(one.phrase),
        body=one.body,
        private=one.audience is Audience.REVIEWERS,
        answers=one.answers,
        open=one.is_question and not one.answered,
        written=one.written,
    )
