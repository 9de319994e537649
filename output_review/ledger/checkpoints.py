"""Checkpoints of the ledger in the log: how far each data set's chain had come, so that cutting it off is noticed.

They stand in an entry's payload as flat text, ``ledger.NAME = "LENGTH HASH"``. The log's heads are signed; so what
holds the log holds the ledger too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from disclosure.errors import IntegrityError
from output_review.ledger.ledger import Ledger
from output_review.log.chain import LogEntry, LogHead

_PREFIX = "ledger."


def checkpoint_facts(ledger: Ledger, data_sets: Iterable[str]) -> dict[str, str]:
    """Return how far the chains of these data sets have come, as facts for an entry of the log.

    Raises:
        IntegrityError: a chain is broken.
    """
    facts = {}
    for name in data_sets:
        report = ledger.audit(name)
        if not report.holds:
            raise IntegrityError(f"The ledger of '{name}' is broken: {report.problem}", hint="Call an auditor.")
        facts[f"{_PREFIX}{name}"] = f"{report.length} {report.hash}"
    return facts


def checkpoints(entries: Iterable[LogEntry]) -> Mapping[str, Sequence[LogHead]]:
    """Return the checkpoints in entries of the log, by data set.

    Raises:
        DocumentError, IntegrityError: an entry says something of the ledger that cannot be read.
    """
    found: dict[str, list[LogHead]] = {}
    for entry in entries:
        for key, value in entry.payload.items():
            if key.startswith(_PREFIX):
                length, _, last = str(value).partition(" ")
                if not (length.isascii() and length.isdecimal()):
                    raise IntegrityError(f"Log entry {entry.sequence} holds no readable checkpoint of the ledger.")
                found.setdefault(key.removeprefix(_PREFIX), []).append(LogHead(int(length), last, entry.time))
    return found
