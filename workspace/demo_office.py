"""The office of a demonstration or a rehearsal: keys of its own, the site configuration, and an opened camp.

The root's private key is thrown away at once: nobody can sign for that camp again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from disclosure.exchange.files import write_atomically
from workspace.demo_files import SITE

_PROGRAMS: Final = ("root", "log", "release")

Do = Callable[..., str]
"""Runs the command line with these arguments, and returns what it printed; `quiet` shows nothing of it."""


def office_with_new_keys(
    do: Do, folder: Path, reviewers: Sequence[str], working: Callable[[str], AbstractContextManager[object]]
) -> str:
    """Make the office of the camp in a folder, open the camp, and return the root's fingerprint.

    Args:
        working: entered with words about what takes a while.
    """
    office = folder / "office"
    keys = office / "keys"
    for made in (office, keys, office / "ledger"):
        made.mkdir(mode=0o700)
    for name, role in (*((name, name) for name in _PROGRAMS), *((name, "reviewer") for name in reviewers)):
        secret = keys / f"{name}.passphrase"
        write_atomically(secret, f"{secrets.token_urlsafe(24)}\n".encode(), mode=0o600)
        with working(f"Making the key of {name}"):
            do(
                "key", "new", name, "--role", role, "--folder", str(keys), "--passphrase-file", str(secret), "--demo",
                quiet=True,
            )  # fmt: skip
    listed = json.loads(do("key", "list", "--folder", str(keys), "--json", quiet=True))
    root = str(next(one["fingerprint"] for one in listed if one["role"] == "root"))
    entries = "".join(f'{name} = "keys/{name}.pub"\n' for name in reviewers)
    write_atomically(office / "site.toml", (SITE.format(root=root) + entries).encode())
    with working("Opening the camp"):
        do("camp", "open", "--camp", str(folder), "--site", str(office / "site.toml"))
    for thrown in ("root.key", "root.passphrase"):
        (keys / thrown).unlink()
    return root


def sign_with(do: Do, folder: Path, request: str, reviewer: str, *, quiet: bool) -> None:
    """Sign a request with the key that the office made for a reviewer."""
    keys = folder / "office" / "keys"
    do(
        "sign", request, "--camp", str(folder), "--reviewer", reviewer, "--key", str(keys / f"{reviewer}.key"),
        "--passphrase-file", str(keys / f"{reviewer}.passphrase"), quiet=quiet,
    )  # fmt: skip
