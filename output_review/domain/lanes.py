"""The lane in which a request waits: the light one can be checked in minutes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from disclosure.model.verdicts import Level, Status
from output_review.signing.quorum import MOST_LIGHT_CELLS, MOST_LIGHT_TABLES


class Lane(StrEnum):
    """Which requests are light is said in `lane_of`."""

    LIGHT = "light"
    ORDINARY = "ordinary"


@dataclass(frozen=True)
class Weight:
    """What an output weighs in a reviewer's hand.

    Attributes:
        status, level: its verdict, and who tabulated it.
        cells: how many it shows; 0 where nobody counted them.
        free_text: whether it is a text or a result of own code, which people read word by word.
    """

    status: Status
    level: Level
    cells: int
    free_text: bool = False

    @property
    def light(self) -> bool:
        """Whether it is safe, tabulated here, counted, and no free text."""
        verified = self.status is Status.SAFE and self.level is not Level.UNVERIFIED
        return verified and self.cells > 0 and not self.free_text


def lane_of(outputs: Collection[Weight]) -> Lane:
    """Return the lane of a request: light with at most 5 tables and 200 cells, each safe and tabulated here.

    >>> table = Weight(Status.SAFE, Level.RECOMPUTED, cells=40)
    >>> lane_of([table] * 5), lane_of([table] * 6)
    (<Lane.LIGHT: 'light'>, <Lane.ORDINARY: 'ordinary'>)
    """
    few = 0 < len(outputs) <= MOST_LIGHT_TABLES and sum(one.cells for one in outputs) <= MOST_LIGHT_CELLS
    return Lane.LIGHT if few and all(one.light for one in outputs) else Lane.ORDINARY
