"""A report as plain text: what may be published, in aligned columns, under its verdict."""

from __future__ import annotations

from collections.abc import Sequence

from disclosure.notebook.page import Page, page_of
from disclosure.notebook.report import WHOLE_MODEL, Report
from disclosure.notebook.words import legible, width
from disclosure.texts import text

_BETWEEN = "  "


def plain_page(report: Report, *, calls: bool = True) -> str:
    """Return a report as text.

    Args:
        calls: name the call that applies each remedy, where there is an `out` to call.
    """
    lines = [report.headline, *(f"  - {line}" for line in report.reasons)]
    lines += [f"  - {line}  {call}" if calls else f"  - {line}" for line, call in report.remedies]
    if report.body:
        lines += ["", report.body]
    if report.sheets:
        page = page_of(report.sheets)
        lines += ["", report.caption, *_aligned(_fields(page), len(page.row_names) or 1), *more_of(page)]
    if report.whole is not None:
        lines += ["", str(WHOLE_MODEL), *_aligned(_fields(page_of((report.whole,))), 1)]
    return "\n".join([*lines, *([report.note] if report.note else [])])


def more_of(page: Page) -> tuple[str, ...]:
    """Return what a page says of what it does not show."""
    said = []
    if page.more_rows:
        said.append(str(text("and {n} more rows", n=str(page.more_rows))))
    if page.more_columns:
        said.append(str(text("and {n} more columns", n=str(page.more_columns))))
    if said:
        if any(sheet.failing.any() for sheet in page.sheets):
            said.append(str(text("rows and columns with failing cells come first")))
        said.append(str(text("to_pandas() has all of them")))
    return tuple(said)


def _fields(page: Page) -> list[list[str]]:
    """Return the lines of the table, each as its fields; as many label fields come first as there are row names."""
    labels = len(page.row_names) or 1
    named = len(page.sheets) > 1
    lines = []
    if named:
        lines.append([""] * labels + [legible(_measure(page, column.measure)) for column in page.columns])
    for level, name in enumerate(page.column_names):
        across = [beside(column.labels, column.beside)[level] for column in page.columns]
        lines.append([""] * (labels - 1) + [legible(name)] + across)
    if page.row_names:
        lines.append([legible(name) for name in page.row_names] + [""] * len(page.columns))
    for place, own in enumerate(page.row_labels):
        shown = beside(own, page.row_beside[place]) or [""]
        lines.append(shown + [_field(page, place, column) for column in range(len(page.columns))])
    return lines


def _field(page: Page, row: int, column: int) -> str:
    sheet, position = page.sheets[page.columns[column].measure], int(page.positions[row, column])
    if position < 0:
        return sheet.empty
    if not sheet.shown[position]:
        return "×"
    return sheet.said_at(position)


def _measure(page: Page, measure: int) -> str:
    """Return what the figures of a measure are; its name, by which it is reached, is the same in every language."""
    sheet = page.sheets[measure]
    return sheet.said or sheet.name


def beside(labels: Sequence[str], said: Sequence[str]) -> list[str]:
    """Return labels as they are shown, each with what the codebook calls it."""
    known = said or [""] * len(labels)
    return [legible(f"{one}: {word}" if word else one) for one, word in zip(labels, known, strict=True)]


def _aligned(lines: list[list[str]], labels: int) -> list[str]:
    widths = [max(width(line[place]) for line in lines) for place in range(len(lines[0]))]
    return [
        _BETWEEN.join(_padded(one, widths[place], left=place < labels) for place, one in enumerate(line)).rstrip()
        for line in lines
    ]


def _padded(label: str, to: int, *, left: bool) -> str:
    blank = " " * (to - width(label))
    return label + blank if left else blank + label
