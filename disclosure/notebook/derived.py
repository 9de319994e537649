"""`sdc.ratio`, `sdc.difference`, `sdc.index`: figures computed cell by cell from what outputs publish, nothing else.

A derived table goes by the shown figures, as they are released, so that a reader who divides two published figures
finds the same. An index shows no more than its one table does. What two tables tell together is another matter: all
persons minus all but one are that one, however safe each table is by itself. So a ratio or a difference is inconclusive
until the two are compared with each other. None has a recipe that the control zone could make it from, so what is
submitted are the parents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.errors import BadInputError, RecipeError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import Finding, Inconclusive, Safe, Unsafe, Verdict
from disclosure.notebook.frames import alone
from disclosure.notebook.html_page import html_page
from disclosure.notebook.output import Output
from disclosure.notebook.page import Codes, Sheet, sheet_of
from disclosure.notebook.plain_page import plain_page
from disclosure.notebook.report import Report, headline, reasons_of
from disclosure.notebook.words import caption_of, figures_of
from disclosure.statistics import rounded
from disclosure.texts import Text, text

_DECIMALS, _DIGITS = 6, 12
_HUNDRED: Final = 100

TOGETHER: Final = text("what the two outputs tell together: units that are in only one of them are not looked at here")

Combine = Callable[[Fraction, Fraction], Fraction | None]


@dataclass(frozen=True, eq=False, repr=False)
class Derived:
    """A table computed from published figures of its parents. It does not change.

    Attributes:
        name: what is computed, such as "ratio".
        parents: the outputs that it is computed from.
        verdict: the worst of the parents' verdicts, with the findings of all; of two parents never safe.
    """

    name: str
    what: Text
    parents: tuple[Output, ...]
    verdict: Verdict
    sheet: Sheet | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the parents."""
        return self.verdict.findings

    def to_pandas(self) -> pd.DataFrame:
        """Return the derived figures: withheld where a parent withholds, missing where one has no figure."""
        return pd.DataFrame() if self.sheet is None else alone(self.sheet, self.name)

    def __repr__(self) -> str:
        return plain_page(self._report())

    def _repr_html_(self) -> str:
        return html_page(self._report())

    def _report(self) -> Report:
        rows, columns = self.parents[0].recipe.laid_out
        return Report(
            status=self.verdict.status,
            headline=headline(self.verdict, len({finding.cell for finding in self.findings})),
            caption=caption_of(str(self.what), rows, columns),
            reasons=reasons_of(self.verdict),
            sheets=() if self.sheet is None else (self.sheet,),
            legend="" if self.sheet is None or self.sheet.shown.all() else str(text("× withheld")),
            note=str(text("computed from published figures; submit the tables that it is computed from")),
        )


def ratio(numerator: Output, denominator: Output) -> Derived:
    """Return the published figures of one output divided by those of another, cell by cell.

    No figure where the denominator is 0 or one of the two has none; withheld where either is withheld.

    Raises:
        RecipeError: the two do not have the same dimensions.
    """
    return _combined("ratio", (numerator, denominator), lambda one, other: one / other if other else None)


def difference(minuend: Output, subtrahend: Output) -> Derived:
    """Return the published figures of one output minus those of another, cell by cell.

    Raises:
        RecipeError: the two do not have the same dimensions.
    """
    return _combined("difference", (minuend, subtrahend), lambda one, other: one - other)


def index(out: Output, *, base: str | Mapping[str, str]) -> Derived:
    """Return the published figures of an output as index numbers: 100 in the cells of the base.

    Args:
        base: a dimension with its base category, such as {"year": "2019"}; the category alone where one dimension
            only has it.

    Raises:
        RecipeError: there is no such category.
    """
    _require_outputs(out)
    sheet = sheet_of(out.table)
    what = text("index of {what}", what=figures_of(out.recipe))
    if sheet is None:
        return Derived("index", what, (out,), out.verdict, None)
    name, code = _base(sheet, base)
    codes = dict(sheet.codes)
    codes[name] = np.full(len(sheet.figures), code, dtype=np.int64)
    found = _positions(sheet, codes)
    figures, shown = _computed(sheet, sheet, found, lambda one, at: _HUNDRED * one / at if at else None)
    return Derived("index", what, (out,), out.verdict, _derived_sheet(sheet, figures, shown, "index"))


def _combined(name: str, parents: tuple[Output, Output], combine: Combine) -> Derived:
    _require_outputs(*parents)
    first, second = (one.recipe for one in parents)
    if first.laid_out != second.laid_out:
        raise RecipeError(
            text("The two outputs do not have the same rows and columns."),
            hint=text("Make them with the same rows and columns."),
        )
    verdict = _worst(parents)
    if isinstance(verdict, Safe):
        verdict = Inconclusive((TOGETHER,))
    words = {
        "ratio": text("{one} divided by {other}", one=figures_of(first), other=figures_of(second)),
        "difference": text("{one} minus {other}", one=figures_of(first), other=figures_of(second)),
    }
    one, other = (sheet_of(parent.table) for parent in parents)
    if one is None or other is None:
        return Derived(name, words[name], parents, verdict, None)
    figures, shown = _computed(one, other, _matched(one, other), combine)
    return Derived(name, words[name], parents, verdict, _derived_sheet(one, figures, shown, name))


def _require_outputs(*given: Any) -> None:
    if not all(isinstance(one, Output) for one in given):
        raise BadInputError(text("Expected an output."), hint=text('Of several, take one: outs["mean of inkomen"].'))


def _worst(parents: tuple[Output, ...]) -> Verdict:
    verdicts = [one.verdict for one in parents]
    findings = tuple(dict.fromkeys(finding for one in verdicts for finding in one.findings))
    if findings:
        return Unsafe(findings)
    missing = tuple(what for one in verdicts if isinstance(one, Inconclusive) for what in one.missing)
    if missing:
        return Inconclusive(tuple(dict.fromkeys(missing)))
    return Safe(tuple(dict.fromkeys(note for one in verdicts if isinstance(one, Safe) for note in one.notes)))


def _base(sheet: Sheet, base: str | Mapping[str, str]) -> tuple[str, int]:
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
    return name, sheet.categories[name].index(label)


def _matched(one: Sheet, other: Sheet) -> Codes:
    """Return where each cell of one sheet stands in another, -1 where it is not."""
    codes = {}
    for name, labels in one.categories.items():
        at = {label: place for place, label in enumerate(other.categories[name])}
        # A label that the other lacks gets a code that no cell of it has.
        place = np.array([*(at.get(label, len(at)) for label in labels), MARGIN], dtype=np.int64)
        codes[name] = place[one.codes[name]]
    return _positions(other, codes)


def _positions(sheet: Sheet, codes: Mapping[str, Codes]) -> Codes:
    own = {key: position for position, key in enumerate(_cells(sheet.codes, len(sheet.figures)))}
    size = len(next(iter(codes.values()))) if codes else len(sheet.figures)
    return np.array([own.get(key, -1) for key in _cells(codes, size)], dtype=np.int64)


def _cells(codes: Mapping[str, Codes], size: int) -> list[tuple[int, ...]]:
    return list(zip(*(one.tolist() for one in codes.values()), strict=True)) if codes else [()] * size


def _computed(one: Sheet, other: Sheet, found: Codes, combine: Combine) -> tuple[tuple[str | None, ...], Mask]:
    figures: list[str | None] = []
    shown: Mask = one.shown & np.where(found >= 0, other.shown[found], True)
    for position, match in enumerate(found.tolist()):
        first, second = one.figures[position], None if match < 0 else other.figures[match]
        figure = None
        if shown[position] and first is not None and second is not None:
            figure = combine(Fraction(first), Fraction(second))
        figures.append(None if figure is None else rounded(figure, decimals=_DECIMALS, significant_digits=_DIGITS))
    return tuple(figures), shown


def _derived_sheet(sheet: Sheet, figures: tuple[str | None, ...], shown: Mask, name: str) -> Sheet:
    nothing: Mask = np.zeros(len(shown), dtype=np.bool_)
    return replace(
        sheet, name=name, statistic=None, figures=figures, shown=shown, failing=nothing, bracketed=False, empty=""
    )
