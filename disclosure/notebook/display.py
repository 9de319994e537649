"""How a judged table looks to the researcher: every cell, the failing ones flagged by sign, colour and reason."""

from __future__ import annotations

from html import escape

from disclosure.model.cells import Cell
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, Remedy, Status
from disclosure.render.frame import to_frame
from disclosure.render.grid import Key, grid
from disclosure.texts import text, translate

_SIGNS = {Status.SAFE: "✓", Status.UNSAFE: "▲", Status.INCONCLUSIVE: "?"}
# Orange and blue keep apart for every kind of colour vision; the sign is there for those who see neither.
_STYLE = (
    ".dk td{text-align:right}.dk th{text-align:left}.dk p.w{margin:.2em 0}"
    ".dk .f{background:#fde2c4;color:#5a2d00;font-weight:600}.dk .w{color:#666}"
    ".dk caption{text-align:left;font-weight:600;padding:.3em 0}.dk ul{margin:.3em 0}"
)
_MOST_CELLS = 6
_MOST_REMEDIES = 4
_MOST_ROWS = 200


def headline(table: JudgedTable) -> str:
    """Return the verdict in one line, in the reader's language."""
    sign = _SIGNS[table.verdict.status]
    words = {
        Status.SAFE: text("Safe"),
        Status.UNSAFE: text("Unsafe (failing cells: {n})", n=str(int(table.failing.sum()))),
        Status.INCONCLUSIVE: text("Inconclusive"),
    }
    return f"{sign} {words[table.verdict.status]}"


def reasons(table: JudgedTable) -> tuple[str, ...]:
    """Return what the verdict says: per reason the cells that fail, what is missing, or what was not looked at."""
    verdict = table.verdict
    if isinstance(verdict, Inconclusive):
        return tuple(str(text("missing: {what}", what=str(what))) for what in verdict.missing)
    if verdict.status is Status.SAFE:
        return tuple(str(note) for note in getattr(verdict, "notes", ()))
    cells: dict[str, list[str]] = {}
    for finding in verdict.findings:
        cells.setdefault(str(finding.reason), []).append(str(finding.cell))
    lines = []
    for reason, named in cells.items():
        more = len(named) - _MOST_CELLS
        shown = named[:_MOST_CELLS] + ([str(text("and {n} more cells", n=str(more)))] if more > 0 else [])
        lines.append(f"{reason}: {'; '.join(shown)}")
    return tuple(lines)


def remedy_lines(remedies: tuple[Remedy, ...], *, calls: bool = True) -> tuple[str, ...]:
    """Return the first remedies, with the call that applies each where there is an `out` to call."""
    lines = []
    for place, one in enumerate(remedies[:_MOST_REMEDIES]):
        line = str(text("remedy: {what}; loses {loses}", what=str(one), loses=one.loses))
        lines.append(f"{line}  out.apply(out.remedies()[{place}])" if calls else line)
    return tuple(lines)


def as_text(table: JudgedTable, remedies: tuple[Remedy, ...] = (), *, calls: bool = True) -> str:
    """Return a judged table as plain text: the publishable table under its verdict."""
    lines = [headline(table), *(f"  - {line}" for line in (*reasons(table), *remedy_lines(remedies, calls=calls)))]
    if table.evidence is not None:
        lines.append(to_frame(table).to_string(max_rows=_MOST_ROWS, float_format=_plain))
    return "\n".join(lines)


def _plain(figure: float) -> str:
    """Return a figure without an exponent and without idle zeros, as it is released."""
    return f"{figure:.9f}".rstrip("0").rstrip(".")


def as_html(table: JudgedTable, remedies: tuple[Remedy, ...] = ()) -> str:
    """Return a judged table as HTML for a notebook: true figures, the failing ones flagged with their reasons."""
    head = f"<p><b>{escape(headline(table))}</b></p>"
    listed = "".join(f"<li>{escape(line)}</li>" for line in (*reasons(table), *remedy_lines(remedies)))
    body = _grid(table) if table.evidence is not None else ""
    legend = _legend(table)
    return f'<div class="dk"><style>{_STYLE}</style>{head}<ul>{listed}</ul>{body}<p class="w">{legend}</p></div>'


def _legend(table: JudgedTable) -> str:
    if table.complete:
        return ""
    if table.recipe.suppressed:
        return escape(translate("× withheld"))
    return escape(translate("▲ fails a rule; in brackets: withheld with it"))


def _grid(table: JudgedTable) -> str:
    laid = grid(table, localized=True)
    why: dict[Cell, list[str]] = {}
    for finding in table.verdict.findings:
        why.setdefault(finding.cell, []).append(str(finding.reason))
    figures = {} if table.evidence is None else dict(zip(table.evidence.cells(), table.figures, strict=True))
    shown = {} if table.evidence is None else dict(zip(table.evidence.cells(), table.shown.tolist(), strict=True))

    def field(row: Key, column: Key) -> str:
        cell = laid.cells.get((row, column))
        if cell is None:
            return f"<td>{laid.empty}</td>"
        figure = escape(figures[cell.cell] or ".")
        if cell.cell in why:
            return f'<td class="f" title="{escape("; ".join(why[cell.cell]))}">▲ {figure}</td>'
        if not shown[cell.cell]:
            # A repaired table looks as it will when it is released; an unsafe one shows what it would lose.
            what = "×" if table.recipe.suppressed else f"({figure})"
            return f'<td class="w" title="{escape(translate("withheld with the failing cells"))}">{what}</td>'
        return f"<td>{figure}</td>"

    heads = []
    for level, name in enumerate(laid.column_names):
        labels = "".join(f'<th scope="col">{escape(laid.labels(key)[level])}</th>' for key in laid.column_keys)
        corner = "".join("<th></th>" for _ in laid.row_names[1:]) if laid.row_names else ""
        heads.append(f"<tr>{corner}<th>{escape(name)}</th>{labels}</tr>")
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in laid.row_names) or "<th></th>"
    heads.append(f"<tr>{names}{'<th></th>' * len(laid.column_keys)}</tr>")
    rows = []
    for row in laid.row_keys[:_MOST_ROWS]:
        labels = "".join(f'<th scope="row">{escape(label)}</th>' for label in laid.labels(row)) or "<th></th>"
        rows.append(f"<tr>{labels}{''.join(field(row, column) for column in laid.column_keys)}</tr>")
    more = len(laid.row_keys) - _MOST_ROWS
    note = f"<p>{escape(str(text('and {n} more rows', n=str(more))))}</p>" if more > 0 else ""
    return f"<table>{''.join(heads)}{''.join(rows)}</table>{note}"
