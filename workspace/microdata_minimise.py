"""How to make sealed microdata smaller: what a session does not need, and what each key variable adds to the risk.

No limit of k binds records that never leave a sealed camp. What binds there is that no more is prepared than is asked
for; so each key variable is told by how many records would still stand alone without it, or one level coarser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from disclosure.errors import DatakampError
from disclosure.microdata import frequencies, k_anonymity, recode
from disclosure.microdata.coding import coded
from disclosure.model.codebooks import Codebook
from disclosure.model.key_variables import KeyVariables
from disclosure.texts import Text, text
from workspace.microdata_figures import Asked


@dataclass(frozen=True)
class Proposal:
    """One key variable, and what leaving it out or making it coarser would bring.

    Attributes:
        categories: how many it has.
        without: records below k without it; None if it is the only one.
        coarser: records below k with it one level up its hierarchy; None if it has none.
    """

    column: str
    categories: int
    without: int | None
    coarser: int | None


@dataclass(frozen=True)
class Minimisation:
    """A plan for making a file smaller.

    Attributes:
        k, below: how many records share their key with fewer than k, as the file is.
        proposals: by how much leaving out brings, most first.
        identifiers: columns that identify and are in the file.
        undescribed: columns that no codebook describes.
        sensitive: columns whose values an intruder would learn.
    """

    k: int
    below: int
    proposals: tuple[Proposal, ...]
    identifiers: tuple[str, ...]
    undescribed: tuple[str, ...]
    sensitive: tuple[str, ...]

    def lines(self) -> tuple[Text, ...]:
        """Return what to do, a sentence a line."""
        said = []
        if self.identifiers:
            said.append(
                text("Make pseudonyms of identifiers, or leave them out: {names}.", names=", ".join(self.identifiers))
            )
        if self.undescribed:
            said.append(
                text(
                    "Leave out what no codebook describes, or describe it: {names}.", names=", ".join(self.undescribed)
                )
            )
        if self.sensitive:
            said.append(
                text("Ask of each sensitive column which question needs it: {names}.", names=", ".join(self.sensitive))
            )
        for one in self.proposals:
            if one.coarser is not None and one.coarser < self.below:
                said.append(
                    text(
                        "Give '{name}' one level coarser: {n} records instead of {before} share their key with fewer "
                        "than {k}.",
                        name=one.column,
                        n=one.coarser,
                        before=self.below,
                        k=self.k,
                    )
                )
            elif one.without is not None and one.without < self.below:
                said.append(
                    text(
                        "Without '{name}': {n} records instead of {before} share their key with fewer than {k}.",
                        name=one.column,
                        n=one.without,
                        before=self.below,
                        k=self.k,
                    )
                )
        return tuple(said)

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "k": self.k,
            "below": self.below,
            "proposals": [[one.column, one.categories, one.without, one.coarser] for one in self.proposals],
            "identifiers": list(self.identifiers),
            "undescribed": list(self.undescribed),
            "sensitive": list(self.sensitive),
        }


def minimisation_from(document: Any) -> Minimisation:
    """Return what `to_document` wrote; KeyError, TypeError or ValueError if it is anything else."""
    names = {key: tuple(map(str, document[key])) for key in ("identifiers", "undescribed", "sensitive")}
    proposals = tuple(
        Proposal(str(name), int(n), without, coarser) for name, n, without, coarser in document["proposals"]
    )
    return Minimisation(int(document["k"]), int(document["below"]), proposals, **names)


def minimise(frame: pa.Table, asked: Asked, codebook: Codebook | None) -> Minimisation:
    """Return how the file could be made smaller.

    Raises:
        ColumnError, DataError: key variables do not fit the file.
    """
    names = asked.keys.categorical
    below = _below(frame, names, asked.k)
    proposals = [
        Proposal(
            name,
            coded(frame, name).size,
            _below(frame, tuple(one for one in names if one != name), asked.k) if len(names) > 1 else None,
            _coarser(frame, names, name, asked.k, codebook),
        )
        for name in names
    ]
    proposals.sort(key=lambda one: below if one.without is None else one.without)
    present = frame.column_names
    keys = frozenset() if codebook is None else codebook.key_columns()
    described = set(present) if codebook is None else {*codebook.columns, *keys, *codebook.weights}
    sensitive = () if codebook is None else tuple(
        name for name in present if name in codebook.columns and codebook.columns[name].sensitive and name not in keys
    )  # fmt: skip
    return Minimisation(
        asked.k,
        below,
        tuple(proposals),
        tuple(name for name in present if name in keys),
        tuple(name for name in present if name not in described),
        sensitive or asked.keys.sensitive,
    )


def _below(frame: pa.Table, names: tuple[str, ...], k: int) -> int:
    return k_anonymity(frequencies(frame, KeyVariables(names)), (k,)).of(k)


def _coarser(frame: pa.Table, names: tuple[str, ...], name: str, k: int, codebook: Codebook | None) -> int | None:
    column = None if codebook is None else codebook.columns.get(name)
    if codebook is None or column is None or column.hierarchy is None:
        return None
    try:
        made = recode(frame, name, codebook.hierarchies[column.hierarchy])
    except DatakampError:
        return None  # its codes are not those of the hierarchy; the report of the recoding says so
    return _below(made.frame, names, k)
