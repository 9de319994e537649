"""The office's site configuration: which roots it trusts, where keys, passphrases and the ledger lie.

It is never part of a camp, and what it trusts is taken from nowhere else.

    schema = 1
    ledger = "ledger"
    roots = ["SHA256:..."]      # fingerprints, as `key new` and `key list` print them
    [root]                      # needed by `camp open` only
    key = "keys/root.key"
    passphrase_file = "keys/root.passphrase"
    [log]
    key = "keys/log.key"
    passphrase_file = "keys/log.passphrase"
    [release]
    key = "keys/release.key"
    passphrase_file = "keys/release.passphrase"
    [reviewers]
    vera = "keys/vera.pub"

How people log in stands there too, see `site_entry`, and how they are told of something, see `notice_settings`.

Paths are relative to the file. A passphrase file is what a service manager hands to a program (systemd credentials,
a mounted secret); a reviewer's passphrase is in none. A camp remembers the path of the file with which it was opened;
where somebody else can write to the camp's database, name the file in the environment as DATAKAMP_SITE, and a camp
that remembers another one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.files import read_regular
from disclosure.model.toml import NotTomlError, parse_toml
from output_review.notice_settings import NoticeSettings, notice_settings
from output_review.signing.key_files import read_private_key, read_public_key
from output_review.signing.keys import PublicKey, SigningKey
from output_review.site_entry import TABLES, Entry, entry_of

SCHEMA = 1
VARIABLE = "DATAKAMP_SITE"
_LIMIT = 100_000
_FINGERPRINT = re.compile(r"(DEMO-)?SHA256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Site:
    """The site configuration, read but with no key opened yet.

    Attributes:
        roots: the fingerprints of the root keys that the office trusts; at least one.
        entry: how people log in.
        notices: how people are told of something; None if they are not.
    """

    path: Path
    ledger: Path
    roots: tuple[str, ...]
    keys: Mapping[str, tuple[Path, Path]]
    reviewers: Mapping[str, Path]
    entry: Entry = field(default_factory=Entry)
    notices: NoticeSettings | None = None

    def key(self, name: str) -> SigningKey:
        """Return the private key of a program ("log", "release") or the root.

        Raises:
            DocumentError: the configuration does not name it.
        """
        if name not in self.keys:
            raise DocumentError(f"The site configuration names no {name} key.", hint=f"Add a [{name}] table.")
        path, secret = self.keys[name]
        return read_private_key(path, read_passphrase(secret))

    def reviewer_keys(self) -> dict[str, PublicKey]:
        """Return the reviewers' public keys by name."""
        return {name: read_public_key(path) for name, path in self.reviewers.items()}


def read_passphrase(path: Path) -> str:
    """Return the passphrase in a file, without the line end behind it."""
    try:
        return read_regular(path, limit=_LIMIT).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise DocumentError(f"'{path.name}' is not a passphrase file.") from None


def read_site(path: Path) -> Site:
    """Return the site configuration in a TOML file; `DocumentError` names what is wrong."""
    try:
        document = parse_toml(read_regular(path, limit=_LIMIT))
    except NotTomlError:
        raise DocumentError(f"The site configuration '{path.name}' is not TOML.") from None
    names = {"root", "log", "release"}
    unknown = sorted(set(document) - names - {"schema", "ledger", "roots", "reviewers", "notices"} - TABLES)
    if unknown or document.get("schema") != SCHEMA:
        raise DocumentError(f"The site configuration '{path.name}' has unknown entries {unknown}, or another schema.")
    folder = path.resolve().parent
    return Site(
        path=path.resolve(),
        ledger=folder / _text(document, "ledger", path),
        roots=_roots(document.get("roots"), path),
        keys={name: _pair(document[name], folder, path) for name in names if name in document},
        reviewers={name: folder / str(one) for name, one in document.get("reviewers", {}).items()},
        entry=entry_of(document, folder, f"The site configuration '{path.name}'"),
        notices=notice_settings(document.get("notices"), folder),
    )


def _roots(value: Any, path: Path) -> tuple[str, ...]:
    names = value if isinstance(value, list) else []
    if not names or not all(isinstance(one, str) and _FINGERPRINT.fullmatch(one) for one in names):
        raise DocumentError(
            f"The site configuration '{path.name}': expected roots, the fingerprints of the root keys it trusts.",
            hint='For example roots = ["SHA256:..."], as datakamp key list prints them.',
        )
    return tuple(dict.fromkeys(names))


def _pair(entry: Any, folder: Path, path: Path) -> tuple[Path, Path]:
    if not isinstance(entry, dict) or set(entry) != {"key", "passphrase_file"}:
        raise DocumentError(f"The site configuration '{path.name}': a key has key and passphrase_file.")
    return folder / _text(entry, "key", path), folder / _text(entry, "passphrase_file", path)


def _text(entry: Mapping[str, Any], key: str, path: Path) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise DocumentError(f"The site configuration '{path.name}': expected {key}, a path.")
    return value
