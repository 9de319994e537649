"""What the hub starts for a team: its keeper with a gate before it, and a watch on the camp's hours.

Run as ``python -m workspace.hub.team CAMP TEAM`` by the spawner, as the operating-system user of the team.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import os
import secrets
import signal
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from disclosure.errors import DatakampError
from disclosure.exchange.camp import read_camp
from disclosure.exchange.files import write_atomically
from workspace.hub.entrance import present, session_at
from workspace.hub.gate import HOST, Activity, GateApplication

LOGGER: Final = logging.getLogger("datakamp.workspace")
WARNING: Final = timedelta(minutes=10)
"""Before the end of a session, in which people are told to save."""
IDLE_SECONDS: Final = 3600
LOOK_SECONDS: Final = 5.0
_NOTICE: Final = "SESSION ENDS"
"""How the name of the notice in the workspace begins."""


@dataclass(frozen=True)
class Found:
    """What a look at the clock says: whether all ends now, what people are to be told, and when the session ends."""

    ends: bool
    notice: str = ""
    end: datetime | None = field(default=None, compare=False)


def looked(camp: Path, now: datetime, before: datetime | None = None) -> Found:
    """Return whether the session is over, or about to be.

    A camp.toml that cannot be read ends nothing that was let in before: it is being written.

    Args:
        before: when the session ends as the last look found; then all ends, also if camp.toml cannot be read.
    """
    try:
        session = session_at(found := read_camp(camp), now)
    except DatakampError as error:
        return Found(ends=error.exit_status == 1 or (before is not None and now >= before), end=before)
    if session.end - now > WARNING or found.folder != camp:
        return Found(ends=False, end=session.end)
    return Found(ends=False, notice=f"{_NOTICE} AT {session.end:%H.%M}.md", end=session.end)


class Watch:
    """Ends a team's Lab when the session does, after a notice, when nobody uses it, or when its hub has gone.

    Args:
        hub: its process. A gate knows one hub: behind the next one it would let nobody in.
    """

    def __init__(self, camp: Path, workspace: Path, activity: Activity, *, address: str, idle: int, hub: int) -> None:
        self._camp, self._workspace, self._activity, self._idle = camp, workspace, activity, idle
        self._hub = hub
        self._address = urlsplit(address)

    async def run(self) -> None:
        """Look at the clock until there is a reason to end, and end the keeper, which ends its boxes."""
        remove_notices(self._workspace)
        found = Found(ends=False)
        while True:
            found = looked(self._camp, present(), found.end)
            if found.ends:
                LOGGER.info("The session has ended, and the Lab with it.")
                break
            if os.getppid() != self._hub:
                LOGGER.warning("The hub has gone, and the Lab with it.")
                break
            if found.notice:
                give_notice(self._workspace, found.notice)
            if self._activity.idle_seconds > self._idle and not await asyncio.to_thread(self._kernels):
                LOGGER.info("Nobody uses the Lab: it ends.")
                break
            await asyncio.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    def _kernels(self) -> int:
        """Return how many kernels run; 1 if the server does not say."""
        token = parse_qs(self._address.query)["token"][0]
        connection = http.client.HTTPConnection(self._address.netloc, timeout=LOOK_SECONDS)
        base = self._address.path.removesuffix("lab")
        try:
            connection.request("GET", f"{base}api/status", headers={"Authorization": f"token {token}"})
            return int(json.loads(connection.getresponse().read())["kernels"])
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
            return 1
        finally:
            connection.close()


def give_notice(workspace: Path, name: str) -> None:
    """Put the notice into the workspace, where the file browser shows it, if it is not there yet."""
    path = workspace / name
    if not path.is_symlink() and path.is_file():
        return
    told = (
        "# Save your work\n\nServer and kernels end with the session. What is saved stays in the workspace.\n\n"
        "Sla je werk op: server en kernels stoppen aan het eind van de sessie. Wat is opgeslagen, blijft staan.\n"
    )
    try:
        remove_notices(workspace)
        write_atomically(path, told.encode("utf-8"))
    except OSError:
        LOGGER.warning("The notice could not be put into the workspace.")


def remove_notices(workspace: Path) -> None:
    """Remove the notices of former sessions."""
    for one in workspace.glob(f"{_NOTICE} AT *.md"):
        with contextlib.suppress(OSError):
            one.unlink()


def main(arguments: list[str]) -> int:
    """Keep the Lab of a team until the hub, the clock or idleness ends it."""
    from workspace.isolation.seal import verify_seal
    from workspace.lab.keeper import Keeper
    from workspace.lab.team import lab_for_team

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Its warnings hold the addresses that were asked for, and with them file names and codes of logins.
    logging.getLogger("tornado").setLevel(logging.ERROR)
    hub, folder, team = os.getppid(), Path(arguments[0]), arguments[1]
    base = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    port = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port or 0
    beside: list[object] = []

    def ready(address: str) -> None:
        """Open the gate, now that there is something behind it."""
        activity, parts = Activity(), urlsplit(address)
        token = parse_qs(parts.query)["token"][0]
        gate = GateApplication(base, secrets.token_bytes(32), port=parts.port or 0, token=token, activity=activity)
        beside.append(gate.listen_on(port))
        watch = Watch(camp.folder, plan.workspace, activity, address=address, idle=IDLE_SECONDS, hub=hub)
        beside.append(asyncio.get_running_loop().create_task(watch.run()))
        LOGGER.info("The Lab of %s is open on %s:%d, behind the hub.", team, HOST, port)

    try:
        camp = read_camp(folder)
        plan = replace(lab_for_team(camp, team), base=base, idle_seconds=IDLE_SECONDS)
        Keeper(plan, seal=verify_seal()).run(ready)
    except DatakampError as error:
        LOGGER.error("%s", error)  # noqa: TRY400 - a sentence, never a traceback
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
