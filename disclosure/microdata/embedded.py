"""The engine that comes with Datakamp: everything in this process, nothing else to install."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure import microdata
from disclosure.model.key_variables import KeyVariables
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


class EmbeddedEngine:
    """The functions of `disclosure.microdata` as a `RiskEngine`."""

    @property
    def name(self) -> str:
        """The word by which the engine is asked for."""
        return "embedded"

    @property
    def version(self) -> str:
        """What does the work, and in which version."""
        return f"NumPy {np.__version__}, Arrow {pa.__version__}"

    def frequencies(self, frame: pa.Table, keys: KeyVariables, *, alpha: float = 1.0) -> Frequencies:
        """Return how many records share a record's key, in the file and in the population."""
        return microdata.frequencies(frame, keys, alpha=alpha)

    def individual_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> IndividualRisk:
        """Return the risk of each record."""
        return microdata.individual_risk(frame, keys, method=method, alpha=alpha)

    def household_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> HouseholdRisk:
        """Return the risk that somebody of a record's household is re-identified."""
        return microdata.household_risk(frame, keys, method=method, alpha=alpha)

    def l_diversity(self, frame: pa.Table, keys: KeyVariables, *, c: float = 2.0) -> Diversities:
        """Return how diverse the sensitive columns are among those with the same key."""
        return microdata.l_diversity(frame, keys, c=c)

    def suda2(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        fraction: float = 0.01,
        scores: SudaScores = SudaScores.ORIGINAL,
    ) -> Suda:
        """Return the special uniques."""
        return microdata.suda2(frame, keys, fraction=fraction, scores=scores)

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
        return microdata.local_suppression(
            frame, keys, k=k, combs=combs, importance=importance, strata=strata, alpha=alpha
        )

    def mdav(
        self, frame: pa.Table, columns: tuple[str, ...], *, k: int = 3, strata: tuple[str, ...] = ()
    ) -> Microaggregated:
        """Return the frame with numbers averaged in groups of at least k records that lie near each other."""
        return microdata.mdav(frame, columns, k=k, strata=strata)

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
        return microdata.pram(frame, columns, seed=seed, least=least, alpha=alpha, strata=strata)

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
        return microdata.noise(frame, columns, seed=seed, method=method, amount=amount)

    def il1s(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return the information that changed numbers lost: the sum of distances in standard deviations."""
        return microdata.il1s(before, after, columns)

    def eigenvalue_difference(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return how much the eigenvalues of the correlations changed, relative to those before."""
        return microdata.eigenvalue_difference(before, after, columns)
