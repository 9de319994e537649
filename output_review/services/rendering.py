"""Rendering: from what the control zone judged itself to the bytes that would leave, and from nothing else.

A table becomes csv, HTML and JSON, and so does what is computed from the published figures of tables. A figure is drawn
anew from the tables that were judged here; no byte that a workspace drew gets in. The areas of a map are those that the
organiser laid beside a data set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from disclosure.errors import DataError, DatakampError, IntegrityError
from disclosure.exchange.camp import is_areas_file
from disclosure.exchange.canonical import digest, parse_json
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import SubmittedFigure, figure_from
from disclosure.exchange.written import SubmittedText, text_from
from disclosure.model.figures import QUANTILES, FigureFormat
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Level, Status
from disclosure.render import METADATA_SUFFIX, to_csv, to_html, to_json, to_metadata
from disclosure.render.derived import derived_files
from disclosure.render.figures import Drawing, drawing_of, drawn
from disclosure.render.figures.geography import LARGEST_FILE
from disclosure.render.written import written_files
from disclosure.texts import Text, text
from output_review.services.judging import derived_of, judged_again, parents_of, pinned
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow


@dataclass(frozen=True)
class Rendered:
    """The files of an output by name, and why its figure is not among them; None if it is, or if it has none."""

    files: dict[str, bytes]
    undrawn: Text | None = None


def rendered(zone: ControlZone, output: OutputRow, table: JudgedTable) -> Rendered:
    """Return the files of an output, as they would be released.

    Args:
        table: what it shows; see `judging.shown_table`.
    """
    request = derived_of(output)
    if request is not None:
        tables = tuple(judged_again(zone, one) for one in parents_of(output))
        said = {"name": output.name, "title": output.title, "population": output.population}
        return Rendered(derived_files(request, tables, table, **said))
    files = {} if table.evidence is None else rendered_table(table, output.name, output.title, output.population)
    if not output.figure or not files:
        return Rendered(files)
    try:
        drawing = drawing_for(zone, output, table)
        images = {f"{output.name}.{form.value}": drawn(drawing, form) for form in FigureFormat}
    except DatakampError as error:
        message, hint = error.sentences
        if not str(hint):
            return Rendered(files, text("The figure is not drawn: {why}", why=message))
        return Rendered(files, text("The figure is not drawn: {why} {hint}", why=message, hint=hint))
    return Rendered(files | images)


def rendered_table(table: JudgedTable, name: str, title: str, population: str) -> dict[str, bytes]:
    """Return the files of a table: csv with what its columns are beside it, HTML, and JSON."""
    return {
        f"{name}.csv": to_csv(table),
        f"{name}{METADATA_SUFFIX}": to_metadata(table, name, title=title, population=population),
        f"{name}.html": to_html(table, title=title),
        f"{name}.json": to_json(table, title=title, population=population),
    }


def drawing_for(zone: ControlZone, output: OutputRow, table: JudgedTable) -> Drawing:
    """Return what the figure of an output draws.

    Args:
        table: the judged table of the output itself.

    Raises:
        RefusedError: a table is not safe or too large, or nothing of what is asked may be shown.
        BadInputError: the tables or the areas do not fit the request.
        DataError: the organiser supplied no such areas.
        IntegrityError: the areas are not those that the manifest pins; or an output of a box plot was not tabulated, or
            is not what was tabulated.
    """
    figure = figure_of(output)
    if figure is None:
        raise IntegrityError(text("'{name}' has no figure.", name=output.name))
    areas = None if figure.request.geography is None else _areas(zone, output, figure.request.geography.digest)
    if not figure.tables:
        return drawing_of(table, figure.request, areas)
    others = {one.name: one for one in output.request.outputs.filter(revision=output.revision)}
    tables = {
        quantile: table if name == output.name else judged_again(zone, others[name])
        for quantile, name in zip(QUANTILES, figure.tables, strict=True)
    }
    return drawing_of(tables, figure.request)


def figure_of(output: OutputRow) -> SubmittedFigure | None:
    """Return the figure of an output, None if it has none."""
    return figure_from(parse_json(output.figure.encode(), what="The figure")) if output.figure else None


def drawn_from(output: OutputRow) -> tuple[str, ...]:
    """Return the names of the other outputs that an output is drawn or computed from; without them it may not leave."""
    figure, request = figure_of(output), derived_of(output)
    drawn = () if figure is None else tuple(name for name in figure.tables if name != output.name)
    return drawn if request is None else request.tables


def written_text(zone: ControlZone, output: OutputRow) -> SubmittedText:
    """Return the text or result that an output is, from the content store.

    Raises:
        IntegrityError: it is missing or changed, or is another output's.
    """
    document = parse_json(zone.store.get(output.written), what="The text")
    try:
        found = text_from(document)
    except (KeyError, TypeError, ValueError):
        raise IntegrityError(
            text("What is written as '{name}' cannot be read.", name=output.name), hint=text("Call an auditor.")
        ) from None
    said = (output.name, output.title, output.population, output.differs)
    if (found.name, found.title, found.population, found.differs) != said:
        raise IntegrityError(
            text("What is written as '{name}' is another output's.", name=output.name), hint=text("Call an auditor.")
        )
    return found


def rendered_text(zone: ControlZone, output: OutputRow) -> dict[str, bytes]:
    """Return the files of a text or result; see `written_text`."""
    return written_files(written_text(zone, output))


def confirmed_text(zone: ControlZone, output: OutputRow) -> dict[str, bytes]:
    """Return the files of a text or result, made again, once they and its standing are what reviewers were shown.

    Raises:
        IntegrityError: they are not.
    """
    files = rendered_text(zone, output)
    found = (output.verdict, output.level, output.files)
    if found != (Status.INCONCLUSIVE.value, Level.UNVERIFIED.value, {name: digest(files[name]) for name in files}):
        raise IntegrityError(
            text("'{name}' is not the text that reviewers were shown.", name=output.name), hint=text("Call an auditor.")
        )
    return files


def _areas(zone: ControlZone, output: OutputRow, wanted: str) -> bytes:
    """Return the GeoJSON of that digest, among those beside the data sets that the team may use."""
    for name in zone.camp.team(output.request.team).data_sets:
        folder = zone.camp.data_folder(name)
        for file in sorted(os.listdir(folder)):
            if is_areas_file(file):
                data = read_regular(folder / file, limit=LARGEST_FILE)
                if digest(data) == wanted:
                    pinned(zone, name)  # and so are its areas
                    return data
    raise DataError(
        text("The areas of the map are not among those that the organiser supplied."),
        hint=text("Draw it with a GeoJSON file beside a data set of the camp: geography='DATA_SET/FILE.geojson'."),
    )
