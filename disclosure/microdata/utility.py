"""What changed numbers are still worth: information lost, and what became of their correlations.

M. Templ and B. Meindl, "Robust statistics meets SDC: new disclosure risk measures for continuous microdata masking"
(2008), doi:10.1007/978-3-540-87471-3_10; J. M. Mateo-Sanz, J. Domingo-Ferrer and F. Sebe (2005),
doi:10.1007/s10618-005-0011-9.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import ColumnError, DataError
from disclosure.microdata.spread import deviations, side_by_side
from disclosure.model.microdata import Numbers
from disclosure.texts import text

_SINGULAR = 1e-10


def il1s(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
    """Return the information that changed numbers lost: distances in standard deviations times the root of 2, summed.

    A number that is missing before or after is left out.

    Raises:
        DataError: the frames do not have equally many records.
        ColumnError: a column is not there, holds no numbers, or is the same for all.

    >>> round(il1s(pa.table({"a": [0.0, 2.0]}), pa.table({"a": [1.0, 1.0]}), ("a",)), 12)
    1.0
    """
    old, new = _both(before, after, columns)
    deviation = deviations(old, columns)
    return float(np.nansum(np.abs(old - new) / (deviation * np.sqrt(2))))


def il1(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
    """Return the sum of changes as percentages of the numbers before; those that were 0 or are missing are left out.

    Raises:
        DataError, ColumnError: as `il1s`.

    >>> il1(pa.table({"a": [50.0, 2.0]}), pa.table({"a": [51.0, 2.0]}), ("a",))
    2.0
    """
    old, new = _both(before, after, columns)
    size = np.where(old == 0, np.nan, np.abs(old))
    return float(np.nansum(100 * np.abs(old - new) / size))


def eigenvalue_difference(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
    """Return how much the eigenvalues of the correlations changed, relative to those before, added up.

    Correlations are of the records that have both numbers.

    Raises:
        ColumnError: columns follow from each other, so that relative to an eigenvalue of 0 nothing can be said; else
            as `il1s`.

    >>> frame = pa.table({"a": [0.0, 1.0, 2.0], "b": [0.0, 1.0, 0.0]})
    >>> eigenvalue_difference(frame, frame, ("a", "b"))
    0.0
    """
    old, new = _both(before, after, columns)
    deviations(old, columns)
    deviations(new, columns)
    was, became = _eigenvalues(old), _eigenvalues(new)
    if was[-1] < _SINGULAR:
        raise ColumnError(
            text("Columns follow from each other, so the eigenvalues of their correlations cannot be compared."),
            hint=text("Leave out a column that is a sum or a multiple of others."),
        )
    return float((np.abs(was - became) / was).sum())


def _both(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    old, new = side_by_side(before, columns), side_by_side(after, columns)
    if len(old) != len(new):
        raise DataError(
            text("The files do not have equally many records."), hint=text("Compare a file with what it was made into.")
        )
    return old, new


def _eigenvalues(values: Numbers) -> Numbers:
    """Return the eigenvalues of the correlations, from large to small."""
    scaled = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
    return np.asarray(np.linalg.eigvalsh(_covariances(scaled))[::-1], dtype=np.float64)


def _covariances(values: Numbers) -> Numbers:
    """Return the covariances of columns, each of the records that have both numbers."""
    size = values.shape[1]
    found = np.empty((size, size))
    for one in range(size):
        for other in range(one, size):
            pair = values[:, [one, other]]
            known = pair[~np.isnan(pair).any(axis=1)]
            if len(known) < 2:
                raise ColumnError(
                    text("Two columns have numbers together in fewer than two records."),
                    hint=text("Leave one of them out."),
                )
            found[one, other] = found[other, one] = np.cov(known, rowvar=False)[0, 1]
    return found
