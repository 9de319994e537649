"""Who looked at what: rows that only accumulate. What was shown and could not be written down is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from output_review.models import AccessRow, RequestRow
    from output_review.services.zone import ControlZone

_WHAT, _OUTPUT = 40, 63


class Reader(Protocol):
    """Who looks, as `output_review.web.seat.Seat` is."""

    @property
    def zone(self) -> ControlZone: ...

    @property
    def name(self) -> str: ...


def record_read(
    seat: Reader,
    what: str,
    row: RequestRow | None = None,
    output: str = "",
    *,
    revision: int | None = None,
    refused: bool = False,
) -> AccessRow:
    """Add a row: this person was shown something, or asked for what they may not.

    Args:
        what: the name of the view.
        row: the request that it was of, if it was of one.
        output: the output's name; empty for none.
        revision: which revision of the request; None for the current one.

    Raises:
        PermissionDenied: nobody sits here.
    """
    from output_review.models import AccessRow

    current = 0 if row is None else row.revision
    return AccessRow.objects.create(
        person=seat.name,
        what=what[:_WHAT],
        refused=refused,
        request=row,
        revision=current if revision is None else revision,
        output=output[:_OUTPUT],
        at=seat.zone.clock(),
    )


OPENS: Final = "output"
"""The view that shows an output; who was shown it has opened the output."""


def opened_by(row: RequestRow, reviewer: str) -> set[str]:
    """Return the names of the outputs that a reviewer has opened at the request's current revision."""
    from output_review.models import AccessRow

    shown = AccessRow.objects.filter(
        person=reviewer, what=OPENS, request=row, revision=row.revision, refused=False
    ).exclude(output="")
    return set(shown.values_list("output", flat=True))
