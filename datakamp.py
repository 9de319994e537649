"""The composition root: binds ports to engines and gathers each package's commands; nothing else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

import disclosure.commands
import output_review.commands
import output_review.machine
import workspace.camp_commands
import workspace.closing_commands
import workspace.commands
import workspace.further_commands
import workspace.presenting_commands
import workspace.zones.commands
from disclosure.errors import DatakampError
from disclosure.exchange.lines import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from disclosure.exchange.camp import CampFile
    from disclosure.exchange.foreign import ForeignOutputs
    from output_review.ports import Engines, Reproduction
    from output_review.services.closing import EndOfReview
    from output_review.services.standing import StandingPackage
    from workspace.reproduction import SealedReproduction
    from workspace.tabulation import SealedTabulation
    from workspace.zones.places import Office

BAD_INPUT, INTERRUPTED = 2, 130


def engines() -> Engines:
    """Bind the control zone's ports to the workspace's sealed execution and tabulation, or to the queue for them."""
    from output_review.ports import Engines
    from workspace.zones.engines import ByZone

    @cache  # it keeps its verified seal
    def tables() -> SealedTabulation:
        from workspace.tabulation import SealedTabulation

        return SealedTabulation()

    chosen = ByZone(_runs, tables)

    def read(camp: CampFile, files: Mapping[str, bytes]) -> ForeignOutputs:
        from workspace.reading import read_foreign

        return read_foreign(camp, files)

    def reproduce(camp: CampFile, reproduction: Reproduction, into: Path) -> None:
        runs = chosen.runs(camp)
        runs.reproduce(camp, reproduction.team, reproduction.code, reproduction.parameters, reproduction.frames, into)

    return Engines(
        reproduce=reproduce,
        tabulate=lambda camp, job, frame: chosen.tables(camp).tabulate(camp, job, frame),
        compare=lambda camp, job, frames: chosen.tables(camp).compare(camp, job, frames),
        read=read,
    )


def _runs() -> SealedReproduction:
    from workspace.reproduction import SealedReproduction

    return SealedReproduction()


def office(site: Path) -> Office:
    """Return what a site configuration names, for the users of the zones."""
    from output_review.site import read_site
    from workspace.zones.places import Office

    found = read_site(site)
    return Office(found.path, found.ledger, found.keys)


@contextmanager
def opening(folder: Path, site: Path) -> Iterator[None]:
    """Open a camp only if it fits together and its zones are as they must be; its users get what the opening made."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.zones import require_organiser, separated
    from workspace.preparation.prepare import require_fitting

    camp = read_camp(folder)
    if not separated(camp):
        require_fitting(camp)
        yield
        return
    from workspace.zones.users import check_zones, take

    require_organiser(camp)
    check_zones(camp, office(site))
    require_fitting(camp)
    yield
    take(camp, office(site))


def fitting(camp: CampFile, names: Collection[str]) -> None:
    """Refuse people who come into a camp and may not; see `workspace.camp_signing.require_signed`."""
    from workspace.camp_signing import require_signed

    require_signed(camp, names)


def ending(camp: CampFile) -> EndOfReview | None:
    """Return the control zone of a camp as closing it needs it; None if the camp was never opened."""
    from output_review.services.closing import EndOfReview, never_opened
    from output_review.services.zone import open_zone

    if never_opened(camp):
        return None

    return EndOfReview(open_zone(camp.folder, engines()))


def standing(camp: CampFile) -> tuple[StandingPackage, ...]:
    """Return the packages of a camp that stand: released, verified and not recalled."""
    from output_review.services.standing import standing_packages
    from output_review.services.zone import open_zone

    return standing_packages(open_zone(camp.folder, engines()))


def verified(package: bytes, roots: tuple[str, ...], demo: bool) -> tuple[bool, str]:
    """Return whether the bytes of a package verify, and the mark on it."""
    from output_review.verify import verifier

    report = verifier.verify(package, list(roots), demo=demo)
    return report.status is verifier.Status.VERIFIED, report.mark


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("datakamp"), prog_name="datakamp")
def datakamp() -> None:
    """A disclosure-controlled secure analysis environment.

    Exit status: 0 done, 1 the answer is no, 2 bad input.
    """


for command in (*output_review.commands.camp_commands(opening), *workspace.zones.commands.camp_commands(office)):
    workspace.commands.camp.add_command(command)
workspace.commands.camp.add_command(workspace.closing_commands.close_command(ending))
workspace.commands.camp.add_command(workspace.presenting_commands.bundles_command(standing))
datakamp.add_command(workspace.presenting_commands.present_command(verified))
for command in (
    *disclosure.commands.commands(),
    *workspace.commands.commands(),
    *output_review.commands.commands(engines, fitting),
):
    datakamp.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit. Every error is one or two sentences on standard error, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        status = datakamp.main(args=arguments, standalone_mode=False)
    except DatakampError as error:
        click.echo(f"datakamp: {_shown(error)}", err=True)
        return error.exit_status
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("datakamp: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
        click.echo(f"datakamp: an unforeseen {type(error).__name__} {_place(error)}; nothing was released", err=True)
        return BAD_INPUT
    return status if isinstance(status, int) else 0


def _shown(error: DatakampError) -> str:
    """Return what an error says, without signs that would rewrite or reorder what a terminal shows."""
    return "\n".join(visible(line) for line in str(error).splitlines())


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"in {trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace is not None else ""


datakamp.add_command(workspace.commands.demo_command(run))
workspace.commands.camp.add_command(workspace.camp_commands.rehearse_command(run))
datakamp.add_command(workspace.further_commands.doctor_command(output_review.machine.examined))


if __name__ == "__main__":
    main()
