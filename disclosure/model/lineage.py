"""Lineage: which registered columns a derived column comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Origin = tuple[str, str]
"""A registered column: data set and column, both in lower case, since SQL does not tell cases apart.

Among the sources of a column, a data set also occurs with two things that are no column of it: `all_rows` and
`matched`.
"""

_ALL_ROWS, _MATCHED = "*", "="


def all_rows(data_set: str) -> Origin:
    """Return the source of a value that depends on whether, or how often, rows of a data set are there.

    No codebook entry answers for that: that somebody has a row among those on benefit is not written in any column.
    """
    return data_set, _ALL_ROWS


def matched(origin: Origin) -> Origin:
    """Return the source of a value that depends on a column only by its being equal to another, grouped by, or missing.

    Of a key that tells nothing, since rows are put together by keys; of any other column it tells what the column says.
    """
    return origin[0], _MATCHED + origin[1]


def is_all_rows(source: Origin) -> bool:
    """Tell whether a source is the rows of a data set."""
    return source[1] == _ALL_ROWS


def matched_column(source: Origin) -> Origin | None:
    """Return the registered column of which only matches count; None if the source is something else."""
    return (source[0], source[1].removeprefix(_MATCHED)) if source[1].startswith(_MATCHED) else None


def is_column_name(name: str) -> bool:
    """Tell whether a name can be that of a column without being taken for something else among the sources."""
    return name != _ALL_ROWS and not name.startswith(_MATCHED)


@dataclass(frozen=True)
class Lineage:
    """Where one column of a derivation comes from.

    Attributes:
        origin: the registered column that it is, unchanged and for each of its rows; None if it is computed.
        sources: every registered column that its values depend on, also by way of conditions that decide from which
            rows they are computed; and, as `all_rows` and `matched`, dependence on no column's values.
        together: the registered columns that it puts together in one label, empty if it does not.
        alike: of a column of a union the registered columns, of one name in several data sets, of which it is one in
            each of its rows; empty otherwise.
    """

    origin: Origin | None
    sources: frozenset[Origin]
    together: frozenset[Origin] = frozenset()
    alike: frozenset[Origin] = frozenset()

    @property
    def origins(self) -> frozenset[Origin]:
        """Return the registered columns of which it is one in each row; empty if it is computed."""
        return self.alike if self.origin is None else frozenset({self.origin})

    def key(self, keys: frozenset[Origin]) -> frozenset[Origin]:
        """Return the registered keys that the column is, of a union all of them; empty if it is not one in each row.

        Args:
            keys: every registered key column.
        """
        return self.origins if self.origins <= keys else frozenset()


@dataclass(frozen=True)
class Join:
    """One join of a derivation.

    Attributes:
        pairs: the registered columns, unchanged, that it sets equal: the other side's, the joined side's.
        other_once, joined_once: the data set of which that side holds rows, each at most once; None if a row may be
            repeated there. A row of a data set is looked up by its whole key; by part of a key, or in a subquery that
            repeats rows, many may be found.
    """

    pairs: frozenset[tuple[Origin, Origin]]
    other_once: str | None
    joined_once: str | None


@dataclass(frozen=True)
class Derivation:
    """A derivation that was read and found to be within the closed grammar.

    Attributes:
        sql: the statement to run, written anew from the checked tree, so that what runs is what was read.
        columns: output column, in lower case, to its lineage.
        groupings: per aggregation, the origins of its grouping columns.
        joins: its joins.
        broadcasts: a window, or a subquery in an expression, occurs.
    """

    sql: str
    columns: Mapping[str, Lineage]
    groupings: tuple[frozenset[Origin], ...]
    joins: tuple[Join, ...]
    broadcasts: bool

    def across_rows(self, unit: frozenset[str], units: Mapping[str, frozenset[str]], keys: frozenset[Origin]) -> bool:
        """Tell whether some column may depend on rows of other units.

        Aggregation grouped by the unit's key is derivation. So is a join by the whole key of the unit, and one that
        looks up a row of another data set by that one's whole key. Any other aggregation, join, window or subquery
        is not.

        Args:
            unit: the names, in lower case, of the registered columns that are the recipe's unit.
            units: data set to the names of its unit's key columns, all in lower case.
            keys: every registered key column.
        """
        if self.broadcasts or not unit:
            return True
        if any(not unit <= {name for source, name in by if (source, name) in keys} for by in self.groupings):
            return True
        return any(not _by_key(join, unit, units, keys) for join in self.joins)


def _by_key(join: Join, unit: frozenset[str], units: Mapping[str, frozenset[str]], keys: frozenset[Origin]) -> bool:
    pairs = [pair for pair in join.pairs if keys.issuperset(pair)]
    if unit <= {other[1] for other, joined in pairs if other[1] == joined[1]}:
        return True
    sides = ((join.other_once, {other for other, _ in pairs}), (join.joined_once, {joined for _, joined in pairs}))
    return any(name in units and matched >= {(name, key) for key in units[name]} for name, matched in sides if name)
