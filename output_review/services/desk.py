"""A reviewer's desk, where zones are separated: what there is to sign is laid out, what was signed is taken in.

The control zone writes the statement and the files that it names into the reviewer's folder. The reviewer signs there,
under an account that reaches neither database nor store, with a key that only this account reads. A signature is
taken in by the checks that one made in the control zone has to pass; each counts once, also after a release failed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import DatakampError, IntegrityError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.zones import SIGNED, desk
from output_review.domain.states import State
from output_review.domain.votes import overruled
from output_review.services.desk_folders import clear, clear_all, desk_holders
from output_review.services.reviewing import current_outputs, votes_on
from output_review.services.signing_off import SIGNED as ENTRY
from output_review.services.signing_off import keep_sign_off, statement
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import Envelope, PayloadType, sign
from output_review.signing.keys import SigningKey
from output_review.signing.signoff import SignOff
from output_review.store.content import DEFAULT_LIMIT

if TYPE_CHECKING:
    from output_review.models import RequestRow

__all__ = ["clear", "clear_all", "collect", "files_of", "laid_out", "lay_out", "sign_at_desk"]

STATEMENT, FILES = "statement.json", "files"
_LARGEST = 16 << 20
_SIGNED = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})\.json")


def lay_out(zone: ControlZone) -> tuple[str, ...]:
    """Lay out what reviewers have voted on completely and not signed, unless it lies there.

    Returns:
        what cannot be laid out: a reviewer who came in while the camp runs has no desk before root makes one.
    """
    from output_review.models import RequestRow

    problems = []
    for row in RequestRow.objects.filter(state=State.IN_REVIEW.value).order_by("pk"):
        for reviewer in desk_holders(zone):
            place = desk(zone.camp, reviewer)
            if (place / str(row.pk)).exists() or not _ready(row, reviewer):
                continue
            if (place / SIGNED).is_dir():
                _lay(zone, row, reviewer)
            else:
                problems.append(
                    f"Request {row.pk} cannot be laid out for {reviewer}, who has no desk yet. "
                    "Root makes it: datakamp camp users"
                )
    return tuple(problems)


def collect(zone: ControlZone) -> tuple[str, ...]:
    """Take in what reviewers have signed, and return what was not taken in and why.

    A signature that was taken in before is passed over: what became of it is in the log.
    """
    known = _known()
    problems = []
    for reviewer in desk_holders(zone):
        folder = desk(zone.camp, reviewer) / SIGNED
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            match = _SIGNED.fullmatch(path.name)
            if match is None:
                continue
            try:
                if not _take(zone, path, reviewer, int(match[1]), known):
                    continue
            except DatakampError as error:
                problems.append(f"The signature of {reviewer} on request {match[1]} is not taken in: {error}")
            clear(zone, int(match[1]), reviewer)
    return tuple(problems)


def laid_out(camp: CampFile, reviewer: str, request: int) -> SignOff:
    """Return what lies on a desk to be signed, once its files are found to be those that it names.

    Raises:
        StateError: nothing lies there.
        IntegrityError: it is about something else, or a file is not the one that it names.
    """
    folder = desk(camp, reviewer) / str(request)
    if not folder.is_dir():
        raise StateError(
            f"Request {request} does not lie on the desk of '{reviewer}'.",
            hint="It is laid out after a vote on every output, by the next command of datakamp review.",
        )
    found = parse_json(read_regular(folder / STATEMENT, limit=_LARGEST), what="The statement")
    signed = SignOff.from_document(found)
    if (signed.camp, signed.reviewer, signed.request) != (camp.name, reviewer, str(request)):
        raise IntegrityError("What lies on the desk is about something else.", hint="Call an auditor.")
    for output in signed.approved:
        for file in output.files:
            if digest(read_regular(folder / FILES / file.file, limit=DEFAULT_LIMIT)) != file.digest:
                raise IntegrityError(f"'{file.file}' on the desk is not what would leave.", hint="Call an auditor.")
    return signed


def sign_at_desk(camp: CampFile, signed: SignOff, key: SigningKey) -> Path:
    """Sign a statement and leave it for the control zone; return the file."""
    envelope = sign(signed.to_document(), PayloadType.SIGN_OFF, key)
    path = desk(camp, signed.reviewer) / SIGNED / f"{signed.request}-{signed.revision}.json"
    write_atomically(path, canonical_json(envelope.to_document()))
    return path


def files_of(camp: CampFile, reviewer: str, request: int) -> Path:
    """Return the folder with the files that a statement names."""
    return desk(camp, reviewer) / str(request) / FILES


def _lay(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    signed = statement(zone, row, reviewer)
    place = desk(zone.camp, reviewer)
    aside = place / f".{row.pk}"
    if aside.exists():
        shutil.rmtree(aside)
    (aside / FILES).mkdir(parents=True)
    for output in signed.approved:
        for file in output.files:
            write_atomically(aside / FILES / file.file, zone.store.get(file.digest))
    write_atomically(aside / STATEMENT, canonical_json(signed.to_document()))
    aside.rename(place / str(row.pk))


def _take(zone: ControlZone, path: Path, reviewer: str, request: int, known: set[str]) -> bool:
    """Take in one signature; False if it was before."""
    document = parse_json(read_regular(path, limit=_LARGEST), what="The signature")
    envelope = Envelope.from_document(document)
    if envelope.digest in known:
        return False
    named = SignOff.from_document(parse_json(envelope.payload, what="The signed statement"))
    if (named.reviewer, named.request) != (reviewer, str(request)):
        raise IntegrityError("It is about another request, or by another reviewer, than where it lies.")
    keep_sign_off(zone, zone.request(request), envelope)
    return True


def _known() -> set[str]:
    """Return the digests of the statements that were ever taken in."""
    from output_review.log.database import DatabaseLog

    return {str(one.payload.get("statement")) for one in DatabaseLog().read() if one.action == ENTRY}


def _ready(row: RequestRow, reviewer: str) -> bool:
    """Tell whether a reviewer has voted on every output, is overruled on none, and has not signed."""
    if row.sign_offs.filter(revision=row.revision, reviewer=reviewer).exists():
        return False
    outputs = current_outputs(row)
    if any(reviewer in overruled(votes_on(output)) for output in outputs):
        return False
    return all(output.votes.filter(reviewer=reviewer).exists() for output in outputs)
