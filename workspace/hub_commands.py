"""`datakamp hub`: a camp on JupyterHub, and the codes with which people come in the first time."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile
    from workspace.hub.configuration import HubSettings

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(invoke_without_command=True)
@click.option("--camp", "camp_folder", type=_FOLDER, help="The camp's folder; it stands before a command.  [required]")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for one that is free.")
@click.option("--team-users", default="", help="As root: team T runs as the operating-system user PREFIX + T.")
@click.pass_context
def hub(context: click.Context, camp_folder: Path | None, port: int, team_users: str) -> None:
    """Open a camp until Ctrl-C: people log in, and each team has one sealed Lab."""
    # Not required by the group: the help of its commands asks for no camp.
    context.obj = camp_folder
    if context.invoked_subcommand is not None:
        return
    camp_folder = _given(camp_folder)
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import separated
    from workspace.hub.configuration import HubSettings
    from workspace.hub.entrance import FOLDER, check_camp
    from workspace.hub.reach import check_users
    from workspace.isolation.seal import verify_seal

    camp = read_camp(camp_folder)
    check_camp(camp)
    if separated(camp):
        team_users = _users_of(camp, team_users)
    elif team_users:
        check_users(camp, team_users)
    seal = verify_seal()
    click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)
    (camp.folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    settings = HubSettings(str(camp.folder), port or _free_port(), _free_port(), team_users)
    click.echo(f"The camp '{camp.name}' opens at http://127.0.0.1:{settings.port}/hub/")
    click.echo("Codes: datakamp hub --camp CAMP code NAME. Ctrl-C closes the camp.", err=True)
    sys.stdout.flush()
    sys.stderr.flush()
    _become(settings)


@hub.command(epilog="As in: datakamp hub --camp CAMP code anna")
@click.argument("name")
@click.pass_obj
def code(camp_folder: Path | None, name: str) -> None:
    """Print a code with which NAME sets the first password; also for who has forgotten it."""
    from workspace.hub.entrance import Entrance, present

    made = Entrance(_given(camp_folder)).invite(name, present())
    click.echo(f"{name}: {made}")
    click.echo("Hand it over in person. It is good for a week and for one use, at /hub/first.", err=True)


@hub.command(epilog="As in: datakamp hub --camp CAMP users --prefix camp- --dry-run")
@click.option("--prefix", required=True, help="Team T gets the operating-system user PREFIX + T.")
@click.option("--dry-run", is_flag=True, help="Print the commands and change nothing.")
@click.pass_obj
def users(camp_folder: Path | None, prefix: str, dry_run: bool) -> None:
    """As root: give each team an operating-system user, and that user what camp.toml says and nothing else."""
    from disclosure.errors import BadInputError
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import separated
    from workspace.hub.reach import check_machine, check_reach
    from workspace.hub.users import steps, team_users

    camp = read_camp(_given(camp_folder))
    if separated(camp):
        raise BadInputError("Each zone of this camp has a user.", hint=f"datakamp camp users --camp {camp.folder}")
    found = steps(camp, prefix)
    if not dry_run:
        check_machine(camp)
    for step in found:
        for command in step.commands:
            click.echo(shlex.join(command))
        if not dry_run:
            step.take()
    if dry_run:
        click.echo(f"{len(found)} steps; nothing was changed.", err=True)
        return
    made = team_users(camp, prefix)
    check_reach(camp, made)
    click.echo(f"{len(found)} steps. {len(made)} users reach what is their team's, and nothing else.", err=True)
    click.echo("What a Lab that runs has open, it keeps until it ends.", err=True)


def _given(camp_folder: Path | None) -> Path:
    """Return the camp's folder, without which no command of a hub runs; `MissingParameter` if there is none."""
    if camp_folder is None:
        raise click.MissingParameter(ctx=click.get_current_context(), param_hint="'--camp'", param_type="option")
    return camp_folder


def _users_of(camp: CampFile, asked: str) -> str:
    """Return the prefix of the teams' users where each zone has one, once all is found to be as it must be."""
    from disclosure.errors import BadInputError
    from disclosure.exchange.zones import require_organiser
    from workspace.zones.users import check_zones

    require_organiser(camp)
    if asked not in {"", camp.users}:
        raise BadInputError(f"The users of this camp begin with '{camp.users}'.", hint="Leave out --team-users.")
    check_zones(camp, None)
    return camp.users


def _become(settings: HubSettings) -> None:
    """Run the hub in place of this process, so that signals reach it."""
    import workspace
    from disclosure.exchange.canonical import canonical_json
    from workspace.hub.configuration import CONFIGURATION, SETTINGS

    root = str(Path(workspace.__file__).resolve().parents[1])
    kept = {**os.environ, "PYTHONPATH": root, SETTINGS: canonical_json(settings.to_document()).decode()}
    os.umask(0o077)
    os.chdir(Path(settings.camp) / "hub")
    os.execve(sys.executable, [sys.executable, "-m", "jupyterhub", "-f", str(CONFIGURATION)], kept)  # noqa: S606


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
