"""Noise on numbers: of each column by itself, with the correlations of the columns, or keeping mean and variance.

R. Brand, "Microdata protection through noise addition" (2002), doi:10.1007/3-540-47804-3_8; J. J. Kim, "A method for
limiting disclosure in microdata based on random noise and transformation" (1986).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata.spread import changed, deviations, replaced, side_by_side
from disclosure.model.microdata import Changed, NoiseMethod, Numbers
from disclosure.texts import text


def noise(
    frame: pa.Table,
    columns: tuple[str, ...],
    *,
    seed: int,
    method: NoiseMethod = NoiseMethod.ADDITIVE,
    amount: float,
) -> Changed:
    """Return the frame with normal noise on columns of numbers; a missing number stays missing.

    Args:
        seed: what the noise is drawn from; the same seed gives the same noise.
        method: "additive", noise of each column by itself; "correlated", noise with the covariances of the columns;
            "preserving", numbers drawn in first, so that each column keeps its mean and variance.
        amount: the standard deviation of additive noise, or the covariance of correlated noise, as a percentage of
            that of the numbers; for "preserving" the share of the deviation that is noise, over 0 and under 1.

    Raises:
        BadInputError: the amount is not over 0, or not under 1 where it must be.
        ColumnError: the numbers of a column are the same for all; correlated noise of one column, or of columns of
            which no two records have all numbers.
        DataError: there are no records.

    >>> frame = pa.table({"inkomen": [10.0, 20.0, None]})
    >>> found = noise(frame, ("inkomen",), seed=1, amount=10)
    >>> found.counts, found.frame["inkomen"].null_count
    ((('inkomen', 2),), 1)
    """
    method = NoiseMethod(method)
    if not 0 < amount < (1 if method is NoiseMethod.PRESERVING else np.inf):
        raise BadInputError(
            text("The amount of noise is over 0, and under 1 where mean and variance are kept."),
            hint=text("Ask for 10 (percent), or for 0.1 to keep mean and variance."),
        )
    before = side_by_side(frame, columns)
    deviation = deviations(before, columns)
    generator = np.random.default_rng(seed)
    if method is NoiseMethod.CORRELATED:
        after = before + _correlated(before, amount / 100, generator)
    else:
        drawn = generator.standard_normal(before.shape) * deviation
        if method is NoiseMethod.ADDITIVE:
            after = before + drawn * (amount / 100)
        else:
            kept = np.sqrt(1 - amount**2)
            after = kept * before + (1 - kept) * np.nanmean(before, axis=0) + amount * drawn
    return Changed(replaced(frame, columns, after), changed(before, after, columns))


def _correlated(values: Numbers, share: float, generator: np.random.Generator) -> Numbers:
    known = values[~np.isnan(values).any(axis=1)]
    if values.shape[1] < 2 or len(known) < 2:
        raise ColumnError(
            text("Correlated noise needs two columns, and two records that have all their numbers."),
            hint=text("Ask for additive noise."),
        )
    eigenvalues, vectors = np.linalg.eigh(share * np.cov(known, rowvar=False))
    return np.asarray(generator.standard_normal(values.shape) @ (vectors * np.sqrt(np.maximum(eigenvalues, 0.0))).T)
