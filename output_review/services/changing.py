"""Changing who takes part in a camp that is open: a new manifest, signed by the office's root, that the log names.

People, their roles and teams, and the keys of reviewers are taken from camp.toml and the site configuration as they are
now. Everything else stays as it was signed at the opening. What was signed under the manifest before does not count any
more, so what is approved and has not left goes back into review, and is signed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from disclosure.errors import DocumentError, IntegrityError, StateError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.incidents import is_closed
from output_review.domain.access import Permission, may
from output_review.domain.states import Actor, State
from output_review.services.desk_folders import clear_all
from output_review.services.opening import keys_of_reviewers, people_of
from output_review.services.telling import tell
from output_review.services.zone import CHANGE, ControlZone
from output_review.signing.envelopes import Envelope, PayloadType, sign
from output_review.signing.fields import moment_text
from output_review.signing.keys import KeyRole, SigningKey
from output_review.signing.manifest import KeyGrant, Manifest, Quorum

if TYPE_CHECKING:
    from output_review.models import RequestRow

_OPEN = (State.IN_REVIEW.value, State.APPROVED.value)


@dataclass(frozen=True)
class Change:
    """What is different in a manifest.

    Attributes:
        came, left: people by name.
        changed: people whose roles or teams are others.
        keys: reviewers whose key is another.
    """

    came: tuple[str, ...]
    left: tuple[str, ...]
    changed: tuple[str, ...]
    keys: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.came or self.left or self.changed or self.keys)

    def to_document(self) -> dict[str, list[str]]:
        """Return it as a JSON object."""
        return {"came": [*self.came], "left": [*self.left], "changed": [*self.changed], "keys": [*self.keys]}


def next_manifest(zone: ControlZone) -> tuple[Manifest, Change]:
    """Return the manifest that camp.toml and the site configuration amount to now, and what is different in it.

    Raises:
        StateError: something else than people and keys is different from what was signed.
        DocumentError: a reviewer has no key, or one that was taken out of use before; or too few are left.
    """
    now, camp, at = zone.manifest, zone.camp, zone.sequence()
    quorum = Quorum(camp.quorum, camp.exception_quorum, camp.light_quorum)
    if (tuple(one.name for one in camp.teams), quorum) != (now.teams, now.quorum):
        raise StateError(
            "camp.toml names other teams, or another quorum, than the manifest.",
            hint="Only people and keys of reviewers can change in a camp that is open.",
        )
    keys, people = keys_of_reviewers(camp, zone.site), people_of(camp)
    stay = (one for one in now.keys if one.key.role is not KeyRole.REVIEWER or one.holder in keys)
    grants = [_kept(one, keys.get(one.holder), at) for one in stay]
    used = {one.holder for one in grants if one.valid_until is None}
    given = [KeyGrant(key, name, at) for name, key in keys.items() if name not in used]
    if {one.key.raw for one in given} & (_ended() | {one.key.raw for one in now.keys}):
        raise DocumentError("A key that was replaced does not come back.", hint="Make a new one.")
    made = replace(
        now,
        number=now.number + 1,
        previous=zone.manifest_envelope.digest,
        time=moment_text(zone.clock()),
        people=people,
        keys=(*grants, *given),
    )
    old, new = {one.name: one for one in now.people}, {one.name: one for one in people}
    both = [name for name in new if name in old]
    had = {one.holder for one in now.keys if one.valid_until is None}
    return made, Change(
        came=tuple(name for name in new if name not in old),
        left=tuple(name for name in old if name not in new),
        changed=tuple(name for name in both if old[name] != new[name]),
        keys=tuple(one.holder for one in given if one.holder in had),
    )


def change_manifest(zone: ControlZone) -> tuple[Manifest, Change]:
    """Sign the next manifest with the root's key, and put it in force.

    Raises:
        StateError: nothing is different, or more than people and keys is.
        DocumentError: see `next_manifest`.
        IntegrityError: the root key is not one of the manifest's, or more than one root must sign.
    """
    from django.db import transaction

    from output_review.models import ManifestRow, RequestRow

    root = root_of(zone)
    with zone.lock(), transaction.atomic():
        require_newest(zone)
        made, change = next_manifest(zone)
        if not change:
            raise StateError("Nothing is different from the manifest in force.", hint="Change camp.toml first.")
        envelope = sign(made.to_document(), PayloadType.MANIFEST, root)
        ManifestRow.objects.create(number=made.number, envelope=envelope.to_document())
        zone.log("organiser", CHANGE, {"manifest": envelope.digest, "number": made.number})
        after = replace(zone, manifest=made, manifest_envelope=envelope)
        rows = list(RequestRow.objects.filter(state__in=_OPEN).order_by("pk"))
        for row in rows:
            _anew(after, row)
    for row in rows:
        clear_all(zone, row.pk)
        tell(after, row.team, row.number, State(row.state), row.reason)
    return made, change


def _ended() -> set[bytes]:
    """Return the keys of every manifest that ended under it; those of who was taken out are in no later one."""
    from output_review.models import ManifestRow

    every = (Envelope.from_document(one) for one in ManifestRow.objects.values_list("envelope", flat=True))
    manifests = (Manifest.from_document(parse_json(one.payload, what="A manifest")) for one in every)
    return {grant.key.raw for one in manifests for grant in one.keys if grant.valid_until is not None}


def root_of(zone: ControlZone) -> SigningKey:
    """Return the root's key, with which alone something is signed for an open camp.

    Raises:
        DocumentError: the site configuration names none.
        IntegrityError: it is not one of the manifest's, or more than one root must sign.
        StateError: the camp is closed, and its log has ended.
    """
    if is_closed(zone.camp.folder):
        raise StateError("The camp is closed.", hint="Nothing of it changes any more.")
    root = zone.site.key("root")
    if root.public not in zone.manifest.roots or root.public.fingerprint not in zone.site.roots:
        raise IntegrityError("The root key is not the one under which the camp was opened.")
    if zone.manifest.threshold > 1:
        raise IntegrityError("More than one root must sign for this camp.", hint="Not by this command.")
    return root


def require_newest(zone: ControlZone) -> None:
    """Refuse to go on under a manifest that is no longer in force; the caller holds the transaction."""
    from output_review.models import ManifestRow

    if ManifestRow.objects.filter(number__gt=zone.manifest.number).exists():
        raise StateError("The manifest was changed in this moment.", hint="Look at what it says now.")


def _kept(grant: KeyGrant, key: object, at: int) -> KeyGrant:
    """Return a grant as the next manifest has it: a reviewer's that is another one now ends with the entry `at`."""
    ends = grant.key.role is KeyRole.REVIEWER and grant.key != key and grant.valid_until is None
    return replace(grant, valid_until=at) if ends else grant


def _anew(zone: ControlZone, row: RequestRow) -> None:
    """Have a request signed anew: no signature of the revision counts any more, nor votes of who may not decide."""
    from output_review.models import VoteRow

    row.sign_offs.filter(revision=row.revision).delete()
    votes = VoteRow.objects.filter(output__request=row, output__revision=row.revision)
    for name in sorted(set(votes.values_list("reviewer", flat=True))):
        if not may(zone.manifest.person(name), Permission.DECIDE, row.team):
            votes.filter(reviewer=name).delete()
            zone.log("organiser", "votes_void", {"request": str(row.pk), "revision": row.revision, "person": name})
    if row.claimed_by and not may(zone.manifest.person(row.claimed_by), Permission.DECIDE, row.team):
        row.claimed_by, row.claimed_at = "", None
        row.save(update_fields=["claimed_by", "claimed_at"])
    if State(row.state) is State.APPROVED:
        zone.move(row, State.IN_REVIEW, Actor.SYSTEM, "organiser", reason="manifest_changed")
