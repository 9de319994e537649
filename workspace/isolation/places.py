"""Paths that a team has a say in: code is read from its workspace, and results are written there.

The launcher is not sealed, so every such path is a way to have it read or write elsewhere: by a link, by a folder that
is swapped for a link while the code runs, by a pipe in place of a file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import read_regular, write_atomically
from workspace.isolation.box import WORKSPACE
from workspace.isolation.limits import MIB

_LARGEST_CODE: Final = 32 * MIB


def inside(path: Path, workspace: Path) -> Path | None:
    """Return the path relative to the workspace; None if it is not meant to lie there.

    Raises:
        BadInputError: it is meant to lie there and a link leads elsewhere.
    """
    absolute, root = Path(os.path.abspath(path)), Path(os.path.abspath(workspace))  # noqa: PTH100 - not following links
    if not absolute.is_relative_to(root):
        return None
    if not absolute.parent.resolve().is_relative_to(root.resolve()):
        raise BadInputError(f"'{path.name}' lies behind a link that leaves the workspace.", hint="Links are refused.")
    return absolute.relative_to(root)


def read_code(path: Path, workspace: Path) -> bytes:
    """Return the bytes of a notebook or script, which may lie in the workspace but not behind a link out of it."""
    inside(path, workspace)
    return read_regular(path, limit=_LARGEST_CODE)


def module_folders(path: Path, workspace: Path) -> tuple[str, ...]:
    """Return the folders of the box in which code may find modules of its own: its own folder, and the workspace."""
    relative = inside(path, workspace)
    folders = [WORKSPACE] if relative is None else [f"{WORKSPACE}/{relative.parent}", WORKSPACE]
    return tuple(dict.fromkeys(folder.removesuffix("/.") for folder in folders))


@contextlib.contextmanager
def held_folder(output: Path, workspace: Path) -> Iterator[Path]:
    """Yield a path to the folder of `output` that stays that folder, whatever the code does to the workspace.

    Raises:
        BadInputError: it does not exist, or is not inside the workspace.
    """
    if inside(output, workspace) is None:
        raise BadInputError("The executed notebook holds records: its place is inside the workspace.")
    try:
        handle = os.open(output.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise BadInputError("The folder of the executed notebook does not exist.") from None
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def write_into(path: Path, data: bytes) -> None:
    """Write what a run left, readable for its team only.

    Raises:
        ExecutionError: it could not be written.
    """
    try:
        write_atomically(path, data, mode=0o600)
    except OSError:  # a full disk, or the code put a folder in its place
        raise ExecutionError(
            f"'{path.name}' could not be written; the run counts for nothing.",
            hint="Make room on the disk and remove what stands in its place.",
        ) from None
