"""A request that was returned with questions, for tests of its next revision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from output_review.domain.phrases import Phrase
from output_review.domain.votes import Reason, Vote
from output_review.services.claiming import claim
from output_review.services.commenting import comment
from output_review.services.ingest import ingest
from output_review.services.returning import return_request
from output_review.services.reviewing import vote
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from output_review.models import RequestRow

CHANGE = Vote("vera", Decision.REQUEST_CHANGES, Reason.CONTEXT_MISSING, "The population is not clear.")
FIRST, SECOND = "by-wijk", "more"
BODY = "Is everyone counted, or adults?"


def handed_in(camp: ZoneCamp, zone: ControlZone) -> RequestRow:
    """Hand in two outputs, take them in and tabulate them."""
    camp.hand_in({FIRST: camp.recipe(), SECOND: camp.recipe()})
    return taken_in(zone)


def taken_in(zone: ControlZone) -> RequestRow:
    """Take in what lies in the outbox, tabulate the last of it and return that."""
    row = zone.request(ingest(zone)[-1].request)
    tabulate(zone, row)
    row.refresh_from_db()
    return row


def returned(camp: ZoneCamp, zone: ControlZone) -> tuple[RequestRow, tuple[int, int]]:
    """Return a request of two outputs that was returned, and its two questions: one in words, one a phrase."""
    row = handed_in(camp, zone)
    questions = asked_again(zone, row)
    return row, questions


def asked_again(zone: ControlZone, row: RequestRow) -> tuple[int, int]:
    """Ask two questions about a request, return it, and return their numbers."""
    claim(zone, row, "vera")
    vote(zone, row, (FIRST, SECOND), CHANGE)
    one = comment(zone, row, "vera", output=FIRST, body=BODY)
    other = comment(zone, row, "vera", output=SECOND, phrase=Phrase.CONTEXT_MISSING.value)
    return_request(zone, row, "vera")
    row.refresh_from_db()
    return one.pk, other.pk


def told(camp: ZoneCamp, number: int = 1) -> dict[str, Any]:
    """Return what team-1 is told of one of its numbers."""
    document: dict[str, Any] = json.loads((camp.folder / "inbox" / "team-1" / f"{number}.json").read_bytes())
    return document


def again(camp: ZoneCamp, answers: Mapping[int, str], *, number: int = 2, revises: int = 1, **more: Any) -> None:
    """Lay a submission of the first output into the outbox that revises a request, with other code."""
    folder = camp.hand_in({FIRST: camp.recipe()}, number=number, revises=revises, answers=answers, **more)
    (folder / "code" / "case.py").write_text(f"print('hello again {number}')\n")
