"""Saturated model: a model with as many terms as patterns of its regressors is a table of means, and judged as one.

The mean of every pattern follows from the coefficients. The same holds of single patterns of a larger model that its
terms can tell apart from all others, so each of these is judged as the cell that it is: minimum count, minimum
nonzero, dominance, p%, pq and constant, and for a two-valued response the rules of a frequency table. Coefficients of
a Cox model and of logit and probit give away no amounts, so of those only counts and shares are judged.

Beside a further regressor the rows of a dummy are no cell of their own, but the equations that the fit solves still
give the total of their responses away. So in every model but Cox all rows, those of each dummy and of its complement,
and every other group that the terms tell apart, are judged in the same way.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from disclosure.model.codebooks import Column
from disclosure.model.evidence import Mask
from disclosure.model.model_facts import Family, ModelFacts, model_facts
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return all cells of a model in which some pattern is a cell that no table may show, none of any other."""
    facts = model_facts(judged.evidence)
    family = Family.named(judged.recipe.option("family"))
    unsafe = _few(facts.smallest_cell, judged.minimum_units)
    if family in (Family.OLS, Family.POISSON):
        unsafe = unsafe or _magnitude(facts, judged)
    if facts.high is not None and family is not Family.COX:
        unsafe = unsafe or _frequency(facts, judged)
    return np.full(len(judged.evidence), unsafe, dtype=np.bool_)


def perfect(judged: Judged) -> Mask:
    """Return all cells of a model that predicts every response, or whose fit came to no end; none of any other."""
    facts = model_facts(judged.evidence)
    return np.full(len(judged.evidence), facts.perfect or not facts.converged, dtype=np.bool_)


def _few(count: int | None, minimum: int) -> bool:
    return count is not None and 0 < count < minimum


def _magnitude(facts: ModelFacts, judged: Judged) -> bool:
    policy = judged.policy
    pairs = switched_on(policy.dominance, "dominance") or ()
    p, pq = switched_on(policy.p_percent, "p_percent"), switched_on(policy.pq, "pq")
    constant = switched_on(policy.constant, "constant")
    if not facts.cell_top:
        return False
    dominated = any(facts.cell_top[m - 1] > share / 100 for m, share in pairs)
    # p% is the pq rule of somebody who knows nothing beforehand.
    ratios = [p / 100] if p is not None else []
    ratios += [pq[0] / pq[1]] if pq is not None else []
    close = facts.cell_rest is not None and any(facts.cell_rest < ratio for ratio in ratios)
    return (
        dominated or close or _few(facts.cell_nonzero, judged.minimum_units) or bool(constant and facts.cell_constant)
    )


def _frequency(facts: ModelFacts, judged: Judged) -> bool:
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    name = judged.value or ""
    column = judged.columns.get(name, Column(name))
    over = False
    if share is not None and column.sensitive:
        over = any(
            most is not None and (most >= 1 if label in column.not_disclosive else most > Fraction(share) / 100)
            for most, label in ((facts.most_high, facts.high), (facts.most_low, facts.low))
        )
    return over or _few(facts.cell_part, judged.minimum_units)


SATURATED_MODEL = Rule(
    RuleName.SATURATED_MODEL,
    ("minimum_units", "dominance", "p_percent", "pq", "constant", "group_disclosure"),
    text("the model is a table of means, in whole or in part, and a cell of it may not be published"),
    failing,
)
"""All figures of the model fail together."""

PERFECT_MODEL = Rule(
    RuleName.SATURATED_MODEL,
    (),
    text("the model predicts the response of every unit, or of a group of them, or could not be fitted"),
    perfect,
)
"""All figures of the model fail together."""
