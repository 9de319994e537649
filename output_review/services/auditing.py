"""The audit of a control zone: its log against its signed heads and an auditor's checkpoint, and its ledgers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.exchange.canonical import parse_json
from disclosure.exchange.files import read_regular
from output_review.log.audit import audit, open_head
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import Envelope
from output_review.signing.keys import KeyRole

_LIMIT = 100_000


def audit_zone(zone: ControlZone, checkpoint: Path | None) -> dict[str, Any]:
    """Return what an audit found, as a document.

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
    ledgers = {name: zone.ledger.audit(name) for name in zone.data_sets}
    return {
        "holds": report.holds and all(one.holds for one in ledgers.values()),
        "entries": report.length,
        "heads": len(heads),
        "broken_at": report.broken_at,
        "problem": report.problem,
        "ledgers": {
            name: f"{one.length} entries, unbroken" if one.holds else f"BROKEN at entry {one.broken_at}: {one.problem}"
            for name, one in ledgers.items()
        },
    }
