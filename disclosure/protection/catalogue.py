"""Every remedy of a table, each tried, the cheapest first.

What a remedy comes to follows from the evidence where every unit stands in one cell, and for suppression, rounding and
a dimension left out always. Other tables are tabulated again for a few that promise most. A remedy that leaves failing
cells is listed only where no other than suppression does better, behind it, and says how many it leaves. No merge
leaves one category of a dimension, or several that are called "other".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

from disclosure.errors import DatakampError, RecipeError
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe, Recoding
from disclosure.model.tables import JudgedTable, Trials
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.protection.grouping import Budget, Grouping, Table, one_other
from disclosure.protection.merge_words import level_words, merge_words, shortened
from disclosure.protection.missing_rows import and_more, filled_only, lacking, leaving_rows_out, tabulated
from disclosure.protection.other_recipes import other_recipes
from disclosure.protection.recode import can_merge
from disclosure.protection.remedies import (
    can_round,
    for_findings,
    leaves_nothing,
    leaving_out,
    merging,
    rounding,
    still_tells,
    to_midpoints,
)
from disclosure.protection.rounding import least_base
from disclosure.protection.same_table import says_less, table_of
from disclosure.protection.search import cheapest, in_rounds, one_round
from disclosure.protection.whole_dimensions import bands, one_level_up, others, small_as_other
from disclosure.texts import Text, text

Judge = Callable[[Recipe], JudgedTable]
_MOST_LEVELS = 6
_MOST_TRIALS = 160
_FEWEST_TRIALS = 24
_MOST_CELLS = 30_000
"""Merges of larger tables are not looked for."""
_TRIED_CELLS = 120_000
"""So many cells are looked at in all trials together, which bounds the time that they take."""
_ROUNDED_CELLS = 20_000_000
_TABULATIONS = 16
_MOST_ROUNDS = 5


def remedies_of(table: JudgedTable, judge: Judge | None) -> tuple[Remedy, ...]:
    """Return the remedies of an unsafe table, the one that loses least first; none for any other.

    Args:
        judge: tabulates and judges a changed recipe; without it only what the evidence can tell is listed.
    """
    evidence, trials = table.evidence, table.trials
    if table.verdict.status is not Status.UNSAFE or evidence is None or trials is None:
        return ()
    recipe, failing = table.recipe, table.failing
    if trials.rounding_required and can_round(recipe) and not trials.takes(recipe.rounding):
        recipe = replace(recipe, rounding=trials.rounding)
        failing = trials.failing(recipe, evidence)
    found = [*for_findings(table.recipe, evidence, table.failing, trials), *leaving_out(recipe, evidence, trials)]
    found += _roundings(recipe, evidence, failing, trials)
    if can_merge(evidence):
        found += _merges(recipe, evidence, trials)
    elif judge is not None and (not evidence.added or len(evidence) <= _MOST_CELLS):
        found += _tabulated(table, evidence, trials, judge)
    found += _without_missing(recipe, evidence, trials, judge)
    if judge is not None:
        found += other_recipes(table, judge)
    if recipe.rounding != table.recipe.rounding:
        found = [one if one.rounding else replace(one, rounding=recipe.rounding) for one in found]
    found += _midpoints(table.recipe, evidence, trials)
    return _ranked(table.recipe, evidence, found)


def is_cheap(table: JudgedTable) -> bool:
    """Tell whether all remedies follow from the evidence, without tabulating anything again."""
    return table.evidence is None or can_merge(table.evidence)


def _ranked(recipe: Recipe, evidence: Evidence, found: list[Remedy]) -> tuple[Remedy, ...]:
    same, different = dict[Recipe, Remedy](), dict[Hashable, Remedy]()
    # Of two that come to the same, the one that says more of what it does.
    for one in sorted(found, key=lambda one: one.kind is not RemedyKind.COARSER):
        same.setdefault(one.applied_to(recipe), one)
    for one in sorted(same.values(), key=says_less):
        different.setdefault(table_of(one, recipe, evidence), one)
    order = list(RemedyKind)
    kept = tuple(
        sorted(
            different.values(),
            key=lambda one: (
                one.failing != 0, leaves_nothing(one), round(one.loss, 9), order.index(one.kind), str(one.text)
            ),
        )
    )  # fmt: skip
    does = any(not one.failing and one.kind is not RemedyKind.SUPPRESS for one in kept)
    return tuple(one for one in kept if not (does and (one.failing or leaves_nothing(one))))


def _without_missing(recipe: Recipe, evidence: Evidence, trials: Trials, judge: Judge | None) -> Iterator[Remedy]:
    """Yield the table without the rows that lack a category, and merged as well where that alone does not do."""
    names = lacking(recipe, evidence)
    done = tabulated(recipe, judge) if names and judge is not None and not _exact(recipe, evidence) else None
    after = filled_only(evidence) if names and _exact(recipe, evidence) else None if done is None else done.evidence
    if after is None:
        return
    less = replace(recipe, dropna=True)
    failing = trials.failing(less, after)
    if trials.shown(less, after, failing) is None:
        return
    yield leaving_rows_out(names, evidence, after, int(failing.sum()))
    if not failing.any():
        return
    more: Iterator[Remedy] = iter(())
    if can_merge(after):
        more = _merges(less, after, trials)
    elif done is not None and judge is not None:
        more = _tabulated(done, after, trials, judge)
    yield from (and_more(names, one, evidence, after) for one in more if not one.failing)


def _exact(recipe: Recipe, evidence: Evidence) -> bool:
    """Tell whether evidence says what is left without some rows: of values, what kind they are may change."""
    return recipe.value is None and can_merge(evidence)


def _roundings(recipe: Recipe, evidence: Evidence, failing: Mask, trials: Trials) -> Iterator[Remedy]:
    """Yield rounding to the least base that protects every failing cell."""
    if not trials.rounding or not can_round(recipe) or int(failing.sum()) * len(evidence) > _ROUNDED_CELLS:
        return
    if recipe.rounding and not failing.any():
        yield rounding(evidence, recipe.rounding)
        return
    least = least_base(trials.minimum_units, trials.rounding)
    for base in (least, 2 * least, 4 * least):
        if base > recipe.rounding and not trials.failing(replace(recipe, rounding=base), evidence).any():
            if still_tells(evidence, base):
                yield rounding(evidence, base)
            return


def _midpoints(recipe: Recipe, evidence: Evidence, trials: Trials) -> Iterator[Remedy]:
    """Yield midpoint rounding where the policy permits it and every cell passes by it."""
    if not trials.midpoint or not can_round(recipe) or recipe.rounding:
        return
    one = to_midpoints(evidence, trials.midpoint)
    if not trials.failing(one.applied_to(recipe), evidence).any():
        yield one


def _merges(recipe: Recipe, evidence: Evidence, trials: Trials) -> Iterator[Remedy]:
    allowed = min(_MOST_TRIALS, _TRIED_CELLS // max(1, len(evidence)))
    places = tuple(range(evidence.own_dimensions))
    if allowed < _FEWEST_TRIALS:
        if len(evidence) <= _MOST_CELLS:
            yield from _few_merges(Table(recipe, evidence, trials, Budget(_FEWEST_TRIALS)), places)
        return
    table = Table(recipe, evidence, trials, Budget(allowed))
    for place in places:
        yield from _levels(table, place)
        for one in bands(table, place):
            if table.budget.spend() and one.safe:
                yield _merge(RemedyKind.COARSER, one)
                break
        other = small_as_other(table, place)
        if other is not None and other.with_one_other() is other:
            yield _merge(RemedyKind.OTHER, other)
    best = cheapest(table, allowed // 3)
    ways = [in_rounds(table, (place,)) for place in places]
    if best is None and len(places) > 1:
        ways.append(in_rounds(table, places))
    for way in (best, *ways):
        yield from _readable(way)


def _few_merges(table: Table, places: tuple[int, ...]) -> Iterator[Remedy]:
    """Yield what few trials find in a large table: levels of hierarchies, and merges in rounds."""
    for place in places:
        yield from _levels(table, place)
    yield from _readable(in_rounds(table, places))


def _readable(way: Grouping | None) -> Iterator[Remedy]:
    """Yield the merge that a search has found, its groups without a name as one, if that is safe too."""
    one = None if way is None else way.with_one_other()
    if one is not None and one.safe:
        yield _merge(RemedyKind.MERGE, one)


def _levels(table: Table, place: int) -> Iterator[Remedy]:
    for levels in range(1, _MOST_LEVELS + 1):
        way = one_level_up(table, place, levels)
        if way is None or not table.budget.spend():
            return
        if way.safe:
            yield _merge(RemedyKind.MERGE, way, level_words(table, place, levels))
            return


def _merge(kind: RemedyKind, way: Grouping, words: Text | None = None, after: Evidence | None = None) -> Remedy:
    before = way.table.evidence
    return merging(
        kind, words or merge_words(kind, way), way.recodings, before, way.evidence if after is None else after
    )


def _tabulated(table: JudgedTable, evidence: Evidence, trials: Trials, judge: Judge) -> Iterator[Remedy]:
    """Yield the merges that turn out to do when the table is tabulated again; if none does, the best of them."""
    start = Table(table.recipe, evidence, trials, Budget(_TABULATIONS)).as_it_is
    partial: list[Remedy] = []
    for place in range(evidence.own_dimensions):
        for one in (*_rounds(start, place, judge), *_at_once(start, place, judge)):
            if one.failing:
                partial.append(one)
            else:
                yield one
    yield from sorted(partial, key=lambda one: one.failing)[:1]


def _at_once(start: Grouping, place: int, judge: Judge) -> Iterator[Remedy]:
    for kind, words, way in _promising(start, place):
        if way.leaves_one:
            continue
        if not start.table.budget.spend():
            return
        one = _after(start.table, kind, words, way.recodings, judge)
        if one is not None:
            yield one


def _rounds(start: Grouping, place: int, judge: Judge) -> Iterator[Remedy]:
    """Yield what comes of putting failing categories together with a neighbour round by round."""
    before, now = start.table, start.table
    into: dict[str, str] = {}
    for _ in range(_MOST_ROUNDS):
        way = one_round(now.as_it_is, place)
        if way is None or not before.budget.spend():
            return
        step = dict(way.recodings[0].mapping)
        into = {**step, **{label: step.get(name, name) for label, name in into.items()}}
        own = [label for label in before.evidence.categories[place] if label is not None]
        into = one_other({label: name for label, name in into.items() if label in own}, own)
        if len({into.get(label, label) for label in own}) == 1:
            return
        try:
            recoding = Recoding(before.evidence.dimensions[place], tuple(sorted(into.items())))
        except RecipeError:
            # Of several rounds together a name may be the code of a category that is counted elsewhere.
            return
        done = _judged(before.recipe, (recoding,), judge)
        if done is None or done.evidence is None or done.verdict.status is Status.INCONCLUSIVE:
            return
        left = int(done.failing.sum())
        if not left:
            what = f"{recoding.dimension}: {shortened(sorted(set(into.values())))}"
            yield merging(
                RemedyKind.MERGE, text("merge {what}", what=what), (recoding,), before.evidence, done.evidence
            )
            return
        now = Table(done.recipe, done.evidence, before.trials, before.budget)


def _after(table: Table, kind: RemedyKind, words: Text, recodings: tuple[Recoding, ...], judge: Judge) -> Remedy | None:
    done = _judged(table.recipe, recodings, judge)
    if done is None or done.evidence is None or done.verdict.status is Status.INCONCLUSIVE:
        return None
    return merging(kind, words, recodings, table.evidence, done.evidence, failing=int(done.failing.sum()))


def _judged(recipe: Recipe, recodings: tuple[Recoding, ...], judge: Judge) -> JudgedTable | None:
    """Return the table with these recodings, None if there is no such table: then it is no remedy."""
    try:
        for recoding in recodings:
            recipe = recipe.recoded(recoding)
        return judge(recipe)
    except DatakampError:
        return None


def _promising(start: Grouping, place: int) -> Iterator[tuple[RemedyKind, Text, Grouping]]:
    level, merge = one_level_up(start.table, place, 1), one_round(start, place)
    if level is not None:
        yield RemedyKind.MERGE, level_words(start.table, place, 1), level
    small = list(start.failing_groups(place))
    if 2 <= len(small) < len(start.groups[place]):
        other = others(start, place, small).with_one_other()
        yield RemedyKind.OTHER, merge_words(RemedyKind.OTHER, other), other
    for band in bands(start.table, place):
        yield RemedyKind.COARSER, merge_words(RemedyKind.COARSER, band), band
        break
    if merge is not None:
        merge = merge.with_one_other()
        yield RemedyKind.MERGE, merge_words(RemedyKind.MERGE, merge), merge
