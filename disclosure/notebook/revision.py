"""What must hold before a submission revises an earlier one, as far as that is seen from the workspace.

The control zone checks it again, and it alone decides. What is told here is told at once, before the code has run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import FILE, MAXIMUM_BYTES, submission_from_bytes
from disclosure.exchange.submission_answers import Answers, check_answer
from disclosure.notebook.told import RETURNED, inbox_folder, told_of
from disclosure.texts import text

NO_ANSWERS: Answers = MappingProxyType({})


def checked_answers(folder: Path, revises: int | None, answers: Mapping[int, str] | None) -> Answers:
    """Return the answers without blanks around them, once they belong to a request that was returned.

    Args:
        folder: in which the requests of the workspace lie.
        revises: the number of the request that is handed in again, None if this is a new one.

    Raises:
        BadInputError: there is no such request, it was not returned, a question is left unanswered or there is none
            of that number.
        DocumentError: an answer is not one.
    """
    if answers is not None and not (isinstance(answers, Mapping) and all(type(one) is int for one in answers)):
        raise BadInputError(
            text("Expected answers= as a dict: the number of each question, and the answer."),
            hint=text("The Requests tab of the panel shows the questions with their numbers."),
        )
    given = {question: check_answer(answer) for question, answer in (answers or NO_ANSWERS).items()}
    if revises is None:
        if given:
            raise BadInputError(
                text("Answers belong to a request that is handed in again."),
                hint=text("Give revises= the number of that request."),
            )
        return NO_ANSWERS
    _check_request(folder, revises)
    _check_told(revises, given)
    return given


def _check_request(folder: Path, number: int) -> None:
    if type(number) is not int or number < 1 or not (folder / str(number)).is_dir():
        raise BadInputError(
            text("Your team has no request of the number that revises= gives."),
            hint=text("The Requests tab of the panel shows the numbers."),
        )
    try:
        earlier = submission_from_bytes(read_regular(folder / str(number) / FILE, limit=MAXIMUM_BYTES))
    except DatakampError:
        return  # what was handed in lies with the control zone, whatever became of the copy here
    if earlier.revises is not None:
        raise BadInputError(
            text("{number} is itself a revision of request {first}.", number=number, first=earlier.revises),
            hint=text("Give revises={first}.", first=earlier.revises),
        )


def _check_told(number: int, answers: Answers) -> None:
    inbox = inbox_folder()
    if inbox is None:
        return  # this kernel is not told; the control zone is asked
    told = told_of(inbox, number)
    if told.state != RETURNED:
        raise BadInputError(
            text("Request {number} cannot be handed in again: {state}.", number=number, state=told.words),
            hint=text("Only one that was returned with questions can. Leave revises= out for a new request."),
        )
    if set(answers) - {one.number for one in told.questions}:
        raise BadInputError(
            text("Request {number} has no question of a number that answers= gives.", number=number),
            hint=text("The Requests tab of the panel shows the questions with their numbers."),
        )
    missing = [one.number for one in told.open if one.number not in answers]
    if missing:
        raise BadInputError(
            text("These questions are not answered yet: {numbers}.", numbers=", ".join(map(str, missing))),
            hint=text('Give answers= an answer to each, or answer on the page "Own requests".'),
        )
