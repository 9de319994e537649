"""What the check needs from engines: the ports that trusted tabulation and the risk of records stand behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from disclosure.model.evidence import Evidence
from disclosure.model.key_variables import KeyVariables
from disclosure.model.lineage import Derivation
from disclosure.model.microdata import (
    Changed,
    Diversities,
    Frequencies,
    HouseholdRisk,
    IndividualRisk,
    Microaggregated,
    NoiseMethod,
    Randomised,
    RiskMethod,
    Suda,
    SudaScores,
    Suppressed,
)
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.verdicts import Inconclusive


@dataclass(frozen=True)
class Plan:
    """What evidence the policy and the codebook ask for.

    Attributes:
        contributors: how many of the largest contributors per cell.
        decimals: decimals to which values are cast, once.
        weighted_contributions: the contribution of a unit is weight x value, not its value.
        expanded: each unit stands for its rounded weight in contributors of its own size.
        zero_cells: empty cells are listed too.
        minimum_units: how many units what is shown of a quantile is averaged over; 0 for statistics without one.
    """

    contributors: int
    decimals: int
    weighted_contributions: bool = False
    expanded: bool = False
    zero_cells: bool = False
    minimum_units: int = 0


@dataclass(frozen=True)
class RegisteredFile:
    """The file of a registered data set, as trusted code may read it."""

    path: Path
    digest: str


class Tabulator(Protocol):
    """Tabulates evidence. Runs no code but its own."""

    def read(self, source: LazySource, files: Mapping[str, RegisteredFile]) -> Derivation:
        """Return the checked derivation of a lazy source, without running it."""

    def frame(self, recipe: Recipe, frame: pa.Table | Path, plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a recipe over a narrow frame, or a Parquet file that holds one, or what is missing."""

    def lazy(self, recipe: Recipe, files: Mapping[str, RegisteredFile], plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a lazy recipe over registered data sets, or what is missing."""


class RiskEngine(Protocol):
    """Measures the risk of a file of records, and changes records so that it falls.

    Frames keep their rows and their order; a frame that comes back has every column of the one that went in. Each
    method raises errors of `disclosure.errors`: `ColumnError` for key variables that do not fit the frame, `DataError`
    for a frame that cannot be used, `RefusedError` where the answer is no.
    """

    @property
    def name(self) -> str:
        """The word by which the engine is asked for."""

    @property
    def version(self) -> str:
        """What does the work, and in which version."""

    def frequencies(self, frame: pa.Table, keys: KeyVariables, *, alpha: float = 1.0) -> Frequencies:
        """Return how many records share a record's key, in the file and in the population."""

    def individual_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> IndividualRisk:
        """Return the risk of each record."""

    def household_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> HouseholdRisk:
        """Return the risk that somebody of a record's household is re-identified."""

    def l_diversity(self, frame: pa.Table, keys: KeyVariables, *, c: float = 2.0) -> Diversities:
        """Return how diverse the sensitive columns are among those with the same key."""

    def suda2(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        fraction: float = 0.01,
        scores: SudaScores = SudaScores.ORIGINAL,
    ) -> Suda:
        """Return the special uniques."""

    def local_suppression(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        k: int | None = None,
        combs: tuple[tuple[int, int], ...] = (),
        importance: tuple[int, ...] = (),
        strata: tuple[str, ...] = (),
        alpha: float = 1.0,
    ) -> Suppressed:
        """Return the frame with values made missing until every key is shared by k records."""

    def mdav(
        self, frame: pa.Table, columns: tuple[str, ...], *, k: int = 3, strata: tuple[str, ...] = ()
    ) -> Microaggregated:
        """Return the frame with numbers averaged in groups of at least k records that lie near each other."""

    def pram(
        self,
        frame: pa.Table,
        columns: tuple[str, ...],
        *,
        seed: int,
        least: float = 0.8,
        alpha: float = 0.5,
        strata: tuple[str, ...] = (),
    ) -> Randomised:
        """Return the frame with categories changed at random, such that their expected frequencies stay."""

    def noise(
        self,
        frame: pa.Table,
        columns: tuple[str, ...],
        *,
        seed: int,
        method: NoiseMethod = NoiseMethod.ADDITIVE,
        amount: float,
    ) -> Changed:
        """Return the frame with noise added to numbers."""

    def il1s(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return the information that changed numbers lost: the sum of distances in standard deviations."""

    def eigenvalue_difference(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return how much the eigenvalues of the correlations changed, relative to those before."""
