"""Group disclosure: nearly everyone in a margin falls into one category of a sensitive dimension.

Judged on counts of units, for each dimension that is not at its total, with all other dimensions fixed, margins over
the others included. Unknown counts as sensitive. A category that the codebook marks as not disclosive ("not poor")
fails only when it holds everyone.

Figures of a value show no counts, but which cells have nobody: where all others in a line are empty, everyone in it is
in the one category. That is asked of them, unless it is so in every line, as of the districts of neighbourhoods.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells that hold more than the permitted share of a margin over a sensitive dimension."""
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    mask = judged.none()
    if share is None:
        return mask
    evidence = judged.evidence
    for place, name in enumerate(evidence.dimensions):
        column = judged.columns[name]
        # Only a dimension that can take one value at all tells nothing; one that a filter left alone still does.
        if not column.sensitive or len(column.categories) == 1:
            continue
        margin = evidence.margin_over(place)
        known = margin >= 0
        whole = np.where(known, evidence.n_units[margin], 0)
        fixed = (evidence.codes[:, place] != MARGIN) & (evidence.n_units > 0)
        harmless = _harmless(evidence.codes[:, place], evidence.categories[place], column.not_disclosive)
        over = np.where(harmless, evidence.n_units >= whole, exceeds_share(evidence.n_units, whole, share))
        mask |= fixed & (over | ~known)
    return mask


def failing_everyone(judged: Judged) -> Mask:
    """Return the cells that hold all of a margin over a sensitive dimension of which other lines have more."""
    mask = judged.none()
    if switched_on(judged.policy.group_disclosure, "group_disclosure") is None:
        return mask
    evidence = judged.evidence
    for place, name in enumerate(evidence.dimensions[: evidence.own_dimensions]):
        column = judged.columns[name]
        # A dimension of one category says which rows the table is of.
        if not column.sensitive or len(column.categories) == 1 or len(evidence.categories[place]) == 1:
            continue
        margin = evidence.margin_over(place)
        fixed = (evidence.codes[:, place] != MARGIN) & (evidence.n_units > 0) & (margin >= 0)
        # Of units that stand in several categories all may be in one, and others of them in another one as well.
        filled = np.bincount(margin[fixed], minlength=len(evidence))
        alone = fixed & (filled[margin] == 1)
        # That a dimension follows from the others is known of it beforehand.
        if not alone[fixed & evidence.inner].all():
            mask |= alone
    return mask


def _harmless(codes: npt.NDArray[np.int32], labels: tuple[str | None, ...], not_disclosive: tuple[str, ...]) -> Mask:
    marked = np.array([label in not_disclosive for label in labels] or [False], dtype=np.bool_)
    return np.asarray((codes != MARGIN) & marked[np.maximum(codes, 0)], dtype=np.bool_)


GROUP_DISCLOSURE = Rule(
    RuleName.GROUP_DISCLOSURE,
    ("group_disclosure",),
    text("nearly everyone in the group falls into this category"),
    failing,
)

EVERYONE_IN_ONE = Rule(
    RuleName.GROUP_DISCLOSURE,
    ("group_disclosure",),
    text("everyone in the group falls into this category, as the empty cells beside it show"),
    failing_everyone,
)
"""Put to the cells of figures of a value, which show no counts."""
