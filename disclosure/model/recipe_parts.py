"""What a recipe is made of: where its rows come from, what it is judged under, how labels are counted together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from disclosure.errors import RecipeError
from disclosure.exchange.canonical import is_digest
from disclosure.model import strict
from disclosure.texts import text


@dataclass(frozen=True)
class DataSetReference:
    """A registered data set, by name and by the digest of its file."""

    name: str
    digest: str

    def __post_init__(self) -> None:
        if not self.name or not is_digest(self.digest):
            raise RecipeError(text("A data set is named by its name and its SHA-256 digest."))


@dataclass(frozen=True)
class LazySource:
    """Rows that trusted code derives itself: one SELECT over registered data sets."""

    sql: str
    data_sets: tuple[DataSetReference, ...]

    def __post_init__(self) -> None:
        names = [reference.name for reference in self.data_sets]
        if not self.sql.strip() or not names or len(set(names)) != len(names):
            raise RecipeError(
                text("A lazy recipe needs its SQL and at least one registered data set, each named once.")
            )

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        sets = [{"name": one.name, "digest": one.digest} for one in self.data_sets]
        return {"kind": "lazy", "sql": self.sql, "data_sets": sets}


@dataclass(frozen=True)
class FrameSource:
    """Rows that the researcher's code derived. Only the columns are known: the rows are handed over or not at all."""

    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.columns or len(set(self.columns)) != len(self.columns):
            raise RecipeError(text("A narrow frame has at least one column, each named once."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"kind": "frame", "columns": list(self.columns)}


def source_from(document: Any) -> LazySource | FrameSource:
    """Return the source that a JSON object describes; `KeyError` or `TypeError` if it is none."""
    if document["kind"] == "lazy":
        sets = tuple(DataSetReference(one["name"], one["digest"]) for one in document["data_sets"])
        return LazySource(strict.text(document["sql"]), sets)
    return FrameSource(strict.texts(document["columns"]))


@dataclass(frozen=True)
class Recoding:
    """Categories of one dimension that are counted under another label."""

    dimension: str
    mapping: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.mapping]
        if not codes or len(set(codes)) != len(codes) or not all(label for _, label in self.mapping):
            raise RecipeError(text("A recoding gives each of its categories one label."))
        require_own_labels((self,))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"dimension": self.dimension, "mapping": [list(pair) for pair in self.mapping]}


def require_own_labels(recodings: Iterable[Recoding]) -> None:
    """Raise `RecipeError` if categories are counted under the code of one that is itself counted elsewhere.

    Into a code that stays others may be merged. But where 28 is shown as 29 and 29 as 28, each figure is another's.
    """
    gone: set[tuple[str, str]] = set()
    for one in recodings:
        gone |= {(one.dimension, code) for code, label in one.mapping if label != code}
        if any((one.dimension, label) in gone for _, label in one.mapping):
            raise RecipeError(
                text("A recoding of '{name}' gives categories the code of another category.", name=one.dimension),
                hint=text("Give what is counted together a label of its own."),
            )


def recoding_from(document: Any) -> Recoding:
    """Return the recoding that a JSON object describes; `KeyError`, `TypeError` or `ValueError` if it is none."""
    pairs = tuple((strict.text(code), strict.text(label)) for code, label in document["mapping"])
    return Recoding(strict.text(document["dimension"]), pairs)


MOST_ORDERED = 12
"""Categories that an order may name: of more, the order itself could be a message that no reviewer reads."""


@dataclass(frozen=True)
class CategoryOrder:
    """The order in which the categories of one dimension are meant, such as low, middle, high.

    It names categories as they were before any recoding. A category that the table does not have is not shown for it.
    """

    dimension: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 < len(self.labels) <= MOST_ORDERED or len(set(self.labels)) != len(self.labels):
            raise RecipeError(text("An order names from two to {most} categories, each once.", most=MOST_ORDERED))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"dimension": self.dimension, "labels": list(self.labels)}


def order_from(document: Any) -> CategoryOrder:
    """Return the order that a JSON object describes; `KeyError` or `TypeError` if it is none."""
    return CategoryOrder(strict.text(document["dimension"]), strict.texts(document["labels"]))


@dataclass(frozen=True)
class PolicyReference:
    """The policy that a recipe was judged under, pinned by its digest."""

    name: str
    digest: str

    def __post_init__(self) -> None:
        if not self.name or not is_digest(self.digest):
            raise RecipeError(text("A policy is named by its name and its SHA-256 digest."))
