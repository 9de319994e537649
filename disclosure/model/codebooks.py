"""Codebooks: what the columns of a data set are, written by the office and never by the researcher.

A codebook lies beside its file (``FILE.codebook.toml``, or ``codebook.toml`` in a data set's folder). What it does not
say counts as the careful answer: a column that it does not describe is a sensitive one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from disclosure.errors import CodebookError, Sentence
from disclosure.model.toml import NotTomlError, named, parse_toml
from disclosure.texts import text

SCHEMA = 1
_KEYS = {"schema", "name", "title", "synthetic", "source", "unit", "weights", "identifiers", "units", "columns"}
_KEYS |= {"hierarchies", "reach_minimum", "holding", "wholes"}
_COLUMN_KEYS = {
    "title",
    "type",
    "decimals",
    "unit_of_measure",
    "sensitive",
    "not_disclosive",
    "hierarchy",
    "categories",
}
_TYPES = ("number", "category", "date", "key")
DEFAULT_DECIMALS = 6
MAXIMUM_DECIMALS = 9

Text = Mapping[str, str]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Column:
    """One column: its kind, and what the group rules need to know of it.

    Attributes:
        sensitive: whether learning someone's category would be a disclosure; unknown counts as sensitive.
        not_disclosive: categories that may hold nearly everyone ("no benefit"), though never everyone.
        categories: code to label texts; empty if the codebook does not list them.
        title, unit_of_measure: words for people, per language.
    """

    name: str
    kind: str = "category"
    decimals: int = DEFAULT_DECIMALS
    sensitive: bool = True
    not_disclosive: tuple[str, ...] = ()
    hierarchy: str | None = None
    title: Text = field(default_factory=_nothing)
    categories: Mapping[str, Text] = field(default_factory=_nothing)
    unit_of_measure: Text = field(default_factory=_nothing)


@dataclass(frozen=True)
class Hierarchy:
    """Codes and their parents, from fine to coarse."""

    name: str
    levels: tuple[str, ...]
    parents: Mapping[str, str]


@dataclass(frozen=True)
class Codebook:
    """What the office says of one data set.

    Attributes:
        unit: the columns that together are the statistical unit's key; never empty.
        identifiers: columns that may never appear in an output.
        other_units: name to key columns of further units (household, employer).
        reach_minimum: those of `other_units` of which every cell must reach the minimum too.
        holding: the one of `other_units` by which contributions are added up for dominance; None for the unit itself.
        wholes: those of `other_units` that are made up of whole units, each unit in one of them at most, as persons
            are in households on one day. Whoever counts these needs not count the unit besides.
        synthetic: True only for generated data; the only data that the one-user mode takes.
    """

    name: str
    unit: tuple[str, ...]
    weights: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    other_units: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    reach_minimum: tuple[str, ...] = ()
    holding: str | None = None
    wholes: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=_nothing)
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=_nothing)
    title: Text = field(default_factory=_nothing)
    synthetic: bool = False
    source: str = ""

    def column(self, name: str) -> Column:
        """Return what is known of a column; of an unknown one the careful default."""
        return self.columns.get(name, Column(name))

    def key_columns(self) -> frozenset[str]:
        """Return every column that identifies a unit or is named as an identifier."""
        others = (name for columns in self.other_units.values() for name in columns)
        return frozenset((*self.unit, *self.identifiers, *others))


def read_codebook(path: Path) -> Codebook:
    """Return the codebook in a TOML file.

    Raises:
        CodebookError: it cannot be read or says something that no codebook says; the error names the entry.
    """
    try:
        document = parse_toml(path.read_bytes())
    except (OSError, ValueError):
        raise CodebookError(
            text("The codebook '{name}' cannot be read.", name=named(path.name)),
            hint=text("Name a file that is there and may be read."),
        ) from None
    except NotTomlError as error:
        raise CodebookError(
            text("The codebook '{name}' is not TOML.", name=named(path.name)), hint=error.sentences[1]
        ) from None
    return codebook_from(document, where=path.name)


def codebook_from(document: Mapping[str, Any], *, where: str = "codebook") -> Codebook:
    """Return the codebook that a parsed TOML document describes; `where` names it in errors."""
    check = _Checker(where)
    check.known(document, _KEYS, text("the codebook"))
    if document.get("schema") != SCHEMA:
        raise check.wrong(text("expected schema = {schema}.", schema=SCHEMA))
    hierarchies = {
        name: check.hierarchy(name, entry) for name, entry in check.table(document, "hierarchies", "").items()
    }
    columns = {name: check.column(name, entry) for name, entry in check.table(document, "columns", "").items()}
    for column in columns.values():
        if column.hierarchy is not None and column.hierarchy not in hierarchies:
            raise check.wrong(
                text(
                    "{entry} names a hierarchy that the codebook does not have.", entry=f"columns.{named(column.name)}"
                )
            )
    unit = check.names(document, "unit", "")
    if not unit:
        raise check.wrong(text('expected unit, for example unit = ["RINPERSOON"].'))
    synthetic = document.get("synthetic", False)
    if not isinstance(synthetic, bool):
        raise check.wrong(text("synthetic is true or false."))
    others = check.table(document, "units", "")
    reach, holding = check.names(document, "reach_minimum", ""), document.get("holding")
    wholes = check.names(document, "wholes", "")
    for name in (*reach, *wholes, *((holding,) if holding is not None else ())):
        if not isinstance(name, str) or name not in others:
            known = ", ".join(map(named, sorted(others)))
            none = text("There are none.")
            raise check.wrong(
                text("reach_minimum, holding and wholes name units of [units]."),
                text("Known: {known}.", known=known) if known else none,
            )
    return Codebook(
        name=check.text(document, "name", ""),
        unit=unit,
        weights=check.names(document, "weights", ""),
        identifiers=check.names(document, "identifiers", ""),
        other_units=MappingProxyType({name: check.names(others, name, "units.") for name in others}),
        reach_minimum=reach,
        holding=holding,
        wholes=wholes,
        columns=MappingProxyType(columns),
        hierarchies=MappingProxyType(hierarchies),
        title=check.texts(document, "title", ""),
        synthetic=synthetic,
        source=str(document.get("source", "")),
    )


class _Checker:
    """Reads entries of a parsed codebook; every complaint names the file and the entry."""

    def __init__(self, where: str) -> None:
        self.where = where

    def wrong(self, what: Sentence, hint: str | Sentence = "") -> CodebookError:
        return CodebookError(text("{where}: {what}", where=self.where, what=what), hint=hint)

    def known(self, table: Mapping[str, Any], keys: set[str], what: str | Sentence) -> None:
        for key in table:
            if key not in keys:
                known = text("Known: {known}.", known=", ".join(sorted(keys)))
                raise self.wrong(text("'{key}' is not an entry of {what}.", key=named(key), what=what), known)

    def table(self, table: Mapping[str, Any], key: str, prefix: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(text("{entry} must be a table.", entry=prefix + named(key)))
        return value

    def names(self, table: Mapping[str, Any], key: str, prefix: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(text("{entry} must be a list of names.", entry=prefix + named(key)))
        if len(set(value)) != len(value):
            raise self.wrong(text("{entry} names something twice.", entry=prefix + named(key)))
        return tuple(value)

    def text(self, table: Mapping[str, Any], key: str, prefix: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(text("expected {entry}, a text.", entry=prefix + named(key)))
        return value

    def texts(self, table: Mapping[str, Any], key: str, prefix: str) -> Text:
        value = table.get(key, {})
        if isinstance(value, str):
            value = {"en": value}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(text("{entry} must be a text per language.", entry=prefix + named(key)))
        return MappingProxyType(dict(value))

    def column(self, name: str, entry: Any) -> Column:
        prefix = f"columns.{named(name)}."
        if not isinstance(entry, dict):
            raise self.wrong(text("{entry} must be a table.", entry=f"columns.{named(name)}"))
        self.known(entry, _COLUMN_KEYS, f"columns.{named(name)}")
        kind = entry.get("type", "category")
        if kind not in _TYPES:
            raise self.wrong(text("{entry} must be one of {known}.", entry=prefix + "type", known=", ".join(_TYPES)))
        decimals = entry.get("decimals", DEFAULT_DECIMALS)
        if type(decimals) is not int or not 0 <= decimals <= MAXIMUM_DECIMALS:
            raise self.wrong(text("{entry} must be 0 to {most}.", entry=prefix + "decimals", most=MAXIMUM_DECIMALS))
        sensitive = entry.get("sensitive", True)
        if not isinstance(sensitive, bool):
            raise self.wrong(text("{entry} is true or false.", entry=prefix + "sensitive"))
        hierarchy = entry.get("hierarchy")
        if hierarchy is not None and not isinstance(hierarchy, str):
            raise self.wrong(text("{entry} must be a name.", entry=prefix + "hierarchy"))
        categories = self.table(entry, "categories", prefix)
        return Column(
            name=name,
            kind=kind,
            decimals=decimals,
            sensitive=sensitive,
            not_disclosive=self.names(entry, "not_disclosive", prefix),
            hierarchy=hierarchy,
            title=self.texts(entry, "title", prefix),
            unit_of_measure=self.texts(entry, "unit_of_measure", prefix),
            categories=MappingProxyType(
                {code: self.texts(categories, code, f"{prefix}categories.") for code in categories}
            ),
        )

    def hierarchy(self, name: str, entry: Any) -> Hierarchy:
        prefix = f"hierarchies.{named(name)}."
        if not isinstance(entry, dict):
            raise self.wrong(text("{entry} must be a table.", entry=f"hierarchies.{named(name)}"))
        self.known(entry, {"levels", "parents"}, f"hierarchies.{named(name)}")
        parents = self.table(entry, "parents", prefix)
        if not all(isinstance(parent, str) for parent in parents.values()):
            raise self.wrong(text("{entry} must give a code for each code.", entry=prefix + "parents"))
        followed: set[str] = set()
        for start in parents:
            code, way = start, set[str]()
            while code in parents and code not in followed:
                if code in way:
                    raise self.wrong(text("{entry} goes round in a circle.", entry=prefix + "parents"))
                way.add(code)
                code = parents[code]
            followed |= way
        return Hierarchy(name, self.names(entry, "levels", prefix), MappingProxyType(dict(parents)))
