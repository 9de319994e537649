"""Both engines side by side on one file: whether they find the same, and how long each takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from disclosure.errors import RefusedError
from disclosure.microdata.suda import MOST_VARIABLES
from disclosure.model.microdata import RiskMethod
from disclosure.ports import RiskEngine
from workspace.microdata_figures import Asked

CLOSE: Final = 1e-9
"""How far figures may lie apart, relative to the larger, and still be the same."""


@dataclass(frozen=True)
class Measure:
    """One measure by two engines.

    Attributes:
        first, second: what stands for it: a total.
        same: whether all its figures are the same, or within `CLOSE` of each other.
        seconds: of each engine, with all that it takes to ask it.
        refused: why one of them has no answer; empty if both have.
    """

    name: str
    first: float
    second: float
    same: bool
    seconds: tuple[float, float]
    refused: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long the second engine takes."""
        return self.seconds[1] / max(self.seconds[0], 1e-6)

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "measure": self.name,
            "values": [None if math.isnan(one) else one for one in (self.first, self.second)],
            "same": self.same,
            "seconds": [round(one, 3) for one in self.seconds],
            "ratio": round(self.ratio, 1),
            "refused": self.refused,
        }


Numbers = np.typing.NDArray[np.float64]


def compare(frame: pa.Table, asked: Asked, first: RiskEngine, second: RiskEngine) -> tuple[Measure, ...]:
    """Return what both engines find of a file, and how long it takes them."""
    keys = asked.keys
    method = RiskMethod.REGISTER if asked.register else RiskMethod.APPROXIMATE
    questions: dict[str, Callable[[RiskEngine], Numbers]] = {
        "fk": lambda engine: engine.frequencies(frame, keys).fk,
        "Fk": lambda engine: engine.frequencies(frame, keys).Fk,
        "individual risk": lambda engine: engine.individual_risk(frame, keys, method=method).risk,
    }
    if keys.household is not None and not asked.register:
        questions["household risk"] = lambda engine: engine.household_risk(frame, keys).risk
    for place, name in enumerate(keys.sensitive):
        questions[f"l-diversity of {name}"] = lambda engine, place=place: (  # type: ignore[misc]
            engine.l_diversity(frame, keys).columns[place].distinct
        )
    if 1 < len(keys.categorical) <= MOST_VARIABLES:
        questions["SUDA2"] = lambda engine: engine.suda2(frame, keys).score
    questions[f"local suppression, k = {asked.k}"] = lambda engine: np.array(
        [float(engine.local_suppression(frame, keys, k=asked.k).total)]
    )
    return tuple(_measure(name, question, first, second) for name, question in questions.items())


def _measure(name: str, question: Callable[[RiskEngine], Numbers], first: RiskEngine, second: RiskEngine) -> Measure:
    """Ask both. An engine that has no answer to one question may have one to the next, so that is asked too."""
    found, seconds, refused = [], [], []
    for engine in (first, second):
        begun = time.perf_counter()
        try:
            found.append(np.asarray(question(engine), dtype=np.float64))
        except RefusedError as error:
            found.append(np.array([np.nan]))
            refused.append(f"{engine.name}: {error.sentences[0]}")
        seconds.append(time.perf_counter() - begun)
    same = found[0].shape == found[1].shape and bool(np.allclose(found[0], found[1], rtol=CLOSE, atol=0.0))
    total = float(found[0].sum()), float(found[1].sum())
    return Measure(name, *total, same and not refused, (seconds[0], seconds[1]), " ".join(refused))
