"""Linking a file of an owner with the keys of the office, outside any camp: identifiers go, and nobody sees both.

The owner's file names people by an identifier, such as a citizen service number. The office has a list of identifiers
and its own keys. What comes out has the keys and none of the identifiers; how many rows found a key is reported, and
rows that found none stay behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, DataError, DatakampError
from disclosure.exchange.camp import FILE
from disclosure.exchange.files import sync_directory
from workspace.readers import open_file

_ROWS: Final = 1 << 20
_FEW: Final = 0.05
"""From this part of its values on, a column whose values stand among the identifiers holds identifiers."""
_SHORT: Final = 6
"""Identifiers of fewer digits are not looked for within texts: those are numbers of houses and postal codes as well."""
_WRITTEN: Final = r"^[0-9][0-9 .\-]*$"
_AMOUNT: Final = r"^[+\-]?[0-9]+[.,][0-9]{1,2}$"


@dataclass(frozen=True)
class Linked:
    """What came of a link.

    Attributes:
        rows: of the owner's file; `linked` of them found a key.
        units: how many different keys the linked rows have.
        dropped: the columns that were taken out.
    """

    rows: int
    linked: int
    units: int
    dropped: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The part of the rows that found a key."""
        return self.linked / self.rows if self.rows else 0.0


def link(
    file: Path,
    keys: Path,
    out: Path,
    *,
    by: str,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    least: float = 0.0,
    encoding: str = "utf-8",
) -> Linked:
    """Write `out`, Parquet, with the rows of a file that have a key, and return what came of it.

    Rows come out in the order of the keys: in that of the owner's file, whoever has it could tell them by their place.

    Args:
        file: the owner's; see `workspace.readers` for its kinds.
        keys: the office's list: the identifier, and the columns of its keys. Each identifier stands there once.
        by: the column with the identifier, in both. Leading zeros do not count, since a number has lost them.
        drop: further columns that identify, such as names and addresses.
        keep: columns that do not identify although their values stand among the identifiers.
        least: the least part of the rows that has to find a key; nothing is written if fewer do.
        encoding: of csv.

    Raises:
        BadInputError: a column is absent or in both files, `out` is there already, one of the three lies in a camp, a
            column that would come along holds identifiers or cannot be compared with them, or too few rows found a key.
        DataError: a file cannot be read, or an identifier stands in the list more than once.
    """
    for one in (file, keys, out):
        _refuse_in_camp(one)
    if out.suffix != ".parquet" or os.path.lexists(out):
        raise BadInputError(f"'{out.name}' is there already, or does not end in .parquet.", hint="Name a new file.")
    owners, offices = _read(file, encoding), _decoded(_read(keys, encoding))
    for table, name in ((owners, file.name), (offices, keys.name)):
        if by not in table.column_names:
            raise BadInputError(f"'{name}' has no column '{by}'.", hint=f"It has {', '.join(table.column_names)}.")
    absent = sorted({*drop, *keep} - set(owners.column_names))
    if absent:
        raise BadInputError(f"'{file.name}' has no column {', '.join(absent)}.", hint="Is it another name?")
    gone = (by, *(name for name in dict.fromkeys(drop) if name != by))
    kept = [name for name in owners.column_names if name not in gone]
    made = [name for name in offices.column_names if name != by]
    both = sorted(set(kept) & set(made))
    if both or not made:
        raise BadInputError(
            f"Both files have {', '.join(both)}." if both else f"'{keys.name}' has no column of a key.",
            hint="Drop it from the owner's file." if both else f"It has '{by}' alone.",
        )
    try:
        places = _places(owners[by], offices[by], keys.name)
    except pa.ArrowException:
        raise DataError(f"'{by}' is no column of identifiers in both files.") from None
    found = pc.is_valid(places)
    units = offices.select(made).take(places.filter(found))
    rows = owners.select(kept).filter(found)
    result = Linked(len(owners), len(rows), _distinct(units), gone)
    if result.linked == 0 or result.rate < least:
        raise BadInputError(
            f"{result.linked} of {result.rows} rows found a key ({result.rate:.1%}).",
            hint=f"Expected {f'{least:.0%} or more' if least else 'some'}. Is '{by}' the same identifier in both, and "
            "of the same year?",
        )
    _refuse_identifiers(owners.select([name for name in kept if name not in keep]), offices[by], keys.name)
    table = pa.table({**{name: units[name] for name in made}, **{name: rows[name] for name in kept}})
    try:
        table = table.sort_by([(name, "ascending") for name in made])
    except pa.ArrowException:
        raise DataError(f"'{keys.name}' has a key that cannot be ordered.", hint="Keys are texts or numbers.") from None
    _write(table, out)
    return result


def _read(file: Path, encoding: str) -> pa.Table:
    try:
        opened = open_file(file, encoding)
        return pa.Table.from_batches(list(opened.batches), opened.schema)
    except DatakampError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise DataError(f"'{file.name}' cannot be read as a {file.suffix[1:]} file.") from None


def _places(owners: Any, offices: Any, name: str) -> Any:
    """Return where in the office's list each row's identifier stands, missing if nowhere."""
    wanted, known = _plain(owners), _plain(offices)
    given = known.drop_null()
    if len(pc.unique(given)) < len(given):
        twice = len(given) - len(pc.unique(given))
        raise DataError(f"'{name}' has {twice} identifiers more than once.", hint="Each stands there once.")
    # What is missing in both would find itself.
    return pc.if_else(pc.is_valid(wanted), pc.index_in(wanted, value_set=known), None)


def _refuse_identifiers(owners: pa.Table, offices: Any, name: str) -> None:
    """Refuse columns that hold identifiers of the list, as one of a partner or a child does."""
    known, holding, unknown = _plain(offices).drop_null(), [], []
    digits = _digits(known.filter(pc.match_substring_regex(known, _WRITTEN)))
    for column in owners.column_names:
        try:
            if any(_holds_identifiers(one, known, digits) for one in _leaves(_whole(owners[column]))):
                holding.append(column)
        except (pa.ArrowException, NotImplementedError):
            unknown.append(column)
    if holding:
        raise BadInputError(
            f"{', '.join(holding)}: values of that stand among the identifiers of '{name}'.",
            hint="Take it out with --drop. If it identifies nobody, such as a number of houses, name it in --keep.",
        )
    if unknown:
        raise BadInputError(
            f"{', '.join(unknown)}: values of that cannot be compared with the identifiers of '{name}'.",
            hint="Take it out with --drop. If it identifies nobody, name it in --keep.",
        )


def _leaves(values: Any) -> Iterator[Any]:
    """Yield the values that lie within lists, structures and the like, one array for each kind."""
    kind = values.type
    if isinstance(values, pa.ExtensionArray):
        yield from _leaves(values.storage)
    elif pa.types.is_dictionary(kind):
        yield from _leaves(values.dictionary_decode())
    elif pa.types.is_struct(kind):
        for one in values.flatten():
            yield from _leaves(one)
    elif pa.types.is_map(kind):
        yield from _leaves(values.keys)
        yield from _leaves(values.items)
    elif pa.types.is_nested(kind):
        yield from _leaves(pc.list_flatten(values))
    else:
        yield values


def _holds_identifiers(values: Any, known: Any, digits: Any) -> bool:
    """Tell whether one value in twenty is an identifier of the list, however it is written."""
    if pa.types.is_temporal(values.type) or pa.types.is_boolean(values.type):
        return False
    if pa.types.is_floating(values.type):
        # Identifiers that became numbers of few digits have lost their last ones, and still tell who it is.
        numbers = pc.cast(digits.filter(pc.match_substring_regex(digits, "^[0-9]{1,18}$")), pa.int64())
        given = pc.if_else(pc.is_finite(values), values, None).drop_null()
        given = given.filter(pc.not_equal(given, 0))
        among = pc.is_in(given, value_set=pc.cast(pc.cast(numbers, pa.float64()), values.type, safe=False))
    else:
        given = pc.utf8_trim_whitespace(pc.cast(values, pa.string())).drop_null()
        given = given.filter(pc.not_equal(pc.utf8_ltrim(given, characters="0"), ""))
        number = pc.utf8_ltrim(pc.replace_substring_regex(given, r"^([0-9]+)[.,]0*$", r"\1"), characters="0")
        whole = pc.or_(pc.is_in(number, value_set=known), pc.is_in(number, value_set=digits))
        long = digits.filter(pc.greater_equal(pc.utf8_length(digits), _SHORT))
        within = pc.and_(pc.is_in(_digits(given), value_set=long), pc.invert(pc.match_substring_regex(given, _AMOUNT)))
        among = pc.or_(whole, within)
    return len(given) > 0 and pc.sum(among).as_py() >= _FEW * len(given)


def _digits(texts: Any) -> Any:
    return pc.utf8_ltrim(pc.replace_substring_regex(texts, "[^0-9]", ""), characters="0")


def _plain(column: Any) -> Any:
    """Return identifiers as texts without blanks around them and zeros before them; missing if nothing is left."""
    values = _whole(column)
    if pa.types.is_floating(values.type):
        values = pc.cast(pc.if_else(pc.is_nan(values), None, values), pa.int64())
    stripped = pc.utf8_ltrim(pc.utf8_trim_whitespace(pc.cast(values, pa.string())), characters="0")
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _decoded(table: pa.Table) -> pa.Table:
    """Return a table whose categories are the texts or numbers that they stand for; others cannot be ordered."""
    kinds = [one.with_type(one.type.value_type) if pa.types.is_dictionary(one.type) else one for one in table.schema]
    return table.cast(pa.schema(kinds))


def _distinct(units: pa.Table) -> int:
    return int(units.group_by(units.column_names, use_threads=False).aggregate([]).num_rows)


def _write(table: pa.Table, out: Path) -> None:
    aside = out.with_name(f".{out.name}")
    try:
        aside.unlink(missing_ok=True)  # of a link that was killed
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            pq.write_table(table, stream, compression="zstd", row_group_size=_ROWS)
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(out)
        sync_directory(out.parent)
    except OSError:
        aside.unlink(missing_ok=True)
        raise BadInputError(f"'{out.name}' cannot be written.") from None


def _refuse_in_camp(place: Path) -> None:
    for folder in place.absolute().parents:
        if (folder / FILE).is_file():
            raise BadInputError(
                f"'{place.name}' lies in the camp '{folder.name}'.",
                hint="Files are linked outside the camp, by people who do not work in it.",
            )
