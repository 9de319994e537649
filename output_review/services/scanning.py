"""The scan of what a team writes, in the control zone: identifiers, and figures that its own tables withhold.

It is made anew for each reader, from the bytes in the content store and the evidence, so that nothing needs to be
believed. A finding names the place and the kind; what was found stands in the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from disclosure.exchange.written import SubmittedText
from disclosure.model.tables import JudgedTable
from disclosure.screening.text_scan import scan
from disclosure.screening.written_numbers import SuppressedFigures
from output_review.services.rendering import figure_of
from output_review.services.shown_code import SourceCell

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

_LABELS, _LENGTH, _SHARED = 500, 2000, 100
"""How many pieces of labels are scanned at a time, how long a piece is, and what the pieces of one label share."""


def withheld_figures(tables: Iterable[JudgedTable]) -> SuppressedFigures:
    """Return the figures that judged tables do not publish."""
    return SuppressedFigures.of(
        figure
        for table in tables
        for figure, shown in zip(table.figures, table.shown.tolist(), strict=True)
        if figure is not None and not shown
    )


def findings_in(
    output: OutputRow, text: SubmittedText | None, table: JudgedTable | None, withheld: SuppressedFigures
) -> list[str]:
    """Return what the scan finds in what a team wrote about an output, in its labels, and in a text or result itself.

    Args:
        text: the text or result that the output is; None for a table.
        table: the table that the output is, if it could be made: its names of columns and its labels are free text.
        withheld: the figures that the tables of its request withhold.
    """
    return _found([*_pieces(output, text), *_labels(table)], withheld)


def findings_about(row: RequestRow, code: Mapping[str, Iterable[SourceCell]], withheld: SuppressedFigures) -> list[str]:
    """Return what the scan finds in what a team wrote about its request, and in the code that it handed in.

    Args:
        code: the source of each notebook or script, by its name.
    """
    about = [("title", row.title), ("author", row.author), ("purpose", row.purpose)]
    about += [(f"parameter {name}", str(value)) for name, value in sorted(row.parameters.items())]
    about += [
        (f"{name}, {cell.kind} {place}", cell.source)
        for name, cells in code.items()
        for place, cell in enumerate(cells, start=1)
    ]
    return _found(about, withheld)


def _found(pieces: Iterable[tuple[str, str]], withheld: SuppressedFigures) -> list[str]:
    return [
        f"{where}, line {hit.line}: {hit.mark.words.english}"
        for where, body in pieces
        for hit in scan(body, suppressed=withheld)
    ]


def _pieces(output: OutputRow, text: SubmittedText | None) -> Iterator[tuple[str, str]]:
    yield from (("title", output.title), ("population", output.population), ("differs", output.differs))
    figure = figure_of(output)
    if figure is not None:
        yield from zip(("figure title", "axis title", "value title"), figure.request.titles, strict=True)
    if text is not None:
        yield text.kind.value, text.body


def _labels(table: JudgedTable | None) -> Iterator[tuple[str, str]]:
    """Yield the names of columns and the labels of a table, each on a line of its own: a derivation can write any.

    What a codebook lists is the office's own. Where a label stands in the table is told by its line.
    """
    if table is None:
        return
    recipe, evidence, trials = table.recipe, table.evidence, table.trials
    yield "columns", "\n".join(recipe.narrow_columns)
    targets = [label for one in recipe.recodings for _, label in one.mapping]
    if targets:
        yield "recodings", "\n".join(dict.fromkeys(targets))
    for part in (evidence, evidence.underlying) if evidence is not None else ():
        own = zip(part.dimensions, part.categories, strict=True) if part is not None else ()
        for place, (name, labels) in enumerate(own, start=1):
            listed = trials.listed(name) if trials is not None else ()
            written = [
                label[start : start + _LENGTH]
                for label in labels
                if label is not None and label not in listed
                for start in range(0, len(label), _LENGTH - _SHARED)
            ]
            for first in range(0, len(written), _LABELS):
                where = f"labels of column {place}" + (f", from {first + 1}" if first else "")
                yield where, "\n".join(written[first : first + _LABELS])
