"""SPSS and Stata files, read by pyreadstat in batches of rows, with the labels of their categories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyreadstat

from disclosure.errors import DataError
from workspace import readers

_ROWS: Final = 100_000
_PADDED: Final = re.compile(r"N(\d+)")  # SPSS's format of numbers with leading zeros
_READERS: Final = {".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}
_DAY: Final = re.compile(r"(?:DATE|ADATE|EDATE|JDATE|SDATE)\d*|%-?\d*t?d\S*", re.ASCII)
_MOMENT: Final = re.compile(r"(?:DATETIME|YMDHMS)[\d.]*|%-?\d*t[cC]\S*", re.ASCII)


def open_statistical(file: Path) -> readers.Opened:
    """Return an SPSS or Stata file, opened; user-defined missing values are missing.

    Raises:
        DataError: it is no such file, or damaged.
    """
    read = _READERS[file.suffix.lower()]
    described = _read(read, file, metadataonly=True)[1]
    formats = {name: str(one or "") for name, one in described.original_variable_types.items()}
    kinds = described.readstat_variable_types
    schema = pa.schema([(name, _type(kinds[name], formats[name])) for name in described.column_names])
    padded = {name: int(found[1]) for name, one in formats.items() if (found := _PADDED.fullmatch(one))}
    labels = {
        name: {_code(code, padded.get(name)): str(label) for code, label in own.items()}
        for name, own in described.variable_value_labels.items()
    }
    return readers.Opened(schema, _batches(read, file, schema), labels, padded)


def _type(kind: str, form: str) -> pa.DataType:
    if kind == "string":
        return pa.string()
    if _DAY.fullmatch(form):
        return pa.date32()
    return pa.timestamp("us") if _MOMENT.fullmatch(form) else pa.float64()


def _code(code: object, digits: int | None) -> str:
    """Return a category's code as the data will have it: 1.0 is "1"."""
    text = str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)
    return text if digits is None else text.zfill(digits)


def _batches(read: Any, file: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    place = 0
    while True:
        rows, _ = _read(read, file, row_offset=place, row_limit=_ROWS, output_format="dict")
        columns = [_values(rows[one.name], one.type) for one in schema]
        count = len(columns[0]) if columns else 0
        if count:
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
        if count < _ROWS:
            return
        place += count


def _values(values: list[Any], kind: pa.DataType) -> pa.Array:
    # An empty text is how these formats write that a text is missing.
    if pa.types.is_string(kind):
        return pa.array([None if one is None or one == "" else str(one) for one in values], kind)
    return pa.array(values, kind, from_pandas=True)


def _read(read: Any, file: Path, **options: Any) -> tuple[Mapping[str, list[Any]], Any]:
    try:
        found: tuple[Mapping[str, list[Any]], Any] = read(str(file), disable_datetime_conversion=False, **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, ValueError, OSError, MemoryError):
        raise DataError(
            f"'{file.name}' is not a file of SPSS or Stata that can be read.", hint="It may be cut off or encrypted."
        ) from None
    return found
