"""The ledger: per data set a chain of entries, and beside it what each entry is about.

An entry names a package, an output and the digest of its *content*: the recipe and the cells' counts, which the
comparison of releases will need. The content lies in a store of its own, so that the chain stays small.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from disclosure.errors import BadInputError, DataError, IntegrityError, RefusedError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.files import sync_directory
from disclosure.model.tables import JudgedTable
from output_review.log.audit import AuditReport, audit
from output_review.log.chain import GENESIS, LogHead
from output_review.log.stores import FileLog, record
from output_review.store.content import ContentStore

SCHEMA = "datakamp/ledger-content/1"
CHAIN, CONTENT, ACTION = "chain.jsonl", "content", "released"


def ledger_content(table: JudgedTable, output: str) -> bytes:
    """Return what the ledger keeps of a released table: its recipe, and per cell its count and what it showed."""
    counts = [] if table.evidence is None else table.evidence.n_units.tolist()
    cells = [
        {"cell": one.cell.as_dict(), "n_units": units, "status": one.state.value}
        for one, units in zip(table.published(), counts, strict=True)
    ]
    return canonical_json({"schema": SCHEMA, "output": output, "recipe": table.recipe.to_document(), "cells": cells})


class Ledger:
    """The ledger of an office, a folder with one folder per data set."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, data_set: str, *, package: str, output: str, content: bytes, time: datetime) -> None:
        """Record that a package released an output of a data set; recording the same again changes nothing."""
        place = self._place(data_set)
        stored = ContentStore(place / CONTENT).put(content)
        chain = FileLog(place / CHAIN)
        facts = {"package": package, "output": output, "content": stored}
        if any(dict(entry.payload) == facts for entry in chain.read()):
            return
        record(chain, time=time, actor="release", action=ACTION, payload=facts)

    def head(self, data_sets: Iterable[str]) -> str:
        """Return one digest over the last entries of these data sets' chains: how far the ledger had come."""
        heads = dict.fromkeys(data_sets, GENESIS)
        for name in heads:
            for entry in FileLog(self._folder / name / CHAIN).read():
                heads[name] = entry.hash
        return digest(canonical_json(heads))

    def audit(self, data_set: str, heads: Iterable[LogHead] = ()) -> AuditReport:
        """Follow a data set's chain from its start, and look at what each entry is about.

        Args:
            heads: checkpoints, for example those in the log.
        """
        place = self._folder / data_set
        try:
            entries = tuple(FileLog(place / CHAIN).read())
        except (IntegrityError, DataError) as error:
            return AuditReport(0, GENESIS, 1, error.message)
        report = audit(entries, heads)
        for entry in entries[: report.length]:
            try:
                # The folder is looked at first: opening a store makes it, and an audit makes nothing.
                if not (place / CONTENT).is_dir():
                    raise IntegrityError("The folder of the contents is missing.")
                ContentStore(place / CONTENT).get(str(entry.payload.get("content")))
            except (IntegrityError, BadInputError) as error:
                return AuditReport(entry.sequence - 1, entry.previous, entry.sequence, error.message)
        return report

    def _place(self, data_set: str) -> Path:
        place = self._folder / data_set
        try:
            place.mkdir(parents=True, exist_ok=True)
            sync_directory(self._folder)
        except OSError:
            raise RefusedError(
                "The ledger cannot be written.", hint="Is the disk full, or the folder closed?"
            ) from None
        return place
