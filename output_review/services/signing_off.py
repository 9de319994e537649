"""Signing off: a reviewer's own key, on the reviewer's own machine, over exactly what would leave."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from disclosure.errors import IntegrityError, StateError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.incidents import require_running
from disclosure.model.verdicts import Level, Status
from disclosure.render.derived import SCHEMA as DERIVED
from disclosure.render.json import SCHEMA as TABLE
from output_review.domain.permissions import reviewer_of
from output_review.domain.states import Actor, State
from output_review.domain.votes import Outcome, overruled
from output_review.services.ingest import tell
from output_review.services.judging import confirmed
from output_review.services.rendering import confirmed_text, drawn_from
from output_review.services.reviewing import current_outputs, outcomes, votes_on
from output_review.services.zone import ControlZone
from output_review.signing.commitments import commit
from output_review.signing.envelopes import Envelope, PayloadType, sign, verify
from output_review.signing.fields import moment_text
from output_review.signing.keys import KeyRole, SigningKey
from output_review.signing.quorum import (
    MOST_LIGHT_TABLES,
    Subject,
    check_quorum,
    check_sign_off,
    quorum_needed,
)
from output_review.signing.signoff import ApprovedOutput, Decision, SignedFile, SignOff, WithheldOutput

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

SIGNED = "sign_off"
"""The log's entry of a signature; it names the digest of the statement."""


def approved_output(zone: ControlZone, output: OutputRow) -> ApprovedOutput:
    """Return what would leave of an output.

    Its stored bytes are hashed again here, and verdict and level made again from its evidence.

    Raises:
        IntegrityError: something is not what was tabulated.
    """
    if output.written:
        confirmed_text(zone, output)
    else:
        confirmed(zone, output)
    for stored in output.files.values():
        zone.store.get(stored)
    files = tuple(SignedFile(name, stored) for name, stored in sorted(output.files.items()))
    return ApprovedOutput(output.name, output.title, Status(output.verdict), Level(output.level), files)


def statement(zone: ControlZone, row: RequestRow, reviewer: str) -> SignOff:
    """Return what a reviewer would sign: own decisions on every output of the current revision.

    Raises:
        StateError: the request is not in review, or the reviewer has not voted on every output.
        PermissionRefusedError: this person may not decide on this team's requests.
    """
    reviewer_of(zone.manifest, reviewer, row.team)
    if State(row.state) is not State.IN_REVIEW:
        raise StateError(f"The request is {row.state}, so there is nothing to sign.")
    approved, withheld = [], []
    for output in current_outputs(row):
        if reviewer in overruled(votes_on(output)):
            raise StateError(
                f"A dissent on '{output.name}' was resolved against your vote, so your signature would not count.",
                hint="Vote on it again if you agree by now; otherwise the others sign.",
            )
        own = output.votes.filter(reviewer=reviewer).first()
        if own is None:
            raise StateError(f"You have not voted on '{output.name}'.", hint="Vote first: datakamp review vote")
        if own.decision == Decision.APPROVE.value:
            approved.append(approved_output(zone, output))
        else:
            label = f"output/{row.pk}/{output.revision}/{output.name}"
            kept = digest(canonical_json({"result": output.result, "recipe": output.recipe, "written": output.written}))
            withheld.append(WithheldOutput(Decision(own.decision), commit(zone.salt, label, kept)))
    check_drawn(row, {one.name for one in approved})
    return SignOff(
        camp=zone.camp.name,
        team=row.team,
        request=str(row.pk),
        revision=row.revision,
        reviewer=reviewer,
        time=moment_text(zone.clock()),
        manifest=zone.manifest_envelope.digest,
        policy=zone.manifest.policy.commitment,
        ledger=zone.ledger_commitment(),
        approved=tuple(approved),
        withheld=tuple(sorted(withheld, key=lambda one: one.commitment)),
    )


def sign_off(zone: ControlZone, row: RequestRow, signed: SignOff, key: SigningKey) -> State:
    """Sign a statement, keep it, and approve the request if that completes the quorum.

    Returns:
        the state of the request afterwards.

    Raises:
        IntegrityError: the key is not this reviewer's in the manifest.
        StateError: the statement is not of what the request is now, or is signed already.
    """
    granted = zone.manifest.granted(KeyRole.REVIEWER, at=zone.sequence(), holder=signed.reviewer)
    if key.public not in granted:
        raise IntegrityError(f"This is not the key of '{signed.reviewer}' in the manifest.", hint="Use your own key.")
    return keep_sign_off(zone, row, sign(signed.to_document(), PayloadType.SIGN_OFF, key))


def keep_sign_off(zone: ControlZone, row: RequestRow, envelope: Envelope) -> State:
    """Keep a statement that was signed, here or elsewhere, and approve the request if that completes the quorum.

    Returns:
        the state of the request afterwards.

    Raises:
        IntegrityError: the signature does not hold, or is not by the reviewer whom it names.
        StateError: the statement is not of what the request is now, or was kept already.
        FrozenError: the camp is stopped.
    """
    from output_review.models import SignOffRow

    require_running(zone.camp.folder)
    keys = zone.manifest.granted(KeyRole.REVIEWER, at=zone.sequence())
    signed = SignOff.from_document(verify(envelope, PayloadType.SIGN_OFF, keys))
    with zone.held(row):
        now = statement(zone, row, signed.reviewer)
        if (now.approved, now.withheld, now.revision) != (signed.approved, signed.withheld, signed.revision):
            raise StateError("The outputs changed while you were signing.", hint="Look at them again.")
        if row.sign_offs.filter(revision=row.revision, reviewer=signed.reviewer).exists():
            raise StateError("You have signed this revision already.")
        check_sign_off(envelope, zone.manifest, subject(zone, row, signed.approved), sequence=zone.sequence())
        SignOffRow.objects.create(
            request=row, revision=row.revision, reviewer=signed.reviewer, envelope=envelope.to_document()
        )
        zone.log(signed.reviewer, SIGNED, {"request": str(row.pk), "statement": envelope.digest})
        if _complete(zone, row):
            zone.move(row, State.APPROVED, Actor.REVIEWER, signed.reviewer)
    if State(row.state) is State.APPROVED:
        tell(zone, row.team, row.number, State.APPROVED, "")
    return State(row.state)


def subject(zone: ControlZone, row: RequestRow, outputs: tuple[ApprovedOutput, ...]) -> Subject:
    """Return what sign-offs of this request must be about."""
    about = Subject(zone.camp.name, row.team, str(row.pk), row.revision, zone.manifest_envelope.digest, outputs)
    withheld = len(current_outputs(row)) - len(outputs)
    return replace(about, cells=_cells_shown(zone, outputs), withheld=withheld)


def _cells_shown(zone: ControlZone, outputs: tuple[ApprovedOutput, ...]) -> int | None:
    """Return how many cells the tables that would leave show together, by their files; None if one is no table."""
    if zone.manifest.quorum.light is None or len(outputs) > MOST_LIGHT_TABLES:
        return None  # nobody asks
    total = 0
    for output in outputs:
        stored = {file.file: file.digest for file in output.files}.get(f"{output.name}.json")
        found = None if stored is None else json.loads(zone.store.get(stored))
        cells = found.get("cells") if isinstance(found, dict) else None
        if not isinstance(found, dict) or found.get("schema") not in (TABLE, DERIVED) or not isinstance(cells, list):
            return None
        total += len(cells)
    return total


def to_release(zone: ControlZone, row: RequestRow) -> tuple[ApprovedOutput, ...]:
    """Return what would leave of the outputs that the votes approve, in order of their names."""
    outputs = tuple(approved_output(zone, output) for output in chosen(zone, row))
    check_drawn(row, {one.name for one in outputs})
    return outputs


def check_drawn(row: RequestRow, approved: Collection[str]) -> None:
    """Refuse what is drawn or computed from outputs which are not approved themselves.

    Raises:
        StateError: such an output is approved.
    """
    for output in current_outputs(row):
        lacking = sorted(set(drawn_from(output)) - set(approved)) if output.name in approved else []
        if lacking and output.derived:
            raise StateError(
                f"'{output.name}' is computed from {', '.join(lacking)}, which is not approved.",
                hint="Approve it with the tables that it is computed from, or leave it out.",
            )
        if lacking:
            raise StateError(
                f"The figure of '{output.name}' shows {', '.join(lacking)} too, which is not approved.",
                hint="Approve all outputs that a box plot is drawn from, or none of them.",
            )


def chosen(zone: ControlZone, row: RequestRow) -> list[OutputRow]:
    """Return the outputs that the votes approve, in order of their names."""
    decided = outcomes(zone, row)
    return [output for output in current_outputs(row) if decided[output.name] is Outcome.APPROVED]


def sign_offs(row: RequestRow) -> tuple[Envelope, ...]:
    """Return the sign-offs of the current revision that count, in order of the reviewers' names.

    One by a reviewer against whose vote a dissent was resolved approves something else than what leaves.
    """
    against = {name for output in current_outputs(row) for name in overruled(votes_on(output))}
    kept = row.sign_offs.filter(revision=row.revision).order_by("reviewer")
    return tuple(Envelope.from_document(one.envelope) for one in kept if one.reviewer not in against)


def _complete(zone: ControlZone, row: RequestRow) -> bool:
    """Tell whether every output is decided without dissent and the quorum has signed what is approved."""
    decided = outcomes(zone, row)
    if not set(decided.values()) <= {Outcome.APPROVED, Outcome.REJECTED}:
        return False
    outputs, envelopes = to_release(zone, row), sign_offs(row)
    about = subject(zone, row, outputs)
    if not outputs or len(envelopes) < quorum_needed(zone.manifest, about):
        return False
    check_quorum(envelopes, zone.manifest, about, sequence=zone.sequence())
    return True
