"""Ingest: from a folder in the outbox, which is untrusted, to rows and stored bytes.

Everything is copied into the content store first and looked at there. What does not follow the contract is refused as
a whole, with the reason in the team's inbox; the folder is never taken twice.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import DatakampError, DocumentError, PolicyError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import write_atomically
from disclosure.exchange.submission import CLAIMS, CODE, FILE, MAXIMUM_BYTES, Submission, submission_from_bytes
from disclosure.policy import policy_asked
from output_review.domain.states import Actor, State
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import RequestRow

MAXIMUM_FILES = 200


@dataclass(frozen=True)
class Ingested:
    """What became of one folder of the outbox."""

    request: int
    team: str
    number: int
    refused: str


def ingest(zone: ControlZone) -> tuple[Ingested, ...]:
    """Take in every submission in the outbox that was not taken in before, in order of team and number."""
    from output_review.models import RequestRow

    done = []
    with zone.lock():
        for team in zone.camp.teams:
            outbox = zone.camp.outbox(team.name)
            numbers = sorted(int(name) for name in os.listdir(outbox) if name.isascii() and name.isdigit())
            for number in numbers:
                if not RequestRow.objects.filter(team=team.name, number=number).exists():
                    done.append(_take_in(zone, team.name, number, outbox / str(number)))
    return tuple(done)


def _take_in(zone: ControlZone, team: str, number: int, folder: Path) -> Ingested:
    from django.db import transaction

    try:
        stored = _stored(zone, folder)
        submission = _read(zone, stored, team, number)
        # A text is stored as an object of its own: what is scanned, shown and signed are these bytes.
        texts = {one.name: zone.store.put(canonical_json(one.to_document())) for one in submission.texts}
    except DatakampError as error:
        with transaction.atomic():
            row = _request(zone, team, number, None, {})
            zone.move(row, State.REFUSED, Actor.GATE, "gate", reason=type(error).__name__)
            row.reason = str(error)
            row.save(update_fields=["reason"])
        tell(zone, team, number, State.REFUSED, str(error))
        return Ingested(row.pk, team, number, str(error))
    with transaction.atomic():
        row = _request(zone, team, number, submission, stored)
        _outputs(row.pk, submission, stored, texts)
    tell(zone, team, number, State.SUBMITTED, "")
    return Ingested(row.pk, team, number, "")


def _stored(zone: ControlZone, folder: Path) -> dict[str, str]:
    """Return the digest of each file of a submission, by its place in the folder, once all are in the store."""
    stored: dict[str, str] = {}
    for place in ("", CODE, CLAIMS):
        here = folder / place
        status = here.lstat() if os.path.lexists(here) else None
        if status is None or not stat.S_ISDIR(status.st_mode):
            raise DocumentError(f"The submission has no folder '{place}'." if place else "The submission is no folder.")
        for name in sorted(os.listdir(here)):
            inside = f"{place}/{name}" if place else name
            if inside in (CODE, CLAIMS):
                continue
            if inside != FILE and not place:
                raise DocumentError("The submission holds something besides submission.json, code and claims.")
            if len(stored) >= MAXIMUM_FILES:
                raise DocumentError(f"The submission has more than {MAXIMUM_FILES} files.")
            stored[inside] = zone.store.take(here / name)
    return stored


def _read(zone: ControlZone, stored: dict[str, str], team: str, number: int) -> Submission:
    if FILE not in stored:
        raise DocumentError("The submission has no submission.json.")
    data = zone.store.get(stored[FILE])
    if len(data) > MAXIMUM_BYTES:
        raise DocumentError("submission.json is too large.")
    submission = submission_from_bytes(data)
    if (submission.camp, submission.team, submission.number) != (zone.camp.name, team, number):
        raise DocumentError("The submission is of another camp, team or number than the folder it lies in.")
    if {name for name in stored if name.startswith(f"{CODE}/")} != {f"{CODE}/{name}" for name in submission.code}:
        raise DocumentError("The submission's code is not exactly the files that it names.")
    claims = {f"{CLAIMS}/{output.name}.json" for output in submission.outputs}
    if not {name for name in stored if name.startswith(f"{CLAIMS}/")} <= claims:
        raise DocumentError("The submission claims something of an output that it does not have.")
    for output in submission.outputs:
        try:
            policy_asked(output.recipe.policy, zone.policy)
        except PolicyError as error:
            raise DocumentError(
                f"The output '{output.name}' was made under another policy than the camp's.", hint=str(error)
            ) from None
    return submission


def _request(
    zone: ControlZone, team: str, number: int, submission: Submission | None, stored: dict[str, str]
) -> RequestRow:
    from output_review.models import RequestRow

    row = RequestRow.objects.create(
        team=team,
        number=number,
        author="" if submission is None else submission.author,
        title="" if submission is None else submission.title,
        purpose="" if submission is None else submission.purpose,
        state=State.SUBMITTED.value,
        received=zone.clock(),
        submission=stored.get(FILE, ""),
        code=[] if submission is None else [[name, stored[f"{CODE}/{name}"]] for name in submission.code],
        parameters={} if submission is None else dict(submission.parameters),
    )
    zone.log("broker", "submitted", {"request": str(row.pk), "team": team, "number": number})
    return row


def _outputs(request: int, submission: Submission, stored: dict[str, str], texts: dict[str, str]) -> None:
    from output_review.models import OutputRow

    for text in submission.texts:
        OutputRow.objects.create(
            request_id=request,
            revision=1,
            name=text.name,
            title=text.title,
            population=text.population,
            differs=text.differs,
            written=texts[text.name],
        )
    for output in submission.outputs:
        OutputRow.objects.create(
            request_id=request,
            revision=1,
            name=output.name,
            title=output.title,
            population=output.population,
            differs=output.differs,
            recipe=output.recipe.to_json(),
            figure="" if output.figure is None else canonical_json(output.figure.to_document()).decode(),
            derived="" if output.derived is None else canonical_json(output.derived.to_document()).decode(),
            claim=stored.get(f"{CLAIMS}/{output.name}.json", ""),
        )


def tell(zone: ControlZone, team: str, number: int, state: State, reason: str) -> None:
    """Write where a request stands into the team's inbox, unless it says so already."""
    feedback = canonical_json({"version": 1, "number": number, "state": state.value, "reason": reason}) + b"\n"
    path = zone.camp.inbox(team) / f"{number}.json"
    if not path.is_file() or path.read_bytes() != feedback:
        write_atomically(path, feedback)


def tell_all(zone: ControlZone) -> None:
    """Bring the inboxes up to date: a process may have been killed between a step and the word of it."""
    from output_review.models import RequestRow

    for row in RequestRow.objects.order_by("pk"):
        tell(zone, row.team, row.number, State(row.state), row.reason)
