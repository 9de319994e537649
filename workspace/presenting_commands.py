"""`datakamp present`: a page for an audience from released packages, each verified before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.files import read_regular, write_atomically

_LARGEST: Final = 256 << 20
_FILE = click.Path(path_type=Path, dir_okay=False)

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
