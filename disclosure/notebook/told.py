"""What a team was told of a request in its inbox, read carefully: what is not as expected is never taken for an answer.

A kernel sees the inbox read-only beside its context: ``N-broker.json`` is the broker's word, ``N.json`` the control
zone's, whose word counts once it is there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DatakampError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.context import VARIABLE
from disclosure.exchange.files import read_regular
from disclosure.notebook.words import legible
from disclosure.texts import current_language, text, translate

INBOX: Final = "inbox"
"""The folder beside the context of the run in which a kernel sees what its team was told."""
UNKNOWN: Final = "unknown"
"""The state of a request of which something was told that cannot be read."""
RETURNED: Final = "returned"
MOST_QUESTIONS: Final = 500
_LARGEST_STATE: Final = 2_000_000
_LONGEST_LINE: Final = 2_000
_MOST_LINES: Final = 50
_MOST_DIGITS: Final = 10**15


@dataclass(frozen=True)
class Question:
    """What a reviewer asks about an output, or about the request where `output` is empty.

    Attributes:
        number: by which an answer names it.
        said: a coded phrase in the reader's language, what the reviewer wrote, or both, in lines.
    """

    number: int
    output: str
    said: str
    answered: bool

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"id": self.number, "output": self.output, "said": self.said, "answered": self.answered}


@dataclass(frozen=True)
class Told:
    """Where a request stands.

    Attributes:
        state: as the control zone calls it; "waiting" before anybody has said anything, `UNKNOWN` where what was said
            cannot be read.
        words: the state in the reader's language.
        reason: in lines; empty if none was given.
    """

    state: str
    words: str
    reason: str = ""
    revision: int = 1
    questions: tuple[Question, ...] = ()

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions that nobody has answered."""
        return tuple(one for one in self.questions if not one.answered)


def inbox_folder() -> Path | None:
    """Return the folder with what the team was told, None where a kernel is given none."""
    place = Path(os.environ.get(VARIABLE, "")).parent / INBOX
    return place if os.environ.get(VARIABLE) and place.is_dir() else None


def told_of(inbox: Path | None, number: int) -> Told:
    """Return where a request stands: by the control zone if it has said so, else by the broker."""
    for name in (f"{number}.json", f"{number}-broker.json"):
        found = None if inbox is None else _read(inbox / name, number)
        if found is not None:
            return found
    return Told("waiting", translate("waiting for the broker"))


def _read(path: Path, number: int) -> Told | None:
    if not os.path.lexists(path):
        return None
    try:
        document = parse_json(read_regular(path, limit=_LARGEST_STATE), what="A state in the inbox")
    except DatakampError:
        document = None
    told = _told(document, number) if isinstance(document, dict) else None
    return Told(UNKNOWN, translate("what was told cannot be read")) if told is None else told


def _told(document: dict[str, Any], number: int) -> Told | None:
    said = [document.get("state"), document.get("reason", ""), document.get("hint", "")]
    revision, asked = document.get("revision", 1), document.get("questions", [])
    if document.get("number") != number or not all(isinstance(one, str) for one in said) or not _is_number(revision):
        return None
    if not isinstance(asked, list) or len(asked) > MOST_QUESTIONS:
        return None
    questions = [_question(one) for one in asked]
    if not all(questions):
        return None
    state, *reasons = said
    words = str(_STATES.get(state, legible(state)))
    return Told(state, words, _lines(*reasons), revision, tuple(one for one in questions if one is not None))


def _question(document: Any) -> Question | None:
    if not isinstance(document, dict) or not _is_number(document.get("id")):
        return None
    output, phrase = document.get("output"), document.get("phrase")
    body, answered = document.get("body"), document.get("answered")
    spoken = "" if phrase is None else phrase.get(current_language()) if isinstance(phrase, dict) else None
    if not isinstance(spoken, str) or not isinstance(output, str) or not isinstance(body, str):
        return None
    if not isinstance(answered, bool):
        return None
    return Question(document["id"], legible(output, 100) if output else "", _lines(spoken, body), answered)


def _is_number(value: Any) -> bool:
    return type(value) is int and 1 <= value < _MOST_DIGITS


def _lines(*paragraphs: str) -> str:
    lines = [line for one in paragraphs for line in one.splitlines() if line.strip()]
    return "\n".join(legible(line, _LONGEST_LINE) for line in lines[:_MOST_LINES])


_STATES: Final = {
    "submitted": text("handed in"),
    "refused": text("refused"),
    "in_review": text("in review"),
    RETURNED: text("returned with questions"),
    "approved": text("approved"),
    "rejected": text("rejected"),
    "released": text("released"),
    "recalled": text("recalled"),
    "withdrawn": text("withdrawn"),
}
