"""Special uniques (SUDA2): scores of records by the small sets of variables that single them out, and DIS scores.

A. M. Manning, D. J. Haglin and J. A. Keane (2008), doi:10.1007/s10618-007-0078-6; M. J. Elliot, "A new approach to
the measurement of statistical disclosure risk", Risk Management (2000), doi:10.1057/palgrave.rm.8240067.
"""

from __future__ import annotations

from math import comb, factorial

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError
from disclosure.microdata.coding import coded_keys
from disclosure.microdata.uniques import minimal_uniques, whole_keys
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Numbers, Suda, SudaScores
from disclosure.texts import text

MOST_VARIABLES = 16


def suda2(
    frame: pa.Table,
    keys: KeyVariables,
    *,
    fraction: float = 0.01,
    scores: SudaScores = SudaScores.ORIGINAL,
) -> Suda:
    """Return the SUDA scores of records: the more sets of variables single one out, and the smaller, the higher.

    Args:
        fraction: the sampling fraction of the file, for the DIS scores: over 0 and under 1.
        scores: what a set counts for.

    Raises:
        BadInputError: the fraction is none, or there are so many variables that their sets cannot be gone through.
        DataError, ColumnError: as `frequencies`.

    >>> frame = pa.table({"sexe": ["v", "v", "m"], "wijk": ["A", "A", "A"]})
    >>> found = suda2(frame, KeyVariables(("sexe", "wijk")))
    >>> found.score.tolist(), found.uniques, found.pairs
    ([0.0, 0.0, 1.0], 1, 2)
    """
    if not 0 < fraction < 1:
        raise BadInputError(
            text("The sampling fraction is over 0 and under 1."), hint=text("Leave it out for one in a hundred.")
        )
    variables = len(keys.categorical)
    if variables > MOST_VARIABLES:
        raise BadInputError(
            text("The sets of {count} key variables are too many to go through.", count=variables),
            hint=text("Name at most {most} key variables.", most=MOST_VARIABLES),
        )
    scores = SudaScores(scores)
    whole = whole_keys(coded_keys(frame, keys))
    points = worth(variables, scores)
    msu = np.zeros((frame.num_rows, variables), dtype=np.int64)
    parts = np.zeros((frame.num_rows, variables))
    for chosen, places in minimal_uniques(whole):
        records = whole.uniques[places]
        msu[records, len(chosen) - 1] += 1
        for one in chosen:
            parts[records, one] += points[len(chosen) - 1]
    score = msu @ points
    everything = float(score.sum())
    totals = parts.sum(axis=0) * (100 / everything) if everything else np.zeros(variables)
    return Suda(
        score=score,
        dis_score=dis_scores(score, whole.pairs, fraction, variables),
        msu=msu,
        contribution=np.divide(parts, score[:, None], out=np.zeros_like(parts), where=score[:, None] > 0),
        variables=keys.categorical,
        totals=tuple(totals.tolist()),
        uniques=len(whole.uniques),
        pairs=whole.pairs,
        scores=scores,
    )


def worth(variables: int, scores: SudaScores) -> Numbers:
    """Return what a minimal sample unique of each size counts for; see `SudaScores`.

    >>> worth(4, SudaScores.ORIGINAL).tolist()
    [6.0, 2.0, 1.0, 1.0]
    """
    sizes = range(1, variables + 1)
    if scores is SudaScores.ORIGINAL:
        return np.array([float(factorial(variables - size)) for size in sizes])
    return np.array([(2.0 ** (variables - size) - 1) / comb(variables, size) for size in sizes])


def dis_scores(score: Numbers, pairs: int, fraction: float, variables: int) -> Numbers:
    """Return the probability that a unique match with a record is right, by its score: 0 where the score is.

    Data intrusion simulation gives their average over uniques: uniques x fraction over that and pairs x (1 -
    fraction). It is divided over records by their scores to the power 1 + (8 - variables) / 20, where the number of
    uniques cancels out.

    Args:
        score: SUDA scores.
        pairs: the records that share their key with exactly one other.
    """
    found = np.zeros_like(score)
    positive = score > 0
    if positive.any():
        odds = pairs * (1 - fraction) / fraction
        power = score[positive] ** (1 + (8 - variables) / 20)
        found[positive] = 1 / (1 + odds / (power * (1 / power).sum()))
    return found
