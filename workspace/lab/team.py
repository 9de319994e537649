"""A team's Lab: what of its camp goes into it."""

from __future__ import annotations

from dataclasses import replace

from disclosure.exchange.camp import CampFile
from disclosure.exchange.context import RunKind
from disclosure.exchange.incidents import require_running
from workspace.camp_folder import team_log, workspace_of
from workspace.catalogue import authorised
from workspace.lab.keeper import LabPlan
from workspace.runs import camp_limits, data_folders, team_context


def lab_for_team(camp: CampFile, team: str, *, port: int = 0) -> LabPlan:
    """Return the Lab of a team: its workspace, the data sets that it is authorised for, the camp's policy and limits.

    Raises:
        BadInputError: there is no such team, or it has no workspace.
        FrozenError: the camp is stopped.
        IntegrityError, RefusedError: a data set is not what was registered, or may not be used here.
    """
    require_running(camp.folder)
    workspace = workspace_of(camp, team)
    sources, inbox = authorised(camp, team), camp.inbox(team)
    return LabPlan(
        team=team,
        workspace=workspace.absolute(),
        data=data_folders(sources),
        context=team_context(camp, team, RunKind.TEAM, sources, {}).to_document(),
        # A person decides how long a session takes.
        limits=replace(camp_limits(camp), seconds=None),
        port=port,
        log=team_log(camp, team).absolute(),
        inbox=inbox.absolute() if inbox.is_dir() else None,
        camp=camp.folder,
    )
