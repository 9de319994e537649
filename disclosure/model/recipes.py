"""The recipe: what an output is, so that trusted code can make it again.

A recipe is a versioned JSON document. It says where the rows come from, what is tabulated, in which unit, under which
policy and with which protection. It holds no figure and no unit key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from disclosure.errors import RecipeError
from disclosure.exchange.canonical import canonical_json, digest, is_digest, parse_json

VERSION = 1


class Statistic(StrEnum):
    """What is computed per cell. Anything else is refused by name."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    RATE = "rate"

    @classmethod
    def named(cls, name: object) -> Statistic:
        """Return the statistic of that name, or raise `RecipeError` with the known list."""
        try:
            return cls(name)  # type: ignore[arg-type]
        except ValueError:
            known = ", ".join(cls)
            raise RecipeError("The statistic is not one that can be judged.", hint=f"Known: {known}.") from None

    @property
    def needs_value(self) -> bool:
        """Whether the statistic is computed from a value column."""
        return self is not Statistic.COUNT


@dataclass(frozen=True)
class DataSetReference:
    """A registered data set, by name and by the digest of its file."""

    name: str
    digest: str

    def __post_init__(self) -> None:
        if not self.name or not is_digest(self.digest):
            raise RecipeError("A data set is named by its name and its SHA-256 digest.")


@dataclass(frozen=True)
class LazySource:
    """Rows that trusted code derives itself: one SELECT over registered data sets."""

    sql: str
    data_sets: tuple[DataSetReference, ...]

    def __post_init__(self) -> None:
        names = [reference.name for reference in self.data_sets]
        if not self.sql.strip() or not names or len(set(names)) != len(names):
            raise RecipeError("A lazy recipe needs its SQL and at least one registered data set, each named once.")


@dataclass(frozen=True)
class FrameSource:
    """Rows that the researcher's code derived. Only the columns are known: the rows are handed over or not at all."""

    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.columns or len(set(self.columns)) != len(self.columns):
            raise RecipeError("A narrow frame has at least one column, each named once.")


@dataclass(frozen=True)
class Recoding:
    """Categories of one dimension that are counted under another label."""

    dimension: str
    mapping: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.mapping]
        if not codes or len(set(codes)) != len(codes) or not all(label for _, label in self.mapping):
            raise RecipeError("A recoding gives each of its categories one label.")


@dataclass(frozen=True)
class PolicyReference:
    """The policy that a recipe was judged under, pinned by its digest."""

    name: str
    digest: str

    def __post_init__(self) -> None:
        if not self.name or not is_digest(self.digest):
            raise RecipeError("A policy is named by its name and its SHA-256 digest.")


@dataclass(frozen=True)
class Recipe:
    """One output, complete.

    Attributes:
        rows, columns: names of the dimensions; together the table's dimensions, each named once.
        unit: the statistical unit's key columns; empty if none was given, which no verdict survives.
        suppressed: whether failing cells, and with them all margins, are withheld.
    """

    source: LazySource | FrameSource
    statistic: Statistic
    policy: PolicyReference
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    value: str | None = None
    unit: tuple[str, ...] = ()
    weight: str | None = None
    dropna: bool = False
    recodings: tuple[Recoding, ...] = ()
    suppressed: bool = False

    def __post_init__(self) -> None:
        if len(set(self.dimensions)) != len(self.dimensions):
            raise RecipeError("A dimension is named twice.", hint="Name each row and column variable once.")
        if len(set(self.unit)) != len(self.unit):
            raise RecipeError("A unit column is named twice.")
        if self.statistic.needs_value and self.value is None:
            raise RecipeError(f"The statistic '{self.statistic}' needs a value column.", hint="Give values=.")
        if not self.statistic.needs_value and self.value is not None:
            raise RecipeError("A count takes no value column.", hint="Leave values= out, or ask for sum, mean or rate.")
        if self.value is not None and self.value in (*self.dimensions, *self.unit):
            raise RecipeError("The value column is also a dimension or a unit column.")
        if self.weight is not None and self.weight in (*self.dimensions, *self.unit):
            raise RecipeError("The weight column is also a dimension or a unit column.")
        if len({name.lower() for name in self.narrow_columns}) != len(self.narrow_columns):
            raise RecipeError("Two columns of the recipe differ only in upper and lower case.", hint="Rename one.")
        if not all(name.strip() and "\0" not in name for name in self.narrow_columns):
            raise RecipeError("A column of the recipe has no name.", hint="Rename it.")
        if any(recoding.dimension not in self.dimensions for recoding in self.recodings):
            raise RecipeError("A recoding names a column that is not a dimension of the table.")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The table's dimensions: row variables, then column variables."""
        return (*self.rows, *self.columns)

    @property
    def narrow_columns(self) -> tuple[str, ...]:
        """The columns of the narrow frame, each once: unit, dimensions, value, weight."""
        extra = tuple(name for name in (self.value, self.weight) if name is not None)
        return tuple(dict.fromkeys((*self.unit, *self.dimensions, *extra)))

    def recoded(self, recoding: Recoding) -> Recipe:
        """Return the recipe with one more recoding, applied to the labels that the earlier ones gave."""
        return replace(self, recodings=(*self.recodings, recoding))

    def to_json(self) -> str:
        """Return the recipe as canonical JSON."""
        return canonical_json(self.to_document()).decode()

    def digest(self) -> str:
        """Return the digest of the canonical JSON."""
        return digest(canonical_json(self.to_document()))

    def to_document(self) -> dict[str, Any]:
        """Return the recipe as a JSON document."""
        source: dict[str, Any]
        if isinstance(self.source, LazySource):
            sets = [{"name": one.name, "digest": one.digest} for one in self.source.data_sets]
            source = {"kind": "lazy", "sql": self.source.sql, "data_sets": sets}
        else:
            source = {"kind": "frame", "columns": list(self.source.columns)}
        return {
            "version": VERSION,
            "class": "table",
            "source": source,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "value": self.value,
            "statistic": self.statistic.value,
            "unit": list(self.unit),
            "weight": self.weight,
            "dropna": self.dropna,
            "policy": {"name": self.policy.name, "digest": self.policy.digest},
            "recodings": [
                {"dimension": one.dimension, "mapping": [list(pair) for pair in one.mapping]} for one in self.recodings
            ],
            "suppressed": self.suppressed,
        }


def recipe_from_json(data: bytes) -> Recipe:
    """Return the recipe in a JSON document; `RecipeError` if it is anything else than `to_json` writes."""
    return recipe_from(parse_json(data, what="The recipe"))


def recipe_from(document: Any) -> Recipe:
    """Return the recipe that a parsed JSON document describes."""
    try:
        recipe = _recipe_from(document)
        if canonical_json(recipe.to_document()) != canonical_json(document):
            raise RecipeError("The recipe has entries that no recipe of this version has.")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RecipeError("The recipe does not follow its schema.", hint=f"Expected version {VERSION}.") from None
    return recipe


def _recipe_from(document: Mapping[str, Any]) -> Recipe:
    if document["version"] != VERSION or document["class"] != "table":
        raise RecipeError("The recipe is of a version or class that is not known here.")
    source: LazySource | FrameSource
    if document["source"]["kind"] == "lazy":
        sets = tuple(DataSetReference(one["name"], one["digest"]) for one in document["source"]["data_sets"])
        source = LazySource(_text(document["source"]["sql"]), sets)
    else:
        source = FrameSource(_texts(document["source"]["columns"]))
    return Recipe(
        source=source,
        statistic=Statistic.named(document["statistic"]),
        policy=PolicyReference(_text(document["policy"]["name"]), document["policy"]["digest"]),
        rows=_texts(document["rows"]),
        columns=_texts(document["columns"]),
        value=None if document["value"] is None else _text(document["value"]),
        unit=_texts(document["unit"]),
        weight=None if document["weight"] is None else _text(document["weight"]),
        dropna=_truth(document["dropna"]),
        recodings=tuple(
            Recoding(_text(one["dimension"]), tuple((_text(a), _text(b)) for a, b in one["mapping"]))
            for one in document["recodings"]
        ),
        suppressed=_truth(document["suppressed"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(item) for item in value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value
