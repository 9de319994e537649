"""What is measured of a file of records before and after: one set of figures, the same for reports and comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from disclosure.errors import BadInputError, RefusedError
from disclosure.microdata import global_risk, k_anonymity
from disclosure.microdata.suda import MOST_VARIABLES
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Numbers, RiskMethod
from disclosure.ports import RiskEngine
from disclosure.texts import Text, text

KS: Final = (2, 3, 5)
CLASSES: Final = ((1, "1"), (2, "2"), (3, "3-4"), (5, "5-9"), (10, "10-19"), (20, "20-49"), (50, "50+"))
"""How many records share a key: the least of each class, and how it is called."""
_BOUNDS: Final = (0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
RISKS: Final = tuple((low, f"{low:g}-{high:g}") for low, high in pairwise(_BOUNDS))
DIVERSE: Final = 2


@dataclass(frozen=True)
class Asked:
    """What is asked of a file.

    Attributes:
        register: the file holds everybody: a record's risk is 1 in those who share its key, and weights say nothing.
        k, limit: what the number of violations and of risks over a limit are counted for.
    """

    keys: KeyVariables
    register: bool
    k: int = 3
    limit: float = 0.05

    def __post_init__(self) -> None:
        if self.register is (self.keys.weights is not None):
            raise BadInputError(
                text("Is it a sample or a register?"),
                hint=text("Name the weights of a sample, or say that the file is a register: it holds everybody."),
            )
        if self.k < DIVERSE or not 0 < self.limit <= 1:
            raise BadInputError(text("k is 2 or more, and a limit of risk lies between 0 and 1."))


@dataclass(frozen=True)
class Figures:
    """What was found. Shares and risks lie between 0 and 1; `over` counts records with a risk over the limit.

    Attributes:
        violations: k to number of records that share their key with fewer.
        sharing, risks: records by how many share their key, and by risk: how a class is called, and their number.
        household: expected share and largest risk of households, if a household is named.
        diversity: sensitive column to the least number of its values, and records with fewer than two.
        contributions: key variable to the percentage of all special uniques' scores that it has a part in; empty where
            there is one key variable, or so many that their sets cannot be gone through.
    """

    records: int
    engine: str
    register: bool
    violations: tuple[tuple[int, int], ...]
    sharing: tuple[tuple[str, int], ...]
    risks: tuple[tuple[str, int], ...]
    expected: float
    share: float
    largest: float
    over: int
    household: tuple[float, float] | None
    diversity: tuple[tuple[str, int, int], ...]
    contributions: tuple[tuple[str, float], ...]

    def below(self, k: int) -> int:
        """Return how many records share their key with fewer than k; KeyError for a k that was not asked."""
        return dict(self.violations)[k]

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "records": self.records,
            "engine": self.engine,
            "register": self.register,
            "violations": {str(k): count for k, count in self.violations},
            "sharing": [list(one) for one in self.sharing],
            "risks": [list(one) for one in self.risks],
            "expected": self.expected,
            "share": self.share,
            "largest": self.largest,
            "over": self.over,
            "household": None if self.household is None else list(self.household),
            "diversity": [list(one) for one in self.diversity],
            "contributions": [list(one) for one in self.contributions],
        }


def figures_from(document: Any) -> Figures:
    """Return what `to_document` wrote; KeyError, TypeError or ValueError if it is anything else."""
    household = document["household"]
    return Figures(
        records=int(document["records"]),
        engine=str(document["engine"]),
        register=bool(document["register"]),
        violations=tuple((int(k), int(count)) for k, count in document["violations"].items()),
        sharing=tuple((str(name), int(count)) for name, count in document["sharing"]),
        risks=tuple((str(name), int(count)) for name, count in document["risks"]),
        expected=float(document["expected"]),
        share=float(document["share"]),
        largest=float(document["largest"]),
        over=int(document["over"]),
        household=None if household is None else (float(household[0]), float(household[1])),
        diversity=tuple((str(name), int(least), int(below)) for name, least, below in document["diversity"]),
        contributions=tuple((str(name), float(share)) for name, share in document["contributions"]),
    )


def measure(frame: pa.Table, asked: Asked, engine: RiskEngine) -> Figures:
    """Return the figures of a file.

    Raises:
        ColumnError, DataError: key variables do not fit the file, see `disclosure.microdata`.
    """
    keys = asked.keys
    method = RiskMethod.REGISTER if asked.register else RiskMethod.APPROXIMATE
    found = engine.individual_risk(frame, keys, method=method)
    counted = engine.frequencies(frame, keys)
    total = global_risk(found)
    household = _household(frame, keys, engine, method)
    diversity = engine.l_diversity(frame, keys).columns if keys.sensitive else ()
    special = engine.suda2(frame, keys) if 1 < len(keys.categorical) <= MOST_VARIABLES else None
    return Figures(
        records=len(found.fk),
        engine=engine.version,
        register=asked.register,
        violations=k_anonymity(counted, tuple(sorted({*KS, asked.k}))).violations,
        sharing=_classes(found.fk, CLASSES),
        risks=_classes(found.risk, RISKS),
        expected=total.expected,
        share=total.share,
        largest=total.largest,
        over=found.over(asked.limit),
        household=household,
        diversity=tuple((one.column, int(one.distinct.min()), one.below(DIVERSE)) for one in diversity),
        contributions=() if special is None else tuple(zip(special.variables, special.totals, strict=True)),
    )


def remarks(asked: Asked) -> tuple[Text, ...]:
    """Return where a measure makes no sense for this file, or what it rests on."""
    if asked.register:
        return (
            text(
                "The file is a register: everybody is in it, so that sampling protects nobody. The risk of a record is "
                "1 in those who share its key; estimates of the population behind a sample make no sense here."
            ),
        )
    return (text("The file is a sample: risks rest on its weights, and are too low for those known to be in it."),)


def _household(
    frame: pa.Table, keys: KeyVariables, engine: RiskEngine, method: RiskMethod
) -> tuple[float, float] | None:
    """Return expected share and largest risk of households; None where none are named, or the engine has no measure."""
    if keys.household is None:
        return None
    try:
        total = engine.household_risk(frame, keys, method=method).total
    except RefusedError:
        return None
    return total.share, total.largest


def _classes(values: Numbers, classes: tuple[tuple[float, str], ...]) -> tuple[tuple[str, int], ...]:
    """Return how many values lie in each class: from its least up to the next one's."""
    places = np.searchsorted(np.array([least for least, _ in classes]), values, side="right") - 1
    counts = np.bincount(np.maximum(places, 0), minlength=len(classes))
    return tuple((name, int(count)) for (_, name), count in zip(classes, counts, strict=True))
