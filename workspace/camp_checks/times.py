"""Sessions and presentation of a camp: whether they follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from disclosure.exchange.camp_event import Presentation
from disclosure.exchange.sessions import Session
from workspace.camp_checks.problems import Placed, Problem

_LONGEST: Final = timedelta(days=1)


def time_problems(sessions: Sequence[Placed[Session]], presentation: Placed[Presentation] | None) -> Iterator[Problem]:
    """Return what is wrong with the sessions and the presentation of a camp."""
    if not sessions:
        yield Problem(0, "The camp has no sessions.", "Add a [[sessions]] table for each day: from and until.")
        return
    for one in sessions:
        if one.value.end - one.value.start > _LONGEST:
            yield Problem(one.line, "This session is longer than a day.", "Is its date right? Give each day its own.")
    ordered = sorted(sessions, key=lambda one: one.value.start)
    for number, one in enumerate(ordered):
        # With each earlier one, not with the last alone: a long session may lie over several short ones.
        over = next((before for before in ordered[:number] if before.value.end > one.value.start), None)
        if over is not None:
            yield Problem(max(one.line, over.line), f"This session overlaps that on line {min(one.line, over.line)}.")
    if presentation is None:
        return
    first, last = ordered[0].value.start, max(one.value.end for one in sessions)
    if presentation.value.deadline <= first:
        yield Problem(presentation.line, "The deadline lies before the first session: nothing could be handed in.")
    if presentation.value.at < first:
        yield Problem(presentation.line, "The presentation lies before the first session.")
    if presentation.value.deadline > last:
        yield Problem(
            presentation.line,
            "The deadline lies after the last session, when nobody can hand in any more.",
            "Set it within the last session, with time for the review before the presentation.",
        )
