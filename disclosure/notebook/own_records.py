"""`sdc.records`: a file of records for release, where the camp names a microdata release; a person decides on it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from disclosure.engines.door import column_names, narrow_frame
from disclosure.errors import ColumnError
from disclosure.exchange.written import MOST_DIGITS, plain_figure
from disclosure.exchange.written_records import RecordRows, rows_in_order
from disclosure.notebook.own_results import ForReviewer
from disclosure.texts import text as words

_MOST_SHOWN: Final = 10


class OwnRecords(ForReviewer):
    """A file of records, as it would leave: coarse, without identifiers, in the order of their values."""

    def __init__(self, rows: RecordRows) -> None:
        needs = words("a microdata release that the camp names: other camps refuse records")
        super().__init__(words("{n} records", n=f"{len(rows.rows):,}"), (), needs=needs)
        self.rows = rows

    def _body(self) -> str:
        frame = pd.DataFrame(list(self.rows.rows[:_MOST_SHOWN]), columns=list(self.rows.columns))
        return frame.to_string(index=False)


def records(frame: Any) -> OwnRecords:
    """Return records for release, as texts: whole numbers as they are, others with six significant digits.

    Their risk is measured when they are handed in, by the key variables, k and risk of the camp's microdata release,
    and stands beside them in the review. `disclosure.microdata` measures it here. An index is left out.

    Args:
        frame: pandas, polars, Arrow, an Ibis table or a Parquet path.

    Raises:
        ColumnError: a column holds neither texts, numbers, truth values nor dates.
        DataError: the frame cannot be read, or has no rows.
        DocumentError: a text holds a sign that a field of a record may not have.
    """
    table = narrow_frame(frame, tuple(column_names(frame)))
    columns = [_texts(name, table.column(name)) for name in table.column_names]
    return OwnRecords(rows_in_order(table.column_names, zip(*columns, strict=True)))


def _texts(name: str, column: pa.ChunkedArray) -> list[str]:
    for fits, write in _WAYS:
        if fits(column.type):
            return ["" if one is None else write(one) for one in column.to_pylist()]
    raise ColumnError(
        words("The column '{name}' cannot be part of a record that leaves.", name=name),
        hint=words("Make it a text or a number, or leave it out."),
    )


def _figure(number: float | Decimal) -> str:
    return plain_figure(float(number), MOST_DIGITS) or ""


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_fraction(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


_WAYS: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], str]], ...]] = (
    (_is_text, str.strip),
    (pa.types.is_integer, str),
    (pa.types.is_boolean, str),
    (_is_fraction, _figure),
    (pa.types.is_date, str),
    (pa.types.is_null, str),
)
