"""What a recipe is made of: where its rows come from, what it is judged under, how labels are counted together."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.errors import RecipeError
from disclosure.exchange.canonical import is_digest


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
