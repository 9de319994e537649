"""The audit of a control zone: its log against its signed heads and an auditor's checkpoint, its ledgers against what
the log says of them, and its packages."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from disclosure.errors import DataError
from disclosure.exchange.canonical import digest, parse_json
from disclosure.exchange.files import read_regular
from disclosure.texts import Text, text
from output_review.ledger.checkpoints import checkpoints
from output_review.log.audit import AuditReport, audit, open_head
from output_review.release.package import LARGEST_PACKAGE
from output_review.services.finishing import unfinished
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import Envelope
from output_review.signing.keys import KeyRole

_LIMIT = 100_000


def audit_zone(zone: ControlZone, checkpoint: Path | None) -> dict[str, Any]:
    """Return what `audited` found, as a document in English."""
    found = audited(zone, checkpoint)
    ledgers = {name: words.english for name, words in found["ledgers"].items()}
    return {**found, "ledgers": ledgers, "packages": [words.english for words in found["packages"]]}


def audited(zone: ControlZone, checkpoint: Path | None) -> dict[str, Any]:
    """Return what an audit found, with texts of each ledger and of what is wrong with packages.

    Args:
        checkpoint: a signed head that an auditor kept outside; without one, the heads in the database must do.
    """
    from output_review.log.database import DatabaseLog
    from output_review.models import HeadRow

    keys = zone.manifest.granted(KeyRole.LOG, at=zone.sequence())
    envelopes = [Envelope.from_document(row.envelope) for row in HeadRow.objects.order_by("sequence")]
    if checkpoint is not None:
        kept = parse_json(read_regular(checkpoint, limit=_LIMIT), what="The checkpoint")
        envelopes.append(Envelope.from_document(kept))
    heads = [open_head(envelope, keys) for envelope in envelopes]
    report = audit(DatabaseLog().read(), heads)
    ledgers = ledger_reports(zone, report.length)
    packages = _package_problems(zone)
    return {
        "holds": report.holds and all(one.holds for one in ledgers.values()) and not packages,
        "entries": report.length,
        "heads": len(heads),
        "broken_at": report.broken_at,
        "problem": report.problem,
        "ledgers": {
            name: text("{n} entries, unbroken", n=one.length)
            if one.holds
            else text("BROKEN at entry {n}: {problem}", n=one.broken_at, problem=one.problem)
            for name, one in ledgers.items()
        },
        "packages": packages,
    }


def ledger_reports(zone: ControlZone, length: int | None = None) -> dict[str, AuditReport]:
    """Return what an audit of each data set's ledger found, against the checkpoints that the log holds of it.

    Args:
        length: how many entries of the log hold, from the first on; None for all.
    """
    from output_review.log.database import DatabaseLog

    kept = checkpoints(islice(DatabaseLog().read(), length))
    return {name: zone.ledger.audit(name, kept.get(name, ())) for name in sorted({*zone.data_sets, *kept})}


def _package_problems(zone: ControlZone) -> list[Text]:
    """Return what is wrong with packages: some that have not left, and files in their folder that never were one."""
    from output_review.models import RequestRow

    problems = [text("'{name}' is released and has not left", name=row.package) for row in unfinished()]
    known = dict(RequestRow.objects.exclude(package_digest="").values_list("package", "package_digest"))
    for path in sorted(zone.camp.released.iterdir()) if zone.camp.released.is_dir() else ():
        try:
            found = digest(read_regular(path, limit=LARGEST_PACKAGE))
        except DataError:
            found = ""
        if path.suffix != ".zip" or not found or known.get(path.stem) != found:
            problems.append(text("'{name}' is not a package that was released", name=path.name))
    return problems
