"""Where the review's database is, if it is not the file in the control zone: one entry of camp.toml.

    database = "postgresql:///camp?host=/run/postgresql"

There is no password in it: who may enter is said by the server (peer), or by a file of passwords that only the user of
the control zone reads (`passfile`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from disclosure.errors import DocumentError
from disclosure.exchange.camp_entries import FILE

_SCHEME: Final = "postgresql"
_OPTIONS: Final = frozenset({"passfile", "sslmode", "sslrootcert", "sslcert", "sslkey"})
_FILES: Final = frozenset({"passfile", "sslrootcert", "sslcert", "sslkey"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_EXAMPLE: Final = 'For example database = "postgresql:///camp?host=/run/postgresql".'


@dataclass(frozen=True)
class DatabaseAddress:
    """A database of a PostgreSQL server.

    Attributes:
        host: a name, or the folder of the server's socket; empty for where the library looks by itself.
        port, user: empty for the usual ones.
        options: further settings of the connection, by libpq's names.
    """

    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def words(self) -> tuple[str, ...]:
        """Return the address as `key=value` words, as libpq's programs take them."""
        named = {"dbname": self.name, "host": self.host, "port": self.port, "user": self.user, **self.options}
        return tuple(f"{key}={value}" for key, value in named.items() if value)


def database_of(value: Any) -> DatabaseAddress | None:
    """Return the address in an entry of camp.toml; None if the entry is empty or absent.

    >>> database_of("postgresql:///camp?host=/run/postgresql").words()
    ('dbname=camp', 'host=/run/postgresql')

    Raises:
        DocumentError: it is no such address, holds a password, or says what no address says.
    """
    if value == "":
        return None
    if not isinstance(value, str):
        raise DocumentError(f"{FILE}: database is a text.", hint=_EXAMPLE)
    try:
        parts = urlsplit(value)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
        host, port = unquote(parts.hostname or ""), "" if parts.port is None else str(parts.port)
    except ValueError:
        raise DocumentError(f"{FILE}: database is not an address.", hint=_EXAMPLE) from None
    if parts.password is not None or any(key == "password" for key, _ in query):
        raise DocumentError(
            f"{FILE}: database holds a password.", hint="Let the server know the user (peer), or name a passfile."
        )
    name, said = unquote(parts.path.removeprefix("/")), dict(query)
    known = {"host", "port", "user"} | _OPTIONS
    if parts.scheme != _SCHEME or parts.fragment or len(said) != len(query) or not said.keys() <= known:
        raise DocumentError(f"{FILE}: database says what no address says.", hint=_EXAMPLE)
    if not _NAME.fullmatch(name):
        raise DocumentError(f"{FILE}: database names no database.", hint=_EXAMPLE)
    if any(not value.isprintable() or " " in value or "'" in value or "\\" in value for value in said.values()):
        raise DocumentError(f"{FILE}: database has signs that an address does not have.", hint=_EXAMPLE)
    if not all(PurePosixPath(said[key]).is_absolute() for key in _FILES & said.keys()):
        raise DocumentError(f"{FILE}: database names files by their whole path.", hint=_EXAMPLE)
    return DatabaseAddress(
        name,
        said.get("host", host),
        said.get("port", port),
        said.get("user", unquote(parts.username or "")),
        MappingProxyType({key: said[key] for key in sorted(_OPTIONS & said.keys())}),
    )
