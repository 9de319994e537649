"""How many share a key: in the file (fk), and in the population that its weights stand for (Fk).

L. Franconi and S. Polettini, "Individual risk estimation in mu-Argus: a review", Privacy in Statistical Databases
(2004), doi:10.1007/978-3-540-25955-8_20.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError
from disclosure.microdata.coding import MISSING, Coded, Groups, coded_keys, grouped, weights
from disclosure.microdata.wildcards import matched
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Frequencies, KAnonymity, Numbers
from disclosure.texts import text


def frequencies(frame: pa.Table, keys: KeyVariables, *, alpha: float = 1.0) -> Frequencies:
    """Return how many records share each record's key, in the file and in the population.

    Args:
        alpha: how much a match with somebody whose key has missing values counts, from 0 to 1.

    Raises:
        DataError: there are no records.
        ColumnError: a column is not there, or not of a kind that it can be.
        BadInputError: alpha is not from 0 to 1.

    >>> frame = pa.table({"sexe": ["v", "v", "m"], "gewicht": [10, 20, 30]})
    >>> found = frequencies(frame, KeyVariables(("sexe",), weights="gewicht"))
    >>> found.fk.tolist(), found.Fk.tolist()
    ([2.0, 2.0, 1.0], [30.0, 30.0, 30.0])
    """
    if not 0 <= alpha <= 1:
        raise BadInputError(text("alpha is a number from 0 to 1."), hint=text("Leave it out for 1."))
    columns = coded_keys(frame, keys)
    weight = None if keys.weights is None else weights(frame, keys.weights)
    fk, population = counted(columns, weight, alpha)
    return Frequencies(fk=fk, Fk=population, alpha=alpha, weighted=weight is not None)


def counted(columns: tuple[Coded, ...], weight: Numbers | None, alpha: float) -> tuple[Numbers, Numbers]:
    """Return fk and Fk of coded key variables; the same array twice if there are no weights."""
    groups = grouped(columns)
    sizes = groups.sizes().astype(np.float64)
    if any((column.codes == MISSING).any() for column in columns):
        amounts = [sizes] if weight is None else [sizes, groups.sums(weight)]
        found = matched(_distinct(columns, groups), np.stack(amounts, axis=1), alpha)
        sizes, sums = found[:, 0], found[:, -1]
    else:
        sums = sizes if weight is None else groups.sums(weight)
    fk = sizes[groups.number]
    return fk, fk if weight is None else sums[groups.number]


def _distinct(columns: tuple[Coded, ...], groups: Groups) -> np.ndarray:
    """Return the key of each group, shape (groups, variables)."""
    first = np.empty(groups.count, dtype=np.int64)
    # Whichever record of a group is written last stands for it: their keys are the same.
    first[groups.number] = np.arange(len(groups.number))
    return np.stack([column.codes[first] for column in columns], axis=1)


def k_anonymity(found: Frequencies, ks: tuple[int, ...] = (2, 3, 5)) -> KAnonymity:
    """Return how many records share their key with fewer than k, themselves included, for each k.

    L. Sweeney, "k-anonymity: a model for protecting privacy" (2002), doi:10.1142/S0218488502001648.

    Raises:
        BadInputError: a k is under 2.

    >>> frame = pa.table({"sexe": ["v", "v", "m"]})
    >>> k_anonymity(frequencies(frame, KeyVariables(("sexe",)))).of(2)
    1
    """
    if not ks or min(ks) < 2:
        raise BadInputError(text("k is a whole number of at least 2."), hint=text("Ask for 2, 3 and 5, for example."))
    return KAnonymity(len(found), tuple((k, int((found.fk < k).sum())) for k in sorted(set(ks))))
