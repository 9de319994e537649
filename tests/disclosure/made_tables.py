"""Judged tables made by hand: a figure is drawn from what a table publishes, however it was tabulated."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from disclosure.model.cells import MARGIN, label_order
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import FrameSource, PolicyReference, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Safe, Verdict
from disclosure.render.figures.intervals import interval

WITHHELD = "withheld"
SECRET = "987654321.125"
"""The figure behind every withheld cell of a made table: it must turn up nowhere."""

Cells = Mapping[Any, str | None]
"""Figures by their labels, one for each dimension."""


def made(
    cells: Cells,
    dimensions: tuple[str, ...] = ("wijk",),
    *,
    statistic: Statistic = Statistic.SUM,
    options: tuple[tuple[str, str], ...] = (),
    verdict: Verdict | None = None,
) -> JudgedTable:
    """Return a judged table with these figures as canonical text, `WITHHELD`, or None for a cell without one.

    The last dimensions are those that the statistic adds. All margins over the others are withheld.
    """
    added = statistic.specification.added
    own = dimensions[: len(dimensions) - len(added)]
    assert dimensions == (*own, *added)
    categories = tuple(
        tuple(sorted({key[place] for key in cells}, key=_number if name in added else label_order))
        for place, name in enumerate(dimensions)
    )
    codes, figures, shown = [], [], []
    for key, figure in cells.items():
        codes.append([labels.index(label) for labels, label in zip(categories, key, strict=True)])
        figures.append(SECRET if figure == WITHHELD else figure)
        shown.append(figure != WITHHELD)
    spans = [
        (*range(len(labels)), *(() if name in added else (MARGIN,)))
        for name, labels in zip(dimensions, categories, strict=True)
    ]
    for place in product(*spans):
        if MARGIN in place:
            codes.append(list(place))
            figures.append(SECRET)
            shown.append(False)
    count = len(codes)
    evidence = Evidence(
        dimensions=dimensions,
        categories=categories,
        codes=np.array(codes, dtype=np.int32).reshape(count, len(dimensions)),
        n_units=np.full(count, 100, dtype=np.int64),
        n_rows=np.full(count, 100, dtype=np.int64),
        added=added,
    )
    value = "inkomen" if statistic.needs_value else None
    recipe = Recipe(
        source=FrameSource(("unit", *own, *((value,) if value else ()))),
        statistic=statistic,
        policy=PolicyReference("abs", "sha256:" + "0" * 64),
        rows=own,
        value=value,
        unit=("unit",),
        options=options,
    )
    failing = np.zeros(count, dtype=np.bool_)
    return JudgedTable(recipe, evidence, verdict or Safe(), failing, np.array(shown, dtype=np.bool_), tuple(figures))


def _number(label: str | None) -> tuple[bool, float, str]:
    read = interval(label or "")
    return (read is None, float(read.middle) if read is not None else 0.0, label or "")
