"""Remedies that ask for something else than a table with fewer categories: longer periods, models of fewer terms.

Each is tabulated and judged before it is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from disclosure.errors import DatakampError
from disclosure.model.evidence import Evidence
from disclosure.model.model_recipe import neighbour_merges, without_term
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.protection.remedies import figures_of
from disclosure.statistics.survival import longer_period
from disclosure.texts import Text, text

Judge = Callable[[Recipe], JudgedTable]
_MOST_PERIODS = 8
_MOST_TERMS = 6
_TERM = "term"


def other_recipes(table: JudgedTable, judge: Judge) -> tuple[Remedy, ...]:
    """Return what repairs a curve or a model, as far as a few tries show; nothing for other tables."""
    if table.evidence is None:
        return ()
    if table.recipe.statistic in (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE):
        return tuple(_periods(table, table.evidence, judge))
    if table.recipe.statistic is Statistic.MODEL:
        return tuple(_terms(table, table.evidence, judge))
    return ()


def _periods(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    recipe = longer_period(table.recipe)
    for _ in range(_MOST_PERIODS):
        if recipe is None:
            return
        done = _judged(recipe, judge)
        if done is not None and done.verdict.status is Status.SAFE and done.evidence is not None:
            words = text("take intervals of {period}", period=str(recipe.option("period")))
            yield _remedy(RemedyKind.LONGER_PERIOD, words, recipe, evidence, done.evidence)
            return
        recipe = longer_period(recipe)


def _terms(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    """Yield the model with neighbouring categories merged, and without one of its failing terms.

    If leaving one out does not do, all that fail are left out in turn.
    """
    place = evidence.dimensions.index(_TERM)
    labels = [evidence.categories[place][code] for code in np.unique(evidence.codes[table.failing, place])]
    failing = [label for label in labels if label is not None][:_MOST_TERMS]
    for column, (first, second), merged in neighbour_merges(table.recipe, evidence, failing)[:_MOST_TERMS]:
        done = _judged(merged, judge)
        if done is not None and done.verdict.status is Status.SAFE and done.evidence is not None:
            words = text("merge {first} with {second} in {name}", first=first, second=second, name=column)
            yield _remedy(RemedyKind.MERGE, words, merged, evidence, done.evidence)
    found = False
    for label in failing:
        less = _without(table.recipe, label)
        done = None if less is None else _judged(less, judge)
        if less is not None and done is not None and done.verdict.status is Status.SAFE and done.evidence is not None:
            found = True
            words = text("leave the term {term} out", term=label)
            yield _remedy(RemedyKind.DROP_TERM, words, less, evidence, done.evidence)
    so_far = table.recipe
    dropped: list[str] = []
    for label in failing if not found else ():
        less = _without(so_far, label)
        if less is None:
            continue
        so_far, dropped = less, [*dropped, label]
        done = _judged(so_far, judge)
        if len(dropped) > 1 and done is not None and done.verdict.status is Status.SAFE and done.evidence is not None:
            words = text("leave the terms {terms} out", terms=", ".join(dropped))
            yield _remedy(RemedyKind.DROP_TERM, words, so_far, evidence, done.evidence)
            return


def _without(recipe: Recipe, label: str) -> Recipe | None:
    try:
        return without_term(recipe, label)
    except DatakampError:
        return None


def _judged(recipe: Recipe, judge: Judge) -> JudgedTable | None:
    try:
        return judge(recipe)
    except DatakampError:
        return None


def _remedy(kind: RemedyKind, words: Text, recipe: Recipe, before: Evidence, after: Evidence) -> Remedy:
    all_, lost = figures_of(before), max(0, figures_of(before) - figures_of(after))
    loses = text(
        "{n} of {all} figures ({share}%)", n=str(lost), all=str(all_), share=str(round(100 * lost / max(1, all_)))
    )
    return Remedy(kind, words, loses, options=recipe.options, loss=lost / max(1, all_))
