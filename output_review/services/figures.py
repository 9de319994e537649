"""Figures about the work: what waits and how long, how soon answers come, and how often people decide otherwise.

Time is counted in hours of sessions. A *turnaround* runs from when a request, or a revision of it, came in to the first
answer to it: returned, approved or rejected.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from disclosure.model.verdicts import Level, Status
from output_review.domain.states import LIVE_VALUES, State
from output_review.domain.votes import is_against
from output_review.services.session_hours import hours_between
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision

_ANSWERS: Final = frozenset({State.RETURNED.value, State.APPROVED.value, State.REJECTED.value})


@dataclass(frozen=True)
class Turnaround:
    """How soon answers came, in session hours; None where there were none.

    Attributes:
        returns: how many of the answers were questions.
    """

    answers: int
    returns: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Figures:
    """Figures about the work of one camp.

    Attributes:
        waiting, oldest, median_age: of requests that wait for an answer; ages in session hours.
        votes, overrides: votes on what is decided or was returned, and those of them that go against the verdict of the
            rules. Votes of a review that goes on are not in them: their number would tell how others voted.
        weeks, teams: the same by week of the answer (as 2026-W48), and by team.
    """

    waiting: int
    oldest: float | None
    median_age: float | None
    all: Turnaround
    votes: int
    overrides: int
    weeks: Mapping[str, Turnaround]
    teams: Mapping[str, Turnaround]
    overrides_of_teams: Mapping[str, int]

    def to_document(self, *, teams: bool) -> dict[str, Any]:
        """Return it as a JSON document, by team only for those who may see every team."""
        document: dict[str, Any] = {
            "version": 1, "unit": "session hours", "waiting": self.waiting, "oldest": self.oldest,
            "median_age": self.median_age, **asdict(self.all), "votes": self.votes, "overrides": self.overrides,
            "weeks": [{"week": name, **asdict(one)} for name, one in sorted(self.weeks.items())],
        }  # fmt: skip
        if teams:
            document["teams"] = [
                {"team": name, **asdict(one), "overrides": self.overrides_of_teams.get(name, 0)}
                for name, one in sorted(self.teams.items())
            ]
        return document


@dataclass(frozen=True)
class _Answer:
    team: str
    week: str
    hours: float
    returned: bool


def session_age(zone: ControlZone, since: datetime) -> float:
    """Return how many session hours have passed."""
    return hours_between(zone.camp.sessions, since, zone.clock())


def oldest_waiting(zone: ControlZone) -> float:
    """Return for how many session hours the request waits that waits longest for an answer; 0 if none does.

    It is the oldest of `figures_of`, found without looking at what was answered.
    """
    from output_review.models import RequestRow, StepRow

    live = RequestRow.objects.filter(state__in=LIVE_VALUES)
    steps: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    taken_steps = StepRow.objects.filter(request__in=live).order_by("pk")
    for request, target, taken in taken_steps.values_list("request_id", "target", "taken"):
        steps[request].append((target, taken))
    since = [_answers(zone, "", received, steps[number], []) for number, received in live.values_list("pk", "received")]
    return max((session_age(zone, one) for one in since if one is not None), default=0.0)


def figures_of(zone: ControlZone, *, without: Collection[str] = ()) -> Figures:
    """Return the figures of a camp as it is now.

    Args:
        without: teams of which no votes are counted: those of the reader's own, whom nobody tells how it was voted.
    """
    from django.db.models import F, Q

    from output_review.models import RequestRow, StepRow, VoteRow

    steps: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for request, target, taken in StepRow.objects.order_by("pk").values_list("request_id", "target", "taken"):
        steps[request].append((target, taken))
    answers: list[_Answer] = []
    ages: list[float] = []
    for number, team, state, received in RequestRow.objects.values_list("pk", "team", "state", "received"):
        since = _answers(zone, team, received, steps[number], answers)
        if state in LIVE_VALUES and since is not None:
            ages.append(session_age(zone, since))
    against: dict[str, int] = defaultdict(int)
    live = Q(output__request__state__in=LIVE_VALUES, output__revision=F("output__request__revision"))
    counted = VoteRow.objects.exclude(live).exclude(output__request__team__in=without)
    votes = counted.values_list("decision", "output__verdict", "output__level", "output__request__team")
    for decision, verdict, level, team in votes:
        if verdict and level and is_against(Decision(decision), Status(verdict), Level(level)):
            against[team] += 1
    return Figures(
        waiting=len(ages),
        oldest=_rounded(max(ages, default=None)),
        median_age=_quantile(ages, 0.5),
        all=_turnaround(answers),
        votes=len(votes),
        overrides=sum(against.values()),
        weeks={week: _turnaround(group) for week, group in _grouped(answers, "week").items()},
        teams={team: _turnaround(group) for team, group in _grouped(answers, "team").items()},
        overrides_of_teams=dict(against),
    )


def _answers(
    zone: ControlZone, team: str, received: datetime, steps: Sequence[tuple[str, datetime]], into: list[_Answer]
) -> datetime | None:
    """Add the answers to a request; return since when it waits for one, None if it does not."""
    since: datetime | None = received
    for target, taken in steps:
        if target == State.SUBMITTED.value:
            since = taken
        elif target in _ANSWERS and since is not None:
            year, week, _ = taken.isocalendar()
            hours = hours_between(zone.camp.sessions, since, taken)
            into.append(_Answer(team, f"{year}-W{week:02d}", hours, target == State.RETURNED.value))
            since = None
        elif target == State.IN_REVIEW.value and since is None:
            since = taken  # what was approved is looked at again
    return since


def _turnaround(answers: Sequence[_Answer]) -> Turnaround:
    hours = [one.hours for one in answers]
    returns = sum(one.returned for one in answers)
    return Turnaround(len(answers), returns, _quantile(hours, 0.5), _quantile(hours, 0.9))


def _grouped(answers: Iterable[_Answer], by: str) -> dict[str, list[_Answer]]:
    groups: dict[str, list[_Answer]] = defaultdict(list)
    for one in answers:
        groups[getattr(one, by)].append(one)
    return groups


def _quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least a share of the values do not exceed; None of no values."""
    return _rounded(sorted(values)[math.ceil(share * len(values)) - 1]) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
