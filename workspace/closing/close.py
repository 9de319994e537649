"""Closing a camp, step by step; each is done once, and a close that was killed goes on where it was.

Nothing is wiped before the archives of code and review have been written and read again. From the first step on the
camp is stopped (`disclosure.exchange.incidents`), so that nothing is added to what was archived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from disclosure.errors import BadInputError, DataError, DatakampError, IntegrityError
from disclosure.exchange.camp import DATA_FILE, CampFile
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import file_digest, read_regular, write_atomically
from disclosure.exchange.incidents import CLOSED, begin_closing
from workspace.catalogue import registered, source
from workspace.closing.archive import archive_code, checked_archive, code_in
from workspace.untrusted import remove_folder

CERTIFICATE: Final = "closed.json"
VERSION: Final = 1
CODE: Final = "code"
WIPED: Final = ("microdata", "workspaces", "outbox", "inbox", "hub", "queues", "desks")
"""The folders of a camp that hold records, or may."""
_LARGEST: Final = 16 << 20


class Review(Protocol):
    """The control zone, as closing needs it."""

    def check(self) -> None:
        """Raise an error if a review is open, or log and ledger do not hold."""

    def archive(self, into: Path) -> Mapping[str, Any]:
        """Copy the control zone into a new folder of `into`, and return what the certificate says of it."""


def close_camp(
    camp: CampFile, archive: Path, review: Review | None, *, now: Callable[[], datetime], told: Callable[[str], None]
) -> Path:
    """Close a camp and return its certificate.

    Args:
        archive: an existing folder of the office, outside the camp.
        review: None for a camp that was never opened.
        told: called with a line about each step.

    Raises:
        BadInputError: the archive is no folder, lies in the camp, or cannot be written.
        StateError: a review is open; nothing has changed.
        DataError, IntegrityError: what was archived is not what was there. Nothing more is wiped.
    """
    certificate = camp.folder / CERTIFICATE
    if certificate.is_file():
        told("the camp is closed already")
        return certificate
    if not archive.is_dir() or archive.resolve().is_relative_to(camp.folder):
        raise BadInputError("The archive is a folder outside the camp.", hint="Make it, and give --archive.")
    steps = Steps(camp.folder / CLOSED)
    if review is not None and "review" not in steps.done:
        review.check()
    begin_closing(camp.folder)
    place = archive / f"{camp.name}-closed"
    place.mkdir(mode=0o700, exist_ok=True)
    data = steps.once("data", lambda: _data(camp))
    told(f"{len(data)} data sets are as they were registered")
    if review is not None:
        kept = steps.once("review", lambda: dict(review.archive(place)))
        told(f"the review is archived: {kept['review']}, {kept['log']['entries']} entries of the log")
    files = archive_code(camp, place / CODE)
    left = _not_archived(camp)
    steps.once("code", lambda: {"files": len(files), "digest": digest(canonical_json(files)), "left": left})
    for one in left:
        told(f"not archived, since it is a link, too large or no file: {one}")
    told(f"{len(files)} files of code and texts are archived")
    if "checked" not in steps.done:
        _check_code(camp, checked_archive(place / CODE))
        steps.once("checked", dict)
    for name in WIPED:
        steps.once(f"wiped {name}", partial(_wiped, camp.folder / name))
        told(f"{name}/ is wiped")
    document = {
        "schema": VERSION,
        "camp": camp.name,
        "title": camp.title,
        "closed": now().replace(microsecond=0).isoformat(),
        "archive": place.name,
        **{key: value for key, value in steps.done.items() if key not in ("checked", "schema")},
    }
    write_atomically(place / CERTIFICATE, canonical_json(document))
    write_atomically(certificate, canonical_json(document))
    return certificate


class Steps:
    """What has been done of a close, in a file that is written after each step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.done: dict[str, Any] = {}
        if file.is_file():
            try:
                document: Any = parse_json(read_regular(file, limit=_LARGEST), what="the steps")
                self.done = dict(document["steps"])
            except (DatakampError, OSError, KeyError, TypeError, ValueError):
                raise IntegrityError(f"'{file.name}' of the camp cannot be read.", hint="Nothing was done.") from None

    def once(self, name: str, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what a step gave, doing it if it was not done."""
        if name not in self.done:
            made = step()
            self.done = {**self.done, name: made}
            write_atomically(self._file, canonical_json({"schema": VERSION, "steps": self.done}))
        return dict(self.done[name])


def _data(camp: CampFile) -> dict[str, Any]:
    """Return the digests of the data sets that are about to be wiped."""
    folder, known = camp.folder / "microdata", registered(camp)
    names = sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []
    # One that was never registered is wiped as well; what it was can only be read now.
    return {
        name: source(camp, name).digest if name in known else f"not registered: {_digest(folder / name / DATA_FILE)}"
        for name in names
    }


def _digest(file: Path) -> str:
    return file_digest(file) if file.is_file() and not file.is_symlink() else "no data file"


def _not_archived(camp: CampFile) -> list[str]:
    teams = [team.name for team in camp.teams if camp.workspace(team.name).is_dir()]
    return [f"{team}/{path}" for team in teams for path, data in code_in(camp.workspace(team)) if data is None]


def _check_code(camp: CampFile, archived: Mapping[str, str]) -> None:
    """Refuse to go on if a workspace holds code that was not archived as it is now."""
    for team in camp.teams:
        if not camp.workspace(team.name).is_dir():
            continue
        for path, data in code_in(camp.workspace(team.name)):
            if data is not None and archived.get(f"code/{team.name}/{path}") != digest(data):
                raise DataError(
                    f"Code of '{team.name}' has changed since it was archived.",
                    hint="Nothing was wiped. Who still works? Move the archive away and close again.",
                )


def _wiped(folder: Path) -> dict[str, Any]:
    """Remove what is in a folder, and return how many files and bytes that were."""
    files = size = 0
    if folder.is_symlink():
        raise DataError(f"'{folder.name}' of the camp is a link.", hint="It was not followed, and nothing of it wiped.")
    if not folder.is_dir():
        return {"files": 0, "bytes": 0}
    for one in folder.rglob("*"):
        if one.is_file() and not one.is_symlink():
            files, size = files + 1, size + one.stat().st_size
    for one in sorted(folder.iterdir()):
        if one.is_dir() and not one.is_symlink():
            remove_folder(one)
        else:
            one.unlink()
    return {"files": files, "bytes": size}
