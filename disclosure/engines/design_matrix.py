"""The columns of a design: the terms of a formula as numbers, with a dummy for each label but the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.observations import Observations
from disclosure.errors import ColumnError, RecipeError
from disclosure.model.formulas import Category, Formula, Number, Term, Transform
from disclosure.model.model_facts import CONSTANT

Real = npt.NDArray[np.float64]
Column = npt.NDArray[Any]
"""Numbers, or truth values for a dummy: an eighth of the size until the matrix is made."""

MOST_PARAMETERS: Final = 500
MOST_ENTRIES: Final = 60_000_000


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a model.

    Attributes:
        matrix: shape (rows, columns), column by column in memory; the constant, if any, is the first column.
        names: the term of each column, as it is shown.
        constant: whether the first column is the constant.
    """

    matrix: Real
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


def design(seen: Observations, formula: Formula, *, constant: bool) -> Design:
    """Return the columns of a model.

    A category has a dummy for each label but its reference. Without a constant, or in a product whose other factors
    stand alone nowhere, the first such category has a dummy for every label, as in other libraries. A product of
    labels that no row has is no column.

    Args:
        constant: whether the constant is spanned by what the formula does not show: absorbed effects, or the baseline
            of a Cox model.

    Raises:
        RecipeError: the formula lacks the terms that a product of categories builds on, or has too many columns.
    """
    own = formula.constant and not constant
    names: list[str] = [CONSTANT] if own else []
    columns: list[Column] = [np.ones(len(seen), dtype=np.bool_)] if own else []
    spanned: set[frozenset[Any]] = {frozenset()} if formula.constant or constant else set()
    for term in formula.terms:
        full = _full_coding(term, spanned)
        _require_room(seen, term, len(names))
        parts: list[tuple[str, Column | None]] = [("", None)]
        for factor in term.factors:
            parts = [_product(one, other) for one in parts for other in _factor(seen, factor, full)]
        for name, column in parts:
            if column is not None and (len(term.factors) == 1 or column.any()):
                names.append(name)
                columns.append(column)
    if not columns:
        raise RecipeError("The model has no term besides what is absorbed.", hint="Name a regressor.")
    if len(set(names)) != len(names):
        raise RecipeError("Two terms of the model have the same name.", hint="Rename a column or a label.")
    return Design(_side_by_side(columns), tuple(names), own)


def _side_by_side(columns: list[Column]) -> Real:
    """Return columns as a matrix, and leave the list empty: two of them would not fit beside each other."""
    matrix = np.empty((len(columns[0]), len(columns)), order="F")
    for place in range(matrix.shape[1]):
        matrix[:, place] = columns.pop(0)
    return matrix


def _require_room(seen: Observations, term: Term, taken: int) -> None:
    width = 1
    for category in term.categories:
        width *= len(seen.categories[category.column][1])
    if taken + width > MOST_PARAMETERS or (taken + width) * len(seen) > MOST_ENTRIES:
        raise RecipeError(
            "The model has too many columns to be fitted here.", hint="Use coarser categories, or absorb=."
        )


def _full_coding(term: Term, spanned: set[frozenset[Any]]) -> bool:
    """Tell whether the category of a term has a dummy for every label, and note what the term spans."""
    categories = term.categories
    without = [term.key - {one} for one in categories]
    spanned.add(term.key)
    if len(categories) > 1 and not all(one in spanned for one in without):
        raise RecipeError(
            f"The product '{term}' of categories lacks the terms that it builds on.",
            hint="Write it with * for :, or keep the constant.",
        )
    full = len(categories) == 1 and without[0] not in spanned
    if full:
        spanned.add(without[0])
    return full


def _factor(seen: Observations, factor: Number | Category, full: bool) -> list[tuple[str, Column]]:
    if isinstance(factor, Number):
        return [(str(factor), _transformed(seen.numbers[factor.column], factor))]
    codes, labels = seen.categories[factor.column]
    named = None if factor.reference is None else factor.label(factor.reference)
    if named is not None and named not in labels:
        raise RecipeError(f"The reference of '{factor.column}' is not among its labels.", hint="Name one that occurs.")
    reference = 0 if named is None else labels.index(named)
    kept = [place for place in range(len(labels)) if full or place != reference]
    if not kept:
        raise RecipeError(f"The category '{factor.column}' has one label only.", hint="Leave it out of the formula.")
    return [(f"{factor.column}={labels[place]}", codes == place) for place in kept]


def _product(one: tuple[str, Column | None], other: tuple[str, Column]) -> tuple[str, Column]:
    if one[1] is None:
        return other
    return f"{one[0]}:{other[0]}", one[1] * other[1]


def _transformed(column: Real, factor: Number) -> Real:
    low = column.min() if len(column) else 0.0
    bounds = {Transform.LOG: low > 0, Transform.LOG1P: low > -1, Transform.SQRT: low >= 0}
    if not bounds.get(factor.transform, True):
        raise ColumnError(
            f"The column '{factor.column}' has values of which there is no {factor.transform}.",
            hint="Select the rows that have one, or derive the column as you mean it.",
        )
    functions = {Transform.LOG: np.log, Transform.LOG1P: np.log1p, Transform.SQRT: np.sqrt}
    found: Real = functions[factor.transform](column) if factor.transform else column**factor.power
    return found
