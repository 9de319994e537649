"""`datakamp data link`: a file of an owner gets the office's keys, outside the camp."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("link")
@click.argument("file", type=_FILE)
@click.option("--keys", required=True, type=_FILE, help="The office's list: the identifier and its keys.")
@click.option("--by", required=True, help="The column with the identifier, in both files.")
@click.option("--drop", default="", metavar="A[,B]", help="Further columns that identify, such as names.")
@click.option("--keep", default="", metavar="A[,B]", help="Columns that identify nobody, though values say otherwise.")
@click.option("--out", required=True, type=_FILE, help="The Parquet file that is made.")
@click.option("--least", default=0.0, type=click.FloatRange(0, 1), help="The least part of the rows to find a key.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of csv: utf-8, cp1252 or latin-1.")
def link_command(
    file: Path, keys: Path, by: str, drop: str, keep: str, out: Path, least: float, encoding: str
) -> None:  # fmt: skip
    """Give the rows of an owner's FILE the office's keys, take the identifiers out, and tell how many were found."""
    from workspace.linking import link

    gone, kept = (tuple(name.strip() for name in one.split(",") if name.strip()) for one in (drop, keep))
    done = link(file, keys, out, by=by, drop=gone, keep=kept, least=least, encoding=encoding)
    click.echo(f"{done.linked:,} of {done.rows:,} rows found a key ({done.rate:.1%}); {done.units:,} different keys.")
    where = shlex.quote(str(out))
    click.echo(f"Taken out: {', '.join(done.dropped)}. Next: datakamp data register {where} --codebook ... --camp ...")
