"""The formats that data sets are written in: Parquet, and SPSS, Stata and csv as offices hand them out.

Every file is the same bytes for the same table: options that shape the bytes are named, and the date of writing that
SPSS and Stata files carry is a fixed one.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from disclosure.errors import BadInputError
from disclosure.model.codebooks import Codebook

_ROW_GROUP = 1 << 17
_LABEL = "Synthetic: no record is a person's"
# Where the date and time of an SPSS file stand, and what is written there.
_SAV_DATE, _SAV_STAMP = 92, b"01 Jan 0000:00:00"
_DTA_STAMP, _DTA_FIXED = b"<timestamp>", b"01 Jan 2000 00:00"
_HEADER = 4096


class Format(StrEnum):
    """What a data set can be written as; the value is the file's suffix."""

    PARQUET = "parquet"
    SAV = "sav"
    DTA = "dta"
    CSV = "csv"


_LONGEST = {Format.SAV: 255, Format.DTA: 80}
"""So many characters the title of a column has at most."""


def formats_of(names: tuple[str, ...]) -> tuple[Format, ...]:
    """Return the formats of these names, each once, in a fixed order.

    Raises:
        BadInputError: a name is of no format, or there is none.
    """
    known = {one.value for one in Format}
    if not names or not set(names) <= known:
        raise BadInputError("Expected a format that is known.", hint=f"Known: {', '.join(sorted(known))}.")
    return tuple(one for one in Format if one.value in names)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet."""
    # Every option that shapes the bytes is named, so that a default that changes does not change the data's digest.
    with path.open("xb") as stream:
        pq.write_table(
            table,
            stream,
            row_group_size=_ROW_GROUP,
            version="2.6",
            data_page_version="1.0",
            data_page_size=1 << 20,
            use_dictionary=True,
            compression="zstd",
            compression_level=3,
            write_statistics=True,
            store_schema=False,
        )
        stream.flush()
        os.fsync(stream.fileno())


def write_other(table: pa.Table, path: Path, codebook: Codebook, kind: Format) -> None:
    """Write a table as SPSS, Stata or csv (separated by `;`); titles and, in SPSS, labels of codes come along."""
    if kind is Format.CSV:
        options = pyarrow.csv.WriteOptions(delimiter=";", quoting_style="needed")
        with path.open("xb") as stream:
            pyarrow.csv.write_csv(table, stream, options)
        return
    import pyreadstat

    frame = table.to_pandas(date_as_object=True, types_mapper=None)
    titles = {name: codebook.column(name).title.get("en", name)[: _LONGEST[kind]] for name in table.column_names}
    if kind is Format.SAV:
        labels: dict[str, dict[Any, str]] = {
            name: {code: text.get("en", code)[:120] for code, text in codebook.column(name).categories.items()}
            for name in table.column_names
            if codebook.column(name).categories
        }
        pyreadstat.write_sav(
            frame, str(path), file_label=_LABEL, column_labels=titles, variable_value_labels=labels, row_compress=True
        )
        _stamp(path, _SAV_DATE, _SAV_STAMP)
        return
    pyreadstat.write_dta(frame, str(path), file_label=_LABEL, column_labels=titles)
    with path.open("rb") as stream:
        found = stream.read(_HEADER).find(_DTA_STAMP)
    # The length of the text comes before it.
    _stamp(path, found + len(_DTA_STAMP) + 1, _DTA_FIXED)


def _stamp(path: Path, place: int, text: bytes) -> None:
    """Put a fixed date where a file says when it was written."""
    with path.open("r+b") as stream:
        stream.seek(place)
        stream.write(text)
