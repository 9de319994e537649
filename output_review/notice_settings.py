"""How people of a camp are told of something: the table [notices] of the site configuration.

[notices]
folder = "notices"                     # one JSON file per message; or by mail:
smtp = "mail.office.example:25"
sender = "datakamp@office.example"
domain = "office.example"              # vera gets vera@office.example,
addresses = {wim = "w.visser@office.example"}     # unless she has an address of her own
tls = true                             # STARTTLS; with a certificate authority of the office's own:
certificate = "office-ca.pem"
url = "https://review.office.example"  # at the end of each message
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DocumentError

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9.-]{1,190}")
_SERVER: Final = re.compile(r"([A-Za-z0-9.-]{1,190}):([1-9][0-9]{0,4})")
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:/\[\]_-]{1,300}")
_KNOWN: Final = frozenset({"folder", "smtp", "sender", "domain", "addresses", "tls", "certificate", "url"})


@dataclass(frozen=True)
class NoticeSettings:
    """Where messages go. Either `folder` is set, or `host`, `port` and `sender`."""

    folder: Path | None
    host: str
    port: int
    sender: str
    domain: str
    addresses: Mapping[str, str]
    tls: bool
    certificate: Path | None
    url: str

    def address(self, person: str) -> str:
        """Return the mail address of a person; empty if there is none, which only a folder allows."""
        return self.addresses.get(person, f"{person}@{self.domain}" if self.domain else "")


def notice_settings(entry: Any, folder: Path) -> NoticeSettings | None:
    """Return what the table says; None if there is none.

    Args:
        folder: that of the site configuration, to which paths are relative.

    Raises:
        DocumentError: it names neither way, both, or something that is no address.
    """
    if entry is None:
        return None
    if not isinstance(entry, dict) or not set(entry) <= _KNOWN:
        raise _wrong(f"known entries are {', '.join(sorted(_KNOWN))}")
    given = _texts(entry)
    server = _SERVER.fullmatch(given["smtp"])
    if bool(given["folder"]) == bool(given["smtp"]):
        raise _wrong("expected folder or smtp, and not both")
    if given["smtp"] and (server is None or not _ADDRESS.fullmatch(given["sender"]) or not given["domain"]):
        raise _wrong('smtp is HOST:PORT, as in "mail.office.example:25", with sender, an address, and domain')
    if given["domain"] and not _DOMAIN.fullmatch(given["domain"]):
        raise _wrong("domain is what follows the @ in addresses")
    if given["url"] and not _URL.fullmatch(given["url"]):
        raise _wrong("url is the address of the review application")
    addresses, tls = entry.get("addresses", {}), entry.get("tls", False)
    known = isinstance(addresses, dict) and all(isinstance(one, str) for one in addresses.values())
    if not known or not all(_ADDRESS.fullmatch(one) for one in addresses.values()):
        raise _wrong("addresses maps names of people to mail addresses")
    if not isinstance(tls, bool):
        raise _wrong("tls is true or false")
    return NoticeSettings(
        folder / given["folder"] if given["folder"] else None,
        "" if server is None else server[1],
        0 if server is None else int(server[2]),
        given["sender"],
        given["domain"],
        addresses,
        tls,
        folder / given["certificate"] if given["certificate"] else None,
        given["url"],
    )


def _texts(entry: Mapping[str, Any]) -> dict[str, str]:
    found = {key: entry.get(key, "") for key in ("folder", "smtp", "sender", "domain", "certificate", "url")}
    for key, value in found.items():
        if not isinstance(value, str):
            raise _wrong(f"{key} is a text")
    return found


def _wrong(what: str) -> DocumentError:
    return DocumentError(f"The site configuration: [notices]: {what}.")
