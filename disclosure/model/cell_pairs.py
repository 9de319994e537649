"""Pairs of cells of two outputs, by their labels, and which of them two judged tables show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import DocumentError
from disclosure.model import strict
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Mask
from disclosure.model.tables import JudgedTable

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Labels = tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, eq=False)
class CellPairs:
    """Pairs of cells, one of each of two outputs.

    Attributes:
        dimensions, other_dimensions: the columns by which the cells are named.
        labels, other_labels: for each dimension the labels that codes count in.
        codes, other_codes: shape (pairs, dimensions) each, `MARGIN` for a total.
        groups: per pair the number of its group: the cells of a group tell something all together, and none alone.
    """

    dimensions: tuple[str, ...]
    other_dimensions: tuple[str, ...]
    labels: Labels
    other_labels: Labels
    codes: Codes
    other_codes: Codes
    groups: Counts

    def __post_init__(self) -> None:
        sides = (
            (self.dimensions, self.labels, self.codes),
            (self.other_dimensions, self.other_labels, self.other_codes),
        )
        for names, labels, codes in sides:
            if not len(names) == len(labels) == codes.shape[1]:
                raise DocumentError("Pairs of cells name each of their dimensions once.")
            for place, own in enumerate(labels):
                column = codes[:, place]
                if ((column != MARGIN) & ((column < 0) | (column >= len(own)))).any():
                    raise DocumentError("A pair of cells has a label that is not there.")
        if not len(self.codes) == len(self.other_codes) == len(self.groups):
            raise DocumentError("Pairs of cells have one of each output.")

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def none(cls, dimensions: tuple[str, ...], other: tuple[str, ...]) -> CellPairs:
        """Return no pairs."""
        one, last = (np.zeros((0, len(names)), dtype=np.int32) for names in (dimensions, other))
        labels, other_labels = (tuple(() for _ in names) for names in (dimensions, other))
        return cls(dimensions, other, labels, other_labels, one, last, np.zeros(0, dtype=np.int64))

    @classmethod
    def joined(cls, parts: Sequence[CellPairs]) -> CellPairs:
        """Return all pairs of several, of the same two outputs: those that have some have the same labels."""
        most, groups, before = max(parts, key=len), [], 0
        for one in parts:
            groups.append(one.groups + before)
            before += int(one.groups.max(initial=-1)) + 1
        return cls(
            most.dimensions,
            most.other_dimensions,
            most.labels,
            most.other_labels,
            np.concatenate([one.codes for one in parts]),
            np.concatenate([one.other_codes for one in parts]),
            np.concatenate(groups),
        )

    def told(self, one: JudgedTable, other: JudgedTable) -> bool:
        """Tell whether both tables show all cells of some group.

        A table whose cells are named by other columns than the pairs shows them all if it shows anything.
        """
        own = _shown(one, self.dimensions, self.labels, self.codes)
        there = _shown(other, self.other_dimensions, self.other_labels, self.other_codes)
        missing = np.bincount(self.groups, weights=~(own & there)) if len(self) else np.ones(1)
        found = np.bincount(self.groups) if len(self) else np.zeros(1)
        return bool(((missing == 0) & (found > 0)).any())

    def to_document(self) -> dict[str, Any]:
        """Return the pairs as a JSON object, with no more labels than they name."""
        return {
            "one": _written(self.dimensions, self.labels, self.codes),
            "other": _written(self.other_dimensions, self.other_labels, self.other_codes),
            "groups": self.groups.tolist(),
        }


def _shown(table: JudgedTable, dimensions: tuple[str, ...], labels: Labels, codes: Codes) -> Mask:
    """Return of which cells, named by labels, the table shows a figure."""
    evidence, shown = table.evidence, table.shown
    if evidence is None:
        return np.zeros(len(codes), dtype=np.bool_)
    width = evidence.own_dimensions
    if tuple(evidence.dimensions) != dimensions or width != len(dimensions) or len(shown) != len(evidence):
        return np.full(len(codes), bool(shown.any()))
    own = np.full(codes.shape, MARGIN, dtype=np.int32)
    known = np.ones(len(codes), dtype=np.bool_)
    for place, names in enumerate(labels):
        into = {label: code for code, label in enumerate(evidence.categories[place])}
        # A label that the table does not have is one of rows that it leaves out: it shows nothing of it.
        table_codes = np.array([into.get(label, -2) for label in names] or [-2], dtype=np.int32)
        inner = codes[:, place] != MARGIN
        own[inner, place] = table_codes[codes[inner, place]]
        known &= own[:, place] != -2
    own[~known] = MARGIN
    places = evidence.positions(own)
    return np.asarray(known & (places >= 0) & shown[np.maximum(places, 0)], dtype=np.bool_)


def _written(dimensions: tuple[str, ...], labels: Labels, codes: Codes) -> dict[str, Any]:
    columns = []
    for place, names in enumerate(labels):
        used = sorted({int(code) for code in codes[:, place]} - {MARGIN})
        again = {code: number for number, code in enumerate(used)} | {MARGIN: MARGIN}
        cells = [again[int(code)] for code in codes[:, place]]
        columns.append({"labels": [names[code] for code in used], "codes": cells})
    return {"dimensions": list(dimensions), "columns": columns, "pairs": len(codes)}


def cell_pairs_from(document: Mapping[str, Any]) -> CellPairs:
    """Return the pairs in a JSON object.

    Raises:
        DocumentError: it is anything else than what `to_document` returns.
    """
    try:
        strict.table(document, {"one", "other", "groups"})
        groups = np.array([strict.whole(one) for one in strict.listed(document["groups"])], dtype=np.int64)
        if (groups < 0).any() or (groups > len(groups)).any():
            raise ValueError
        (one, labels, codes), (other, other_labels, other_codes) = (_read(document[name]) for name in ("one", "other"))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise DocumentError("Pairs of cells do not follow their schema.") from None
    return CellPairs(one, other, labels, other_labels, codes, other_codes, groups)


def _read(document: Any) -> tuple[tuple[str, ...], Labels, Codes]:
    strict.table(document, {"dimensions", "columns", "pairs"})
    names = tuple(strict.text(one) for one in strict.listed(document["dimensions"]))
    columns, size = strict.listed(document["columns"]), strict.whole(document["pairs"])
    labels: list[tuple[str | None, ...]] = []
    codes = np.zeros((size, len(names)), dtype=np.int32)
    if len(columns) != len(names):
        raise ValueError
    for place, column in enumerate(columns):
        strict.table(column, {"labels", "codes"})
        labels.append(tuple(None if one is None else strict.text(one) for one in strict.listed(column["labels"])))
        codes[:, place] = [strict.whole(one) for one in strict.listed(column["codes"])]
    return names, tuple(labels), codes


@dataclass(frozen=True, eq=False)
class Within:
    """Inner cells of one output that lie within cells of another.

    Attributes:
        pairs: the inner cell, and the cell that it lies within.
        units, whole: how many units each of the two has.
    """

    pairs: CellPairs
    units: Counts
    whole: Counts

    def __post_init__(self) -> None:
        if not len(self.units) == len(self.whole) == len(self.pairs):
            raise DocumentError("Of each cell that lies within another it is known how many units both have.")

    def told(self, fine: JudgedTable, coarse: JudgedTable) -> bool:
        """Tell whether the coarse table shows a cell that is all but few of those that the fine one shows of it.

        What is left of it are fewer units than the minimum, or those of a single cell that is withheld.
        """
        minimum = max(0 if each.trials is None else each.trials.minimum_units for each in (fine, coarse))
        own = _shown(fine, self.pairs.dimensions, self.pairs.labels, self.pairs.codes)
        there = _shown(coarse, self.pairs.other_dimensions, self.pairs.other_labels, self.pairs.other_codes)
        if not there.any():
            return False
        _, cell = np.unique(self.pairs.other_codes, axis=0, return_inverse=True)
        cell = cell.ravel()
        size = int(cell.max()) + 1
        known = np.bincount(cell[own], weights=self.units[own], minlength=size)
        most_hidden = np.zeros(size)
        np.maximum.at(most_hidden, cell[~own], self.units[~own])
        whole, is_shown = np.zeros(size), np.zeros(size, dtype=np.bool_)
        whole[cell], is_shown[cell[there]] = self.whole, True
        left = whole - known
        few = (left > 0) & ((left < minimum) | (left == most_hidden))
        return bool((is_shown & (known > 0) & few).any())

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"pairs": self.pairs.to_document(), "units": self.units.tolist(), "whole": self.whole.tolist()}


def within_from(document: Any) -> Within | None:
    """Return what a JSON object says, None where there is none; raises what a wrong one makes Python raise."""
    if document is None:
        return None
    strict.table(document, {"pairs", "units", "whole"})
    counts = [
        np.array([strict.whole(one) for one in strict.listed(document[name])], dtype=np.int64)
        for name in ("units", "whole")
    ]
    return Within(cell_pairs_from(document["pairs"]), counts[0], counts[1])
