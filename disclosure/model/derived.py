"""A derived table as it is asked for: which operation on which outputs. It holds no figure.

What a derived table shows is arithmetic on figures that its tables show beside it. What those tell together is a
question of its own, and `together` says which recipe answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.model.recipes import FrameSource, LazySource, Recipe, Statistic
from disclosure.texts import Text, text

DIFFERENCE: Final = "difference"
ONE_FRAME: Final = text(
    "two tables of the same rows: make both in one call over one frame, such as "
    'sdc.table(frame, values=..., statistic=["sum", "count"], ...)'
)
_LONGEST: Final = 1000
_LINEAR: Final = (Statistic.SUM, Statistic.MEAN)
_COUNTED: Final = (*_LINEAR, Statistic.COUNT, Statistic.RATE)


class Operation(StrEnum):
    """What is computed cell by cell."""

    RATIO = "ratio"
    DIFFERENCE = "difference"
    INDEX = "index"


@dataclass(frozen=True)
class DerivedRequest:
    """A table that is computed from the published figures of other outputs.

    Attributes:
        tables: the names of the outputs: numerator and denominator, minuend and subtrahend, or the one of an index.
        base: of an index the dimension and the category whose cells are 100; None for the others.
    """

    operation: Operation
    tables: tuple[str, ...]
    base: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        indexed = self.operation is Operation.INDEX
        if len(self.tables) != (1 if indexed else 2) or len(set(self.tables)) != len(self.tables):
            raise DocumentError(text("A ratio or difference names two outputs, an index one."))
        if indexed is (self.base is None):
            raise DocumentError(text("An index, and nothing else, names its base."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "operation": self.operation.value,
            "tables": list(self.tables),
            "base": None if self.base is None else list(self.base),
        }


def derived_from(document: Any) -> DerivedRequest:
    """Return the request that `to_document` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    if not isinstance(document, dict) or set(document) != {"operation", "tables", "base"}:
        raise DocumentError(text("A derived table of a submission does not follow its schema."))
    operation, tables, base = document["operation"], document["tables"], document["base"]
    if not isinstance(operation, str) or operation not in [one.value for one in Operation]:
        raise DocumentError(
            text("The operation of a derived table is not one that is known."),
            hint=text("Known: {names}.", names=", ".join(Operation)),
        )
    if not _are_texts(tables) or not (base is None or (_are_texts(base) and len(base) == 2)):
        raise DocumentError(text("A derived table of a submission does not follow its schema."))
    return DerivedRequest(Operation(operation), tuple(tables), None if base is None else (base[0], base[1]))


def check_derived(request: DerivedRequest, recipe: Recipe, tables: Mapping[str, Recipe]) -> None:
    """Refuse a derived output of a submission that is not derived from tables of that submission.

    Args:
        recipe: the recipe that goes with the request.
        tables: the recipes of the submission's tables by name, what is derived from others not among them.

    Raises:
        DocumentError: it names something else, or its recipe is not the one of what its tables tell together.
    """
    if not set(request.tables) <= set(tables):
        raise DocumentError(
            text(
                "A derived table is computed from tables of its submission, not from others and not from derived ones."
            ),
            hint=text("Add its tables to the basket as well."),
        )
    if together(tuple(tables[name] for name in request.tables)) != recipe:
        raise DocumentError(text("The recipe of a derived table is not that of what its tables tell together."))


def together(recipes: tuple[Recipe, ...]) -> Recipe | Text:
    """Return the recipe by which it is judged what one or two tables tell together; why there is none otherwise.

    Of two value columns it is the sum of their difference over the same rows, which everybody can take who has both
    tables. Beside a count, and of two figures of one column, the evidence of the tables says it all, and their own
    recipe comes back. Of two frames only the columns are compared here.
    """
    first, last = recipes[0], recipes[-1]
    if len(recipes) == 1:
        return first
    if first.statistic.specification.is_design or last.statistic.specification.is_design:
        return text("two tables with one figure in each cell: what a model, curve or test tells is not looked at here")
    if not _same_rows(first, last):
        return ONE_FRAME
    if first.value is not None and last.value is not None and first.value != last.value:
        if first.statistic not in _LINEAR or last.statistic not in _LINEAR:
            return text(
                "two sums or means: what other figures of two columns tell together is not looked at here; "
                "compare two figures of one column"
            )
        return _difference(first, last)
    if first.value != last.value and not {first.statistic, last.statistic} <= set(_COUNTED):
        return text("beside a count a sum, a mean or a rate: what other figures tell with it is not looked at here")
    own = replace(first if first.value is not None else last, suppressed=False, rounding=0)
    return own if isinstance(own.source, LazySource) else replace(own, source=FrameSource(own.narrow_columns))


def _same_rows(one: Recipe, other: Recipe) -> bool:
    """Tell whether two recipes ask of the same rows and units, as far as recipes can tell."""
    lazy = isinstance(one.source, LazySource) or isinstance(other.source, LazySource)
    held = one.value is None or other.value is None or one.holding == other.holding
    return held and (not lazy or one.source == other.source) and _about(one) == _about(other)


def _about(recipe: Recipe) -> Recipe:
    """Return a recipe without what two tables of the same rows may differ in."""
    return replace(
        recipe,
        source=FrameSource(("frame",)),
        statistic=Statistic.COUNT,
        value=None,
        options=(),
        holding=(),
        suppressed=False,
        rounding=0,
    )


def _difference(first: Recipe, last: Recipe) -> Recipe:
    """Return the recipe of the sum of one value column less another, missing counting as zero beside a value."""
    name = DIFFERENCE
    while name in {one.lower() for one in (*first.narrow_columns, *last.narrow_columns)}:
        name += "_"
    asked = replace(
        first, statistic=Statistic.SUM, value=name, suppressed=False, rounding=0, options=(), holding=first.holding
    )
    if isinstance(first.source, LazySource):
        return replace(asked, source=_subtracted(first.source, asked, first.value or "", last.value or ""))
    return replace(asked, source=FrameSource(asked.narrow_columns))


def _subtracted(source: LazySource, asked: Recipe, one: str, other: str) -> LazySource:
    """Return the source with the difference as a column: one SELECT around the one that was asked."""
    kept = [_quoted(name) for name in asked.narrow_columns if name != asked.value]
    a, b = _quoted(one), _quoted(other)
    less = f"CASE WHEN {a} IS NULL AND {b} IS NULL THEN NULL ELSE COALESCE({a}, 0) - COALESCE({b}, 0) END"
    columns = ", ".join([*kept, f"{less} AS {_quoted(asked.value or '')}"])
    # On a line of its own, or a comment at the end would take the bracket with it.
    # Names are quoted, and the whole is read under the closed grammar before it runs, as every derivation is.
    return replace(source, sql=f"SELECT {columns} FROM (\n{source.sql}\n) AS asked")  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _are_texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in given)
