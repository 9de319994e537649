"""What a team is told in its inbox: where each request stands, and what reviewers ask about it.

Each number that the team handed in has a file ``N.json``. The first of a request tells how the request stands; a later
one that was taken in as its next revision tells only that, because everything about it is told under the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import write_atomically
from disclosure.texts import LANGUAGES, language
from output_review.domain.phrases import Phrase, words
from output_review.domain.states import State
from output_review.domain.threads import Audience, team_is_told
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import CommentRow, RequestRow

VERSION: Final = 2
"""2: with the revision and the questions. 1: state and reason."""


def tell(zone: ControlZone, team: str, number: int, state: State, reason: str) -> None:
    """Write where a request stands into the team's inbox, unless it says so already.

    Args:
        number: the team's number of the first submission of the request.
    """
    from output_review.models import RequestRow

    row = RequestRow.objects.filter(team=team, number=number).first()
    if row is None:
        _write(zone, team, number, {"state": state.value, "reason": reason, "revision": 1, "questions": []})
    else:
        _tell_row(zone, row, state, reason)


def tell_taken(zone: ControlZone, row: RequestRow, number: int, revision: int) -> None:
    """Write that a later submission was taken in as a revision of a request."""
    told = {"state": State.SUBMITTED.value, "reason": "", "revision": revision, "questions": []}
    _write(zone, row.team, number, told)


def tell_all(zone: ControlZone) -> None:
    """Bring the inboxes up to date: a process may have been killed between a step and the word of it."""
    from output_review.models import HandedInRow, RequestRow

    # This runs at the start of every command: of ten thousand requests no more is read than stands in a file.
    for row in RequestRow.objects.only("team", "number", "state", "reason", "revision").order_by("pk").iterator():
        _tell_row(zone, row, State(row.state), row.reason)
    for taken in HandedInRow.objects.filter(revision__gt=1).select_related("request").order_by("pk"):
        tell_taken(zone, taken.request, taken.number, taken.revision)


def _tell_row(zone: ControlZone, row: RequestRow, state: State, reason: str) -> None:
    questions = [_question(one) for one in asked(row)] if team_is_told(state) else []
    told = {"state": state.value, "reason": reason, "revision": row.revision, "questions": questions}
    _write(zone, row.team, row.number, told)


def asked(row: RequestRow) -> tuple[CommentRow, ...]:
    """Return what reviewers ask the team about the current revision, answered or not, in the order of writing."""
    from output_review.services.foreign import AUTHOR  # what a program says when it hands in is no question

    found = row.comments.filter(revision=row.revision, audience=Audience.EVERYONE.value, answers=None)
    return tuple(found.exclude(author=AUTHOR).order_by("pk"))


def _question(comment: CommentRow) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "output": comment.output,
        "phrase": _phrase(comment.phrase),
        "body": comment.body,
        "answered": comment.answered_by.exists(),
    }


def _phrase(coded: str) -> dict[str, str] | None:
    """Return the sentence of a coded phrase in each language; of one that is not known, its code."""
    if not coded:
        return None
    try:
        sentence = words(Phrase(coded))
    except ValueError:
        return dict.fromkeys(LANGUAGES, coded)
    spoken = {}
    for code in LANGUAGES:
        with language(code):
            spoken[code] = str(sentence)
    return spoken


def _write(zone: ControlZone, team: str, number: int, told: dict[str, Any]) -> None:
    feedback = canonical_json({"version": VERSION, "number": number, **told}) + b"\n"
    path = zone.camp.inbox(team) / f"{number}.json"
    if not path.is_file() or path.read_bytes() != feedback:
        write_atomically(path, feedback)
