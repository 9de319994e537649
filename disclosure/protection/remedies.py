"""Which remedies a failing cell has: suppression always, merging where its labels allow it."""

from __future__ import annotations

from collections.abc import Mapping

from disclosure.model.cells import MARGIN
from disclosure.model.codebooks import Hierarchy
from disclosure.model.evidence import Evidence
from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.protection.merge import merge_along, merge_with_neighbour
from disclosure.texts import text

SUPPRESS = Remedy(
    RemedyKind.SUPPRESS,
    None,
    text("withhold the failing cells, and all margins with them"),
    text("the failing cells and every margin"),
)


class Remedies:
    """The remedies of one table's cells, each made once and shared by all cells that it would repair."""

    def __init__(self, evidence: Evidence, hierarchies: Mapping[str, Hierarchy]) -> None:
        self._evidence = evidence
        self._along = {
            place: merge_along(hierarchies[name], evidence, place)
            for place, name in enumerate(evidence.dimensions)
            if name in hierarchies
        }
        self._neighbour: dict[tuple[int, int], Remedy | None] = {}

    def of(self, position: int) -> tuple[Remedy, ...]:
        """Return what would repair the cell at `position`: suppression first, then merges, hierarchies before pairs."""
        codes = self._evidence.codes[position].tolist()
        fixed = [(place, code) for place, code in enumerate(codes) if code != MARGIN]
        along = (self._along.get(place) for place, _ in fixed)
        pairs = (self._pair(place, code) for place, code in fixed)
        return (SUPPRESS, *(remedy for remedy in (*along, *pairs) if remedy is not None))

    def _pair(self, place: int, code: int) -> Remedy | None:
        if (place, code) not in self._neighbour:
            self._neighbour[place, code] = merge_with_neighbour(self._evidence, place, code)
        return self._neighbour[place, code]
