"""An operating-system user per team: who there must be, what each may reach in the camp, and the steps that make it so.

The camp stays root's. A team's user owns its workspace and its log, reads its inbox and the data sets that camp.toml
authorises its team for, and passes through the folders above them. `reach` then tries as each user whether it is so.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile
from disclosure.exchange.canonical import digest
from workspace.camp_folder import team_log
from workspace.catalogue import registered
from workspace.hub.rights import May, Rights, give_rights, has_rights

ROOT: Final = "root"
LONGEST_NAME: Final = 32
"""Of a user, as `useradd` takes it."""

_PREFIX: Final = re.compile(r"[a-z][a-z0-9-]*")
_SHELL: Final = "/usr/sbin/nologin"
_SECONDS: Final = 60
_SHARED: Final = ("microdata", "workspaces", "inbox", "log")
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class TeamUser:
    """The user of a team; `comment` says in /etc/passwd for which camp it was made."""

    team: str
    name: str
    comment: str


@dataclass(frozen=True)
class Place:
    """A folder of the camp: whose it is, and which users may do what with it."""

    path: Path
    owner: str = ROOT
    may: tuple[tuple[str, May], ...] = ()


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


def team_users(camp: CampFile, prefix: str) -> tuple[TeamUser, ...]:
    """Return the user of each team, by the name that it has or is to have.

    Raises:
        BadInputError: this process is not root's, or the prefix makes no names of users.
        RefusedError: the camp is not root's, or a user of such a name was not made for this camp.
    """
    if os.geteuid() != 0:
        raise BadInputError("Only root makes users and gives them folders.", hint="Run this with sudo.")
    longest = max((len(team.name) for team in camp.teams), default=0)
    if not _PREFIX.fullmatch(prefix) or len(prefix) + longest > LONGEST_NAME:
        raise BadInputError(
            f"With this prefix the names of users have more than {LONGEST_NAME} signs, or others than small letters, "
            "digits and hyphens.",
            hint="For example --prefix camp-",
        )
    if camp.folder.stat().st_uid != 0:
        raise RefusedError(
            "The camp is not root's, so its owner could lead a team's user elsewhere.",
            hint=f"Give it away first: chown -R root: {camp.folder}",
        )
    mark = digest(os.fsencode(camp.folder)).removeprefix("sha256:")[:12]
    users = tuple(TeamUser(one.name, prefix + one.name, f"Datakamp {camp.name} {mark}") for one in camp.teams)
    for user in users:
        found = _entry(user.name)
        if found is not None and (found.pw_gecos != user.comment or found.pw_uid == 0):
            raise RefusedError(
                f"The user '{user.name}' was not made for this camp.",
                hint="Choose another prefix. If the camp was moved here, as root: "
                f"usermod --comment '{user.comment}' {user.name}",
            )
    return users


def places(camp: CampFile, users: tuple[TeamUser, ...]) -> tuple[Place, ...]:
    """Return the folders of the camp that teams' users reach, and those that they must not: what is in it first.

    Raises:
        BadInputError: a team is authorised for a data set that is not registered.
    """
    absent = sorted({name for team in camp.teams for name in team.data_sets} - set(registered(camp)))
    if absent:
        raise BadInputError(
            f"The camp has no data set '{absent[0]}', which a team is authorised for.",
            hint="Register it, or take it out of camp.toml. Nothing was changed.",
        )
    found: list[Place] = []
    for folder in _folders(camp.folder / "microdata"):
        readers = [one.name for one in users if folder.name in camp.team(one.team).data_sets]
        found.append(Place(folder, may=tuple((name, May.READ) for name in readers)))
    for one in users:
        found.append(Place(camp.workspace(one.team), owner=one.name))
        found.append(Place(team_log(camp, one.team).parent, owner=one.name))
        found.append(Place(camp.inbox(one.team), may=((one.name, May.READ),)))
    passing = tuple((one.name, May.PASS) for one in users)
    shut = (camp.folder / "outbox", camp.review, camp.folder / "hub")
    found += [Place(one) for one in shut if one.is_dir()]
    return (*found, *(Place(camp.folder / name, may=passing) for name in _SHARED))


def steps(camp: CampFile, prefix: str, *, contents: bool = True) -> tuple[Step, ...]:
    """Return what is to change, in order; nothing if all is as it must be.

    Users whose team is no longer in camp.toml stay, and reach nothing any more.

    Args:
        contents: look also whether everything in a workspace is its team's.

    Raises:
        BadInputError, RefusedError: as in `team_users`, `places` and `has_rights`; or there is no `useradd`.
    """
    users = team_users(camp, prefix)
    wanted = places(camp, users)
    new = [one for one in users if _entry(one.name) is None]
    if new and shutil.which("useradd") is None:
        raise BadInputError("The program 'useradd' is missing.", hint="On Debian or Ubuntu: apt-get install passwd")
    has_rights(camp.folder, Rights(0, 0))  # whether its file system keeps lists, before anything changes
    return (*map(_made_user, new), *_made_folders(wanted), *_given(wanted, contents), *_opened(camp))


def _made_user(user: TeamUser) -> Step:
    command = (
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", _SHELL,
        "--comment", user.comment, user.name,
    )  # fmt: skip
    return Step((command,), partial(_run, command))


def _run(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise BadInputError(f"'{command[0]}' could not be run.") from None
    if done.returncode != 0:
        raise BadInputError(
            f"'{command[0]}' made no user '{command[-1]}'.", hint=done.stderr.decode(errors="replace").strip()[-200:]
        )


def _made_folders(wanted: tuple[Place, ...]) -> Iterator[Step]:
    """Yield the steps that make folders: those above first."""
    for place in reversed(wanted):
        if not os.path.lexists(place.path):
            yield Step((("mkdir", "--mode=0700", str(place.path)),), partial(place.path.mkdir, mode=0o700))


def _given(wanted: tuple[Place, ...], contents: bool) -> Iterator[Step]:
    """Yield the steps that give rights: to what is in a folder before the folder is opened."""
    for place in wanted:
        owner, path = f"{place.owner}:", str(place.path)
        if contents and place.owner != ROOT and _others(place):
            yield Step((("chown", "-R", "--no-dereference", owner, path),), partial(_own, place))
        if not _is_as_wanted(place):
            users = "".join(f",u:{name}:{may.letters}" for name, may in place.may)
            commands = ("chown", owner, path), ("setfacl", "--set", f"u::rwx{users},g::---,o::---", path)
            yield Step(commands, partial(_give, place))


def _opened(camp: CampFile) -> Iterator[Step]:
    """Yield the steps that let the users reach the camp and read camp.toml, which holds no secret."""
    for path, letter, bit in ((camp.folder / FILE, "r", stat.S_IROTH), (camp.folder, "x", stat.S_IXOTH)):
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & bit:
            yield Step((("chmod", f"o+{letter}", str(path)),), partial(path.chmod, mode | bit))


def _is_as_wanted(place: Place) -> bool:
    names = (place.owner, *(name for name, _ in place.may))
    if not os.path.lexists(place.path) or any(_entry(name) is None for name in names):
        return False
    return has_rights(place.path, _rights(place))


def _give(place: Place) -> None:
    give_rights(place.path, _rights(place))


def _rights(place: Place) -> Rights:
    owner = pwd.getpwnam(place.owner)
    return Rights(owner.pw_uid, owner.pw_gid, {pwd.getpwnam(name).pw_uid: may for name, may in place.may})


def _others(place: Place) -> bool:
    """Tell whether a team's folder holds something that is not its user's."""
    owner = _entry(place.owner)
    if not place.path.is_dir() or place.path.is_symlink():
        return False
    return any(owner is None or status.st_uid != owner.pw_uid for _, _, status in _held(place.path))


def _own(place: Place) -> None:
    owner = pwd.getpwnam(place.owner)
    for folder, name, status in _held(place.path):
        if status.st_uid != owner.pw_uid:
            with contextlib.suppress(FileNotFoundError):
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


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink()) if folder.is_dir() else []


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
