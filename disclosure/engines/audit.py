"""The interval audit by linear programs, solved by HiGHS: what can be worked out of each withheld cell.

Cells of which the figure is known are put into the equations as numbers, so a program has the withheld cells only. One
model serves all programs: between two of them only the objective changes, and the solver goes on from where it was.
"""

from __future__ import annotations

import math
from fractions import Fraction

import highspy
import numpy as np

from disclosure.errors import RefusedError
from disclosure.protection.audit import AdditiveTable, FeasibleInterval
from disclosure.texts import text

_TOLERANCE = 1e-9
_SCALE = 2.0**20
_ANSWERS = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kUnbounded,
    highspy.HighsModelStatus.kInfeasible,
)


def feasible_intervals(table: AdditiveTable) -> tuple[FeasibleInterval, ...]:
    """Return the feasible interval of every cell, in the order of the table; a known figure is its own.

    Raises:
        RefusedError: nothing is feasible, so the known figures contradict each other, or the solver found no answer.
    """
    found = [FeasibleInterval(_float(one.lowest), _float(one.highest)) for one in table.known]
    cells = table.open_cells
    scale = _scale(table)
    solver = _model(table, cells, scale)
    for column, cell in enumerate(cells):
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            ends.append(_end(solver, column, sense) * scale)
        found[cell] = FeasibleInterval(max(ends[0], found[cell].lowest), min(ends[1], found[cell].highest))
    return tuple(found)


def _end(solver: highspy.Highs, column: int, sense: highspy.ObjSense) -> float:
    """Return the least or the largest value of one cell; infinite where nothing bounds it."""
    solver.changeColCost(column, 1.0)
    solver.changeObjectiveSense(sense)
    solver.run()
    status = solver.getModelStatus()
    if status not in _ANSWERS:
        # From where an unbounded program ended it may find no answer; from the beginning it does.
        solver.clearSolver()
        solver.run()
        status = solver.getModelStatus()
    value = solver.getObjectiveValue()
    solver.changeColCost(column, 0.0)
    if status == highspy.HighsModelStatus.kUnbounded:
        solver.clearSolver()
        return math.inf if sense == highspy.ObjSense.kMaximize else -math.inf
    if status == highspy.HighsModelStatus.kInfeasible:
        raise RefusedError(
            text("The intervals of the withheld cells cannot be computed: the published cells contradict each other."),
            hint=text("Compare the table with what is said to add up."),
        )
    if status != highspy.HighsModelStatus.kOptimal:
        raise RefusedError(text("The intervals of the withheld cells cannot be computed: the solver found no answer."))
    return float(value)


def _model(table: AdditiveTable, cells: tuple[int, ...], scale: float) -> highspy.Highs:
    """Return the equations of a table over its open cells, everything divided by the scale."""
    column = {cell: place for place, cell in enumerate(cells)}
    starts, indices, values, sums = [0], [], [], []
    for one in table.relations:
        signed = [(cell, 1) for cell in one.parts] + [(one.total, -1)]
        known = sum((sign * table.known[cell].lowest for cell, sign in signed if cell not in column), Fraction(0))
        open_here = [(column[cell], float(sign)) for cell, sign in signed if cell in column]
        if not open_here:
            if known:
                raise RefusedError(text("The published cells of a table do not add up."))
            continue
        indices += [place for place, _ in open_here]
        values += [sign for _, sign in open_here]
        starts.append(len(indices))
        sums.append(float(-known) / scale)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cells), len(sums)
    model.col_cost_ = np.zeros(len(cells))
    model.col_lower_ = np.array([float(table.known[cell].lowest) / scale for cell in cells])
    model.col_upper_ = np.array([_float(table.known[cell].highest) / scale for cell in cells])
    model.row_lower_ = model.row_upper_ = np.array(sums)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    model.a_matrix_.index_ = np.array(indices, dtype=np.int32)
    model.a_matrix_.value_ = np.array(values)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in _OPTIONS:
        solver.setOptionValue(option, value)
    if solver.passModel(model) == highspy.HighsStatus.kError:
        raise RefusedError(
            text("The intervals of the withheld cells cannot be computed: the solver refused the table.")
        )
    return solver


_OPTIONS: tuple[tuple[str, str | bool | int | float], ...] = (
    ("output_flag", False),
    ("presolve", "off"),  # it cannot tell an unbounded program from an infeasible one
    ("threads", 1),
    ("random_seed", 0),
    ("primal_feasibility_tolerance", _TOLERANCE),
    ("dual_feasibility_tolerance", _TOLERANCE),
)


def _scale(table: AdditiveTable) -> float:
    """Return a power of two that brings the largest figure to about a million, where tolerances make sense."""
    largest = max(
        (float(end) for one in table.known for end in (one.lowest, one.highest) if end is not None), default=0.0
    )
    return 2.0 ** round(math.log2(largest / _SCALE)) if largest > _SCALE else 1.0


def _float(bound: Fraction | None) -> float:
    return math.inf if bound is None else float(bound)
