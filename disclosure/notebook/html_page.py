"""A report as HTML for a notebook: true figures, the failing ones flagged by sign and colour, their reasons in words.

Colours are JupyterLab's own variables, so that the table is read on a dark theme too; orange on its own dark brown
keeps apart for every kind of colour vision, and the sign is there for those who see neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

import numpy as np

from disclosure.notebook.page import Page, Sheet, page_of
from disclosure.notebook.plain_page import more_of
from disclosure.notebook.reasons import MOST_CELLS
from disclosure.notebook.report import WHOLE_MODEL, Report
from disclosure.notebook.words import legible
from disclosure.texts import current_language, translate

Why = list[dict[int, tuple[str, ...]]]
"""Per measure why its cells fail, by their position."""

STYLE = (
    ".dk{color:var(--jp-content-font-color1,inherit)}.dk p,.dk ul{margin:.3em 0}"
    ".dk .s{overflow:auto;max-height:40em}"
    ".dk table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:inherit;margin:.3em 0}"
    # A long caption breaks over lines and never makes the table wider than its figures.
    ".dk table{min-width:min(30em,100%)}"
    ".dk caption{caption-side:top;text-align:left;font-weight:600;padding:.3em 0}"
    ".dk .s{container-type:inline-size}.dk caption{white-space:normal;contain:inline-size;max-width:100cqw}"
    ".dk table,.dk caption,.dk th,.dk td{color:var(--jp-content-font-color1,inherit)}"
    ".dk th,.dk td{padding:.2em .7em;border-bottom:1px solid var(--jp-border-color2,#ccc)}"
    # Named three times, because JupyterLab sets everything to the right by a selector as strong as one name and more.
    ".dk.dk.dk td{text-align:right;white-space:nowrap}.dk.dk.dk th{text-align:left}.dk thead th{vertical-align:bottom}"
    ".dk.dk.dk table.b td{text-align:left;white-space:normal}"
    ".dk.dk.dk thead th.c{text-align:right}.dk.dk.dk thead th.g{text-align:center}.dk code{white-space:nowrap}"
    ".dk td.f{background:#fde2c4;color:#5a2d00;font-weight:600;box-shadow:inset 3px 0 0 #d55e00}"
    ".dk td.w{font-style:italic}.dk .s:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2)}"
    ".dk .n,.dk .l{color:var(--jp-content-font-color1,#4a4a4a)}.dk .l{font-weight:400}.dk thead .l{display:block}"
)


def html_page(report: Report) -> str:
    """Return a report as HTML: verdict, table, then reasons and remedies."""
    parts = [f"<p><b>{escape(report.headline)}</b></p>"]
    opened = ""
    if report.body:
        parts.append(f"<pre>{escape(report.body)}</pre>")
    if report.sheets:
        page = page_of(report.sheets)
        why = page.reasons()
        opened = _each_cell(page, why)
        parts.append(_table(page, report.caption, why))
        if report.whole is not None:
            below = page_of((report.whole,))
            parts.append(_table(below, str(WHOLE_MODEL), below.reasons()))
        parts += [f'<p class="n">{escape(line)}</p>' for line in (*more_of(page), *_some(report.legend))]
    said = [escape(line) for line in report.reasons]
    said += [f"{escape(line)} <code>{escape(call)}</code>" for line, call in report.remedies]
    if said:
        parts.append(_list(said))
    parts.append(opened)
    parts += [f'<p class="n">{escape(line)}</p>' for line in _some(report.note)]
    return framed("".join(parts))


def framed(inner: str) -> str:
    """Return HTML in the frame that carries the style and the language."""
    return f'<div class="dk" lang="{current_language()}"><style>{STYLE}</style>{inner}</div>'


def _some(line: str) -> tuple[str, ...]:
    return (line,) if line else ()


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def _each_cell(page: Page, why: Why) -> str:
    """Return why each failing cell fails, to be opened by mouse or key; empty where the reasons name them all."""
    lines = []
    for row, column in np.argwhere(page.positions >= 0).tolist():
        head = page.columns[column]
        said = why[head.measure].get(int(page.positions[row, column]), ())
        if said:
            places = zip((*page.row_names, *page.column_names), (*page.row_labels[row], *head.labels), strict=True)
            measure = _said(page.sheets[head.measure])[:1] if len(page.sheets) > 1 else ()
            cell = ", ".join((*measure, *(f"{name}={label}" for name, label in places)))
            lines.append(escape(f"{legible(cell, 200)}: {'; '.join(said)}"))
    if len(lines) <= MOST_CELLS:
        return ""
    return f"<details><summary>{escape(translate('Reasons per cell'))}</summary>{_list(lines)}</details>"


def _table(page: Page, caption: str, why: Why) -> str:
    labels = len(page.row_names) or 1
    heads = []
    if len(page.sheets) > 1:
        measures = [page.sheets[one.measure] for one in page.columns]
        heads.append(
            _head(
                "",
                labels,
                [((one.measure,), *_said(sheet)) for one, sheet in zip(page.columns, measures, strict=True)],
            )
        )
    for level, (name, title) in enumerate(zip(page.column_names, page.column_titles, strict=True)):
        # A label that several columns share stands over all of them, within its measure and outer labels.
        across = [
            ((one.measure, *one.labels[:level]), one.labels[level], one.beside[level] if one.beside else "")
            for one in page.columns
        ]
        heads.append(_head(_shown(name, title), labels, across))
    if page.row_names:
        named = zip(page.row_names, page.row_titles, strict=True)
        names = "".join(f'<th scope="col">{_shown(name, title)}</th>' for name, title in named)
        heads.append(f"<tr>{names}{'<td></td>' * len(page.columns)}</tr>")
    rows = []
    for place, own in enumerate(page.row_labels):
        known = zip(own, page.row_beside[place] or [""] * len(own), strict=True)
        leading = "".join(f'<th scope="row">{_shown(label, word)}</th>' for label, word in known) or "<th></th>"
        fields = (_field(page, place, column, why) for column in range(len(page.columns)))
        rows.append(f"<tr>{leading}{''.join(fields)}</tr>")
    said = escape(caption)
    return (
        f'<div class="s" role="region" tabindex="0" aria-label="{said}"><table><caption>{said}</caption>'
        f"<thead>{''.join(heads)}</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _said(sheet: Sheet) -> tuple[str, str]:
    """Return what a measure is in the reader's language, and its name beside it where that is in another."""
    return (sheet.said, sheet.name) if sheet.said else (sheet.name, "")


def _head(name: str, labels: int, across: Iterable[tuple[tuple[object, ...], str, str]]) -> str:
    """Return a line of heads: per column what it stands under, its label, and what the codebook calls that."""
    lead = "<td></td>" * (labels - 1) + (f'<th scope="row">{name}</th>' if name else "<td></td>")
    cells = []
    for (_, label, word), alike in groupby(across):
        span = len(list(alike))
        over = f'scope="colgroup" colspan="{span}" class="g"' if span > 1 else 'scope="col" class="c"'
        cells.append(f"<th {over}>{_shown(label, word)}</th>")
    return f"<tr>{lead}{''.join(cells)}</tr>"


def _shown(label: str, word: str = "") -> str:
    """Return a label as markup: its own direction, and in full on pointing at it where it was cut.

    Args:
        word: what the codebook calls it, to stand beside it.
    """
    short = legible(label)
    whole = f' title="{escape(legible(label, 500))}"' if short.endswith("…") else ""
    beside = f' <span class="l">{_shown(word)}</span>' if word else ""
    return f'<bdi dir="auto"{whole}>{escape(short)}</bdi>{beside}'


def _field(page: Page, row: int, column: int, why: Why) -> str:
    measure, position = page.columns[column].measure, int(page.positions[row, column])
    sheet = page.sheets[measure]
    if position < 0:
        return f"<td>{sheet.empty}</td>"
    figure = escape(sheet.said_at(position))
    if sheet.failing[position] and sheet.bracketed:
        return _flagged(why[measure].get(position, ()), figure)
    if not sheet.shown[position]:
        # A repaired table looks as it will when it is released; an unsafe one shows what it would lose.
        what = f"({figure})" if sheet.bracketed else "×"
        return f'<td class="w" title="{escape(translate("withheld with the failing cells"))}">{what}</td>'
    return f"<td>{figure}</td>"


def _flagged(why: tuple[str, ...], figure: str) -> str:
    # The title is for who points at it; who does not hears the reasons with the sign, and reads them under the table.
    said = escape("; ".join(why))
    heard = escape(translate("fails a rule")) + (f": {said}" if said else "")
    sign = f'<span role="img" aria-label="{heard}">▲</span>'
    return f'<td class="f" title="{said}">{sign} {figure}</td>'
