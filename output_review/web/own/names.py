"""What states are called to the team whose requests they are, and the sign that goes with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from disclosure.texts import Text, text
from output_review.domain.states import State
from output_review.domain.votes import Outcome


@dataclass(frozen=True)
class Named:
    """A word with its sign; `kind` is what the style calls it. A sign or a colour is never alone."""

    kind: str
    sign: str
    words: Text


STATES: Final[Mapping[State, Named]] = MappingProxyType(
    {
        State.DRAFT: Named("closed", "✎", text("Draft")),
        State.SUBMITTED: Named("waits", "●", text("Handed in, waits for reviewers")),
        State.REFUSED: Named("unsafe", "✕", text("Refused: see why, and hand in anew")),
        State.IN_REVIEW: Named("waits", "◐", text("In review")),
        State.RETURNED: Named("asks", "?", text("Returned: your answer is waited for")),
        State.APPROVED: Named("safe", "✓", text("Approved, leaves with the next release")),
        State.REJECTED: Named("unsafe", "✕", text("Rejected")),
        State.RELEASED: Named("safe", "✓", text("Released")),
        State.RECALLED: Named("unsafe", "↶", text("Recalled: do not use what was released")),
        State.WITHDRAWN: Named("closed", "–", text("Withdrawn by your team")),
    }
)
OUTCOMES: Final[Mapping[Outcome, Named]] = MappingProxyType(
    {
        Outcome.APPROVED: Named("safe", "✓", text("Approved")),
        Outcome.REJECTED: Named("unsafe", "✕", text("Rejected: it does not leave")),
    }
)
ASKED: Final = Named("asks", "?", text("Something is asked"))
ANSWERED: Final = Named("safe", "✓", text("Answered"))
NOTHING_ASKED: Final = Named("closed", "–", text("Nothing is asked"))
