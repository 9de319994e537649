"""What the evidence of a model says of the model as a whole: the facts of the part "model"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from disclosure.errors import RecipeError
from disclosure.model.evidence import Evidence
from disclosure.texts import text as said

PART: Final = "model"
WHOLE: Final = "(model)"
"""The term under which the figures of the model as a whole stand."""
CONSTANT: Final = "(constant)"
"""The term that is the constant."""


class Family(StrEnum):
    """The kinds of models."""

    OLS = "ols"
    LOGIT = "logit"
    PROBIT = "probit"
    POISSON = "poisson"
    COX = "cox"

    @classmethod
    def named(cls, name: object) -> Family:
        """Return the family of that name, or raise `RecipeError` with the known list."""
        try:
            return cls(name)  # type: ignore[arg-type]
        except ValueError:
            raise RecipeError(
                said("The family is not one that can be judged."), hint=said("Known: {known}.", known=", ".join(cls))
            ) from None

    @property
    def of_two_values(self) -> bool:
        """Whether the response is 0 or 1."""
        return self in (Family.LOGIT, Family.PROBIT)


class Covariance(StrEnum):
    """How standard errors are computed."""

    CLUSTER = "cluster"
    HC0 = "HC0"
    HC1 = "HC1"
    NONROBUST = "nonrobust"

    @classmethod
    def named(cls, name: object) -> Covariance:
        """Return the covariance of that name, or raise `RecipeError` with the known list."""
        try:
            return cls(name)  # type: ignore[arg-type]
        except ValueError:
            raise RecipeError(
                said("There is no covariance of that name."), hint=said("Known: {known}.", known=", ".join(cls))
            ) from None


class Figure(StrEnum):
    """The figures: of each term, then of the model as a whole."""

    COEFFICIENT = "coefficient"
    STANDARD_ERROR = "standard_error"
    STATISTIC = "statistic"
    P_VALUE = "p_value"
    LOW = "confidence_low"
    HIGH = "confidence_high"
    ODDS_RATIO = "odds_ratio"
    ODDS_RATIO_LOW = "odds_ratio_low"
    ODDS_RATIO_HIGH = "odds_ratio_high"
    RATE_RATIO = "rate_ratio"
    RATE_RATIO_LOW = "rate_ratio_low"
    RATE_RATIO_HIGH = "rate_ratio_high"
    HAZARD_RATIO = "hazard_ratio"
    HAZARD_RATIO_LOW = "hazard_ratio_low"
    HAZARD_RATIO_HIGH = "hazard_ratio_high"
    UNITS = "n_units"
    R_SQUARED = "r_squared"
    LOG_LIKELIHOOD = "log_likelihood"


OF_TERMS: Final = (
    Figure.COEFFICIENT,
    Figure.STANDARD_ERROR,
    Figure.STATISTIC,
    Figure.P_VALUE,
    Figure.LOW,
    Figure.HIGH,
)
OF_MODEL: Final = (Figure.UNITS, Figure.R_SQUARED, Figure.LOG_LIKELIHOOD)


@dataclass(frozen=True)
class ModelFacts:
    """What holds of a model as a whole.

    A *pattern* is a distinct row of the design. A pattern is a *cell* if the terms can tell it apart from all others,
    so that the model fits it by itself: the mean of its rows follows from the coefficients. In a saturated model every
    pattern is one. What is said of cells is said of the worst of them and, but in a Cox model, of the groups of which
    the total follows, all rows among them; it is None where there is neither.

    Attributes:
        units, rows, clusters: distinct units, rows and clusters that were fitted.
        further_units: the fewest distinct units of any kind that the recipe names, the unit included.
        missing_rows, lone_rows: rows that were left out, since a value was missing or their absorbed effect was
            theirs alone.
        parameters, absorbed: estimated coefficients; absorbed effects.
        patterns, cells: how many there are.
        perfect: the model fits perfectly: predictions are the responses themselves.
        converged: the fit came to an end with finite figures.
        outcome_units: distinct units of which some response is another than the commonest; of a Cox model those with
            an event.
        smallest_cell: the fewest distinct units of a cell.
        cell_nonzero: the fewest units of a cell with a response that is not zero.
        cell_constant: the units of some cell all have the same total, or the rows the same value, and not zero.
        cell_top: per m the largest share that the m largest contributors of a cell hold of it.
        cell_rest: the smallest share, of a cell's largest contributor, that all but the two largest hold.
        high, low: the two values of a two-valued response; None of any other.
        cell_part: the fewest units, of those cells that have any, on one side of a two-valued response.
        most_high, most_low: the largest share of a cell's units with any high and with any low value.
        residual_units: the fewest units without which the rest fits, to within a hundredth; 0 if there are none such.
        residual_top: per m the largest share that m units hold of all squared residuals; empty where there are none.
        references: of each category the label that the others are compared with.
    """

    units: int
    rows: int
    clusters: int
    further_units: int
    missing_rows: int
    lone_rows: int
    parameters: int
    absorbed: int
    patterns: int
    cells: int
    perfect: bool
    converged: bool
    outcome_units: int
    smallest_cell: int | None = None
    cell_nonzero: int | None = None
    cell_constant: bool = False
    cell_top: tuple[Fraction, ...] = ()
    cell_rest: Fraction | None = None
    high: str | None = None
    low: str | None = None
    cell_part: int | None = None
    most_high: Fraction | None = None
    most_low: Fraction | None = None
    residual_units: int = 0
    residual_top: tuple[Fraction, ...] = ()
    references: tuple[tuple[str, str], ...] = ()

    @property
    def saturated(self) -> bool:
        """Whether the model is a table of means: every pattern is a cell of its own."""
        return self.cells == self.patterns

    @property
    def degrees_of_freedom(self) -> int:
        """Return distinct units, or clusters or further units if these are fewer, minus all parameters."""
        return min(self.units, self.clusters, self.further_units) - self.parameters - self.absorbed

    def to_facts(self) -> dict[str, str]:
        """Return the facts as texts."""
        texts = {one.name: _written(getattr(self, one.name)) for one in fields(self)}
        return texts | {"references": json.dumps(self.references, ensure_ascii=False, separators=(",", ":"))}


FACT_NAMES: Final = tuple(one.name for one in fields(ModelFacts))


def model_facts(evidence: Evidence) -> ModelFacts:
    """Return the facts of a model's evidence; `RecipeError` if they are not what `to_facts` writes."""
    return facts_from(evidence.part(PART).facts)


def facts_from(facts: Mapping[str, str]) -> ModelFacts:
    """Return facts from their texts; `RecipeError` if they are not what `to_facts` writes."""
    try:
        found = ModelFacts(**{name: _READERS[name](facts[name]) for name in FACT_NAMES})
        if found.to_facts() != dict(facts):
            raise ValueError
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError, RecursionError):
        raise RecipeError(said("The facts of a model do not follow their schema.")) from None
    return found


def _written(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"={value}" if isinstance(value, str) else str(value)


def _truth(text: str) -> bool:
    return {"yes": True, "no": False}[text]


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _maybe_count(text: str) -> int | None:
    return None if text == "none" else _count(text)


def _maybe_share(text: str) -> Fraction | None:
    return None if text == "none" else _share(text)


def _shares(text: str) -> tuple[Fraction, ...]:
    return tuple(map(_share, text.split()))


def _share(text: str) -> Fraction:
    # An exponent would be worked out digit by digit.
    if not set(text) <= set("-/0123456789"):
        raise ValueError
    return Fraction(text)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(column), str(label)) for column, label in json.loads(text))


def _maybe_text(text: str) -> str | None:
    return None if text == "none" else text.removeprefix("=")


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    **dict.fromkeys(FACT_NAMES, _count),
    **dict.fromkeys(("perfect", "converged", "cell_constant"), _truth),
    **dict.fromkeys(("smallest_cell", "cell_nonzero", "cell_part"), _maybe_count),
    **dict.fromkeys(("cell_rest", "most_high", "most_low"), _maybe_share),
    **dict.fromkeys(("high", "low"), _maybe_text),
    **dict.fromkeys(("cell_top", "residual_top"), _shares),
    "references": _pairs,
}
