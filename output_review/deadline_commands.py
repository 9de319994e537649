"""`datakamp review deadline`: until when what is handed in is released before the presentation, and moving that."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from output_review.commands import camp_option, json_option, printed

if TYPE_CHECKING:
    from output_review.ports import Engines


def deadline_command(engines: Callable[[], Engines]) -> click.Command:
    """Return the command."""

    @click.command()
    @camp_option
    @click.option("--sign", "signing", is_flag=True, help="Sign camp.toml's with the root's key and put them in force.")
    @json_option
    def deadline(folder: Path, signing: bool, as_json: bool) -> None:
        """Say which deadline and presentation are in force, and whether camp.toml names others."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import require_organiser
        from output_review.services.moving import move_deadline, next_deadline
        from output_review.services.zone import open_zone
        from output_review.site import VARIABLE

        require_organiser(read_camp(folder))
        site = os.environ.get(VARIABLE)
        zone = open_zone(folder, engines(), None if site is None else Path(site))
        before, after = move_deadline(zone) if signing else next_deadline(zone)
        lines = [f"in force: {_said(after if signing else before)}"]
        if signing:
            lines.append(f"before: {_said(before)}")
        elif before != after:
            lines += [f"camp.toml: {_said(after)}", "To put this in force: --sign, where the root's key is"]
        printed({"signed": signing, "before": before, "camp": after}, as_json, lines)

    return deadline


def _said(facts: Mapping[str, str]) -> str:
    return f"deadline {facts['deadline']}, presentation {facts['presentation']}" if facts["deadline"] else "no deadline"
