"""Every column of evidence changed in the same way: other cells, or another order of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from disclosure.model.evidence import Amounts, Evidence, OtherUnits, Shares, Weighted

Change = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
_Columns = TypeVar("_Columns", Amounts, Shares, Weighted, OtherUnits)


def changed(evidence: Evidence, codes: npt.NDArray[np.int32], change: Change) -> Evidence:
    """Return evidence of the cells in `codes`, with each of its columns as `change` makes it, the parts included.

    Which cells overlap is left out: places of cells are no column. What lies below the table stays as it is.

    Args:
        codes: the cells, shape (cells, dimensions).
        change: takes a column with an entry per cell that there was, and returns one with an entry per row of `codes`.
    """
    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    if amounts is not None:
        amounts = replace(_changed(amounts, change), ends=tuple(one.mapped(change) for one in amounts.ends))
    return replace(
        evidence,
        codes=codes,
        n_units=change(evidence.n_units),
        n_rows=change(evidence.n_rows),
        amounts=amounts,
        shares=None if shares is None else _changed(shares, change),
        weighted=None if weighted is None else _changed(weighted, change),
        other_units=tuple(_changed(one, change) for one in evidence.other_units),
        parts=MappingProxyType({name: part.mapped(change) for name, part in evidence.parts.items()}),
        overlaps=None,
    )


def _changed(columns: _Columns, change: Change) -> _Columns:
    given = {one.name: getattr(columns, one.name) for one in fields(columns)}
    new: dict[str, Any] = {name: change(one) for name, one in given.items() if isinstance(one, np.ndarray)}
    return replace(columns, **new)
