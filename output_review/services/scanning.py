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


def withheld_figures(tables: Iterable[JudgedTable]) -> SuppressedFigures:
    """Return the figures that judged tables do not publish."""
    return SuppressedFigures.of(
        figure
        for table in tables
        for figure, shown in zip(table.figures, table.shown.tolist(), strict=True)
        if figure is not None and not shown
    )


def findings_in(output: OutputRow, text: SubmittedText | None, withheld: SuppressedFigures) -> list[str]:
    """Return what the scan finds in what a team wrote about an output, and in a text or result itself.

    Args:
        text: the text or result that the output is; None for a table.
        withheld: the figures that the tables of its request withhold.
    """
    return _found(_pieces(output, text), withheld)


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
