"""The columns of a design: the terms of a formula, with a dummy for each label but the reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.matrix import NO_COLUMN, Coded, Codes, Matrix, narrow
from disclosure.engines.observations import Observations
from disclosure.errors import ColumnError, RecipeError
from disclosure.model.formulas import Category, Formula, Number, Term, Transform
from disclosure.model.model_facts import CONSTANT
from disclosure.texts import text

Real = npt.NDArray[np.float64]

MOST_PARAMETERS: Final = 500
MOST_WORK: Final = 1_000_000_000_000
"""Rows times columns times columns, as a fit may take time: 500 columns of four million rows, 316 of ten."""
MOST_ENTRIES: Final = 60_000_000
"""Rows times columns where a fit needs all of them at once."""


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a model.

    Attributes:
        matrix: shape (rows, columns); the constant, if any, is the first column.
        names: the term of each column, as it is shown.
        constant: whether the first column is the constant.
    """

    matrix: Matrix
    names: tuple[str, ...]
    constant: bool


def references_of(seen: Observations, formula: Formula) -> tuple[tuple[str, str], ...]:
    """Return of each category of a formula the label that the others are compared with."""
    found = {}
    for factor in (one for term in formula.terms for one in term.categories):
        labels = seen.categories[factor.column][1]
        found[factor.column] = labels[0] if factor.reference is None else factor.label(factor.reference)
    return tuple(sorted(found.items()))


def response_of(seen: Observations, formula: Formula) -> Real:
    """Return the response as the model takes it."""
    return _transformed(seen.response / 10**seen.decimals, formula.response)


def design(seen: Observations, formula: Formula, *, constant: bool, at_once: bool = False) -> Design:
    """Return the columns of a model.

    A category has a dummy for each label but its reference. Without a constant, or in a product whose other factors
    stand alone nowhere, the first such category has a dummy for every label, as in other libraries. A product of
    labels that no row has is no column.

    Args:
        constant: whether the constant is spanned by what the formula does not show: absorbed effects, or the baseline
            of a Cox model.
        at_once: whether the fit needs all columns of all rows at once, so that there must be room for them.

    Raises:
        RecipeError: the formula lacks the terms that a product of categories builds on, or has too many columns.
    """
    own = formula.constant and not constant
    names: list[str] = [CONSTANT] if own else []
    made: list[Coded] = [Coded(None, None, 1)] if own else []
    spanned: set[frozenset[Any]] = {frozenset()} if formula.constant or constant else set()
    numbers: dict[Number, Real] = {}
    for term in formula.terms:
        full = _full_coding(term, spanned)
        _require_room(seen, term, len(names), at_once=at_once)
        of_term, columns = _term(seen, term, numbers, full=full)
        if of_term:
            names += of_term
            made.append(columns)
    if not names:
        raise RecipeError(text("The model has no term besides what is absorbed."), hint=text("Name a regressor."))
    if len(set(names)) != len(names):
        raise RecipeError(text("Two terms of the model have the same name."), hint=text("Rename a column or a label."))
    return Design(Matrix(len(seen), tuple(made)), tuple(names), own)


def _require_room(seen: Observations, term: Term, taken: int, *, at_once: bool) -> None:
    width = taken + prod(len(seen.categories[category.column][1]) for category in term.categories)
    if width > MOST_PARAMETERS:
        raise RecipeError(
            text("The model has more than {most} columns, so it cannot be fitted here.", most=MOST_PARAMETERS),
            hint=text("Use coarser categories, or absorb=."),
        )
    if at_once and width * len(seen) > MOST_ENTRIES:
        raise RecipeError(
            text(
                "Rows times columns of a model with absorbed effects, of a Cox model or of a weighted one that is not "
                "ols are at most {most}; here they are more.",
                most=_spaced(MOST_ENTRIES),
            ),
            hint=text("Use coarser categories, or fewer rows."),
        )
    if width * width * len(seen) > MOST_WORK:
        raise RecipeError(
            text(
                "Rows times the square of the columns of a model are at most {most}; here they are more.",
                most=_spaced(MOST_WORK),
            ),
            hint=text("Use coarser categories, or absorb=."),
        )


def _spaced(number: int) -> str:
    """Return a large number with spaces, which read alike in every language."""
    return f"{number:_}".replace("_", " ")


def _full_coding(term: Term, spanned: set[frozenset[Any]]) -> bool:
    """Tell whether the category of a term has a dummy for every label, and note what the term spans."""
    categories = term.categories
    without = [term.key - {one} for one in categories]
    spanned.add(term.key)
    if len(categories) > 1 and not all(one in spanned for one in without):
        raise RecipeError(
            text("The product '{term}' of categories lacks the terms that it builds on.", term=term),
            hint=text("Write it with * for :, or keep the constant."),
        )
    full = len(categories) == 1 and without[0] not in spanned
    if full:
        spanned.add(without[0])
    return full


def _term(seen: Observations, term: Term, numbers: dict[Number, Real], *, full: bool) -> tuple[tuple[str, ...], Coded]:
    """Return the names and the columns of a term.

    Args:
        numbers: columns that other terms have made; what this term makes is put into it.
    """
    labels: list[tuple[str, ...]] = []
    codes: Codes | None = None
    values: Real | None = None
    for factor in term.factors:
        if isinstance(factor, Number):
            if factor not in numbers:
                numbers[factor] = _transformed(seen.numbers[factor.column], factor)
            values = numbers[factor] if values is None else values * numbers[factor]
            labels.append((str(factor),))
        else:
            own, names = _dummies(seen, factor, full=full)
            codes = own if codes is None else _crossed(codes, own, len(names))
            labels.append(names)
    names = tuple(":".join(one) for one in product(*labels))
    if len(term.factors) == 1:
        return names, Coded(None if codes is None else narrow(codes, len(names)), values, len(names))
    used = _used(np.zeros(len(seen), dtype=np.int64) if codes is None else codes, values, len(names))
    # The last entry is that of rows without a column.
    anew = np.full(len(names) + 1, NO_COLUMN, dtype=np.int64)
    anew[used] = np.arange(len(used))
    return (
        tuple(names[place] for place in used.tolist()),
        Coded(None if codes is None else narrow(anew[codes], len(used)), values, len(used)),
    )


def _used(codes: Codes, values: Real | None, width: int) -> Codes:
    """Return the places of the columns that are not 0 everywhere."""
    there = codes != NO_COLUMN if values is None else (codes != NO_COLUMN) & (values != 0)
    return np.flatnonzero(np.bincount(codes[there], minlength=width))


def _crossed(codes: Codes, other: Codes, width: int) -> Codes:
    return np.where((codes == NO_COLUMN) | (other == NO_COLUMN), NO_COLUMN, codes * width + other)


def _dummies(seen: Observations, factor: Category, *, full: bool) -> tuple[Codes, tuple[str, ...]]:
    """Return of a category the place of each row's dummy, and the names of the dummies."""
    codes, labels = seen.categories[factor.column]
    named = None if factor.reference is None else factor.label(factor.reference)
    if named is not None and named not in labels:
        raise RecipeError(
            text("The reference of '{column}' is not among its labels.", column=factor.column),
            hint=text("Name one that occurs."),
        )
    reference = 0 if named is None else labels.index(named)
    kept = [place for place in range(len(labels)) if full or place != reference]
    if not kept:
        raise RecipeError(
            text("The category '{column}' has one label only.", column=factor.column),
            hint=text("Leave it out of the formula."),
        )
    places = np.full(len(labels), NO_COLUMN, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    return places[codes], tuple(f"{factor.column}={labels[place]}" for place in kept)


def _transformed(column: Real, factor: Number) -> Real:
    low = column.min() if len(column) else 0.0
    bounds = {Transform.LOG: low > 0, Transform.LOG1P: low > -1, Transform.SQRT: low >= 0}
    if not bounds.get(factor.transform, True):
        raise ColumnError(
            text(
                "The column '{column}' has values of which there is no {transform}.",
                column=factor.column,
                transform=factor.transform,
            ),
            hint=text("Select the rows that have one, or derive the column as you mean it."),
        )
    functions = {Transform.LOG: np.log, Transform.LOG1P: np.log1p, Transform.SQRT: np.sqrt}
    found: Real = functions[factor.transform](column) if factor.transform else column**factor.power
    return found
