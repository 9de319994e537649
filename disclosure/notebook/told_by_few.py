"""What measures of one call tell of few units: by rows that these have more, or by percentiles next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from disclosure.engines.values_beside import INEXACT
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence, Mask
from disclosure.model.recipes import Statistic
from disclosure.notebook.output import Output
from disclosure.statistics.position import probability
from disclosure.texts import Text, text

Judged = Mapping[str, tuple[Output, Evidence]]


def several_rows(judged: Judged, minimum: int) -> dict[str, Text]:
    """Return the figures of rows that tell beside a rate of units what the few units with several rows have."""
    rates = [(out.recipe.value, each) for out, each in judged.values() if out.recipe.statistic is Statistic.RATE]
    found: dict[str, Text] = {}
    for name, (out, evidence) in judged.items():
        kind, value = out.recipe.statistic, out.recipe.value
        if kind is Statistic.POVERTY_RATE:
            beside = any(_of_the_poor(evidence, rate, minimum) for _, rate in rates)
        else:
            exact = kind is not Statistic.RATE and kind not in INEXACT
            beside = exact and any(value == rated for rated, _ in rates)
        if not beside or evidence.amounts is None:
            continue
        more = evidence.n_rows - evidence.n_units
        most = evidence.amounts.divisor_largest // 10**WEIGHT_DECIMALS - 1
        if bool(((more > 0) & (more < minimum * np.maximum(most, 1))).any()):
            found[name] = text(
                "one row per unit: beside a rate of units, {value} shows what the few with several have; leave one out",
                value=value or "",
            )
    return found


def _of_the_poor(evidence: Evidence, rate: Evidence, minimum: int) -> bool:
    """Tell whether a rate may be of the poor or of the others: of about as many units in every cell."""
    shares, columns = rate.shares, evidence.part("poverty").columns
    if shares is None or rate.categories != evidence.categories or not np.array_equal(rate.codes, evidence.codes):
        return True
    return any(
        bool((abs(columns[side] - units) < minimum).all())
        for side in ("poor", "not_poor")
        for units in (shares.numerator, shares.complement)
    )


def near_quantiles(judged: Judged, minimum: int) -> dict[str, Text]:
    """Return the quantiles that tell beside an earlier one how many have a value between the two, where few have."""
    own = [
        (name, out, evidence)
        for name, (out, evidence) in judged.items()
        if out.recipe.statistic in (Statistic.MEDIAN, Statistic.QUANTILE)
    ]
    found: dict[str, Text] = {}
    for (_, first, one), (name, then, other) in combinations(own, 2):
        if first.recipe.value != then.recipe.value or len(one) != len(other):
            continue
        apart = abs(probability(first.recipe) - probability(then.recipe))
        near = np.array([bool(apart * (int(n) - 1) < minimum) for n in one.n_units], dtype=np.bool_)
        hidden = [out.table.failing if len(out.table.failing) == len(one) else ~near for out in (first, then)]
        if bool((near & ~hidden[0] & ~hidden[1] & (_few_between(one, other, minimum))).any()):
            found[name] = text(
                "percentiles of {value} that are further apart: two next to each other show how few have what lies "
                "between them; leave one out",
                value=then.recipe.value or "",
            )
    return found


def _few_between(one: Evidence, other: Evidence, minimum: int) -> Mask:
    """Return where two quantiles are values that many have, and few units surely have one between them."""
    parts = one.part("position").columns, other.part("position").columns
    # Who has more than the lower one and less than the higher one is counted twice, everybody else once.
    between = np.maximum(parts[0]["above"] + parts[1]["below"], parts[1]["above"] + parts[0]["below"]) - one.n_units
    # So is who has several rows, of which none lie between: some at or below the lower, and some at or above the other.
    around = np.minimum(*(columns["below"] + columns["alike"] + columns["above"] - one.n_units for columns in parts))
    shared = np.ones(len(one), dtype=np.bool_)
    for columns in parts:
        shared &= np.asarray((columns["width"] == 0) & (columns["step"] != 0), dtype=np.bool_)
    surely = between - np.maximum(around, 0)
    return np.asarray(shared & (surely > 0) & (surely < minimum), dtype=np.bool_)
