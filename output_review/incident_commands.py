"""`datakamp camp incident` and `camp late`: an organiser stops a camp at once, or lets something late leave in time."""

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


@click.command()
@click.argument("requests", type=int, nargs=-1, required=True, metavar="REQUEST...")
@camp_option
@click.option("--reason", required=True, help="Why, in one line. It stays in the camp; write nothing of the data.")
def late(folder: Path, requests: tuple[int, ...], reason: str) -> None:
    """Let requests that came after the deadline be released before the presentation. The log says that you did."""
    from disclosure.exchange.camp import read_camp
    from disclosure.exchange.camp_late import make_exception
    from disclosure.exchange.zones import require_organiser

    camp = read_camp(folder)
    require_organiser(camp)
    now = datetime.now(UTC)
    for request in requests:
        make_exception(camp, request, reason, now)
        click.echo(f"Request {request} may be released before the presentation, once it is approved.")
    click.echo("The control zone writes it into its log at its next step.")
