"""What the check needs from engines: the port that trusted tabulation stands behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from disclosure.model.evidence import Evidence
from disclosure.model.lineage import Derivation
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
