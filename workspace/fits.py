"""Whether a codebook fits its file: kinds of columns, categories that it lists, and codes that its hierarchies know.

A codebook may tell of columns that the file does not have: those that a camp has no need of stay behind. What it tells
of columns that are there has to be so, since the check of outputs relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from disclosure.model.codebooks import Codebook, Column

_BATCH: Final = 1 << 18
_MOST: Final = 100_000


def misfits(codebook: Codebook, file: Path) -> tuple[str, ...]:
    """Return what in a Parquet file is not as its codebook says, in sentences without values; none if it fits.

    Raises:
        OSError, pyarrow.ArrowException: the file cannot be read as Parquet.
    """
    with pq.ParquetFile(file) as parquet:
        schema = parquet.schema_arrow
        columns = [codebook.columns[name] for name in schema.names if name in codebook.columns]
        keys = codebook.key_columns()
        found = [sentence for one in columns for sentence in _kind(one, schema.field(one.name).type, one.name in keys)]
        absent = sorted(set(codebook.weights) - set(schema.names))
        if absent:
            found.append(f"The weights {', '.join(absent)} are not in the data.")
        wrong = {sentence.split("'")[1] for sentence in found if "'" in sentence}
        others = [one for one in columns if one.name not in wrong and one.name not in keys]
        listed = {one.name: _listed(codebook, one) for one in others}
        listed = {name: codes for name, codes in listed.items() if codes.categories or codes.placed}
        return (*found, *_unlisted(parquet, listed))


def _kind(column: Column, type_: pa.DataType, is_key: bool) -> Iterator[str]:
    """Return the sentence about a column whose values are of another kind than the codebook says, if it is one."""
    if is_key or column.kind == "key":
        fits = not pa.types.is_floating(type_) and not pa.types.is_nested(type_)
        expected = "a key"
    elif column.kind == "number":
        fits = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
        fits, expected = fits or pa.types.is_boolean(type_), "a number"
    elif column.kind == "date":
        fits, expected = pa.types.is_temporal(type_), "a date"
    else:
        fits, expected = not pa.types.is_nested(type_), "a category"
    if not fits:
        yield f"The column '{column.name}' is {expected} by the codebook, and in the data it is not."


@dataclass(frozen=True)
class _Listed:
    """The codes that a column may have: those with a text, and those that its hierarchy knows; empty if not listed."""

    categories: frozenset[str]
    placed: frozenset[str]


def _listed(codebook: Codebook, column: Column) -> _Listed:
    if column.kind != "category":
        return _Listed(frozenset(), frozenset())
    hierarchy = codebook.hierarchies.get(column.hierarchy or "")
    placed = () if hierarchy is None else (*hierarchy.parents, *hierarchy.parents.values())
    return _Listed(frozenset(column.categories), frozenset(placed))


def _unlisted(parquet: pq.ParquetFile, listed: dict[str, _Listed]) -> Iterator[str]:
    """Return a sentence for each column whose codes are others than those listed."""
    found: dict[str, set[str]] = {name: set() for name in listed}
    for batch in parquet.iter_batches(batch_size=_BATCH, columns=list(listed)) if listed else ():
        for name, codes in found.items():
            distinct = pc.unique(batch.column(name)).to_pylist()
            more = {str(value) for value in distinct if value is not None}
            codes |= set(list(more)[: max(_MOST - len(codes), 0)])
    for name, codes in found.items():
        yield from _other_codes(name, listed[name], codes)


def _other_codes(name: str, listed: _Listed, codes: set[str]) -> Iterator[str]:
    # Files often have texts for some codes only, such as those for missing values; so that alone is no misfit.
    if listed.categories and codes and not codes & listed.categories:
        yield f"The column '{name}' has none of the codes that the codebook lists."
    elif len(listed.categories) == 1 and codes - listed.categories:
        yield f"The column '{name}' has one category by the codebook, and in the data it has more."
    elif listed.placed and codes - listed.placed:
        number = len(codes - listed.placed)
        yield f"The column '{name}' has {number} {'code' if number == 1 else 'codes'} that its hierarchy does not know."
