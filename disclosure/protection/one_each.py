"""What helps where most units stand in several categories of a dimension, as in the years of a panel: a table for each.

In one table the same units stand in many cells and in each of them nearly all of a group do, so that cells fail for
what they tell beside each other. A table of one year is a table of units that stand in one cell.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Status
from disclosure.texts import Text, text

_SEVERAL: Final = 1.5
"""Units stand in so many categories, on average, where most stand in several."""


def one_each(table: JudgedTable) -> Text | None:
    """Return of which dimension one table for each category is worth trying; None if of none.

    It is the dimension in the most categories of which a unit stands, of a table with failing cells.
    """
    evidence = table.evidence
    if table.verdict.status is not Status.UNSAFE or evidence is None or evidence.added:
        return None
    times = {name: _categories_of_a_unit(evidence, place) for place, name in enumerate(evidence.dimensions)}
    name = max(times, key=lambda one: times[one], default=None)
    if name is None or times[name] < _SEVERAL:
        return None
    return text(
        "hint: most units stand in several categories of {name}. Make one table for each category, of its own rows "
        "only: it is judged without the others, and has remedies of its own",
        name=name,
    )


def _categories_of_a_unit(evidence: Evidence, place: int) -> float:
    """Return in how many categories of a dimension a unit stands, on average over the cells of the other dimensions."""
    others = np.delete(evidence.codes, place, axis=1)
    inner = (others != MARGIN).all(axis=1)
    whole = inner & (evidence.codes[:, place] == MARGIN)
    units = int(evidence.n_units[whole].sum())
    return int(evidence.n_units[inner & ~whole].sum()) / units if units else 0.0
