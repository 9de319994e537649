"""Columns as R and Python hand them to each other: a description, and one file of numbers.

=============  ===============  =========================================  ===========
kind           number           what it is in R                            missing
=============  ===============  =========================================  ===========
``logical``    32-bit integer   logical                                    the smallest
``integer``    32-bit integer   integer                                    the smallest
``double``     64-bit float     double                                     not a number
``date``       64-bit float     Date: days since 1970-01-01                not a number
``time``       64-bit float     POSIXct: seconds since 1970-01-01, UTC     not a number
``text``       32-bit integer   character: place in ``levels``             the smallest
``factor``     32-bit integer   factor: place in ``levels``; ``ordered``   the smallest
=============  ===============  =========================================  ===========
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.errors import BadInputError
from disclosure.texts import text

MISSING: Final = -(2**31)
_INTEGERS: Final = ("logical", "integer", "text", "factor")
_KINDS: Final = (*_INTEGERS, "double", "date", "time")
_LARGEST_WHOLE: Final = 2**53
_DAY: Final = 86_400
_NANOSECONDS: Final = 1_000_000_000


def read_columns(described: Sequence[dict[str, Any]], path: Path) -> pd.DataFrame:
    """Return the frame that R wrote.

    Raises:
        BadInputError: the description and the file do not belong together.
    """
    try:
        columns: dict[str, Any] = {}
        with path.open("rb") as file:
            for one in described:
                if one["kind"] not in _KINDS or one["name"] in columns:
                    raise ValueError
                number = np.dtype("<i4" if one["kind"] in _INTEGERS else "<f8")
                count = int(one["length"])
                data = file.read(count * number.itemsize)
                if len(data) != count * number.itemsize:
                    raise ValueError
                columns[str(one["name"])] = _column(one, np.frombuffer(data, number))
            if file.read(1):
                raise ValueError
        return pd.DataFrame(columns)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, IndexError):
        raise BadInputError(text("The frame did not arrive whole from R.")) from None


def written_columns(frame: pd.DataFrame, path: Path) -> list[dict[str, Any]]:
    """Write a frame for R, and return its description. Names of columns become texts; the index stays behind.

    Raises:
        BadInputError: a column holds what R has no type for.
    """
    described, arrays = [], []
    for name, column in zip(frame.columns, (frame.iloc[:, place] for place in range(frame.shape[1])), strict=True):
        kind, numbers, more = _numbers(column, str(name))
        described.append({"name": str(name), "kind": kind, "length": len(numbers), **more})
        arrays.append(numbers)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        for numbers in arrays:
            file.write(numbers.tobytes())
    return described


def _column(one: dict[str, Any], numbers: np.ndarray[Any, Any]) -> Any:
    kind = one["kind"]
    if kind == "double":
        return numbers.copy()
    if kind in ("date", "time"):
        return _moments(numbers * (_DAY if kind == "date" else 1), one.get("zone"))
    absent = numbers == MISSING
    if kind in ("text", "factor"):
        codes = np.where(absent, -1, numbers.astype("int64") - 1)
        if (numbers == 0).any():
            raise ValueError
        levels = pd.Index([str(level) for level in one["levels"]], dtype=object)
        known = pd.Categorical.from_codes(codes, levels, ordered=bool(one.get("ordered")))
        return known if kind == "factor" else known.astype(object)
    if kind == "logical":
        return pd.arrays.BooleanArray(numbers != 0, absent) if absent.any() else numbers != 0
    return pd.arrays.IntegerArray(numbers.astype("int64"), absent) if absent.any() else numbers.astype("int64")


def _moments(seconds: np.ndarray[Any, Any], zone: str | None) -> pd.Series[Any]:
    absent = ~np.isfinite(seconds)
    whole = np.round(np.where(absent, 0.0, seconds) * _NANOSECONDS).astype("int64")
    moments = pd.Series(whole.astype("datetime64[ns]"))
    moments[absent] = pd.NaT
    return moments.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else moments


def _numbers(column: pd.Series[Any], name: str) -> tuple[str, np.ndarray[Any, Any], dict[str, Any]]:
    """Return kind, numbers and what else is to be said of a column."""
    absent, dtype = column.isna().to_numpy(), column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories]
        return (
            "factor",
            _integers(column.cat.codes.to_numpy().astype("int64") + 1, absent),
            {"levels": levels, "ordered": dtype.ordered},
        )
    if pd.api.types.is_bool_dtype(dtype):
        return "logical", _integers(column.fillna(False).to_numpy(dtype=bool), absent), {}
    if pd.api.types.is_integer_dtype(dtype):
        return *_whole(column.fillna(0).to_numpy(dtype="int64"), absent, name), {}
    if pd.api.types.is_float_dtype(dtype):
        return "double", column.to_numpy(dtype="<f8", na_value=np.nan), {}
    if pd.api.types.is_datetime64_any_dtype(dtype):
        zone = getattr(dtype, "tz", None)
        moments = column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
        seconds = moments.to_numpy().astype("datetime64[ns]").astype("int64") / _NANOSECONDS
        return "time", _doubles(seconds, absent), {} if zone is None else {"zone": str(zone)}
    return _objects(column, absent, name)


def _objects(
    column: pd.Series[Any], absent: np.ndarray[Any, Any], name: str
) -> tuple[str, np.ndarray[Any, Any], dict[str, Any]]:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "date":
        days = pd.to_datetime(column).to_numpy().astype("datetime64[D]").astype("int64")
        return "date", _doubles(days, absent), {}
    if kind == "decimal":
        return "double", pd.to_numeric(column).to_numpy(dtype="<f8", na_value=np.nan), {}
    if kind not in ("string", "empty"):
        raise BadInputError(text("'{name}' holds what R has no type for.", name=name))
    codes, levels = pd.factorize(column, use_na_sentinel=True)
    return "text", _integers(codes + 1, codes < 0), {"levels": [str(level) for level in levels]}


def _whole(numbers: np.ndarray[Any, Any], absent: np.ndarray[Any, Any], name: str) -> tuple[str, np.ndarray[Any, Any]]:
    """Return whole numbers as integers of R, or as doubles where those are too small."""
    lowest, highest = (0, 0) if numbers.size == 0 else (int(numbers.min()), int(numbers.max()))
    if lowest > MISSING and highest < -MISSING:
        return "integer", _integers(numbers, absent)
    if max(-lowest, highest) > _LARGEST_WHOLE:
        raise BadInputError(
            text("'{name}' holds whole numbers that R rounds.", name=name),
            hint=text("Leave the column out, or have an organiser register it as text."),
        )
    return "double", _doubles(numbers, absent)


def _integers(numbers: np.ndarray[Any, Any], absent: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(absent, MISSING, numbers).astype("<i4")


def _doubles(numbers: np.ndarray[Any, Any], absent: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(absent, np.nan, numbers).astype("<f8")
