"""What a camp's review needs to work, for `datakamp doctor --camp`: looked at, never changed.

Nothing is opened as the services open it, because that would bring tables up to date and finish what was interrupted.
So a part that cannot be looked at says so, and the others are looked at all the same.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from disclosure.errors import DatakampError
from disclosure.exchange.camp import CampFile, read_camp
from output_review.domain.jobs import SILENCE, JobState
from output_review.site import VARIABLE
from output_review.site_doctor import ADVICE, MISSING, WELL, Looked, examined_secrets, examined_site

_APART: Final = timedelta(seconds=5)
"""How far two clocks may be apart before it is worth a word: entries of the log are in whole seconds."""
_AS_WHOM: Final = "Run this as the control zone's user, or as root."


def examined_camp(folder: Path) -> Iterator[Looked]:
    """Yield each part of a camp: what, state ("well", "advice", "missing"), what was found, and the remedy."""
    try:
        camp = read_camp(folder)
    except DatakampError as error:
        yield "camp", MISSING, error.message, error.hint or "Name the camp's folder."
        return
    yield "camp", WELL, f"'{camp.name}', {camp.mode.value}", ""
    yield _zone_folder(camp)
    yield from examined_secrets(camp.review)
    database = _database(camp)
    yield database
    if database[1] == MISSING:
        return
    tables = _tables()
    yield tables
    if tables[1] != WELL:
        return
    yield _guard()
    yield _clock()
    yield _worker(camp)
    site = _site_file()
    if site is None:
        yield "site configuration", MISSING, "the camp was not opened with one", "Run: datakamp camp open"
        return
    yield from examined_site(site)


def _zone_folder(camp: CampFile) -> Looked:
    what = "folder of the control zone"
    try:
        mode = stat.S_IMODE(camp.review.stat().st_mode)
    except OSError:
        return what, MISSING, "there is none, or it cannot be reached", f"Run: datakamp camp open. {_AS_WHOM}"
    if mode & 0o007:
        return what, MISSING, f"everybody may enter it (mode {mode:o})", f"Run: chmod o= {camp.review.name}"
    if not os.access(camp.review, os.W_OK | os.X_OK):
        return what, MISSING, "this user cannot write into it", _AS_WHOM
    return what, WELL, f"mode {mode:o}", ""


def _database(camp: CampFile) -> Looked:
    """Tell whether the database answers, and whether this user may write to it; the write lock is taken and freed."""
    from django.db import DatabaseError, connection, transaction

    from output_review.database import has_database, turn_to

    what = "database of the camp"
    server = camp.database is not None
    if not has_database(camp.review, camp.database):
        return what, MISSING, "there is none: the camp is not open", "Run: datakamp camp open"
    turn_to(camp.review, camp.database)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if server:
                cursor.execute("SELECT current_setting('transaction_read_only') = 'off', version()")
                writable, found = cursor.fetchone()
                found = " ".join(str(found).split()[:2])
            else:
                # Beginning takes the write lock: who may only read is refused there.
                writable, found = True, f"a file of {(camp.review / 'review.sqlite3').stat().st_size / 1e6:.1f} MB"
    except (DatabaseError, OSError):
        where = "the server does not answer, or not to this user" if server else "it cannot be written, or is damaged"
        remedy = "Does it run, and may this user log in?" if server else "Is the disk full?"
        return what, MISSING, where, f"{remedy} {_AS_WHOM}"
    if not writable:
        return what, MISSING, "it can only be read", "Is it a copy that follows another server?"
    return what, WELL, str(found), ""


def _tables() -> Looked:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    what = "tables of the database"
    executor = MigrationExecutor(connection)
    loader = executor.loader
    unknown = [key for key in loader.applied_migrations if key[0] == "output_review" and key not in loader.graph.nodes]
    if unknown:
        return what, MISSING, "they are of a newer version than this program", "Install the version that made them."
    behind = len(executor.migration_plan(loader.graph.leaf_nodes()))
    if not any(key[0] == "output_review" for key in loader.applied_migrations):
        return what, MISSING, "there are none: the camp is not open", "Run: datakamp camp open"
    if behind:
        remedy = "Make a backup; then the next command brings them up to date."
        return what, ADVICE, f"{behind} steps behind this program", remedy
    return what, WELL, "of this version", ""


def _guard() -> Looked:
    from output_review.services.restored import has_triggers

    what = "guard of the log"
    if not has_triggers():
        return what, MISSING, "triggers that keep the log are not all there, or there are others", "Call an auditor."
    return what, WELL, "the log, its heads and the reads can only grow", ""


def _clock() -> Looked:
    """Tell whether the clock goes with what was written by it before, and with that of the server."""
    from django.db import connection

    from output_review.log.database import DatabaseLog

    what, now = "clock", datetime.now(UTC)
    last = DatabaseLog().last()
    if last is not None and datetime.fromisoformat(last.time) > now + _APART:
        behind = datetime.fromisoformat(last.time) - now
        return what, MISSING, f"{behind.total_seconds():.0f} s behind the last entry of the log", "Set the clock."
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - datetime.now(UTC))
        if apart > _APART:
            return what, ADVICE, f"{apart.total_seconds():.0f} s apart from the server's", "Set both clocks."
    return what, WELL, f"{now:%Y-%m-%d %H:%M:%S} UTC, not before the last entry of the log", ""


def _worker(camp: CampFile) -> Looked:
    from output_review.models import JobRow
    from output_review.services.beating import beat_in

    what, now, beat = "worker", datetime.now(UTC), beat_in(camp.review)
    given_up = JobRow.objects.filter(state=JobState.FAILED.value).count()
    due = JobRow.objects.filter(state=JobState.QUEUED.value, due__lte=now).count()
    if beat is not None and beat >= now - SILENCE:
        more = f"; {given_up} jobs were given up" if given_up else ""
        return (
            what,
            ADVICE if given_up else WELL,
            f"heard of {_ago(beat, now)} ago{more}",
            ("The page Worker and jobs says which." if given_up else ""),
        )
    found = "none was ever heard of" if beat is None else f"not heard of for {_ago(beat, now)}"
    remedy = "Start: datakamp review work, or review serve --with-worker"
    return (what, MISSING, f"{found}, and {due} jobs are due", remedy) if due else (what, ADVICE, found, remedy)


def _ago(beat: datetime, now: datetime) -> str:
    return str(timedelta(seconds=max(0, int((now - beat).total_seconds()))))


def _site_file() -> Path | None:
    from output_review.models import CampRow

    row, named = CampRow.objects.first(), os.environ.get(VARIABLE)
    return None if row is None else Path(named or row.site)
