"""The control zone on the command line: open a camp, ingest, review, sign, release, verify, audit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.lines import visible

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile
    from disclosure.exchange.zones import Zone
    from output_review.ports import Engines
    from output_review.services.zone import ControlZone

Opening = Callable[[Path, Path], AbstractContextManager[None]]
Fitting = Callable[["CampFile", Collection[str]], None]
NO = 1
FOLDER = click.Path(path_type=Path)
camp_option = click.option("--camp", "folder", required=True, type=FOLDER, help="The camp's folder.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def commands(engines: Callable[[], Engines], fitting: Fitting) -> tuple[click.Command, ...]:
    """Return the commands of this package.

    Args:
        engines: gives the ports when a command needs them.
        fitting: refuses people who come into an open camp and may not, given their names, before that is signed.
    """
    from output_review import account_commands, keys_commands, manifest_commands, review_commands

    of_review = review_commands.commands(engines)
    for one in of_review:
        if isinstance(one, click.Group) and one.name == "review":
            one.add_command(account_commands.account_command(engines))
            one.add_command(account_commands.demo_account_command(engines))
            one.add_command(manifest_commands.manifest_command(engines, fitting))
    return (
        *of_review,
        *keys_commands.commands(),
        _verify(),
        _audit(engines),
    )


def camp_commands(around: Opening) -> tuple[click.Command, ...]:
    """Return this package's commands of the group `camp`.

    Args:
        around: entered with the camp's folder and the site configuration while a camp is opened; it refuses one whose
            zones are not as they must be.
    """
    from output_review import incident_commands, keys_commands

    return (keys_commands.open_command(around), incident_commands.incident, incident_commands.late)


def opened(
    folder: Path, engines: Callable[[], Engines], *, looking: bool = False, acting: Zone | None = None
) -> ControlZone:
    """Return the open control zone of a camp, with interrupted releases finished and leftovers swept.

    Where zones are separated, each user does its own part of that.

    Args:
        looking: the command only looks: a release that cannot be finished is told, and does not stop it.
        acting: the zone that the command belongs to; None for the review.

    Raises:
        WrongUserError: the command belongs to another operating-system user.
        IntegrityError, RefusedError: a release cannot be finished, and the command is more than a look.
    """
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.incidents import is_closed
    from disclosure.exchange.zones import Zone, acts_in, require_zone, separated
    from output_review.services import desk
    from output_review.services.finishing import finish
    from output_review.services.incidents import log_incidents
    from output_review.services.ingest import tell_all
    from output_review.services.review_rules import log_rules
    from output_review.services.tabulating import sweep
    from output_review.services.zone import open_zone
    from output_review.site import VARIABLE

    camp, site = read_camp(folder), os.environ.get(VARIABLE)
    require_zone(camp, acting or Zone.REVIEW)
    zone = open_zone(folder, engines(), None if site is None else Path(site))
    with zone.lock():
        if acts_in(camp, Zone.REVIEW):
            sweep(zone)
            log_incidents(zone)
            log_rules(zone)
        try:
            for package in finish(zone) if acts_in(camp, Zone.RELEASE) else ():
                click.echo(f"finished the interrupted release of {package}", err=True)
        except DatakampError as error:
            if not looking:
                raise
            click.echo(f"datakamp: {visible(str(error))}", err=True)
        if acts_in(camp, Zone.REVIEW) and not is_closed(camp.folder):
            tell_all(zone)
            if separated(camp):
                for problem in (*desk.collect(zone), *desk.lay_out(zone)):
                    click.echo(f"datakamp: {visible(problem)}", err=True)
    return zone


def printed(document: Any, as_json: bool, lines: list[str]) -> None:
    """Print a document as JSON or its lines as text, in characters that people see: none that steers a terminal."""
    click.echo(json.dumps(document, indent=1) if as_json else "\n".join(visible(line) for line in lines))


def _verify() -> click.Command:
    @click.command()
    @click.argument("package", type=FOLDER)
    @click.option("--root", "roots", multiple=True, required=True, help="The fingerprint of a trusted root key.")
    @click.option("--demo", is_flag=True, help="Accept a package of a demonstration.")
    @json_option
    @click.pass_context
    def verify(context: click.Context, package: Path, roots: tuple[str, ...], demo: bool, as_json: bool) -> None:
        """Verify a package offline: nothing but the file and trusted root fingerprints is needed."""
        from output_review.verify import verifier

        report = verifier.verify_file(str(package), list(roots), demo=demo)
        printed(report.to_document(), as_json, verifier.report_lines(report))
        context.exit(verifier.EXIT[report.status])

    return verify


def _audit(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @click.option("--checkpoint", type=FOLDER, help="A signed head that an auditor kept.")
    @json_option
    @click.pass_context
    def audit(context: click.Context, folder: Path, checkpoint: Path | None, as_json: bool) -> None:
        """Prove that log and ledger only grew, and that nothing lies among the packages that is none."""
        from output_review.services.auditing import audit_zone

        report = audit_zone(opened(folder, engines, looking=True), checkpoint)
        lines = [
            f"log: {report['entries']} entries, {report['heads']} signed heads, "
            + ("unbroken" if report["holds"] else f"BROKEN at entry {report['broken_at']}: {report['problem']}"),
            *(f"ledger {name}: {text}" for name, text in report["ledgers"].items()),
            *(f"packages: {text}" for text in report["packages"]),
        ]
        printed(report, as_json, lines)
        context.exit(0 if report["holds"] else NO)

    return audit


def passphrase_from(path: Path | None, prompt: str) -> str:
    """Return a passphrase from a file, or ask for it on the terminal."""
    from output_review.site import read_passphrase

    if path is not None:
        return read_passphrase(path)
    if not sys.stdin.isatty():
        raise BadInputError("There is no terminal to ask for the passphrase on.", hint="Give --passphrase-file.")
    return str(click.prompt(prompt, hide_input=True, err=True))
