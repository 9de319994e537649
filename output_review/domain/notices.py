"""What people are told of by message, in both languages, and nothing of what outputs hold or people wrote."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from disclosure.texts import Text, text
from output_review.domain.states import State


class NoticeKind(StrEnum):
    """Why somebody gets a message."""

    WAITING = "waiting"
    ANSWERED = "answered"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    RELEASED = "released"
    RECALLED = "recalled"
    JOB_FAILED = "job_failed"


OF_STEPS: Final = {
    State.RETURNED: NoticeKind.RETURNED,
    State.APPROVED: NoticeKind.APPROVED,
    State.REJECTED: NoticeKind.REJECTED,
    State.RELEASED: NoticeKind.RELEASED,
    State.RECALLED: NoticeKind.RECALLED,
}
"""Steps of which the author of a request hears."""


def said(kind: NoticeKind, request: int) -> Text:
    """Return what a message says of a request.

    >>> str(said(NoticeKind.WAITING, 7))
    'Request 7 waits for review.'
    """
    number = str(request)
    return {
        NoticeKind.WAITING: text("Request {number} waits for review.", number=number),
        NoticeKind.ANSWERED: text("The questions about request {number} are answered.", number=number),
        NoticeKind.RETURNED: text("Request {number} comes back with questions.", number=number),
        NoticeKind.APPROVED: text("Request {number} is approved.", number=number),
        NoticeKind.REJECTED: text("Request {number} is rejected.", number=number),
        NoticeKind.RELEASED: text("Request {number} is released.", number=number),
        NoticeKind.RECALLED: text("The release of request {number} is recalled.", number=number),
        NoticeKind.JOB_FAILED: text("Request {number} could not be tabulated completely.", number=number),
    }[kind]
