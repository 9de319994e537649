"""A table without the rows that have no category in some dimension, which are never counted with other categories.

Of a unit with a missing category hardly anything else can be done: what is missing has no neighbour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np

from disclosure.errors import DatakampError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_columns import changed
from disclosure.model.recipes import Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.protection.recode import regrouped
from disclosure.protection.remedies import figures_of
from disclosure.texts import Text, text

_MOST_COPIES = 2_000_000
"""Cells in all margins together, above which they are not added up anew."""


def lacking(recipe: Recipe, evidence: Evidence) -> tuple[str, ...]:
    """Return the dimensions of a table that have a missing category; none where such rows are left out already."""
    own = zip(evidence.dimensions[: evidence.own_dimensions], evidence.categories, strict=False)
    return () if recipe.dropna else tuple(name for name, labels in own if None in labels)


def filled_only(evidence: Evidence) -> Evidence | None:
    """Return the evidence of the rows that have a category in every dimension, its margins added up from its cells.

    None if nothing is left, or if there are too many cells for that. See `disclosure.protection.recode.can_merge`.
    """
    missing = np.array([labels.index(None) if None in labels else MARGIN for labels in evidence.categories])
    inner = np.flatnonzero(evidence.inner & (evidence.codes != missing).all(axis=1))
    margins = np.array(list(product((False, True), repeat=len(evidence.dimensions))), dtype=np.bool_)
    if not int(evidence.n_units[inner].sum()) or len(inner) * len(margins) > _MOST_COPIES:
        return None
    places = np.tile(inner, len(margins))
    cells, categories = evidence.codes[inner].copy(), []
    for place, labels in enumerate(evidence.categories):
        borne = np.unique(cells[evidence.n_units[inner] > 0, place])
        number = np.full(len(labels), MARGIN, dtype=np.int32)
        number[borne] = np.arange(len(borne))
        cells[:, place] = number[cells[:, place]]
        categories.append(tuple(labels[code] for code in borne.tolist()))
    # An empty cell of a category that nobody is left in goes with it.
    known = (cells != MARGIN).all(axis=1)
    spread = np.where(margins[:, None, :], MARGIN, cells[None, :, :]).reshape(-1, cells.shape[1]).astype(np.int32)
    kept = np.flatnonzero(np.tile(known, len(margins)))
    places, codes = places[kept], spread[kept]
    return regrouped(changed(evidence, codes, lambda column: column[places]), codes, tuple(categories))


def leaving_rows_out(names: tuple[str, ...], before: Evidence, after: Evidence, failing: int) -> Remedy:
    """Return the remedy that leaves the rows without these dimensions out, with what it loses."""
    all_, lost = figures_of(before), max(0, figures_of(before) - figures_of(after))
    loses = text(
        "the rows without {names}: {n} of {all} figures ({share}%)",
        names=", ".join(names),
        n=str(lost),
        all=str(all_),
        share=str(round(100 * lost / max(1, all_))),
    )
    words = _words(names)
    return Remedy(RemedyKind.MISSING_ROWS, words, loses, dropna=True, failing=failing, loss=lost / max(1, all_))


def and_more(names: tuple[str, ...], one: Remedy, before: Evidence, after: Evidence) -> Remedy:
    """Return a remedy of the table without those rows as one of the table itself.

    Args:
        after: the evidence without the rows, which the remedy was found for.
    """
    left, listed = figures_of(after) * (1 - one.loss), ", ".join(names)
    return replace(
        one,
        text=text("{first}, and {what}", first=_words(names), what=one.text),
        loses_text=text("the rows without {names}, and of what is left {what}", names=listed, what=one.loses_text),
        dropna=True,
        loss=1 - left / max(1, figures_of(before)),
    )


def tabulated(recipe: Recipe, judge: Callable[[Recipe], JudgedTable]) -> JudgedTable | None:
    """Return the table without those rows, tabulated and judged again; None if there is no such table."""
    try:
        return judge(replace(recipe, dropna=True))
    except DatakampError:
        return None


def _words(names: tuple[str, ...]) -> Text:
    return text("leave out the rows without {names}", names=", ".join(names))
