"""The workspace on the command line: data sets and runs, and handing in. Libraries are loaded by what needs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from disclosure.errors import BadInputError
from workspace.camp_commands import commands as organisers_commands
from workspace.linking_commands import link_command
from workspace.shown_progress import counting, waiting

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile

DONE: Final = 0
NO: Final = 1

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_CAMP = click.option("--camp", "camp_folder", required=True, type=_FOLDER, help="The camp's folder.")
_TEAM = click.option("--team", default=None, help="The team; left out if the camp has only one.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_SEAL = click.option("--seal", "mode", default="bubblewrap", show_default=True,
                     type=click.Choice(["bubblewrap", "landlock"]),
                     help="How boxes are sealed; landlock is for machines without user namespaces.")  # fmt: skip


def commands() -> tuple[click.Command, ...]:
    """Return the commands of this package."""
    from workspace.further_commands import commands as further
    from workspace.hub_commands import hub
    from workspace.zones.commands import commands as of_zones

    return (camp, data, hub, lab, run, submit, *further(), *of_zones())


@click.group()
def camp() -> None:
    """Set up and open a camp."""


for _command in organisers_commands():
    camp.add_command(_command)


@click.group()
def data() -> None:
    """Make and register data sets."""


data.add_command(link_command)


@data.command()
@click.argument("folder", type=_FOLDER)
@click.option("--persons", default=50_000, show_default=True, help="How many persons; 526000 is the city.")
@click.option("--seed", default=2017, show_default=True, help="Of the random numbers.")
@click.option("--year", default=None, type=int, help="The year that the data describe; 2022 if left out.")
@click.option("--years", default=None, help="Instead of a year up to five, as 2018-2022: a panel of them.")
@click.option("--municipality", default="den-haag", show_default=True, help="den-haag or leidschendam-voorburg.")
@click.option("--format", "formats", multiple=True, default=("parquet",), show_default=True,
              help="parquet, sav, dta or csv; may be given more than once.")  # fmt: skip
@click.option("--report", default=None, type=_FILE, help="Where to write the table of targets and results too.")
def synthesize(folder: Path, year: int | None, years: str | None, report: Path | None, **given: Any) -> None:
    """Write synthetic microdata of The Hague into FOLDER, one folder per data set."""
    from workspace.synthetic.command import LAST_YEAR, calibrated, report_to, span_of
    from workspace.synthetic.write import synthesize as written

    span = span_of(years, year)
    report_to(report)
    with waiting(f"Drawing {given['persons']:,} persons"):
        places = written(folder, year=LAST_YEAR if year is None else year, years=span, **given)
    names = ", ".join(one.stem for one in places)
    click.echo(f"{len(places)} data sets of {given['persons']:,} persons in {folder}: {names}.")
    click.echo(calibrated(folder, report))


@data.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@_CAMP
@click.option("--codebook", default=None, type=_FILE, help="Of the file; FILE.codebook.toml beside it if left out.")
@click.option("--name", default=None, help="Of the data set that a file becomes; the file's if left out.")
@click.option("--year", default=None, type=int, help="The year of the file: sdc.data(NAME, year=...) finds it.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of csv: utf-8, cp1252 or latin-1.")
@click.option("--decimal", type=click.Choice(["comma", "point"]), help="Of numbers in csv; found in them if left out.")
def register(
    sources: tuple[Path, ...], camp_folder: Path, codebook: Path | None, name: str | None, year: int | None,
    encoding: str, decimal: str | None,
) -> None:  # fmt: skip
    """Copy data sets into a camp, and record their digests.

    Each of SOURCES is a folder with data.parquet and codebook.toml, or one file: Parquet, SPSS (.sav), Stata (.dta) or
    csv with ';'.
    """
    from workspace.further_commands import register_source

    found = _camp(camp_folder, organiser=True)
    if len(sources) > 1 and not (codebook is None and name is None and year is None):
        raise BadInputError("--codebook, --name and --year are for one file.", hint="Register the files one by one.")
    for one in sources:
        with waiting(f"Copying {one.name}"):
            made = register_source(
                found, one, codebook=codebook, name=name, year=year, encoding=encoding, decimal=decimal
            )
        click.echo(f"{made.name}: {made.digest}")


@data.command("list")
@_CAMP
@_JSON
@click.option("--html", default=None, type=_FILE, help="Write a page with the words of the codebooks into this file.")
@click.option("--language", "spoken", default=None, type=click.Choice(["en", "nl"]), help="Of the page.")
def list_(camp_folder: Path, as_json: bool, html: Path | None, spoken: str | None) -> None:
    """List the data sets of a camp, each checked against its digests."""
    from workspace.catalogue import registered, source

    found = _camp(camp_folder, organiser=True)
    if html is not None:
        from workspace.catalogue_page import write_catalogue_page

        with waiting("Checking the data sets"):
            number = write_catalogue_page(found, html, spoken)
        click.echo(f"{number} {'data set is' if number == 1 else 'data sets are'} described in {html}.")
        return
    rows: list[dict[str, Any]] = []
    for name in registered(found):
        with waiting(f"Checking {name}"):
            one = source(found, name)
        teams = [team.name for team in found.teams if name in team.data_sets]
        rows.append({"name": name, "digest": one.digest, "unit": list(one.codebook.unit), "teams": teams})
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']}  unit {', '.join(row['unit'])}  teams {', '.join(row['teams']) or '-'}")
        click.echo(f"  {row['digest']}")
    if not rows:
        click.echo("The camp has no data sets. See 'datakamp data register --help'.")


@click.command()
@click.argument("notebook", type=_FILE)
@click.option("--camp", "camp_folder", default=None, type=_FOLDER, help="The camp's folder.")
@_TEAM
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A notebook's parameter.")
@click.option("--output", default=None, type=_FILE, help="Where the executed notebook goes, inside the workspace.")
@_SEAL
def run(
    notebook: Path,
    camp_folder: Path | None,
    team: str | None,
    parameters: tuple[str, ...],
    output: Path | None,
    mode: str,
) -> None:
    """Run NOTEBOOK in a sealed kernel: no network, the team's data sets, one folder that it can write to."""
    if camp_folder is None:
        raise BadInputError(
            "A notebook runs in a camp: that is where its data sets, team, policy and limits are.",
            hint="Give --camp DIR; 'datakamp camp new DIR' makes one, 'datakamp demo' shows one.",
        )
    from workspace.given_parameters import given_parameters

    values = given_parameters(parameters)
    found = _camp(camp_folder)
    name = _own_team(found, team)

    from workspace.isolation.modes import SealMode
    from workspace.isolation.seal import verify_seal
    from workspace.runs import run_for_team

    seal = verify_seal(SealMode(mode))
    click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)
    with counting(f"Running {notebook.name}") as progress:
        done = run_for_team(found, name, notebook, values, seal=seal, output=output, progress=progress)
    click.echo(f"Done: {done.cells_run} cells in {done.duration:.1f} s. The executed notebook is {done.output}.")


@click.command()
@_CAMP
@_TEAM
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="On this machine; one that is free if left out.")
def lab(camp_folder: Path, team: str | None, port: int) -> None:
    """Open JupyterLab for a team until Ctrl-C: server and kernels sealed, its data sets at hand."""
    found = _camp(camp_folder)
    name = _own_team(found, team)

    from workspace.isolation.seal import verify_seal
    from workspace.lab.keeper import Keeper
    from workspace.lab.team import lab_for_team

    with waiting("Checking the data sets"):
        plan = lab_for_team(found, name, port=port)
    seal = verify_seal()
    click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)

    def ready(address: str) -> None:
        click.echo(f"JupyterLab of {name}, with {', '.join(plan.data) or 'no data sets'}:\n  {address}")
        click.echo("The address lets in whoever has it. Ctrl-C ends the session and its kernels.", err=True)

    Keeper(plan, seal=seal).run(ready)
    click.echo("Ended. Notebooks are in the workspace as they were last saved.", err=True)


@click.command()
@_CAMP
@_TEAM
@_JSON
@_SEAL
@click.pass_context
def submit(context: click.Context, camp_folder: Path, team: str | None, as_json: bool, mode: str) -> None:
    """Hand in the requests that sdc.submit wrote: try their code from the top, then copy them to the outbox."""
    found = _camp(camp_folder)
    name = _team(found, team)

    from disclosure.exchange.camp_late import came_late
    from disclosure.exchange.zones import Zone, require_zone, separated
    from workspace.broker import HandInState, hand_in, hand_in_after

    require_zone(found, Zone.BROKER)
    if separated(found):
        from workspace.zones.engines import QueuedTrial

        if mode != "bubblewrap":
            raise BadInputError("Where zones have users, only bubblewrap seals.", hint="Leave out --seal.")
        with waiting("Having what was submitted run from the top"):
            results = hand_in_after(found, name, QueuedTrial().run)
    else:
        from workspace.isolation.modes import SealMode
        from workspace.isolation.seal import verify_seal

        seal = verify_seal(SealMode(mode))
        click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)
        with waiting("Running what was submitted from the top"):
            results = hand_in(found, name, seal=seal)
    if as_json:
        keys = ("number", "state", "reason", "hint", "cell", "exception")
        rows = [{key: getattr(one, key) for key in keys} for one in results]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in results:
            told = f": {one.reason} {one.hint}".rstrip() if one.reason else "."
            click.echo(f"Request {one.number} of {name}: {one.state.value}{told}")
        if any(one.state is HandInState.SUBMITTED for one in results) and came_late(found):
            click.echo("That is after the deadline: without an exception it is not released before the presentation.")
        if not results:
            click.echo("There is nothing to hand in.")
    context.exit(DONE if all(one.state is HandInState.SUBMITTED for one in results) else NO)


def demo_command(command: Callable[[list[str]], int]) -> click.Command:
    """Return `datakamp demo`, which takes its steps through `command`: the command line itself."""

    @click.command()
    @click.argument("folder", metavar="[DIR]", required=False, default=Path("demo"), type=_FOLDER)
    @click.option("--persons", default=50_000, show_default=True, help="How many persons; 526000 is the city.")
    @click.option("--again", is_flag=True, help="If DIR holds a demonstration already, make another beside it.")
    @click.option("--leave-waiting", is_flag=True, help="Leave three requests in DIR for the review application.")
    def demo(folder: Path, persons: int, again: bool, leave_waiting: bool) -> None:
        """Show the whole way, in DIR: from microdata to a signed package that verifies offline."""
        from rich.console import Console

        from workspace.demo import demo as shown

        shown(folder.absolute(), persons, command, Console(), again=again, waiting=leave_waiting)

    return demo


def _camp(folder: Path, *, organiser: bool = False) -> CampFile:
    """Return a camp; `WrongUserError` if the command is the organiser's and this process somebody else's."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import require_organiser

    found = read_camp(folder)
    if organiser:
        require_organiser(found)
    return found


def _team(found: CampFile, name: str | None) -> str:
    if name is None and len(found.teams) != 1:
        raise BadInputError("Which team?", hint=f"Give --team: {', '.join(team.name for team in found.teams)}.")
    return found.team(name).name if name is not None else found.teams[0].name


def _own_team(found: CampFile, name: str | None) -> str:
    """Return the team that this process acts for; `WrongUserError` if that is another one."""
    from disclosure.exchange.zones import require_team

    team = _team(found, name)
    require_team(found, team)
    return team
