"""Opening a camp: people, keys, policy and data sets are frozen in a manifest that the office's root signs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from disclosure.errors import DocumentError, IntegrityError, StateError
from disclosure.exchange.camp import CampFile, read_camp
from output_review.database import open_database
from output_review.ledger.checkpoints import checkpoint_facts
from output_review.ledger.ledger import Ledger
from output_review.services.deadline import deadline_facts
from output_review.services.judging import data_set_digest
from output_review.services.zone import OPENING
from output_review.signing.commitments import commit, new_salt
from output_review.signing.envelopes import PayloadType, sign
from output_review.signing.fields import moment_text
from output_review.signing.keys import Mark, PublicKey
from output_review.signing.manifest import KeyGrant, Manifest, Person, PersonRole, Quorum, Reference
from output_review.site import Site, read_site


def open_camp(folder: Path, site_file: Path) -> Manifest:
    """Sign the first manifest of a camp and start its log.

    Returns:
        the manifest.

    Raises:
        StateError: the camp is open already.
        DocumentError: camp.toml and the site configuration do not fit: a reviewer without a key, or marks that differ.
        IntegrityError: the root key is not one that the site configuration trusts.
    """
    camp, site = read_camp(folder), read_site(site_file)
    root = site.key("root")
    if root.public.fingerprint not in site.roots:
        raise IntegrityError(
            "The root key is not among the roots that the site configuration trusts.",
            hint="Compare its fingerprint, as datakamp key list prints it, with roots in the site configuration.",
        )
    for place in (camp.review, camp.released):
        place.mkdir(mode=0o750, exist_ok=True)
    for team in camp.teams:
        for place in (camp.outbox(team.name), camp.inbox(team.name)):
            place.mkdir(mode=0o750, parents=True, exist_ok=True)
    open_database(camp.review, camp.database)
    from django.db import transaction

    from output_review.log.database import DatabaseLog
    from output_review.log.stores import record
    from output_review.models import CampRow, ManifestRow

    with transaction.atomic():
        if CampRow.objects.exists():
            raise StateError(
                "The camp is open already.", hint="To change who takes part: datakamp review manifest --sign"
            )
        salt, now = new_salt(), datetime.now(UTC).replace(microsecond=0)
        manifest = first_manifest(camp, site, root.public, salt, moment_text(now))
        envelope = sign(manifest.to_document(), PayloadType.MANIFEST, root)
        CampRow.objects.create(name=camp.name, site=str(site.path), salt=salt.hex())
        ManifestRow.objects.create(number=1, envelope=envelope.to_document())
        facts = {"manifest": envelope.digest, "mode": camp.mode.value, "policy": camp.policy, **deadline_facts(camp)}
        # The ledger is older than the camp: what it held before is a checkpoint too.
        facts |= checkpoint_facts(Ledger(site.ledger), tuple(one.name for one in manifest.data_sets))
        record(DatabaseLog(), time=now, actor="organiser", action=OPENING, payload=facts)
    return manifest


def first_manifest(camp: CampFile, site: Site, root: PublicKey, salt: bytes, moment: str) -> Manifest:
    """Return the manifest that camp.toml and the site configuration amount to."""
    grants = [KeyGrant(key, name) for name, key in keys_of_reviewers(camp, site).items()]
    grants += [KeyGrant(site.key(program).public, program) for program in ("log", "release")]
    policy = camp.load_policy()
    names = sorted({name for team in camp.teams for name in team.data_sets})
    return Manifest(
        camp=camp.name,
        number=1,
        previous="",
        mark=Mark(camp.mark),
        time=moment,
        teams=tuple(team.name for team in camp.teams),
        people=people_of(camp),
        keys=tuple(grants),
        policy=Reference(policy.name, policy.version, commit(salt, "policy", policy.digest)),
        data_sets=tuple(_data_set(camp, salt, name) for name in names),
        roots=(root,),
        quorum=Quorum(camp.quorum, camp.exception_quorum, camp.light_quorum),
    )


def people_of(camp: CampFile) -> tuple[Person, ...]:
    """Return who takes part, as camp.toml says it."""
    return tuple(
        Person(one.name, tuple(PersonRole(role) for role in one.roles), one.teams) for one in camp.participants
    )


def keys_of_reviewers(camp: CampFile, site: Site) -> dict[str, PublicKey]:
    """Return the key of each reviewer of camp.toml, as the site configuration names it.

    Raises:
        DocumentError: a reviewer has none, or there are fewer of them than must sign.
    """
    keys = site.reviewer_keys()
    reviewers = [one.name for one in camp.participants if "reviewer" in one.roles]
    without = sorted(set(reviewers) - set(keys))
    if without:
        raise DocumentError(f"The site configuration has no key of reviewer {', '.join(without)}.")
    if len(reviewers) < camp.quorum:
        raise DocumentError(f"The camp asks for {camp.quorum} reviewers and names {len(reviewers)}.")
    return {name: keys[name] for name in reviewers}


def _data_set(camp: CampFile, salt: bytes, name: str) -> Reference:
    camp.codebook(name)  # refuses data that are not synthetic where zones are not separated
    return Reference(name, "1", commit(salt, f"data-set/{name}", data_set_digest(camp, name)))
