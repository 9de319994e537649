"""An operating-system user per team: who there must be, what each may reach in the camp, and the steps that make it so.

The camp stays root's. A team's user owns its workspace and its log, reads its inbox and the data sets that camp.toml
authorises its team for, and passes through the folders above them. `reach` then tries as each user whether it is so.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile
from disclosure.exchange.canonical import digest
from workspace.camp_folder import team_log
from workspace.catalogue import registered
from workspace.hub.giving import Place, Step, User, entry_of, given, made_folders, made_user, opened
from workspace.hub.rights import May, Rights, has_rights

LONGEST_NAME: Final = 32
"""Of a user, as `useradd` takes it."""

_PREFIX: Final = re.compile(r"[a-z][a-z0-9-]*")
_SHARED: Final = ("microdata", "workspaces", "inbox", "log")


@dataclass(frozen=True)
class TeamUser(User):
    """The user of a team."""

    team: str


def team_users(camp: CampFile, prefix: str) -> tuple[TeamUser, ...]:
    """Return the user of each team, by the name that it has or is to have.

    Raises:
        BadInputError: this process is not root's, or the prefix makes no names of users.
        RefusedError: the camp is not root's, or a user of such a name was not made for this camp.
    """
    names = tuple(team.name for team in camp.teams)
    users = checked_users(camp, prefix, names)
    return tuple(TeamUser(one.name, one.comment, team) for one, team in zip(users, names, strict=True))


def checked_users(camp: CampFile, prefix: str, names: tuple[str, ...]) -> tuple[User, ...]:
    """Return the users of such names behind a prefix, as they are or are to be made. Errors as in `team_users`."""
    if os.geteuid() != 0:
        raise BadInputError("Only root makes users and gives them folders.", hint="Run this with sudo.")
    longest = max(map(len, names), default=0)
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
    users = tuple(User(prefix + one, f"Datakamp {camp.name} {mark}") for one in names)
    for user in users:
        found = entry_of(user.name)
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
    found: list[Place] = []
    for folder in data_folders_of(camp):
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
    return (*made_users(camp, users), *made_folders(wanted), *given(wanted, contents), *reached(camp))


def made_users(camp: CampFile, users: tuple[User, ...]) -> tuple[Step, ...]:
    """Return the steps that make the users that are missing; `BadInputError` if nothing can be given to them."""
    new = [one for one in users if entry_of(one.name) is None]
    if new and shutil.which("useradd") is None:
        raise BadInputError("The program 'useradd' is missing.", hint="On Debian or Ubuntu: apt-get install passwd")
    has_rights(camp.folder, Rights(0, 0))  # whether its file system keeps lists, before anything changes
    return tuple(map(made_user, new))


def reached(camp: CampFile) -> tuple[Step, ...]:
    """Return the steps that let users reach the camp and read camp.toml, which holds no secret."""
    return (*opened(camp.folder / FILE, "r"), *opened(camp.folder, "x"))


def data_folders_of(camp: CampFile) -> tuple[Path, ...]:
    """Return the folders of data sets, unfinished ones among them; `BadInputError` if an authorised one is absent."""
    absent = sorted({name for team in camp.teams for name in team.data_sets} - set(registered(camp)))
    if absent:
        raise BadInputError(
            f"The camp has no data set '{absent[0]}', which a team is authorised for.",
            hint="Register it, or take it out of camp.toml. Nothing was changed.",
        )
    folder = camp.folder / "microdata"
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(one for one in found if one.is_dir() and not one.is_symlink()))
