"""Files as statistical offices have them, made into a data set: Parquet, SPSS (.sav), Stata (.dta) and csv with `;`.

What a column becomes is the codebook's business. Keys and categories become texts, because a key that was a number has
lost its leading zeros and joins with nothing; numbers become numbers, dates become dates. Labels of categories that
the file brings along go into the codebook, unless it has its own. Rows are read in batches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from disclosure.errors import CodebookError, DataError
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE
from disclosure.exchange.files import write_atomically
from disclosure.model.codebooks import Codebook, Column, read_codebook
from workspace.reader_numbers import DecimalSign, decimal_signs, is_text
from workspace.reader_types import as_kind, kind_type

SUFFIXES: Final = (".parquet", ".sav", ".zsav", ".dta", ".csv")
_BATCH: Final = 1 << 17
_CSV_BLOCK: Final = 16 << 20
_MOST_LABELS: Final = 100_000
_ENCODINGS: Final = ("utf-8", "cp1252", "latin-1")


@dataclass(frozen=True)
class Opened:
    """A file that has been opened: its columns, what it says of them, and its rows in batches.

    Attributes:
        schema: names and types as the file has them.
        labels: per column, code to label.
        padded: per column, to how many digits a number is written out; from formats that keep leading zeros.
        batches: the rows.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    padded: Mapping[str, int] = field(default_factory=dict)


def make_data_set(
    file: Path, codebook: Path, folder: Path, *, encoding: str = "utf-8", decimal: DecimalSign | None = None
) -> None:
    """Write `folder`/data.parquet and `folder`/codebook.toml from a file and the codebook that describes it.

    Args:
        file: named *.parquet, *.sav, *.zsav, *.dta or *.csv; csv is separated by `;`, with names in its first line.
        codebook: says what the columns are. Columns that it does not describe are kept as the file has them.
        folder: is there, and holds neither file.
        encoding: of csv: utf-8, cp1252 or latin-1.
        decimal: the decimal sign of numbers that are text, as in csv; None to find it in the values.

    Raises:
        DataError: the file cannot be read, or a column is not of the kind that the codebook says.
        CodebookError: the codebook is malformed, or its unit is not among the columns.
    """
    described = read_codebook(codebook)
    try:
        opened = open_file(file, encoding)
        _check_columns(opened.schema.names, described, file)
        target = pa.schema([(one.name, _type(described, one)) for one in opened.schema])
        signs = _signs(file, encoding, opened.schema, described, decimal)
        with pq.ParquetWriter(folder / DATA_FILE, target, compression="zstd", store_schema=False) as writer:
            for batch in opened.batches:
                rows = _converted(batch, target, described, opened.padded, signs)
                writer.write_batch(rows, row_group_size=_BATCH)
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        # Not chained: what these libraries say quotes the value that they stumbled over.
        hint = "A csv file is separated by ';' and in the encoding that --encoding names." if _is_csv(file) else ""
        raise DataError(f"'{file.name}' cannot be read as a {file.suffix[1:]} file.", hint=hint) from None
    write_atomically(
        folder / CODEBOOK_FILE, with_labels(codebook.read_text(encoding="utf-8"), described, opened.labels)
    )
    read_codebook(folder / CODEBOOK_FILE)


def with_labels(text: str, codebook: Codebook, labels: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the text of a codebook with the categories that it lacks; what it says itself stays."""
    added = [text.rstrip("\n"), ""]
    for name, own in labels.items():
        column = codebook.columns.get(name)
        if not own or (column is not None and (column.categories or column.kind != "category")):
            continue
        if column is None:
            added.append(f'[columns.{_quoted(name)}]\ntype = "category"')
        added.append(f"[columns.{_quoted(name)}.categories]")
        added += [f"{_quoted(code)} = {_quoted(label)}" for code, label in list(own.items())[:_MOST_LABELS]]
    return ("\n".join(added) + "\n").encode("utf-8")


def _quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON's escapes are among TOML's, apart from the sign of deletion."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _signs(
    file: Path, encoding: str, schema: pa.Schema, codebook: Codebook, declared: DecimalSign | None
) -> dict[str, DecimalSign]:
    """Return the decimal sign of each column of numbers that is text; the file is read once more to find it."""
    found = {one.name: _column(codebook, one.name) for one in schema if is_text(one.type)}
    keys = codebook.key_columns()
    names = [
        name for name, column in found.items() if column is not None and column.kind == "number" and name not in keys
    ]
    return decimal_signs(open_file(file, encoding).batches, names, declared) if names else {}


def _is_csv(file: Path) -> bool:
    return file.suffix.lower() == ".csv"


def open_file(file: Path, encoding: str = "utf-8") -> Opened:
    """Return a file, opened as its name says it is.

    Raises:
        DataError: it is of another kind, or no regular file.
    """
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"'{file.name}' is of no kind that can be read.", hint=f"Known: {', '.join(SUFFIXES)}.")
    if not file.is_file() or file.is_symlink():
        raise DataError(f"There is no regular file '{file.name}'.")
    if suffix == ".parquet":
        parquet = pq.ParquetFile(file)
        return Opened(parquet.schema_arrow, parquet.iter_batches(batch_size=_BATCH))
    if suffix == ".csv":
        return _open_csv(file, encoding)
    from workspace.reader_statistical import open_statistical

    return open_statistical(file)


def _open_csv(file: Path, encoding: str) -> Opened:
    if encoding not in _ENCODINGS:
        raise DataError("There is no such encoding here.", hint=f"Known: {', '.join(_ENCODINGS)}.")
    names = _csv_names(file, encoding)
    reader = pyarrow.csv.open_csv(
        file,
        read_options=pyarrow.csv.ReadOptions(
            encoding=encoding, block_size=_CSV_BLOCK, column_names=names, skip_rows=1, use_threads=False
        ),
        parse_options=pyarrow.csv.ParseOptions(delimiter=";"),
        # Everything as text first: a reader that guesses makes numbers of keys.
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    return Opened(pa.schema([(name, pa.string()) for name in names]), iter(reader))


def _csv_names(file: Path, encoding: str) -> list[str]:
    import csv

    with file.open(encoding=encoding, newline="") as stream:
        names = next(csv.reader([stream.readline(1 << 20)], delimiter=";"), [])
    names = [name.removeprefix("\ufeff").strip() for name in names]
    if not names or not all(names) or len(set(names)) != len(names):
        raise DataError(f"The first line of '{file.name}' does not name each column once, separated by ';'.")
    return names


def _check_columns(names: list[str], codebook: Codebook, file: Path) -> None:
    if len(set(names)) != len(names):
        raise DataError(f"'{file.name}' names a column twice.")
    absent = sorted(set(codebook.unit) - set(names))
    if absent:
        raise CodebookError(f"'{file.name}' lacks the unit's column {', '.join(absent)}.")


def _column(codebook: Codebook, name: str) -> Column | None:
    """Return what the codebook says of a column; a key that it only names among its keys counts as one."""
    found = codebook.columns.get(name)
    return Column(name, kind="key") if found is None and name in codebook.key_columns() else found


def _type(codebook: Codebook, one: pa.Field) -> pa.DataType:
    column = _column(codebook, one.name)
    if column is None:
        return one.type
    return kind_type("key" if one.name in codebook.key_columns() else column.kind, one.type)


def _converted(
    batch: pa.RecordBatch,
    target: pa.Schema,
    codebook: Codebook,
    padded: Mapping[str, int],
    signs: Mapping[str, DecimalSign],
) -> pa.RecordBatch:
    columns = []
    for one in target:
        column, values = _column(codebook, one.name), batch.column(one.name)
        if column is None:
            columns.append(pc.cast(values, one.type))
            continue
        kind = "key" if one.name in codebook.key_columns() else column.kind
        digits, sign = padded.get(one.name), signs.get(one.name, DecimalSign.POINT)
        columns.append(as_kind(values, kind, one.type, name=one.name, digits=digits, sign=sign))
    return pa.RecordBatch.from_arrays(columns, schema=target)
