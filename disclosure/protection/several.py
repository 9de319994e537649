"""What one repair comes to for several tables with the same rows and columns: what still fails, what all lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.protection.remedies import figures_of, told
from disclosure.texts import Text, text

_AS_MANY_FIGURES = (RemedyKind.ROUND, RemedyKind.OPTION)
Named = Mapping[str, JudgedTable]


def together(before: Named, after: Named, remedy: Remedy) -> Remedy | None:
    """Return a remedy of one table as it turned out for all; None if one cannot be judged, or none is better.

    Args:
        before, after: the tables by the names of their measures, as they were and repaired; the repair may leave
            measures out.
    """
    if any(new.verdict.status is Status.INCONCLUSIVE for new in after.values()):
        return None
    failing = sum(map(_failing, after.values()))
    if failing and failing >= sum(map(_failing, before.values())):
        return None
    every = sum(map(figures, before.values()))
    lost = sum(max(0, figures(old) - (figures(after[name]) if name in after else 0)) for name, old in before.items())
    if remedy.kind in _AS_MANY_FIGURES and not lost:
        return replace(remedy, failing=failing)
    loses = text(
        "{n} of {all} figures of all measures ({share}%)",
        n=str(lost),
        all=str(every),
        share=str(round(100 * lost / max(1, every))),
    )
    return replace(remedy, loses_text=loses, failing=failing, loss=lost / max(1, every))


def without(remedy: Remedy, names: tuple[str, ...], listed: Text) -> Remedy:
    """Return a remedy that also leaves measures out.

    Args:
        listed: the measures in the reader's words.
    """
    return replace(
        remedy,
        text=text("{first}, and {what}", first=remedy.text, what=text("leave {name} out", name=listed)),
        measures=names,
    )


def fewer(names: tuple[str, ...], listed: Text) -> Remedy:
    """Return the remedy that only leaves measures out; see `without`."""
    words = text("leave {name} out", name=listed)
    return Remedy(RemedyKind.FEWER_MEASURES, words, text("the measures {names}", names=listed), measures=names)


def only_filled(columns: tuple[str, ...], more: Remedy | None = None) -> Remedy:
    """Return the remedy that takes only rows with a value in some columns, and what `more` does and loses besides."""
    listed = ", ".join(columns)
    words = text("leave out the rows without {names}", names=listed)
    loses = text("the rows without {names}", names=listed)
    if more is None:
        return Remedy(RemedyKind.MISSING_ROWS, words, loses, filled=columns)
    return replace(
        more,
        text=text("{first}, and {what}", first=words, what=more.text),
        loses_text=text("{first}, and {what}", first=loses, what=more.loses_text),
        filled=columns,
    )


def _failing(table: JudgedTable) -> int:
    return int(table.failing.sum()) if table.verdict.status is Status.UNSAFE else 0


def figures(table: JudgedTable) -> int:
    """Return how many different figures a table shows, those that are withheld because it is unsafe included."""
    if table.evidence is None:
        return 0
    return int((told(table.evidence) & table.shown).sum()) if table.recipe.suppressed else figures_of(table.evidence)
