"""How far what is learned of somebody whose key is known lies from what is known of everybody.

N. Li, T. Li and S. Venkatasubramanian, "t-closeness: privacy beyond k-anonymity and l-diversity" (2007),
doi:10.1109/ICDE.2007.367856: the earth mover's distance, with categories equally far apart or by their order.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import ColumnError
from disclosure.microdata.coding import MISSING, Coded, Codes, coded, coded_keys, grouped, numbers, require_columns
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import DistanceKind, Numbers, TCloseness
from disclosure.texts import text

_CHUNK = 4_000_000


def t_closeness(
    frame: pa.Table,
    keys: KeyVariables,
    column: str,
    *,
    kind: DistanceKind = DistanceKind.EQUAL,
    order: tuple[str, ...] = (),
) -> TCloseness:
    """Return the distance of a sensitive column's values among those with the same key from those of all records.

    Args:
        column: the sensitive column; no key variable.
        kind: categories lie equally far apart (missing is one of them), or as far as their places in an order.
        order: the categories from low to high; numbers are in order without it.

    Raises:
        ColumnError: the column is a key variable; an order misses a category, is not given for a column of texts, or
            values are missing, which have no place in an order; else as `frequencies`.

    >>> frame = pa.table({"sexe": ["v", "v", "m", "m"], "uitkering": ["ja", "nee", "ja", "nee"]})
    >>> t_closeness(frame, KeyVariables(("sexe",)), "uitkering").largest
    0.0
    """
    require_columns(frame, (column,))
    if column in keys.categorical:
        raise ColumnError(
            text("The sensitive column '{name}' is a key variable.", name=column),
            hint=text("Who knows it already learns nothing: leave it out of the keys, or name another column."),
        )
    kind = DistanceKind(kind)
    groups = grouped(coded_keys(frame, keys))
    values = coded(frame, column)
    if kind is DistanceKind.ORDERED:
        values = _in_order(frame, values, order)
    codes = values.codes + 1  # Missing is the category 0.
    size = values.size + 1
    everybody = np.bincount(codes, minlength=size) / len(codes)
    pairs = grouped((Coded("", groups.number.astype(np.int32), groups.count), values))
    group, code = np.empty(pairs.count, dtype=np.int64), np.empty(pairs.count, dtype=np.int64)
    group[pairs.number], code[pairs.number] = groups.number, codes
    share = pairs.sizes() / groups.sizes()[group]
    by_group = np.argsort(group, kind="stable")
    found = _distances(group[by_group], code[by_group], share[by_group], everybody, kind)
    return TCloseness(column, kind, found[groups.number])


def _distances(group: np.ndarray, code: np.ndarray, share: Numbers, everybody: Numbers, kind: DistanceKind) -> Numbers:
    """Return the distance of each group, some groups at a time."""
    count, size = int(group[-1]) + 1, len(everybody)
    found = np.empty(count)
    step = max(1, _CHUNK // size)
    for start in range(0, count, step):
        end = min(count, start + step)
        part = slice(*np.searchsorted(group, [start, end]).tolist())
        table = np.zeros((end - start, size))
        table[group[part] - start, code[part]] = share[part]
        table -= everybody
        if kind is DistanceKind.EQUAL:
            found[start:end] = np.abs(table).sum(axis=1) / 2
        else:
            found[start:end] = np.abs(np.cumsum(table[:, 1:], axis=1)).sum(axis=1) / max(1, size - 2)
    return found


def _in_order(frame: pa.Table, values: Coded, order: tuple[str, ...]) -> Coded:
    if (values.codes == MISSING).any():
        raise ColumnError(
            text("Values of '{name}' are missing, and have no place in an order.", name=values.name),
            hint=text("Ask for categories that are equally far apart."),
        )
    column = frame.column(values.name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if order:
        places = pc.index_in(column.cast(pa.string()), value_set=pa.array(order, pa.string()))
        if places.null_count or len(set(order)) < len(order):
            raise ColumnError(
                text("The order of '{name}' does not name each of its categories once.", name=values.name),
                hint=text("Name them all, from low to high."),
            )
        found: Codes = places.to_numpy().astype(np.int32)
        return Coded(values.name, found, len(order))
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise ColumnError(
            text("Nothing says which order the categories of '{name}' have.", name=values.name),
            hint=text("Name them all, from low to high."),
        )
    different, places = np.unique(numbers(frame, values.name), return_inverse=True)
    return Coded(values.name, places.astype(np.int32), len(different))
