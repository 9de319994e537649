"""`datakamp review take-in`: outputs of another program, as an unverified request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from disclosure.exchange.lines import visible
from output_review.commands import FOLDER, camp_option, opened, printed

if TYPE_CHECKING:
    from output_review.ports import Engines


def take_in(engines: Callable[[], Engines]) -> click.Command:
    """Return the command."""

    @click.command("take-in")
    @click.argument("source", type=FOLDER)
    @camp_option
    @click.option("--team", required=True)
    @click.option("--author", required=True, help="The researcher who made the outputs.")
    @click.option("--title", required=True)
    @click.option("--purpose", required=True)
    @click.option("--population", required=True, help="Whom the figures are about.")
    def command(source: Path, folder: Path, team: str, author: str, title: str, purpose: str, population: str) -> None:
        """Take in the folder that ACRO wrote, as a request whose outputs nobody here has verified."""
        from output_review.services.foreign import Intake, take_in_foreign
        from output_review.services.views import summary
        from output_review.services.working import tabulate_waiting

        zone = opened(folder, engines)
        row = take_in_foreign(zone, source, Intake(team, author, title, purpose, population))
        for problem in tabulate_waiting(zone):
            click.echo(f"datakamp: {visible(problem)}", err=True)
        found = summary(zone.request(row.pk))
        lines = [f"request {row.pk}: {len(found['outputs'])} tables taken in, none of them verified"]
        printed(found, False, lines)

    return command
