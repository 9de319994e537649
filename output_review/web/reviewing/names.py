"""What states, verdicts, levels, votes and reasons are called on pages, and the sign that goes with each.

A sign is never alone: the word stands beside it, and colour only repeats what both say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text, text
from output_review.domain.states import State
from output_review.domain.votes import Outcome, Reason
from output_review.services.changes import Mark
from output_review.signing.signoff import Decision


@dataclass(frozen=True)
class Named:
    """A word with its sign; `kind` is what the style calls it."""

    kind: str
    sign: str
    words: Text


VERDICTS: Final[Mapping[str, Named]] = MappingProxyType(
    {
        Status.SAFE.value: Named("safe", "✓", text("Safe")),
        Status.UNSAFE.value: Named("unsafe", "▲", text("Unsafe")),
        Status.INCONCLUSIVE.value: Named("inconclusive", "?", text("Inconclusive")),
        "": Named("waiting", "…", text("Not tabulated yet")),
    }
)
LEVELS: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        Level.RECOMPUTED.value: (
            text("recomputed"),
            text("Trusted code made it from the registered microdata, by the recipe alone."),
        ),
        Level.REPRODUCED.value: (
            text("reproduced"),
            text("The team's code ran again here and gave the same rows; trusted code counted them. Confirm the code."),
        ),
        Level.UNVERIFIED.value: (
            text("unverified"),
            text("Nobody here could make it again. It leaves as an exception only."),
        ),
        "": (text("not tabulated"), text("A worker makes it as soon as it can.")),
    }
)
STATES: Final[Mapping[str, Named]] = MappingProxyType(
    {
        State.DRAFT.value: Named("quiet", "✎", text("Draft")),
        State.SUBMITTED.value: Named("waits", "●", text("Waits for a reviewer")),
        State.REFUSED.value: Named("ended", "✕", text("Refused at the gate")),
        State.IN_REVIEW.value: Named("active", "◐", text("In review")),
        State.RETURNED.value: Named("quiet", "↩", text("With the team")),
        State.APPROVED.value: Named("done", "✓", text("Approved, to be released")),
        State.REJECTED.value: Named("ended", "✕", text("Rejected")),
        State.RELEASED.value: Named("done", "✓", text("Released")),
        State.RECALLED.value: Named("ended", "↶", text("Recalled")),
        State.WITHDRAWN.value: Named("ended", "–", text("Withdrawn")),
    }
)
DECISIONS: Final[Mapping[str, Named]] = MappingProxyType(
    {
        Decision.APPROVE.value: Named("approve", "✓", text("Approve")),
        Decision.REQUEST_CHANGES.value: Named("changes", "↩", text("Request changes")),
        Decision.REJECT.value: Named("reject", "✕", text("Reject")),
    }
)
VOTED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        Decision.APPROVE.value: text("approved"),
        Decision.REQUEST_CHANGES.value: text("changes requested"),
        Decision.REJECT.value: text("rejected"),
    }
)
OUTCOMES: Final[Mapping[str, Named]] = MappingProxyType(
    {
        Outcome.OPEN.value: Named("open", "○", text("open")),
        Outcome.APPROVED.value: Named("approve", "✓", text("approved")),
        Outcome.CHANGES_REQUESTED.value: Named("changes", "↩", text("changes requested")),
        Outcome.REJECTED.value: Named("reject", "✕", text("rejected")),
        Outcome.DISSENT.value: Named("dissent", "≠", text("reviewers disagree")),
    }
)
REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        Reason.PUBLIC_KNOWLEDGE.value: text("It is public knowledge"),
        Reason.NOT_SENSITIVE.value: text("What it tells is not sensitive"),
        Reason.STRUCTURAL.value: text("The cell follows from how the table is built"),
        Reason.CONTEXT_MISSING.value: text("The context is missing"),
        Reason.DIFFERENCING.value: text("It can be subtracted from another figure"),
        Reason.TEXT_DISCLOSES.value: text("The text discloses something"),
        Reason.OTHER.value: text("Another reason"),
    }
)
MARKS: Final[Mapping[Mark, Named]] = MappingProxyType(
    {
        Mark.SAME: Named("same", "=", text("unchanged")),
        Mark.ADDED: Named("added", "+", text("new")),
        Mark.REMOVED: Named("removed", "−", text("gone")),
        Mark.CHANGED: Named("changed", "Δ", text("changed")),
    }
)
