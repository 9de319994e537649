"""Closing a camp, step by step; each is done once, and a close that was killed goes on where it was.

Nothing is wiped before the archives of code and review have been written and read again. From the first step on the
camp is stopped (`disclosure.exchange.incidents`), so that nothing is added to what was archived.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from disclosure.errors import BadInputError, DataError, DatakampError, IntegrityError, StateError
from disclosure.exchange.camp import DATA_FILE, CampFile
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import file_digest, read_regular, write_atomically
from disclosure.exchange.incidents import CLOSED, begin_closing
from workspace.catalogue import registered, source
from workspace.closing.archive import WORKSPACES, archive_code, checked_archive, code_in
from workspace.organiser_alone import alone
from workspace.untrusted import Removed, remove_folder

CERTIFICATE: Final = "closed.json"
VERSION: Final = 1
CODE: Final = "code"
BEGUN: Final = "begun.json"
"""In the archive: which close it belongs to."""
WIPED: Final = ("microdata", "workspaces", "outbox", "inbox", "hub", "queues", "desks")
"""The folders of a camp that hold records, or may."""
_HANDED_IN: Final = ("outbox", "inbox", "released")
"""The folders in which something lies once a team has handed anything in."""
_LARGEST: Final = 16 << 20
_TOLD: Final = 20


class Review(Protocol):
    """The control zone, as closing needs it."""

    def check(self) -> None:
        """Raise an error if a review is open, or log and ledger do not hold."""

    def archive(self, into: Path) -> Mapping[str, Any]:
        """Copy the control zone into a new folder of `into`, and return what the certificate says of it."""


def close_camp(
    camp: CampFile,
    archive: Path,
    review: Review | None,
    *,
    now: Callable[[], datetime],
    told: Callable[[str], None],
    leave_out: bool = False,
) -> Path:
    """Close a camp and return its certificate.

    Args:
        archive: an existing folder of the office, outside the camp.
        review: None for a camp that was never opened.
        told: called with a line about each step.
        leave_out: whether code that cannot be archived is wiped all the same, and named in the certificate.

    Raises:
        BadInputError: the archive is no folder, lies in the camp, holds that of another close, or cannot be written.
        StateError: another command works on the camp, a review is open, or something was handed in and there is no
            review, or there is code that cannot be archived; nothing was wiped.
        DataError, IntegrityError: what was archived is not what was there. Nothing more is wiped.
    """
    with alone(camp.folder):
        return _closed(camp, archive, review, now, told, leave_out=leave_out)


def _closed(
    camp: CampFile,
    archive: Path,
    review: Review | None,
    now: Callable[[], datetime],
    told: Callable[[str], None],
    *,
    leave_out: bool,
) -> Path:
    certificate = camp.folder / CERTIFICATE
    if certificate.is_file():
        told("the camp is closed already")
        return certificate
    if not archive.is_dir() or archive.resolve().is_relative_to(camp.folder):
        raise BadInputError("The archive is a folder outside the camp.", hint="Make it, and give --archive.")
    steps, place = Steps(camp.folder / CLOSED), archive / f"{camp.name}-closed"
    _refuse_another(place, steps)
    if review is None:
        _check_never_opened(camp, steps.done)
    elif "review" not in steps.done:
        review.check()
    if "checked" not in steps.done:
        _not_archived(camp, leave_out=leave_out)
    begin_closing(camp.folder)
    _begin_in(place, steps)
    data = steps.once("data", lambda: _data(camp))
    told(f"{len(data)} data sets are as they were registered")
    if review is not None:
        kept = steps.once("review", lambda: dict(review.archive(place)))
        told(f"the review is archived: {kept['review']}, {kept['log']['entries']} entries of the log")
    if "checked" not in steps.done:
        files = archive_code(camp, place / CODE)
        left = _not_archived(camp, leave_out=leave_out)
        # Again after a kill: what was archived then may have been moved away, and archived anew.
        steps.again("code", {"files": len(files), "digest": digest(canonical_json(files)), "left": left})
        _check_code(camp, checked_archive(place / CODE))
        steps.once("checked", dict)
    # From here on the workspaces may be gone: nothing is archived of them again.
    _require_checked(place / CODE, steps.done["code"]["digest"])
    for one in steps.done["code"]["left"]:
        told(f"not archived: {one}")
    told(f"{steps.done['code']['files']} files of code and texts are archived")
    for name in WIPED:
        steps.once(f"wiped {name}", partial(_wiped, camp.folder / name))
        told(f"{name}/ is wiped")
    document = {
        "schema": VERSION,
        "camp": camp.name,
        "title": camp.title,
        "closed": now().replace(microsecond=0).isoformat(),
        "archive": place.name,
        **{key: value for key, value in steps.done.items() if key not in ("begun", "checked", "schema")},
    }
    write_atomically(place / CERTIFICATE, canonical_json(document))
    write_atomically(certificate, canonical_json(document))
    return certificate


def _refuse_another(place: Path, steps: Steps) -> None:
    """Refuse an archive that another close began, and another archive once anything was wiped after this one.

    Raises:
        BadInputError: it is one of these.
    """
    if _is_own(place, steps):
        return
    if os.path.lexists(place) and (not place.is_dir() or any(not one.name.startswith(".") for one in place.iterdir())):
        raise BadInputError(
            f"There is a '{place.name}' already, which is not of this closing.",
            hint="Give another folder as --archive, or the one with which the closing was begun.",
        )
    if "checked" in steps.done:
        raise BadInputError(
            "This closing was begun with another archive, and what that holds may be wiped already.",
            hint="Give the same --archive again.",
        )


def _begin_in(place: Path, steps: Steps) -> None:
    """Mark an archive as that of this close; what was done with another one before is done again."""
    if _is_own(place, steps):
        return
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        steps.done = {}
        begun = steps.once("begun", lambda: {"with": secrets.token_hex(16)})
        write_atomically(place / BEGUN, canonical_json(begun))
    except OSError:
        raise BadInputError("The archive cannot be written.", hint="Is the disk full?") from None


def _is_own(place: Path, steps: Steps) -> bool:
    begun = steps.done.get("begun")
    try:
        return begun is not None and read_regular(place / BEGUN, limit=_LARGEST) == canonical_json(begun)
    except (DatakampError, OSError):
        return False


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
            self.again(name, step())
        return dict(self.done[name])

    def again(self, name: str, made: dict[str, Any]) -> None:
        """Write what a step gave, in place of what it gave before."""
        self.done = {**self.done, name: made}
        write_atomically(self._file, canonical_json({"schema": VERSION, "steps": self.done}))


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


def _check_never_opened(camp: CampFile, done: Mapping[str, Any]) -> None:
    """Refuse to take a camp as one without a review if there must have been one.

    Raises:
        StateError: something was handed in, or released.
    """
    if any(f"wiped {name}" in done for name in WIPED):
        return
    worked = [name for name in _HANDED_IN if _holds_a_file(camp.folder / name)]
    if worked:
        raise StateError(
            f"This camp has no review, yet there is something in {', '.join(f'{name}/' for name in worked)}.",
            hint="Restore the review from its backup, or open the camp and decide what was handed in; then close it.",
        )


def _holds_a_file(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return os.path.lexists(folder)
    # A folder that cannot be looked into may hold anything.
    unreadable: list[OSError] = []
    return any(files for _, _, files in os.walk(folder, onerror=unreadable.append)) or bool(unreadable)


def _not_archived(camp: CampFile, *, leave_out: bool) -> list[str]:
    """Return the paths of code that no archive can hold.

    Raises:
        StateError: there is some, and it is not to be left out. Links are: what they lead to is not theirs.
    """
    found = [one for one in code_in(camp.folder / WORKSPACES) if one.data is None and not _absent(camp, one.path)]
    lost = [one.path for one in found if not one.is_link]
    if lost and not leave_out:
        raise StateError(
            f"{len(lost)} files or folders of the teams cannot be archived: {', '.join(lost[:_TOLD])}.",
            hint="They cannot be read, are too large, nested too deep or not regular files. Copy what must be kept, or "
            "close with --leave-out, which wipes them and names them in the certificate.",
        )
    return [one.path for one in found]


def _absent(camp: CampFile, path: str) -> bool:
    return path == "/" and not os.path.lexists(camp.folder / WORKSPACES)


def _check_code(camp: CampFile, archived: Mapping[str, str]) -> None:
    """Refuse to go on if a workspace holds code that was not archived as it is now."""
    for code in code_in(camp.folder / WORKSPACES):
        if code.data is not None and archived.get(f"code/{code.path}") != digest(code.data):
            raise DataError(
                f"'{code.path}' has changed since the teams' code was archived.",
                hint="Nothing was wiped. Who still works? Move the archive away and close again.",
            )


def _require_checked(folder: Path, recorded: str) -> None:
    """Refuse to wipe, or to certify, anything after an archive of code that is not the one that was checked."""
    try:
        found = digest(canonical_json(checked_archive(folder)))
    except DataError:
        found = ""
    if found != recorded:
        raise IntegrityError(
            f"The archive's folder '{folder.name}' is not the one that was checked before anything was wiped.",
            hint="Nothing more was wiped, and nothing is certified. Put it back as it was; then close again.",
        )


def _wiped(folder: Path) -> dict[str, Any]:
    """Remove what is in a folder, and return how many files and bytes that were."""
    if folder.is_symlink():
        raise DataError(f"'{folder.name}' of the camp is a link.", hint="It was not followed, and nothing of it wiped.")
    removed = Removed(0, 0)
    for one in sorted(folder.iterdir()) if folder.is_dir() else ():
        if one.is_dir() and not one.is_symlink():
            removed += remove_folder(one)
        else:
            removed += Removed(1, one.lstat().st_size)
            one.unlink()
    return {"files": removed.files, "bytes": removed.bytes}
