"""How a judged table looks to the researcher: every cell, the failing ones flagged by sign, colour and reason."""

from __future__ import annotations

from collections.abc import Sequence

from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, Verdict
from disclosure.notebook.html_page import html_page
from disclosure.notebook.plain_page import plain_page
from disclosure.notebook.report import Named, report_of


def as_text(table: JudgedTable, remedies: tuple[Remedy, ...] = (), *, calls: bool = True) -> str:
    """Return a judged table as plain text: the publishable table under its verdict."""
    return plain_page(report_of([("", table)], table.verdict, remedies), calls=calls)


def as_html(table: JudgedTable, remedies: tuple[Remedy, ...] = ()) -> str:
    """Return a judged table as HTML for a notebook: true figures, the failing ones flagged with their reasons."""
    return html_page(report_of([("", table)], table.verdict, remedies))


def outputs_as_text(
    tables: Sequence[Named], verdict: Verdict, remedies: tuple[Remedy, ...] = (), *, calls: bool = True, note: str = ""
) -> str:
    """Return judged tables with the same dimensions as plain text, side by side under the verdict of all."""
    return plain_page(report_of(tables, verdict, remedies, note=note), calls=calls)


def outputs_as_html(
    tables: Sequence[Named], verdict: Verdict, remedies: tuple[Remedy, ...] = (), *, note: str = ""
) -> str:
    """Return judged tables with the same dimensions as HTML, side by side under the verdict of all."""
    return html_page(report_of(tables, verdict, remedies, note=note))
