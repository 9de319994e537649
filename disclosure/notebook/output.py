"""`Output`: a judged table in the researcher's hands, with its verdict, evidence, remedies and display."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa

from disclosure.errors import RecipeError, RefusedError
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, Verdict
from disclosure.notebook.display import as_html, as_text
from disclosure.render.frame import to_frame

Judge = Callable[[Recipe], JudgedTable]


class Output:
    """A judged output. It does not change: a remedy gives another one.

    Attributes:
        table: the judged table.
        narrow: the narrow frame that it was tabulated from, None for a lazy recipe.
    """

    def __init__(self, table: JudgedTable, judge: Judge | None, narrow: pa.Table | None) -> None:
        self.table = table
        self.narrow = narrow
        self._judge = judge

    @classmethod
    def made(cls, recipe: Recipe, judge: Judge, narrow: pa.Table | None) -> Output:
        """Return the output of a recipe, judged."""
        return cls(judge(recipe), judge, narrow)

    @property
    def verdict(self) -> Verdict:
        """Safe, Unsafe with findings, or Inconclusive with what is missing."""
        return self.table.verdict

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
            raise RefusedError("Nothing was tabulated.", hint="The verdict says what is missing.")
        return self.table.evidence

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as it may be published: failing cells withheld, and with them all margins."""
        return to_frame(self.table)

    def remedies(self) -> tuple[Remedy, ...]:
        """Return the remedies that findings name, each once: suppression first, then merges by how many need them."""
        counted: dict[Remedy, int] = {}
        for finding in self.verdict.findings:
            for remedy in finding.remedies:
                counted[remedy] = counted.get(remedy, 0) + 1
        return tuple(sorted(counted, key=lambda remedy: (remedy.recoding is not None, -counted[remedy])))

    def apply(self, remedy: Remedy) -> Output:
        """Return the repaired output, tabulated and judged anew.

        Raises:
            RefusedError: nothing was tabulated, so there is nothing to repair.
        """
        if not isinstance(remedy, Remedy):
            raise RecipeError("A remedy is applied as it was offered.", hint="For example out.remedies()[0].")
        if self._judge is None or self.table.evidence is None:
            raise RefusedError("There is nothing to repair yet.", hint="The verdict says what is missing.")
        return Output.made(remedy.applied_to(self.recipe), self._judge, self.narrow)

    def __repr__(self) -> str:
        return as_text(self.table, self.remedies())

    def _repr_html_(self) -> str:
        return as_html(self.table, self.remedies())
