"""Finishing releases: what follows the commit of one, done at once or, after a crash, at the next start.

In this order: the ledger; the log's entry of how far the ledger has come, under a signed head; the package; the word
that it has left. So nothing lies in `released/` that log and ledger do not know, and what becomes of a package once
it has left is not the control zone's business.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure.errors import IntegrityError, RefusedError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.incidents import is_frozen
from disclosure.exchange.zones import staging_folder
from disclosure.model.recipes import LazySource
from output_review.domain.states import State
from output_review.ledger.checkpoints import checkpoint_facts
from output_review.ledger.ledger import ledger_content
from output_review.release.package import LARGEST_PACKAGE
from output_review.services.judging import judged_again
from output_review.services.signing_off import chosen
from output_review.services.zone import ControlZone
from output_review.store.once import move_once
from output_review.verify import verifier

if TYPE_CHECKING:
    from output_review.models import RequestRow


def finish(zone: ControlZone) -> tuple[str, ...]:
    """Write the ledger and move out the packages of releases that were committed, and sweep what was not.

    The staged file stays until the database knows that the package has left. A process that dies in between moves the
    same bytes out again at the next start, even if the package was carried away in the meantime; one that is recorded
    as moved out is never looked at again. The caller holds the lock.

    Returns:
        the names of the packages that were moved out now; none while the camp is stopped.

    Raises:
        IntegrityError: a package is missing, or not the one that was released; or another file lies in its place.
        RefusedError: it could not be moved out. The next start tries again.
    """
    moved = []
    if is_frozen(zone.camp.folder):
        return ()
    for row in unfinished():
        target, staged = target_file(zone, row.package), staged_file(zone, row.package)
        kept = staged if os.path.lexists(staged) else target
        if not os.path.lexists(kept):
            raise IntegrityError(f"The package '{row.package}' is missing.", hint="Call an auditor.")
        data = read_regular(kept, limit=LARGEST_PACKAGE)
        if digest(data) != row.package_digest or not verifies(zone, data):
            raise IntegrityError(f"'{row.package}' is not the package that was released.", hint="Call an auditor.")
        _write_ledger(zone, row)
        if not os.path.lexists(target):
            _move_out(data, staged, target)
            moved.append(row.package)
        elif digest(read_regular(target, limit=LARGEST_PACKAGE)) != row.package_digest:
            raise IntegrityError(
                f"Another file lies in the place of the package '{row.package}'.",
                hint="Move it away and start again; the package itself is kept aside.",
            )
        row.moved_out = True
        row.save(update_fields=["moved_out"])
    _sweep(zone)
    return tuple(moved)


def unfinished() -> list[RequestRow]:
    """Return the requests that were released and whose package is not known to have left."""
    from output_review.models import RequestRow

    return list(RequestRow.objects.filter(state=State.RELEASED.value, moved_out=False).order_by("pk"))


def target_file(zone: ControlZone, package: str) -> Path:
    """Return where a package lies once it has left."""
    return zone.camp.released / f"{package}.zip"


def staged_file(zone: ControlZone, package: str) -> Path:
    """Return where a package lies until it is known to have left."""
    return staging_folder(zone.camp) / f"{package}.zip"


def verifies(zone: ControlZone, package: bytes) -> bool:
    """Tell whether a package verifies under the roots that the office trusts."""
    report = verifier.verify(package, list(zone.site.roots), demo=bool(zone.camp.mark))
    return report.status is verifier.Status.VERIFIED


def _write_ledger(zone: ControlZone, row: RequestRow) -> None:
    """Enter a release in the ledger, and in the log how far the ledger has come; to do it again changes nothing."""
    from django.db import transaction

    for output in chosen(zone, row):
        if output.written or output.derived:
            continue  # it has no cells, or none but those of its tables; the log and the package hold what left
        table = judged_again(zone, output)
        source = table.recipe.source
        # Code can read every data set of its team, so a reproduced frame is entered for each of them.
        sets = (
            [one.name for one in source.data_sets]
            if isinstance(source, LazySource)
            else list(zone.camp.team(row.team).data_sets)
        )
        content = ledger_content(table, output.name)
        for name in sets:
            zone.ledger.append(name, package=row.package, output=output.name, content=content, time=zone.clock())
    if row.in_ledger:
        return
    with transaction.atomic():
        facts = {"request": str(row.pk), "package": row.package, **checkpoint_facts(zone.ledger, zone.data_sets)}
        zone.log("release", "ledger", facts)
        zone.sign_head(zone.site.key("log"))
        row.in_ledger = True
        row.save(update_fields=["in_ledger"])


def _move_out(data: bytes, staged: Path, target: Path) -> None:
    """Move a copy out, made aside so that no half of it ever lies where packages lie."""
    copy = staged.with_suffix(".leaving")
    try:
        write_atomically(copy, data)
    except OSError:
        raise RefusedError(
            f"The package '{target.name}' could not be moved out.", hint="It is released; the next start tries again."
        ) from None
    move_once(copy, target)


def _sweep(zone: ControlZone) -> None:
    known = {f"{row.package}.zip" for row in unfinished()}
    staging = staging_folder(zone.camp)
    for left in staging.iterdir() if staging.is_dir() else ():
        if left.name not in known:
            with contextlib.suppress(OSError):
                left.unlink()
