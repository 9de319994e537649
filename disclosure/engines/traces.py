"""What is known of a column inside a derivation: the registered column that it is, or what it is computed from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from disclosure.model.lineage import Lineage, Origin, matched

NOTHING: Final[frozenset[Origin]] = frozenset()


@dataclass(frozen=True)
class Trace:
    """Where a column comes from, inside a derivation.

    Attributes:
        unchanged: the registered column that it is in every row in which it is not missing; None if it is computed.
        others: what else its values depend on.
        together: the registered columns that it puts together in one label.
        alike: of a union the registered columns of one name that it is, as `Lineage` has them.
    """

    unchanged: Origin | None
    others: frozenset[Origin]
    together: frozenset[Origin] = NOTHING
    alike: frozenset[Origin] = NOTHING

    @property
    def sources(self) -> frozenset[Origin]:
        """Return everything that its values depend on."""
        return self.others if self.unchanged is None else self.others | {self.unchanged}

    @property
    def own(self) -> frozenset[Origin]:
        """Return the registered column that it is where it is not missing, or what it is computed from."""
        return self.others if self.unchanged is None else frozenset({self.unchanged})

    @property
    def lineage(self) -> Lineage:
        """Return it as others see it: what depends on anything else is computed."""
        return Lineage(None if self.others else self.unchanged, self.sources, self.together, self.alike)

    @property
    def one_of(self) -> frozenset[Origin]:
        """Return the registered columns of which it is one in each row; empty if it may be anything else."""
        return self.alike if self.unchanged is None or self.others else frozenset({self.unchanged})


def alike_in(traces: Collection[Trace]) -> frozenset[Origin]:
    """Return the registered columns that the parts of a union have, if each has one and all are of one name."""
    parts = [one.one_of for one in traces]
    found = NOTHING.union(*parts)
    return found if all(parts) and len({name for _, name in found}) == 1 else NOTHING


def matched_by(trace: Trace) -> frozenset[Origin]:
    """Return what a value depends on that depends on a column only by its being equal to another, or missing."""
    return trace.others if trace.unchanged is None else trace.others | {matched(trace.unchanged)}
