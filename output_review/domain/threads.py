"""Who reads a comment."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """Whom a comment is for."""

    EVERYONE = "everyone"
    """The team and the reviewers."""
    REVIEWERS = "reviewers"
    """A private note: reviewers and auditors."""
