"""Requests at every place of their life, for the tests of the workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.services.answering import answer, open_questions
from output_review.services.commenting import comment
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.returning import return_request
from output_review.services.reviewing import current_outputs, vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from output_review.models import RequestRow

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
APPROVE, CHANGE, REJECT = Decision.APPROVE, Decision.REQUEST_CHANGES, Decision.REJECT


@dataclass
class Clock:
    """A clock that a test turns."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: int) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class Workflow:
    """A camp, its control zone under a clock, and one request."""

    camp: ZoneCamp
    zone: ControlZone
    clock: Clock
    number: int

    @property
    def row(self) -> RequestRow:
        """The request as the database has it now."""
        return self.zone.request(self.number)

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.row.state)

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs of the current revision."""
        return tuple(one.name for one in current_outputs(self.row))

    def vote(self, reviewer: str, decision: Decision = APPROVE, *names: str) -> None:
        """Vote on outputs, on all if none is named; against a safe verdict with a reason."""
        reason, text = (Reason.CONTEXT_MISSING, "of whom?") if decision is REJECT else (None, "")
        vote(self.zone, self.row, names or self.names, Vote(reviewer, decision, reason, text))

    def sign(self, reviewer: str) -> State:
        """Sign the votes."""
        row = self.row
        return sign_off(self.zone, row, statement(self.zone, row, reviewer), self.camp.key(reviewer))

    def returned(self) -> None:
        """Bring it back to the team with a question about each output."""
        self.vote("vera", CHANGE)
        for name in self.names:
            comment(self.zone, self.row, "vera", output=name, body=f"Who is in {name}?")
        return_request(self.zone, self.row, "vera", "Please explain.")

    def answered(self) -> None:
        """Answer everything that is asked."""
        for one in open_questions(self.row):
            answer(self.zone, self.row, "anna", one.pk, "Everybody.")

    def approved(self) -> None:
        """Have it approved by two reviewers."""
        for reviewer in ("vera", "wim"):
            self.vote(reviewer)
        for reviewer in ("vera", "wim"):
            self.sign(reviewer)

    def released(self) -> None:
        """Have it released."""
        self.approved()
        release(self.zone, self.row)

    def actions(self) -> list[str]:
        """What the log says was done, in order."""
        from output_review.log.database import DatabaseLog

        return [one.action for one in DatabaseLog().read()]


def submitted(made: ZoneCamp, *names: str, tabulated: bool = True, **changes: Any) -> Workflow:
    """Take in a request with a safe table of each name, and tabulate it."""
    clock = Clock()
    made.hand_in({name: made.recipe(**changes) for name in names or ("by-wijk",)})
    zone = replace(made.zone(), clock=clock)
    number = ingest(zone)[-1].request
    if tabulated:
        tabulate(zone, zone.request(number))
    return Workflow(made, zone, clock, number)


def without_people(zone: ControlZone, *names: str) -> ControlZone:
    """The control zone under a manifest in which these people, and their keys, are no more."""
    manifest = zone.manifest
    people = tuple(one for one in manifest.people if one.name not in names)
    return replace(
        zone,
        manifest=replace(manifest, people=people, keys=tuple(one for one in manifest.keys if one.holder not in names)),
    )
