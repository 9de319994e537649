"""`datakamp review account`: the code with which a person of the camp comes into the review application."""

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
