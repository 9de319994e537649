"""Who reads a comment, and when."""

from __future__ import annotations

from enum import StrEnum

from output_review.domain.states import LIVE, State


class Audience(StrEnum):
    """Whom a comment is for."""

    EVERYONE = "everyone"
    """The team and the reviewers."""
    REVIEWERS = "reviewers"
    """A private note: reviewers and auditors."""


def team_is_told(state: State) -> bool:
    """Tell whether a team is shown what reviewers say of the current revision: not while they are at it.

    >>> team_is_told(State.IN_REVIEW), team_is_told(State.RETURNED)
    (False, True)
    """
    return state not in LIVE
