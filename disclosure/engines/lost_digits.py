"""Columns of which rounding to a fixed point would take away digits that somebody sees: they are refused.

Values are taken at a fixed number of decimals so that they add up exactly. Of amounts in euros that takes away nothing;
of amounts in billions of euros it may take away everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import fixed_point, missing_to_null
from disclosure.errors import ColumnError
from disclosure.model.codebooks import DEFAULT_DECIMALS
from disclosure.texts import text

MOST_LOST: Final = 1e-4
"""The share of what a column holds that rounding may take away: a model shows five significant digits at most."""


def loses_digits(plain: npt.NDArray[np.float64], rounded: npt.NDArray[np.float64]) -> bool:
    """Tell whether rounding takes too much from numbers.

    >>> loses_digits(np.array([0.4, 2.6]), np.array([0.0, 3.0])), loses_digits(np.array([40000.4]), np.array([40000.0]))
    (True, False)
    """
    # Rounding to whole numbers takes away a half of each at most, which is little of numbers that are large.
    held = float(np.abs(rounded).sum())
    if held * MOST_LOST >= len(plain):
        return False
    return float(np.abs(plain - rounded).sum()) > MOST_LOST * float(np.abs(plain).sum())


def require_digits(rows: ir.Table, decimals: Mapping[str, int], *, spread: bool = False) -> None:
    """Look at each column, by name, that is to be rounded to so many decimals.

    Args:
        spread: what counts is how the numbers differ, as for a regressor, and not how large they are.

    Raises:
        ColumnError: rounding would take away more than `MOST_LOST` of what the column holds, on average.
    """
    asked: dict[str, ir.Value] = {}
    names = [name for name, places in decimals.items() if _may_lose(rows[name].type(), places)]
    for place, name in enumerate(names):
        known = missing_to_null(rows[name]).cast("float64")
        rounded = fixed_point(rows[name], name, decimals[name]).cast("float64")
        asked[f"lost{place}"] = (known - rounded).abs().mean()
        asked[f"held{place}"] = known.std(how="pop") if spread else known.abs().mean()
    if not asked:
        return
    with engine_errors():
        found = rows.aggregate(**asked).to_pyarrow().to_pylist()[0]
    for place, name in enumerate(names):
        lost, held = found[f"lost{place}"], found[f"held{place}"]
        if lost is not None and held is not None and lost > MOST_LOST * held:
            raise ColumnError(
                text(
                    "The values of the column '{name}' are too small for the {decimals} decimals that they are taken "
                    "at: rounding would change its figures.",
                    name=name,
                    decimals=decimals[name],
                ),
                hint=text(
                    "Multiply it, by a million for instance, and say so in its name; or give it more decimals in the "
                    "codebook."
                ),
            )


def _may_lose(kind: dt.DataType, decimals: int) -> bool:
    # Fewer decimals than without a codebook are what the office says: whole euros, for instance, of what is in cents.
    asked = decimals >= DEFAULT_DECIMALS
    return asked and (kind.is_floating() or (kind.is_decimal() and (kind.scale or 0) > decimals))
