"""What one repair comes to for several tables with the same rows and columns: what still fails, what all lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.protection.remedies import figures_of, told
from disclosure.texts import text

_AS_MANY_FIGURES = (RemedyKind.ROUND, RemedyKind.OPTION)
Named = Sequence[tuple[str, JudgedTable]]


def together(before: Named, after: Named, remedy: Remedy) -> Remedy | None:
    """Return a remedy of one table as it turned out for all; None if one cannot be judged any more, or none is better.

    Args:
        before, after: the tables by the names of their measures, as they were and repaired, in the same order.
    """
    pairs = [(old, new) for (_, old), (_, new) in zip(before, after, strict=True)]
    if any(Status.INCONCLUSIVE is new.verdict.status is not old.verdict.status for old, new in pairs):
        return None
    failing = sum(_failing(new) for _, new in pairs)
    if failing >= sum(_failing(old) for old, _ in pairs):
        return None
    every = sum(_figures(old) for old, _ in pairs)
    lost = sum(max(0, _figures(old) - _figures(new)) for old, new in pairs)
    if remedy.kind in _AS_MANY_FIGURES and not lost:
        return replace(remedy, failing=failing)
    loses = text(
        "{n} of {all} figures of all measures ({share}%)",
        n=str(lost),
        all=str(every),
        share=str(round(100 * lost / max(1, every))),
    )
    return replace(remedy, loses_text=loses, failing=failing, loss=lost / max(1, every))


def _failing(table: JudgedTable) -> int:
    return int(table.failing.sum()) if table.verdict.status is Status.UNSAFE else 0


def _figures(table: JudgedTable) -> int:
    """Return how many different figures a table shows, those that are withheld because it is unsafe included."""
    if table.evidence is None:
        return 0
    return int((told(table.evidence) & table.shown).sum()) if table.recipe.suppressed else figures_of(table.evidence)
