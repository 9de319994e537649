"""Whether a team's user reaches what it needs and nothing else: tried as that user, not worked out from modes.

Run as ``python -m workspace.hub.reach`` by root, as the user, with the places on standard input; that it runs at all
shows that the user can start this Python and read this package.
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import workspace
from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile
from workspace.camp_folder import team_log
from workspace.hub.users import TeamUser, places, steps, team_users

_SECONDS: Final = 60
_NOBODY: Final = 65_534
_MODES: Final = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}


@dataclass(frozen=True)
class Expected:
    """What is expected of a user: places and the letters of what it may do there, and places where it may nothing."""

    open: tuple[tuple[str, str], ...]
    shut: tuple[str, ...]


def expected(camp: CampFile, users: tuple[TeamUser, ...], user: TeamUser) -> Expected:
    """Return what is expected of the user of a team."""
    own = [(camp.folder / FILE, "r"), (camp.workspace(user.team), "rwx"), (team_log(camp, user.team).parent, "rwx")]
    own.append((camp.inbox(user.team), "rx"))
    for name in camp.team(user.team).data_sets:
        folder = camp.data_folder(name)
        own += [(folder, "rx"), *((file, "r") for file in sorted(folder.iterdir()))]
    passed = {place.path for place in places(camp, users) if user.name in dict(place.may)}
    shut = [place.path for place in places(camp, users) if place.path not in passed and place.owner != user.name]
    return Expected(tuple((str(path), letters) for path, letters in own), tuple(map(str, shut)))


def tried(document: Expected) -> tuple[str, ...]:
    """Return the places that are not as expected for the user of this process."""
    closed = [path for path, letters in document.open if not all(os.access(path, _MODES[one]) for one in letters)]
    return (*closed, *(path for path in document.shut if any(os.access(path, one) for one in _MODES.values())))


def check_machine(camp: CampFile) -> None:
    """Raise `BadInputError` if a user of no importance does not start this Python, or not come to the camp's folder."""
    if _tried_as(_NOBODY, _NOBODY, Expected(((str(camp.folder.parent), "x"),), ())):
        raise _out_of_reach()


def check_reach(camp: CampFile, users: tuple[TeamUser, ...]) -> None:
    """Try as each user what it reaches.

    Raises:
        BadInputError: a user cannot start this Python, or not reach the camp.
        RefusedError: a user does not reach what it must, or reaches more.
    """
    for user in users:
        entry = pwd.getpwnam(user.name)
        wrong = _tried_as(entry.pw_uid, entry.pw_gid, expected(camp, users, user))
        if str(camp.folder / FILE) in wrong:
            raise _out_of_reach()
        if wrong:
            place = Path(wrong[0])
            told = place.relative_to(camp.folder) if place.is_relative_to(camp.folder) else place.name
            raise RefusedError(
                f"'{told}' is not open, or not closed, to the user '{user.name}' as it must be.",
                hint="Files of data sets are readable by all (0644) in folders that are not. Look at 'getfacl'.",
            )


def check_users(camp: CampFile, prefix: str) -> None:
    """Raise a `DatakampError` unless each team has a user that reaches what it must and nothing else."""
    if steps(camp, prefix, contents=False):
        raise RefusedError(
            "The users of the teams, or what they may reach, are not as camp.toml says.",
            hint=f"Run: datakamp hub --camp {camp.folder} users --prefix {prefix}",
        )
    check_reach(camp, team_users(camp, prefix))


def _tried_as(user: int, group: int, document: Expected) -> tuple[str, ...]:
    root = Path(workspace.__file__).resolve().parents[1]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workspace.hub.reach"],
            input=json.dumps(asdict(document)), capture_output=True, text=True, timeout=_SECONDS, check=True,
            user=user, group=group, extra_groups=[], cwd="/",
            env={"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1", "HOME": "/"},
        )  # fmt: skip
        return tuple(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError):
        raise BadInputError(
            "Other users cannot start this Python, or not read this package.",
            hint="Install Python and Datakamp where every user reads them, for example below /opt.",
        ) from None


def _out_of_reach() -> BadInputError:
    return BadInputError(
        "Other users do not reach the camp.",
        hint="It lies in a folder that is closed to others. Move it, for example to /srv.",
    )


def main() -> None:
    """Print the places that are not as expected, as JSON."""
    given = json.load(sys.stdin)
    found = tried(Expected(tuple((path, letters) for path, letters in given["open"]), tuple(given["shut"])))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
