"""Listing empty cells: a frequency table in full, where they disclose by policy or beside withheld ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RefusedError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, OtherUnits, Weighted

MAXIMUM_CELLS = 5_000_000


def with_empty_cells(evidence: Evidence) -> Evidence:
    """Return the evidence of a frequency table with every combination of categories, the empty ones with no unit.

    Raises:
        RefusedError: there are more combinations than can be listed.
    """
    sizes = [range(MARGIN, len(labels)) for labels in evidence.categories]
    combinations = 1
    for one in sizes:
        combinations *= len(one)
    if combinations > MAXIMUM_CELLS:
        raise RefusedError("The table has too many empty cells to be judged one by one.", hint="Use fewer categories.")
    # Canonical order is that of an odometer in which each dimension's total comes after its last category.
    steps = np.unravel_index(np.arange(combinations), [len(one) for one in sizes]) if sizes else ()
    columns = [np.where(step == len(one) - 1, MARGIN, step) for step, one in zip(steps, sizes, strict=True)]
    codes = np.array(columns, dtype=np.int32).T.reshape(combinations, len(sizes))
    known = evidence.positions(codes)

    def spread(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        found = values[known]
        found[known < 0] = 0
        return found

    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    if amounts is not None:
        amounts = replace(
            amounts,
            total=spread(amounts.total),
            absolute=spread(amounts.absolute),
            largest=spread(amounts.largest),
            n_nonzero=spread(amounts.n_nonzero),
            constant=spread(amounts.constant),
            rows_constant=spread(amounts.rows_constant),
            divisor=spread(amounts.divisor),
            contributed=spread(amounts.contributed),
            lowest=spread(amounts.lowest),
            highest=spread(amounts.highest),
            n_lowest=spread(amounts.n_lowest),
            n_highest=spread(amounts.n_highest),
            divisor_largest=spread(amounts.divisor_largest),
        )
    if shares is not None:
        shares = replace(shares, numerator=spread(shares.numerator), complement=spread(shares.complement))
    if weighted is not None:
        numerator = None if weighted.numerator is None else spread(weighted.numerator)
        weighted = Weighted(spread(weighted.units), numerator)
    n_units, n_rows = spread(evidence.n_units), spread(evidence.n_rows)
    overlaps = evidence.overlaps
    if overlaps is not None:
        places = np.full(len(evidence), -1, dtype=np.int64)
        places[known[known >= 0]] = np.flatnonzero(known >= 0)
        overlaps = overlaps.moved(places)
    return replace(
        evidence,
        codes=codes,
        n_units=n_units,
        n_rows=n_rows,
        amounts=amounts,
        shares=shares,
        weighted=weighted,
        other_units=tuple(
            OtherUnits(
                one.key,
                spread(one.n_units),
                None if one.numerator is None else spread(one.numerator),
                None if one.complement is None else spread(one.complement),
            )
            for one in evidence.other_units
        ),
        parts={name: part.mapped(spread) for name, part in evidence.parts.items()},
        overlaps=overlaps,
    )
