"""`datakamp present` and `camp present`: pages from released packages, each verified before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.files import read_regular, write_atomically

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile
    from workspace.presenting.bundles import Package

_LARGEST: Final = 256 << 20
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)

Verify = Callable[[bytes, tuple[str, ...], bool], tuple[bool, str]]
"""Whether the bytes of a package verify against trusted roots, a demonstration's too if asked; and the mark on it."""


def present_command(verify: Verify) -> click.Command:
    """Return the command; `verify` is the standalone verifier."""

    @click.command()
    @click.argument("packages", nargs=-1, required=True, type=_FILE)
    @click.option("--root", "roots", multiple=True, required=True, help="The fingerprint of a trusted root key.")
    @click.option("--title", required=True, help="Of the page.")
    @click.option("--output", "names", multiple=True, help="An output to show, in this order; all if left out.")
    @click.option("--layout", default="report", show_default=True, type=click.Choice(["report", "factsheet"]))
    @click.option("--language", "lang", default=None, type=click.Choice(["nl", "en"]), help="The reader's if left out.")
    @click.option("--to", "file", required=True, type=_FILE, help="The page to write, as sheet.html or sheet.pdf.")
    @click.option("--demo", is_flag=True, help="Accept packages of a demonstration; the page says so.")
    def present(
        packages: tuple[Path, ...], roots: tuple[str, ...], title: str, names: tuple[str, ...], layout: str,
        lang: str | None, file: Path, demo: bool,
    ) -> None:  # fmt: skip
        """Make a report or a factsheet from released PACKAGES, and from nothing else."""
        from workspace.presenting.page import Layout, presented
        from workspace.presenting.released import read_released

        if file.suffix not in (".html", ".pdf"):
            raise BadInputError("The page's name ends in .html or .pdf.", hint="Give --to, for example sheet.pdf.")
        read, marks = [], set()
        for path in packages:
            try:
                data = read_regular(path, limit=_LARGEST)
            except OSError:
                raise BadInputError(f"'{path.name}' cannot be read.") from None
            verified, mark = verify(data, roots, demo)
            if not verified:
                raise RefusedError(f"'{path.name}' does not verify.", hint=f"See datakamp verify {path}.")
            marks.add(mark)
            read.append(read_released(data))
        page = presented(read, Layout(layout), title=title, names=names, mark=" ".join(sorted(marks - {""})), lang=lang)
        if file.suffix == ".pdf":
            from workspace.report_pdf import pdf_of

            page = pdf_of(page)
        try:
            write_atomically(file, page)
        except OSError:
            raise BadInputError(f"'{file.name}' cannot be written.") from None
        click.echo(f"{file}")

    return present


def bundles_command(standing: Callable[[CampFile], Sequence[Package]]) -> click.Command:
    """Return the command; `standing` gives the packages of a camp that stand, each verified."""

    @click.command("present")
    @click.option("--camp", "folder", required=True, type=_FOLDER, help="The camp's folder.")
    @click.option("--to", "into", required=True, type=_FOLDER, help="A new folder, outside the camp.")
    def bundles(folder: Path, into: Path) -> None:
        """Make what each team presents: its released packages, pages made from them, and the digest of every file."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import Zone, require_zone
        from workspace.presenting.bundles import write_bundles
        from workspace.presenting.rule import rule_words

        camp = read_camp(folder)
        require_zone(camp, Zone.REVIEW)
        made = write_bundles(camp, standing(camp), into)
        for team, number in made.items():
            click.echo(f"{team}: {number} packages, in {into / team}" if number else f"{team}: nothing is released")
        click.echo(str(rule_words(camp)))

    return bundles
