"""Remedies that ask for something else than a table with fewer categories: longer periods, models of fewer terms,
other options, and fewer categories of what a test compares.

Each is tabulated and judged before it is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from disclosure.errors import DatakampError
from disclosure.model.cells import is_number
from disclosure.model.evidence import Evidence
from disclosure.model.model_recipe import (
    failing_runs_merged,
    left_with,
    merged_words,
    neighbour_merges,
    without_term,
)
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable, Trials
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.protection.coarser_curves import Curves, of_all_groups
from disclosure.protection.grouping import Budget, Table
from disclosure.protection.leave_out import without
from disclosure.protection.merge_words import merge_words, no_longer_apart, no_longer_net, shortened
from disclosure.protection.option_changes import Change, option_changes
from disclosure.protection.recode import can_merge
from disclosure.protection.remedies import figures_of, merging, told
from disclosure.protection.search import cheapest, in_rounds
from disclosure.statistics import output_class
from disclosure.statistics.survival import longer_period
from disclosure.texts import Text, text

Judge = Callable[[Recipe], JudgedTable]
_MOST_PERIODS = 12
_MOST_GUESSES = 2
_MOST_TERMS = 6
_MOST_ROUNDS = 5
_MOST_TRIALS = 600
_TRIED_CELLS = 40_000
"""So many cells are looked at in all trials together, which bounds the time that they take."""
_TERM = "term"


def other_recipes(table: JudgedTable, judge: Judge) -> tuple[Remedy, ...]:
    """Return what else repairs a table, a curve, a test or a model, as far as a few tries show."""
    evidence = table.evidence
    if evidence is None:
        return ()
    found = [*_options(table, judge), *_dimensions(table, evidence, judge), *_compared(table, evidence, judge)]
    if table.recipe.statistic in (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE):
        found += _periods(table, evidence, judge)
    if table.recipe.statistic is Statistic.MODEL:
        found += _terms(table, evidence, judge)
    return tuple(found)


def _options(table: JudgedTable, judge: Judge) -> Iterator[Remedy]:
    """Yield the least change of options that does; where none does, with a dimension left out."""
    trials = table.trials
    if trials is None:
        return
    for change in option_changes(table.recipe, trials.minimum_units):
        if _safe(change.recipe, judge) is not None:
            yield _with_options(change)
            return
    for name in table.recipe.dimensions:
        shorter = without(table.recipe, name)
        for change in () if shorter is None else option_changes(shorter, trials.minimum_units):
            after = _safe(change.recipe, judge)
            if after is not None and table.evidence is not None:
                yield _with_options(change, name, 1 - figures_of(after) / max(1, figures_of(table.evidence)))
                break


def _with_options(change: Change, leaves_out: str | None = None, loss: float = 0.0) -> Remedy:
    words, loses = change.words, change.loses
    if leaves_out is not None:
        words = text("leave {name} out, and {what}", name=leaves_out, what=str(words))
        loses = text("the breakdown by {name}, and {what}", name=leaves_out, what=str(loses))
    return Remedy(
        RemedyKind.OPTION,
        words,
        loses,
        leaves_out=leaves_out,
        options=change.recipe.options,
        loss=max(loss, change.loss),
    )


def _dimensions(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    """Yield the curves without one of the dimensions they are by, of which only a new tabulation can tell."""
    for name in table.recipe.dimensions if evidence.added else ():
        shorter = without(table.recipe, name)
        after = None if shorter is None else _safe(shorter, judge)
        if after is not None:
            words = text("leave {name} out", name=name)
            yield replace(_remedy(RemedyKind.LEAVE_OUT, words, table.recipe, evidence, after), leaves_out=name)


def _compared(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    """Yield the test with categories of what it compares counted together, as its own table shows that they can be."""
    below, trials, asked = evidence.underlying, table.trials, output_class(table.recipe).underlying
    if table.recipe.statistic not in (Statistic.TEST, Statistic.CHI_SQUARE) or below is None or not can_merge(below):
        return
    if trials is None or asked is None:
        return
    allowed = min(_MOST_TRIALS, _TRIED_CELLS // max(1, len(below)))
    small = Table(asked(table.recipe), below, trials, Budget(allowed))
    places = tuple(range(below.own_dimensions))
    ways = [cheapest(small, allowed // 2), *(in_rounds(small, (place,)) for place in places)]
    for way in (*ways, in_rounds(small, places) if len(places) > 1 else None):
        way = None if way is None else way.with_one_other()
        if way is None or not way.safe:
            continue
        recipe = table.recipe
        for recoding in way.recodings:
            recipe = recipe.recoded(recoding)
        # One category that is left has nothing to be compared with, which is refused.
        if _safe(recipe, judge) is not None:
            yield merging(RemedyKind.MERGE, merge_words(RemedyKind.MERGE, way), way.recodings, below, way.evidence)


def _periods(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    """Yield the shortest period that does, the same with a dimension left out, and the best that withholds.

    Which periods are worth a tabulation the curves that there are tell.
    """
    trials = table.trials
    if trials is None:
        return
    longer = tuple(_longer(table.recipe, evidence))
    curves = Curves(evidence)
    for name in (None, *table.recipe.dimensions):
        own = curves if name is None else Curves(of_all_groups(evidence, evidence.dimensions.index(name)))
        tabulated = 0
        for recipe in longer:
            shorter = recipe if name is None else without(recipe, name)
            if shorter is None or tabulated == _MOST_GUESSES:
                break
            if trials.failing(shorter, own.every(_period(recipe))).any():
                continue
            tabulated += 1
            after = _safe(shorter, judge)
            if after is not None:
                words = _period_words(recipe)
                if name is not None:
                    words = text("leave {name} out, and {what}", name=name, what=words)
                one = _remedy(RemedyKind.LONGER_PERIOD, words, recipe, evidence, after)
                yield replace(one, leaves_out=name)
                break
    yield from _withheld(longer, curves, evidence, trials, judge)


def _withheld(
    longer: tuple[Recipe, ...], curves: Curves, evidence: Evidence, trials: Trials, judge: Judge
) -> Iterator[Remedy]:
    """Yield the period of which most is left when what fails is withheld."""

    def left_of(recipe: Recipe) -> int:
        coarser = curves.every(_period(recipe))
        shown = trials.shown(recipe, coarser, trials.failing(recipe, coarser))
        return 0 if shown is None else int((told(coarser) & shown).sum())

    guessed = [(left_of(recipe), recipe) for recipe in longer]
    most = sorted((one for one in guessed if one[0]), key=lambda one: -one[0])
    for _, recipe in most[:_MOST_GUESSES]:
        done = _judged(replace(recipe, suppressed=True), judge)
        if done is not None and done.evidence is not None and done.verdict.status is Status.SAFE and done.shown.any():
            words = text("{first}, and {what}", first=_period_words(recipe), what=text("withhold what fails"))
            left = int((told(done.evidence) & done.shown).sum())
            yield _remedy(RemedyKind.SUPPRESS, words, recipe, evidence, done.evidence, left=left)
            return


def _period(recipe: Recipe) -> Fraction:
    return Fraction(recipe.option("period") or "1")


def _period_words(recipe: Recipe) -> Text:
    return text("take intervals of {period}", period=str(recipe.option("period")))


def _longer(recipe: Recipe, evidence: Evidence) -> Iterator[Recipe]:
    """Yield the curves in longer intervals than their times show already, none longer than the longest duration."""
    labels = [label for label in evidence.categories[evidence.own_dimensions] if label is not None]
    shown = sorted(Fraction(label) for label in labels if is_number(label))
    now = min((second - first for first, second in pairwise(shown)), default=Fraction(0))
    longer = longer_period(recipe)
    tried = 0
    while longer is not None and tried < _MOST_PERIODS:
        if shown and _period(longer) > shown[-1]:
            return
        if _period(longer) > now:
            tried += 1
            yield longer
        longer = longer_period(longer)


def _terms(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    """Yield the model with neighbouring categories merged, and without one of its failing terms.

    Where merging two does not do, all that fail are merged with neighbours round by round; where leaving one term out
    does not do, all that fail are left out in turn.
    """
    place = evidence.dimensions.index(_TERM)
    labels = [evidence.categories[place][code] for code in np.unique(evidence.codes[table.failing, place])]
    failing = [label for label in labels if label is not None][:_MOST_TERMS]
    merges: list[Remedy] = []
    for column, (first, second), merged in neighbour_merges(table.recipe, evidence, failing)[:_MOST_TERMS]:
        after = _safe(merged, judge)
        if after is not None:
            words = text("merge {first} with {second} in {name}", first=first, second=second, name=column)
            merges.append(no_longer_apart(_remedy(RemedyKind.MERGE, words, merged, evidence, after)))
    yield from merges or _merged_in_rounds(table, evidence, judge)
    found = False
    tried: set[Recipe] = set()
    for label in failing:
        less = _without(table.recipe, label)
        # Each category of a term fails by itself, and all of them are the same term.
        after = None if less is None or less in tried else _safe(less, judge)
        tried |= set() if less is None else {less}
        if less is not None and after is not None:
            found = True
            yield _dropped(left_with(table.recipe, label), less, evidence, after)
    so_far = table.recipe
    dropped: list[str] = []
    for label in failing if not found else ():
        less = _without(so_far, label)
        if less is None:
            continue
        dropped = list(dict.fromkeys((*dropped, left_with(so_far, label))))
        so_far = less
        after = _safe(so_far, judge) if len(dropped) > 1 else None
        if after is not None:
            yield _dropped(", ".join(dropped), so_far, evidence, after)
            return


def _merged_in_rounds(table: JudgedTable, evidence: Evidence, judge: Judge) -> Iterator[Remedy]:
    recipe, now, failing = table.recipe, evidence, table.failing
    for _ in range(_MOST_ROUNDS):
        place = now.dimensions.index(_TERM)
        labels = {now.categories[place][code] for code in np.unique(now.codes[failing, place])}
        try:
            merged = failing_runs_merged(recipe, now, [label for label in labels if label is not None])
        except DatakampError:
            return
        done = None if merged == recipe else _judged(merged, judge)
        if done is None or done.evidence is None or done.verdict.status is Status.INCONCLUSIVE:
            return
        recipe, now, failing = merged, done.evidence, done.failing
        if done.verdict.status is Status.SAFE:
            words = text("merge {what}", what=shortened(merged_words(recipe, table.recipe)))
            yield no_longer_apart(_remedy(RemedyKind.MERGE, words, recipe, evidence, now))
            return


def _dropped(term: str, recipe: Recipe, evidence: Evidence, after: Evidence) -> Remedy:
    words = text("leave {term} out of the model", term=term)
    return no_longer_net(_remedy(RemedyKind.DROP_TERM, words, recipe, evidence, after), term)


def _without(recipe: Recipe, label: str) -> Recipe | None:
    try:
        return without_term(recipe, label)
    except DatakampError:
        return None


def _safe(recipe: Recipe, judge: Judge) -> Evidence | None:
    """Return the evidence of a recipe that turns out to be safe, else None."""
    done = _judged(recipe, judge)
    return done.evidence if done is not None and done.verdict.status is Status.SAFE else None


def _judged(recipe: Recipe, judge: Judge) -> JudgedTable | None:
    try:
        return judge(recipe)
    except DatakampError:
        return None


def _remedy(
    kind: RemedyKind, words: Text, recipe: Recipe, before: Evidence, after: Evidence, *, left: int | None = None
) -> Remedy:
    all_ = figures_of(before)
    lost = max(0, all_ - (figures_of(after) if left is None else left))
    loses = text(
        "{n} of {all} figures ({share}%)", n=str(lost), all=str(all_), share=str(round(100 * lost / max(1, all_)))
    )
    return Remedy(kind, words, loses, options=recipe.options, loss=lost / max(1, all_))
