"""The content store: bytes under the name of their SHA-256 digest.

Foreign files come in by `take`: copied, then hashed, then looked at, so that nobody can swap a file after the check.
What lies in the store is never replaced, and never returned without hashing it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from disclosure.errors import BadInputError, DataError, IntegrityError, RefusedError
from disclosure.exchange.canonical import digest, is_digest
from disclosure.exchange.files import read_regular, sync_directory
from output_review.store.once import ExistsError, create_once

DEFAULT_LIMIT = 256 * 1024 * 1024  # bytes of one object
_DIGITS = 64


class ContentStore:
    """A folder of immutable objects, ``<root>/<2 digits>/<62 digits>``.

    Args:
        root: the folder; made if it is missing, refused if it is a link.
        limit: the largest object in bytes.
    """

    def __init__(self, root: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        if root.is_symlink():
            raise BadInputError(f"The content store '{root.name}' is a link.", hint="Name the folder itself.")
        try:
            root.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError:
            raise BadInputError(f"The content store '{root.name}' cannot be made.") from None
        self._root = root
        self._limit = limit

    def put(self, data: bytes) -> str:
        """Store `data` and return its digest; storing the same bytes again changes nothing.

        Raises:
            RefusedError: too large, or the disk refuses; the store is as before.
            IntegrityError: the object exists and no longer matches its digest.
        """
        if len(data) > self._limit:
            raise RefusedError(f"The object is larger than the {self._limit:,} bytes allowed.")
        name = digest(data)
        path = self._path(name)
        self._make_folder(path.parent)
        try:
            create_once(path, data, mode=0o440)
        except ExistsError:
            self.get(name)  # someone stored it before: it must still be what it says
        return name

    def take(self, path: Path) -> str:
        """Copy a foreign file into the store and return the digest of the copy; links and devices are refused."""
        return self.put(read_regular(path, limit=self._limit))

    def get(self, name: str) -> bytes:
        """Return the bytes whose digest is `name`, hashed again now.

        Raises:
            BadInputError: `name` is not a digest.
            IntegrityError: the object is missing, a link, or changed.
        """
        path = self._path(name)
        try:
            data = read_regular(path, limit=self._limit)
        except DataError:
            raise IntegrityError(
                f"The object {name} is not in the content store.", hint="It is missing or not a file."
            ) from None
        if digest(data) != name:
            raise IntegrityError(f"The object {name} was changed in the content store.", hint="Restore it from a copy.")
        return data

    def __contains__(self, name: str) -> bool:
        """Tell whether an object of that name lies here; only `get` says whether it is whole."""
        return self._path(name).is_file()

    def digests(self) -> Iterator[str]:
        """Yield the names of all objects in order; what a killed process left half written has no such name."""
        for folder in sorted(self._root.iterdir()):
            if folder.is_symlink() or not folder.is_dir():
                continue
            for path in sorted(folder.iterdir()):
                name = f"sha256:{folder.name}{path.name}"
                if is_digest(name):
                    yield name

    def _path(self, name: str) -> Path:
        if not is_digest(name):
            raise BadInputError("Expected a digest, 'sha256:' and 64 hexadecimal digits.")
        digits = name[-_DIGITS:]
        return self._root / digits[:2] / digits[2:]

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o750)
            sync_directory(self._root)
        except FileExistsError:
            if folder.is_symlink() or not folder.is_dir():
                raise IntegrityError("A folder of the content store was replaced by something else.") from None
        except OSError:
            raise RefusedError(
                "The content store cannot be written.", hint="Is the disk full, or the folder closed?"
            ) from None
