"""`Outputs`: several judged outputs with the same rows and columns, side by side, each with its own recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

import pandas as pd

from disclosure.errors import BadInputError, DatakampError, RecipeError, RefusedError
from disclosure.model.cells import Cell
from disclosure.model.neutral_labels import hidden_in_any, released
from disclosure.model.recipes import Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Inconclusive, Remedy, RemedyKind, RuleName, Safe, Status, Unsafe, Verdict
from disclosure.notebook.display import outputs_as_html, outputs_as_text
from disclosure.notebook.frames import side_by_side
from disclosure.notebook.offered import Offered, Sought
from disclosure.notebook.output import Output, told
from disclosure.notebook.page import sheet_of
from disclosure.notebook.several_measures import Joint
from disclosure.notebook.shared_repairs import Repair, changes_measures, is_of_rows, of_each, renames, repair_of
from disclosure.notebook.spoken import measures_named
from disclosure.protection.catalogue import is_cheap
from disclosure.protection.remedies import SUPPRESS
from disclosure.protection.several import fewer, only_filled, together, without
from disclosure.texts import Text, text

_MOST_MEASURES = 60
_MOST_TRIED = 8
"""So many repairs are tried on all measures, those that most measures have first."""
_MOST_PARTLY = 2
_MOST_TOLD = 8
_MOST_FILLED = 4


class NoSuchMeasureError(BadInputError, IndexError):
    """There is no measure at a place; an `IndexError` too, as of any sequence."""


class Outputs(Sequence[Output]):
    """Outputs of the same rows and columns, one per measure. They do not change: a remedy gives others.

    outs = table(homes, rows="wijk", values="inkomen", statistic=["mean", "p25"], unit="person")
    outs["mean of inkomen"].verdict.status
    """

    def __init__(self, named: Mapping[str, Output], joint: Joint | None = None) -> None:
        """Judge them beside each other.

        Args:
            named: each measure, judged for itself, by its name.
            joint: what judges them together; without it they stay as they are.
        """
        outputs = dict(named)
        if not outputs:
            raise RecipeError(text("Several outputs are at least one."))
        if len(outputs) > _MOST_MEASURES:
            raise RecipeError(
                text("A table has at most {most_measures} measures.", most_measures=_MOST_MEASURES),
                hint=text("Make several tables."),
            )
        if len({one.recipe.laid_out for one in outputs.values()}) > 1:
            raise RecipeError(
                text("These measures do not have the same rows and columns."),
                hint=text("A statistic that adds rows of its own, such as lorenz, makes a table of its own."),
            )
        self._alone, self._joint = outputs, joint
        self._outputs = outputs if joint is None else joint.judged(outputs)
        self._filled: Outputs | None = None
        self._remedies: tuple[Remedy, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the measures, such as "mean of inkomen"."""
        return tuple(self._outputs)

    def items(self) -> Iterable[tuple[str, Output]]:
        """Return each measure's name with its output."""
        return self._outputs.items()

    def __len__(self) -> int:
        return len(self._outputs)

    def __iter__(self) -> Iterator[Output]:
        return iter(self._outputs.values())

    @overload
    def __getitem__(self, which: int | str) -> Output: ...
    @overload
    def __getitem__(self, which: slice) -> Outputs: ...
    def __getitem__(self, which: int | str | slice) -> Output | Outputs:
        if isinstance(which, slice):
            return Outputs(dict(list(self._outputs.items())[which]))
        if isinstance(which, int):
            if not -len(self) <= which < len(self):
                raise NoSuchMeasureError(
                    text("There are {n} measures, counted from 0.", n=len(self)), hint=self._here()
                )
            return tuple(self._outputs.values())[which]
        if not isinstance(which, str):
            raise BadInputError(text("A measure is reached by its name or its place."), hint=self._here())
        if which not in self._outputs:
            raise BadInputError(text("There is no measure of that name."), hint=self._here())
        return self._outputs[which]

    def _here(self) -> Text:
        return text("Here: {names}.", names=", ".join(self._outputs))

    @property
    def verdict(self) -> Verdict:
        """The worst of the verdicts: unsafe with the findings of all, else inconclusive, else safe."""
        verdicts = [one.verdict for one in self]
        if any(one.status is Status.UNSAFE for one in verdicts):
            return Unsafe(self.findings)
        unclear = [one for one in verdicts if isinstance(one, Inconclusive)]
        if unclear:
            return Inconclusive(tuple(dict.fromkeys(what for one in unclear for what in one.missing)))
        return Safe(tuple(dict.fromkeys(note for one in verdicts if isinstance(one, Safe) for note in one.notes)))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all measures, each once; with `remedies()`, looked for when it is read of one of them."""
        found: dict[tuple[RuleName, Cell, Text], Finding] = {}
        sought = Sought(self.remedies)
        for one in self:
            for finding in one.table.verdict.findings:
                key = (finding.rule, finding.cell, finding.reason)
                found.setdefault(key, replace(finding, remedies=sought))
        return tuple(found.values())

    def to_pandas(self) -> pd.DataFrame:
        """Return the tables as they may be published, side by side: the measure is the first level of the columns.

        Without column variables the columns are the measures; without any dimension each measure is a row.
        """
        hidden = hidden_in_any(out.table for out in self)
        tables = ((name, released(out.table, hidden)) for name, out in self.items())
        sheets = [one for one in (sheet_of(table, name) for name, table in tables) if one is not None]
        return side_by_side(sheets) if sheets else pd.DataFrame()

    def remedies(self) -> tuple[Remedy, ...]:
        """Return the remedies of all measures, each once and tried on all of them, the one that loses least first.

        The same repair may leave failing cells in one measure and none in another: `failing` counts those of all
        measures, and what is lost is lost of all figures together. Those that leave failing cells come last. The
        measures are tabulated for each, once: the first call takes as long as several tables.
        """
        if self._remedies is None:
            self._remedies = Offered(self._tried())
        return self._remedies

    def _tried(self) -> list[Remedy]:
        if self.verdict.status is Status.SAFE:
            return []
        if len(self) == 1:
            return list(self[0].remedies())
        offered: dict[Repair, list[tuple[int, Remedy]]] = {}
        for out in self._alone.values():
            for place, remedy in enumerate(out.remedies()):
                offered.setdefault(repair_of(remedy), []).append((place, remedy))
        ranked = sorted(offered.values(), key=lambda own: (-len(own), max(place for place, _ in own)))
        first = [own[0][1] for own in ranked]
        # What withholds is tried however many others there are.
        withheld = [one for one in first if one.kind is RemedyKind.SUPPRESS] or [SUPPRESS]
        # Another percentile than a measure is named for is no repair of that measure.
        others = [one for one in first if one.kind is not RemedyKind.SUPPRESS and not renames(one)][:_MOST_TRIED]
        tried = (*others, *withheld)
        found = [*self._fewer(fewer, self), *(one for remedy in tried for one in self._outcome(remedy, self))]
        found += self._only_filled([one for one in (*withheld, *others) if is_of_rows(one)][:_MOST_FILLED])
        whole = sorted((one for one in found if not one.failing), key=lambda one: (round(one.loss, 9), one.measures))
        told = [one for one in whole if one.loss < 1] or whole[:1]
        least = told[0].loss if told else 1.0
        # What repairs some measures only is worth a line where it loses less: something else may repair the others.
        partly = sorted((one for one in found if one.failing and one.loss < least), key=lambda one: one.failing)
        return [*told[:_MOST_TOLD], *partly[:_MOST_PARTLY]]

    def _outcome(self, remedy: Remedy, rows: Outputs) -> Iterator[Remedy]:
        """Yield what a repair of all measures comes to, and the same without the measures that it does not repair.

        Args:
            rows: the measures that it is tried on: these, or the same of fewer rows.
        """
        try:
            after = rows._repaired(remedy)
        except DatakampError:
            return
        one = together(_tables(self._alone), dict(after.tables), remedy)
        if one is not None:
            yield one
        if one is None or one.failing:
            yield from self._fewer(lambda names, listed: without(remedy, names, listed), after)

    def _fewer(self, words: Callable[[tuple[str, ...], Text], Remedy], after: Outputs) -> Iterator[Remedy]:
        """Yield what is left of repaired measures without those that are not safe, if any of them is."""
        names = tuple(name for name, out in after.items() if out.verdict.status is not Status.SAFE)
        if not names or len(names) == len(after):
            return
        listed = measures_named(names, {name: out.recipe for name, out in self._alone.items()})
        left = Outputs({name: out for name, out in after._alone.items() if name not in names}, after._joint)
        one = together(_tables(self._alone), dict(left.tables), words(names, listed))
        if one is not None and not one.failing:
            yield one

    def _only_filled(self, more: Sequence[Remedy]) -> Iterator[Remedy]:
        """Yield what comes of leaving out rows without a value, where a count beside the figures tells of them.

        Args:
            more: what is tried besides, where that alone does not do.
        """
        counts = [name for name, out in self._alone.items() if out.recipe.statistic is Statistic.COUNT]
        if all(self[name].table is self._alone[name].table for name in counts):
            return
        columns = tuple(dict.fromkeys(out.recipe.value for out in self if out.recipe.value is not None))
        try:
            rows = self._with_values(columns)
        except DatakampError:
            return
        alone = together(_tables(self._alone), dict(rows.tables), only_filled(columns))
        if alone is not None:
            yield replace(alone, loses_text=only_filled(columns, alone).loses_text)
        for remedy in more if alone is None or alone.failing else ():
            yield from (only_filled(columns, one) for one in self._outcome(remedy, rows))

    def apply(self, remedy: Remedy) -> Outputs:
        """Return the outputs repaired.

        What changes rows and columns changes them in every measure, so that the tables still fit together; anything
        else is done where it is offered.

        Raises:
            RefusedError: no measure has this remedy.
        """
        if not isinstance(remedy, Remedy):
            raise RecipeError(
                text("A remedy is applied as it was offered."), hint=text("For example outs.remedies()[0].")
            )
        return self._repaired(remedy)

    def _repaired(self, remedy: Remedy) -> Outputs:
        if remedy.filled:
            return self._with_values(remedy.filled).apply(replace(remedy, filled=()))
        if not set(remedy.measures) < set(self._alone):
            raise RefusedError(text("No measure here has that remedy."), hint=text("See outs.remedies()."))
        own = of_each(self._alone, remedy) if changes_measures(remedy) else {}
        kept = {name: out for name, out in self._alone.items() if name not in remedy.measures}
        done = {name: out.apply(own[name]) if name in own else out for name, out in kept.items()}
        return Outputs(done, None if self._joint is None else self._joint.after(remedy))

    def _with_values(self, columns: tuple[str, ...]) -> Outputs:
        if self._filled is None:
            filled = None if self._joint is None else self._joint.filled(self._alone, columns)
            if filled is None:
                raise RefusedError(text("No measure here has that remedy."), hint=text("See outs.remedies()."))
            self._filled = Outputs(*filled)
        return self._filled

    @property
    def tables(self) -> tuple[tuple[str, JudgedTable], ...]:
        """The judged tables with the names of their measures."""
        return tuple((name, out.table) for name, out in self.items())

    def __repr__(self) -> str:
        return outputs_as_text(self.tables, self.verdict, self._told(), note=self._note())

    def _repr_html_(self) -> str:
        return outputs_as_html(self.tables, self.verdict, self._told(), note=self._note())

    def _told(self) -> tuple[Remedy, ...]:
        """Return the remedies that a display tells: looking at tables tabulates nothing."""
        return told(self.remedies) if self._cheap() else ()

    def _note(self) -> str:
        return "" if self._cheap() else str(text("remedies: out.remedies() looks for what repairs it"))

    def _cheap(self) -> bool:
        nothing = all(out.table.evidence is None for out in self._alone.values())
        if self._remedies is not None or self.verdict.status is Status.SAFE or nothing:
            return True
        return len(self) == 1 and all(is_cheap(out.table) for out in self if out.verdict.status is Status.UNSAFE)


def _tables(named: Mapping[str, Output]) -> dict[str, JudgedTable]:
    return {name: out.table for name, out in named.items()}
