"""The most frequent value of each cell, and how many units have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import by_value, least, part_of
from disclosure.engines.position_part import is_unusual, rows_per_holder, usual_rows
from disclosure.engines.unit_rows import UnitRows
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan


def mode_part(rows: UnitRows, evidence: Evidence, _recipe: Recipe, _plan: Plan) -> Part:
    """Return the part "mode": the value that most rows have, of several the smallest, and its distinct units.

    Nobody holds it where one unit with unusually many rows decides it: with those that it has of it at another
    value, that one would be the mode.
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
            largest = int(rows_per_holder(ordered.units[own]).max())
            # A smaller value needs as many rows to be the mode, a larger one has to have more.
            ahead = np.delete(sizes[most] - sizes + (np.arange(len(sizes)) > most), most)
            if (ahead <= 2 * largest).any() and is_unusual(largest, usual_rows(ordered.units[places])):
                return {"value": int(values[starts[most]]), "holders": 0}
        return {"value": int(values[starts[most]]), "holders": least((ordered.units, *ordered.further), own)}

    return part_of("mode", (entry(places) for places in ordered.of_cells(evidence)))
