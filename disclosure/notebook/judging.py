"""From any frame and any recipe to a judged output: camp or not, lazy or not, one recipe or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from disclosure.assess import inconclusive, refuse_identifiers
from disclosure.check import judge_keeping, knowledge_of_frame, tabulated_frame, tabulated_lazy
from disclosure.engines.array_kept import Kept
from disclosure.engines.category_orders import category_orders
from disclosure.engines.column_difference import with_difference
from disclosure.engines.door import column_names, narrow_frame, require_columns
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.read_again import read_again
from disclosure.engines.registered import is_lazy
from disclosure.errors import BadInputError
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Codebook
from disclosure.model.recipes import FrameSource, LazySource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook import accessor
from disclosure.notebook.asked import Names, Options, as_names, one_name, option_texts, unit_keys
from disclosure.notebook.beside import own_keys, with_units_beside, with_units_of_lazy
from disclosure.notebook.camp import Camp, camp_policy, current_camp
from disclosure.notebook.codebooks_at_hand import books_of, codebook_of, default_unit, knowledge_at_hand
from disclosure.notebook.output import Output
from disclosure.policy import Policy
from disclosure.statistics import OUTPUT_CLASSES
from disclosure.texts import Text, text

__all__ = [
    "FrameAtHand",
    "Names",
    "Options",
    "as_names",
    "frame_at_hand",
    "judged_output",
    "one_name",
    "option_texts",
    "unit_keys",
]


_DIFFERENCE = "difference"


@dataclass(frozen=True, eq=False)
class FrameAtHand:
    """A frame with all that is known of it where it is judged.

    Attributes:
        frame: what the researcher gave; a narrow frame of it once columns were `read`.
        names: the columns that the researcher's frame has.
        lazy: the derivation, of a lazy table inside a camp.
        units: the statistical unit's key columns; empty if none was named and none is known.
        given: what the researcher gave, also once columns were `read`.
        kept: what is known of the columns that were tabulated, for the next recipe over them.
    """

    frame: Any = field(repr=False)
    names: tuple[str, ...]
    camp: Camp | None = field(repr=False)
    policy: Policy
    lazy: LazySource | None
    units: tuple[str, ...]
    knowledge: Knowledge = field(repr=False)
    books: tuple[Codebook, ...] = field(default=(), repr=False)
    given: Any = field(default=None, repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)

    def further(self) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
        """Return the further units and the holding that codebooks ask for, as far as the frame has their keys."""

        def known(names: Iterable[str]) -> list[tuple[str, ...]]:
            keys = (book.other_units[name] for book in self.books for name in names if name in book.other_units)
            return [key for key in dict.fromkeys(keys) if set(key) <= set(self.names) and key != self.units]

        required = known(dict.fromkeys(name for book in self.books for name in book.reach_minimum))
        holdings = known(dict.fromkeys(book.holding for book in self.books if book.holding is not None))
        # Of two holdings in one table, which of them is meant is the researcher's to say.
        return tuple(required), holdings[0] if len(holdings) == 1 else ()

    def read(self, columns: Iterable[str]) -> FrameAtHand:
        """Return the same with these columns read once, for several recipes over the same rows."""
        others, holding = self.further()
        keys = (name for key in (self.units, *others, holding) for name in key)
        wanted = dict.fromkeys((*keys, *own_keys(self.names, self.books), *columns))
        known = tuple(name for name in wanted if name in self.names)
        if self.lazy is not None or not known:
            return self
        return replace(self, frame=narrow_frame(self.frame, known))

    def with_difference(self, one: str, other: str) -> tuple[FrameAtHand, str] | None:
        """Return the same rows with a column that is one column less another, missing counting as zero, and its name.

        None if the two cannot be subtracted.
        """
        name = _DIFFERENCE
        while name in self.names:
            name += "_"
        stays = self.lazy is not None or isinstance(self.frame, pa.Table)
        frame = with_difference(self.frame if stays else narrow_frame(self.frame, self.names), one, other, name)
        lazy = None if self.lazy is None or self.camp is None or frame is None else self.camp.tables.source(frame)
        if frame is None or (self.lazy is not None and lazy is None):
            return None
        return replace(self, frame=frame, names=(*self.names, name), lazy=lazy), name

    def judged(
        self,
        *,
        statistic: Statistic,
        rows: tuple[str, ...] = (),
        columns: tuple[str, ...] = (),
        value: str | None = None,
        weights: str | None = None,
        dropna: bool = False,
        options: Options | None = None,
        others: tuple[str, ...] = (),
        other_units: tuple[tuple[str, ...], ...] = (),
        holding: tuple[str, ...] = (),
    ) -> Output:
        """Return the judged output of one recipe over these rows.

        Raises:
            BadInputError: a column or option that there is not, or that makes no sense.
            RefusedError: a dimension that identifies units, or a derivation that is not allowed.
        """
        asked_class, (required, held_by) = OUTPUT_CLASSES[statistic], self.further()
        recipe = Recipe(
            source=self.lazy or FrameSource(self.names),
            statistic=statistic,
            policy=self.policy.reference,
            rows=rows,
            columns=columns,
            value=value,
            unit=self.units,
            weight=weights,
            dropna=dropna,
            options=option_texts(options),
            others=others,
            other_units=other_units or (required if asked_class.further_units else ()),
            holding=holding or (held_by if value is not None and asked_class.holdings else ()),
        )
        refuse_identifiers(recipe, self.policy, self.knowledge)
        self.require(tuple(name for name in recipe.narrow_columns if name not in self.units))
        recipe = replace(recipe, orders=category_orders(self.given, recipe.dimensions))
        if any(name not in self.names for name in self.units):
            # What is no name of a column may be a value of a record.
            missing = text(
                "the unit column: the frame has none of that name, only {names}", names=", ".join(self.names)
            )
            return Output(inconclusive(recipe, Inconclusive((missing,))), None, None)
        if self.lazy is not None and self.camp is not None:
            derivation = DuckDBTabulator().read(self.lazy, self.camp.files)
            recipe = with_units_of_lazy(recipe, self.names, derivation, self.camp.codebooks)
        return self._of_lazy(recipe) if self.lazy is not None else self.of_frame(_narrowed(recipe))

    def require(self, wanted: tuple[str, ...]) -> None:
        """Raise `ColumnError` unless the frame has these columns."""
        require_columns(self.names, wanted)

    def again(self, recipe: Recipe) -> Output:
        """Return the judged output of a recipe that was made over other rows with the same columns."""
        return self.of_frame(recipe) if self.lazy is None else self._of_lazy(replace(recipe, source=self.lazy))

    def _of_lazy(self, recipe: Recipe) -> Output:
        if self.camp is None:
            raise BadInputError(
                text("There is no registered data outside a camp."), hint=text("Use a frame or a Parquet file.")
            )
        files, books, policy, tabulator = self.camp.files, self.camp.codebooks, self.policy, DuckDBTabulator()
        judge = judge_keeping(lambda one: tabulated_lazy(one, files, books, policy, tabulator), policy)
        return Output.made(recipe, judge, None, lambda one, _: self._of_lazy(one))

    def of_frame(self, recipe: Recipe) -> Output:
        """Return the judged output of a recipe over the frame itself."""
        if not self.units:
            return Output.made(recipe, _without_unit, None)
        knowledge, policy, tabulator = self.knowledge, self.policy, DuckDBTabulator(kept=self.kept)
        keys = {name.lower(): name for name in self.names}
        if self.camp is None:
            recipe = _narrowed(with_units_beside(recipe, knowledge, keys))
        if self.camp is None and isinstance(self.frame, str | Path):
            # Nobody asks for this narrow frame, and the file may be larger than memory: it is read while it is counted.
            path = Path(self.frame)
            judge = judge_keeping(lambda one: tabulated_frame(one, path, policy, knowledge, tabulator), policy)
            return Output.made(recipe, judge, None)
        narrow = narrow_frame(self.frame, recipe.narrow_columns)
        if self.camp is not None:
            # As the control zone will: what a column is called earns it no exemption, what is in it does.
            lineage = read_again(recipe, narrow, self.camp.files, self.camp.codebooks)
            if lineage is None:
                return Output(inconclusive(recipe, Inconclusive((_unknown_units(self.units),))), None, None)
            knowledge = knowledge_of_frame(lineage, self.camp.codebooks)
            complete = _narrowed(with_units_beside(recipe, knowledge, keys))
            if complete != recipe:
                return replace(self, knowledge=knowledge).of_frame(complete)
        judge = judge_keeping(lambda one: tabulated_frame(one, narrow, policy, knowledge, tabulator), policy)
        # Without the researcher's frame, which an output must not keep in memory.
        bare = replace(self, frame=None, given=None, names=())
        return Output.made(recipe, judge, narrow, lambda one, rows: replace(bare, frame=rows).of_frame(one))


def frame_at_hand(
    frame: Any,
    *,
    unit: Names | None = None,
    policy: str | None = None,
    codebook: Codebook | str | Path | None = None,
) -> FrameAtHand:
    """Return a frame with its camp, policy, codebook and unit resolved.

    Args:
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table.
        unit: the key columns of the unit; by default the codebook's, if the frame has them.
        policy: the policy's name; "cbs" by default, inside a camp always the camp's.
        codebook: a codebook or its path; a Parquet path brings the one beside it.

    Raises:
        BadInputError: no frame, or a policy or codebook that there is not.
    """
    # Whatever library the frame is of, it is imported by now.
    accessor.register()
    camp = current_camp()
    judged_by = camp_policy(camp, policy)
    book = codebook_of(codebook, frame)
    lazy = camp.tables.source(frame) if camp is not None and is_lazy(frame) else None
    names = column_names(frame)
    books = books_of(camp, book, lazy)
    units = as_names(unit, "unit") if unit is not None else default_unit(names, books)
    return FrameAtHand(frame, names, camp, judged_by, lazy, units, knowledge_at_hand(camp, book), tuple(books), frame)


def judged_output(  # noqa: PLR0913 - named statistical parameters
    frame: Any,
    *,
    statistic: Statistic,
    rows: Names = (),
    columns: Names = (),
    value: str | None = None,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
    others: Names = (),
    other_units: Sequence[Names] = (),
    holding: Names = (),
) -> Output:
    """Return the judged output of one recipe over a frame; the arguments are those of `sdc.table` and of a recipe.

    Raises:
        BadInputError: a column, option or policy that there is not.
        RefusedError: a dimension that identifies units, or a derivation that is not allowed.
    """
    one_name(weights, "weight", optional=True)
    at_hand = frame_at_hand(frame, unit=unit, policy=policy, codebook=codebook)
    made = at_hand.judged(
        statistic=statistic,
        rows=as_names(rows, "rows"),
        columns=as_names(columns, "columns"),
        value=value,
        weights=weights,
        dropna=dropna,
        options=options,
        others=as_names(others),
        other_units=unit_keys(other_units),
        holding=as_names(holding),
    )
    at_hand.kept.settle()
    return made


def _unknown_units(units: tuple[str, ...]) -> Text:
    return text("unit keys: some are not in the column {unit} of any data set here", unit=", ".join(units))


def _narrowed(recipe: Recipe) -> Recipe:
    return replace(recipe, source=FrameSource(recipe.narrow_columns)) if recipe.narrow_columns else recipe


def _without_unit(recipe: Recipe) -> JudgedTable:
    missing = text("the statistical unit: name the column that identifies a person, household or firm (unit=)")
    return inconclusive(recipe, Inconclusive((missing,)))
