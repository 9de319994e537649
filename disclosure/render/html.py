"""Released HTML: a page of its own with one table, no script, no style from elsewhere, nothing to load."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from disclosure.model.labels import Labels
from disclosure.model.neutral_labels import released
from disclosure.model.tables import JudgedTable
from disclosure.render.description import described
from disclosure.render.grid import Grid, grid, shown_figure
from disclosure.texts import language

_STYLE = (
    "body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}"
    "th,td{padding:.3rem .7rem;border-bottom:1px solid #bbb;text-align:right}th{text-align:left;font-weight:600}"
    "caption{text-align:left;padding-bottom:.7rem;font-weight:600}"
)


def to_html(table: JudgedTable, *, title: str) -> bytes:
    """Return a judged table as an HTML page in UTF-8, in English, with the codebook's words beside names and codes."""
    table = released(table)
    marks = "checked by itself, not compared with other tables" + ("" if table.complete else "; × : withheld")
    what = (table.recipe, table.evidence)
    return page_of(grid(table), table.labels, title, lambda: f"{described(*what, labels=table.labels)}; {marks}")


def page_of(laid: Grid, words: Labels, title: str, note: Callable[[], str]) -> bytes:
    """Return a page with a table that is laid out, and a note under it, which is asked for in English."""
    with language("en"):
        body, said = _table(laid, title, words), f"<p>{escape(note())}</p>"
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"{body}\n{said}\n</body></html>\n"
    )
    return page.encode("utf-8")


def _table(laid: Grid, title: str, words: Labels) -> str:
    lines = [f"<table><caption>{escape(title)}</caption>", "<thead>"]
    for level, name in enumerate(laid.column_names):
        lead = "".join("<td></td>" for _ in laid.row_names[1:]) + (
            f'<th scope="row">{escape(words.titled(name))}</th>' if laid.row_names else ""
        )
        heads = "".join(f'<th scope="col">{escape(_label(laid, key[level], words))}</th>' for key in laid.column_keys)
        lines.append(f"<tr>{lead}{heads}</tr>")
    names = "".join(f'<th scope="col">{escape(words.titled(name))}</th>' for name in laid.row_names)
    lines += [f"<tr>{names}{'<td></td>' * len(laid.column_keys)}</tr>", "</thead>", "<tbody>"]
    for row in laid.row_keys:
        heads = "".join(f'<th scope="row">{escape(_label(laid, part, words))}</th>' for part in row)
        figures = "".join(
            f"<td>{escape(shown_figure(laid.cells.get((row, column)), laid.empty))}</td>" for column in laid.column_keys
        )
        lines.append(f"<tr>{heads}{figures}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _label(laid: Grid, part: tuple[str, str | None] | None, words: Labels) -> str:
    shown = laid.names.shown(part)
    word = "" if part is None else words.category(*part)
    return f"{shown}: {word}" if word else shown
