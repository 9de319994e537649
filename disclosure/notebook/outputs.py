"""`Outputs`: several judged outputs with the same rows and columns, side by side, each with its own recipe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

import pandas as pd

from disclosure.errors import BadInputError, DatakampError, RecipeError, RefusedError
from disclosure.model.cells import Cell
from disclosure.model.neutral_labels import hidden_in_any, released
from disclosure.model.recipes import Recoding
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Inconclusive, Remedy, RemedyKind, RuleName, Safe, Status, Unsafe, Verdict
from disclosure.notebook.display import outputs_as_html, outputs_as_text
from disclosure.notebook.frames import side_by_side
from disclosure.notebook.offered import Offered
from disclosure.notebook.output import Output, told
from disclosure.notebook.page import sheet_of
from disclosure.protection.catalogue import is_cheap
from disclosure.protection.several import together
from disclosure.texts import Text, text

_MOST_MEASURES = 60
_MOST_TRIED = 12
"""So many repairs are tried on all measures, those that most measures have first."""
_MOST_PARTLY = 2
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


class NoSuchMeasureError(BadInputError, IndexError):
    """There is no measure at a place; an `IndexError` too, as of any sequence."""


class Outputs(Sequence[Output]):
    """Outputs of the same rows and columns, one per measure. They do not change: a remedy gives others.

    >>> outs = table(homes, rows="wijk", values="inkomen", statistic=["mean", "p25"], unit="person")  # doctest: +SKIP
    >>> outs["mean of inkomen"].verdict.status  # doctest: +SKIP
    """

    def __init__(self, named: Mapping[str, Output]) -> None:
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
        self._outputs = outputs
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
        """The findings of all measures, each once; with all of `remedies()` once these were looked for."""
        found: dict[tuple[RuleName, Cell, Text], Finding] = {}
        for one in self:
            for finding in one.table.verdict.findings:
                found.setdefault((finding.rule, finding.cell, finding.reason), finding)
        if not self._remedies:
            return tuple(found.values())
        return tuple(replace(finding, remedies=self._remedies) for finding in found.values())

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
        if len(self) == 1:
            return list(self[0].remedies())
        offered: dict[_Repair, list[tuple[int, Remedy]]] = {}
        for out in self:
            for place, remedy in enumerate(out.remedies()):
                offered.setdefault(_repair(remedy), []).append((place, remedy))
        ranked = sorted(offered.values(), key=lambda own: (-len(own), max(place for place, _ in own)))
        # What withholds is tried however many others there are.
        withheld = [own for own in ranked if own[0][1].kind is RemedyKind.SUPPRESS]
        others = [own for own in ranked if own[0][1].kind is not RemedyKind.SUPPRESS]
        found = []
        for own in (*others[:_MOST_TRIED], *withheld):
            try:
                one = together(self.tables, self._repaired(own[0][1]).tables, own[0][1])
            except DatakampError:
                continue
            if one is not None:
                found.append(one)
        whole = sorted((one for one in found if not one.failing), key=lambda one: round(one.loss, 9))
        least = whole[0].loss if whole else 1.0
        # What repairs some measures only is worth a line where it loses less: something else may repair the others.
        partly = sorted((one for one in found if one.failing and one.loss < least), key=lambda one: one.failing)
        return [*whole, *partly[:_MOST_PARTLY]]

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
        own = {name: one for name, out in self.items() for one in out.remedies() if _repair(one) == _repair(remedy)}
        if not own:
            raise RefusedError(text("No measure here has that remedy."), hint=text("See outs.remedies()."))
        if remedy.recodings or remedy.leaves_out is not None:
            # Options and rounding are of the statistic that has them, rows and columns of all.
            shared = replace(remedy, options=None, rounding=0)
            own = {name: own.get(name, shared) for name, out in self.items() if out.table.evidence is not None}
        return Outputs({name: out.apply(own[name]) if name in own else out for name, out in self.items()})

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
        if self._remedies is not None or self.verdict.status is not Status.UNSAFE:
            return True
        return len(self) == 1 and all(is_cheap(out.table) for out in self if out.verdict.status is Status.UNSAFE)


_Repair = tuple[RemedyKind, tuple[Recoding, ...], int, str | None, tuple[tuple[str, str], ...] | None]


def _repair(remedy: Remedy) -> _Repair:
    """Return what a remedy does, whatever it leaves."""
    return remedy.kind, remedy.recodings, remedy.rounding, remedy.leaves_out, remedy.options


def short_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of measures as parts of an output's name: small letters, digits and hyphens, all different.

    >>> short_names(["mean of inkomen", "p2.5 of inkomen", "count"])
    ('mean-of-inkomen', 'p2-5-of-inkomen', 'count')
    """
    found: list[str] = []
    for name in names:
        plain = _NOT_IN_A_NAME.sub("-", name.lower()).strip("-") or "measure"
        same = sum(one == plain or one.startswith(f"{plain}--") for one in found)
        found.append(f"{plain}--{same + 1}" if same else plain)
    return tuple(found)
