"""What two tables of the same rows tell together, and neither of them alone; a pure function of their evidence.

A count beside a mean tells the number of units that have no value; two value columns tell their difference, and which
units have a value in one of them only. A derived table shows nothing beyond its tables, so it is safe where these are,
each and together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from disclosure.model.cell_lists import cells_at
from disclosure.model.cells import MARGIN
from disclosure.model.derived import ONE_FRAME, together
from disclosure.model.evidence import WEIGHT_DECIMALS, Counts, Evidence, Mask
from disclosure.model.neutral_labels import hidden_labels
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable, Trials
from disclosure.model.verdicts import Finding, Inconclusive, RuleName, Safe, Unsafe, Verdict
from disclosure.protection.cancelling import CANCELLING
from disclosure.protection.failing import PolicyTrials
from disclosure.protection.merge import recoded_column
from disclosure.protection.one_factor import Contributed, one_factor
from disclosure.rules import GROUP_DISCLOSURE
from disclosure.rules.base import Judged
from disclosure.texts import Text, text

SMALL: Final = 100
"""Below so many units a mean, shown with two decimals more than its values, tells how many rows it is taken of."""
_ABSENT: Final = -2
_ONE_ONLY: Final = text(
    "fewer units than the minimum have a value in one of the two tables only: leave the rows without a value out of "
    "the frame before making both"
)
_ONE_FACTOR: Final = text(
    "two columns of which none is the other times one number for every unit of a cell: their ratio is that number, "
    "which may be the value of one of them; give one of the two alone"
)
_ROWS: Final = text(
    "fewer rows than the minimum are further rows of the same units: leave the count out, or count rows and units alike"
)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the worst of some verdicts, with the findings or the missing of all."""
    findings = tuple(dict.fromkeys(finding for one in verdicts for finding in one.findings))
    if findings:
        return Unsafe(findings)
    missing = tuple(what for one in verdicts if isinstance(one, Inconclusive) for what in one.missing)
    if missing:
        return Inconclusive(tuple(dict.fromkeys(missing)))
    return Safe(tuple(dict.fromkeys(note for one in verdicts if isinstance(one, Safe) for note in one.notes)))


def judged_together(tables: tuple[JudgedTable, ...], joint: JudgedTable) -> Verdict:
    """Return the verdict of what is computed from the published figures of one or two tables.

    Args:
        joint: the judged table of the recipe that `model.derived.together` returns for these.

    Returns:
        Safe if each table is and nothing more follows from the two beside each other; Unsafe with the cells of which
        too much does; Inconclusive if a table is, if the two are not of the same rows, or if too little is known.
    """
    verdict = worst([one.verdict for one in tables])
    if not isinstance(verdict, Safe) or len(tables) == 1:
        return verdict
    first, last = tables
    asked = together((first.recipe, last.recipe))
    if isinstance(asked, Text):
        return Inconclusive((asked,))
    missing = _missing(first, last, joint)
    if missing is not None:
        return Inconclusive((missing,))
    own = asked.value in (first.recipe.value, last.recipe.value)
    findings = _beside(first, last, _minimum(first)) if own else _apart(first, last, joint)
    if findings is None:
        return Inconclusive((ONE_FRAME,))
    if findings:
        return Unsafe(findings)
    return Inconclusive((_ONE_FACTOR,)) if not own and _have_one_factor(first, last, joint) else verdict


def matched(one: Evidence, other: Evidence) -> Counts:
    """Return where the cell with the same labels stands in other evidence, -1 where it has none."""
    codes, known = one.codes.copy(), np.ones(len(one), dtype=np.bool_)
    for place, labels in enumerate(one.categories):
        own = {label: code for code, label in enumerate(other.categories[place])}
        here = np.array([own.get(label, _ABSENT) for label in labels] or [_ABSENT], dtype=codes.dtype)
        inner = codes[:, place] != MARGIN
        codes[inner, place] = here[codes[inner, place]]
        known &= ~inner | (codes[:, place] != _ABSENT)
    codes[~known] = MARGIN
    return np.asarray(np.where(known, other.positions(codes), -1), dtype=np.int64)


def at(one: Evidence, other: Evidence, numbers: Any) -> Any:
    """Return the numbers of the cells of other evidence that have the same labels, 0 where there is no such cell."""
    found = matched(one, other)
    if not len(numbers):
        return np.zeros(len(one), dtype=np.int64)
    return np.where(found >= 0, numbers[np.maximum(found, 0)], 0)


def few(numbers: Counts, minimum: int) -> Mask:
    """Return which numbers are above 0 and below the minimum."""
    return np.asarray((numbers > 0) & (numbers < minimum), dtype=np.bool_)


def few_lack(counted: Evidence, valued: Evidence, minimum: int, *, told: bool) -> bool:
    """Tell whether a count beside a mean or rate tells that few units have no value, or that there are few more rows.

    Args:
        told: the number of rows behind the mean is known whatever its size.
    """
    if counted.dimensions != valued.dimensions:
        return False
    with_value = valued.n_units if valued.amounts is None else _rows_with_value(valued)
    units, rows = at(counted, valued, valued.n_units), at(counted, valued, with_value)
    # Of a cell without any value there is no mean to compare with.
    seen = (units > 0) & (told | (counted.n_units < SMALL))
    lacking, further = counted.n_units - units, rows - units
    return bool((seen & (few(lacking, minimum) | few(further, minimum))).any())


def group_told(recipe: Recipe, evidence: Evidence, trials: Trials | None) -> Mask:
    """Return the cells that hold too much of a group, if how many units there are follows from the figures of a value.

    Of a value of two amounts this is judged anyway. A dimension of one category says which rows the table is of.
    """
    if not isinstance(trials, PolicyTrials) or evidence.shares is not None:
        return np.zeros(len(evidence), dtype=np.bool_)
    columns = {name: recoded_column(trials.knowledge.column(name), recipe.recodings) for name in recipe.dimensions}
    for name, labels in zip(evidence.dimensions, evidence.categories, strict=True):
        if len(labels) == 1:
            columns[name] = replace(columns[name], sensitive=False)
    return GROUP_DISCLOSURE.failing(Judged(evidence, trials.policy, columns, recipe))


def _rows_with_value(evidence: Evidence) -> Counts:
    if evidence.amounts is None:
        return evidence.n_rows
    return np.asarray((evidence.amounts.divisor // 10**WEIGHT_DECIMALS).astype(np.int64))


def _minimum(table: JudgedTable) -> int:
    return 0 if table.trials is None else table.trials.minimum_units


def _missing(first: JudgedTable, last: JudgedTable, joint: JudgedTable) -> Text | None:
    if first.evidence is None or last.evidence is None:
        return ONE_FRAME
    if joint.evidence is None and not _only_cancels(joint):
        said = joint.verdict.missing if isinstance(joint.verdict, Inconclusive) else ()
        return said[0] if said else ONE_FRAME
    if _minimum(first) < 1:
        return text("the policy {name} does not set {key}", name=joint.recipe.policy.name, key="minimum_units")
    if hidden_labels(first) != hidden_labels(last):
        return text("labels that enough units bear, or that a codebook lists: the two tables hide other ones each")
    every = (first.evidence, last.evidence, joint.evidence)
    return ONE_FRAME if len({one.dimensions for one in every if one is not None}) > 1 else None


def _only_cancels(joint: JudgedTable) -> bool:
    """Tell whether a difference passes every rule, and all that is inconclusive is whether its values cancel.

    Of a difference of safe figures that is not asked, here as in one call of several columns: it is negative somewhere
    wherever persons have several jobs, so that no ratio of two of their columns could pass.
    """
    return isinstance(joint.verdict, Inconclusive) and joint.verdict.missing == (CANCELLING,)


def _beside(first: JudgedTable, last: JudgedTable, minimum: int) -> tuple[Finding, ...] | None:
    """Return the cells of which a count and a value, or two figures of one column, tell too much together.

    None if the rows are not the same: two figures of one column are of the same units.
    """
    found: list[Finding] = []
    for one, other in ((first, last), (last, first)):
        own, there = one.evidence, other.evidence
        if own is None or there is None:
            return None
        units = at(own, there, there.n_units)
        if one.recipe.value == other.recipe.value and bool((own.n_units != units).any()):
            return None
        if one.recipe.weight is not None:
            continue  # no number of units follows from weighted figures
        seen = _seen(own, one, other)
        found += _findings(own, seen & (units > 0) & few(own.n_units - units, minimum), _ONE_ONLY)
        if one.recipe.statistic is Statistic.COUNT and other.recipe.statistic is Statistic.MEAN:
            further = at(own, there, _rows_with_value(there)) - units
            found += _findings(own, seen & (own.n_units < SMALL) & few(further, minimum), _ROWS)
    return tuple(found)


def _apart(first: JudgedTable, last: JudgedTable, joint: JudgedTable) -> tuple[Finding, ...] | None:
    """Return the cells of which two value columns tell too much together; None if the rows are not the same."""
    evidence, minimum = joint.evidence, _minimum(first)
    if first.evidence is None or last.evidence is None:
        return None
    if evidence is None:
        # Nothing is kept of it, so what the two differ in is counted by the numbers of their units.
        return (*_fewer(first, last, minimum), *_fewer(last, first, minimum))
    if not _adds_up(first.evidence, last.evidence, evidence):
        return None
    seen, found = _seen(evidence, first, last), list[Finding]()
    for one in (first.evidence, last.evidence):
        only_other = evidence.n_units - at(evidence, one, one.n_units)
        if bool((only_other < 0).any()):
            return None
        found += _findings(evidence, seen & few(only_other, minimum), _ONE_ONLY)
    if evidence.amounts is not None and any(evidence.amounts.absolute):
        # Where nothing fails, what may be inconclusive of a difference of safe figures is whether values cancel.
        failing = seen & joint.failing
        cells = frozenset(cells_at(evidence, np.flatnonzero(failing)))
        told = [one for one in joint.verdict.findings if one.cell in cells]
        if cells and not told:
            return None
        found += [Finding(one.rule, one.cell, _of_difference(one.reason)) for one in told]
    return tuple(dict.fromkeys(found))


def _have_one_factor(first: JudgedTable, last: JudgedTable, joint: JudgedTable) -> bool:
    """Tell whether in some cell that neither table withholds one column is a multiple of the other."""
    cells = first.evidence if joint.evidence is None else joint.evidence
    columns = [] if cells is None else [_contributed(one.evidence, cells) for one in (first, last, joint)]
    if cells is None or columns[0] is None or columns[1] is None:
        return False
    told = one_factor(columns[0], columns[1], columns[2], cells.n_units, cells.n_rows)
    return bool((_seen(cells, first, last) & told).any())


def _contributed(one: Evidence | None, cells: Evidence) -> Contributed | None:
    if one is None or one.amounts is None:
        return None
    ends = one.amounts.ends[0].mapped(lambda column: np.asarray(at(cells, one, column)))
    return Contributed(ends, one.amounts.decimals)


def _fewer(one: JudgedTable, other: JudgedTable, minimum: int) -> list[Finding]:
    """Return the cells in which the other table has fewer units, and the difference is few."""
    own, there = one.evidence, other.evidence
    if own is None or there is None:
        return []
    units = at(own, there, there.n_units)
    return _findings(own, _seen(own, one, other) & few(own.n_units - units, minimum), _ONE_ONLY)


def _seen(evidence: Evidence, first: JudgedTable, last: JudgedTable) -> Mask:
    """Return the cells that neither table withholds."""
    hidden = np.zeros(len(evidence), dtype=np.bool_)
    for one in (first, last):
        if one.evidence is not None:
            hidden |= at(evidence, one.evidence, (~one.shown).astype(np.int64)) > 0
    return ~hidden


def _adds_up(first: Evidence, last: Evidence, joint: Evidence) -> bool:
    """Tell whether the difference is that of the two tables in every cell, but for the rounding of single values."""
    parts = (first.amounts, last.amounts, joint.amounts)
    if any(one is None for one in parts):
        return False
    for one in (first, last):
        if bool((matched(one, joint) < 0).any()):
            return False
    totals = [_exact(joint, one) for one in (first, last)]
    own = [Fraction(int(total), 10 ** parts[2].decimals) for total in parts[2].total.tolist()]  # type: ignore[union-attr]
    least = min(one.decimals for one in parts if one is not None)
    allowed = (Fraction(2 * rows + 1, 10**least) for rows in joint.n_rows.tolist())
    every = zip(*totals, own, allowed, strict=True)
    return all(abs(a - b - total) <= most for a, b, total, most in every)


def _exact(joint: Evidence, one: Evidence) -> list[Fraction]:
    """Return the totals of the cells with the same labels as exact fractions."""
    if one.amounts is None:
        return []
    totals = at(joint, one, one.amounts.total).tolist()
    return [Fraction(int(total), 10**one.amounts.decimals) for total in totals]


def _of_difference(reason: Text) -> Text:
    return text(
        "the two tables tell their difference: {reason}; group coarser, or give one of the two alone", reason=reason
    )


def _findings(evidence: Evidence, failing: Mask, why: Text, rule: RuleName = RuleName.MINIMUM_COUNT) -> list[Finding]:
    places = np.flatnonzero(failing)
    return [Finding(rule, cell, why) for cell in cells_at(evidence, places)]
