"""What an organiser sees of the work: how much is submitted and waits, and for how long; no title and no decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from output_review.domain.states import State
from output_review.services.session_hours import hours_between

if TYPE_CHECKING:
    from output_review.services.zone import ControlZone


class Place(StrEnum):
    """Where a request waits. An approved one stands with the reviewers: what they decided is not told."""

    QUEUE = "queue"
    REVIEWERS = "reviewers"
    TEAM = "team"
    CLOSED = "closed"


_PLACES: Final[Mapping[State, Place]] = MappingProxyType(
    {
        State.DRAFT: Place.TEAM,
        State.SUBMITTED: Place.QUEUE,
        State.IN_REVIEW: Place.REVIEWERS,
        State.APPROVED: Place.REVIEWERS,
        State.RETURNED: Place.TEAM,
        State.REFUSED: Place.CLOSED,
        State.REJECTED: Place.CLOSED,
        State.RELEASED: Place.CLOSED,
        State.RECALLED: Place.CLOSED,
        State.WITHDRAWN: Place.CLOSED,
    }
)


@dataclass(frozen=True)
class TeamWork:
    """A team's requests, counted by place; `oldest` is the session hours since the oldest open one was handed in."""

    team: str
    queue: int
    reviewers: int
    with_team: int
    closed: int
    oldest: float | None


def work_of_teams(zone: ControlZone) -> tuple[TeamWork, ...]:
    """Return the work of each team of the manifest, in its order."""
    from output_review.models import RequestRow

    rows = list(RequestRow.objects.values_list("team", "state", "received"))
    now = zone.clock()
    found = []
    for team in zone.manifest.teams:
        places = [(_PLACES[State(state)], received) for one, state, received in rows if one == team]
        counts = {place: sum(1 for one, _ in places if one is place) for place in Place}
        waits = [received for place, received in places if place in (Place.QUEUE, Place.REVIEWERS)]
        oldest = hours_between(zone.camp.sessions, min(waits), now) if waits else None
        found.append(
            TeamWork(
                team, counts[Place.QUEUE], counts[Place.REVIEWERS], counts[Place.TEAM], counts[Place.CLOSED], oldest
            )
        )
    return tuple(found)
