"""`datakamp review account, demo-account`: how a person of the camp comes into the review application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from output_review.commands import camp_option, json_option, opened, printed

if TYPE_CHECKING:
    from output_review.ports import Engines


def account_command(engines: Callable[[], Engines]) -> click.Command:
    """Return the command."""

    @click.command()
    @click.argument("name")
    @camp_option
    @click.option("--reset", is_flag=True, help="Void the account's password, second factor and sessions first.")
    @json_option
    def account(folder: Path, name: str, reset: bool, as_json: bool) -> None:
        """Make a code with which a person sets the own password and second factor: shown here once."""
        from output_review.services.accounts import invite
        from output_review.signing.fields import moment_text

        invitation = invite(opened(folder, engines, looking=True), name, reset=reset)
        until = moment_text(invitation.until)
        lines = [
            f"The code of {name}, good until {until} and once: {invitation.code}",
            "Give it to them in person or by telephone; they use it at /join of the review application.",
        ]
        printed({"person": name, "code": invitation.code, "until": until}, as_json, lines)

    return account


def demo_account_command(engines: Callable[[], Engines]) -> click.Command:
    """Return the command by which a demonstration's people come in."""

    @click.command("demo-account")
    @click.argument("names", nargs=-1, required=True, metavar="NAME...")
    @camp_option
    @json_option
    def demo_account(folder: Path, names: tuple[str, ...], as_json: bool) -> None:
        """Show password and digits of people of a demonstration, whose accounts are made here; DEMO camps only."""
        from output_review.services import demo_accounts

        zone = opened(folder, engines, looking=True)
        made = [demo_accounts.demo_account(zone, name) for name in names]
        lines = [
            f"{one.person}: password {one.password}, digits {one.digits} (once, within {one.seconds} s)" for one in made
        ]
        printed(
            [
                {"person": one.person, "password": one.password, "digits": one.digits, "seconds": one.seconds}
                for one in made
            ],
            as_json,
            lines,
        )

    return demo_account
