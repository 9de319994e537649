"""The quorum: enough distinct reviewers, none of the team, have signed exactly these outputs of this revision.

A camp may say in its manifest that a light revision takes fewer: at most 5 tables and 200 cells, each safe and
tabulated by trusted code, and nothing of it withheld. The package shows all of that, so that it can be verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from disclosure.errors import IntegrityError, StateError
from output_review.signing.envelopes import Envelope, PayloadType, verify
from output_review.signing.keys import KeyRole
from output_review.signing.manifest import Manifest, PersonRole
from output_review.signing.signoff import ApprovedOutput, SignOff

MOST_LIGHT_TABLES: Final = 5
MOST_LIGHT_CELLS: Final = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """What the sign-offs must be about: a revision of a request, and the outputs that would leave.

    Args:
        cells: how many cells the released tables show together; None where not all of it is tables.
        withheld: how many outputs of the revision would stay inside.
    """

    camp: str
    team: str
    request: str
    revision: int
    manifest: str
    outputs: tuple[ApprovedOutput, ...]
    cells: int | None = None
    withheld: int = 0


def check_sign_off(envelope: Envelope, manifest: Manifest, subject: Subject, *, sequence: int) -> SignOff:
    """Return the sign-off in `envelope` if it counts for `subject` at log entry `sequence`.

    Raises:
        IntegrityError: the signature does not hold, or is by someone who may not sign this.
        StateError: it is about something else, for example an older revision or other bytes.
    """
    statement = SignOff.from_document(
        verify(envelope, PayloadType.SIGN_OFF, manifest.granted(KeyRole.REVIEWER, at=sequence))
    )
    # Whoever holds the key must be whom the statement names.
    verify(envelope, PayloadType.SIGN_OFF, manifest.granted(KeyRole.REVIEWER, at=sequence, holder=statement.reviewer))
    person = manifest.person(statement.reviewer)
    if person is None or PersonRole.REVIEWER not in person.roles:
        raise IntegrityError("A sign-off is by someone who is not a reviewer of this camp.")
    if subject.team in person.teams:
        raise IntegrityError(f"'{person.name}' belongs to the team.", hint="A reviewer of another team must sign.")
    about = (statement.camp, statement.team, statement.request, statement.revision)
    if about != (subject.camp, subject.team, subject.request, subject.revision):
        raise StateError("A sign-off is about another revision or another request.", hint="Sign the current revision.")
    if statement.manifest != subject.manifest or statement.policy != manifest.policy.commitment:
        raise StateError(
            "A sign-off was made under another manifest or policy.", hint="Sign again under the one in force."
        )
    if statement.approved != subject.outputs:
        raise StateError("A sign-off approves other outputs or other bytes.", hint="Sign what is rendered now.")
    return statement


def check_quorum(
    envelopes: Iterable[Envelope], manifest: Manifest, subject: Subject, *, sequence: int
) -> tuple[SignOff, ...]:
    """Return the sign-offs, in order of the reviewers' names, if they reach the quorum.

    Every envelope must count: one that does not is an error, never skipped.

    Raises:
        IntegrityError: see `check_sign_off`.
        StateError: too few distinct reviewers, or see `check_sign_off`.
    """
    statements = [check_sign_off(envelope, manifest, subject, sequence=sequence) for envelope in envelopes]
    reviewers = {statement.reviewer for statement in statements}
    if len(reviewers) != len(statements):
        raise StateError("A reviewer signed twice.", hint="Each reviewer counts once.")
    withheld = max((len(statement.withheld) for statement in statements), default=0)
    needed = quorum_needed(manifest, replace(subject, withheld=max(subject.withheld, withheld)))
    if not subject.outputs or len(reviewers) < needed:
        raise StateError(f"{len(reviewers)} of {needed} sign-offs were found.", hint="Another reviewer must sign.")
    return tuple(sorted(statements, key=lambda statement: statement.reviewer))


def quorum_needed(manifest: Manifest, subject: Subject) -> int:
    """Return how many reviewers must sign these outputs; one exception among them raises it for all."""
    quorum = manifest.quorum
    if any(output.is_exception for output in subject.outputs):
        return quorum.exception
    return quorum.light if quorum.light is not None and is_light(subject) else quorum.ordinary


def is_light(subject: Subject) -> bool:
    """Tell whether a revision can be checked in minutes; one of which the cells were not counted cannot."""
    few = len(subject.outputs) <= MOST_LIGHT_TABLES and subject.cells is not None
    safe = not subject.withheld and not any(output.is_exception for output in subject.outputs)
    return few and safe and 0 < (subject.cells or 0) <= MOST_LIGHT_CELLS
