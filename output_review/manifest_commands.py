"""`datakamp review manifest`: who takes part in a camp that is open, and a new manifest when that changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from output_review.commands import camp_option, json_option, printed

if TYPE_CHECKING:
    from output_review.commands import Fitting
    from output_review.ports import Engines

_WORDS = {"came": "comes in", "left": "is taken out", "changed": "has other roles or teams", "keys": "has another key"}


def manifest_command(engines: Callable[[], Engines], fitting: Fitting) -> click.Command:
    """Return the command; `fitting` refuses people who come in, or take another part, and may not."""

    @click.command()
    @camp_option
    @click.option("--sign", "signing", is_flag=True, help="Sign it with the root's key and put it in force.")
    @json_option
    def manifest(folder: Path, signing: bool, as_json: bool) -> None:
        """Say how camp.toml and the site configuration differ from the manifest in force, in people and their keys."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import require_organiser, separated
        from output_review.services.changing import change_manifest, next_manifest
        from output_review.services.zone import open_zone
        from output_review.site import VARIABLE

        require_organiser(read_camp(folder))
        site = os.environ.get(VARIABLE)
        zone = open_zone(folder, engines(), None if site is None else Path(site))
        made, change = next_manifest(zone)
        if signing:
            fitting(zone.camp, {*change.came, *change.changed})
            made, change = change_manifest(zone)
        number = made.number if signing else zone.manifest.number
        names = change.to_document()
        lines = [f"manifest {number} is in force"]
        lines += [f"  {name} {_WORDS[what]}" for what, people in names.items() for name in people]
        if signing:
            lines.append("What reviewers signed and has not left goes back into review, and is signed anew.")
        elif change:
            lines.append("To put this in force: --sign, where the root's key is")
        if separated(zone.camp) and change:
            lines.append("New reviewers have an account on this machine first; after --sign: datakamp camp users")
        printed({"number": number, "signed": signing, **names}, as_json, lines)

    return manifest
