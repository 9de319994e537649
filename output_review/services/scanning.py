"""The scan of what a team writes, in the control zone: identifiers, and figures that its own tables withhold.

It is made anew for each reader, from the bytes in the content store and the evidence, so that nothing needs to be
believed. A finding names the place and the kind; what was found stands in the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from disclosure.exchange.written import SubmittedText
from disclosure.model.tables import JudgedTable
from disclosure.screening.text_scan import Mark, scan
from disclosure.screening.written_numbers import SuppressedFigures
from disclosure.texts import Text, text
from output_review.services.rendering import figure_of
from output_review.services.shown_code import SourceCell

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

_LABELS, _LENGTH, _SHARED = 500, 2000, 100
"""How many pieces of labels are scanned at a time, how long a piece is, and what the pieces of one label share."""


@dataclass(frozen=True)
class Found:
    """Something that the scan found: in which piece, on which of its lines, and of what kind."""

    where: Text
    line: int
    mark: Mark

    @property
    def words(self) -> Text:
        """All of it in one sentence."""
        return text("{where}, line {line}: {what}", where=self.where, line=self.line, what=self.mark.words)


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
    """Return what `found_in` returns, as lines of English."""
    return [one.words.english for one in found_in(output, text, table, withheld)]


def findings_about(row: RequestRow, code: Mapping[str, Iterable[SourceCell]], withheld: SuppressedFigures) -> list[str]:
    """Return what `found_about` returns, as lines of English."""
    return [one.words.english for one in found_about(row, code, withheld)]


def found_in(
    output: OutputRow, written: SubmittedText | None, table: JudgedTable | None, withheld: SuppressedFigures
) -> tuple[Found, ...]:
    """Return what the scan finds in what a team wrote about an output, in its labels, and in a text or result itself.

    Args:
        written: the text or result that the output is; None for a table.
        table: the table that the output is, if it could be made: its names of columns and its labels are free text.
        withheld: the figures that the tables of its request withhold.
    """
    return _found([*_pieces(output, written), *_labels(table)], withheld)


def found_about(
    row: RequestRow, code: Mapping[str, Iterable[SourceCell]], withheld: SuppressedFigures
) -> tuple[Found, ...]:
    """Return what the scan finds in what a team wrote about its request, and in the code that it handed in.

    Args:
        code: the source of each notebook or script, by its name.
    """
    about = [(text("title"), row.title), (text("author"), row.author), (text("purpose"), row.purpose)]
    about += [(text("parameter {name}", name=name), str(value)) for name, value in sorted(row.parameters.items())]
    about += [
        (text("{file}, {kind} {place}", file=name, kind=cell.kind, place=place), cell.source)
        for name, cells in code.items()
        for place, cell in enumerate(cells, start=1)
    ]
    return _found(about, withheld)


def _found(pieces: Iterable[tuple[Text, str]], withheld: SuppressedFigures) -> tuple[Found, ...]:
    return tuple(Found(where, hit.line, hit.mark) for where, body in pieces for hit in scan(body, suppressed=withheld))


def _pieces(output: OutputRow, written: SubmittedText | None) -> Iterator[tuple[Text, str]]:
    yield from ((text("title"), output.title), (text("population"), output.population))
    yield text("differs"), output.differs
    figure = figure_of(output)
    if figure is not None:
        named = (text("figure title"), text("axis title"), text("value title"))
        yield from zip(named, figure.request.titles, strict=True)
    if written is not None:
        yield Text(written.kind.value), written.body


def _labels(table: JudgedTable | None) -> Iterator[tuple[Text, str]]:
    """Yield the names of columns and the labels of a table, each on a line of its own: a derivation can write any.

    What a codebook lists is the office's own. Where a label stands in the table is told by its line.
    """
    if table is None:
        return
    recipe, evidence, trials = table.recipe, table.evidence, table.trials
    yield text("columns"), "\n".join(recipe.narrow_columns)
    targets = [label for one in recipe.recodings for _, label in one.mapping]
    if targets:
        yield text("recodings"), "\n".join(dict.fromkeys(targets))
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
                where = text("labels of column {place}", place=place)
                if first:
                    where = text("labels of column {place}, from {first}", place=place, first=first + 1)
                yield where, "\n".join(written[first : first + _LABELS])
