"""An organiser's commands of the group `camp`: new, signed, check and prepare."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from disclosure.exchange.camp import FILE
from workspace.shown_progress import waiting

_FOLDER = click.Path(path_type=Path, file_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])
_CAMP = click.option("--camp", "folder", required=True, type=_FOLDER, help="The camp's folder.")


def rehearse_command(command: Callable[[list[str]], int]) -> click.Command:
    """Return `datakamp camp rehearse`, which takes its steps through `command`: the command line itself."""

    @click.command()
    @_CAMP
    @click.option("--in", "into", required=True, type=_FOLDER, help="A new folder for the rehearsal.")
    @click.option("--persons", default=50_000, show_default=True, help="How many persons the synthetic city has.")
    def rehearse(folder: Path, into: Path, persons: int) -> None:
        """Hold the camp from start to end on synthetic data: every case, review, release and the closing."""
        from disclosure.exchange.camp import read_camp
        from workspace.camp_checks import check_camp
        from workspace.preparation.prepare import UnpreparedError
        from workspace.rehearsal import Rehearsal

        problems = check_camp(folder, data=False, signed=False)
        if problems:
            raise UnpreparedError(problems)
        made = Rehearsal(read_camp(folder), into.absolute(), persons, command, lambda line: click.echo(f"  {line}"))
        released = made.hold()
        click.echo(f"The rehearsal is over: {released} requests were released. It lies in {into}.")

    return rehearse


def commands() -> tuple[click.Command, ...]:
    """Return the commands of this module."""
    return (new, signed, check, prepare)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--name", default=None, help="Small letters, digits and hyphens; the folder's name if left out.")
@click.option("--title", default="", help="One line for people.")
@click.option("--users", default="", help="Each zone has a user of its own, whose name begins like this.")
@click.option("--ask", is_flag=True, help="Ask for teams, people, cases and times, and write them into camp.toml.")
def new(folder: Path, name: str | None, title: str, users: str, ask: bool) -> None:
    """Make a camp in FOLDER: its folders, and a camp.toml to fill in."""
    from workspace.camp_folder import new_camp

    if ask:
        from workspace.camp_questions import answers, cases_in_words, new_from

        for line in cases_in_words():
            click.echo(line)
        made = new_from(folder, answers(click.prompt, title), name=name, users=users)
    else:
        made = new_camp(folder, name=name, title=title, users=users)
    told = "Zones are not separated: it takes synthetic data only." if not users else "Each zone has a user of its own."
    click.echo(f"Camp '{made.name}' is in {folder}. {told}")
    if ask:
        click.echo(f"What is still missing: datakamp camp check --no-data --camp {folder}")
    else:
        click.echo(f"Fill in {folder / 'camp.toml'}: teams, data sets and people.")
    if users:
        click.echo(f"Then, as root: datakamp camp users --camp {folder} --site SITE (the office's site.toml)")


@click.command()
@click.argument("people", nargs=-1, required=True, metavar="PERSON...")
@_CAMP
@click.option("--on", default=None, type=_DAY, help="When they signed the statement.")
@click.option("--awareness", default=None, type=_DAY, help="When they passed the awareness test.")
def signed(people: tuple[str, ...], folder: Path, on: datetime | None, awareness: datetime | None) -> None:
    """Write into camp.toml that PEOPLE signed the statement that counts, or passed the awareness test."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import require_organiser
    from workspace.camp_signing import record_signed

    require_organiser(read_camp(folder))
    record_signed(folder, people, on=on and on.date(), awareness=awareness and awareness.date())
    click.echo(f"{FILE}: {', '.join(people)}. What is still missing: datakamp camp check --no-data --camp {folder}")


@click.command()
@_CAMP
@click.option("--data/--no-data", default=True, show_default=True, help="Whether its data sets have to be there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(context: click.Context, folder: Path, data: bool, as_json: bool) -> None:
    """Tell everything in camp.toml that does not fit, with its line. Exit status 1 if there is anything."""
    from workspace.camp_checks import check_camp

    with waiting("Checking the camp"):
        problems = check_camp(folder, data=data)
    if as_json:
        rows = [{"line": one.line, "message": one.message, "hint": one.hint} for one in problems]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in problems:
            where = f"{FILE}:{one.line}" if one.line else FILE
            click.echo(f"{where}: {one.message}{f' {one.hint}' if one.hint else ''}")
        if not problems:
            click.echo(f"{FILE} fits together{'' if data else '; its data sets were not looked at'}.")
    context.exit(1 if problems else 0)


@click.command()
@_CAMP
@click.option(
    "--data",
    "sources",
    default=None,
    type=_FOLDER,
    help="Holds a folder with data.parquet and codebook.toml for each data set; not needed if all are registered.",
)
@click.option("--run/--no-run", default=True, show_default=True, help="Run each case once, sealed, as proof.")
def prepare(folder: Path, sources: Path | None, run: bool) -> None:
    """Bring in the data that the cases read and no more, give each team its cases, and write the briefing."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import require_organiser
    from workspace.preparation.prepare import prepare_camp

    require_organiser(read_camp(folder))
    seal = None
    if run:
        from workspace.isolation.seal import verify_seal

        seal = verify_seal()
        click.echo(f"Seal: {seal.mode.value}, {len(seal.probes)} probes held.", err=True)
    with waiting("Preparing the camp"):
        prepare_camp(folder, sources=sources, seal=seal, told=click.echo)
    click.echo(f"Prepared. Next: datakamp camp open --camp {folder} --site SITE (the office's site.toml)")
