"""Release: under one lock, everything is checked and made again, and the package moves out whole or not at all.

The commit of the database is the point of no return. Before it, a failure or a killed process leaves the request as
it was (and a failure sends it back into review). After it, `finishing` writes what is still missing.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import DatakampError, IntegrityError, ReleaseError, StateError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import write_atomically
from disclosure.exchange.incidents import require_running
from disclosure.model.verdicts import RuleName
from output_review.domain.states import Actor, State, transition
from output_review.release.certificate import RELEASE_ACTION, Certificate, CertifiedOutput, LogProof
from output_review.release.package import build_package
from output_review.services.auditing import ledger_reports
from output_review.services.deadline import require_in_time
from output_review.services.finishing import finish, staged_file, target_file, verifies
from output_review.services.ingest import tell
from output_review.services.judging import confirmed
from output_review.services.rendering import confirmed_text, rendered
from output_review.services.signatures import signatures_needed
from output_review.services.signing_off import chosen, sign_offs, subject, to_release
from output_review.services.zone import ControlZone
from output_review.signing.fields import moment_text
from output_review.signing.keys import Mark
from output_review.signing.quorum import check_quorum

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow


def release(zone: ControlZone, row: RequestRow) -> Path:
    """Release an approved request and return its package.

    Raises:
        StateError: it is not approved, came too late for the presentation, or a file lies in its package's place;
            nothing has changed.
        IntegrityError: the ledger, or the deadline, is not what the log says; nothing has changed.
        FrozenError: the camp is stopped.
        ReleaseError: something no longer holds; the request is back in review and nothing has left.
    """
    from django.db import transaction

    require_running(zone.camp.folder)
    with zone.lock():
        finish(zone)
        row.refresh_from_db()
        _ready(zone, row)
        try:
            with transaction.atomic():
                package = _build(zone, row)
                staged = staged_file(zone, row.package)
                staged.parent.mkdir(exist_ok=True)
                write_atomically(staged, package)
                zone.move(row, State.RELEASED, Actor.RELEASE_PROCESS, "release", package=row.package)
        except (DatakampError, OSError) as error:
            _send_back(zone, row, error)
        finish(zone)
        require_running(zone.camp.folder)  # stopped meanwhile: the package leaves when the camp goes on
    tell(zone, row.team, row.number, State.RELEASED, "")
    return target_file(zone, row.package)


def _ready(zone: ControlZone, row: RequestRow) -> None:
    """Refuse a release that could not be finished, before anything of it is done."""
    if State(row.state) is State.IN_REVIEW:
        signed, needed = len(sign_offs(row)), signatures_needed(zone, row)
        raise StateError(
            f"The request cannot become released: {signed} of {needed} reviewers have signed it, "
            "or not every output is decided without dissent.",
            hint="Every reviewer votes on every output (datakamp review vote) and signs (datakamp sign).",
        )
    if State(row.state) is State.RELEASED:
        raise StateError(f"The request cannot become released: it is already, as '{row.package}'.")
    transition(State(row.state), State.RELEASED, Actor.RELEASE_PROCESS)
    require_in_time(zone, row)
    if os.path.lexists(target_file(zone, _package_name(zone, row))):
        raise StateError("A file lies where the package would lie.", hint="Look where it came from, and move it away.")
    # What left before is known by the ledger alone; on one that was cut off nothing more is released.
    broken = [name for name, report in ledger_reports(zone).items() if not report.holds]
    if broken:
        raise IntegrityError(f"The ledger of {', '.join(broken)} is broken.", hint="Run: datakamp audit")


def _build(zone: ControlZone, row: RequestRow) -> bytes:
    """Return the verified package; log entry and row are written in the caller's transaction."""
    outputs = to_release(zone, row)
    about = subject(zone, row, outputs)
    check_quorum(sign_offs(row), zone.manifest, about, sequence=zone.sequence())
    rows = chosen(zone, row)
    files = {name: data for output in rows for name, data in _rendered_again(zone, output).items()}
    row.package = _package_name(zone, row)
    certificate = Certificate(
        package=row.package,
        mark=Mark(zone.camp.mark),
        camp=zone.camp.name,
        team=row.team,
        request=str(row.pk),
        revision=row.revision,
        released=moment_text(zone.clock()),
        policy=zone.policy.name,
        policy_version=zone.policy.version,
        outputs=tuple(
            CertifiedOutput(approved, tuple(RuleName(name) for name in one.rules))
            for approved, one in zip(outputs, rows, strict=True)
        ),
        sign_offs=sign_offs(row),
        manifests=(zone.manifest_envelope,),
    )
    data = build_package(_sealed(zone, certificate), files)
    if not verifies(zone, data):
        raise ReleaseError("The package that was built does not verify.", hint="Nothing has left.")
    row.package_digest = digest(data)
    row.save(update_fields=["package", "package_digest"])
    return data


def _sealed(zone: ControlZone, certificate: Certificate) -> Certificate:
    """Return the certificate with its log proof and signature; the release entry is written here."""
    from output_review.log.database import DatabaseLog

    log_key, release_key = zone.site.key("log"), zone.site.key("release")
    place = zone.log("release", RELEASE_ACTION, certificate.release_facts())
    head = zone.sign_head(log_key)
    entry = next(iter(DatabaseLog().read(place)))
    return certificate.with_log(LogProof(entry, (), head), (log_key.public,)).signed(release_key)


def _rendered_again(zone: ControlZone, output: OutputRow) -> dict[str, bytes]:
    """Return the files of an output, made again from its evidence.

    They must be the bytes that were signed, and their verdict, level and rules those that reviewers were shown.
    """
    if output.written:
        return confirmed_text(zone, output)
    files = rendered(zone, output, confirmed(zone, output)).files
    if {name: digest(data) for name, data in files.items()} != output.files:
        raise ReleaseError(f"'{output.name}' does not render to the bytes that were signed.", hint="Tabulate it again.")
    return files


def _send_back(zone: ControlZone, row: RequestRow, error: DatakampError | OSError) -> None:
    from django.db import transaction

    _staged_sweep(zone, row)
    row.refresh_from_db()
    with transaction.atomic():
        zone.move(row, State.IN_REVIEW, Actor.SYSTEM, "release", reason=type(error).__name__)
        # Whoever signed must look again: what they signed could not be released as it was.
        row.sign_offs.filter(revision=row.revision).delete()
    reason = error.message if isinstance(error, DatakampError) else "The disk refused to write the package."
    raise ReleaseError(f"Nothing was released: {reason}", hint="The request is back in review.") from None


def _package_name(zone: ControlZone, row: RequestRow) -> str:
    return f"{zone.camp.name}-{row.team}-{row.number:04d}-r{row.revision}"


def _staged_sweep(zone: ControlZone, row: RequestRow) -> None:
    if row.package:
        with contextlib.suppress(OSError):
            staged_file(zone, row.package).unlink()
