"""`Output`: a judged table in the researcher's hands, with its verdict, evidence, remedies and display."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd
import pyarrow as pa

from disclosure.errors import DatakampError, RecipeError, RefusedError
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import FrameSource, Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Remedy, Status, Unsafe, Verdict
from disclosure.notebook.display import as_html, as_text
from disclosure.notebook.frames import frame_of
from disclosure.notebook.offered import Offered, Sought
from disclosure.protection.catalogue import is_cheap, remedies_of
from disclosure.texts import text

_ASK = text("remedies: out.remedies() looks for what repairs it")
Judge = Callable[[Recipe], JudgedTable]
Over = Callable[[Recipe, pa.Table | None], "Output"]
"""Judges another recipe where this one was judged: over a narrow frame, or over the same derivation."""


class Output:
    """A judged output. It does not change: a remedy gives another one.

    Attributes:
        table: the judged table.
        narrow: the narrow frame that it was tabulated from, None for a lazy recipe and for a file outside a camp.
        over: judges another recipe where this one was judged, None where nothing was or its rows are not kept.
    """

    def __init__(
        self, table: JudgedTable, judge: Judge | None, narrow: pa.Table | None, over: Over | None = None
    ) -> None:
        self.table = table
        self.narrow = narrow
        self.over = over
        self._judge = judge
        self._remedies: tuple[Remedy, ...] | None = None
        self._verdict: Verdict | None = None

    @classmethod
    def made(cls, recipe: Recipe, judge: Judge, narrow: pa.Table | None, over: Over | None = None) -> Output:
        """Return the output of a recipe, judged."""
        return cls(judge(recipe), judge, narrow, over)

    @property
    def verdict(self) -> Verdict:
        """Safe, Unsafe with findings, or Inconclusive with what is missing.

        Its findings have what `remedies()` finds, which is looked for when it is read of one of them.
        """
        if self._verdict is None:
            verdict, sought = self.table.verdict, Sought(self.remedies)
            if isinstance(verdict, Unsafe):
                # Not `replace`, which takes many times as long: a large table has millions of findings.
                found = [Finding(one.rule, one.cell, one.reason, sought, one.added) for one in verdict.findings]
                verdict = Unsafe(tuple(found))
            self._verdict = verdict
        return self._verdict

    @property
    def recipe(self) -> Recipe:
        """What trusted code needs to make this output again."""
        return self.table.recipe

    @property
    def evidence(self) -> Evidence:
        """What was counted and added up, for looking at inside the workspace.

        Raises:
            RefusedError: nothing was tabulated; the verdict says why.
        """
        if self.table.evidence is None:
            raise RefusedError(text("Nothing was tabulated."), hint=text("The verdict says what is missing."))
        return self.table.evidence

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as it may be published: failing cells withheld, and with them all margins."""
        return frame_of(self.table)

    def remedies(self) -> tuple[Remedy, ...]:
        """Return what repairs the output, tried, the one that loses least first; nothing for one that is safe.

        Where units stand in several cells a few are tabulated to see, once: the first call may take several times as
        long as the table took.
        """
        if self._remedies is None:
            self._remedies = Offered(remedies_of(self.table, self._judge))
        return self._remedies

    def apply(self, remedy: Remedy) -> Output:
        """Return the repaired output, judged anew, and tabulated anew where the remedy changes the evidence.

        Raises:
            RefusedError: nothing was tabulated, so there is nothing to repair.
        """
        if not isinstance(remedy, Remedy):
            raise RecipeError(
                text("A remedy is applied as it was offered."), hint=text("For example out.remedies()[0].")
            )
        if self._judge is None or self.table.evidence is None:
            raise RefusedError(text("There is nothing to repair yet."), hint=text("The verdict says what is missing."))
        recipe, narrow = remedy.applied_to(self.recipe), self.narrow
        if narrow is not None and isinstance(recipe.source, FrameSource):
            narrow = narrow.select(list(recipe.source.columns))
        return Output.made(recipe, self._judge, narrow, self.over)

    def __repr__(self) -> str:
        shown = as_text(self.table, self._told())
        return shown if self._tried() else f"{shown}\n{_ASK}"

    def _repr_html_(self) -> str:
        shown = as_html(self.table, self._told())
        return shown if self._tried() else f"{shown}<p>{escape(str(_ASK))}</p>"

    def _told(self) -> tuple[Remedy, ...]:
        """Return the remedies that a display tells: looking at a table tabulates nothing."""
        return told(self.remedies) if self._tried() else ()

    def _tried(self) -> bool:
        return self._remedies is not None or self.table.verdict.status is not Status.UNSAFE or is_cheap(self.table)


def told(remedies: Callable[[], tuple[Remedy, ...]]) -> tuple[Remedy, ...]:
    """Return the remedies that a display tells: none where the search for them fails, for the verdict stands."""
    try:
        return remedies()
    except DatakampError:
        return ()
