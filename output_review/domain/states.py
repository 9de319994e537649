"""The states of a request and the transitions between them: one table, from which docs draw the diagram.

Who may take a step stands in the table; whether this person is barred from this request stands in `permissions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import Final

from disclosure.errors import StateError
from disclosure.texts import Text, text


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REFUSED = "refused"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    RELEASED = "released"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"


LIVE: Final = (State.SUBMITTED, State.IN_REVIEW)
"""Those in which reviewers are at it: the request waits for one, or has one."""
LIVE_VALUES: Final = tuple(one.value for one in LIVE)
"""The same as a database has them."""


class Actor(StrEnum):
    """Who takes a step: a role of a person, or a program."""

    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    GATE = "gate"
    SYSTEM = "system"
    RELEASE_PROCESS = "release_process"


class Guard(StrEnum):
    """What must hold for a step, beside who takes it. Each is checked where the step is taken."""

    CONTEXT_COMPLETE = "context of every output complete, statement signed, session open"
    KEPT = "ledger and log keep what was seen"
    INGESTED = "types, digests and schema checked"
    INGEST_FAILED = "ingest failed; the reason goes to the researcher"
    COMMENTED = "a public comment on each output with changes requested"
    DECIDED = "every output decided, at least one approved, quorum of sign-offs on the same digests, no dissent"
    REASONED = "a reason"
    ANSWERED = "an answer to each change request"
    OVERTAKEN = "key revoked, policy or manifest changed, new differencing conflict, or a release that failed"
    RELEASABLE = "policy, keys, manifest and quorum still valid; outputs rendered again and equal to what was signed"
    QUORUM = "quorum and a reason; the ledger keeps it"


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    origin: State
    target: State
    actor: Actor
    guard: Guard


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.DRAFT, State.SUBMITTED, Actor.RESEARCHER, Guard.CONTEXT_COMPLETE),
    *(
        Transition(origin, State.WITHDRAWN, Actor.RESEARCHER, Guard.KEPT)
        for origin in (State.DRAFT, State.RETURNED, State.SUBMITTED, State.IN_REVIEW)
    ),
    Transition(State.SUBMITTED, State.IN_REVIEW, Actor.REVIEWER, Guard.INGESTED),
    Transition(State.SUBMITTED, State.REFUSED, Actor.GATE, Guard.INGEST_FAILED),
    Transition(State.IN_REVIEW, State.RETURNED, Actor.REVIEWER, Guard.COMMENTED),
    Transition(State.IN_REVIEW, State.APPROVED, Actor.REVIEWER, Guard.DECIDED),
    Transition(State.IN_REVIEW, State.REJECTED, Actor.REVIEWER, Guard.REASONED),
    Transition(State.RETURNED, State.SUBMITTED, Actor.RESEARCHER, Guard.ANSWERED),
    Transition(State.APPROVED, State.IN_REVIEW, Actor.SYSTEM, Guard.OVERTAKEN),
    Transition(State.APPROVED, State.RELEASED, Actor.RELEASE_PROCESS, Guard.RELEASABLE),
    Transition(State.RELEASED, State.RECALLED, Actor.REVIEWER, Guard.QUORUM),
)


def transition(origin: State, target: State, actor: Actor) -> Transition:
    """Return the row for this step.

    Raises:
        StateError: no row has it; the error names the steps that this actor may take from here.
    """
    for row in TRANSITIONS:
        if (row.origin, row.target, row.actor) == (origin, target, actor):
            return row
    steps = sorted({row.target for row in TRANSITIONS if row.origin is origin and row.actor is actor})
    who, nothing = _ACTORS[actor], text("A {actor} can do nothing.", actor=_ACTORS[actor])
    listed = [named_state(step) for step in steps]
    hint = text("From here a {actor} may go to: {steps}.", actor=who, steps=_joined(listed)) if listed else nothing
    raise StateError(
        text(
            "A request that is {origin} cannot become {target} by a {actor}.",
            origin=named_state(origin),
            target=named_state(target),
            actor=who,
        ),
        hint=hint,
    )


def by_a_person(actor: str, reason: str) -> str:
    """Return the reason of a step in a person's words; programs give theirs in codes, and with the request in words.

    >>> by_a_person("reviewer", "Who is in it?"), by_a_person("gate", "DocumentError")
    ('Who is in it?', '')
    """
    return reason if actor in (Actor.REVIEWER.value, Actor.RESEARCHER.value) else ""


def named_state(state: str) -> Text:
    """Return what a state is called within a sentence.

    >>> named_state("in_review").english
    'in review'
    """
    return _STATES[State(state)]


def _joined(listed: Sequence[Text]) -> Text:
    return reduce(lambda one, other: text("{one}, {other}", one=one, other=other), listed)


_STATES: Final[Mapping[State, Text]] = MappingProxyType(
    {
        State.DRAFT: text("draft"),
        State.SUBMITTED: text("submitted"),
        State.REFUSED: text("refused"),
        State.IN_REVIEW: text("in review"),
        State.RETURNED: text("returned"),
        State.APPROVED: text("approved"),
        State.REJECTED: text("rejected"),
        State.RELEASED: text("released"),
        State.RECALLED: text("recalled"),
        State.WITHDRAWN: text("withdrawn"),
    }
)
_ACTORS: Final[Mapping[Actor, Text]] = MappingProxyType(
    {
        Actor.RESEARCHER: text("researcher"),
        Actor.REVIEWER: text("reviewer"),
        Actor.GATE: text("gate"),
        Actor.SYSTEM: text("system"),
        Actor.RELEASE_PROCESS: text("release process"),
    }
)
