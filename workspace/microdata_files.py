"""Files of records for organisers: read whole into memory, and results that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, ColumnError, DataError
from disclosure.model.codebooks import Codebook, read_codebook
from disclosure.texts import text
from workspace.readers import open_file


def read_records(file: Path, *, columns: tuple[str, ...] | None = None) -> pa.Table:
    """Return the records of a file: Parquet, SPSS, Stata or csv with `;`, as `datakamp data register` takes them.

    Args:
        columns: only these, which makes a large file small; None for all.

    Raises:
        DataError: it cannot be read, has no columns, or names one twice.
        ColumnError: it lacks one of the columns.
    """
    if not file.is_file():
        raise DataError(text("There is no file '{name}'.", name=file.name), hint=text("Name a file of records."))
    parquet = file.suffix.lower() == ".parquet"
    try:
        opened = None if parquet else open_file(file)
        names = pq.read_schema(file).names if opened is None else opened.schema.names
        if not names or len(set(names)) != len(names):
            raise DataError(text("'{name}' does not name each of its columns once.", name=file.name))
        absent = sorted(set(columns or ()) - set(names))
        if absent:
            raise ColumnError(
                text("There is no column '{name}' in the file.", name=absent[0]), hint=text("Check the spelling.")
            )
        if opened is None:
            return pq.read_table(file, columns=None if columns is None else list(columns), partitioning=None)
        whole = pa.Table.from_batches(list(opened.batches), opened.schema)
        return whole if columns is None else whole.select(list(columns))
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        # Not chained: what these libraries say quotes the value that they stumbled over.
        raise DataError(text("'{name}' cannot be read.", name=file.name)) from None


def codebook_of(file: Path, given: Path | None) -> Codebook | None:
    """Return the codebook that is given, or lies beside a file as NAME.codebook.toml or codebook.toml; else None."""
    if given is not None:
        return read_codebook(given)
    for beside in (file.with_name(f"{file.name}.codebook.toml"), file.with_name("codebook.toml")):
        if beside.is_file():
            return read_codebook(beside)
    return None


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into, which becomes `folder` if the block ends well and is removed if it does not.

    Raises:
        BadInputError: there is something under that name already, or it cannot be written.
    """
    if os.path.lexists(folder):
        raise BadInputError(
            text("There is a '{name}' already.", name=folder.name), hint=text("Nothing is written over; name another.")
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError:
        raise BadInputError(text("'{name}' cannot be written.", name=folder.name)) from None
    try:
        yield aside
        aside.rename(folder)
    except OSError:
        raise BadInputError(text("'{name}' could not be written.", name=folder.name)) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
