"""What holds in the room for results that are not released."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.exchange.camp import CampFile
from disclosure.exchange.camp_event import Unreleased
from disclosure.texts import Text, text

_WORDS: Final[Mapping[Unreleased, Text]] = MappingProxyType(
    {
        Unreleased.FORBIDDEN: text("Results that are not released are not shown in the room."),
        Unreleased.TO_PARTICIPANTS: text(
            "Results that are not released are shown in the room only to those who signed the statement."
        ),
    }
)


def rule_of(camp: CampFile) -> Unreleased:
    """Return whether results that are not released may be shown; a camp that does not say so forbids it."""
    shown = camp.event.presentation
    return Unreleased.FORBIDDEN if shown is None else shown.unreleased


def rule_words(camp: CampFile) -> Text:
    """Return that rule in words, which are read in the reader's language."""
    return _WORDS[rule_of(camp)]
