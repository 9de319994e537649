"""`datakamp camp users` and `datakamp tabulation serve`: the users of the zones, and the worker beside microdata."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from workspace.zones.places import Office

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_CAMP = click.option("--camp", "camp_folder", required=True, type=_FOLDER, help="The camp's folder.")


def camp_commands(office: Callable[[Path], Office]) -> tuple[click.Command, ...]:
    """Return what belongs to the group `camp`.

    Args:
        office: returns what a site configuration names.
    """
    return (_users(office),)


def commands() -> tuple[click.Command, ...]:
    """Return the commands of this module that stand by themselves."""
    return (tabulation,)


@click.group()
def tabulation() -> None:
    """Serve what the other zones ask the user of microdata for."""


@tabulation.command()
@_CAMP
@click.option("--asker", "askers", multiple=True, type=click.Choice(["review", "broker"]), help="Both if left out.")
@click.option("--once", is_flag=True, help="Do what is waiting, and end.")
def serve(camp_folder: Path, askers: tuple[str, ...], once: bool) -> None:
    """As the user of microdata: run code and tabulate for broker and control zone, until Ctrl-C."""
    import logging

    from disclosure.errors import BadInputError
    from disclosure.exchange.camp import FILE, read_camp
    from disclosure.exchange.zones import Zone, require_zone, separated
    from workspace.broker import try_out
    from workspace.isolation.seal import verify_seal
    from workspace.reproduction import SealedReproduction
    from workspace.tabulation import SealedTabulation
    from workspace.zones.serving import Worker

    camp = read_camp(camp_folder)
    if not separated(camp):
        raise BadInputError("The zones of this camp are not separated: nobody asks.", hint=f"See mode in {FILE}.")
    require_zone(camp, Zone.DATA)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    seal = verify_seal()
    click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)
    zones = tuple(Zone(one) for one in dict.fromkeys(askers)) or (Zone.REVIEW, Zone.BROKER)
    trial = partial(try_out, seal=seal)
    worker = Worker(camp, zones, trial=trial, runs=SealedReproduction(), tables=SealedTabulation())
    with worker.alone():
        click.echo(f"Serving {' and '.join(zones)} of the camp '{camp.name}'.", err=True)
        if once:
            click.echo(f"{worker.turn()} orders.")
        else:
            worker.serve()


def _users(office: Callable[[Path], Office]) -> click.Command:
    @click.command()
    @_CAMP
    @click.option("--site", type=_FILE, help="The office's site configuration: keys and ledger get their users too.")
    @click.option("--dry-run", is_flag=True, help="Print the commands and change nothing.")
    @click.option("--check", is_flag=True, help="Say whether all is as it must be, tried as each user.")
    def users(camp_folder: Path, site: Path | None, dry_run: bool, check: bool) -> None:
        """As root: give each zone and team an operating-system user, and that user what is its own and nothing else."""
        from disclosure.exchange.camp import read_camp
        from workspace.zones.users import check_zones, take, zone_steps

        camp, named = read_camp(camp_folder), None if site is None else office(site)
        if check:
            check_zones(camp, named)
            click.echo("Each user reaches what is its own, and nothing else.")
            return
        found = zone_steps(camp, named) if dry_run else take(camp, named)
        for step in found:
            for command in step.commands:
                click.echo(shlex.join(command))
        if dry_run:
            click.echo(f"{len(found)} steps; nothing was changed.", err=True)
            return
        click.echo(f"{len(found)} steps. Each user reaches what is its own, and nothing else.", err=True)
        if named is None:
            click.echo("Keys and ledger were left as they are: name the site configuration with --site.", err=True)

    return users
