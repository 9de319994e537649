"""What a display says, whatever it is shown in: the verdict, the figures, the reasons and the remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from disclosure.model.neutral_labels import hidden_in_any, released
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, Status, Verdict
from disclosure.notebook.page import Sheet, sheet_of
from disclosure.notebook.reasons import reasons_of
from disclosure.notebook.spoken import spoken
from disclosure.notebook.whole_model import apart
from disclosure.notebook.words import caption_of, figures_of, head_of, legible
from disclosure.protection.one_each import one_each
from disclosure.protection.undescribed import undescribed
from disclosure.render.description import common, ever_in, rounding_of, with_details
from disclosure.texts import text, translate

SIGNS = {Status.SAFE: "✓", Status.UNSAFE: "▲", Status.INCONCLUSIVE: "?"}
_FIGURE: Final = "figure"
_MOST_REMEDIES = 6
_MOST_REASONS = 12
_LONGEST_DETAIL = 200

WHOLE_MODEL: Final = text("the model as a whole")

Named = tuple[str, JudgedTable]


@dataclass(frozen=True, eq=False)
class Report:
    """What is shown of one output, or of several side by side.

    Attributes:
        status: the verdict, for its colour; `headline` has it in sign and words.
        caption: what the figures are.
        reasons: what the verdict says.
        remedies: what would repair it, and the call that does.
        sheets: the figures; empty if there are none to show.
        whole: of a model the figures of it as a whole, which stand below those of its terms.
        legend: what the signs in the table mean.
        note: what else is to be known.
        body: what is not a table, as text.
    """

    status: Status
    headline: str
    caption: str
    reasons: tuple[str, ...]
    remedies: tuple[tuple[str, str], ...] = ()
    sheets: tuple[Sheet, ...] = ()
    whole: Sheet | None = None
    legend: str = ""
    note: str = ""
    body: str = ""


def report_of(
    tables: Sequence[Named], verdict: Verdict, remedies: tuple[Remedy, ...] = (), *, note: str = ""
) -> Report:
    """Return what is shown of judged tables with the same dimensions, named unless there is only one."""
    if verdict.status is Status.SAFE:
        # What fails is looked for by its own labels; what is safe is shown as it leaves.
        hidden = hidden_in_any(table for _, table in tables)
        tables = tuple((name, released(table, hidden)) for name, table in tables)
    sheets = tuple(one for one in (sheet_of(table, name) for name, table in tables) if one is not None)
    recipe = tables[0][1].recipe
    added = recipe.statistic.specification.added
    labels = tables[0][1].labels
    # That a statistic gives several figures is no dimension that they are given by.
    rows, columns = (
        tuple(
            head_of(name) if name in added else labels.titled(name)
            for name in side
            if name != _FIGURE or name not in added
        )
        for side in recipe.laid_out
    )
    if len(tables) == 1:
        figures = figures_of(recipe, tables[0][1].evidence, unit=True, labels=labels)
    else:
        known = [(table.recipe, table.evidence, None) for _, table in tables if table.evidence is not None]
        told = (*ever_in((one, evidence) for one, evidence, _ in known), *rounding_of(known), *common(recipe))
        said = tuple(legible(one, _LONGEST_DETAIL) for one in told)
        # A measure without figures has its reason, and no place in the title.
        shown = [one for one in tables if one[1].evidence is not None] or tables
        figures = with_details(", ".join(_measure(name, table) for name, table in shown), said)
    whole = None
    if len(sheets) == 1:
        terms, whole = apart(sheets[0])
        sheets = (terms,)
    failing = sum(int(table.failing.sum()) for _, table in tables)
    return Report(
        status=verdict.status,
        headline=headline(verdict, failing),
        caption=caption_of(figures, rows, columns),
        reasons=_reasons(tables),
        remedies=_remedies(remedies),
        sheets=sheets,
        whole=whole,
        legend=_legend(tables),
        note=note,
    )


def headline(verdict: Verdict, failing: int) -> str:
    """Return a verdict in one line, in sign and words."""
    words = {
        Status.SAFE: text("Safe"),
        Status.UNSAFE: text("Unsafe (failing cells: {n})", n=str(failing)),
        Status.INCONCLUSIVE: text("Inconclusive"),
    }
    return f"{SIGNS[verdict.status]} {words[verdict.status]}"


def _reasons(tables: Sequence[Named]) -> tuple[str, ...]:
    """Return the reasons of all tables; what holds of some of several only is said with their names."""
    said: dict[str, list[str]] = {}
    hints: dict[str, None] = {}
    for name, table in tables:
        for line in reasons_of(table.verdict, table.recipe.statistic.specification.added):
            said.setdefault(line, []).append(_measure(name, table))
        hints |= dict.fromkeys(str(hint) for hint in (undescribed(table), one_each(table)) if hint is not None)
    lines = [line if len(names) == len(tables) else f"{', '.join(names)}: {line}" for line, names in said.items()]
    more = len(lines) - _MOST_REASONS
    if more > 0:
        rest = text("and one more reason") if more == 1 else text("and {n} more reasons", n=str(more))
        lines = [*lines[:_MOST_REASONS], str(rest)]
    return (*lines, *hints)


def _measure(name: str, table: JudgedTable) -> str:
    return legible(spoken(name, table.recipe) or name)


def _remedies(remedies: tuple[Remedy, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for place, one in enumerate(remedies[:_MOST_REMEDIES]):
        line = str(text("remedy: {what}; loses {loses}", what=str(one), loses=one.loses))
        found.append((line, f"out.apply(out.remedies()[{place}])"))
    more = len(remedies) - _MOST_REMEDIES
    if more > 0:
        rest = text("and one more remedy") if more == 1 else text("and {n} more remedies", n=str(more))
        found.append((str(rest), "out.remedies()"))
    return tuple(found)


def _legend(tables: Sequence[Named]) -> str:
    judged = [table for _, table in tables if table.evidence is not None and not table.complete]
    signs = []
    if any(not table.recipe.suppressed for table in judged):
        signs.append(translate("▲ fails a rule; in brackets: withheld with it"))
    if any(table.recipe.suppressed for table in judged):
        signs.append(translate("× withheld"))
    return "; ".join(signs)
