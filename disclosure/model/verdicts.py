"""Verdicts, findings and remedies: closed types, so that nothing passes by being misspelt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from disclosure.model.cells import Cell
from disclosure.model.heads import head_of
from disclosure.model.recipes import Recipe, Recoding
from disclosure.texts import Text, text


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
    IMPLIED_CELLS = "implied_cells"
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
    ROUNDED_COUNTS = "rounded_counts"
    DEVIATIONS = "deviations"


class RemedyKind(StrEnum):
    """What a remedy does to a table."""

    SUPPRESS = "suppress"
    MERGE = "merge"
    COARSER = "coarser"
    OTHER = "other"
    ROUND = "round"
    LEAVE_OUT = "leave_out"
    MISSING_ROWS = "missing_rows"
    LONGER_PERIOD = "longer_period"
    DROP_TERM = "drop_term"
    OPTION = "option"
    FEWER_MEASURES = "fewer_measures"


_MOST_TOLD = 3


@dataclass(frozen=True)
class Remedy:
    """A repair that `apply` makes in one call. `loses` says what the table no longer shows.

    Attributes:
        recodings: categories that are counted together.
        rounding: the base to which counts are rounded; 0 for none.
        leaves_out: the dimension that the table is no longer by.
        options: the options of the statistic, where they change.
        dropna: whether rows with a missing category are left out.
        measures: of several measures those that are left out.
        filled: columns; of several measures only the rows with a value in these are counted.
        failing: how many cells still fail when it is applied; 0 if the result is safe.
        loss: the share of the table that is lost, by which remedies are ranked.
    """

    kind: RemedyKind
    text: Text
    loses_text: Text
    recodings: tuple[Recoding, ...] = ()
    rounding: int = 0
    leaves_out: str | None = None
    options: tuple[tuple[str, str], ...] | None = None
    dropna: bool = False
    measures: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    failing: int = 0
    loss: float = 0.0

    @property
    def recoding(self) -> Recoding | None:
        """The first of its recodings, None if it counts no categories together."""
        return self.recodings[0] if self.recodings else None

    @property
    def loses(self) -> str:
        """What is lost by it, in the reader's language."""
        return str(self.loses_text)

    def __repr__(self) -> str:
        return f"<{text('remedy: {what}; loses {loses}', what=str(self), loses=self.loses)}>"

    def __str__(self) -> str:
        if not self.failing:
            return str(self.text)
        return f"{self.text} ({text('failing cells that are left: {n}', n=str(self.failing))})"

    def applied_to(self, recipe: Recipe) -> Recipe:
        """Return the repaired recipe."""
        if self.dropna:
            recipe = replace(recipe, dropna=True)
        for recoding in self.recodings:
            recipe = recipe.recoded(recoding)
        if self.leaves_out is not None:
            recipe = recipe.without(self.leaves_out)
        if self.options is not None:
            recipe = replace(recipe, options=self.options)
        if self.rounding:
            recipe = replace(recipe, rounding=self.rounding)
        return replace(recipe, suppressed=True) if self.kind is RemedyKind.SUPPRESS else recipe


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one cell fails.

    Attributes:
        reason: the reason as a translatable text; `message` is the reason in the reader's language.
        remedies: what would repair it, each to be applied in one call; in a notebook they are looked for when they are
            read.
        added: the dimensions of the cell that the statistic adds to the table, such as that of its figures.
    """

    rule: RuleName
    cell: Cell
    reason: Text
    remedies: Sequence[Remedy] = field(default=(), compare=False)
    added: tuple[str, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return f"<{self.rule}: {self.message}>"

    @property
    def message(self) -> str:
        """The reason, in the reader's language, with the cell."""
        return f"{said_of(self.cell, self.added)}: {self.reason}"


def said_of(cell: Cell, added: tuple[str, ...] = ()) -> str:
    """Return where a cell stands, in the reader's language; the names and categories of the data stay as they are.

    Args:
        added: the dimensions that the statistic adds. What is across, the last of them, has names of figures as its
            labels; those of others are a team's own, such as a term called share.
    """
    if not cell.labels:
        return str(text("total"))
    missing = text("(missing)")
    said = (
        (head_of(name) if name in added else name, head_of(label) if label and name in added[-1:] else label)
        for name, label in cell.labels
    )
    return ", ".join(f"{name}={missing if label is None else label}" for name, label in said)


@dataclass(frozen=True)
class Safe:
    """Every published cell passes every rule of the policy. `notes` says what was not looked at."""

    notes: tuple[Text, ...] = ()

    def __repr__(self) -> str:
        return _in_brackets(text("Safe"), [str(note) for note in self.notes])

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

    def __repr__(self) -> str:
        cells = len({finding.cell for finding in self.findings})
        # One cell of each reason: all figures of a term or a time fail for the same one.
        different: dict[Text, Finding] = {}
        for finding in self.findings:
            different.setdefault(finding.reason, finding)
        first = [finding.message for finding in different.values()][:_MOST_TOLD]
        more = len(self.findings) - len(first)
        first += [str(text("and {n} more reasons", n=str(more)))] if more > 0 else []
        return _in_brackets(text("Unsafe (failing cells: {n})", n=str(cells)), first)

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

    def __repr__(self) -> str:
        return _in_brackets(text("Inconclusive"), [str(text("missing: {what}", what=str(one))) for one in self.missing])

    @property
    def status(self) -> Status:
        """`Status.INCONCLUSIVE`."""
        return Status.INCONCLUSIVE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Nothing: no cell was judged."""
        return ()


Verdict = Safe | Unsafe | Inconclusive


def _in_brackets(what: Text, said: list[str]) -> str:
    return f"<{': '.join([str(what), *(['; '.join(said)] if said else [])])}>"
