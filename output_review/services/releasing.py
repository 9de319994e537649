"""Release: under one lock, everything is checked and made again, and the package moves out whole or not at all.

The commit of the database is the point of no return. Before it, a failure or a killed process leaves the request as
it was (and a failure sends it back into review). After it, `finish` writes what is still missing, in this order: the
ledger, then the package; a release that was interrupted there is finished at the next start. So nothing lies in
`released/` that log and ledger do not know.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import DatakampError, IntegrityError, ReleaseError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import read_regular, sync_directory, write_atomically
from disclosure.model.recipes import LazySource, recipe_from_json
from disclosure.model.verdicts import RuleName
from output_review.domain.states import Actor, State
from output_review.ledger.ledger import ledger_content
from output_review.release.certificate import RELEASE_ACTION, Certificate, CertifiedOutput, LogProof
from output_review.release.package import LARGEST_PACKAGE, build_package
from output_review.services.ingest import tell
from output_review.services.judging import judged_again
from output_review.services.reviewing import current_outputs
from output_review.services.signing_off import sign_offs, subject, to_release
from output_review.services.tabulating import rendered
from output_review.services.zone import ControlZone
from output_review.signing.fields import moment_text
from output_review.signing.keys import Mark
from output_review.signing.quorum import check_quorum
from output_review.signing.signoff import ApprovedOutput
from output_review.verify import verifier

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

STAGING = "staging"


def release(zone: ControlZone, row: RequestRow) -> Path:
    """Release an approved request and return its package.

    Raises:
        ReleaseError: something no longer holds; the request is back in review and nothing has left.
    """
    from django.db import transaction

    with zone.lock():
        finish(zone)
        row.refresh_from_db()
        _ready(row)
        try:
            with transaction.atomic():
                package = _build(zone, row)
                staged = _staged(zone, row.package)
                staged.parent.mkdir(exist_ok=True)
                write_atomically(staged, package)
                zone.move(row, State.RELEASED, Actor.RELEASE_PROCESS, "release", package=row.package)
        except (DatakampError, OSError) as error:
            _send_back(zone, row, error)
        finish(zone)
    tell(zone, row.team, row.number, State.RELEASED, "")
    return zone.camp.released / f"{row.package}.zip"


def finish(zone: ControlZone) -> tuple[str, ...]:
    """Write the ledger and move out the packages of releases that were committed, and sweep what was not.

    Returns:
        the names of the packages that were moved out now.
    """
    from output_review.models import RequestRow

    moved = []
    for row in RequestRow.objects.filter(state=State.RELEASED.value).order_by("pk"):
        target = zone.camp.released / f"{row.package}.zip"
        if os.path.lexists(target):
            continue
        staged = _staged(zone, row.package)
        data = read_regular(staged, limit=LARGEST_PACKAGE)
        if digest(data) != row.package_digest:
            raise IntegrityError(
                f"The package '{row.package}' is not the one that was released.", hint="Call an auditor."
            )
        _write_ledger(zone, row)
        os.replace(staged, target)
        sync_directory(target.parent)
        moved.append(row.package)
    known = {f"{row.package}.zip" for row in RequestRow.objects.filter(state=State.RELEASED.value)}
    staging = zone.camp.review / STAGING
    for left in staging.iterdir() if staging.is_dir() else ():
        if left.name not in known:
            with contextlib.suppress(OSError):
                left.unlink()
    return tuple(moved)


def _ready(row: RequestRow) -> None:
    from output_review.domain.states import transition

    transition(State(row.state), State.RELEASED, Actor.RELEASE_PROCESS)


def _build(zone: ControlZone, row: RequestRow) -> bytes:
    """Return the verified package; log entry and row are written in the caller's transaction."""
    outputs = to_release(zone, row)
    about = subject(zone, row, outputs)
    check_quorum(sign_offs(row), zone.manifest, about, sequence=zone.sequence())
    files = {name: data for output in _chosen(row, outputs) for name, data in _rendered_again(zone, output).items()}
    row.package = f"{zone.camp.name}-{row.team}-{row.number:04d}-r{row.revision}"
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
            for approved, one in zip(outputs, _chosen(row, outputs), strict=True)
        ),
        sign_offs=sign_offs(row),
        manifests=(zone.manifest_envelope,),
    )
    data = build_package(_sealed(zone, certificate), files)
    report = verifier.verify(data, [root.fingerprint for root in zone.manifest.roots], demo=bool(zone.camp.mark))
    if report.status is not verifier.Status.VERIFIED:
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


def _chosen(row: RequestRow, outputs: tuple[ApprovedOutput, ...]) -> list[OutputRow]:
    names = {one.name for one in outputs}
    return [output for output in current_outputs(row) if output.name in names]


def _rendered_again(zone: ControlZone, output: OutputRow) -> dict[str, bytes]:
    """Return the files of an output, made again from its evidence; they must be the bytes that were signed."""
    files = rendered(judged_again(zone, output), output.name, output.title)
    if {name: digest(data) for name, data in files.items()} != output.files:
        raise ReleaseError(f"'{output.name}' does not render to the bytes that were signed.", hint="Tabulate it again.")
    return files


def _write_ledger(zone: ControlZone, row: RequestRow) -> None:
    for output in _chosen(row, to_release(zone, row)):
        table = judged_again(zone, output)
        source = recipe_from_json(output.recipe.encode()).source
        # Code can read every data set of its team, so a reproduced frame is entered for each of them.
        sets = (
            [one.name for one in source.data_sets]
            if isinstance(source, LazySource)
            else list(zone.camp.team(row.team).data_sets)
        )
        content = ledger_content(table, output.name)
        for name in sets:
            zone.ledger.append(name, package=row.package, output=output.name, content=content, time=zone.clock())


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


def _staged(zone: ControlZone, package: str) -> Path:
    return zone.camp.review / STAGING / f"{package}.zip"


def _staged_sweep(zone: ControlZone, row: RequestRow) -> None:
    if row.package:
        with contextlib.suppress(OSError):
            _staged(zone, row.package).unlink()
