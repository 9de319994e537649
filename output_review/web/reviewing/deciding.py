"""What a reviewer does on a page: votes, words, claims. Each form says which revision it was filled in for.

A form is answered by leading on to the page that comes next; what a service refuses is shown on the page that it was
sent from, with the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from disclosure.errors import BadInputError, DatakampError, StateError
from disclosure.texts import text
from output_review.domain.access import Permission
from output_review.domain.states import State
from output_review.domain.threads import Audience
from output_review.domain.votes import Reason, Vote
from output_review.services.claiming import claim as claim_it
from output_review.services.claiming import hand_over as hand_it_over
from output_review.services.commenting import comment as say
from output_review.services.recalling import recall as recall_it
from output_review.services.returning import reject as reject_it
from output_review.services.returning import return_request
from output_review.services.reviewing import current_outputs, resolve, vote
from output_review.services.telling import tell
from output_review.signing.signoff import Decision
from output_review.web.reviewing.output import output_of
from output_review.web.reviewing.page import entries_of
from output_review.web.reviewing.request import finish_of
from output_review.web.seat import Seat, entered, seat_of

if TYPE_CHECKING:
    from output_review.models import RequestRow

Deed = Callable[..., HttpResponse]
"""Takes the seat, the request, the form, and what else the address names."""
_BAD, _CONFLICT, _DIGITS = 400, 409, 10


def _deed(do: Deed) -> Callable[..., HttpResponseBase]:
    """Return a view of what a reviewer does with a request, all of it or nothing."""

    @require_POST
    @entered(Permission.DECIDE)
    def view(request: HttpRequest, /, number: int, **named: str) -> HttpResponse:
        seat = seat_of(request)
        row = seat.request(number, Permission.DECIDE)
        try:
            with seat.zone.held(row):  # compared where nobody can hand in another revision any more
                _same_revision(row, request.POST)
                return do(seat, row, request.POST, **named)
        except DatakampError as error:
            row.refresh_from_db()
            tell(seat.zone, row.team, row.number, State(row.state), row.reason)  # part of it may have been told
            status = _BAD if isinstance(error, BadInputError) else _CONFLICT
            place = named.get("output", "")
            if place in _names(row):
                return output_of(request, seat, row, place, problem=error, status=status)
            return finish_of(request, seat, row, problem=error, status=status)

    return view


@_deed
def vote_on(seat: Seat, row: RequestRow, form: QueryDict, output: str) -> HttpResponse:
    """Vote on an output; with a request for changes goes what the team is asked."""
    decision = _decision(form)
    given = Vote(seat.name, decision, _reason(form), form.get("text", "").strip())
    vote(seat.zone, row, (output,), given)
    if decision is Decision.REQUEST_CHANGES:
        _ask(seat, row, form, output)
    return _onward(seat, row, output)


@_deed
def resolve_on(seat: Seat, row: RequestRow, form: QueryDict, output: str) -> HttpResponse:
    """Resolve a dissent on an output."""
    resolve(seat.zone, row, output, seat.name, _decision(form), form.get("text", "").strip(), reason=_reason(form))
    return redirect("output", row.pk, output)


@_deed
def comment_on(seat: Seat, row: RequestRow, form: QueryDict, output: str) -> HttpResponse:
    """Add a comment or a private note to the thread of an output."""
    _say(seat, row, form, output)
    return redirect("output", row.pk, output)


@_deed
def comment_on_request(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Add a comment or a private note about the request as a whole."""
    _say(seat, row, form, "")
    return redirect("finish", row.pk)


@_deed
def approve_opened(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:  # noqa: ARG001 - as every deed
    """Approve what this reviewer has opened at this revision and is safe and not unverified, and is not voted on."""
    names = tuple(one.name for one in entries_of(seat, row) if one.bulk and not one.own)
    if not names:
        raise StateError(
            str(text("There is nothing to approve at once.")),
            hint=str(text("Only outputs that you have opened, that are safe and not unverified.")),
        )
    vote(seat.zone, row, names, Vote(seat.name, Decision.APPROVE))
    return _onward(seat, row, names[-1])


@_deed
def claim(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Claim a request."""
    claim_it(seat.zone, row, seat.name)
    place = form.get("output", "")
    return redirect("output", row.pk, place) if place in _names(row) else redirect("request", row.pk)


@_deed
def hand_over(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Hand the claim over to another reviewer."""
    hand_it_over(seat.zone, row, seat.name, form.get("to", ""))
    return redirect("finish", row.pk)


@_deed
def give_back(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Return a request to its team."""
    return_request(seat.zone, row, seat.name, form.get("text", ""))
    return redirect("finish", row.pk)


@_deed
def reject(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Reject a request as a whole."""
    reject_it(seat.zone, row, seat.name, form.get("text", ""))
    return redirect("finish", row.pk)


@_deed
def recall(seat: Seat, row: RequestRow, form: QueryDict) -> HttpResponse:
    """Say that a release is to be recalled."""
    recall_it(seat.zone, row, seat.name, form.get("text", ""))
    return redirect("finish", row.pk)


def _onward(seat: Seat, row: RequestRow, done: str) -> HttpResponse:
    """Lead on to the next output that this reviewer has not voted on, or to finishing if there is none."""
    names = _names(row)
    voted = set(row.outputs.filter(revision=row.revision, votes__reviewer=seat.name).values_list("name", flat=True))
    place = names.index(done) + 1 if done in names else 0
    following = next((name for name in (*names[place:], *names[:place]) if name not in voted), "")
    return redirect("output", row.pk, following) if following else redirect("finish", row.pk)


def _names(row: RequestRow) -> list[str]:
    return [one.name for one in current_outputs(row)]


def _same_revision(row: RequestRow, form: QueryDict) -> None:
    if form.get("revision") != str(row.revision):
        raise StateError(
            str(text("This page was of another revision than there is now.")),
            hint=str(text("Look at what was handed in since, and decide again.")),
        )


def _ask(seat: Seat, row: RequestRow, form: QueryDict, output: str) -> None:
    """Ask the team what was filled in; nothing, if this reviewer has asked something about the output before."""
    phrase, body = form.get("phrase", ""), form.get("body", "")
    asked = row.comments.filter(
        revision=row.revision, output=output, author=seat.name, audience=Audience.EVERYONE.value, answers=None
    )
    if phrase or body.strip():
        say(seat.zone, row, seat.name, output=output, phrase=phrase, body=body)
    elif not asked.exists():
        raise StateError(
            str(text("Nothing is said to the team about what is to be changed.")),
            hint=str(text("Choose a sentence, or write one.")),
        )


def _say(seat: Seat, row: RequestRow, form: QueryDict, output: str) -> None:
    audience = Audience.REVIEWERS if form.get("private") else Audience.EVERYONE
    say(
        seat.zone, row, seat.name, output=output, phrase=form.get("phrase", ""), body=form.get("body", ""),
        audience=audience, answers=_number(form.get("answers", "")),
    )  # fmt: skip


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < _DIGITS else None


def _decision(form: QueryDict) -> Decision:
    given = form.get("decision", "")
    if given not in [one.value for one in Decision]:
        raise BadInputError(str(text("There is no such decision.")), hint=str(text("Use the buttons of the page.")))
    return Decision(given)


def _reason(form: QueryDict) -> Reason | None:
    given = form.get("reason", "")
    if given and given not in [one.value for one in Reason]:
        raise BadInputError(str(text("There is no such reason.")), hint=str(text("Choose one of the list.")))
    return Reason(given) if given else None
