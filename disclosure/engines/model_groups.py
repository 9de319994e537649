"""The groups of rows of which a model gives the total of the response away, although it is no table of means.

The equations that a least squares, logit or poisson fit solves say that over the rows of a dummy the responses add up
to the predictions, and those of probit nearly do. Whoever knows how the other regressors add up, as their makers do of
centred ones, computes the totals from the coefficients. So these groups are judged as the cells of a table are: all
rows, those of each dummy and of its complement, and every other group that the columns tell apart: the label that
others are compared with, the labels of a product, the values of a number whose powers stand beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.design_matrix import Design
from disclosure.engines.isolation import NEARLY_ALL
from disclosure.engines.observations import Observations
from disclosure.engines.standard_columns import Basis
from disclosure.model.formulas import Category, Formula, Term

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

MOST_VALUES: Final = 20
"""Numbers with more different values are not looked at value by value."""
MOST_GROUPS: Final = 1000
"""Products with more groups of labels than so many are not looked at group by group: their columns are, as dummies."""


def told_groups(made: Design, seen: Observations, formula: Formula, basis: Basis) -> Iterator[Places]:
    """Yield the rows of each group of which the total follows, each once.

    All rows, and the two values of every column of two, are groups whatever the model. Of other groups those are whose
    indicator lies in the space of the columns, or nearly so.

    Args:
        basis: orthonormal columns that span the design.
    """
    known: set[bytes] = set()
    for mask in _groups(made, seen, formula, basis):
        # A digest, since the rows themselves of some hundred groups of ten million rows are too large to keep.
        key = hashlib.sha256(np.packbits(mask).tobytes()).digest()
        if key not in known and mask.any():
            known.add(key)
            yield np.flatnonzero(mask)


def _groups(made: Design, seen: Observations, formula: Formula, basis: Basis) -> Iterator[Mask]:
    yield np.ones(len(seen), dtype=np.bool_)
    unions: list[Mask] = []
    for place in range(made.matrix.shape[1]):
        column = made.matrix.column(place)
        low, high = column.min(), column.max()
        upper = column == high
        if low < high and (upper | (column == low)).all():
            yield upper
            yield ~upper
            _unite(unions, upper)
    for mask in (~one for one in unions if not one.all()):
        if _is_told(mask, basis):
            yield mask
    for term in formula.terms:
        codes = _codes(term, seen)
        if codes is None:
            continue
        sums = basis.sums_by(codes)
        sizes = np.bincount(codes)
        for code in np.flatnonzero((sums**2).sum(axis=1) >= NEARLY_ALL * sizes).tolist():
            yield codes == code


def _unite(unions: list[Mask], dummy: Mask) -> None:
    """Add a dummy to the first union of dummies that it excludes, of which the rest is what they are compared with."""
    for union in unions:
        if not (union & dummy).any():
            union |= dummy
            return
    unions.append(dummy.copy())


def _is_told(mask: Mask, basis: Basis) -> bool:
    sums = basis.sums(mask)
    return bool((sums**2).sum() >= NEARLY_ALL * mask.sum())


def _codes(term: Term, seen: Observations) -> Whole | None:
    """Return a number per row for each combination of values of a term, None where they are too many to look at."""
    codes = np.zeros(len(seen), dtype=np.int64)
    size = 1
    for factor in term.factors:
        if isinstance(factor, Category):
            own, labels = seen.categories[factor.column]
            width = len(labels)
        else:
            values, own = np.unique(seen.numbers[factor.column], return_inverse=True)
            width = len(values)
            if width > MOST_VALUES:
                return None
        codes, size = codes * width + own, size * width
        if size > MOST_GROUPS:
            return None
    return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)
