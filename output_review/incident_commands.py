"""`datakamp camp incident`: an organiser stops a camp at once, and lets it go on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from output_review.commands import camp_option


@click.command()
@camp_option
@click.option("--reason", required=True, help="Why, in one line. It stays in the camp; write nothing of the data.")
@click.option("--lift", "lifting", is_flag=True, help="Let the camp go on.")
def incident(folder: Path, reason: str, lifting: bool) -> None:
    """Stop a camp at once: kernels end, nothing is handed in, signed or released. The log and all work are kept."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.incidents import freeze, lift
    from disclosure.exchange.zones import require_organiser

    camp = read_camp(folder)
    require_organiser(camp)
    now = datetime.now(UTC)
    if lifting:
        lift(camp.folder, reason, now)
        click.echo(f"The camp {camp.name} goes on. Labs and hub are started again by hand.")
    else:
        freeze(camp.folder, reason, now)
        click.echo(f"The camp {camp.name} is stopped: its Labs end within seconds, and nothing leaves.")
        click.echo("When it may go on: datakamp camp incident --lift --reason WHY --camp ...")
    click.echo("The control zone writes it into its log at its next step.")
