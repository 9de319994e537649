"""What each remedy is called, and what it loses in numbers; and the remedies that every finding has."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.midpoints import MIDPOINT
from disclosure.model.recipes import Recipe, Recoding
from disclosure.model.tables import Trials
from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.protection.leave_out import left_out, without
from disclosure.texts import Text, text

SUPPRESS = Remedy(
    RemedyKind.SUPPRESS,
    text("withhold the failing cells, and all margins with them"),
    text("the failing cells and every margin"),
    loss=1.0,
)


def for_findings(recipe: Recipe, evidence: Evidence, failing: Mask, trials: Trials) -> tuple[Remedy, ...]:
    """Return the remedies that repair a table whatever its figures: suppression, or else leaving dimensions out.

    Suppression does not do where values of opposite sign may cancel, nor where it leaves nothing: what does then is
    found by trying. Under a policy that asks for rounding, counts are rounded first, and that may be enough.
    """
    base = 0
    if trials.rounding_required and can_round(recipe) and not trials.takes(recipe.rounding):
        base = trials.rounding
        recipe = replace(recipe, rounding=base)
        failing = trials.failing(recipe, evidence)
        if not failing.any():
            return (rounding(evidence, base),)
    shown = trials.shown(recipe, evidence, failing)
    one = None if shown is None else suppression(evidence, shown, base)
    if one is not None and not leaves_nothing(one):
        return (one,)
    less = () if base else leaving_out(recipe, evidence, trials)
    return less or (() if one is None else (one,))


def leaves_nothing(remedy: Remedy) -> bool:
    """Tell whether a remedy withholds every figure of a table, which repairs nothing."""
    return remedy.kind is RemedyKind.SUPPRESS and remedy.loss >= 1


def suppression(evidence: Evidence, shown: Mask, base: int = 0) -> Remedy:
    """Return suppression with what it loses.

    Args:
        shown: the cells that it leaves.
        base: the multiples to which counts are rounded as well; 0 for none.
    """
    before = figures_of(evidence)
    lost = before - int((shown & told(evidence)).sum())
    words = SUPPRESS.text
    if lost == before:
        words = text(
            "nothing of this may leave: withhold it, or take more units, as of a longer period or a larger population"
        )
    elif base:
        words = text("round counts to multiples of {base}, and withhold failing cells and margins", base=str(base))
    loses = text(
        "{n} of {all} figures ({share}%), every margin among them",
        n=str(lost),
        all=str(before),
        share=_percent(lost, before),
    )
    return Remedy(RemedyKind.SUPPRESS, words, loses, rounding=base, loss=lost / max(1, before))


def leaving_out(recipe: Recipe, evidence: Evidence, trials: Trials) -> tuple[Remedy, ...]:
    """Return for each dimension without which every cell passes the remedy that leaves it out."""
    found = []
    for place, name in enumerate(evidence.dimensions[: evidence.own_dimensions]):
        less, shorter = left_out(evidence, place), without(recipe, name)
        if less is None or shorter is None:
            continue
        if trials.failing(shorter, less).any() or trials.shown(shorter, less, nothing(less)) is None:
            continue
        lost, before = figures_of(evidence) - figures_of(less), figures_of(evidence)
        found.append(
            Remedy(
                RemedyKind.LEAVE_OUT,
                text("leave {name} out", name=name),
                text(
                    "the breakdown by {name}: {n} of {all} figures ({share}%)",
                    name=name,
                    n=str(lost),
                    all=str(before),
                    share=_percent(lost, before),
                ),
                leaves_out=name,
                loss=lost / max(1, before),
            )
        )
    return tuple(found)


def merging(
    kind: RemedyKind,
    words: Text,
    recodings: tuple[Recoding, ...],
    before: Evidence,
    after: Evidence,
    *,
    failing: int = 0,
) -> Remedy:
    """Return a remedy that counts categories together, with what it loses: figures and categories."""
    all_, lost = figures_of(before), max(0, figures_of(before) - figures_of(after))
    categories = sum(map(len, before.categories))
    gone = sum(len(one.mapping) - len({into for _, into in one.mapping}) for one in recodings)
    loses = text(
        "{n} of {all} figures ({share}%), and {gone} of {categories} categories",
        n=str(lost),
        all=str(all_),
        share=_percent(lost, all_),
        gone=str(gone),
        categories=str(categories),
    )
    return Remedy(kind, words, loses, recodings=recodings, failing=failing, loss=lost / max(1, all_))


def rounding(evidence: Evidence, base: int) -> Remedy:
    """Return the remedy that rounds counts to multiples of a base; its loss is the mean relative error.

    What it tells is a matter of the base alone: how far off the figures are on average would tell something of them.
    """
    counts = evidence.n_units[evidence.n_units > 0]
    off = np.abs(base * ((2 * counts + base) // (2 * base)) - counts)
    relative = float(np.mean(np.minimum(1.0, off / counts))) if len(counts) else 0.0
    return Remedy(
        RemedyKind.ROUND,
        text("round counts to multiples of {base}", base=str(base)),
        text("exact counts: figures are up to {most} off, and need not add up", most=str(base // 2)),
        rounding=base,
        loss=relative,
    )


def still_tells(evidence: Evidence, base: int) -> bool:
    """Tell whether counts so rounded say anything yet: most cells below the margins are not 0.

    That a table of nothing but zeros fails no rule does not make it one that anybody can use.
    """
    counts = evidence.n_units[evidence.inner & (evidence.n_units > 0)]
    return int((2 * counts >= base).sum()) * 2 > len(counts)


def to_midpoints(evidence: Evidence, width: int) -> Remedy:
    """Return the remedy that shows counts as midpoints of classes; its loss is the mean relative error."""
    counts = evidence.n_units[evidence.n_units > 0]
    off = np.abs(width * -(-counts // width) - width // 2 - counts)
    relative = float(np.mean(np.minimum(1.0, off / counts))) if len(counts) else 0.0
    return Remedy(
        RemedyKind.ROUND,
        text("show counts as midpoints of classes of {width}", width=str(width)),
        text("exact counts: cells are up to {most} off, and margins are sums of midpoints", most=str(width // 2)),
        options=((MIDPOINT, str(width)),),
        loss=relative,
    )


def can_round(recipe: Recipe) -> bool:
    """Tell whether a recipe's figures are counts that may be rounded: unweighted, not derived and not midpoints."""
    return recipe.statistic == "count" and recipe.weight is None and recipe.option(MIDPOINT) is None


def figures_of(evidence: Evidence) -> int:
    """Return how many different figures a table has: a dimension of one category repeats those of its total."""
    return int(told(evidence).sum())


def entropy(evidence: Evidence) -> float:
    """Return how many bits a table tells of a unit: the entropy of its distribution over the inner cells."""
    counts = evidence.n_units[evidence.inner & (evidence.n_units > 0)].tolist()
    whole = sum(counts)
    return float(sum(one / whole * log2(whole / one) for one in sorted(counts)))


def nothing(evidence: Evidence) -> Mask:
    """Return a mask in which no cell fails."""
    return np.zeros(len(evidence), dtype=np.bool_)


def told(evidence: Evidence) -> Mask:
    """Return which cells have a figure of their own: some are empty, and some repeat those of their total."""
    own = evidence.n_units > 0
    for place in range(evidence.own_dimensions):
        if len(evidence.categories[place]) == 1:
            own = own & (evidence.codes[:, place] != MARGIN)
    return np.asarray(own, dtype=np.bool_)


def _percent(part: int, whole: int) -> str:
    return str(round(100 * part / max(1, whole)))
