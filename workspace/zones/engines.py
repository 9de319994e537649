"""The ports of the control zone and the broker's trial, bound to the queue: the same answers, without a row.

A narrow frame stays with the user of microdata. What lies in its place in the control zone is a ticket, which goes
back to that user with the tabulation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult, comparison_result_from_bytes
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.tabulation import (
    MAXIMUM_RESULT_BYTES,
    TabulationJob,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.exchange.zones import Zone, separated
from workspace.zones.asking import Asker, tell
from workspace.zones.orders import Order, OrderKind, Ticket
from workspace.zones.serving import Runs, Tables

_LARGEST_TICKET: Final = 1_000
_FRAME: Final = ".arrow"


class ByZone:
    """What runs code and tabulates in a camp: this process itself in the one-user mode, otherwise by the queue.

    Args:
        runs, tables: return what this process does it with. They are called when it is needed: most commands run
            nothing, and what runs notebooks takes seconds to load.
    """

    def __init__(self, runs: Callable[[], Runs], tables: Callable[[], Tables]) -> None:
        self._runs, self._tables = runs, tables

    def runs(self, camp: CampFile) -> Runs:
        """Return what runs code."""
        return QueuedReproduction() if separated(camp) else self._runs()

    def tables(self, camp: CampFile) -> Tables:
        """Return what tabulates."""
        return QueuedTabulation() if separated(camp) else self._tables()


class QueuedTrial:
    """Has the code of a request run before it is handed in."""

    def __init__(self, told: Callable[[str], None] = tell) -> None:
        self._told = told

    def run(self, camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any]) -> None:
        """Return once the code ran; errors as in `workspace.broker.try_out`."""
        order = Order(OrderKind.TRIAL, team, tuple(code.items()), parameters)
        Asker(camp, Zone.BROKER, self._told).ask(order, limit=0)


class QueuedReproduction:
    """Has submitted code run; the folder for frames gets tickets for them."""

    def __init__(self, told: Callable[[str], None] = tell) -> None:
        self._told = told

    def reproduce(
        self, camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any],
        outputs: tuple[str, ...], into: Path,
    ) -> None:  # fmt: skip
        """See `workspace.reproduction.SealedReproduction`."""
        order = Order(OrderKind.REPRODUCE, team, tuple(code.items()), parameters, outputs)
        identifier, _ = Asker(camp, Zone.REVIEW, self._told).ask(order, limit=0)
        for name in outputs:
            ticket = Ticket(identifier, name)
            write_atomically(into / f"{name}{_FRAME}", canonical_json(ticket.to_document()), mode=0o600)


class QueuedTabulation:
    """Has jobs tabulated and outputs compared."""

    def __init__(self, told: Callable[[str], None] = tell) -> None:
        self._told = told

    def tabulate(self, camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
        """See `workspace.tabulation.SealedTabulation`; the frame is a ticket."""
        tickets = {} if frame is None else {frame.stem: _ticket(frame)}
        order = Order(OrderKind.TABULATE, job=job.to_bytes(), frames=tickets)
        result = tabulation_result_from_bytes(self._asked(camp, order))
        if result.job != job.digest():
            raise DocumentError("The result belongs to another tabulation.")
        return result

    def compare(self, camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
        """See `workspace.tabulation.SealedTabulation`; the frames are tickets."""
        tickets = {name: _ticket(path) for name, path in frames.items()}
        order = Order(OrderKind.COMPARE, job=job.to_bytes(), frames=tickets)
        result = comparison_result_from_bytes(self._asked(camp, order))
        if result.job != job.digest():
            raise DocumentError("The result belongs to another comparison.")
        return result

    def _asked(self, camp: CampFile, order: Order) -> bytes:
        return Asker(camp, Zone.REVIEW, self._told).ask(order, limit=MAXIMUM_RESULT_BYTES)[1]


def _ticket(path: Path) -> Ticket:
    document = parse_json(read_regular(path, limit=_LARGEST_TICKET), what="The ticket of a narrow frame")
    if not isinstance(document, dict) or set(document) != {"order", "output"} or document["output"] != path.stem:
        raise DocumentError("The ticket of a narrow frame does not follow its schema.")
    return Ticket(document["order"], document["output"])
