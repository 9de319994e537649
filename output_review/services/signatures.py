"""How many reviewers must sign a request: as many as what they sign takes; a reader is told what they may know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from disclosure.errors import DocumentError
from disclosure.model.verdicts import Level, Status
from output_review.domain.votes import Outcome
from output_review.services.reviewing import current_outputs, is_blind, outcomes
from output_review.services.signing_off import subject
from output_review.services.zone import ControlZone
from output_review.signing.quorum import quorum_needed
from output_review.signing.signoff import ApprovedOutput, Decision, SignedFile

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow


def signatures_needed(zone: ControlZone, row: RequestRow, reader: str | None = None) -> int:
    """Return how many must sign the current revision.

    It follows from what is signed already and from what the votes approve; where that is nothing yet, from all that
    could leave.

    Args:
        reader: whom it is told. While they do not see how others vote, only their own votes count for it.
    """
    outputs = current_outputs(row)
    if reader is not None and any(is_blind(zone, output) for output in outputs):
        parts = [[output for output in outputs if output.files and _own(output, reader) in (None, Decision.APPROVE)]]
    else:
        parts = list(_signed_or_decided(zone, row, outputs))
    found = [part for part in parts if part] or [[output for output in outputs if output.files]]
    try:
        return max(quorum_needed(zone.manifest, subject(zone, row, _would_leave(part))) for part in found)
    except DocumentError:
        return zone.manifest.quorum.exception  # one of them cannot be signed as it is; nothing takes more than this


def _signed_or_decided(zone: ControlZone, row: RequestRow, outputs: list[OutputRow]) -> Iterator[list[OutputRow]]:
    """Yield what each sign-off approves, and what the votes do; of who has signed, the votes stand."""
    for name in row.sign_offs.filter(revision=row.revision).values_list("reviewer", flat=True):
        yield [output for output in outputs if _own(output, name) is Decision.APPROVE]
    decided = outcomes(zone, row)
    yield [output for output in outputs if decided[output.name] is Outcome.APPROVED]


def _own(output: OutputRow, reviewer: str) -> Decision | None:
    return next((Decision(one.decision) for one in output.votes.all() if one.reviewer == reviewer), None)


def _would_leave(outputs: list[OutputRow]) -> tuple[ApprovedOutput, ...]:
    """Return outputs as a sign-off names them; what is stored is hashed again when somebody signs, not here."""
    return tuple(
        ApprovedOutput(
            one.name, one.title, Status(one.verdict), Level(one.level),
            tuple(SignedFile(name, stored) for name, stored in sorted(one.files.items())),
        )
        for one in outputs
    )  # fmt: skip
