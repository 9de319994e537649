"""Whether a team's user reaches what it needs and nothing else: tried as that user, not worked out from modes.

`trying` is what runs as the user. Run as ``python -m workspace.hub.reach`` this module does the same, and that it runs
at all shows that another user can start this Python and read this package with the libraries that it stands on.
"""

from __future__ import annotations

import json
import pwd
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import workspace
from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile
from workspace.camp_folder import team_log
from workspace.hub import trying
from workspace.hub.trying import Expected
from workspace.hub.users import TeamUser, places, steps, team_users

_SECONDS: Final = 60
_NOBODY: Final = 65_534
_WITH_LIBRARIES: Final = "workspace.hub.reach"


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


def check_machine(camp: CampFile) -> None:
    """Raise `BadInputError` if a user of no importance does not start this Python, or not come to the camp's folder."""
    if tried_as(_NOBODY, _NOBODY, Expected(((str(camp.folder.parent), "x"),), ()), module=_WITH_LIBRARIES):
        raise _out_of_reach()


def check_reach(camp: CampFile, users: tuple[TeamUser, ...]) -> None:
    """Try as each user what it reaches.

    Raises:
        BadInputError: a user cannot start this Python, or not reach the camp.
        RefusedError: a user does not reach what it must, or reaches more.
    """
    for user in users:
        entry = pwd.getpwnam(user.name)
        wrong = tried_as(entry.pw_uid, entry.pw_gid, expected(camp, users, user))
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
    check_machine(camp)
    check_reach(camp, team_users(camp, prefix))


def tried_as(user: int, group: int, document: Expected, *, module: str = trying.__name__) -> tuple[str, ...]:
    """Return the places that are not as expected for a user; `BadInputError` if it cannot start this Python."""
    root = Path(workspace.__file__).resolve().parents[1]
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
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


if __name__ == "__main__":
    trying.main()
