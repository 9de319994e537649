"""Answering: a team answers what was asked about a returned request and hands it in again as its next revision.

It needs neither a session nor data. What is handed in again is tabulated, voted on and signed anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from disclosure.errors import BadInputError, StateError
from disclosure.exchange.submission_answers import check_answer
from disclosure.texts import text
from output_review.domain.permissions import researcher_of
from output_review.domain.states import Actor, State, named_state, transition
from output_review.services.commenting import write
from output_review.services.notices import NoticeKind, notify, reviewers_of
from output_review.services.rendering import drawn_from, written_text
from output_review.services.reviewing import current_outputs
from output_review.services.telling import asked, tell
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import CommentRow, OutputRow, RequestRow

_ASKED_FOR = ("name", "title", "population", "differs", "recipe", "figure", "written", "derived", "claim")
"""What an output was asked for as; all the rest is made of it."""


def open_questions(row: RequestRow) -> tuple[CommentRow, ...]:
    """Return what is asked about the current revision and not answered."""
    return tuple(one for one in asked(row) if not one.answered_by.exists())


def answer(zone: ControlZone, row: RequestRow, person: str, comment_id: int, body: str) -> CommentRow:
    """Answer a question about a returned request, as a researcher of its team. One may be answered again.

    Raises:
        PermissionRefusedError: this person is not a researcher of the team.
        StateError: the request is not returned.
        BadInputError: there is no such question, or the answer says nothing, too much, or hides something.
    """
    researcher_of(zone.manifest, person, row.team)
    said = check_answer(body.replace("\r\n", "\n"))
    with zone.held(row):
        _require_returned(row)
        question = next((one for one in asked(row) if one.pk == comment_id), None)
        if question is None:
            raise BadInputError(text("There is no such question about this request."), hint=text("Look at it again."))
        added = write(zone, row, person, output=question.output, body=said, answers=question)
    tell(zone, row.team, row.number, State.RETURNED, row.reason)
    return added


def hand_in_again(zone: ControlZone, row: RequestRow, person: str, keep: tuple[str, ...]) -> int:
    """Hand a returned request in again with some of its outputs, unchanged; return the number of the new revision.

    Args:
        keep: names of outputs of the current revision, at least one.

    Raises:
        PermissionRefusedError: this person is not a researcher of the team.
        StateError: the request is not returned, or a question is not answered.
        BadInputError: no output, an unknown one, or one without those that it is drawn, computed or counted from.
    """
    researcher_of(zone.manifest, person, row.team)
    from output_review.services.jobs import enqueue

    with zone.held(row):
        next_revision(zone, row, _kept(zone, row, keep), person)
        enqueue(zone, row)
        notify(zone, row, NoticeKind.ANSWERED, reviewers_of(zone, row))
    tell(zone, row.team, row.number, State.SUBMITTED, "")
    return row.revision


def next_revision(zone: ControlZone, row: RequestRow, outputs: Iterable[OutputRow], person: str) -> None:
    """Make the next revision of a returned request; the caller holds the row.

    Nothing of the revision before is changed. The new one has no votes, and its tabulation is due.

    Args:
        outputs: rows that are not saved yet; their request and revision are set here.

    Raises:
        StateError: the request is not returned, or a question is not answered.
    """
    _require_returned(row)
    missing = open_questions(row)
    if missing:
        raise StateError(
            text("{n} of the questions are not answered.", n=len(missing)),
            hint=text("Answer each before you hand it in again."),
        )
    made = list(outputs)
    row.revision += 1
    row.lane, row.reason, row.claimed_by, row.claimed_at = "", "", "", None
    row.save(update_fields=["revision", "lane", "reason", "claimed_by", "claimed_at"])
    for output in made:
        output.request, output.revision = row, row.revision
        output.save(force_insert=True)
    zone.move(row, State.SUBMITTED, Actor.RESEARCHER, person, revision=row.revision)


def _require_returned(row: RequestRow) -> None:
    if State(row.state) is not State.RETURNED:
        transition(State(row.state), State.SUBMITTED, Actor.RESEARCHER)  # the table says what may be done instead
        raise StateError(text("The request is {state}: nothing is asked about it.", state=named_state(row.state)))


def _kept(zone: ControlZone, row: RequestRow, keep: tuple[str, ...]) -> list[OutputRow]:
    from output_review.models import OutputRow

    every = {one.name: one for one in current_outputs(row)}
    unknown = sorted(set(keep) - set(every))
    if unknown or not keep:
        raise BadInputError(
            text("Name one or more outputs of the request."), hint=text("Outputs: {names}.", names=", ".join(every))
        )
    for name in sorted(set(keep)):
        needs = {*drawn_from(every[name]), *_support(zone, every[name])}
        if not needs <= set(keep):
            raise BadInputError(
                text("'{name}' rests on {others}.", name=name, others=", ".join(sorted(needs - set(keep)))),
                hint=text("Keep those too, or leave it out."),
            )
    kept = (every[name] for name in sorted(set(keep)))
    return [OutputRow(**{field: getattr(one, field) for field in _ASKED_FOR}) for one in kept]


def _support(zone: ControlZone, output: OutputRow) -> tuple[str, ...]:
    support = written_text(zone, output).support if output.written else ""
    return (support,) if support else ()
