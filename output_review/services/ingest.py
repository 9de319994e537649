"""Ingest: from a folder in the outbox, which is untrusted, to rows and stored bytes.

Everything is copied into the content store first and looked at there. What does not follow the contract is refused as
a whole, with the reason in the team's inbox; the folder is never taken twice. A submission may revise a request that
was returned: then it becomes the next revision of that one, or is refused and changes nothing of it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.errors import DatakampError, DocumentError, PolicyError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.incidents import is_closed
from disclosure.exchange.submission import CLAIMS, CODE, FILE, MAXIMUM_BYTES, Submission, submission_from_bytes
from disclosure.policy import policy_asked
from disclosure.texts import text
from output_review.domain.states import Actor, State
from output_review.services.kept_words import keep_reason, words_of_error
from output_review.services.records import check_records
from output_review.services.review_rules import log_rules
from output_review.services.revising import revise
from output_review.services.settling import check_code, check_outputs
from output_review.services.shown_code import source_cells
from output_review.services.telling import tell, tell_all, tell_taken
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

__all__ = ["Ingested", "ingest", "tell", "tell_all"]

MAXIMUM_FILES = 200
FIRST_FOREIGN: Final = 900_000_001
"""The number of the first request that is taken in from another program: teams number theirs from 1."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Ingested:
    """What became of one folder of the outbox."""

    request: int
    team: str
    number: int
    refused: str


def ingest(zone: ControlZone) -> tuple[Ingested, ...]:
    """Take in every submission in the outbox that was not taken in before, in order of team and number.

    Of a camp that is closed there is no outbox any more, and nothing to take in.
    """
    from output_review.models import HandedInRow

    done: list[Ingested] = []
    if is_closed(zone.camp.folder):
        return ()
    with zone.lock():
        for team in zone.camp.teams:
            outbox = zone.camp.outbox(team.name)
            numbers = _numbers(os.listdir(outbox))
            known = set(HandedInRow.objects.filter(team=team.name).values_list("number", flat=True))
            if known.issuperset(numbers):
                continue
            log_rules(zone)  # under which this is judged and, if it is records, let in
            done += [_take_in(zone, team.name, one, outbox / str(one)) for one in numbers if one not in known]
    return tuple(done)


def _numbers(names: list[str]) -> list[int]:
    """Return what a team may number a request by, in order; a folder of any other name is none.

    A number has one name only: two folders for one number, or one that no database holds, would stop every team's.
    """
    return sorted(number for number in map(int, filter(_NUMBER.fullmatch, names)) if number < FIRST_FOREIGN)


def _take_in(zone: ControlZone, team: str, number: int, folder: Path) -> Ingested:
    """Take in one folder: what is read is stored before, and what comes of it is one transaction."""
    from django.db import transaction

    submission: Submission | None = None
    stored: dict[str, str] = {}
    try:
        stored = _stored(zone, folder)
        submission = _read(zone, stored, team, number)
        # A text is stored as an object of its own: what is scanned, shown and signed are these bytes.
        texts = {one.name: zone.store.put(canonical_json(one.to_document())) for one in submission.texts}
        with transaction.atomic():
            row = _entered(zone, submission, stored, _outputs(submission, stored, texts))
    except DatakampError as error:
        row = _refused(zone, team, number, error, submission, stored)
        tell(zone, team, number, State.REFUSED, row.reason)
        return Ingested(row.pk, team, number, row.reason)
    if submission.revises is not None:
        tell_taken(zone, row, number, row.revision)
    tell(zone, team, row.number, State.SUBMITTED, "")
    return Ingested(row.pk, team, number, "")


def _entered(zone: ControlZone, submission: Submission, stored: dict[str, str], outputs: list[OutputRow]) -> RequestRow:
    """Return the request that a submission makes or revises, at the revision that it is; within a transaction."""
    from output_review.services.jobs import enqueue

    if submission.revises is None:
        row = _request(zone, submission.team, submission.number, submission, stored)
        for output in outputs:
            output.request, output.revision = row, row.revision
            output.save(force_insert=True)
    else:
        row = revise(zone, submission, outputs, submission=stored[FILE], code=_code(submission, stored))
        _hand_in(row, submission.team, submission.number)
    enqueue(zone, row)
    return row


def _refused(
    zone: ControlZone,
    team: str,
    number: int,
    error: DatakampError,
    submission: Submission | None,
    stored: dict[str, str],
) -> RequestRow:
    """Return a request that says why a folder was refused, a revision's too: the request it revises stays as it was."""
    from django.db import transaction

    with transaction.atomic():
        row = _request(zone, team, number, submission, stored)
        zone.move(row, State.REFUSED, Actor.GATE, "gate", reason=type(error).__name__)
        keep_reason(row, words_of_error(error))
        row.save(update_fields=["reason", "reason_words"])
    return row


def _stored(zone: ControlZone, folder: Path) -> dict[str, str]:
    """Return the digest of each file of a submission, by its place in the folder, once all are in the store."""
    stored: dict[str, str] = {}
    for place in ("", CODE, CLAIMS):
        here = folder / place
        status = here.lstat() if os.path.lexists(here) else None
        if status is None or not stat.S_ISDIR(status.st_mode):
            raise DocumentError(
                text("The submission has no folder '{name}'.", name=place)
                if place
                else text("The submission is no folder.")
            )
        for name in sorted(os.listdir(here)):
            inside = f"{place}/{name}" if place else name
            if inside in (CODE, CLAIMS):
                continue
            if inside != FILE and not place:
                raise DocumentError(text("The submission holds something besides submission.json, code and claims."))
            if len(stored) >= MAXIMUM_FILES:
                raise DocumentError(text("The submission has more than {most} files.", most=MAXIMUM_FILES))
            stored[inside] = zone.store.take(here / name)
    return stored


def _read(zone: ControlZone, stored: dict[str, str], team: str, number: int) -> Submission:
    if FILE not in stored:
        raise DocumentError(text("The submission has no submission.json."))
    data = zone.store.get(stored[FILE])
    if len(data) > MAXIMUM_BYTES:
        raise DocumentError(text("submission.json is too large."))
    submission = submission_from_bytes(data)
    if (submission.camp, submission.team, submission.number) != (zone.camp.name, team, number):
        raise DocumentError(text("The submission is of another camp, team or number than the folder it lies in."))
    if {name for name in stored if name.startswith(f"{CODE}/")} != {f"{CODE}/{name}" for name in submission.code}:
        raise DocumentError(text("The submission's code is not exactly the files that it names."))
    claims = {f"{CLAIMS}/{output.name}.json" for output in submission.outputs}
    if not {name for name in stored if name.startswith(f"{CLAIMS}/")} <= claims:
        raise DocumentError(text("The submission claims something of an output that it does not have."))
    check_outputs(zone, len(submission.outputs) + len(submission.texts))
    check_code(cell for name, one in _code(submission, stored) for cell in source_cells(name, zone.store.get(one)))
    for written in submission.texts:
        check_records(zone, written)
    for output in submission.outputs:
        try:
            policy_asked(output.recipe.policy, zone.policy)
        except PolicyError as error:
            raise DocumentError(
                text("The output '{name}' was made under another policy than the camp's.", name=output.name),
                hint=str(error),
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
        code=[] if submission is None else _code(submission, stored),
        parameters={} if submission is None else dict(submission.parameters),
    )
    zone.log("broker", "submitted", {"request": str(row.pk), "team": team, "number": number})
    _hand_in(row, team, number)
    return row


def _code(submission: Submission, stored: dict[str, str]) -> list[list[str]]:
    return [[name, stored[f"{CODE}/{name}"]] for name in submission.code]


def _hand_in(row: RequestRow, team: str, number: int) -> None:
    """Note that a folder was taken in, and what this revision is made with."""
    from output_review.models import HandedInRow

    HandedInRow.objects.create(
        request=row,
        revision=row.revision,
        team=team,
        number=number,
        submission=row.submission,
        code=row.code,
        parameters=row.parameters,
    )


def _outputs(submission: Submission, stored: dict[str, str], texts: dict[str, str]) -> list[OutputRow]:
    """Return the rows of a submission's outputs, of no request yet."""
    from output_review.models import OutputRow

    written = [
        OutputRow(
            name=text.name,
            title=text.title,
            population=text.population,
            differs=text.differs,
            written=texts[text.name],
        )
        for text in submission.texts
    ]
    tables = [
        OutputRow(
            name=output.name,
            title=output.title,
            population=output.population,
            differs=output.differs,
            recipe=output.recipe.to_json(),
            figure="" if output.figure is None else canonical_json(output.figure.to_document()).decode(),
            derived="" if output.derived is None else canonical_json(output.derived.to_document()).decode(),
            claim=stored.get(f"{CLAIMS}/{output.name}.json", ""),
        )
        for output in submission.outputs
    ]
    return [*written, *tables]
