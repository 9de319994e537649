"""What is settled of a revision once all is tabulated: its lane, and whether it is more than can be checked at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from disclosure.errors import DocumentError
from disclosure.model.verdicts import Level, Status
from disclosure.texts import text
from output_review.domain.lanes import Weight, lane_of
from output_review.domain.states import Actor, State
from output_review.services.kept_words import keep_reason, words_of
from output_review.services.shown_code import SourceCell
from output_review.services.telling import tell
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import RequestRow


MOST_LINES: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000
"""Of the notebooks and scripts of a request together, without the outputs that a notebook carries."""


def check_outputs(zone: ControlZone, outputs: int) -> None:
    """Refuse a submission with more outputs than a request of this camp may have.

    Raises:
        DocumentError: it has more.
    """
    most = zone.camp.review_rules.outputs
    if outputs > most:
        raise DocumentError(
            text(
                "The submission has {outputs} outputs; at most {most} are reviewed at once.", outputs=outputs, most=most
            ),
            hint=_FEWER,
        )


def check_code(cells: Iterable[SourceCell]) -> None:
    """Refuse code that nobody could read in the time that a review takes, and that no page could show.

    Raises:
        DocumentError: it has too many lines or characters.
    """
    lines = characters = 0
    for one in cells:
        lines += one.source.count("\n") + 1
        characters += len(one.source)
    if lines > MOST_LINES or characters > MOST_CHARACTERS:
        raise DocumentError(
            text(
                "The code has {lines} lines and {characters} characters; at most {most_lines} and {most_characters} "
                "are reviewed at once.",
                lines=f"{lines:,}",
                characters=f"{characters:,}",
                most_lines=f"{MOST_LINES:,}",
                most_characters=f"{MOST_CHARACTERS:,}",
            ),
            hint=text("Hand in the code of these outputs alone, and read data from data sets."),
        )


_FEWER: Final = text("Hand in fewer outputs: those that the publication needs.")


def settle(zone: ControlZone, row: RequestRow) -> None:
    """Settle the lane of a request that is tabulated; refuse it, if nobody reviews it yet and its tables are too large.

    Nothing, while an output is not tabulated. To do it again changes nothing.
    """
    with zone.held(row, program=True):
        outputs = list(row.outputs.filter(revision=row.revision))
        if any(not output.level for output in outputs) or not outputs:
            return
        weights = [
            Weight(Status(one.verdict), Level(one.level), one.cells, free_text=bool(one.written)) for one in outputs
        ]
        row.lane = lane_of(weights).value
        row.save(update_fields=["lane"])
        cells, most = sum(one.cells for one in outputs), zone.camp.review_rules.cells
        refused = cells > most and State(row.state) is State.SUBMITTED
        if refused:
            together = text(
                "Its tables show {cells} cells together; at most {most} are reviewed at once. {fewer}",
                cells=f"{cells:,}",
                most=f"{most:,}",
                fewer=_FEWER,
            )
            keep_reason(row, words_of(together))
            row.save(update_fields=["reason", "reason_words"])
            zone.move(row, State.REFUSED, Actor.GATE, "gate", reason="too_many_cells")
    if refused:
        tell(zone, row.team, row.number, State.REFUSED, row.reason)
