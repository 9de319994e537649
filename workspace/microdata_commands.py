"""`datakamp microdata` for organisers: measure the risk of a file of records, protect it by a plan, report, compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from disclosure.errors import BadInputError, RefusedError
from disclosure.texts import text

if TYPE_CHECKING:
    from disclosure.ports import RiskEngine
    from workspace.microdata_figures import Asked, Figures

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_ENGINES: Final = ("embedded", "sdcmicro")
_FILE_ARGUMENT = click.argument("file", type=_FILE)
_CODEBOOK = click.option("--codebook", type=_FILE, default=None, help="Of the file; one beside it is found.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_ENGINE = click.option("--engine", "engine_name", default="embedded", show_default=True, type=click.Choice(_ENGINES))
_LANGUAGE = click.option(
    "--language", "lang", default=None, type=click.Choice(["nl", "en"]), help="The reader's if left out."
)


def _asking(command: Any) -> Any:
    """Add the options that say what is asked of a file."""
    for option in reversed(
        (
            click.option("--keys", required=True, help="Key variables, separated by commas."),
            click.option("--weights", default=None, help="The column of weights, of a sample."),
            click.option("--register", is_flag=True, help="The file is no sample: it holds everybody."),
            click.option("--household", default=None, help="The column that says which records are one household."),
            click.option("--sensitive", default="", help="Columns whose values somebody would learn."),
            click.option("--k", default=3, show_default=True, help="So many records should share a key."),
            click.option("--limit", default=0.05, show_default=True, help="Risks over it are counted."),
        )
    ):
        command = option(command)
    return command


@click.group()
def microdata() -> None:
    """Measure the risk of a file of records, and make it safe by a plan."""


@microdata.command()
@_FILE_ARGUMENT
@_asking
@_ENGINE
@_JSON
def risk(file: Path, engine_name: str, as_json: bool, **asking: Any) -> None:
    """Measure the risk of FILE: how many share a key, who stands alone, what may be re-identified."""
    from workspace.microdata_figures import measure, remarks
    from workspace.microdata_files import read_records

    asked = _asked(**asking)
    found = measure(read_records(file, columns=asked.keys.columns), asked, _engine(engine_name))
    if as_json:
        click.echo(json.dumps(found.to_document(), ensure_ascii=False, indent=1))
        return
    for line in _lines(found, asked):
        click.echo(line)
    for remark in remarks(asked):
        click.echo(str(remark), err=True)


@microdata.command()
@_FILE_ARGUMENT
@click.option("--plan", "plan_file", required=True, type=_FILE, help="What is done, in TOML.")
@click.option("--out", required=True, type=_FOLDER, help="A folder that is made: data, plan and record.")
@click.option("--key", "key_file", type=_FILE, default=None, help="The key of pseudonyms, a file of its owner's only.")
@click.option("--camp", "camp_folder", type=_FOLDER, default=None, help="Keep the record in this camp as well.")
@_CODEBOOK
@_ENGINE
@_JSON
def protect(
    file: Path,
    plan_file: Path,
    out: Path,
    key_file: Path | None,
    camp_folder: Path | None,
    codebook: Path | None,
    engine_name: str,
    as_json: bool,
) -> None:
    """Apply a plan to FILE. Exit status 1, and nothing written, if the result does not keep to the plan's limits."""
    from disclosure.exchange.camp import read_camp
    from workspace.microdata_files import codebook_of
    from workspace.microdata_protect import protect as protected
    from workspace.microdata_pseudonyms import read_key

    camp = None
    if camp_folder is not None:
        from disclosure.exchange.zones import require_organiser

        camp = read_camp(camp_folder)
        require_organiser(camp)
    key = None if key_file is None else read_key(key_file)
    made = protected(
        file, plan_file, out, _engine(engine_name), codebook=codebook_of(file, codebook), key=key, camp=camp
    )
    if as_json:
        before = None if made.before is None else made.before.to_document()
        click.echo(json.dumps({"before": before, "after": made.after.to_document()}, ensure_ascii=False, indent=1))
        return
    for line in _lines(made.after, made.asked):
        click.echo(line)
    for sentence in () if made.minimisation is None else made.minimisation.lines():
        click.echo(str(sentence))
    click.echo(str(text("Written: {folder}", folder=out.name)))


@microdata.command()
@click.argument("source", metavar="DIR|FILE", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=_FILE, help="The HTML file that is made.")
@click.option("--keys", default="", help="Of a FILE: key variables, separated by commas.")
@click.option("--weights", default=None, help="Of a FILE: the column of weights.")
@click.option("--register", is_flag=True, help="Of a FILE: it holds everybody.")
@_CODEBOOK
@_ENGINE
@_LANGUAGE
def report(
    source: Path,
    out: Path,
    keys: str,
    weights: str | None,
    register: bool,
    codebook: Path | None,
    engine_name: str,
    lang: str | None,
) -> None:
    """Write a report with plots: on what `protect` made in DIR, or on FILE as it is, with how to make it smaller."""
    from workspace.microdata_figures import measure
    from workspace.microdata_files import codebook_of, read_records
    from workspace.microdata_minimise import minimise
    from workspace.microdata_report import Content, read_record, write_report

    if source.is_dir():
        if keys or weights or register:
            raise BadInputError(text("What is asked of a protected folder stands in its record."))
        content = read_record(source)
    else:
        asked = _asked(keys, weights, register)
        frame = read_records(source)
        found = measure(frame, asked, _engine(engine_name))
        smaller = minimise(frame, asked, codebook_of(source, codebook))
        content = Content(source.name, asked, found, minimisation=smaller)
    write_report(content, out, lang=lang)
    click.echo(str(out))


@microdata.command()
@_FILE_ARGUMENT
@_asking
@_JSON
@click.pass_context
def compare(context: click.Context, /, file: Path, as_json: bool, **asking: Any) -> None:
    """Ask both engines about FILE. Exit status 1 if they find something else."""
    from workspace.microdata_compare import compare as compared
    from workspace.microdata_files import read_records

    asked = _asked(**asking)
    first, second = (_engine(name) for name in _ENGINES)
    versions = {one.name: one.version for one in (first, second)}
    measures = compared(read_records(file, columns=asked.keys.columns), asked, first, second)
    if as_json:
        found = {"engines": versions, "measures": [one.to_document() for one in measures]}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(f"{name}: {version}" for name, version in versions.items()))
        for one in measures:
            sign = "=" if one.same else "DIFFERS" if not one.refused else "REFUSED"
            took = f"{one.seconds[0]:.2f} s, {one.seconds[1]:.2f} s, {one.ratio:.1f} x"
            click.echo(f"{one.name:32}{one.first:>18,.6g}{one.second:>18,.6g}  {sign:8}{took}")
            if one.refused:
                click.echo(f"  {one.refused}")
    context.exit(0 if all(one.same for one in measures) else 1)


def _asked(
    keys: str,
    weights: str | None,
    register: bool,
    household: str | None = None,
    sensitive: str = "",
    k: int = 3,
    limit: float = 0.05,
) -> Asked:
    from disclosure.model.key_variables import KeyVariables
    from workspace.microdata_figures import Asked

    names = [tuple(one.strip() for one in said.split(",") if one.strip()) for said in (keys, sensitive)]
    variables = KeyVariables(names[0], weights=weights, household=household, sensitive=names[1])
    return Asked(variables, register, k, limit)


def _engine(name: str) -> RiskEngine:
    """Return the engine of a name.

    Raises:
        RefusedError: there is none.
    """
    if name == "embedded":
        from disclosure.microdata.embedded import EmbeddedEngine

        return EmbeddedEngine()
    if name == "sdcmicro":
        from disclosure.engines.sdcmicro.engine import SdcMicroEngine

        return SdcMicroEngine()
    raise RefusedError(text("There is no such engine."))


def _lines(found: Figures, asked: Asked) -> list[str]:
    said = [text("{n} records; {engine}.", n=f"{found.records:,}", engine=found.engine)]
    said += [
        text("Records that share their key with fewer than {k}: {below}.", k=k, below=f"{below:,}")
        for k, below in found.violations
    ]
    said.append(
        text(
            "Expected re-identifications: {expected}, that is {share} of the records.",
            expected=f"{found.expected:,.2f}", share=f"{found.share:.3%}",
        )
    )  # fmt: skip
    said.append(
        text(
            "Largest risk of a record: {largest}; over {limit}: {over} records.",
            largest=f"{found.largest:.4f}", limit=f"{asked.limit:g}", over=f"{found.over:,}",
        )
    )  # fmt: skip
    if found.household is not None:
        said.append(
            text(
                "Households: {share} of the records may be re-identified through one.",
                share=f"{found.household[0]:.3%}",
            )
        )
    said += [
        text("Values of '{name}' among those who share a key: {least} at least; one only for {below} records.",
             name=name, least=least, below=f"{below:,}")
        for name, least, below in found.diversity
    ]  # fmt: skip
    said += [
        text("'{name}' has a part in {share} of the special uniques.", name=name, share=f"{share:.1f}%")
        for name, share in found.contributions
    ]
    return [str(one) for one in said]
