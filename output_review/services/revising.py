"""The next revision of a request from a submission, which answers what was asked about the one before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from disclosure.errors import StateError
from disclosure.exchange.submission import Submission
from disclosure.texts import text
from output_review.domain.states import State, named_state
from output_review.services.answering import next_revision, open_questions
from output_review.services.commenting import write
from output_review.services.notices import NoticeKind, notify, reviewers_of
from output_review.services.telling import asked
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

BROKER = "broker"
"""Who takes the step: of a folder in the outbox the team is known, and not the person."""


def revise(
    zone: ControlZone, handed_in: Submission, outputs: Iterable[OutputRow], *, submission: str, code: list[list[str]]
) -> RequestRow:
    """Return the request that a submission revises, at its next revision, with the outputs and answers handed in.

    The caller holds the transaction: nothing of it stands if anything fails.

    Args:
        outputs: rows that are not saved yet.
        submission, code: the digest of its document, and the name and digest of each piece of its code.

    Raises:
        StateError: the team has no such request; it was not returned; or the answers are not those to its questions.
    """
    row = _revised(handed_in)
    with zone.held(row, program=True):
        if State(row.state) is not State.RETURNED:
            raise StateError(
                text(
                    "Request {number} is {state}, and only one that is returned can be handed in again.",
                    number=row.number,
                    state=named_state(row.state),
                ),
                hint=text("Hand in a new request: leave revises= out."),
            )
        _answer(zone, row, handed_in)
        row.title, row.purpose, row.author = handed_in.title, handed_in.purpose, handed_in.author
        row.submission, row.code, row.parameters = submission, code, dict(handed_in.parameters)
        row.save(update_fields=["title", "purpose", "author", "submission", "code", "parameters"])
        next_revision(zone, row, outputs, BROKER)
        notify(zone, row, NoticeKind.ANSWERED, reviewers_of(zone, row))
    return row


def _revised(handed_in: Submission) -> RequestRow:
    from output_review.models import HandedInRow

    number = handed_in.revises or 0
    found = HandedInRow.objects.filter(team=handed_in.team, number=number).select_related("request").first()
    if found is None:
        raise StateError(
            text("Your team has handed in no request {number}.", number=number),
            hint=text("Give revises= the number of the first submission."),
        )
    return found.request


def _answer(zone: ControlZone, row: RequestRow, handed_in: Submission) -> None:
    """Keep the answers beside the questions, of which none may be left."""
    questions = {one.pk: one for one in asked(row)}
    if set(handed_in.answers) - set(questions):
        raise StateError(
            text("The submission answers a question that was not asked about this revision."),
            hint=text("Look at the questions again: somebody else of the team may have handed in before."),
        )
    for number in sorted(handed_in.answers):
        question = questions[number]
        # Of an answer in a folder it is known which team gave it, not who.
        write(zone, row, row.team, output=question.output, body=handed_in.answers[number], answers=question)
    missing = ", ".join(str(one.pk) for one in open_questions(row))
    if missing:
        raise StateError(
            text("These questions are not answered: {missing}.", missing=missing),
            hint=text("Answer each, and hand in again."),
        )
