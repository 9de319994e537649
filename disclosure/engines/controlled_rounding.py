"""Controlled rounding as an integer program, solved by HiGHS: which figures go up and which go down."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np

from disclosure.errors import BadInputError, RefusedError
from disclosure.protection.audit import Relation
from disclosure.protection.controlled_rounding import checked_rounding, neighbours

_SECONDS = 60.0


def controlled_rounding(
    values: Sequence[int], relations: Sequence[Relation], base: int, *, seconds: float = _SECONDS
) -> tuple[int, ...]:
    """Return the values rounded to neighbouring multiples of the base, adding up as the values do, as near as can be.

    The same values give the same figures, whatever else is known: nothing is drawn.

    Args:
        values: whole numbers that add up by the relations.
        seconds: how long the solver may take.

    Raises:
        BadInputError: the values do not add up.
        RefusedError: there is no such table, or none was found in time.
    """
    if any(values[one.total] != sum(values[cell] for cell in one.parts) for one in relations):
        raise BadInputError("The values of a table do not add up to its totals.")
    pairs = [neighbours(n, base) for n in values]
    moving = [cell for cell, (below, above) in enumerate(pairs) if below != above]
    rises = dict.fromkeys(range(len(values)), 0)
    if moving:
        rises |= dict(zip(moving, _rises(values, relations, base, moving, seconds), strict=True))
    rounded = [below + base * rises[cell] for cell, (below, _) in enumerate(pairs)]
    return checked_rounding(values, rounded, relations, base)


def _rises(
    values: Sequence[int], relations: Sequence[Relation], base: int, moving: Sequence[int], seconds: float
) -> list[int]:
    """Return 1 for each moving cell that goes up and 0 for each that goes down."""
    column = {cell: place for place, cell in enumerate(moving)}
    starts, indices, signs, sums = [0], [], [], []
    for one in relations:
        signed = [(cell, 1) for cell in one.parts] + [(one.total, -1)]
        # In steps of the base: what the lower neighbours lack is what must go up.
        lacking = -sum(sign * (values[cell] // base) for cell, sign in signed)
        open_here = [(column[cell], float(sign)) for cell, sign in signed if cell in column]
        indices += [place for place, _ in open_here]
        signs += [sign for _, sign in open_here]
        starts.append(len(indices))
        sums.append(float(lacking))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(moving), len(sums)
    # Going up instead of down adds base - 2r to the distance, where r is the residual.
    model.col_cost_ = np.array([float(base - 2 * (values[cell] % base)) for cell in moving])
    model.col_lower_, model.col_upper_ = np.zeros(len(moving)), np.ones(len(moving))
    model.row_lower_ = model.row_upper_ = np.array(sums)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(moving)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    model.a_matrix_.index_ = np.array(indices, dtype=np.int32)
    model.a_matrix_.value_ = np.array(signs)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {"output_flag": False, "threads": 1, "random_seed": 0, "time_limit": seconds, "mip_rel_gap": 0.0}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise RefusedError(
            "No table was found that is rounded to neighbouring multiples and adds up.",
            hint="Take another base, fewer dimensions, or rounding of each figure by itself.",
        )
    return [round(one) for one in solver.getSolution().col_value]
