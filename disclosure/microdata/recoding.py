"""Categories made coarser along a codebook's hierarchy, and numbers cut off at the top and the bottom."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata.coding import require_columns
from disclosure.microdata.spread import changed, replaced, side_by_side
from disclosure.model.codebooks import Hierarchy
from disclosure.model.microdata import Changed
from disclosure.texts import text


def recode(frame: pa.Table, column: str, hierarchy: Hierarchy, *, levels: int = 1) -> Changed:
    """Return the frame with the codes of a column replaced by those above them; the column becomes one of texts.

    Args:
        hierarchy: codes and their parents; a code at the top stays.
        levels: how many steps up.

    Raises:
        BadInputError: levels is under 1.
        ColumnError: the column is not there, or has a code that the hierarchy does not have.

    >>> hierarchy = Hierarchy("gebied", ("buurt", "wijk"), {"B1": "W1", "B2": "W1"})
    >>> recode(pa.table({"buurt": ["B1", "B2", None]}), "buurt", hierarchy).frame["buurt"].to_pylist()
    ['W1', 'W1', None]
    """
    if levels < 1:
        raise BadInputError(text("A recoding goes up at least one level."), hint=text("Leave levels out for one."))
    require_columns(frame, (column,))
    place = frame.schema.get_field_index(column)
    before = _labels(frame.column(place), column)
    known = {*hierarchy.parents, *hierarchy.parents.values()}
    above = {}
    for label in before.dictionary.to_pylist():
        if label not in known:
            raise ColumnError(
                text(
                    "'{name}' has a code that the hierarchy '{hierarchy}' does not have.",
                    name=column,
                    hierarchy=hierarchy.name,
                ),
                hint=text("Add every code to the hierarchy of the codebook, with the code above it."),
            )
        code = label
        for _ in range(levels):
            code = hierarchy.parents.get(code, code)
        above[label] = code
    labels = before.dictionary.to_pylist()
    after = pa.DictionaryArray.from_arrays(before.indices, pa.array([above[one] for one in labels], pa.string()))
    different = np.array([above[one] != one for one in labels], dtype=bool)
    there = before.indices.drop_null().to_numpy()
    return Changed(frame.set_column(place, column, after.cast(pa.string())), ((column, int(different[there].sum())),))


def _labels(column: pa.ChunkedArray, name: str) -> pa.DictionaryArray:
    """Return codes as texts; a whole number that came as a float is written as one."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    try:
        if pa.types.is_floating(kind):
            column = column.cast(pa.int64())
        texts = pa.concat_arrays(column.cast(pa.string()).chunks) if column.num_chunks else pa.array([], pa.string())
    except pa.ArrowException:
        raise ColumnError(
            text("The column '{name}' holds no codes.", name=name), hint=text("Recode a column of categories.")
        ) from None
    return texts.dictionary_encode()


def top_bottom_code(
    frame: pa.Table,
    column: str,
    *,
    top: float | None = None,
    bottom: float | None = None,
    replace_top: float | None = None,
    replace_bottom: float | None = None,
) -> Changed:
    """Return the frame with numbers over `top` and under `bottom` replaced; missing numbers stay missing.

    Args:
        top, bottom: the numbers that are the highest and the lowest left; at least one of them.
        replace_top, replace_bottom: what stands in their place; `top` and `bottom` themselves if left out.

    Raises:
        BadInputError: there is no bound, the top is under the bottom, or a replacement lies within the bounds.
        ColumnError: the column is not there, or holds no numbers.

    >>> frame = pa.table({"inkomen": [1, 50, 900]})
    >>> top_bottom_code(frame, "inkomen", top=100, bottom=10).frame["inkomen"].to_pylist()
    [10.0, 50.0, 100.0]
    """
    high = top if replace_top is None else replace_top
    low = bottom if replace_bottom is None else replace_bottom
    bounds = [one for one in (bottom, top) if one is not None]
    wrong = not bounds or bounds != sorted(bounds)
    wrong = wrong or (top is None and replace_top is not None) or (bottom is None and replace_bottom is not None)
    wrong = wrong or (top is not None and high is not None and high < top)
    wrong = wrong or (bottom is not None and low is not None and low > bottom)
    if wrong:
        raise BadInputError(
            text("The bounds of top and bottom coding do not fit each other."),
            hint=text("Give a top, a bottom under it or both; a replacement lies at or beyond its bound."),
        )
    before = side_by_side(frame, (column,))
    after = before.copy()
    if top is not None:
        after[before > top] = high
    if bottom is not None:
        after[before < bottom] = low
    return Changed(replaced(frame, (column,), after), changed(before, after, (column,)))
