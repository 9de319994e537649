"""`datakamp check`: the check on the command line, on a Parquet file or on a notebook, without a camp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from disclosure.errors import BadInputError, IdentifierRefusedError

if TYPE_CHECKING:
    from disclosure.notebook.output import Output
    from disclosure.notebook.outputs import Outputs

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
@click.option("--values", multiple=True, help="The column that the statistic is taken of, or several.")
@click.option("--statistic", multiple=True, help="count, sum, mean, rate, median, p25, std, ...; or several.")
@click.option("--option", "options", multiple=True, help="What a statistic takes besides, as name=value.")
@click.option("--other-unit", "other_units", multiple=True, help="The key of a further unit that is counted too.")
@click.option("--holding", multiple=True, help="The key by which contributions are added up for dominance.")
@click.option("--weights", multiple=True, help="A weight column.")
@click.option("--policy", default="cbs", show_default=True, help="A policy, such as cbs or 'cbs; minimum_units=20'.")
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
    options: tuple[str, ...],
    other_units: tuple[str, ...],
    holding: tuple[str, ...],
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
            values=_names(values) or None,
            statistic=_names(statistic) or None,
            options=_options(options) or None,
            other_units=tuple(_names((one,)) for one in other_units),
            holding=_names(holding),
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
    click.echo(_json(_document(out)) if as_json else _text(out))
    context.exit(DONE if out.verdict.status.value == "safe" else NO)


@check.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--policy", default="cbs", show_default=True, help="A policy, such as cbs or 'cbs; minimum_units=20'.")
@click.option(
    "--released",
    default=None,
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Released files, such as data/outputs of a verified package: what shows these is registered.",
)
@click.option("--clean", default=None, metavar="OUT", type=click.Path(path_type=Path), help="Write a cleaned copy.")
@click.option("--overwrite", is_flag=True, help="Let the cleaned copy replace a file; never the original.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def notebook(
    context: click.Context,
    path: Path,
    policy: str,
    released: Path | None,
    clean: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Classify every output of a notebook that was made without us: exit status 0 if nothing needs a person.

    Prints where something was found, what kind it is and what to do about it, never what was found. Nothing in the
    notebook is run.
    """
    from disclosure.policy import load_policy
    from disclosure.screening import report as screening_report
    from disclosure.screening.cleaned import cleaned_notebook, write_cleaned
    from disclosure.screening.notebook_cells import rules_of, screen_notebook
    from disclosure.screening.notebook_file import read_notebook
    from disclosure.screening.released_files import NOTHING_RELEASED, read_released

    known = NOTHING_RELEASED if released is None else read_released(released)
    rules = rules_of(load_policy(policy), released=known)
    document = read_notebook(path)
    screening = screen_notebook(document, rules)
    copy = None
    if clean is not None:
        cleaned = cleaned_notebook(document, screening)
        copy = screen_notebook(cleaned, rules)
        write_cleaned(cleaned, clean, original=path, overwrite=overwrite)
    elif overwrite:
        raise BadInputError("--overwrite needs --clean.", hint="Name the cleaned copy: --clean OUT.")
    if as_json:
        click.echo(_json(screening_report.as_document(screening, policy, copy)))
    else:
        click.echo(screening_report.as_text(screening, copy))
    context.exit(NO if screening.findings else DONE)


def _text(out: Output | Outputs) -> str:
    from disclosure.notebook.display import as_text, outputs_as_text
    from disclosure.notebook.outputs import Outputs

    if isinstance(out, Outputs):
        return outputs_as_text(out.tables, out.verdict, out.remedies(), calls=False)
    return as_text(out.table, out.remedies(), calls=False)


def _document(out: Output | Outputs) -> dict[str, Any]:
    from disclosure.notebook.outputs import Outputs

    return outputs_report(out) if isinstance(out, Outputs) else report(out)


def outputs_report(outs: Outputs) -> dict[str, Any]:
    """Return several outputs as the document that `check table --json` prints: each measure's own, and all together.

    `findings`, `missing` and `notes` are those of the measures, each with the measure's name.
    """
    reports = [(name, report(out)) for name, out in outs.items()]
    return {
        "status": outs.verdict.status.value,
        "policy": reports[0][1]["policy"],
        "findings": [{"measure": name, **finding} for name, one in reports for finding in one["findings"]],
        "missing": [{"measure": name, "what": what} for name, one in reports for what in one["missing"]],
        "notes": list(dict.fromkeys(note for _, one in reports for note in one["notes"])),
        "outputs": [{"measure": name, "status": one["status"], "cells": one["cells"]} for name, one in reports],
    }


def report(out: Output) -> dict[str, Any]:
    """Return a judged table as the document that `check table --json` prints.

    A dimension that a cell leaves at its total is absent from its `cell`; a missing category is null.
    """
    from disclosure.protection.one_each import one_each
    from disclosure.protection.undescribed import undescribed

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
    hints = [hint for hint in (undescribed(judged), one_each(judged)) if hint is not None]
    notes = [str(note) for note in (*getattr(verdict, "notes", ()), *hints)]
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


def _options(texts: tuple[str, ...]) -> dict[str, str]:
    """Return options given as name=value; a name given twice is an error, not the last one."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise BadInputError("An option is given as name=value.", hint="For example --option trim=0.1.")
        if name in found:
            raise BadInputError(f"The option {name} is given more than once.", hint="Give it one value.")
        found[name] = value
    return found


def _one(texts: tuple[str, ...], option: str) -> str | None:
    if len(texts) > 1:
        raise BadInputError(f"{option} is given more than once.", hint="Check a table for each.")
    return texts[0] if texts else None
