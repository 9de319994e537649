"""A judged table: evidence, verdict, and which figures may be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, NoReturn, Protocol

from disclosure.errors import BadInputError
from disclosure.model.cells import Cell
from disclosure.model.codebooks import Hierarchy
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.labels import Labels
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import RuleName, Verdict
from disclosure.texts import text


class _NoNumber:
    """Refuses to be computed with, in words."""

    def _refuse(self, *_: object) -> NoReturn:
        raise WithheldFigureError(
            text("Nothing can be computed with a withheld figure (×)."),
            hint=text("Leave these out first: frame.where(frame != sdc.WITHHELD).astype(float)."),
        )

    __float__ = __int__ = __neg__ = __abs__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse


class Withheld(_NoNumber, Enum):
    """The value of a figure that is not published. It is not zero, not missing, and nothing can be computed with it."""

    WITHHELD = "×"

    def __str__(self) -> str:
        return self.value

    __repr__ = __str__


class WithheldFigureError(BadInputError, TypeError):
    """Something was computed with a withheld figure; a `TypeError` too, as of any value that is no number."""


WITHHELD: Final = Withheld.WITHHELD


class CellState(StrEnum):
    """What a table shows in a cell."""

    PUBLISHED = "published"
    WITHHELD = "withheld"
    NO_VALUE = "no_value"


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """One cell as it may be published: `figure` is canonical decimal text, None unless `state` is PUBLISHED."""

    cell: Cell
    state: CellState
    figure: str | None


class Trials(Protocol):
    """What a table was judged by, to see how a changed one would fare without tabulating it."""

    @property
    def hierarchies(self) -> Mapping[str, Hierarchy]:
        """Column name to its hierarchy in the codebook."""

    def order(self, dimension: str) -> tuple[str, ...]:
        """Return the codes of a dimension in the order in which the codebook lists them; empty if it does not."""

    def listed(self, dimension: str) -> frozenset[str]:
        """Return the codes that the codebook lists for a dimension, those of its hierarchy among them."""

    @property
    def rounding(self) -> int:
        """The least base to which the policy lets these counts be rounded; 0 if it does not."""

    @property
    def rounding_required(self) -> bool:
        """Whether the policy asks for counts that are rounded."""

    @property
    def midpoint(self) -> int:
        """The least width of classes whose midpoints the policy lets these counts be shown as; 0 if it does not."""

    @property
    def minimum_units(self) -> int:
        """The smallest number of units that may be published."""

    def takes(self, base: int) -> bool:
        """Tell whether the policy lets these counts be rounded to multiples of `base`."""

    def failing(self, recipe: Recipe, evidence: Evidence) -> Mask:
        """Return the cells that fail a rule when a recipe has this evidence."""

    def shown(self, recipe: Recipe, evidence: Evidence, failing: Mask) -> Mask | None:
        """Return the cells that suppression would show; None if it would leave the table inconclusive."""


@dataclass(frozen=True, eq=False)
class JudgedTable:
    """One table after the check.

    Attributes:
        recipe: what was asked.
        evidence: what trusted code tabulated; None if nothing could be tabulated.
        verdict: the answer for the table as the recipe asks for it.
        failing: cells that fail a rule.
        shown: cells whose figure may be published: those that pass, and margins only where every cell passes.
        figures: the figures as canonical text in the order of the evidence, withheld ones included; never rendered
            as they stand (`cells` is what renders).
        rules: the rules that were applied.
        trials: what remedies are tried with; None where nothing was judged.
        labels: what the codebook calls its columns and categories.
    """

    recipe: Recipe
    evidence: Evidence | None
    verdict: Verdict
    failing: Mask
    shown: Mask
    figures: tuple[str | None, ...]
    rules: tuple[RuleName, ...] = ()
    trials: Trials | None = field(default=None, repr=False)
    labels: Labels = field(default_factory=Labels, repr=False)

    def published(self) -> Iterator[PublishedCell]:
        """Yield every cell in canonical order, as it may be published."""
        if self.evidence is None:
            return
        for cell, (state, figure) in zip(self.evidence.cells(), self.published_figures(), strict=True):
            yield PublishedCell(cell, state, figure)

    def published_figures(self) -> Iterator[tuple[CellState, str | None]]:
        """Yield what every cell shows, as `published` does, without the cells themselves."""
        for figure, shown in zip(self.figures, self.shown.tolist(), strict=True):
            if not shown:
                yield CellState.WITHHELD, None
            elif figure is None:
                yield CellState.NO_VALUE, None
            else:
                yield CellState.PUBLISHED, figure

    @property
    def complete(self) -> bool:
        """Whether no cell is withheld."""
        return bool(self.shown.all())
