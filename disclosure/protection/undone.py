"""Whether one table gives away what another one withholds, both of the same figures of the same people.

A table that withholds cells withholds its margins too, or the rest would give the cells away. Any other table that
shows such a margin undoes that, whatever it is broken down by: its grand total less the cells that the first one shows
is what the first one hides. How the rows were asked for, and what the columns are called, tells nothing: the same rows
can be asked for in other words and a column copied. So the figures are compared, not the recipes.

A number of people is shown by more than counts: see `disclosure.protection.undone_measures`. A linear model tells the
total of its response, to about five digits, and that of each category in its terms. What two tables tell together of
a third is for `disclosure.protection.undone_by_two`. A relation of dimensions that no codebook, lineage or row shows is
not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.formulas import Transform
from disclosure.model.lineage import Derivation, Origin, is_all_rows, matched_column
from disclosure.model.model_facts import Family
from disclosure.model.model_recipe import model_recipe
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Safe
from disclosure.protection.undone_margins import amount_hidden, given_away
from disclosure.protection.undone_measures import Measure, measures, sliced, slices

_MEANS: Final = (Family.LOGIT, Family.POISSON)
"""Families of which the fitted values of a category add up to what was observed, and that are not linear."""
_DIGITS_OF_MODELS: Final = 10**5


@dataclass(frozen=True, eq=False)
class Shown:
    """A judged table, and where its columns come from as far as that is known.

    Attributes:
        sources: dimension or value to the registered columns that it, and not every column of the table, is computed
            from.
    """

    table: JudgedTable
    sources: Mapping[str, frozenset[Origin]] = field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """Whether it may be published, and withholds something."""
        return isinstance(self.table.verdict, Safe) and not self.table.complete

    def same_value(self, other: Shown) -> bool:
        """Tell whether two tables have a value column of the same name, or that is computed from the same columns."""
        one, there = self.table.recipe.value, other.table.recipe.value
        if one is None or there is None:
            return one is there
        own = self.sources.get(one, frozenset())
        return one.lower() == there.lower() or bool(own and own == other.sources.get(there))


def sources_of(recipe: Recipe, derivation: Derivation | None) -> Mapping[str, frozenset[Origin]]:
    """Return the registered columns that dimensions and value of a lazy recipe are computed from; nothing of a frame.

    What decides which rows there are is behind every column, and so tells nothing about one of them.
    """
    if derivation is None or not derivation.columns:
        return {}
    plain = {
        name: frozenset(one for one in lineage.sources if not is_all_rows(one) and matched_column(one) is None)
        for name, lineage in derivation.columns.items()
        if name in {one.lower() for one in recipe.narrow_columns}
    }
    whole = frozenset.intersection(*plain.values()) if len(plain) > 1 else frozenset()
    found = {}
    for name in (*recipe.dimensions, *(() if recipe.value is None else (recipe.value,))):
        lineage = derivation.columns.get(name.lower())
        if lineage is not None:
            own = frozenset() if lineage.origin is None else frozenset((lineage.origin,))
            found[name] = (plain[name.lower()] - whole) | own
    return found


def undone(one: Shown, other: Shown, *, nested: bool = False) -> bool:
    """Tell whether one of two tables gives away what the other one withholds; True also where that is not certain.

    Args:
        nested: rows are known by which the categories of a dimension of one lie within those of the other.
    """
    if not (one.hides or other.hides):
        return False
    if not (isinstance(one.table.verdict, Safe) and isinstance(other.table.verdict, Safe)):
        return False
    minimum = max(0 if each.table.trials is None else each.table.trials.minimum_units for each in (one, other))
    if _model_tells(one, other, minimum) or _model_tells(other, one, minimum):
        return True
    for first, last in _compared(one, other, minimum):
        if set(first.evidence.dimensions) != set(last.evidence.dimensions) and (
            nested or _nested(one, first, other, last) or _nested(other, last, one, first)
        ):
            return True
        if one.hides and given_away(first, last, minimum):
            return True
        if other.hides and given_away(last, first, minimum):
            return True
        if one.hides and other.hides and _nearly_the_same_hidden(first, last, minimum):
            return True
    return False


def _model_tells(one: Shown, other: Shown, minimum: int) -> bool:
    """Tell whether a model gives away what a table withholds: totals of its response, as fitted values add up to them.

    Those of a model that is not linear do so only where every term is a category.
    """
    recipe = other.table.recipe
    if recipe.statistic is not Statistic.MODEL or not one.hides or set(one.table.recipe.unit) != set(recipe.unit):
        return False
    asked, sizes = model_recipe(recipe), measures(other.table)
    terms, family = asked.formula.terms, asked.family
    plain = all(len(term.categories) == len(term.factors) for term in terms) and not asked.roles.absorbed
    if asked.formula.response.transform is not Transform.NONE or not (
        family is Family.OLS or (plain and family in _MEANS)
    ):
        return False
    named = {factor.column for term in terms if len(term.factors) == 1 for factor in term.categories}
    for measure in _of_response(one, other):
        own, grand = measure.evidence, measure.grand
        n = max(int(each.evidence.n_units[each.grand]) for each in sizes) if sizes else 0
        near = grand < 0 or measure.counted or abs(int(own.n_units[grand]) - n) < minimum
        whole = measure.absolute[grand] if grand >= 0 else Fraction(0)
        if not near or amount_hidden(measure) * _DIGITS_OF_MODELS < whole:
            continue
        told = [place for place, name in enumerate(own.dimensions) if name in named]
        fixed = own.codes != MARGIN
        shown = (fixed.sum(axis=1) == 0) | ((fixed.sum(axis=1) == 1) & fixed[:, told].any(axis=1))
        if given_away(measure, replace(measure, shown=np.asarray(shown, dtype=np.bool_)), minimum):
            return True
    return False


def _of_response(one: Shown, model: Shown) -> Iterator[Measure]:
    """Yield what a table tells of the response of a model."""
    name = model.table.recipe.value or ""
    sources = model.sources.get(name, frozenset())
    for measure in measures(one.table):
        if not measure.of_units:
            if one.same_value(model):
                yield measure
            continue
        for dimension, _, place, code in slices(measure):
            if dimension.lower() == name.lower() or one.sources.get(dimension, frozenset()) & sources:
                yield sliced(measure, place, code)


def _compared(one: Shown, other: Shown, minimum: int) -> Iterator[tuple[Measure, Measure]]:
    """Yield what two tables tell of the same, or nearly the same."""
    same_units = set(one.table.recipe.unit) == set(other.table.recipe.unit)
    there = measures(other.table)
    for first in measures(one.table):
        for last in there:
            if first.of_units is last.of_units:
                if _alike(first, last, minimum, same_units=same_units):
                    yield first, last
            elif same_units and first.of_units:
                yield from ((each, last) for each in _categories_of(one, first, other, last, minimum))
            elif same_units:
                yield from ((first, each) for each in _categories_of(other, last, one, first, minimum))


def _categories_of(units: Shown, count: Measure, of: Shown, value: Measure, minimum: int) -> Iterator[Measure]:
    """Yield the categories of a count that a value of two values may be the number of units of."""
    there = value.grand
    name = of.table.recipe.value
    if there < 0 or name is None:
        return
    sources, n = of.sources.get(name, frozenset()), max(1, int(value.evidence.n_units[there]))
    for dimension, total, place, code in slices(count):
        own = units.sources.get(dimension, frozenset())
        apart = abs(total - value.total[there])
        named = dimension.lower() == name.lower() or bool(own & sources)
        # What one of two values stands for changes nothing but the unit of the total.
        one = value.largest[there][0] if value.largest[there] else Fraction(1)
        if value.counted and one:
            apart = abs(total - value.total[there] / one)
        if (value.counted and not apart) or (named and apart < minimum * max(Fraction(1), total / n)):
            yield sliced(count, place, code)


def _alike(first: Measure, last: Measure, minimum: int, *, same_units: bool) -> bool:
    """Tell whether two tables add up the same figures of the same people, or nearly so, or cannot be told apart.

    The same are those of which the totals lie closer together than what is hidden; those of which one is a multiple of
    the other, with or without an amount for each unit; and those over rows of a few units more or less.
    """
    a, b, i, j = first.evidence, last.evidence, first.grand, last.grand
    if i < 0 or j < 0:
        return True
    apart, near = abs(first.total[i] - last.total[j]), abs(int(a.n_units[i]) - int(b.n_units[j])) < minimum
    if first.of_units:
        return same_units and near
    hidden = max(amount_hidden(first), amount_hidden(last))
    if apart <= hidden or _multiple(first, i, int(a.n_units[i]), last, j, int(b.n_units[j])):
        return True
    common = set(first.largest[i]) & set(last.largest[j]) - {Fraction(0)}
    most = max((*first.largest[i], *last.largest[j]), default=Fraction(0))
    return same_units and near and bool(common) and apart <= minimum * most


def _multiple(first: Measure, i: int, n: int, last: Measure, j: int, m: int) -> bool:
    """Tell whether the total and the largest contributions of one are those of the other, times one and plus another.

    Everybody who knows the number of units can take such a figure back to the other.
    """
    own, there = first.largest[i], last.largest[j]
    if len(own) < 2 or len(there) < 2 or not own[1] or not there[1] or n != m:
        return False
    if own[0] == own[1] or there[0] == there[1]:
        # All the same at the top: a multiple, if anything.
        slope, more = there[0] / own[0], Fraction(0)
    else:
        slope = (there[0] - there[1]) / (own[0] - own[1])
        more = there[0] - slope * own[0]
    expected = slope * first.total[i] + more * n
    return abs(expected - last.total[j]) * 1000 <= abs(last.total[j])


def _nested(fine: Shown, first: Measure, coarse: Shown, last: Measure) -> bool:
    """Tell whether a dimension may be a coarser form of one of the other table, as a codebook or lineage says."""
    a, b = first.evidence, last.evidence
    levels = {} if fine.table.trials is None else fine.table.trials.hierarchies
    for name in a.dimensions:
        above = set(levels[name].parents.values()) if name in levels else set()
        for there, other in enumerate(b.dimensions):
            if name == other:
                continue
            if above & {label for label in b.categories[there] if label is not None}:
                return True
            if fine.sources.get(name, frozenset()) & coarse.sources.get(other, frozenset()):
                return True
    return False


def _nearly_the_same_hidden(first: Measure, last: Measure, minimum: int) -> bool:
    """Tell whether two tables that hide different cells of one value may hide nearly the same people.

    What each shows adds up to one total less what it hides, so that the two tell how much the hidden ones differ by.
    """
    a, b = first.evidence, last.evidence
    if first.of_units or set(a.dimensions) == set(b.dimensions):
        return False
    return abs(int(a.n_units[first.hidden].sum()) - int(b.n_units[last.hidden].sum())) < minimum
