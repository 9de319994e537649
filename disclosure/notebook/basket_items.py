"""What may be put into the basket, and what a submission carries of it.

A judged table is carried as its recipe; a figure as the recipes of its tables and how it is drawn, never as a picture;
a derived table as what is computed from which tables, never as figures; a result of own code, a text and a text file
as they are, for people to decide on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import is_areas_file
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import SubmittedFigure
from disclosure.exchange.written import (
    MOST_DIGITS,
    ResultValues,
    SubmittedText,
    WrittenKind,
    plain_figure,
    spelled,
)
from disclosure.model.derived import DerivedRequest, Operation
from disclosure.model.figures import QUANTILES
from disclosure.model.tables import CellState
from disclosure.notebook.camp import Camp
from disclosure.notebook.derived import Derived
from disclosure.notebook.figure import Figure
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.own_files import FileKind
from disclosure.notebook.own_records import OwnRecords
from disclosure.notebook.own_results import ForReviewer, OwnFile, OwnResult, OwnText
from disclosure.notebook.short_names import short_names
from disclosure.render.figures.geography import LARGEST_FILE
from disclosure.texts import text

SUPPORT: Final = "support"
_PARENTS: Final = {
    Operation.RATIO: ("numerator", "denominator"),
    Operation.DIFFERENCE: ("minuend", "subtrahend"),
    Operation.INDEX: ("table",),
}
_WRITTEN: Final = {FileKind.TEXT: WrittenKind.TEXT, FileKind.MARKDOWN: WrittenKind.MARKDOWN}


@dataclass(frozen=True, eq=False)
class Item:
    """One output as it goes into the basket.

    Attributes:
        figure: how the table is drawn, if it is.
        support: of a result the name of the output that counts the units behind it.
        derived: of a derived table which outputs it is computed from.
    """

    name: str
    out: Output | Derived | ForReviewer
    figure: SubmittedFigure | None = None
    support: str = ""
    derived: DerivedRequest | None = None


def items_of(out: Any, name: str, camp: Camp | None, there: Mapping[str, Output]) -> tuple[Item, ...]:
    """Return what goes into the basket when something is added under a name: one output, or several.

    Args:
        there: the tables that are in the basket by name. A derived table brings those of its own that are not.

    Raises:
        RefusedError: the control zone cannot make it again, and people cannot decide on it as it is.
        BadInputError: it is nothing of the check.
    """
    if isinstance(out, Output):
        return (Item(name, out),)
    if isinstance(out, Outputs):
        short = short_names(out.names)
        return tuple(Item(f"{name}-{one}", out[measure]) for one, measure in zip(short, out.names, strict=True))
    if isinstance(out, Figure):
        return _of_figure(out, name, camp)
    if isinstance(out, OwnResult):
        return (Item(f"{name}-{SUPPORT}", out.support), Item(name, out, support=f"{name}-{SUPPORT}"))
    if isinstance(out, OwnText | OwnRecords):
        return (Item(name, out),)
    if isinstance(out, OwnFile):
        _require_text(out.file.kind)
        return (Item(name, out),)
    if isinstance(out, Derived):
        return _of_derived(out, name, there)
    raise BadInputError(
        text("The basket takes outputs of the check."),
        hint=text("This is a {kind}; see sdc.table and sdc.result.", kind=type(out).__name__),
    )


def shows_figures(out: Output | Derived) -> bool:
    """Tell whether a table shows a figure in any cell; one may be safe because all of it is withheld."""
    return any(state is CellState.PUBLISHED for state, _ in out.table.published_figures())


def submitted_text(item: Item, *, title: str, population: str, differs: str) -> SubmittedText | None:
    """Return what a submission carries of a result, text or file; None for a table.

    Raises:
        DocumentError: it is too long, or holds what people cannot see.
    """
    out = item.out
    if isinstance(out, OwnResult):
        kind, body = WrittenKind.RESULT, result_values(out.values).to_body()
    elif isinstance(out, OwnRecords):
        kind, body = WrittenKind.RECORDS, out.rows.to_body()
    elif isinstance(out, OwnText):
        kind, body = WrittenKind.TEXT, spelled(out.body)
    elif isinstance(out, OwnFile):
        kind, body = _require_text(out.file.kind), spelled(out.file.text)
    else:
        return None
    return SubmittedText(item.name, title, population, differs, kind, body, item.support)


def result_values(frame: pd.DataFrame) -> ResultValues:
    """Return the values of a result as they would leave: the index as labels, figures at six significant digits."""
    labels = 0 if isinstance(frame.index, pd.RangeIndex) else frame.index.nlevels
    whole = frame.reset_index() if labels else frame
    columns: list[Any] = list(whole.columns)
    names = tuple(" / ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in columns)
    rows = tuple(
        tuple(_label(entry) if place < labels else _entry(entry) for place, entry in enumerate(row))
        for row in whole.itertuples(index=False, name=None)
    )
    return ResultValues(names, labels, rows)


def _label(entry: Any) -> str | None:
    return None if _is_missing(entry) else str(entry)


def _entry(entry: Any) -> str | None:
    if _is_missing(entry):
        return None
    if isinstance(entry, bool | np.bool_ | str):
        return str(entry)
    if isinstance(entry, int | float | np.integer | np.floating):
        return plain_figure(float(entry), MOST_DIGITS)
    return str(entry)


def _is_missing(entry: Any) -> bool:
    return entry is None or entry is pd.NaT or entry is pd.NA or (isinstance(entry, float) and np.isnan(entry))


def _of_figure(figure: Figure, name: str, camp: Camp | None) -> tuple[Item, ...]:
    reference = figure.request.geography
    if camp is not None and reference is not None and reference.digest not in _areas_of(camp):
        raise RefusedError(
            text("The areas of the map are not among those that the organiser supplied."),
            hint=text("Draw it with a file beside a data set: geography='DATA_SET/FILE.geojson'; or ask for one."),
        )
    if isinstance(figure.out, Output):
        return (Item(name, figure.out, SubmittedFigure(figure.request)),)
    names = {quantile: f"{name}-{quantile}" for quantile in QUANTILES}
    drawn = SubmittedFigure(figure.request, tuple(names.values()))
    return tuple(
        Item(names[quantile], figure.out[quantile], drawn if quantile == "median" else None) for quantile in QUANTILES
    )


def _of_derived(out: Derived, name: str, there: Mapping[str, Output]) -> tuple[Item, ...]:
    named: list[str] = []
    added: list[Item] = []
    for place, parent in enumerate(out.parents):
        known = next((one for one, table in there.items() if table is parent and one not in named), None)
        if known is None:
            known = f"{name}-{_PARENTS[out.operation][place]}"
            added.append(Item(known, parent))
        named.append(known)
    return (*added, Item(name, out, derived=DerivedRequest(out.operation, tuple(named), out.base)))


def _areas_of(camp: Camp) -> frozenset[str]:
    """Return the digests of the GeoJSON files beside the camp's data sets."""
    return frozenset(
        digest(read_regular(one.folder / file, limit=LARGEST_FILE))
        for one in camp.context.data_sets
        for file in os.listdir(one.folder)
        if is_areas_file(file)
    )


def _require_text(kind: FileKind) -> WrittenKind:
    """Return what is written in a file of that kind.

    Raises:
        RefusedError: it is a picture or a table that nobody here made.
    """
    if kind is FileKind.CSV:
        raise RefusedError(
            text("A csv file is a table that nobody here can count again, so it cannot be submitted."),
            hint=text("Make it with sdc.table; or, for figures of own code, with sdc.result(values, support=...)."),
        )
    if kind not in _WRITTEN:
        raise RefusedError(
            text("A picture from elsewhere cannot be submitted: what it shows cannot be confirmed."),
            hint=text("Draw it from a judged table: sdc.basket().add(sdc.figure(out), name=...)."),
        )
    return _WRITTEN[kind]
