"""A Lab whose plan differs from that of its camp: other limits, more kernels, a shorter patience.

``python -m tests.workspace.lab.planned CAMP TEAM JSON`` runs the keeper; `PlannedLab` starts that and speaks to it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from disclosure.exchange.camp import CampFile
from tests.workspace.lab.session import Lab


class PlannedLab(Lab):
    """A Lab with a plan of its own; `limits` changes those of its kernels."""

    def __init__(self, camp: CampFile, team: str, *, limits: dict[str, Any] | None = None, **plan: Any) -> None:
        super().__init__(camp, team)
        self.log = camp.folder / "log" / team / "lab.log"
        self._told = json.dumps({"limits": limits or {}, "plan": plan})
        self._camp, self._team = camp, team

    def command(self) -> list[str]:
        """The keeper with that plan, in place of the command."""
        planned = [sys.executable, "-m", "tests.workspace.lab.planned"]
        return [*planned, str(self._camp.folder), self._team, self._told]

    def logged(self) -> str:
        """What is in the log."""
        return self.log.read_text() if self.log.exists() else ""


def main(folder: str, team: str, told: str) -> None:
    """Run the keeper until it is told to end."""
    from disclosure.errors import DatakampError
    from disclosure.exchange.camp import read_camp
    from workspace.isolation.seal import verify_seal
    from workspace.lab.keeper import Keeper
    from workspace.lab.team import lab_for_team

    changes = json.loads(told)
    plan = lab_for_team(read_camp(Path(folder)), team)
    plan = replace(plan, limits=replace(plan.limits, **changes["limits"]), **changes["plan"])
    try:
        Keeper(plan, seal=verify_seal()).run(click.echo)
    except DatakampError as error:
        click.echo(error.message)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main(*sys.argv[1:])
