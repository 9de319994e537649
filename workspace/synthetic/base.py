"""What everything else is drawn upon: the window, the targets, households, persons, their dates and their standing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import Flags, Households
from workspace.synthetic.population import Population
from workspace.synthetic.presence import Presence
from workspace.synthetic.standing import Standing
from workspace.synthetic.targets import Targets
from workspace.synthetic.window import Window


@dataclass(frozen=True, slots=True)
class Base:
    """The ground of a panel: `persons` live in the city at its end, in the first `residents` of the households."""

    window: Window
    targets: Targets
    persons: int
    residents: int
    households: Households
    people: Population
    presence: Presence
    standing: Standing

    @property
    def count(self) -> int:
        """How many households there are."""
        return len(self.households.kind)

    @property
    def counted(self) -> Flags:
        """Which households live in the city on the last day."""
        return np.arange(self.count) < self.residents

    def scaled(self, figure: float) -> float:
        """Return a figure of the municipality in proportion to this population."""
        return self.targets.scaled(figure, self.persons)
