"""Making a perturbation table: in each row the distribution of largest entropy that keeps what is asked of it.

Source: Giessing (2016), as the R package ptable has it. A row of count i spreads over perturbations from -D to D that
leave no negative count and none of the small counts that shall not appear. It adds nothing on average, its variance is
at most V, it may keep a given share of counts as they are, and probabilities do not rise away from no perturbation at
all. Among these distributions the one of largest entropy says least.

It is ``p(v) = exp(a + b v + c v^2)``, where b and c are found by Newton's method on the dual, a convex function of two
numbers. Perturbations whose probabilities would rise share one; that is repeated until none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from disclosure.errors import BadInputError
from disclosure.protection.cell_key_table import PerturbationTable, Row

_Floats = npt.NDArray[np.float64]
_DECIMALS = 8
_STEPS = 200
_ENOUGH = 1e-13


@dataclass(frozen=True)
class Design:
    """What is asked of a perturbation table.

    Attributes:
        largest: D, the largest perturbation.
        variance: V, the most that a perturbation varies.
        hidden: counts from 1 to this one never appear.
        stays: the share of counts that stay as they are, where that may be; None leaves it open.
    """

    largest: int
    variance: Fraction
    hidden: int = 0
    stays: Fraction | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.largest <= 100 or not 0 <= self.hidden < self.largest:
            raise BadInputError("The largest perturbation is from 1 to 100, and more than the counts that are hidden.")
        if not 0 < self.variance <= self.largest**2:
            raise BadInputError("The variance is above 0 and no more than the square of the largest perturbation.")
        if self.stays is not None and not 0 < self.stays < 1:
            raise BadInputError("The share of counts that stay is between 0 and 1.")


def perturbation_table(design: Design) -> PerturbationTable:
    """Return the perturbation table of a design, its probabilities with eight decimals.

    The last row is the first that no bound of small counts touches, and stands for all larger counts.

    Raises:
        BadInputError: a row has no such distribution.
    """
    last = design.largest + (design.hidden + 1 if design.hidden else 0)
    rows = {0: Row((0,), (Fraction(1),))}
    for n in range(1, last + 1):
        rows[n] = _row(n, design)
    return PerturbationTable(rows)


def _row(n: int, design: Design) -> Row:
    steps = range(-min(n, design.largest), design.largest + 1)
    possible = [v for v in steps if not 1 <= n + v <= design.hidden]
    fixed = float(design.stays) if design.stays is not None and 0 in possible else 0.0
    groups = [[v] for v in possible if v or not fixed]
    if groups[0][-1] >= 0 or groups[-1][0] <= 0:
        raise BadInputError("A count has no perturbation that can balance the others.")
    while True:
        shares = _distribution(groups, 1 - fixed, float(design.variance))
        rising = [place for place in range(len(groups) - 1) if _rises(groups, shares, place)]
        if not rising:
            break
        groups[rising[0] : rising[0] + 2] = [groups[rising[0]] + groups[rising[0] + 1]]
    found = {v: float(share) for group, share in zip(groups, shares.tolist(), strict=True) for v in group}
    if fixed:
        found[0] = fixed
    return _in_decimals(found)


def _rises(groups: list[list[int]], shares: _Floats, place: int) -> bool:
    """Tell whether, going away from no perturbation, the share of a group is more than that of the one before."""
    first, second = groups[place], groups[place + 1]
    if second[0] <= 0:
        return bool(shares[place] > shares[place + 1] + _ENOUGH)
    return first[-1] >= 0 and bool(shares[place + 1] > shares[place] + _ENOUGH)


def _distribution(groups: list[list[int]], mass: float, variance: float) -> _Floats:
    """Return the share of each perturbation of each group, with mean 0 and at most this variance."""
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    first = np.array([np.mean(group) for group in groups], dtype=np.float64)
    second = np.array([np.mean(np.square(group)) for group in groups], dtype=np.float64)
    shares = mass * _tilted(sizes, first[:, None], np.zeros(1))
    if (sizes * shares) @ second <= variance:
        return np.asarray(shares, dtype=np.float64)
    return mass * _tilted(sizes, np.column_stack([first, second]), np.array([0.0, variance / mass]))


def _tilted(sizes: _Floats, facts: _Floats, wanted: _Floats) -> _Floats:
    """Return the distribution of largest entropy whose means of `facts`, shape (groups, facts), are those wanted."""
    at = np.zeros(facts.shape[1])
    for _ in range(_STEPS):
        weights = _weights(sizes, facts @ at)
        means = facts.T @ weights
        slope = means - wanted
        if np.abs(slope).max() < _ENOUGH:
            return np.asarray(weights / sizes, dtype=np.float64)
        curvature = (facts * weights[:, None]).T @ facts - np.outer(means, means)
        try:
            step = np.linalg.solve(curvature, slope)
        except np.linalg.LinAlgError:
            break
        length, before = 1.0, _dual(sizes, facts, wanted, at)
        while length > _ENOUGH and _dual(sizes, facts, wanted, at - length * step) > before + _ENOUGH:
            length /= 2
        at = at - length * step
    if np.abs(facts.T @ _weights(sizes, facts @ at) - wanted).max() > 1e-10:
        raise BadInputError("A row of the perturbation table has no distribution with this mean and variance.")
    return np.asarray(_weights(sizes, facts @ at) / sizes, dtype=np.float64)


def _weights(sizes: _Floats, exponents: _Floats) -> _Floats:
    weights = sizes * np.exp(exponents - exponents.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _dual(sizes: _Floats, facts: _Floats, wanted: _Floats, at: _Floats) -> float:
    exponents = facts @ at
    most = float(exponents.max())
    return most + float(np.log((sizes * np.exp(exponents - most)).sum())) - float(at @ wanted)


def _in_decimals(found: dict[int, float]) -> Row:
    """Return a row whose probabilities have eight decimals and add up to 1; what is left over goes to the likeliest."""
    steps = sorted(found)
    scaled = [round(found[v] * 10**_DECIMALS) for v in steps]
    scaled[int(np.argmax(scaled))] += 10**_DECIMALS - sum(scaled)
    return Row(tuple(steps), tuple(Fraction(one, 10**_DECIMALS) for one in scaled))
