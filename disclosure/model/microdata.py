"""What is measured of a file of records, and what is done to it: results that every engine gives alike.

Arrays have one entry per record, in the order of the file. They are left out of what is printed of a result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class RiskMethod(StrEnum):
    """How risk follows from frequencies: posterior mean of 1/Fk, approximate over 2, or exact; 1/fk in a register."""

    APPROXIMATE = "approximate"
    EXACT = "exact"
    REGISTER = "register"


class SudaScores(StrEnum):
    """What a minimal sample unique of k of m key variables counts for.

    ORIGINAL: (m-k)!, as in the papers that the measure comes from.
    SHARE: (2^(m-k) - 1) k! (m-k)! / m!: the share of the key's subsets that hold it; nothing for the whole key.
    """

    ORIGINAL = "original"
    SHARE = "share"


class NoiseMethod(StrEnum):
    """What noise looks like: of each column by itself, or with the correlations of the columns."""

    ADDITIVE = "additive"
    CORRELATED = "correlated"
    PRESERVING = "preserving"


class DistanceKind(StrEnum):
    """How far categories of a sensitive column lie apart: all equally far, or by their order."""

    EQUAL = "equal"
    ORDERED = "ordered"


@dataclass(frozen=True, eq=False)
class Frequencies:
    """How many records share a record's key, in the file and in the population.

    Attributes:
        fk: records with the same key, the record itself included; fractions only where alpha lies between 0 and 1.
        Fk: the sum of their weights; fk itself if there are no weights.
        alpha: how much a match with somebody whose key has missing values counts.
        weighted: whether there were weights.
    """

    fk: Numbers = field(repr=False)
    Fk: Numbers = field(repr=False)
    alpha: float
    weighted: bool

    def __len__(self) -> int:
        return len(self.fk)


@dataclass(frozen=True)
class KAnonymity:
    """How many records share their key with fewer than k: the violations, for each k that was asked for."""

    records: int
    violations: tuple[tuple[int, int], ...]

    def of(self, k: int) -> int:
        """Return how many records violate k-anonymity; KeyError for a k that was not asked for."""
        return dict(self.violations)[k]

    @property
    def reached(self) -> int:
        """The largest k asked for that every record reaches; 1 if none."""
        return max((k for k, count in self.violations if count == 0), default=1)


@dataclass(frozen=True, eq=False)
class LDiversity:
    """How many different values of a sensitive column are met among those with the same key.

    Attributes:
        column: the sensitive column.
        distinct: number of different values; missing counts as one.
        entropy: exp of the entropy of the values.
        recursive: the largest l for which the values are recursively (c, l)-diverse.
        c: the constant of recursive diversity.
    """

    column: str
    distinct: Numbers = field(repr=False)
    entropy: Numbers = field(repr=False)
    recursive: Numbers = field(repr=False)
    c: float

    def below(self, least: float) -> int:
        """Return how many records have fewer than `least` different values among those with their key."""
        return int((self.distinct < least).sum())


@dataclass(frozen=True, eq=False)
class MultiDiversity:
    """Diversity of several sensitive columns together: of each when the others are known too, the least of all."""

    entropy: Numbers = field(repr=False)
    recursive: Numbers = field(repr=False)
    c: float


@dataclass(frozen=True, eq=False)
class Diversities:
    """The diversity of each sensitive column, and of all together; that is None for a single one."""

    columns: tuple[LDiversity, ...]
    together: MultiDiversity | None


@dataclass(frozen=True, eq=False)
class TCloseness:
    """How far the values of those with the same key lie from those of everybody: from 0, alike, to 1.

    Attributes:
        column: the sensitive column.
        kind: how far categories lie apart.
        distance: the earth mover's distance.
    """

    column: str
    kind: DistanceKind
    distance: Numbers = field(repr=False)

    @property
    def largest(self) -> float:
        """The t for which the file is t-close."""
        return float(self.distance.max())


@dataclass(frozen=True, eq=False)
class IndividualRisk:
    """The probability that a record is that of the one person in the population an intruder has in mind.

    Attributes:
        risk: from 0 to 1.
        fk, Fk: the frequencies that it follows from.
        method: how.
    """

    risk: Numbers = field(repr=False)
    fk: Numbers = field(repr=False)
    Fk: Numbers = field(repr=False)
    method: RiskMethod

    def over(self, limit: float) -> int:
        """Return how many records have a risk over the limit."""
        return int((self.risk > limit).sum())


@dataclass(frozen=True)
class GlobalRisk:
    """What the risks of all records come to.

    Attributes:
        records: how many there are.
        expected: expected number of re-identifications: the sum of risks.
        share: expected share of records that are re-identified.
        largest: the largest risk.
    """

    records: int
    expected: float
    share: float
    largest: float


@dataclass(frozen=True, eq=False)
class HouseholdRisk:
    """The probability that at least one of a household's members is re-identified, for each record of it.

    Attributes:
        risk: from 0 to 1; the same for all of a household.
        total: expected number of records in households of which somebody is re-identified, with its share.
    """

    risk: Numbers = field(repr=False)
    total: GlobalRisk


@dataclass(frozen=True, eq=False)
class Suda:
    """Special uniques: records that few of their key's variables single out already.

    Attributes:
        score: the SUDA score; 0 for a record that is not unique.
        dis_score: the probability of a right match with a record that matches uniquely, by that score.
        msu: number of minimal sample uniques of each size: shape (records, largest size).
        contribution: share of the score that each variable has a part in: shape (records, variables).
        variables: the key variables.
        totals: percentage of all scores that each variable has a part in.
        uniques, pairs: the records that are unique, and that share their key with exactly one other.
        scores: what a minimal sample unique counts for.
    """

    score: Numbers = field(repr=False)
    dis_score: Numbers = field(repr=False)
    msu: Places = field(repr=False)
    contribution: Numbers = field(repr=False)
    variables: tuple[str, ...]
    totals: tuple[float, ...]
    uniques: int
    pairs: int
    scores: SudaScores


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A file with categories made missing, so that every key is shared by k records.

    Attributes:
        frame: all columns of the file, the key variables changed.
        counts: how many values of each key variable were made missing.
        k, alpha: what was asked for; of several sets of key variables, the least k.
    """

    frame: pa.Table = field(repr=False)
    counts: tuple[tuple[str, int], ...]
    k: int
    alpha: float

    @property
    def total(self) -> int:
        """How many values were made missing."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, eq=False)
class Microaggregated:
    """A file with numbers replaced by the mean of a group of at least k records.

    Attributes:
        frame: all columns of the file, those averaged as floats.
        columns: the columns averaged.
        group: the number of each record's group, from 0.
        k: the least size of a group.
        loss: the sum of squares within groups over that of all: 0 where nothing was lost, 1 where all was.
    """

    frame: pa.Table = field(repr=False)
    columns: tuple[str, ...]
    group: Places = field(repr=False)
    k: int
    loss: float

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Size of a group to number of groups of that size."""
        sizes, counts = np.unique(np.bincount(self.group), return_counts=True)
        return tuple(zip(sizes.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Changed:
    """A file with values of columns changed, and of how many records for each column."""

    frame: pa.Table = field(repr=False)
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Transition:
    """With which probability a category became another: a row for each category, which sums to 1."""

    column: str
    stratum: tuple[str | None, ...]
    categories: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Randomised:
    """A file with categories changed at random, how many of each column, and with which probabilities."""

    frame: pa.Table = field(repr=False)
    counts: tuple[tuple[str, int], ...]
    transitions: tuple[Transition, ...] = field(repr=False)
