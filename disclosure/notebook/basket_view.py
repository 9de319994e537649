"""How the basket looks: its outputs with their verdicts, and what a submission still lacks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from disclosure.exchange.submission import SubmittedFigure
from disclosure.exchange.written import SubmittedText
from disclosure.model.derived import DerivedRequest
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Status
from disclosure.notebook.camp import Camp
from disclosure.notebook.derived import Derived
from disclosure.notebook.html_page import framed
from disclosure.notebook.output import Output
from disclosure.notebook.own_results import ForReviewer
from disclosure.notebook.report import headline
from disclosure.notebook.words import figures_of, legible
from disclosure.texts import Text, text, translate

NOTEBOOK = "JPY_SESSION_NAME"
"""Where a Jupyter server tells the kernel which notebook it belongs to."""
SUBMIT = "sdc.submit(title=..., purpose=..., code=[...])"


@dataclass(frozen=True, eq=False)
class Entry:
    """One output in the basket.

    Attributes:
        group: the name under which it was added, with others where several were added at once.
        out: the judged table, or what only a person can judge.
        added: when, in seconds since 1970.
        figure: how the table is drawn, if it is.
        written: what a submission carries of a result or text; None for a table.
        derived: of a derived table which outputs it is computed from.
    """

    name: str
    group: str
    title: str
    population: str
    differs: str
    out: Output | Derived | ForReviewer
    added: float
    figure: SubmittedFigure | None = None
    written: SubmittedText | None = None
    derived: DerivedRequest | None = None

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that a submission carries; None of what only a person can judge."""
        if isinstance(self.out, Derived):
            return None if self.out.joint is None else self.out.joint.recipe
        return self.out.recipe if isinstance(self.out, Output) else None


def lacking(entries: Sequence[Entry], camp: Camp | None) -> tuple[Text, ...]:
    """Return what keeps these outputs from being submitted, or from passing with the ordinary quorum."""
    found = [] if entries else [text("an output: sdc.basket().add(out, name=..., title=..., population=...)")]
    for one in entries:
        found += [text("{name}: a title", name=one.name)] if not one.title else []
        found += [text("{name}: the population", name=one.name)] if not one.population else []
        if one.out.verdict.status is Status.UNSAFE:
            found.append(text("{name}: a safe verdict; apply one of its remedies", name=one.name))
        found += _without_tables(one, entries)
    if camp is None:
        found.append(text("a camp: outside one there is nobody to submit to"))
    elif entries:
        found += _unsaved(camp.context.workspace, max(one.added for one in entries))
    return tuple(found)


def _without_tables(entry: Entry, entries: Sequence[Entry]) -> list[Text]:
    """Return that a derived table is no longer with the tables that it was computed from."""
    if not isinstance(entry.out, Derived) or entry.derived is None:
        return []
    there = {one.name: one.out for one in entries}
    if all(there.get(name) is out for name, out in zip(entry.derived.tables, entry.out.parents, strict=True)):
        return []
    return [text("{name}: the tables that it is computed from; derive it again and add it", name=entry.name)]


def basket_text(entries: Sequence[Entry], missing: tuple[Text, ...]) -> str:
    """Return the basket as plain text."""
    lines = [f"{one.name}: {_verdict(one)} ({one.title or '?'}){_drawn(one)}" for one in entries]
    lines = lines or [translate("The basket is empty.")]
    if missing:
        lines += [translate("A submission still lacks:"), *(f"  - {what}" for what in missing)]
    return "\n".join([*lines, *([_ready()] if not missing else [])])


def basket_html(entries: Sequence[Entry], missing: tuple[Text, ...]) -> str:
    """Return the basket as HTML for a notebook."""
    heads = (translate("name"), translate("verdict"), translate("title"), translate("population"))
    rows = []
    for one in entries:
        unsafe = ' class="f"' if one.out.verdict.status is not Status.SAFE else ""
        fields = f"<td{unsafe}>{escape(_verdict(one))}</td>" + "".join(
            f"<td>{escape(legible(said)) if said else '?'}</td>" for said in (one.title, one.population)
        )
        what = escape(what_of(one))
        rows.append(f'<tr><th scope="row" title="{what}">{escape(one.name)}</th>{fields}</tr>')
    caption = escape(str(text("Basket: {n} outputs", n=str(len(entries)))))
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    table = (
        f'<div class="s"><table class="b"><caption>{caption}</caption><thead><tr>{columns}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    if not entries:
        table = f"<p><b>{escape(translate('The basket is empty.'))}</b></p>"
    if not missing:
        return framed(f"{table}<p>{escape(_ready())}</p>")
    listed = "".join(f"<li>{escape(str(what))}</li>" for what in missing)
    return framed(f"{table}<p>{escape(translate('A submission still lacks:'))}</p><ul>{listed}</ul>")


def _drawn(entry: Entry) -> str:
    return f", {translate('with a figure')}" if entry.figure is not None else ""


def _ready() -> str:
    return str(text("Ready: {call}", call=SUBMIT))


def _verdict(entry: Entry) -> str:
    failing = int(entry.out.table.failing.sum()) if isinstance(entry.out, Output | Derived) else 0
    return headline(entry.out.verdict, failing)


def what_of(entry: Entry) -> str:
    """Return what an output is, in the reader's language."""
    if isinstance(entry.out, ForReviewer):
        return str(entry.out.what)
    if isinstance(entry.out, Derived):
        return entry.out.what
    what = figures_of(entry.out.recipe)
    return what if entry.figure is None else str(text("{what}, with a figure", what=what))


def _unsaved(workspace: Path, last: float) -> list[Text]:
    """Return that the notebook of this kernel is not saved since the last output, where that can be known."""
    place = os.environ.get(NOTEBOOK, "")
    if not place.endswith(".ipynb"):
        return []
    notebook = workspace / Path(place).name
    try:
        saved = notebook.stat().st_mtime
    except OSError:
        return [text("{name}: saved in the workspace, at its top", name=notebook.name)]
    if saved < last:
        return [text("{name}: saved since the last output was added", name=notebook.name)]
    return []
