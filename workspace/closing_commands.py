"""`datakamp camp close`: what people wrote is archived, what they worked on is wiped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile
    from workspace.closing.close import Review

_FOLDER = click.Path(path_type=Path, file_okay=False)


def close_command(ending: Callable[[CampFile], Review | None]) -> click.Command:
    """Return the command; `ending` returns the control zone of a camp, None if it was never opened."""

    @click.command()
    @click.option("--camp", "folder", required=True, type=_FOLDER, help="The camp's folder.")
    @click.option("--archive", required=True, type=_FOLDER, help="A folder of the office, outside the camp.")
    @click.option("--leave-out", is_flag=True, help="Wipe code that cannot be archived, too; the certificate names it.")
    @click.confirmation_option("--yes", prompt="This wipes the microdata and the workspaces of the camp. Close it?")
    def close(folder: Path, archive: Path, leave_out: bool) -> None:
        """Close a camp for good: archive code and review, wipe microdata and workspaces, write a certificate."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import require_organiser
        from workspace.closing.close import close_camp

        camp = read_camp(folder)
        require_organiser(camp)
        certificate = close_camp(
            camp,
            archive,
            ending(camp),
            now=lambda: datetime.now(UTC),
            told=lambda line: click.echo(f"  {line}"),
            leave_out=leave_out,
        )
        ledgers = json.loads(certificate.read_bytes()).get("review", {}).get("ledgers", {})
        click.echo(f"The camp {camp.name} is closed. Its certificate is {certificate}; a copy lies in the archive.")
        click.echo(f"The ledger of {len(ledgers)} data sets stays with the office.")

    return close
