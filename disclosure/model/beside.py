"""What two outputs tell together, as their rows have it: cells that tell of few units, by their labels.

Whoever compares the rows does not know which cells are shown, and whoever has the judged tables has no rows: this is
what the one hands to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.errors import DocumentError
from disclosure.model import strict
from disclosure.model.cell_pairs import CellPairs, Within, cell_pairs_from, within_from
from disclosure.model.tables import JudgedTable
from disclosure.texts import Text

__all__ = ["Beside", "CellPairs", "Doubt", "Within", "beside_from"]


@dataclass(frozen=True, eq=False)
class Doubt:
    """Pairs of cells of which it is not known, or not said here, what they tell together.

    Attributes:
        pairs: the cells; it matters where both tables show all cells of a group.
        why: what is wrong and what helps, as it goes on after "'...' to be left out: ".
    """

    pairs: CellPairs
    why: Text

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"pairs": self.pairs.to_document(), "why": _text_document(self.why)}


@dataclass(frozen=True, eq=False)
class Beside:
    """What the rows of two outputs tell that the outputs themselves do not.

    Attributes:
        pairs: cells that few units are in only one of.
        values_apart: few units of a cell have other values in one output than in the other.
        nested: each category of a dimension of one lies within a category of another dimension of the other, so that
            figures of one add up to those of the other.
        within: which cells of one lie within cells of the other, if the first withholds some.
        around: which cells of the other lie within cells of one, if the other withholds some.
        unknown: why the two could not be compared; None if they were.
        doubts: cells that cannot be compared, or that tell something else together.
    """

    pairs: CellPairs
    values_apart: bool = False
    nested: bool = False
    within: Within | None = None
    around: Within | None = None
    unknown: Text | None = None
    doubts: tuple[Doubt, ...] = ()

    def doubt(self, one: JudgedTable, other: JudgedTable) -> Text | None:
        """Return the first doubt about cells that two tables, which are both published, show; None if there is none."""
        return next((each.why for each in self.doubts if each.pairs.told(one, other)), None)

    def told(self, one: JudgedTable, other: JudgedTable) -> bool:
        """Tell whether two tables that are both published show it; True also where it is not known.

        Doubts are asked for on their own: see `doubt`.
        """
        if self.unknown is not None or self.values_apart or self.pairs.told(one, other):
            return True
        if self.within is not None and self.within.told(one, other):
            return True
        return self.around is not None and self.around.told(other, one)

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to tell, whatever the tables show."""
        some = [each for each in (self.within, self.around) if each is not None and len(each.pairs)]
        found = self.unknown is not None or self.values_apart or self.nested or len(self.pairs) or some or self.doubts
        return not found

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        # Named only where there are some.
        doubts = {"doubts": [one.to_document() for one in self.doubts]}
        return (doubts if self.doubts else {}) | {
            "pairs": self.pairs.to_document(),
            "values_apart": self.values_apart,
            "nested": self.nested,
            "within": None if self.within is None else self.within.to_document(),
            "around": None if self.around is None else self.around.to_document(),
            "unknown": None if self.unknown is None else _text_document(self.unknown),
        }


def _text_document(said: Text) -> dict[str, Any]:
    return {"sentence": said.sentence, "names": [list(pair) for pair in said.names]}


def _text_from(document: Any) -> Text:
    strict.table(document, {"sentence", "names"})
    pairs = tuple(strict.pair(one) for one in strict.listed(document["names"]))
    return Text(strict.text(document["sentence"]), pairs)


def _doubt_from(document: Any) -> Doubt:
    strict.table(document, {"pairs", "why"})
    return Doubt(cell_pairs_from(document["pairs"]), _text_from(document["why"]))


def beside_from(document: Mapping[str, Any]) -> Beside:
    """Return what a JSON object says; `DocumentError` if it is anything else than what `to_document` returns."""
    try:
        plain = {name: one for name, one in document.items() if name != "doubts"}
        strict.table(plain, {"pairs", "values_apart", "nested", "within", "around", "unknown"})
        why = None if document["unknown"] is None else _text_from(document["unknown"])
        apart, nested = strict.truth(document["values_apart"]), strict.truth(document["nested"])
        within, around = (within_from(document[name]) for name in ("within", "around"))
        doubts = tuple(_doubt_from(one) for one in strict.listed(document.get("doubts", [])))
        return Beside(cell_pairs_from(document["pairs"]), apart, nested, within, around, why, doubts)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("What two outputs tell together does not follow its schema.") from None
