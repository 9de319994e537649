"""What each revision of a request was made with: the folder of the outbox that it came from, or the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from output_review.models import HandedInRow, RequestRow


def made_with(row: RequestRow, revision: int) -> HandedInRow | None:
    """Return the folder that a revision was made with: its own, or that of the newest one before it that has one."""
    return row.handed_in.filter(revision__lte=revision).order_by("-revision").first()


def code_of(row: RequestRow, revision: int) -> list[list[str]]:
    """Return name and digest of each notebook and script of a revision, in the order in which they run."""
    found = made_with(row, revision)
    return [] if found is None else list(found.code)
