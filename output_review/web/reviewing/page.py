"""What every page of a request has: its head, the list of its outputs, who has it, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text
from output_review.domain.access import Permission
from output_review.domain.lanes import Lane
from output_review.domain.states import LIVE
from output_review.domain.votes import Outcome, Vote, outcome, overruled
from output_review.services.changes import Mark, marks
from output_review.services.claiming import claim_of
from output_review.services.foreign import is_taken_in
from output_review.services.kept_words import reason_of
from output_review.services.reads import opened_by
from output_review.services.reviewing import (
    current_outputs,
    is_blind,
    is_exception,
    needed,
    resolution,
    shown_from,
    votes_on,
)
from output_review.services.session_hours import hours_between
from output_review.services.showing import shown_head
from output_review.signing.manifest import PersonRole
from output_review.signing.signoff import Decision
from output_review.web.reviewing.names import LEVELS, MARKS, OUTCOMES, STATES, VERDICTS, VOTED, Named
from output_review.web.reviewing.sheets import said

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow
    from output_review.services.zone import ControlZone
    from output_review.web.seat import Seat


@dataclass(frozen=True)
class Entry:
    """An output in the list.

    Attributes:
        own: how the reader voted, empty if not yet; `own_words` is that in words.
        points: how many things there are to look at first.
        found: whether the scan found something in it.
        mark: how it stands beside the revision before; None in a first one.
        bulk: the reader has opened it, and it is safe, not unverified and has something to release.
        votes, needed: who has voted, of how many; while it is blind, of as many as could be needed.
        blind: nobody sees yet how others voted.
        resolution: how a dissent ends; None if there is none.
        approving: how many have approved; nothing that is shown while it is blind.
        overruled: a dissent was resolved against the reader's vote.
    """

    output: OutputRow
    verdict: Named
    level: Any
    level_says: Any
    own: str
    own_words: Any
    outcome: Named
    points: int
    found: bool
    mark: Named | None
    exception: bool
    bulk: bool
    votes: tuple[Vote, ...]
    needed: int
    blind: bool
    dissent: bool
    resolution: Text | None
    approving: int
    overruled: bool

    @property
    def name(self) -> str:
        """The name of the output."""
        return self.output.name


def entries_of(seat: Seat, row: RequestRow) -> tuple[Entry, ...]:
    """Return the outputs of the newest revision as a list shows them."""
    outputs = current_outputs(row)
    marked = _marks(row, outputs)
    opened = opened_by(row, seat.name) if seat.may(Permission.DECIDE, row.team) else set()
    return tuple(_entry(seat, one, marked, one.name in opened) for one in outputs)


def page_context(seat: Seat, row: RequestRow, entries: tuple[Entry, ...], *, current: str = "") -> dict[str, Any]:
    """Return what the frame of a request's pages names.

    Args:
        current: the output that is shown in the middle; empty for none.
    """
    zone, now = seat.zone, seat.zone.clock()
    live, decides = row.state in LIVE, seat.may(Permission.DECIDE, row.team)
    names = [one.name for one in entries]
    place = names.index(current) if current in names else -1
    claim = claim_of(zone, row)
    voted = sum(bool(one.own) for one in entries)
    hours = hours_between(zone.camp.sessions, row.received, now) if live else None
    return {
        "row": row,
        "reason": reason_of(row),
        "taken_in": is_taken_in(row),
        "state": STATES[row.state],
        "light": row.lane == Lane.LIGHT.value,
        "entries": entries,
        "current": current,
        "previous": names[place - 1] if place > 0 else "",
        "following": names[place + 1] if -1 < place < len(names) - 1 else "",
        "gone": [name for name, mark in _gone(row, entries).items() if mark is Mark.REMOVED],
        "claim": claim,
        "own_claim": claim is not None and claim.by == seat.name,
        "may_decide": decides and live and all(one.output.level for one in entries),
        "reviewer": decides,
        "tabulated": all(one.output.level for one in entries),
        "voted": voted,
        "left": len(entries) - voted,
        "bulk": [one.name for one in entries if one.bulk and not one.own],
        "hours": hours,
        "promise": zone.camp.review_rules.answer_hours,
        "late": hours is not None and hours > zone.camp.review_rules.answer_hours,
        "about": _about(zone, entries),
        "parameters": sorted((name, str(value)) for name, value in row.parameters.items()),
        "reviewers": _others(seat, row) if decides else [],
        "exception_quorum": zone.manifest.quorum.exception,
    }


def _entry(seat: Seat, one: OutputRow, marked: Mapping[str, Mark], opened: bool) -> Entry:
    votes = tuple(votes_on(one))
    asked = needed(seat.zone, one)
    own = next((vote.decision.value for vote in votes if vote.reviewer == seat.name), "")
    blind = is_blind(seat.zone, one)
    came_to = outcome(votes, asked)
    head = shown_head(seat.zone, one) if one.shown else None
    mark = marked.get(one.name)
    safe = one.verdict == Status.SAFE.value and one.level != Level.UNVERIFIED.value
    points = (0 if head is None else len(head["points"])) + (mark in (Mark.CHANGED, Mark.ADDED))
    words, says = LEVELS[one.level]
    return Entry(
        output=one,
        verdict=VERDICTS[one.verdict],
        level=words,
        level_says=says,
        own=own,
        own_words=VOTED.get(own, ""),
        outcome=OUTCOMES[came_to.value],
        points=points,
        found=head is not None and bool(head["scan"]["n"]),
        mark=None if mark is None else MARKS[mark],
        exception=is_exception(one),
        bulk=opened and safe and bool(one.files),
        votes=votes,
        needed=shown_from(seat.zone, one) if blind else asked,
        blind=blind,
        dissent=came_to is Outcome.DISSENT,
        resolution=resolution(seat.zone, one) if came_to is Outcome.DISSENT else None,
        approving=sum(vote.decision is Decision.APPROVE for vote in votes),
        overruled=seat.name in overruled(votes),
    )


def _marks(row: RequestRow, outputs: Iterable[OutputRow]) -> dict[str, Mark]:
    return marks(outputs, row.outputs.filter(revision=row.revision - 1)) if row.revision > 1 else {}


def _gone(row: RequestRow, entries: Iterable[Entry]) -> dict[str, Mark]:
    return _marks(row, [one.output for one in entries])


def _about(zone: ControlZone, entries: Iterable[Entry]) -> Mapping[str, Any]:
    """Return what the scan found in the request and its code, as it was kept with its outputs."""
    for one in entries:
        if one.output.shown:
            found = shown_head(zone, one.output)["about"]
            return {"n": found["n"], "words": [said(words) for words in found["found"]]}
    return {"n": 0, "words": []}


def _others(seat: Seat, row: RequestRow) -> list[str]:
    """Return the other reviewers who may decide on this team's requests."""
    return [
        one.name
        for one in seat.zone.manifest.people
        if PersonRole.REVIEWER in one.roles and row.team not in one.teams and one.name != seat.name
    ]
