"""What a restored database must be: guarded as ours is, with a log that its signed heads bear out and that rows follow.

A copy's own manifest is signed by nobody, so its digests tell of damage, not of forgery. What can be proven is proven
here; that the log was not cut off after its last head, only a signed head that was kept elsewhere can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from disclosure.errors import DatakampError, IntegrityError
from disclosure.exchange.canonical import parse_json
from output_review.domain.states import State
from output_review.log.audit import AuditReport, audit, open_head
from output_review.release.certificate import RELEASE_ACTION
from output_review.signing.envelopes import Envelope, PayloadType, verify
from output_review.signing.keys import KeyRole
from output_review.signing.manifest import Manifest

if TYPE_CHECKING:
    from output_review.log.chain import LogEntry, LogHead
    from output_review.site import Site

GROWING: Final = ("output_review_logrow", "output_review_headrow", "output_review_accessrow")
"""The tables that only grow."""
_SQLITE: Final = (
    "CREATE TRIGGER {table}_no_{event} BEFORE {upper} ON {table} BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
)
_SQLITE_QUESTION: Final = "SELECT name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index')"
_SERVER: Final = {
    "no_change": "BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW",
    "no_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}
_SERVER_FUNCTION: Final = "BEGIN RAISE EXCEPTION 'the log only grows'; END"
_SERVER_QUESTION: Final = (
    "SELECT t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
    "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
)


def check_restored(site: Site, kept: Envelope | None = None) -> AuditReport:
    """Return what the audit of the restored log found, once all that can be proven is.

    Args:
        kept: a signed head of the log that was not kept with the copy: the log must have come as far.

    Raises:
        IntegrityError: a trigger is missing, another or one too many; the manifest is not one of roots that the office
            trusts; the log is broken, or not that of its signed heads; a release is under no head; or a request is not
            in the state that the log says.
    """
    from output_review.log.database import DatabaseLog
    from output_review.models import RequestRow

    if not has_triggers():
        raise _broken("Its log could be changed: the triggers that keep it are not all there, or there are others.")
    try:
        entries, heads = tuple(DatabaseLog().read()), _heads(site, kept)
    except DatakampError:
        raise _broken("Its log, its heads or its manifest cannot be read, or nobody trusted signed them.") from None
    report = audit(entries, heads)
    if not report.holds:
        raise _broken(report.problem)
    signed = max((head.sequence for head in heads), default=0)
    if any(entry.action == RELEASE_ACTION and entry.sequence > signed for entry in entries):
        raise _broken("It has a release that no signed head of the log bears out.")
    if logged_states(entries) != {str(pk): state for pk, state in RequestRow.objects.values_list("pk", "state")}:
        raise _broken("A request is not in the state that the log says.")
    return report


def logged_states(entries: Iterable[LogEntry]) -> dict[str, str]:
    """Return the state of each request, by its number, as the log tells it."""
    states: dict[str, str] = {}
    for entry in entries:
        if entry.action == "submitted":
            states[str(entry.payload["request"])] = State.SUBMITTED.value
        elif entry.action == "state":
            states[str(entry.payload["request"])] = str(entry.payload["to"])
    return states


def _heads(site: Site, kept: Envelope | None) -> tuple[LogHead, ...]:
    """Return the signed heads of the log, under keys of a manifest that the office's roots signed."""
    from output_review.models import HeadRow, LogRow, ManifestRow

    last = ManifestRow.objects.order_by("-number").first()
    if last is None:
        if kept is not None:
            raise _broken("It is of a camp that was never opened; the head is of another one.")
        return ()  # it has no keys and no heads
    envelope = Envelope.from_document(last.envelope)
    manifest = Manifest.from_document(parse_json(envelope.payload, what="The manifest"))
    if not {root.fingerprint for root in manifest.roots} <= set(site.roots):
        raise _broken("Its manifest is of roots that the office does not trust.")
    verify(envelope, PayloadType.MANIFEST, manifest.roots, threshold=manifest.threshold)
    keys = manifest.granted(KeyRole.LOG, at=LogRow.objects.count() + 1)
    envelopes = [Envelope.from_document(row.envelope) for row in HeadRow.objects.order_by("sequence")]
    return tuple(open_head(one, keys) for one in [*envelopes, *([] if kept is None else [kept])])


def has_triggers() -> bool:
    """Tell whether the triggers are exactly ours: without them, or with others, rows could change behind a release."""
    from django.db import connection

    found: set[tuple[str, ...]]
    wanted: set[tuple[str, ...]]
    server = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(_SERVER_QUESTION if server else _SQLITE_QUESTION)
        rows = cursor.fetchall()
    if server:
        found = {
            (name, enabled, _plain(text).partition(" EXECUTE ")[0], _plain(body)) for name, enabled, text, body in rows
        }
        wanted = {
            (f"{table}_{name}", "O", f"CREATE TRIGGER {table}_{name} {when.format(table=table)}", _SERVER_FUNCTION)
            for table in GROWING
            for name, when in _SERVER.items()
        }
    else:
        found = {(name, _plain(text)) for name, text in rows}
        wanted = {
            (f"{table}_no_{event}", _SQLITE.format(table=table, event=event, upper=event.upper()))
            for table in GROWING
            for event in ("update", "delete")
        }
    return found == wanted


def _plain(text: str | None) -> str:
    """Return a definition without quotes of names, the usual schema's name and needless blanks."""
    return re.sub(r"\s+", " ", (text or "").replace('"', "").replace("public.", "")).strip()


def _broken(why: str) -> IntegrityError:
    return IntegrityError(f"The backup is not what a control zone wrote. {why}", hint="Take another; call an auditor.")
