"""`sdc.ratio`, `sdc.difference`, `sdc.index`: figures computed cell by cell from what outputs publish, nothing else.

A derived table goes by the shown figures, as they are released, so that a reader who divides two published figures
finds the same. An index shows no more than its one table does. What two tables tell together is another matter: all
persons minus all but one are that one, however safe each table is by itself. So two tables have to be of the same rows,
and are then judged beside each other: two value columns by the sum of their difference, and by the units that have a
value in one of them only. The basket takes what is derived with the tables that it is computed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.util import hash_pandas_object

from disclosure.assess import inconclusive
from disclosure.engines.column_difference import difference as column_difference
from disclosure.errors import BadInputError, RecipeError
from disclosure.model.derived import ONE_FRAME, Operation, together
from disclosure.model.neutral_labels import released
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Inconclusive, Remedy, Safe, Status, Unsafe, Verdict
from disclosure.notebook.derived_remedies import repaired, repairs_of
from disclosure.notebook.frames import alone
from disclosure.notebook.html_page import html_page
from disclosure.notebook.offered import Offered, Sought
from disclosure.notebook.output import Output
from disclosure.notebook.page import Sheet, sheet_of
from disclosure.notebook.plain_page import plain_page
from disclosure.notebook.reasons import reasons_of
from disclosure.notebook.report import Report, headline
from disclosure.notebook.words import caption_of, legible
from disclosure.protection.together import worst
from disclosure.render.derived import derived_table, described_as
from disclosure.texts import Text, text

_LONGEST_CAPTION: Final = 500
_LEAVES: Final = text("computed from published figures; it leaves with the tables that it is computed from")
_ASK: Final = text("remedies: out.remedies() looks for what repairs it")
_READ_FIRST: Final = text(
    "two tables of the same rows: of a file that is read while it is counted that is not known; read it into a frame "
    "first, and make both tables of that"
)


@dataclass(frozen=True, eq=False, repr=False)
class Derived:
    """A table computed from published figures of its parents. It does not change.

    Attributes:
        operation: what is computed.
        parents: the outputs that it is computed from.
        base: of an index the dimension and its category; None for the others.
        table: the figures as they may be published, with the verdict: the worst of the parents' verdicts, and of two
            parents what they tell together.
        joint: by what it was judged what the parents tell together; None if that could not be asked.
    """

    operation: Operation
    parents: tuple[Output, ...]
    base: tuple[str, str] | None
    table: JudgedTable = field(repr=False)
    joint: Output | None = field(repr=False)
    _offered: list[Offered] = field(default_factory=list, init=False, repr=False)

    @property
    def name(self) -> str:
        """What is computed, such as "ratio"."""
        return self.operation.value

    @property
    def verdict(self) -> Verdict:
        """Safe where each parent is and the two together are; an unsafe one has findings with what `remedies()` finds.

        What that is, is looked for when it is read of one of them.
        """
        told = worst([one.table.verdict for one in self.parents])
        verdict = self.table.verdict if isinstance(told, Safe) else told
        if not isinstance(verdict, Unsafe):
            return verdict
        sought = Sought(self.remedies)
        return Unsafe(tuple(Finding(one.rule, one.cell, one.reason, sought, one.added) for one in verdict.findings))

    @property
    def what(self) -> str:
        """What the figures are, in the reader's language."""
        told = described_as(self.operation, tuple(one.table for one in self.parents), self.base)
        return legible(str(told), _LONGEST_CAPTION)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the parents, and of what they tell together."""
        return self.verdict.findings

    @property
    def sheet(self) -> Sheet | None:
        """The figures, not laid out yet; None if a parent was not tabulated."""
        return self._laid_out(self.table)

    def remedies(self) -> tuple[Remedy, ...]:
        """Return what repairs it, done to all that it is computed from and tried, the one that loses least first.

        Nothing for one that is not unsafe. The tables are tabulated for each, once: the first call takes as long as
        several tables.
        """
        if not self._offered:
            found = repairs_of(self.parents, self.joint, self.table, lambda parents: self._of(parents).table)
            self._offered.append(Offered(found))
        return self._offered[0]

    def apply(self, remedy: Remedy) -> Derived:
        """Return the same computed from its parents repaired, each and what they tell together judged anew.

        Raises:
            RefusedError: there is nothing to repair, or the parents have no such remedy.
            RecipeError: it is no remedy, or the base of an index is no category any more.
        """
        return self._of(repaired(self.parents, remedy))

    def _of(self, parents: tuple[Output, ...]) -> Derived:
        if self.base is not None:
            return index(parents[0], base=dict([self.base]))
        return _combined(self.operation, parents)

    def to_pandas(self) -> pd.DataFrame:
        """Return the derived figures: withheld where a parent withholds, missing where one has no figure."""
        sheet = self._laid_out(released(self.table))
        return pd.DataFrame() if sheet is None else alone(sheet, self.name)

    def _laid_out(self, table: JudgedTable) -> Sheet | None:
        sheet = sheet_of(table)
        if sheet is None:
            return None
        return replace(sheet, name=self.name, statistic=None, bracketed=False, empty="", said="")

    def __repr__(self) -> str:
        return plain_page(self._report())

    def _repr_html_(self) -> str:
        return html_page(self._report())

    def _report(self) -> Report:
        rows, columns = self.parents[0].recipe.laid_out
        sheet = self.sheet
        return Report(
            status=self.verdict.status,
            headline=headline(self.verdict, len({finding.cell for finding in self.findings})),
            caption=caption_of(self.what, rows, columns),
            reasons=reasons_of(self.verdict),
            sheets=() if sheet is None else (sheet,),
            legend="" if sheet is None or sheet.shown.all() else str(text("× withheld")),
            note="\n".join(map(str, (_LEAVES, _ASK) if self.verdict.status is Status.UNSAFE else (_LEAVES,))),
        )


def ratio(numerator: Output, denominator: Output) -> Derived:
    """Return the published figures of one output divided by those of another, cell by cell.

    No figure where the denominator is 0 or one of the two has none; withheld where either is withheld. Safe where both
    outputs are, if both are of the same rows and tell nothing together that a rule withholds.

    Raises:
        RecipeError: the two do not have the same dimensions.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20, "income": [900 + n for n in range(40)]})
    >>> outs = sdc.table(homes, rows="wijk", values="income", statistic=["sum", "mean"], unit="person")
    >>> sdc.ratio(outs["sum of income"], outs["mean of income"]).verdict.status.value
    'safe'
    """
    return _combined(Operation.RATIO, (numerator, denominator))


def difference(minuend: Output, subtrahend: Output) -> Derived:
    """Return the published figures of one output minus those of another, cell by cell; see `ratio`.

    Raises:
        RecipeError: the two do not have the same dimensions.
    """
    return _combined(Operation.DIFFERENCE, (minuend, subtrahend))


def index(out: Output, *, base: str | Mapping[str, str]) -> Derived:
    """Return the published figures of an output as index numbers: 100 in the cells of the base. Safe as the output is.

    Args:
        base: a dimension with its base category, such as {"year": "2019"}; the category alone where one dimension
            only has it.

    Raises:
        RecipeError: there is no such category.
    """
    _require_outputs(out)
    sheet = sheet_of(out.table)
    if sheet is None:
        return Derived(Operation.INDEX, (out,), None, out.table, None)
    based = _base(sheet, base)
    return Derived(Operation.INDEX, (out,), based, derived_table(Operation.INDEX, (out.table,), based, out.table), out)


def _combined(operation: Operation, parents: tuple[Output, ...]) -> Derived:
    _require_outputs(*parents)
    first, last = parents
    tables = (first.table, last.table)
    if first.recipe.laid_out != last.recipe.laid_out:
        raise RecipeError(
            text("The two outputs do not have the same rows and columns."),
            hint=text("Make them with the same rows and columns."),
        )
    asked = together((first.recipe, last.recipe))
    found = asked if isinstance(asked, Text) else _joint(first, last, asked)
    if isinstance(found, Output):
        return Derived(operation, parents, None, derived_table(operation, tables, None, found.table), found)
    unasked = derived_table(operation, tables, None, inconclusive(first.recipe, Inconclusive((found,))))
    return Derived(operation, parents, None, replace(unasked, verdict=Inconclusive((found,))), None)


def _joint(first: Output, last: Output, asked: Recipe) -> Output | Text:
    """Return the judged output of what two outputs tell together; what is missing for it otherwise."""
    if isinstance(asked.source, LazySource):
        return ONE_FRAME if first.over is None else first.over(asked, None)
    one, other = first.narrow, last.narrow
    if one is None or other is None or first.over is None or last.over is None:
        return _READ_FIRST
    if not _same_rows(one, other):
        return ONE_FRAME
    narrow = _rows_of(asked, one, other, first.recipe.value or "", last.recipe.value or "")
    if narrow is None:
        return text("two columns of numbers that can be subtracted from each other")
    return first.over(asked, narrow)


def _rows_of(asked: Recipe, one: pa.Table, other: pa.Table, a: str, b: str) -> pa.Table | None:
    """Return the narrow frame of a joint recipe: that of one of the outputs, or with the difference of their values."""
    for narrow in (one, other):
        if set(asked.narrow_columns) <= set(narrow.column_names):
            return narrow.select(list(asked.narrow_columns))
    kept = [name for name in asked.narrow_columns if name != asked.value]
    try:
        less = column_difference(one.column(a), other.column(b))
    except (pa.ArrowException, TypeError):
        return None
    return one.select(kept).append_column(asked.value or "", less).select(list(asked.narrow_columns))


def _same_rows(one: pa.Table, other: pa.Table) -> bool:
    """Tell whether two narrow frames have the same rows in the same order, in the columns that both have."""
    common = [name for name in one.column_names if name in other.column_names]
    if one.num_rows != other.num_rows:
        return False
    first, last = one.select(common), other.select(common)
    if first.equals(last):
        return True
    # What is missing is not equal to itself in every type.
    first_sums, last_sums = (hash_pandas_object(each.to_pandas(), index=False).to_numpy() for each in (first, last))
    return bool(np.array_equal(first_sums, last_sums))


def _require_outputs(*given: Any) -> None:
    if not all(isinstance(one, Output) for one in given):
        raise BadInputError(text("Expected an output."), hint=text('Of several, take one: outs["mean of inkomen"].'))


def _base(sheet: Sheet, base: str | Mapping[str, str]) -> tuple[str, str]:
    if isinstance(base, Mapping):
        asked = [(name, label) for name, label in base.items() if label in sheet.categories.get(name, ())]
        several = len(base) != 1
    else:
        asked = [(name, base) for name, labels in sheet.categories.items() if base in labels]
        several = len(asked) > 1
    if several:
        raise RecipeError(
            text("The base is one category of one dimension."),
            hint=text("For example {example}.", example='base={"year": "2019"}'),
        )
    if not asked:
        raise RecipeError(
            text("The base is not a category of this table."),
            hint=text("For example {example}.", example='base={"year": "2019"}'),
        )
    name, label = asked[0]
    return name, label
