"""What the hub keeps of each person: in the camp's folder `hub/accounts`, one file per name, for the hub's user only.

An account is made by an organiser's code. It says nothing of roles and teams: those are read from camp.toml.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DataError, IntegrityError
from disclosure.exchange.canonical import canonical_json, is_digest, parse_json
from disclosure.exchange.files import read_regular, write_atomically

SCHEMA: Final = 1
_LARGEST: Final = 1 << 14
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Account:
    """A person's account; times are whole seconds since 1970.

    Attributes:
        name: as in camp.toml.
        code: digest of the organiser's code, empty once it is used.
        code_until: when the code expires.
        secret: of the digits.
        password: its Argon2 hash; empty until the owner has set it.
        step: of the digits that were accepted last.
        failures: in a row.
        locked_until: no attempt is looked at before.
        signed: digest of the statement that was signed; empty if none was.
        signed_at: when.
    """

    name: str
    code: str = ""
    code_until: int = 0
    secret: str = ""
    password: str = ""
    step: int = 0
    failures: int = 0
    locked_until: int = 0
    signed: str = ""
    signed_at: int = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if type(value) is not (int if one.type == "int" else str) or (type(value) is int and value < 0):
                raise IntegrityError("An account holds what no account holds.", hint="Make a new code for the person.")
        if any(value and not is_digest(value) for value in (self.code, self.signed)):
            raise IntegrityError("An account holds what no account holds.", hint="Make a new code for the person.")


class Accounts:
    """The accounts of a camp.

    Args:
        folder: is made, for this user only, when the first account is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str) -> Account | None:
        """Return the account of a name, or None.

        Raises:
            IntegrityError: its file is not what was written.
        """
        path = self._path(name)
        if not path.exists():
            return None
        try:
            document = parse_json(read_regular(path, limit=_LARGEST), what="An account")
        except DataError:
            raise IntegrityError(f"The account of {name} cannot be read.", hint="Make a new code.") from None
        return _account(document, name)

    @contextmanager
    def changing(self, name: str) -> Iterator[Change]:
        """Give the account of a name to be looked at and changed, while nobody else does.

        What was put is kept, also when the block raises: a failure counts.
        """
        path = self._path(name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            change = Change(self.find(name))
            try:
                yield change
            finally:
                if change.new is not None:
                    document = {"schema": SCHEMA, **asdict(change.new)}
                    write_atomically(path, canonical_json(document), mode=0o600)
        finally:
            os.close(lock)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadInputError("A person's name has small letters, digits and hyphens.")
        return self._folder / f"{name}.json"


@dataclass
class Change:
    """An account as it was found, and what it is to become; None if nothing changes."""

    found: Account | None
    new: Account | None = None


def _account(document: Any, name: str) -> Account:
    names = {one.name for one in fields(Account)}
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or set(document) != {"schema", *names}:
        raise IntegrityError(f"The account of {name} is not one.", hint="Make a new code for the person.")
    account = Account(**{key: value for key, value in document.items() if key != "schema"})
    if account.name != name:
        raise IntegrityError(f"The account of {name} is somebody else's.", hint="Make a new code for the person.")
    return account
