"""Moving the deadline of a presentation in a camp that is open: the office's root signs it, and the log has it.

Nothing that was taken in changes sides behind anybody's back: a deadline or a presentation that is moved is moved to
a moment that is yet to come. What was reviewed and signed stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from disclosure.errors import StateError
from disclosure.exchange.canonical import canonical_json
from output_review.services.changing import require_newest, root_of
from output_review.services.deadline import (
    DEADLINE,
    MOVED,
    PRESENTED,
    SIGNED,
    deadline_facts,
    deadline_in_force,
    move_document,
)
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import PayloadType, sign
from output_review.signing.fields import moment_text

_NONE: Final = {DEADLINE: "", PRESENTED: ""}


def next_deadline(zone: ControlZone) -> tuple[dict[str, str], dict[str, str]]:
    """Return deadline and presentation that are in force, and those that camp.toml names; empty texts for none.

    Raises:
        IntegrityError: see `deadline_in_force`.
    """
    return deadline_in_force(zone)[0] or dict(_NONE), deadline_facts(zone.camp)


def move_deadline(zone: ControlZone) -> tuple[dict[str, str], dict[str, str]]:
    """Put deadline and presentation of camp.toml in force, signed by the root; return those from before, and them.

    Raises:
        StateError: camp.toml names those in force, or moves one to a moment that has passed.
        IntegrityError: the root key is not one of the manifest's, or more than one root must sign.
    """
    from django.db import transaction

    root = root_of(zone)
    with zone.lock(), transaction.atomic():
        require_newest(zone)
        before, after = next_deadline(zone)
        if before == after:
            raise StateError("camp.toml names the deadline and presentation in force.", hint="Change camp.toml first.")
        _require_to_come(before, after, moment_text(zone.clock()))
        signed = sign(move_document(zone, after, deadline_in_force(zone)[1] + 1), PayloadType.DEADLINE, root)
        envelope = canonical_json(signed.to_document()).decode("ascii")
        zone.log("organiser", MOVED, {**after, SIGNED: envelope})
    return before, after


def _require_to_come(before: Mapping[str, str], after: Mapping[str, str], now: str) -> None:
    # Moments are written alike, in UTC, so they compare as texts.
    if any(after[key] and after[key] != before[key] and after[key] <= now for key in (DEADLINE, PRESENTED)):
        raise StateError(
            "A deadline or presentation is moved to a moment that is yet to come.",
            hint="What came too late can leave by an exception: datakamp camp late.",
        )
