"""More of the workspace on the command line: what `workspace.commands` has no room for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from disclosure.errors import BadInputError

_PATIENCE: Final = 10.0
"""Seconds to wait for another command on the camp."""

if TYPE_CHECKING:
    from rich.progress import TaskID

    from disclosure.exchange.camp import CampFile
    from workspace.bundle_parts import Progress
    from workspace.catalogue import MountedSource
    from workspace.doctor import Looked


def commands() -> tuple[click.Command, ...]:
    """Return the commands of this module."""
    from workspace.microdata_commands import microdata

    return (bundle, doctor_command(lambda _: ()), microdata, report)


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--template", default="report", show_default=True, type=click.Choice(["report", "factsheet", "code"]))
@click.option("--to", "form", default="html", show_default=True, type=click.Choice(["html", "pdf"]))
@click.option("--language", "lang", default=None, type=click.Choice(["nl", "en"]), help="The reader's if left out.")
def report(notebook: Path, template: str, form: str, lang: str | None) -> None:
    """Write an executed NOTEBOOK as a page beside it, for reading inside: it is marked as not for release."""
    from workspace.report import Form, Template, write_report

    made = write_report(notebook, Template(template), Form(form), lang=lang)
    click.echo(f"{made.path}")
    click.echo("Not for release: what leaves is submitted, judged and released.", err=True)
    if made.failed:
        click.echo("A cell of this notebook failed.", err=True)


def doctor_command(further: Callable[[Path | None], Iterable[Looked]]) -> click.Command:
    """Return the command that looks at the machine.

    Args:
        further: tells what others than the workspace need, of the machine and, if its folder is given, of a camp.
    """

    @click.command()
    @click.option("--camp", "folder", type=click.Path(path_type=Path, file_okay=False), help="Look at this camp too.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_context
    def doctor(context: click.Context, folder: Path | None, as_json: bool) -> None:
        """Tell what this machine lacks and how to get it. Exit status 1 if something that is needed is missing."""
        _examined(context, further, folder, as_json)

    return doctor


def _examined(
    context: click.Context, further: Callable[[Path | None], Iterable[Looked]], folder: Path | None, as_json: bool
) -> None:
    from workspace.doctor import State, examine

    parts = examine(folder=folder, further=lambda: further(folder))
    if as_json:
        click.echo(json.dumps([one.to_document() for one in parts], ensure_ascii=False, indent=1))
    else:
        signs = {State.WELL: "well", State.ADVICE: "advice", State.MISSING: "MISSING"}
        for one in parts:
            click.echo(f"{signs[one.state]:8}{one.what}: {one.found}")
            if one.remedy:
                click.echo(f"{'':8}  {one.remedy}")
    context.exit(1 if any(one.state is State.MISSING for one in parts) else 0)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--parts",
    default="python,system,r,browser",
    show_default=True,
    help="What it holds. All but python are Debian packages.",
)
def bundle(folder: Path, parts: str) -> None:
    """Put everything that installs Datakamp into DIR, for a machine without network: sh DIR/install.sh."""
    from workspace.bundle import make_bundle, plan_bundle, refuse_what_is_there, sums_digest
    from workspace.bundle_parts import parts_of

    chosen = parts_of(parts)
    refuse_what_is_there(folder)
    plan = plan_bundle(chosen)
    for sentence in plan.sentences():
        click.echo(sentence, err=True)
    with _steps() as progress:
        made = make_bundle(folder, plan, progress=progress)
    click.echo(f"{made.wheels} wheels and {made.system} Debian packages, {made.size / (1 << 20):.0f} MiB, in {folder}.")
    click.echo(f"Digest of its sums: sha256:{sums_digest(folder)}")


@contextmanager
def _steps() -> Iterator[Progress]:
    """Yield a function that shows on standard error how far each step is."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield show


def register_source(
    camp: CampFile,
    source: Path,
    *,
    codebook: Path | None,
    name: str | None,
    year: int | None,
    encoding: str,
    decimal: str | None,
) -> MountedSource:
    """Register a folder, or a file with its codebook, while no other command prepares, changes or closes the camp.

    Raises:
        StateError: one does.
        BadInputError: it cannot be used; a folder brings its codebook and its name, so takes neither.
    """
    from workspace.catalogue import register, register_file
    from workspace.organiser_alone import alone

    if source.is_dir():
        if codebook is not None or name is not None or year is not None:
            raise BadInputError(
                "A folder brings its own codebook and name.", hint="--codebook, --name and --year are for a file."
            )
        with alone(camp.folder, patience=_PATIENCE):
            return register(camp, source)
    if not source.is_file():
        raise BadInputError(f"There is no '{source.name}' there.", hint="Name a folder or a file.")
    beside = source.with_name(f"{source.name}.codebook.toml")
    described = beside if codebook is None else codebook
    if not described.is_file():
        raise BadInputError(
            f"'{source.name}' has no codebook.", hint=f"Give --codebook, or put '{beside.name}' beside it."
        )
    with alone(camp.folder, patience=_PATIENCE):
        return register_file(
            camp, source, described, name=name or source.stem, year=year, encoding=encoding, decimal=decimal
        )
