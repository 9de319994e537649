"""What a team sees of a request of its own: where it stands, what is asked, and what was decided and why.

Never a verdict's evidence or a count, and no file: what leaves is the package. Reviewers are not named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from disclosure.render.description import local_number
from disclosure.texts import Text, text
from output_review.domain.phrases import words
from output_review.domain.states import Actor, State, by_a_person
from output_review.services.commenting import Comment, comments
from output_review.services.foreign import AUTHOR, is_taken_in
from output_review.services.kept_words import reason_of
from output_review.services.reviewing import current_outputs, outcomes
from output_review.services.session_hours import hours_between
from output_review.web.own.names import ANSWERED, ASKED, NOTHING_ASKED, OUTCOMES, STATES, Named

if TYPE_CHECKING:
    from output_review.models import RequestRow
    from output_review.services.zone import ControlZone
    from output_review.signing.manifest import Person

FIELD: Final = "answer-"
"""What the name of an answer's field begins with; the number of the question follows."""
_DECIDED = (State.APPROVED, State.RELEASED, State.RECALLED, State.REJECTED)
_WITHDRAWABLE = (State.SUBMITTED, State.IN_REVIEW, State.RETURNED)


@dataclass(frozen=True)
class Said:
    """A comment as its team sees it.

    Attributes:
        open: whether it waits for an answer; `typed` is what was typed as one and could not be kept.
        replies: what was said to it since.
    """

    number: int
    revision: int
    by: str
    phrase: Text | None
    body: str
    open: bool
    written: datetime
    replies: tuple[Said, ...] = ()
    typed: str = ""

    @property
    def field(self) -> str:
        """The name of the field of its answer."""
        return f"{FIELD}{self.number}"


@dataclass(frozen=True)
class OwnOutput:
    """An output of the current revision, with its thread; `kept`: whether it is chosen to be handed in again."""

    name: str
    title: str
    population: str
    differs: str
    state: Named
    thread: tuple[Said, ...]
    kept: bool


@dataclass(frozen=True)
class OwnStep:
    """A step of the request."""

    state: Named
    by: Text
    reason: str
    revision: int
    taken: datetime


@dataclass(frozen=True)
class OwnPage:
    """A request as its team sees it.

    Attributes:
        hours: for how many hours of sessions it has stood like this.
        thread: about the request as a whole.
        questions: those that wait for an answer.
        asks, withdrawable: whether answers are taken, and whether it may be withdrawn.
    """

    row: RequestRow
    state: Named
    hours: float
    outputs: tuple[OwnOutput, ...]
    thread: tuple[Said, ...]
    steps: tuple[OwnStep, ...]
    asks: bool
    withdrawable: bool

    @property
    def reason(self) -> str:
        """Why it stands where it does; empty if nobody said so."""
        return reason_of(self.row)

    @property
    def taken_in(self) -> bool:
        """Whether it was taken in from another program: then the team has no number of its own for it."""
        return is_taken_in(self.row)

    @property
    def hours_shown(self) -> str:
        """The hours, to a tenth."""
        return local_number(f"{self.hours:.1f}")

    @property
    def questions(self) -> tuple[Said, ...]:
        """The questions that wait for an answer."""
        threads = [self.thread, *(one.thread for one in self.outputs)]
        return tuple(one for thread in threads for one in thread if one.open)


def own_page(
    zone: ControlZone,
    row: RequestRow,
    reader: Person,
    *,
    typed: Mapping[str, str] = MappingProxyType({}),
    kept: Collection[str] | None = None,
) -> OwnPage:
    """Return a request as a person of its team sees it.

    Args:
        typed: what stands in fields of a form that was refused.
        kept: the outputs that are chosen in it; None for all.
    """
    state = State(row.state)
    threads = _threads(zone, row, reader, typed)
    decided = outcomes(zone, row) if state in _DECIDED else {}
    outputs = []
    for one in current_outputs(row):
        thread = threads.pop(one.name, ())
        named = OUTCOMES.get(decided[one.name], STATES[state]) if decided else _asked(state, row.revision, thread)
        outputs.append(
            OwnOutput(one.name, one.title, one.population, one.differs, named, thread, kept is None or one.name in kept)
        )
    # What was said of an output that the newest revision has no more stands with the request.
    rest = sorted((one for thread in threads.values() for one in thread), key=lambda said: said.number)
    return OwnPage(
        row=row,
        state=STATES[state],
        hours=hours_in_state(zone, row),
        outputs=tuple(outputs),
        thread=tuple(rest),
        steps=_steps(row),
        asks=state is State.RETURNED,
        withdrawable=state in _WITHDRAWABLE,
    )


def hours_in_state(zone: ControlZone, row: RequestRow) -> float:
    """Return for how many hours of sessions a request has been in its state."""
    last = row.steps.order_by("-taken", "-pk").values_list("taken", flat=True).first()
    return hours_between(zone.camp.sessions, last or row.received, zone.clock())


def _asked(state: State, revision: int, thread: tuple[Said, ...]) -> Named:
    if state is not State.RETURNED:
        return STATES[state]
    if any(one.open for one in thread):
        return ASKED
    return ANSWERED if any(one.revision == revision for one in thread) else NOTHING_ASKED


def _threads(
    zone: ControlZone, row: RequestRow, reader: Person, typed: Mapping[str, str]
) -> dict[str, tuple[Said, ...]]:
    """Return what this person may see, by output: each comment with the replies to it, the oldest first."""
    seen = comments(zone, row, reader)
    root: dict[int, int] = {}
    replies: dict[int, list[Comment]] = {}
    for one in seen:
        root[one.number] = one.number if one.answers is None else root.get(one.answers, one.number)
        replies.setdefault(root[one.number], []).append(one)
    threads: dict[str, list[Said]] = {}
    for first, *later in replies.values():
        said = _said(row, first)
        told = tuple(_said(row, one) for one in later)
        threads.setdefault(first.output, []).append(replace(said, replies=told, typed=typed.get(said.field, "")))
    return {output: tuple(thread) for output, thread in threads.items()}


def _said(row: RequestRow, one: Comment) -> Said:
    if one.author == row.team:
        by = str(text("your team"))
    elif one.author == AUTHOR:
        by = str(text("the intake"))
    else:
        by = one.author if one.by_team else str(text("a reviewer"))
    waits = one.is_question and not one.answered and one.revision == row.revision and row.state == State.RETURNED.value
    phrase = None if one.phrase is None else words(one.phrase)
    return Said(one.number, one.revision, by, phrase, one.body, waits, one.written)


def _steps(row: RequestRow) -> tuple[OwnStep, ...]:
    return tuple(
        OwnStep(STATES[State(one.target)], _ACTORS[Actor(one.actor)], by_a_person(one.actor, one.reason), one.revision,
                one.taken)
        for one in row.steps.order_by("-taken", "-pk")
    )  # fmt: skip


_ACTORS = {
    Actor.RESEARCHER: text("your team"),
    Actor.REVIEWER: text("a reviewer"),
    Actor.GATE: text("the gate"),
    Actor.SYSTEM: text("the system"),
    Actor.RELEASE_PROCESS: text("the release"),
}
