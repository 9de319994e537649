"""Backup: database, content store, log, ledgers and key as they were at one moment, proven by their digests.

While the control zone's lock and the write lock of the database are held, nobody votes, tabulates or releases: the
database, the ledgers and the packages that have not left are copied then. The objects of the store are never changed
or removed, so that those that are there by then are copied after the locks are given back.

A signed head of the log can be written at the same moment, to be kept elsewhere than the copy: it is what tells, when
the copy is put back, that no entry was cut off its log.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE as CAMP_FILE
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import sync_directory
from disclosure.exchange.zones import staging_folder
from output_review.ledger.ledger import CHAIN, CONTENT
from output_review.log.chain import GENESIS
from output_review.services.copies import CAMP, DATABASE, LEDGER, STAGING, STORE, CopyManifest, copy_file, digest_of
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import Envelope
from output_review.signing.fields import moment_text
from output_review.signing.keys import SigningKey
from output_review.store.content import ContentStore
from output_review.store.once import ExistsError, create_once

_SECONDS: Final = 3600
_KEY: Final = "web/session.key"


@dataclass(frozen=True)
class Backup:
    """A copy that was made: its folder, and how far its log had come: its last entry and the hash of that."""

    folder: Path
    sequence: int
    hash: str
    files: int

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return {"backup": str(self.folder), "log": self.sequence, "hash": self.hash, "files": self.files}


def backup(zone: ControlZone, into: Path, head: Path | None = None) -> Backup:
    """Copy a control zone into a new folder in `into`, which appears whole or not at all.

    Args:
        head: a new file for the head of the log at that moment, signed by the log key; to be kept elsewhere.

    Raises:
        BadInputError: `into` is no folder.
        ExistsError: `head` is there already.
        DatakampError: a head is asked for, and the site configuration names no log key that this user can open.
        RefusedError: it cannot be written, or the program that copies the database failed.
    """
    key = None if head is None else _key_for(zone, head)
    if not into.is_dir():
        raise BadInputError(f"There is no folder '{into.name}'.", hint="Make it, on another disk than the camp's.")
    name = f"{zone.camp.name}-{moment_text(zone.clock()).replace(':', '')}-{secrets.token_hex(3)}"
    aside, final = into / f".{name}", into / name
    try:
        aside.mkdir(mode=0o700)
        manifest, signed = _copied(zone, aside, key)
        manifest.write(aside)
        os.replace(aside, final)
        sync_directory(into)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise RefusedError("The backup cannot be written.", hint="Is the disk full, or the folder closed?") from None
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    if head is not None and signed is not None:
        create_once(head, canonical_json(signed.to_document()) + b"\n")
    return Backup(final, manifest.sequence, manifest.hash, len(manifest.digests) + 1)


def _key_for(zone: ControlZone, head: Path) -> SigningKey:
    """Return the log key, before anything is copied, if the file can become a new one."""
    if os.path.lexists(head):
        raise ExistsError(f"'{head.name}' exists already.", hint="It is never overwritten; name another file.")
    if not head.parent.is_dir():
        raise BadInputError("The folder for the signed head is not there.", hint="Make it, elsewhere than the backup.")
    return zone.site.key("log")


def _copied(zone: ControlZone, aside: Path, key: SigningKey | None) -> tuple[CopyManifest, Envelope | None]:
    from django.db import connection, transaction

    from output_review.log.database import DatabaseLog

    digests: dict[str, str] = {}
    with zone.lock():
        with transaction.atomic():
            last = DatabaseLog().last()
            _database(zone, aside / DATABASE)
            # After the copy, in the same transaction: the head is of exactly what was copied.
            signed = None if key is None else zone.sign_head(key)
            engine, now = connection.vendor, moment_text(zone.clock())
        digests[DATABASE] = digest_of(aside / DATABASE)
        for data_set in zone.data_sets:
            digests |= _ledger(zone, data_set, aside)
        staging = staging_folder(zone.camp)
        for package in sorted(staging.glob("*.zip")):
            digests[f"{STAGING}/{package.name}"] = copy_file(package, aside / STAGING / package.name)
        digests[CAMP] = copy_file(zone.camp.folder / CAMP_FILE, aside / CAMP)
        if (zone.camp.review / _KEY).is_file():
            digests[_KEY] = copy_file(zone.camp.review / _KEY, aside / _KEY)
        names = tuple(zone.store.digests())
    digests |= _objects(zone.camp.review / STORE, names, aside, STORE)
    sequence, head = (0, GENESIS) if last is None else (last.sequence, last.hash)
    return CopyManifest(zone.camp.name, now, engine, sequence, head, zone.data_sets, digests), signed


def _database(zone: ControlZone, target: Path) -> None:
    """Copy the database; the caller's transaction keeps everybody else from writing."""
    from django.db import connection

    if zone.camp.database is not None:
        words = " ".join(zone.camp.database.words())
        run_server_program("pg_dump", "--format=custom", f"--file={target}", f"--dbname={words}")
        target.chmod(0o600)
        return
    source = Path(connection.settings_dict["NAME"]).as_uri() + "?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
        written.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def run_server_program(name: str, *words: str) -> None:
    """Run a program of PostgreSQL's.

    Raises:
        RefusedError: it is not installed, or fails; what it says is not repeated, for it may quote rows.
    """
    program = shutil.which(name)
    if program is None:
        raise RefusedError(f"The program {name} is not installed.", hint="It comes with PostgreSQL's client programs.")
    try:
        done = subprocess.run([program, *words], check=False, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise RefusedError(f"{name} took longer than an hour.") from None
    if done.returncode:
        raise RefusedError(f"{name} failed.", hint="Try it by hand; is it of the server's version?")


def _ledger(zone: ControlZone, data_set: str, aside: Path) -> dict[str, str]:
    """Copy the ledger of a data set; another camp of the office may be adding to it."""
    place = zone.site.ledger / data_set
    if not (place / CHAIN).is_file():
        return {}
    inside = f"{LEDGER}/{data_set}"
    with (place / CHAIN).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        found = {f"{inside}/{CHAIN}": copy_file(place / CHAIN, aside / inside / CHAIN)}
    names = tuple(ContentStore(place / CONTENT).digests())
    return found | _objects(place / CONTENT, names, aside, f"{inside}/{CONTENT}")


def _objects(store: Path, names: tuple[str, ...], aside: Path, inside: str) -> dict[str, str]:
    found = {}
    for name in names:
        digits = name.rpartition(":")[2]
        path = f"{digits[:2]}/{digits[2:]}"
        found[f"{inside}/{path}"] = copy_file(store / path, aside / inside / path)
    return found
