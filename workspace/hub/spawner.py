"""How the hub starts a team's Lab: as a process of the team's operating-system user, if there is one."""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from pathlib import Path
from typing import Any, Final

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Unicode

import workspace
from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import read_camp
from workspace.camp_folder import workspace_of
from workspace.hub.authenticator import TEAM_PREFIX
from workspace.hub.entrance import present, session_at

_LOOK_SECONDS: Final = 0.1
_ROOT: Final = Path(workspace.__file__).resolve().parents[1]


class TeamSpawner(LocalProcessSpawner):  # type: ignore[misc]  # JupyterHub has no types
    """Starts the keeper of a team, and nothing for a person."""

    camp = Unicode(help="The camp's folder.").tag(config=True)
    team_users = Unicode("", help="Prefix of the teams' operating-system users; empty for none.").tag(config=True)

    @property
    def team(self) -> str:
        """The team whose account this is.

        Raises:
            RefusedError: it is a person's.
        """
        name = str(self.user.name)
        if not name.startswith(TEAM_PREFIX):
            raise RefusedError("A person has no server: the teams have.")
        return name.removeprefix(TEAM_PREFIX)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Return the environment of a keeper: nothing of a home folder."""
        env.pop("SHELL", None)
        kept = {"HOME": "/", "USER": self.user.name, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"}
        return {**env, **kept}

    def make_preexec_fn(self, name: str) -> None:
        """Return nothing to run in between: Popen changes the user by itself."""

    async def start(self) -> tuple[str, int]:
        """Start the keeper and return where its gate will be.

        Raises:
            ClosedError: no session is open.
            DocumentError: the team is no longer in the camp.
            BadInputError: it has no workspace.
            RefusedError: the keeper ended at once; the hub's log has the reason.
        """
        camp = read_camp(Path(self.camp))
        session_at(camp, present())
        workspace_of(camp, self.team)
        self.ip, self.port = "127.0.0.1", random_port()
        self.cmd = [sys.executable, "-m", "workspace.hub.team", str(camp.folder), self.team]
        self.args: list[str] = []
        self.popen_kwargs = {"cwd": "/", **started_as(self.team_users, self.team)}
        place = await super().start()
        await self._opened()
        return place[0], int(place[1])

    async def _opened(self) -> None:
        """Wait until the gate listens. The hub would wait for a keeper that has ended as long as for a slow one."""
        while True:
            try:
                _, writer = await asyncio.open_connection(self.ip, self.port)
            except OSError:
                if await self.poll() is not None:
                    raise RefusedError("The Lab ended before it was open.", hint="Its log has the reason.") from None
                await asyncio.sleep(_LOOK_SECONDS)
            else:
                writer.close()
                return


def started_as(prefix: str, team: str) -> dict[str, Any]:
    """Return the arguments of `Popen` that make a process the team's user; none without a prefix.

    Raises:
        BadInputError: there is no such user, or this process may not become another one.
    """
    if not prefix:
        return {}
    name = prefix + team
    if os.getuid() != 0:
        raise BadInputError("Only root starts the Labs of other users.", hint="Leave out --team-users, or be root.")
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise BadInputError(
            f"There is no operating-system user '{name}'.",
            hint=f"Make it: datakamp hub --camp CAMP users --prefix {prefix}",
        ) from None
    if found.pw_uid == 0:
        raise BadInputError(f"'{name}' is root.", hint="A team has a user of its own.")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": [], "umask": 0o077}
