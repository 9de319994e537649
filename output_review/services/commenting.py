"""Comments: threads per output and one for the request, private notes, and who reads what of them when.

A comment is never changed. What reviewers say publicly is a question to the team until they answer it; the team sees
it once the request is returned or decided. Reviewers see what others say of an output once the quorum has voted on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from disclosure.errors import BadInputError, StateError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.texts import text
from output_review.domain.permissions import reviewer_of
from output_review.domain.phrases import CHOSEN, Phrase
from output_review.domain.states import State, named_state
from output_review.domain.threads import Audience, team_is_told
from output_review.domain.words import legible_words
from output_review.services.claiming import touch
from output_review.services.reviewing import current_outputs, is_blind
from output_review.services.zone import ControlZone
from output_review.signing.commitments import commit
from output_review.signing.manifest import Person, PersonRole

if TYPE_CHECKING:
    from output_review.models import CommentRow, RequestRow

__all__ = ["Comment", "comment", "comments", "legible_words", "thread", "write"]


@dataclass(frozen=True)
class Comment:
    """A comment as a reader may see it.

    Attributes:
        number: by which answers name it.
        output: empty for the request as a whole.
        phrase: what was chosen, None if nothing was; `body` is in the writer's words.
        answers: the number of the comment that it answers.
        is_question: whether the team is to answer it, if its revision is the current one; `answered`: whether it has.
        by_team: whether its team wrote it, which answers questions and writes nothing else. Who wrote a comment is told
            by what it is and never by the manifest, for people come, go and change their roles.
    """

    number: int
    revision: int
    output: str
    author: str
    audience: Audience
    phrase: Phrase | None
    body: str
    answers: int | None
    is_question: bool
    answered: bool
    written: datetime
    by_team: bool = False


def comment(
    zone: ControlZone,
    row: RequestRow,
    author: str,
    *,
    output: str = "",
    body: str = "",
    phrase: str = "",
    audience: Audience = Audience.EVERYONE,
    answers: int | None = None,
) -> CommentRow:
    """Add a reviewer's comment to the thread of an output, or of the request where `output` is empty.

    Args:
        phrase: one of `CHOSEN`; empty for none.
        audience: `REVIEWERS` for a private note.
        answers: the number of a note, an answer or a reply to which it replies; a reply is no question to the team.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: a public comment on what is not being reviewed.
        BadInputError: no such output, phrase or comment; it replies to a question, which the team answers; or it says
            nothing, too much, or hides something.
    """
    writer = reviewer_of(zone.manifest, author, row.team)
    coded = _phrase(phrase)
    said = legible_words(body) if body.strip() or coded is None else ""
    with zone.held(row):
        if audience is Audience.EVERYONE and team_is_told(State(row.state)):
            raise StateError(
                text("The request is {state}, so nothing is asked of the team.", state=named_state(row.state)),
                hint=text("A private note can be added."),
            )
        if output and output not in {one.name for one in current_outputs(row)}:
            raise BadInputError(
                text("The request has no output '{name}'.", name=output), hint=text("Look at it again.")
            )
        # Of a comment that this reviewer is not shown, nobody learns that it is there.
        seen = [one.number for one in thread(zone, row, writer, output) if one.number == answers]
        replied = row.comments.get(pk=seen[0]) if seen else None
        if answers is not None and replied is None:
            raise BadInputError(text("There is no such comment in this thread."))
        if replied is not None and replied.audience == Audience.EVERYONE.value and replied.answers_id is None:
            raise BadInputError(
                text("A question is for the team to answer."), hint=text("Write a comment or a note of your own.")
            )
        added = write(zone, row, author, output=output, body=said, phrase=coded, audience=audience, answers=replied)
        touch(zone, row, author)
    return added


def write(
    zone: ControlZone,
    row: RequestRow,
    author: str,
    *,
    output: str,
    body: str,
    phrase: Phrase | None = None,
    audience: Audience = Audience.EVERYONE,
    answers: CommentRow | None = None,
) -> CommentRow:
    """Add a comment and log it; the caller holds the row and has asked who may say what.

    The log has a commitment to what was said, so that an auditor can tell that it was not changed.
    """
    from output_review.models import CommentRow

    added = CommentRow.objects.create(
        request=row,
        revision=row.revision,
        output=output,
        author=author,
        audience=audience.value,
        phrase="" if phrase is None else phrase.value,
        body=body,
        answers=answers,
        written=zone.clock(),
    )
    said = digest(canonical_json({"phrase": added.phrase, "body": body}))
    zone.log(
        author,
        "comment" if audience is Audience.EVERYONE else "note",
        {
            "request": str(row.pk),
            "revision": row.revision,
            "output": output,
            "comment": added.pk,
            "said": commit(zone.salt, f"comment/{added.pk}", said),
        },
    )
    return added


def thread(zone: ControlZone, row: RequestRow, reader: Person, output: str) -> tuple[Comment, ...]:
    """Return what a reader may see of the thread of an output, of all revisions, in the order of writing.

    Args:
        output: empty for the request as a whole.
    """
    return tuple(one for one in comments(zone, row, reader) if one.output == output)


def comments(zone: ControlZone, row: RequestRow, reader: Person) -> tuple[Comment, ...]:
    """Return what a reader may see of all threads of a request, in the order of writing."""
    from output_review.services.foreign import AUTHOR

    found = row.comments.order_by("pk")
    answered = {one.answers_id for one in found if one.answers_id is not None}
    public = {one.pk for one in found if one.audience == Audience.EVERYONE.value and one.answers_id is None}
    every = tuple(
        _seen(
            one,
            answered=one.pk in answered,
            is_question=one.pk in public and one.author != AUTHOR,
            by_team=one.answers_id in public,
        )
        for one in found
    )
    if PersonRole.AUDITOR in reader.roles:
        return every
    if row.team in reader.teams:
        told = team_is_told(State(row.state))
        return tuple(
            one for one in every if one.audience is Audience.EVERYONE and (told or one.revision < row.revision)
        )
    if PersonRole.REVIEWER not in reader.roles:
        return ()
    blind = _blind_threads(zone, row)
    return tuple(
        one
        for one in every
        if one.author == reader.name
        or one.by_team
        or one.author == AUTHOR
        or one.revision < row.revision
        or one.output not in blind
    )


def _phrase(name: str) -> Phrase | None:
    if name and name not in CHOSEN:
        raise BadInputError(text("There is no such phrase."), hint=text("One of: {names}.", names=", ".join(CHOSEN)))
    return Phrase(name) if name else None


def _blind_threads(zone: ControlZone, row: RequestRow) -> frozenset[str]:
    """Return the outputs of which a reviewer sees no comment of another yet; the empty name is the request's thread."""
    blind = {one.name for one in current_outputs(row) if is_blind(zone, one)}
    return frozenset({*blind, ""} if blind else ())


def _seen(row: CommentRow, *, answered: bool, is_question: bool, by_team: bool) -> Comment:
    return Comment(
        number=row.pk,
        revision=row.revision,
        output=row.output,
        author=row.author,
        audience=Audience(row.audience),
        phrase=Phrase(row.phrase) if row.phrase else None,
        body=row.body,
        answers=row.answers_id,
        is_question=is_question,
        answered=answered,
        written=row.written,
        by_team=by_team,
    )
