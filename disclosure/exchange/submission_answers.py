"""What a submission answers: an earlier one of which it is the next revision, and the questions about that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.lines import is_hidden
from disclosure.texts import text

LONGEST_ANSWER: Final = 2000
MOST_ANSWERS: Final = 500
_QUESTION: Final = re.compile(r"[1-9][0-9]{0,14}")

Answers = Mapping[int, str]
"""The number of a question, as the inbox gives it, and the answer."""


def check_answer(answer: object) -> str:
    """Return an answer without blanks around it: 1 to 2,000 visible characters, in lines of text.

    Raises:
        DocumentError: it is anything else.

    >>> check_answer(" Both years are shown now. ")
    'Both years are shown now.'
    """
    said = answer.strip() if isinstance(answer, str) else ""
    if not said or len(said) > LONGEST_ANSWER:
        raise DocumentError(
            text("An answer has 1 to {most} characters.", most=f"{LONGEST_ANSWER:,}"),
            hint=text("Say in your own words what was changed, or why nothing was."),
        )
    if any(is_hidden(sign) and sign != "\n" for sign in said):
        raise DocumentError(
            text("An answer has lines of visible characters."), hint=text("No control or invisible characters.")
        )
    return said


def check_answers(number: int, revises: int | None, answers: Answers) -> None:
    """Refuse answers that no submission of this number can give.

    Args:
        revises: the number of the team's first submission of the request; None if this is the first.

    Raises:
        DocumentError: it revises itself or a later one; it answers without revising; or an answer is not one.
    """
    if revises is not None and not (type(revises) is int and 1 <= revises < number):
        raise DocumentError(
            text("A submission revises one that was handed in before it."),
            hint=text("Give revises= the number that the first submission of the request got."),
        )
    if answers and revises is None:
        raise DocumentError(
            text("Answers belong to a submission that revises an earlier one."),
            hint=text("Give revises= the number that the first submission of the request got."),
        )
    if len(answers) > MOST_ANSWERS or not all(type(one) is int and one >= 1 for one in answers):
        raise DocumentError(
            text("Answers name the questions that they are for."),
            hint=text("Give the number of each question with its answer; the inbox has the numbers."),
        )
    for answer in answers.values():
        if check_answer(answer) != answer:
            raise DocumentError(text("An answer has no blanks around it."))


def answers_document(answers: Answers) -> dict[str, str]:
    """Return answers as a JSON object."""
    return {str(question): answer for question, answer in answers.items()}


def answers_from(document: Any) -> dict[int, str]:
    """Return the answers that `answers_document` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    if not isinstance(document, dict) or not all(_QUESTION.fullmatch(question) for question in document):
        raise DocumentError(text("The answers of a submission do not follow their schema."))
    return {int(question): answer for question, answer in document.items()}
