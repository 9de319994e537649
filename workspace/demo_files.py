"""What the demonstration does with files: where it may go, the notebook it runs, what that told, and the forgery."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DocumentError, RefusedError
from disclosure.exchange.camp import read_camp

CASE: Final = 2
"""The case that is shown."""
SITE: Final = """\
# What the office knows and no camp says: the root that it trusts, and where keys, passphrases and the ledger lie.
schema = 1
roots = ["{root}"]
ledger = "ledger"

[root]
key = "keys/root.key"
passphrase_file = "keys/root.passphrase"

[log]
key = "keys/log.key"
passphrase_file = "keys/log.passphrase"

[release]
key = "keys/release.key"
passphrase_file = "keys/release.passphrase"

[reviewers]
"""
"""The site configuration, without the root that it trusts and the reviewers' keys."""


class DemoError(RefusedError):
    """A step of the demonstration did not do what it should show."""


def tampered(package: Path, copy: Path) -> str:
    """Copy a package with one bit of one output flipped, and return the name of that output in it."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(copy, "w") as target:
        outputs = [entry.filename for entry in source.infolist() if "/data/outputs/" in entry.filename]
        named = next((name for name in outputs if name.endswith(".csv")), outputs[0] if outputs else None)
        if named is None:
            raise DemoError("The package holds no output.")
        for entry in source.infolist():
            data = bytearray(source.read(entry))
            if entry.filename == named:
                data[len(data) // 2] ^= 1
            target.writestr(entry, bytes(data))
    return named


def free_folder(folder: Path, *, again: bool) -> Path:
    """Return the folder to use, or raise if there is something in it."""
    candidate, number = folder, 1
    while candidate.exists() and (not candidate.is_dir() or any(candidate.iterdir())):
        if not _is_demo(candidate):
            raise BadInputError(f"'{candidate.name}' is not empty, and no demonstration.", hint="Name another folder.")
        if not again:
            raise BadInputError(
                f"There is a demonstration in '{candidate.name}' already.",
                hint="Give --again for another one beside it, or remove that folder.",
            )
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate


def _is_demo(folder: Path) -> bool:
    try:
        return read_camp(folder).mark == "DEMO"
    except DocumentError:
        return False


def told_by(executed: Path) -> str:
    """Return what the cells of the executed notebook printed, without the tables.

    A kernel that is slow sends one line in several pieces, so the pieces of a cell are joined as they came.
    """
    document: dict[str, Any] = json.loads(executed.read_bytes())
    printed = (
        "".join("".join(output["text"]) for output in cell.get("outputs", []) if output["output_type"] == "stream")
        for cell in document["cells"]
    )
    lines = "\n".join(printed).splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.startswith("- merge"))


def program() -> str:
    """Return what to type for `datakamp`: after `make demo` it is on no search path."""
    program = Path(sys.argv[0])
    if shutil.which("datakamp") or program.name != "datakamp":
        return "datakamp"
    return os.path.relpath(program)


def shown_arguments(arguments: Sequence[str]) -> list[str]:
    """Return arguments as they are shown: paths by their last part."""
    return [f"…/{Path(one).name}" if one.startswith("/") else one for one in arguments]
