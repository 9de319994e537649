"""What a codebook could change: cells that fail only because nobody says what a column is.

A column of which no codebook says anything counts as sensitive, so that nearly everybody of a group in one category of
it is group disclosure. Of the year of a panel, in each of which everybody stands, or of an outcome that few have, that
is seldom what anyone means. Which columns these are is told with the verdict; what they are is for the office to say.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Status
from disclosure.protection.failing import PolicyTrials
from disclosure.texts import Text, text

_MOST_CELLS: Final = 30_000
"""Of larger tables the rules are not asked again only to say this."""


def undescribed(table: JudgedTable) -> Text | None:
    """Return which columns a codebook could say something of, so that fewer cells fail; None if it would not help.

    Named are those without which fewer cells would be spared.
    """
    evidence, trials = table.evidence, table.trials
    if table.verdict.status is not Status.UNSAFE or evidence is None or not isinstance(trials, PolicyTrials):
        return None
    names = trials.undescribed(table.recipe)
    if not names or len(evidence) > _MOST_CELLS:
        return None
    failing = trials.failing(table.recipe, evidence)

    def spared(known: tuple[str, ...]) -> int:
        after = trials.if_not_sensitive(known).failing(table.recipe, evidence)
        return int(np.count_nonzero(failing & ~after))

    every = spared(names)
    if not every:
        return None
    needed = tuple(name for name in names if spared(tuple(one for one in names if one != name)) < every)
    return text(
        "hint: {n} of the {all} failing cells fail only because no codebook describes {names}, so that every category "
        "of it counts as sensitive. Where it tells nothing of anybody which category they are in, a codebook says so: "
        "sensitive = false, or not_disclosive for what nearly everybody may be (codebook=; in a camp the organisers')",
        names=", ".join(needed or names),
        n=str(every),
        all=str(int(failing.sum())),
    )
