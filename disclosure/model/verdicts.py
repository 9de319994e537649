"""Verdicts, findings and remedies: closed types, so that nothing passes by being misspelt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from disclosure.model.cells import Cell
from disclosure.model.recipes import Recipe, Recoding
from disclosure.texts import Text


class Status(StrEnum):
    """The three verdicts. Only `SAFE` passes with the ordinary quorum."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    INCONCLUSIVE = "inconclusive"


class Level(StrEnum):
    """Who tabulated what an output shows."""

    RECOMPUTED = "recomputed"
    REPRODUCED = "reproduced"
    UNVERIFIED = "unverified"


class RuleName(StrEnum):
    """The rules, by the name that findings, policies and certificates use."""

    MINIMUM_COUNT = "minimum_count"
    MINIMUM_NONZERO = "minimum_nonzero"
    DOMINANCE = "dominance"
    P_PERCENT = "p_percent"
    CONSTANT = "constant"
    GROUP_DISCLOSURE = "group_disclosure"
    FREQUENCY_IN_DISGUISE = "frequency_in_disguise"
    ZERO_CELLS = "zero_cells"
    IMPLIED_COUNTS = "implied_counts"
    OTHER_UNITS = "other_units"
    PQ = "pq"
    POSITION = "position"
    DEGREES_OF_FREEDOM = "degrees_of_freedom"
    MODAL_SHARE = "modal_share"
    SATURATED_MODEL = "saturated_model"
    SMALLEST_GROUP = "smallest_group"
    UNDERLYING_TABLE = "underlying_table"
    SURVIVAL = "survival"
    SINGLE_EXIT = "single_exit"


class RemedyKind(StrEnum):
    """What a remedy does to a table."""

    SUPPRESS = "suppress"
    MERGE = "merge"


@dataclass(frozen=True)
class Remedy:
    """A repair that `apply` makes in one call. `loses` says what the table no longer shows."""

    kind: RemedyKind
    recoding: Recoding | None
    text: Text
    loses_text: Text

    @property
    def loses(self) -> str:
        """What is lost by it, in the reader's language."""
        return str(self.loses_text)

    def __str__(self) -> str:
        return str(self.text)

    def applied_to(self, recipe: Recipe) -> Recipe:
        """Return the repaired recipe."""
        return replace(recipe, suppressed=True) if self.recoding is None else recipe.recoded(self.recoding)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one cell fails.

    Attributes:
        reason: the reason as a translatable text; `message` is the reason in the reader's language.
        remedies: what would repair it, each to be applied in one call.
    """

    rule: RuleName
    cell: Cell
    reason: Text
    remedies: tuple[Remedy, ...] = ()

    @property
    def message(self) -> str:
        """The reason, in the reader's language, with the cell."""
        return f"{self.cell}: {self.reason}"


@dataclass(frozen=True)
class Safe:
    """Every published cell passes every rule of the policy. `notes` says what was not looked at."""

    notes: tuple[Text, ...] = ()

    @property
    def status(self) -> Status:
        """`Status.SAFE`."""
        return Status.SAFE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class Unsafe:
    """At least one cell fails a rule."""

    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if not self.findings:
            raise ValueError("an unsafe verdict has findings")

    @property
    def status(self) -> Status:
        """`Status.UNSAFE`."""
        return Status.UNSAFE


@dataclass(frozen=True)
class Inconclusive:
    """The question cannot be answered; `missing` says what it would take."""

    missing: tuple[Text, ...]

    def __post_init__(self) -> None:
        if not self.missing:
            raise ValueError("an inconclusive verdict says what is missing")

    @property
    def status(self) -> Status:
        """`Status.INCONCLUSIVE`."""
        return Status.INCONCLUSIVE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Nothing: no cell was judged."""
        return ()


Verdict = Safe | Unsafe | Inconclusive
