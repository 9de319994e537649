"""How diverse the values are that an intruder would learn of somebody whose key is known.

A. Machanavajjhala, D. Kifer, J. Gehrke and M. Venkitasubramaniam, "l-diversity: privacy beyond k-anonymity" (2007),
doi:10.1145/1217299.1217302: distinct and entropy diversity, recursive (c, l)-diversity, and several sensitive columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata.coding import MISSING, Coded, Groups, coded, coded_keys, grouped
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Diversities, LDiversity, MultiDiversity, Numbers
from disclosure.texts import text


@dataclass(frozen=True, eq=False)
class _Values:
    """Diversity of a column within groups, one entry per group."""

    distinct: Numbers = field(repr=False)
    entropy: Numbers = field(repr=False)
    recursive: Numbers = field(repr=False)


def l_diversity(frame: pa.Table, keys: KeyVariables, *, c: float = 2.0) -> Diversities:
    """Return the diversity of each sensitive column among the records with the same key.

    Missing values of a key variable are a category of their own here; in a sensitive column they count as one value
    for distinct and entropy diversity, and not for recursive diversity. For each sensitive column of several, the
    others are part of what is known in turn: the least of these is the diversity of all together.

    Args:
        c: the constant of recursive diversity: the most frequent value is met less often than c times the l-th and
            all rarer ones together.

    Raises:
        ColumnError: no sensitive column is named; else as `frequencies`.
        BadInputError: c is not over 0.

    >>> frame = pa.table({"sexe": ["v", "v", "m"], "uitkering": ["ja", "nee", "ja"]})
    >>> found = l_diversity(frame, KeyVariables(("sexe",), sensitive=("uitkering",)))
    >>> found.columns[0].distinct.tolist(), found.columns[0].below(2)
    ([2.0, 2.0, 1.0], 1)
    """
    if not c > 0:
        raise BadInputError(text("The constant of recursive diversity is over 0."), hint=text("Leave it out for 2."))
    if not keys.sensitive:
        raise ColumnError(
            text("No sensitive column is named."), hint=text("Name the columns that an intruder would learn.")
        )
    known = coded_keys(frame, keys)
    groups = grouped(known)
    sensitive = tuple(coded(frame, name) for name in keys.sensitive)
    columns = []
    for column in sensitive:
        values = _within(groups, column, c)
        columns.append(
            LDiversity(
                column.name,
                values.distinct[groups.number],
                values.entropy[groups.number],
                values.recursive[groups.number],
                c,
            )
        )
    together = _together(known, groups, sensitive, c) if len(sensitive) > 1 else None
    return Diversities(tuple(columns), together)


def _within(groups: Groups, column: Coded, c: float) -> _Values:
    pairs = grouped((Coded("", groups.number.astype(np.int32), groups.count), column))
    count = pairs.sizes().astype(np.float64)
    group = np.empty(pairs.count, dtype=np.int64)
    group[pairs.number] = groups.number
    missing = np.empty(pairs.count, dtype=bool)
    missing[pairs.number] = column.codes == MISSING

    share = count / groups.sizes()[group]
    entropy = -np.bincount(group, weights=share * np.log(share), minlength=groups.count)
    return _Values(
        distinct=np.bincount(group, minlength=groups.count).astype(np.float64),
        entropy=np.exp(entropy),
        recursive=_recursive(group[~missing], count[~missing], groups.count, c),
    )


def _recursive(group: np.ndarray, count: Numbers, groups: int, c: float) -> Numbers:
    """Return the largest l of each group: 1, and one more for each rarer value that the sum from it on still holds."""
    order = np.lexsort([-count, group])
    group, count = group[order], count[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    first = np.repeat(starts, np.diff([*starts.tolist(), len(group)]))
    before = np.concatenate([[0.0], np.cumsum(count)])
    ends = before[np.repeat(np.append(starts[1:], len(group)), np.diff([*starts.tolist(), len(group)]))]
    from_here = ends - before[:-1]
    rarer = np.arange(len(group)) > first
    held = rarer & (c * from_here > count[first])
    return np.bincount(group[held], minlength=groups).astype(np.float64) + 1


def _together(known: Sequence[Coded], groups: Groups, sensitive: Sequence[Coded], c: float) -> MultiDiversity:
    entropy = np.full(groups.count, np.inf)
    recursive = np.full(groups.count, np.inf)
    for column in sensitive:
        finer = grouped((*known, *(other for other in sensitive if other is not column)))
        values = _within(finer, column, c)
        np.minimum.at(entropy, groups.number, values.entropy[finer.number])
        np.minimum.at(recursive, groups.number, values.recursive[finer.number])
    return MultiDiversity(entropy[groups.number], recursive[groups.number], c)
