"""Restore: a copy that `backup` made becomes a control zone again, once every byte of it is what its manifest says.

The office's ledger only grows, so it is never set back: what the copy has and the office lacks is added, and a ledger
that is another one is refused.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, DataError, IntegrityError, RefusedError
from disclosure.exchange.camp import FILE as CAMP_FILE
from disclosure.exchange.camp import CampFile, read_camp
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.databases import database_of
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.zones import staging_folder
from output_review.database import FILE as DATABASE_FILE
from output_review.database import open_database
from output_review.ledger.ledger import CHAIN
from output_review.services.backup import run_server_program
from output_review.services.copies import CAMP, DATABASE, LEDGER, STAGING, STORE, CopyManifest, copy_file, read_copy
from output_review.signing.envelopes import Envelope
from output_review.site import Site, read_site

_ENTRY: Final = re.compile(rb"^database\s*=.*$", re.MULTILINE)
_LIMIT: Final = 1 << 28
_HEAD: Final = 100_000


def restore(copy: Path, folder: Path, site_file: Path, database: str = "", head: Path | None = None) -> CopyManifest:
    """Put a copy back as a camp's folder and return its manifest.

    Microdata, workspaces and what lies in the outbox are no part of it; released packages have left.

    Args:
        folder: the camp's folder, empty or not there.
        site_file: the office's site configuration, whose ledger is completed.
        database: the address of another database of a server than that in the copy's camp.toml, which is changed.
        head: the signed head that was written with the copy and kept elsewhere. With it, a log that was cut off is
            refused; without, one that was cut off after the last head within it looks whole.

    Raises:
        IntegrityError: the copy is damaged or incomplete, or what is in it contradicts itself, see `restored`; nothing
            is made, but for the tables in the database of a server, which nobody opens then: there is no camp.toml.
        RefusedError: the ledger is another one, or the database is not empty.
        BadInputError: the folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInputError("The folder is not empty.", hint="Restore into a new one, and look at it first.")
    kept = None if head is None else _kept(head)
    manifest, site = read_copy(copy), read_site(site_file)
    if database and (manifest.engine != "postgresql" or database_of(database) is None):
        raise BadInputError("The backup is of a database file.", hint="Leave --database out.")
    for name in manifest.data_sets:
        _check_ledger(copy, site, name)
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    text = read_regular(copy / CAMP, limit=_LIMIT)
    if database:
        text = _ENTRY.sub(f'database = "{database}"'.encode(), text, count=1)
    write_atomically(folder / CAMP_FILE, text)
    camp = read_camp(folder)
    try:
        _restore_files(copy, camp, manifest)
        _restore_database(copy, camp)
        _check_log(camp, site, manifest, kept)
    except IntegrityError:
        _clear(folder)
        raise
    for name in manifest.data_sets:
        _complete_ledger(copy, site, name)
    return manifest


def _restore_files(copy: Path, camp: CampFile, manifest: CopyManifest) -> None:
    for place in (camp.review, camp.released):
        place.mkdir(mode=0o750)
    for team in camp.teams:
        for place in (camp.outbox(team.name), camp.inbox(team.name)):
            place.mkdir(mode=0o750, parents=True)
    for name in manifest.digests:
        first = name.partition("/")[0]
        if first in (STORE, "web"):
            copy_file(copy / name, camp.review / name)
        elif first == STAGING:
            copy_file(copy / name, staging_folder(camp) / Path(name).name)
    for path in (camp.review / STORE).glob("*/*"):
        path.chmod(0o440)


def _restore_database(copy: Path, camp: CampFile) -> None:
    if camp.database is None:
        copy_file(copy / DATABASE, camp.review / DATABASE_FILE)
        return
    words = " ".join(camp.database.words())
    # One transaction: all or nothing; a table that is there already makes it nothing.
    run_server_program(
        "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={words}", str(copy / DATABASE)
    )


def _kept(head: Path) -> Envelope:
    return Envelope.from_document(parse_json(read_regular(head, limit=_HEAD), what="The signed head"))


def _check_log(camp: CampFile, site: Site, manifest: CopyManifest, kept: Envelope | None) -> None:
    """Refuse a log that is broken or not the one that the manifest names; the site configuration may have moved."""
    open_database(camp.review, camp.database)
    from output_review.models import CampRow
    from output_review.services.restored import check_restored

    report = check_restored(site, kept)
    if (report.length, report.hash) != (manifest.sequence, manifest.hash):
        raise IntegrityError("The log in the backup is broken.", hint="Take another backup, and call an auditor.")
    CampRow.objects.update(site=str(site.path))


def _clear(folder: Path) -> None:
    """Take away what was put into the folder, which was empty; a database of a server is left for who looks at it."""
    from django.db import connections

    connections.close_all()
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _check_ledger(copy: Path, site: Site, name: str) -> None:
    """Refuse a ledger that is neither the beginning of the copy's nor goes on from it."""
    there, here = _chain(copy / LEDGER / name / CHAIN), _chain(site.ledger / name / CHAIN)
    if not (there.startswith(here) or here.startswith(there)):
        raise RefusedError(
            f"The office's ledger of '{name}' is another one than the backup's.", hint="Call an auditor."
        )


def _complete_ledger(copy: Path, site: Site, name: str) -> None:
    there, here = _chain(copy / LEDGER / name / CHAIN), _chain(site.ledger / name / CHAIN)
    source = copy / LEDGER / name
    if len(there) <= len(here):
        return
    for path in sorted(source.rglob("*")):
        target = site.ledger / name / path.relative_to(source)
        if path.is_file() and path.name != CHAIN and not os.path.lexists(target):
            copy_file(path, target)
            target.chmod(0o440)
    (site.ledger / name).mkdir(mode=0o750, parents=True, exist_ok=True)
    write_atomically(site.ledger / name / CHAIN, there, mode=0o640)


def _chain(path: Path) -> bytes:
    """Return the whole lines of a chain; none if there is no file."""
    if not os.path.lexists(path):
        return b""
    try:
        data = read_regular(path, limit=_LIMIT)
    except DataError:
        raise IntegrityError("A ledger cannot be read.", hint="Call an auditor.") from None
    return data[: data.rfind(b"\n") + 1]
