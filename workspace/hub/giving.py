"""Steps that make users and give them folders: each says the commands that would do it, and does it.

What is in a folder is given before the folder is opened, and no link is followed: whoever owns a folder at this moment
may be changing it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError
from workspace.hub.rights import May, Rights, give_rights, has_rights

ROOT: Final = "root"

_SHELL: Final = "/usr/sbin/nologin"
_SECONDS: Final = 60
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class User:
    """An operating-system user that is made for a camp; `comment` says in /etc/passwd for which one."""

    name: str
    comment: str


@dataclass(frozen=True)
class Place:
    """A folder or file: whose it is, and which users may do what with it.

    Attributes:
        inherited: what users make in it later has the same rights. Then only what is root's goes to its owner, since
            several users may own what is in it; otherwise everything in it does.
    """

    path: Path
    owner: str = ROOT
    may: tuple[tuple[str, May], ...] = ()
    inherited: bool = False

    def setfacl(self) -> str:
        """Return the list as `setfacl` takes it."""
        kind = "rw-" if self.path.is_file() else "rwx"
        users = "".join(
            f",u:{name}:{may.letters[:2] + '-' if kind == 'rw-' else may.letters}" for name, may in self.may
        )
        return f"u::{kind}{users},g::---,o::---"


@dataclass(frozen=True)
class Step:
    """Something that is to change: the commands that would do it, and what does it."""

    commands: tuple[tuple[str, ...], ...]
    act: Callable[[], None]

    def take(self) -> None:
        """Do it; `BadInputError` if it cannot be done."""
        try:
            self.act()
        except (OSError, KeyError):
            raise BadInputError(
                f"'{' '.join(self.commands[-1][:-1])}' could not be done for '{Path(self.commands[-1][-1]).name}'.",
                hint="Is the disk full, or read-only? Run this again when it is not.",
            ) from None


def entry_of(name: str) -> pwd.struct_passwd | None:
    """Return what the system knows of a user, None if there is none of that name."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def made_user(user: User) -> Step:
    """Return the step that makes a user: without password, home or shell."""
    command = (
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", _SHELL,
        "--comment", user.comment, user.name,
    )  # fmt: skip
    return Step((command,), partial(_run, command))


def made_folders(wanted: tuple[Place, ...]) -> Iterator[Step]:
    """Yield the steps that make folders: those above first."""
    for place in reversed(wanted):
        if not os.path.lexists(place.path):
            yield Step((("mkdir", "--mode=0700", str(place.path)),), partial(place.path.mkdir, mode=0o700))


def given(wanted: tuple[Place, ...], contents: bool) -> Iterator[Step]:
    """Yield the steps that give rights: to what is in a folder before the folder is opened.

    Args:
        contents: look also whose everything in the folders is.
    """
    for place in wanted:
        owner, path, rights = f"{place.owner}:", str(place.path), place.setfacl()
        if contents and place.owner != ROOT and _others(place):
            commands = [("chown", "-R", "--no-dereference", owner, path)]
            if place.inherited:
                commands.append(("setfacl", "-R", "--set", rights, path))
            yield Step(tuple(commands), partial(_own, place))
        if not _is_as_wanted(place):
            own = ("setfacl", "--set", rights, path)
            later = (("setfacl", "--default", "--set", rights, path),) if place.inherited else ()
            yield Step((("chown", owner, path), own, *later), partial(_give, place))


def opened(path: Path, letter: str) -> Iterator[Step]:
    """Yield the step that lets everybody read ("r") a file or pass ("x") a folder, unless that is so."""
    mode, bit = stat.S_IMODE(path.stat().st_mode), {"r": stat.S_IROTH, "x": stat.S_IXOTH}[letter]
    if not mode & bit:
        yield Step((("chmod", f"o+{letter}", str(path)),), partial(path.chmod, mode | bit))


def _run(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise BadInputError(f"'{command[0]}' could not be run.") from None
    if done.returncode != 0:
        raise BadInputError(
            f"'{command[0]}' made no user '{command[-1]}'.", hint=done.stderr.decode(errors="replace").strip()[-200:]
        )


def _is_as_wanted(place: Place) -> bool:
    names = (place.owner, *(name for name, _ in place.may))
    if not os.path.lexists(place.path) or any(entry_of(name) is None for name in names):
        return False
    return has_rights(place.path, _rights(place))


def _give(place: Place) -> None:
    give_rights(place.path, _rights(place))


def _rights(place: Place) -> Rights:
    owner = pwd.getpwnam(place.owner)
    users = {pwd.getpwnam(name).pw_uid: may for name, may in place.may}
    return Rights(owner.pw_uid, owner.pw_gid, users, place.inherited)


def _others(place: Place) -> bool:
    """Tell whether a user's folder holds something that is not its owner's, or root's if it has several."""
    if not place.path.is_dir() or place.path.is_symlink():
        return False
    return any(_goes(place, status) for _, _, status in _held(place.path))


def _goes(place: Place, status: os.stat_result) -> bool:
    owner = entry_of(place.owner)
    return owner is None or (status.st_uid == 0 if place.inherited else status.st_uid != owner.pw_uid)


def _own(place: Place) -> None:
    owner = pwd.getpwnam(place.owner)
    for folder, name, status in _held(place.path):
        if not _goes(place, status):
            continue
        with contextlib.suppress(FileNotFoundError):
            if place.inherited and not stat.S_ISLNK(status.st_mode):
                rights = _rights(place)
                inherited = stat.S_ISDIR(status.st_mode)
                give_rights(
                    Path(f"/proc/self/fd/{folder}/{name}"), Rights(rights.owner, rights.group, rights.users, inherited)
                )
            else:
                os.chown(name, owner.pw_uid, owner.pw_gid, dir_fd=folder, follow_symlinks=False)


def _held(root: Path) -> Iterator[tuple[int, str, os.stat_result]]:
    """Yield everything in a folder, by the open folder that it is in: no link is followed.

    A file that has a second name is left out: that could lie anywhere, and be anybody's.
    """
    handle = os.open(root, _FOLDER)
    try:
        for _, folders, files, inner in os.fwalk(".", dir_fd=handle):
            for name in (*folders, *files):
                with contextlib.suppress(FileNotFoundError):  # a kernel removed it at this moment
                    status = os.stat(name, dir_fd=inner, follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode) or status.st_nlink == 1:
                        yield inner, name, status
    except RecursionError:
        raise RefusedError(
            f"Folders in '{root.name}' are nested too deeply.", hint="Look who made them, and remove them."
        ) from None
    finally:
        os.close(handle)
