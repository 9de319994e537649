"""Whether some rows could have the evidence of a curve, a comparison or a model: one check per part, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.evidence import Evidence
from disclosure.model.model_facts import ModelFacts, facts_from
from disclosure.model.parts import MOST_CONTRIBUTORS, Part

Numbers = npt.NDArray[Any]
_SCALE = 10**8
_LARGEST_FIGURE = 1e60
"""In size; a figure of a model or a comparison beyond it is none that a fit gives."""


def life_table(evidence: Evidence, part: Part) -> bool:
    """Tell whether units leave one after another: each time those at risk are those that the last one left."""
    names = [str(name) for name in evidence.categories[-1]]
    blocks = _blocks(evidence, 2)
    if blocks is None or len(names) < 4 or len(names) % 2 or not _ascending(evidence.categories[-2]):
        return False
    causes = (len(names) - 2) // 2
    if names[0] != "at_risk" or names[1 + causes] != "censored":
        return False
    shape = (*blocks, len(names))
    at_risk, exits, censored, own = (
        part.columns[name].reshape(shape) for name in ("at_risk", "exits", "censored", "own_exits")
    )
    left = at_risk - exits - censored
    of_causes = own[:, :, 1 : 1 + causes]
    return _all(
        *(one == one[:, :, :1] for one in (at_risk, exits, censored)),
        at_risk == evidence.n_units.reshape(shape),
        at_risk == evidence.n_rows.reshape(shape),
        left >= 0,
        at_risk[:, 1:] == left[:, :-1],
        own[:, :, 0] == 0,
        own[:, :, 1 + causes] == 0,
        of_causes == own[:, :, 2 + causes :],
        of_causes.sum(axis=2) == exits[:, :, 0],
    )


def lorenz(evidence: Evidence, part: Part) -> bool:
    """Tell whether a curve rises from 0 to 100 percent, ever steeper, and its bands add up to the whole."""
    blocks = _blocks(evidence, 2)
    if blocks is None or len(evidence.categories[-1]) != 1 or not _ascending(evidence.categories[-2]):
        return False
    points = [float(str(label)) / 100 for label in evidence.categories[-2]]
    if not 0 < points[0] <= points[-1] < 1:
        return False
    cumulated, total, below, above = (
        part.columns[name].reshape(blocks) for name in ("cumulated", "total", "below", "above")
    )
    n_units, n_rows = evidence.n_units.reshape(blocks), evidence.n_rows.reshape(blocks)
    before = np.concatenate([cumulated[:, :1] * 0, cumulated[:, :-1]], axis=1)
    after = np.concatenate([cumulated[:, 1:], total[:, -1:]], axis=1)
    steps = np.diff([0.0, *points, 1.0])
    ok = _all(
        *(one == one[:, :1] for one in (total, n_units, n_rows)),
        total % _SCALE == 0,
        total >= 0,
        before >= 0,
        below == cumulated - before,
        above == after - cumulated,
        below >= 0,
        above >= 0,
    )
    if not ok:
        return False
    for held, whole in zip(np.concatenate([below, above[:, -1:]], axis=1).tolist(), total[:, 0].tolist(), strict=True):
        rising = [band / whole / step for band, step in zip(held, steps, strict=True)] if whole else []
        if any(steeper < flatter * (1 - 1e-9) for flatter, steeper in pairwise(rising)):
            return False
    names = ("below", "above", "under", "over")
    groups = [tuple(part.columns[f"{name}{place}"] for place in ("", "_1", "_2")) for name in names]
    inner = (part.columns["under"].reshape(blocks)[:, 1:], part.columns["over"].reshape(blocks)[:, :-1])
    if not _all(*(one == 0 for one in inner), *(first + second <= whole for whole, first, second in groups[2:])):
        return False
    return all(
        _all(second >= 0, first >= second, whole <= evidence.n_rows.astype(np.object_) * first)
        for whole, first, second in groups
    ) and all(_all(part.columns[name] <= evidence.n_units) for name in ("n_below", "n_above"))


def comparison(evidence: Evidence, part: Part) -> bool:
    """Tell whether figures are numbers, and counts those of the same units throughout."""
    figures, table = part.columns["figure"], evidence.underlying
    said = ("degrees", "fewest", "perfect", "residual_units")
    counts = (evidence.n_units, evidence.n_rows, *(part.columns[name] for name in said))
    tops = [part.columns[f"residual_top_{place}"] for place in range(1, MOST_CONTRIBUTORS + 1)]
    if table is None or not _all(np.isfinite(figures), abs(figures) < _LARGEST_FIGURE):
        return False
    return _every_added(evidence, 1) and _all(
        *(one == one[0] for one in counts),
        # There is one row for each unit.
        evidence.n_units == evidence.n_rows,
        evidence.n_units == table.n_units[-1],
        part.columns["degrees"] <= evidence.n_units,
        part.columns["fewest"] <= evidence.n_units,
        part.columns["residual_units"] <= evidence.n_units,
        *(one == one[0] for one in tops),
        *(one <= other for one, other in pairwise(tops)),
        tops[-1] <= 10**6,
    )


def model(evidence: Evidence, part: Part) -> bool:
    """Tell whether figures are numbers, and counts and shares those of the units that the facts name."""
    facts, figures = facts_from(part.facts), part.columns["figure"]
    if len(evidence.categories) != 2 or np.isinf(figures).any() or (abs(figures) >= _LARGEST_FIGURE).any():
        return False
    return _facts(facts) and _all(
        evidence.n_units == facts.units,
        evidence.n_rows == facts.rows,
        len(evidence.categories[0]) == facts.parameters + 1,
        *(part.columns[name] <= facts.units for name in ("nonzero", "zero", "differing", "alone")),
        *(one.n_units <= facts.rows for one in evidence.other_units),
    )


def _facts(facts: ModelFacts) -> bool:
    units, some = facts.units, facts.smallest_cell is not None
    shares = [one for one in (*facts.cell_top, *facts.residual_top, facts.most_high, facts.most_low) if one is not None]
    checks = [
        0 < facts.further_units <= units <= facts.rows,
        0 < facts.clusters <= facts.rows,
        facts.outcome_units <= facts.further_units,
        facts.cells <= facts.patterns <= facts.rows,
        some or facts.cells == 0,
        (facts.cell_nonzero is not None) is some,
        bool(facts.cell_top) is some,
        (facts.high is None) is (facts.low is None),
        all(0 <= share <= 1 for share in shares),
        all(one <= other for shares in (facts.cell_top, facts.residual_top) for one, other in pairwise(shares)),
        facts.residual_units <= units,
        facts.cell_rest is None or facts.cell_rest >= 0,
        facts.smallest_cell is None or 0 < facts.smallest_cell <= facts.further_units,
        facts.cell_nonzero is None or facts.cell_nonzero <= units,
        facts.cell_part is None or 0 < facts.cell_part <= units,
        max(facts.parameters, facts.absorbed, facts.missing_rows, facts.lone_rows) < 2**53,
    ]
    return all(checks)


def _blocks(evidence: Evidence, added: int) -> tuple[int, int] | None:
    """Return how many own cells and times there are if each own cell has every added combination, in their order."""
    if len(evidence.added) != added or not _every_added(evidence, added):
        return None
    return len(evidence) // math.prod(map(len, evidence.categories[-added:])), len(evidence.categories[-added])


def _every_added(evidence: Evidence, added: int) -> bool:
    sizes = [len(labels) for labels in evidence.categories[-added:]]
    each = math.prod(sizes)
    if len(evidence.added) != added or len(evidence) % each:
        return False
    steps = np.array(np.unravel_index(np.arange(each), sizes), dtype=np.int32).T
    blocks = len(evidence) // each
    own = evidence.codes[:, :-added].reshape(blocks, each, evidence.codes.shape[1] - added)
    return _all(own == own[:, :1], evidence.codes[:, -added:].reshape(blocks, each, added) == steps)


def _ascending(labels: tuple[str | None, ...]) -> bool:
    numbers = [float(str(label)) for label in labels]
    return all(math.isfinite(one) for one in numbers) and all(one < other for one, other in pairwise(numbers))


def _all(*masks: Any) -> bool:
    return all(bool(np.all(mask)) for mask in masks)


DESIGNS: Mapping[str, Callable[[Evidence, Part], bool]] = MappingProxyType(
    {"life_table": life_table, "lorenz": lorenz, "comparison": comparison, "model": model}
)
