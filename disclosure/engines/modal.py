"""The most frequent value of each cell, and how many units have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import by_value, least, part_of
from disclosure.engines.position_part import rows_per_holder
from disclosure.engines.unit_rows import UnitRows
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan


def mode_part(rows: UnitRows, evidence: Evidence, _recipe: Recipe, _plan: Plan) -> Part:
    """Return the part "mode": the value that most rows have, of several the smallest, and its distinct units.

    Nobody holds it where one unit with several rows decides it: others have fewer rows of it than twice that unit's
    above the next value.
    """
    ordered = by_value(rows)

    def entry(places: npt.NDArray[np.intp]) -> dict[str, int]:
        if not len(places):
            return {"value": 0, "holders": 0}
        values = ordered.values[places]
        starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
        sizes = np.diff(np.append(starts, len(values)))
        most = int(np.argmax(sizes))  # the first of several
        own = places[starts[most] : starts[most] + sizes[most]]
        if not ordered.alone:
            largest = int(rows_per_holder(ordered.units[places]).max())
            lead = int(sizes[most]) - int(np.delete(sizes, most).max(initial=0))
            if largest > 1 and lead <= 2 * largest:
                return {"value": int(values[starts[most]]), "holders": 0}
        return {"value": int(values[starts[most]]), "holders": least((ordered.units, *ordered.further), own)}

    return part_of("mode", (entry(places) for places in ordered.of_cells(evidence)))
