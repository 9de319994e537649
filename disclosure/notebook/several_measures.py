"""The measures of one call as they are judged together, at first and again whenever something is repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from disclosure.engines.anothers_value import anothers_values
from disclosure.engines.door import narrow_frame
from disclosure.engines.few_differ import few_differ
from disclosure.engines.rows_with_values import rows_with_values
from disclosure.engines.same_order import same_order
from disclosure.errors import DatakampError
from disclosure.model.cells import free_name
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.notebook.judging import FrameAtHand
from disclosure.notebook.one_call import judged_together
from disclosure.notebook.output import Output


class Joint(Protocol):
    """Judges outputs beside each other."""

    def judged(self, named: Mapping[str, Output]) -> dict[str, Output]:
        """Return the outputs, those that show too much beside the others replaced by inconclusive ones."""

    def after(self, remedy: Remedy) -> Joint:
        """Return what judges the same outputs once a remedy was applied to all of them."""

    def filled(self, named: Mapping[str, Output], columns: tuple[str, ...]) -> tuple[dict[str, Output], Joint] | None:
        """Return the outputs of only the rows that have a value in some columns, and what judges these together."""


@dataclass(frozen=True, eq=False)
class OneCall:
    """The measures of one call of `sdc.table`.

    Attributes:
        at_hand: the rows that they are taken of.
        asked: what all of them have in common: rows, columns, weights and so on, as `FrameAtHand.judged` takes them.
        done: the remedies that were applied to them since.
    """

    at_hand: FrameAtHand = field(repr=False)
    asked: Mapping[str, Any]
    done: tuple[Remedy, ...] = ()

    def judged(self, named: Mapping[str, Output]) -> dict[str, Output]:
        """See `Joint`."""
        weighted = self.asked.get("weights") is not None
        minimum = self.at_hand.policy.minimum_units

        recipe = next(iter(named.values())).recipe

        def few(columns: Sequence[str], powers: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], ...]:
            return self._few_differ(recipe, columns, powers, minimum or 0)

        def borrowed(columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
            return anothers_values(self._rows(recipe, columns), recipe.unit, recipe.dimensions, columns, minimum or 0)

        return judged_together(
            named,
            minimum=minimum,
            weighted=weighted,
            difference=self._difference,
            few=few,
            borrowed=borrowed,
            order=self._same_order,
        )

    def after(self, remedy: Remedy) -> OneCall:
        """See `Joint`. What is of one statistic, or withholds, changes no difference."""
        rows = replace(remedy, kind=RemedyKind.MERGE, rounding=0, options=None)
        return replace(self, done=(*self.done, rows))

    def filled(self, named: Mapping[str, Output], columns: tuple[str, ...]) -> tuple[dict[str, Output], OneCall] | None:
        """See `Joint`."""
        here = self.at_hand
        stays = here.lazy is not None or isinstance(here.frame, pa.Table)
        frame = rows_with_values(here.frame if stays else narrow_frame(here.frame, here.names), columns)
        lazy = None if here.lazy is None or here.camp is None or frame is None else here.camp.tables.source(frame)
        if frame is None or (here.lazy is not None and lazy is None):
            return None
        rows = replace(here, frame=frame, lazy=lazy)
        return {name: rows.again(out.recipe) for name, out in named.items()}, replace(self, at_hand=rows)

    def _few_differ(
        self, recipe: Recipe, columns: Sequence[str], powers: Sequence[tuple[str, int]], minimum: int
    ) -> tuple[tuple[str, ...], ...]:
        rows = self._rows(recipe, columns)
        found = few_differ(rows, recipe.unit, recipe.dimensions, columns, minimum)
        return tuple(dict.fromkeys((*found, *few_differ_in_powers(rows, recipe, columns, powers, minimum))))

    def _rows(self, recipe: Recipe, columns: Sequence[str]) -> pd.DataFrame:
        wanted = tuple(dict.fromkeys((*recipe.unit, *recipe.dimensions, *columns)))
        return recoded_rows(narrow_frame(self.at_hand.frame, wanted).to_pandas(), recipe)

    def _same_order(self, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return same_order(narrow_frame(self.at_hand.frame, tuple(columns)).to_pandas(), columns)

    def _difference(self, one: str, other: str) -> Output | None:
        taken = self.at_hand.with_difference(one, other)
        if taken is None:
            return None
        rows, name = taken
        out = rows.judged(statistic=Statistic.SUM, value=name, **self.asked)
        for remedy in self.done:
            if out.table.evidence is None:
                return out
            try:
                out = out.apply(remedy)
            except DatakampError:
                return None
        return out


def few_differ_in_powers(
    rows: pd.DataFrame, recipe: Recipe, columns: Sequence[str], powers: Sequence[tuple[str, int]], minimum: int
) -> tuple[tuple[str, ...], ...]:
    """Return the twos of columns of which one is a power of the other for all but few units of some cell.

    Args:
        powers: columns, each with a power of it that is known in total, as the square is from a variance.
    """
    found: list[tuple[str, ...]] = []
    for name, power in powers if len(columns) > 1 else ():
        values = pd.to_numeric(rows[name], errors="coerce").astype("float64")
        made = free_name(f"{name} ** {power}", (str(one) for one in rows.columns))
        raised = rows.assign(**{made: values**power})
        for other in columns:
            if other != name and few_differ(raised, recipe.unit, recipe.dimensions, (made, other), minimum):
                found.append((name, other))
    return tuple(dict.fromkeys(found))


def recoded_rows(rows: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Return rows with the categories of a recipe's dimensions put together as it says.

    A category that is written otherwise than its label stays apart, so that cells are finer than those shown, if
    anything.
    """
    for recoding in recipe.recodings:
        if recoding.dimension in rows:
            into, own = dict(recoding.mapping), rows[recoding.dimension].astype(str)
            rows = rows.assign(**{recoding.dimension: own.map(into).fillna(own)})
    return rows
