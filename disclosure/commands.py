"""`datakamp check`: the check on the command line, on a Parquet file, without a camp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from disclosure.errors import BadInputError, IdentifierRefusedError

if TYPE_CHECKING:
    from disclosure.notebook.output import Output

DONE, NO = 0, 1


def commands() -> tuple[click.Command, ...]:
    """Return the commands of this package."""
    return (check,)


@click.group()
def check() -> None:
    """Check an output for disclosure."""


@check.command()
@click.option("--data", "path", required=True, type=click.Path(path_type=Path), help="A Parquet file.")
@click.option("--unit", multiple=True, help="The column or columns that identify the statistical unit.")
@click.option("--rows", multiple=True, help="Row variables, separated by commas.")
@click.option("--columns", multiple=True, help="Column variables, separated by commas.")
@click.option("--values", multiple=True, help="The column that a sum, mean or rate is taken of.")
@click.option("--statistic", multiple=True, help="count, sum, mean or rate.")
@click.option("--weights", multiple=True, help="A weight column.")
@click.option("--policy", default="cbs", show_default=True, help="cbs, sacro or abs.")
@click.option("--codebook", default=None, type=click.Path(path_type=Path), help="A codebook; else the one beside.")
@click.option("--dropna", is_flag=True, help="Leave rows with a missing category out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def table(
    context: click.Context,
    path: Path,
    unit: tuple[str, ...],
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    values: tuple[str, ...],
    statistic: tuple[str, ...],
    weights: tuple[str, ...],
    policy: str,
    codebook: Path | None,
    dropna: bool,
    as_json: bool,
) -> None:
    """Check a table with all its margins: exit status 0 if it is safe, 1 if it is not."""
    from disclosure.notebook.table import table as checked

    try:
        out = checked(
            path,
            rows=_names(rows),
            columns=_names(columns),
            values=_one(values, "--values"),
            statistic=_one(statistic, "--statistic"),
            unit=_names(tuple(one for one in unit if one)) or None,
            weights=_one(weights, "--weights"),
            policy=policy,
            dropna=dropna,
            codebook=codebook,
        )
    except IdentifierRefusedError as refused:
        # Refused before anything was tabulated; whoever reads JSON still gets a verdict with its reason.
        if as_json:
            finding = {"rule": "identifier", "cell": {}, "message": str(refused), "remedies": []}
            click.echo(_json({"status": "unsafe", "policy": policy, "findings": [finding], "cells": []}))
            context.exit(NO)
        raise
    click.echo(_json(report(out)) if as_json else _text(out))
    context.exit(DONE if out.verdict.status.value == "safe" else NO)


def _text(out: Output) -> str:
    from disclosure.notebook.display import as_text

    return as_text(out.table, out.remedies(), calls=False)


def report(out: Output) -> dict[str, Any]:
    """Return a judged table as the document that `check table --json` prints.

    A dimension that a cell leaves at its total is absent from its `cell`; a missing category is null.
    """
    verdict, judged = out.verdict, out.table
    findings = [
        {
            "rule": finding.rule.value,
            "cell": finding.cell.as_dict(),
            "message": finding.message,
            "remedies": [str(remedy) for remedy in finding.remedies],
        }
        for finding in verdict.findings
    ]
    missing = [str(what) for what in getattr(verdict, "missing", ())]
    notes = [str(note) for note in getattr(verdict, "notes", ())]
    counts = [] if judged.evidence is None else judged.evidence.n_units.tolist()
    cells = [
        {
            "cell": one.cell.as_dict(),
            "n_units": units,
            "value": None if one.figure is None else _number(one.figure),
            "publishable": one.state.value != "withheld",
        }
        for one, units in zip(judged.published(), counts, strict=True)
    ]
    return {
        "status": verdict.status.value,
        "policy": judged.recipe.policy.name,
        "findings": findings,
        "missing": missing,
        "notes": notes,
        "cells": cells,
    }


def _number(figure: str) -> int | float:
    return float(figure) if "." in figure else int(figure)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in an option that may be given more than once, or hold several between commas."""
    names = tuple(name for text in texts for name in text.split(","))
    if not all(names):
        raise BadInputError("A name between the commas is empty.", hint="For example --rows wijk,huishoudtype.")
    return names


def _one(texts: tuple[str, ...], option: str) -> str | None:
    if len(texts) > 1:
        raise BadInputError(f"{option} is given more than once.", hint="Check a table for each.")
    return texts[0] if texts else None
