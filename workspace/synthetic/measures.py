"""Counts of a panel's last year, and the lines of the calibration table that they are set beside goals in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from workspace.synthetic.assistance import Reason
from workspace.synthetic.households import Flags, Floats
from workspace.synthetic.panel import Panel
from workspace.synthetic.window import MONTHS, YEARS

FIGURE, FLOW = 0.05, 0.10
_TAIL = 0.025
LAST = YEARS - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        what, dutch: the target in words.
        source: its own year; "" for one without.
        published: the figure of the municipality, as published; None for a check of shape.
        goal: what this population should have; with `highest` the lower bound of a check of shape.
        result: what it has.
        tolerance: how far they may be apart, as a share of the goal; None for a check of shape.
        size: of a check of a share, on how many independent draws it rests; None if they are too many to ask.
    """

    what: str
    dutch: str
    source: str
    published: float | None
    goal: float
    result: float
    tolerance: float | None
    highest: float | None = None
    size: float | None = None

    @property
    def difference(self) -> float:
        """Result against goal, as a share of the goal."""
        return self.result / self.goal - 1 if self.goal else 0.0

    @property
    def holds(self) -> bool:
        """Whether the result is within its bounds; a share of few draws, whether its interval reaches into them."""
        if self.tolerance is None:
            low, high = (self.result, self.result) if self.size is None else interval(self.result, self.size)
            return self.goal <= high and low <= (np.inf if self.highest is None else self.highest)
        return abs(self.result - self.goal) <= self.tolerance * self.goal


def interval(share: float, size: float) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper and Pearson 1934, 95%): what chance explains of so many draws.

    >>> [round(end, 3) for end in interval(2 / 22, 22)]
    [0.011, 0.292]
    >>> [round(end, 3) for end in interval(0.0, 22)]
    [0.0, 0.154]
    """
    if size <= 0:
        return 0.0, 1.0
    found = share * size
    low = beta.ppf(_TAIL, found, size - found + 1) if found > 0 else 0.0
    high = beta.ppf(1 - _TAIL, found + 1, size - found) if found < size else 1.0
    return float(low), float(high)


def effective_size(weights: Floats) -> float:
    """Return on how many independent draws a share rests that counts draws by weights (Kish 1965).

    >>> import numpy as np
    >>> effective_size(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


class Measures:
    """Counts of a panel's last year."""

    def __init__(self, panel: Panel) -> None:
        self.panel, self.targets, self.persons = panel, panel.targets, panel.persons
        self.there: Flags = panel.in_city[:, LAST]
        self.minors = panel.standing.minors[:, LAST]
        self.ratio: Floats = panel.earnings.of_minimum[:, LAST]
        self.low: Flags = self.there & (self.ratio <= self.targets.low_limit)
        self.poor: Flags = self.there & (panel.earnings.of_line[:, LAST] < 100)
        self.members = panel.people.per_household(panel.members(LAST), len(self.there))

    def line(
        self, what: str, dutch: str, source: str, published: float, result: float, tolerance: float = FIGURE, *,
        share: bool = False,
    ) -> Line:  # fmt: skip
        """Return a target: a number that is scaled with the population, or a `share` that is not."""
        goal = published if share else self.targets.scaled(published, self.persons)
        return Line(what, dutch, source, published, goal, float(result), tolerance)

    def leavers(self, reasons: tuple[Reason, ...], first: int, last: int) -> tuple[int, int]:
        """Return how many persons left assistance while in the city from one month to another, and how many of those
        were back within twelve months.
        """
        spells, presence, window = self.panel.assistance, self.panel.presence, self.panel.window
        following = np.full(len(spells.household), 10 * MONTHS)
        same = spells.household[1:] == spells.household[:-1]
        following[:-1] = np.where(same, spells.first[1:], 10 * MONTHS)
        home = spells.household
        rows = np.isin(spells.reason, reasons) & (spells.last >= first) & (spells.last <= last)
        rows &= (window.month_of(presence.entered)[home] <= spells.last) & (
            spells.last <= window.month_of(presence.left)[home]
        )
        persons = spells.claimants[home]
        return int(persons[rows].sum()), int(persons[rows & (following - spells.last <= 12)].sum())
