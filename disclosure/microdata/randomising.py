"""Post-randomisation (PRAM): categories changed at random such that their expected frequencies stay.

P. P. de Wolf, J. M. Gouweleeuw, P. Kooiman and L. Willenborg, "Reflections on PRAM" (1998); the two-stage invariant
matrix is that of P. Kooiman, L. Willenborg and J. Gouweleeuw, "PRAM: a method for disclosure limitation of microdata"
(1997).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata.coding import MISSING, Groups, coded, grouped, require_columns
from disclosure.model.microdata import Numbers, Places, Randomised, Transition
from disclosure.texts import text


def pram(
    frame: pa.Table,
    columns: tuple[str, ...],
    *,
    seed: int,
    least: float = 0.8,
    alpha: float = 0.5,
    strata: tuple[str, ...] = (),
) -> Randomised:
    """Return the frame with categories changed at random; a missing category stays missing.

    Frequencies are estimates of those before: their expectations are the same, within each stratum.

    Args:
        seed: what is drawn from; the same seed gives the same changes.
        least: the least probability with which a category keeps itself in the first of two stages, under 1; that of
            each category is drawn between it and 1.
        alpha: how much of the two stages is applied: 0 changes nothing, 1 all of it.
        strata: columns of categories; each combination has probabilities of its own.

    Raises:
        BadInputError: `least` or `alpha` is not a probability.
        ColumnError: no column is named, or one twice; one is not there, or a stratum is.
        DataError: there are no records.

    >>> frame = pa.table({"soort": ["huur", "koop"] * 50})
    >>> found = pram(frame, ("soort",), seed=1)
    >>> found.transitions[0].categories, 0 < found.counts[0][1] < 50
    (('huur', 'koop'), True)
    """
    if not (0 <= least < 1 and 0 <= alpha <= 1):
        raise BadInputError(
            text("The least probability of staying and alpha are from 0 to 1."), hint=text("Leave them out.")
        )
    require_columns(frame, (*columns, *strata))
    if not columns or len({*columns, *strata}) < len(columns) + len(strata):
        raise ColumnError(text("Name columns of categories, each once, and none of them as a stratum."))
    within = grouped([coded(frame, name) for name in strata]) if strata else None
    groups = within or Groups(np.zeros(frame.num_rows, dtype=np.int64), 1)
    names = _strata(frame, strata, groups)
    generator = np.random.default_rng(seed)
    counts, transitions = [], []
    for name in columns:
        place = frame.schema.get_field_index(name)
        categories, codes = _sorted(frame, name)
        found = codes.copy()
        labels = tuple(str(one) for one in categories.to_pylist())
        for stratum in range(groups.count):
            members = np.flatnonzero((groups.number == stratum) & (codes != MISSING))
            if not len(members):
                continue
            matrix = invariant(np.bincount(codes[members], minlength=len(labels)), least, alpha, generator)
            found[members] = _drawn(codes[members], matrix, generator)
            transitions.append(Transition(name, names[stratum], labels, tuple(tuple(row) for row in matrix.tolist())))
        counts.append((name, int((found != codes).sum())))
        taken = categories.take(pa.array(np.where(found == MISSING, 0, found), mask=found == MISSING))
        frame = frame.set_column(place, name, taken)
    return Randomised(frame, tuple(counts), tuple(transitions))


def invariant(counts: Places, least: float, alpha: float, generator: np.random.Generator) -> Numbers:
    """Return probabilities of change, rows from and columns to, that leave expected frequencies as they are.

    The first stage keeps a category with a probability drawn between `least` and 1, and spreads the rest evenly; the
    second is the probability of where the outcome came from. Each row sums to 1, and counts @ matrix is counts.
    """
    size = len(counts)
    if size == 1:
        return np.ones((1, 1))
    staying = generator.uniform(least, 1.0, size)
    first = np.repeat(((1 - staying) / (size - 1))[:, None], size, axis=1)
    np.fill_diagonal(first, staying)
    came = first * counts[:, None]
    second = (came / came.sum(axis=0)).T
    return np.asarray(alpha * (first @ second) + (1 - alpha) * np.eye(size))


def _drawn(codes: Places, matrix: Numbers, generator: np.random.Generator) -> Places:
    """Return a category for each record, drawn with the probabilities of its own."""
    limits = np.cumsum(matrix, axis=1)
    chance = generator.random(len(codes))
    found = codes.copy()
    for code in np.unique(codes):
        own = codes == code
        found[own] = np.minimum(np.searchsorted(limits[code], chance[own], side="right"), len(matrix) - 1)
    return found


def _sorted(frame: pa.Table, name: str) -> tuple[pa.Array, Places]:
    """Return the categories of a column in order, and the place of each record's among them."""
    column = frame.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        categories = column.unique().drop_null()
        categories = categories.take(pc.sort_indices(categories))
        places = pc.index_in(column, value_set=categories)
    except pa.ArrowException:
        raise ColumnError(
            text("The column '{name}' has no categories.", name=name), hint=text("Name another column.")
        ) from None
    if not len(categories):
        raise ColumnError(text("The column '{name}' has no values.", name=name), hint=text("Leave it out."))
    return categories, places.fill_null(MISSING).to_numpy().astype(np.int64)


def _strata(frame: pa.Table, strata: tuple[str, ...], groups: Groups) -> list[tuple[str | None, ...]]:
    """Return the categories that each stratum stands for."""
    first = np.zeros(groups.count, dtype=np.int64)
    first[groups.number] = np.arange(frame.num_rows)
    rows = frame.select(list(strata)).take(pa.array(first))
    columns = [rows.column(name).to_pylist() for name in strata]
    return [
        tuple(None if column[place] is None else str(column[place]) for column in columns)
        for place in range(groups.count)
    ]
