"""The control zone, open: its camp, database, content store, log, ledger and manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import BadInputError, IntegrityError, StateError
from disclosure.exchange.camp import FILE as CAMP_FILE
from disclosure.exchange.camp import CampFile, ZoneMode, read_camp
from disclosure.exchange.zones import separated
from disclosure.policy import Policy
from disclosure.texts import text
from output_review.database import has_database, open_database
from output_review.domain.states import Actor, State, transition
from output_review.ledger.ledger import Ledger
from output_review.log.chain import LogHead, Payload
from output_review.log.stores import record
from output_review.ports import Engines
from output_review.signing.commitments import commit
from output_review.signing.envelopes import Envelope, PayloadType, sign, verify
from output_review.signing.keys import KeyRole, SigningKey
from output_review.signing.manifest import Manifest
from output_review.site import Site, read_site
from output_review.store.content import ContentStore
from output_review.store.once import folder_lock

if TYPE_CHECKING:  # models can be imported only once Django has started
    from output_review.models import RequestRow

OPENING = "camp_open"
"""The log's first entry: it names the manifest that was signed when the camp was opened."""
CHANGE = "manifest"
"""An entry that names a manifest which took the place of the one before."""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class ControlZone:
    """An open control zone. Everything that the services need, and nothing global.

    Attributes:
        engines: sealed execution and tabulation.
        clock: the time, UTC, whole seconds.
    """

    camp: CampFile
    site: Site
    policy: Policy
    store: ContentStore
    ledger: Ledger
    salt: bytes
    manifest: Manifest
    manifest_envelope: Envelope
    engines: Engines
    clock: Callable[[], datetime] = field(default=_now)

    @property
    def data_sets(self) -> tuple[str, ...]:
        """The data sets that the manifest pins."""
        return tuple(one.name for one in self.manifest.data_sets)

    def log(self, actor: str, action: str, payload: Payload) -> int:
        """Add an entry to the log and return its place; within a transaction it stands or falls with it."""
        from output_review.log.database import DatabaseLog

        return record(DatabaseLog(), time=self.clock(), actor=actor, action=action, payload=payload).sequence

    def sequence(self) -> int:
        """Return the place that the next log entry will have."""
        from output_review.models import LogRow

        last = LogRow.objects.order_by("-sequence").first()
        return 1 if last is None else last.sequence + 1

    def sign_head(self, key: SigningKey) -> Envelope:
        """Return the head of the log, signed by the log key, and keep it as a checkpoint.

        Raises:
            IntegrityError: the key is not the log's in the manifest; a head under it would spoil every later audit.
        """
        from output_review.log.database import DatabaseLog
        from output_review.models import HeadRow
        from output_review.signing.fields import moment_text

        if key.public not in self.manifest.granted(KeyRole.LOG, at=self.sequence()):
            raise IntegrityError("The log key of the site configuration is not the one in the manifest.")
        head = LogHead.of(DatabaseLog().last(), time=moment_text(self.clock()))
        envelope = sign(head.to_document(), PayloadType.LOG_HEAD, key)
        HeadRow.objects.create(sequence=head.sequence, envelope=envelope.to_document())
        return envelope

    def ledger_commitment(self) -> str:
        """Return the commitment to the ledger's head as it is now."""
        return commit(self.salt, "ledger", self.ledger.head(self.data_sets))

    def request(self, number: int) -> RequestRow:
        """Return the request of that number.

        Raises:
            BadInputError: there is none.
        """
        from output_review.models import RequestRow

        row = RequestRow.objects.filter(pk=number).first()
        if row is None:
            raise BadInputError(f"There is no request {number}.", hint="See: datakamp review list")
        return row

    @contextmanager
    def held(self, row: RequestRow, *, program: bool = False) -> Iterator[None]:
        """Hold a transaction in which the row is as the database has it now, and nobody else changes it.

        Where a database locks rows, a second step waits for the first and then finds what that has made of it.

        Args:
            program: the worker takes the step; it is nobody's decision, and stands whoever takes part by now.

        Raises:
            StateError: the manifest that this was opened with is no longer in force.
        """
        from django.db import transaction

        from output_review.models import ManifestRow, RequestRow
        from output_review.services.review_rules import log_rules

        with transaction.atomic():
            row.refresh_from_db(from_queryset=RequestRow.objects.select_for_update())
            if not program and ManifestRow.objects.filter(number__gt=self.manifest.number).exists():
                raise StateError(
                    text("Who takes part in the camp was changed in this moment."), hint=text("Look at it again.")
                )
            log_rules(self)
            yield

    def move(
        self, row: RequestRow, target: State, actor: Actor, who: str, *, words: str = "", **facts: str | int
    ) -> None:
        """Take a step of the table of states and log it; the caller holds the transaction and checked the guard.

        Args:
            words: the reason in a person's words, for pages; what a person writes is not in the log.
        """
        from output_review.models import StepRow
        from output_review.services.notices import step_taken

        transition(State(row.state), target, actor)
        origin, row.state = row.state, target.value
        row.save(update_fields=["state"])
        StepRow.objects.create(
            request=row,
            revision=row.revision,
            origin=origin,
            target=target.value,
            actor=actor.value,
            who=who,
            reason=words or str(facts.get("reason", "")),
            taken=self.clock(),
        )
        payload: Payload = {"request": str(row.pk), "from": origin, "to": target.value, **facts}
        self.log(who, "state", payload)
        step_taken(self, row, target)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the control zone's lock: one ingest, tabulation or release at a time."""
        with folder_lock(self.camp.review):
            yield


def open_zone(folder: Path, engines: Engines, site: Path | None = None) -> ControlZone:
    """Open the control zone of a camp.

    Args:
        site: the office's site configuration; None for the one that the camp was opened with.

    Raises:
        StateError: the camp is not open yet.
        IntegrityError: the manifest is not the one that was signed at the opening, by roots that the site configuration
            trusts; the camp was opened with another site configuration or in another mode; or the policy is not the one
            that is pinned.
    """
    camp = read_camp(folder)
    if not has_database(camp.review, camp.database):
        raise StateError("The camp is not open.", hint="Run: datakamp camp open")
    open_database(camp.review, camp.database)
    from output_review.models import CampRow, ManifestRow

    row, last = CampRow.objects.first(), ManifestRow.objects.order_by("-number").first()
    if row is None or last is None:
        raise StateError("The camp is not open.", hint="Run: datakamp camp open")
    if site is not None and site.resolve() != Path(row.site):
        raise IntegrityError(
            "The camp names another site configuration than the one in force.", hint="Call an auditor."
        )
    if separated(camp):
        _require_organisers(camp, Path(row.site))
    office = read_site(Path(row.site))
    envelope = Envelope.from_document(last.envelope)
    manifest = _trusted(envelope, office.roots, camp.mode)
    salt, policy = bytes.fromhex(row.salt), camp.load_policy()
    if manifest.policy.commitment != commit(salt, "policy", policy.digest) or manifest.camp != camp.name:
        raise IntegrityError("The camp's policy or name is not the one that its manifest pins.", hint="Restore it.")
    store, ledger = ContentStore(camp.review / "store"), Ledger(office.ledger)
    return ControlZone(camp, office, policy, store, ledger, salt, manifest, envelope, engines)


def _require_organisers(camp: CampFile, site: Path) -> None:
    """Refuse a site configuration that somebody else wrote than camp.toml.

    The database names it, which several users can change: with a file of their own they would name other roots.
    """
    try:
        organiser, status = (camp.folder / CAMP_FILE).stat().st_uid, site.stat()
    except OSError:
        raise IntegrityError("The camp's site configuration cannot be reached.", hint="Call an auditor.") from None
    if status.st_uid != organiser or status.st_mode & 0o022:
        raise IntegrityError(
            "The camp names a site configuration that is not the organiser's alone.", hint="Call an auditor."
        )


def _trusted(envelope: Envelope, roots: tuple[str, ...], mode: ZoneMode) -> Manifest:
    """Return the manifest, once roots that the office trusts have signed it and it is the last that the log names.

    The log's first entry names also how zones were kept apart at the opening, which must be so still.
    """
    from disclosure.exchange.canonical import parse_json
    from output_review.log.database import DatabaseLog

    manifest = Manifest.from_document(parse_json(envelope.payload, what="The manifest"))
    if not {root.fingerprint for root in manifest.roots} <= set(roots):
        raise IntegrityError(
            "The manifest names a root that the site configuration does not trust.", hint="Call an auditor."
        )
    verify(envelope, PayloadType.MANIFEST, manifest.roots, threshold=manifest.threshold)
    first = DatabaseLog().first()
    opened = first is not None and first.holds() and first.action == OPENING
    if first is None or not opened or not _in_force(manifest, envelope, first.payload.get("manifest")):
        raise IntegrityError(
            "The manifest is not the one with which the camp was opened, nor what the log says it was changed to.",
            hint="Call an auditor.",
        )
    if first.payload.get("mode") != mode.value:
        raise IntegrityError("camp.toml names another mode than that in which the camp was opened.", hint="Restore it.")
    if not any(grant.key.role is KeyRole.LOG for grant in manifest.keys):
        raise IntegrityError("The manifest names no log key.")
    return manifest


def _in_force(manifest: Manifest, envelope: Envelope, opening: object) -> bool:
    """Tell whether a manifest is the last of those that the log names: one that was set back is not."""
    from disclosure.exchange.canonical import parse_json
    from output_review.log.chain import LogEntry
    from output_review.models import LogRow

    named = [opening]
    # The log has canonical JSON: what contains this may be another entry, so it is read before it counts.
    for row in LogRow.objects.filter(document__contains=f'"action":"{CHANGE}"').order_by("sequence"):
        entry = LogEntry.from_document(parse_json(row.document.encode(), what="A log entry"))
        if entry.action == CHANGE:
            named.append(entry.payload.get("manifest") if entry.holds() else None)
    before = named[-2] if len(named) > 1 else ""
    return (envelope.digest, manifest.number, manifest.previous) == (named[-1], len(named), before)
