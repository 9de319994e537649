"""A report as HTML for a notebook: true figures, the failing ones flagged by sign and colour, their reasons in words.

Colours are JupyterLab's own variables, so that the table is read on a dark theme too; orange on its own dark brown
keeps apart for every kind of colour vision, and the sign is there for those who see neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from disclosure.notebook.page import Page, page_of
from disclosure.notebook.plain_page import more_of
from disclosure.notebook.report import Report
from disclosure.notebook.words import legible, local_number
from disclosure.texts import current_language, translate

STYLE = (
    ".dk{color:var(--jp-content-font-color1,inherit)}.dk p,.dk ul{margin:.3em 0}"
    ".dk .s{overflow:auto;max-height:40em}"
    ".dk table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:inherit;margin:.3em 0}"
    ".dk caption{caption-side:top;text-align:left;font-weight:600;padding:.3em 0;white-space:nowrap}"
    ".dk table,.dk caption,.dk th,.dk td{color:var(--jp-content-font-color1,inherit)}"
    ".dk th,.dk td{padding:.2em .7em;border-bottom:1px solid var(--jp-border-color2,#ccc)}"
    ".dk td{text-align:right;white-space:nowrap}.dk th{text-align:left}"
    ".dk table.b td{text-align:left}.dk thead th.c{text-align:right}.dk thead th.g{text-align:center}"
    ".dk td.f{background:#fde2c4;color:#5a2d00;font-weight:600;box-shadow:inset 3px 0 0 #d55e00}"
    ".dk td.w{font-style:italic;color:var(--jp-content-font-color2,#5a5a5a)}"
    ".dk .n{color:var(--jp-content-font-color2,#5a5a5a)}"
)


def html_page(report: Report) -> str:
    """Return a report as HTML: verdict, table, then reasons and remedies."""
    parts = [f"<p><b>{escape(report.headline)}</b></p>"]
    if report.body:
        parts.append(f"<pre>{escape(report.body)}</pre>")
    if report.sheets:
        page = page_of(report.sheets)
        parts.append(_table(page, report.caption))
        parts += [f'<p class="n">{escape(line)}</p>' for line in (*more_of(page), *_some(report.legend))]
    said = [escape(line) for line in report.reasons]
    said += [f"{escape(line)} <code>{escape(call)}</code>" for line, call in report.remedies]
    if said:
        parts.append(f"<ul>{''.join(f'<li>{line}</li>' for line in said)}</ul>")
    parts += [f'<p class="n">{escape(line)}</p>' for line in _some(report.note)]
    return framed("".join(parts))


def framed(inner: str) -> str:
    """Return HTML in the frame that carries the style and the language."""
    return f'<div class="dk" lang="{current_language()}"><style>{STYLE}</style>{inner}</div>'


def _some(line: str) -> tuple[str, ...]:
    return (line,) if line else ()


def _table(page: Page, caption: str) -> str:
    labels = len(page.row_names) or 1
    heads = []
    if len(page.sheets) > 1:
        heads.append(_head("", labels, [(page.sheets[one.measure].name,) for one in page.columns]))
    for level, name in enumerate(page.column_names):
        # A label that several columns share stands over all of them, within its measure and outer labels.
        paths: list[tuple[object, ...]] = [(one.measure, *one.labels[: level + 1]) for one in page.columns]
        heads.append(_head(name, labels, paths))
    if page.row_names:
        names = "".join(f'<th scope="col">{_shown(name)}</th>' for name in page.row_names)
        heads.append(f"<tr>{names}{'<td></td>' * len(page.columns)}</tr>")
    why = page.reasons()
    rows = []
    for place, own in enumerate(page.row_labels):
        leading = "".join(f'<th scope="row">{_shown(label)}</th>' for label in own) or "<th></th>"
        fields = (_field(page, place, column, why) for column in range(len(page.columns)))
        rows.append(f"<tr>{leading}{''.join(fields)}</tr>")
    said = escape(caption)
    return (
        f'<div class="s" role="region" tabindex="0" aria-label="{said}"><table><caption>{said}</caption>'
        f"<thead>{''.join(heads)}</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _head(name: str, labels: int, paths: Iterable[tuple[object, ...]]) -> str:
    lead = "<td></td>" * (labels - 1) + (f'<th scope="row">{_shown(name)}</th>' if name else "<td></td>")
    cells = []
    for path, alike in groupby(paths):
        label, span = str(path[-1]), len(list(alike))
        over = f'scope="colgroup" colspan="{span}" class="g"' if span > 1 else 'scope="col" class="c"'
        cells.append(f"<th {over}>{_shown(label)}</th>")
    return f"<tr>{lead}{''.join(cells)}</tr>"


def _shown(label: str) -> str:
    """Return a label as markup: its own direction, and in full on pointing at it where it was cut."""
    short = legible(label)
    whole = f' title="{escape(legible(label, 500))}"' if short.endswith("…") else ""
    return f'<bdi dir="auto"{whole}>{escape(short)}</bdi>'


def _field(page: Page, row: int, column: int, why: list[dict[int, tuple[str, ...]]]) -> str:
    measure, position = page.columns[column].measure, int(page.positions[row, column])
    sheet = page.sheets[measure]
    if position < 0:
        return f"<td>{sheet.empty}</td>"
    figure = escape(local_number(sheet.figures[position] or "."))
    if sheet.failing[position] and sheet.bracketed:
        return _flagged(why[measure].get(position, ()), figure)
    if not sheet.shown[position]:
        # A repaired table looks as it will when it is released; an unsafe one shows what it would lose.
        what = f"({figure})" if sheet.bracketed else "×"
        return f'<td class="w" title="{escape(translate("withheld with the failing cells"))}">{what}</td>'
    return f"<td>{figure}</td>"


def _flagged(why: tuple[str, ...], figure: str) -> str:
    sign = f'<span role="img" aria-label="{escape(translate("fails a rule"))}">▲</span>'
    return f'<td class="f" title="{escape("; ".join(why))}">{sign} {figure}</td>'
