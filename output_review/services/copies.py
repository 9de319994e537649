"""A copy of a control zone: a folder of files, and a manifest that names each of them with its digest.

backup.json      the manifest, written last: a folder without one is no backup
camp.toml        what the camp is
database         the database: a file of SQLite, or an archive of pg_dump
store/           the content store
staging/         packages that are released and have not left
web/             the key that signs sessions
ledger/D/        per data set: the chain, and what its entries are about
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import DocumentError, IntegrityError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import read_regular, write_atomically
from output_review.signing import fields

SCHEMA: Final = "datakamp/backup/1"
MANIFEST, CAMP, DATABASE = "backup.json", "camp.toml", "database"
STORE, STAGING, LEDGER = "store", "staging", "ledger"
_LIMIT: Final = 1 << 28
_CHUNK: Final = 1 << 20
_FIELDS: Final = ("schema", "camp", "time", "engine", "sequence", "hash", "data_sets", "files")


@dataclass(frozen=True)
class CopyManifest:
    """What a copy holds.

    Attributes:
        time: when it was made, UTC.
        engine: "sqlite" or "postgresql".
        sequence, hash: the last entry of the log in it.
        data_sets: those whose ledger is in it.
        digests: path in the copy to digest, of every file but the manifest.
    """

    camp: str
    time: str
    engine: str
    sequence: int
    hash: str
    data_sets: tuple[str, ...]
    digests: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.engine not in ("sqlite", "postgresql"):
            raise DocumentError("The backup is of an unknown kind of database.")
        fields.count(self.sequence, "Backup: sequence")
        fields.digest_text(self.hash, "Backup: hash")
        for name, value in self.digests.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or str(path) != name:
                raise DocumentError("The backup names a file outside of itself.")
            fields.digest_text(value, "Backup: digest")
        object.__setattr__(self, "digests", MappingProxyType(dict(self.digests)))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return {
            "schema": SCHEMA, "camp": self.camp, "time": self.time, "engine": self.engine, "sequence": self.sequence,
            "hash": self.hash, "data_sets": list(self.data_sets), "files": dict(self.digests),
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """Write it into the folder of the copy, as the last file."""
        write_atomically(folder / MANIFEST, canonical_json(self.to_document()) + b"\n", mode=0o600)


def read_copy(folder: Path) -> CopyManifest:
    """Return the manifest of a copy, once every file is found to be the one that it names, and there is no other.

    Raises:
        IntegrityError: a file is missing, damaged, or one too many.
        DataError, DocumentError: there is no manifest, or it is none.
    """
    document = dict(
        fields.exactly(parse_json(read_regular(folder / MANIFEST, limit=_LIMIT), what="The backup"), _FIELDS, "Backup")
    )
    fields.schema(document, SCHEMA, "Backup")
    names, digests = document["data_sets"], document["files"]
    if not isinstance(names, list) or not isinstance(digests, dict):
        raise DocumentError("Backup: expected data_sets and files.")
    manifest = CopyManifest(
        str(document["camp"]), str(document["time"]), str(document["engine"]), document["sequence"],
        document["hash"], tuple(str(name) for name in names), digests,
    )  # fmt: skip
    found = set(files_in(folder)) - {MANIFEST}
    if missing := sorted(set(digests) - found):
        raise IntegrityError(f"The backup is not whole: {len(missing)} files are missing, '{missing[0]}' first.")
    if more := sorted(found - set(digests)):
        raise IntegrityError(f"The backup holds {len(more)} files that it does not name, '{more[0]}' first.")
    for name, value in sorted(digests.items()):
        if digest_of(folder / name) != value:
            raise IntegrityError(f"'{name}' in the backup is damaged.", hint="Take another backup.")
    return manifest


def files_in(folder: Path) -> Iterator[str]:
    """Yield the paths of all files in a folder, as seen from it.

    Raises:
        IntegrityError: something in it is neither a file nor a folder.
    """
    for place, folders, names in os.walk(folder):
        for name in [*names, *folders]:
            path = Path(place, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path.relative_to(folder).as_posix()
            elif not stat.S_ISDIR(mode):
                raise IntegrityError("The backup holds something that is neither a file nor a folder.")


def digest_of(path: Path) -> str:
    """Return the digest of a regular file, read in pieces: a database may be large."""
    state = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
        while chunk := stream.read(_CHUNK):
            state.update(chunk)
    return f"sha256:{state.hexdigest()}"


def copy_file(source: Path, target: Path) -> str:
    """Copy a regular file, durably and readable by its owner only, and return its digest."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as read,
        os.fdopen(os.open(target, flags, 0o600), "wb") as written,
    ):
        while chunk := read.read(_CHUNK):
            state.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    return f"sha256:{state.hexdigest()}"
