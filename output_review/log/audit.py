"""The audit: is the log one unbroken chain, and does it hold every checkpoint that anybody kept?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from output_review.log.chain import GENESIS, LogEntry, LogHead
from output_review.signing.envelopes import Envelope, PayloadType, verify
from output_review.signing.keys import PublicKey


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    Args:
        length: number of entries that hold, from the first on.
        hash: hash of the last of them; `GENESIS` if there is none.
        broken_at: place of the first entry that does not hold or is missing; None if all is well.
        problem: what is wrong there; empty if all is well.
    """

    length: int
    hash: str
    broken_at: int | None = None
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether chain and checkpoints hold."""
        return self.broken_at is None


def open_head(envelope: Envelope, allowed: Collection[PublicKey]) -> LogHead:
    """Return the head that one of the `allowed` log keys signed, or raise `IntegrityError`."""
    return LogHead.from_document(verify(envelope, PayloadType.LOG_HEAD, allowed))


def audit(entries: Iterable[LogEntry], heads: Iterable[LogHead] = ()) -> AuditReport:
    """Follow the chain from its start and compare it with checkpoints.

    Args:
        entries: the whole log in order.
        heads: checkpoints, already opened with `open_head`.

    Returns:
        A report that names the first entry that does not hold, in the chain or against a checkpoint.
    """
    checkpoints: dict[int, set[str]] = {}
    for head in heads:
        checkpoints.setdefault(head.sequence, set()).add(head.hash)
    length, value = 0, GENESIS
    if checkpoints.get(0, {GENESIS}) != {GENESIS}:
        return AuditReport(0, GENESIS, 1, "A checkpoint of the empty log is of another log.")
    for entry in entries:
        problem = _problem(entry, length + 1, value)
        if not problem and checkpoints.get(entry.sequence, {entry.hash}) != {entry.hash}:
            problem = "It is not the entry that a checkpoint was taken of: the log was written anew."
        if problem:
            return AuditReport(length, value, length + 1, problem)
        length, value = entry.sequence, entry.hash
    beyond = max(checkpoints, default=0)
    if beyond > length:
        problem = (
            f"A checkpoint shows {beyond} entries, the log has {length}: it was cut off, or an older one restored."
        )
        return AuditReport(length, value, length + 1, problem)
    return AuditReport(length, value)


def _problem(entry: LogEntry, sequence: int, previous: str) -> str:
    if entry.sequence != sequence:
        return "An entry is missing, doubled or out of order."
    if entry.previous != previous:
        return "It does not follow the entry before it."
    return "" if entry.holds() else "It was changed after it was written."
