"""What a team does with a request of its own: answer, hand in again, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from disclosure.errors import BadInputError, DatakampError, StateError
from disclosure.exchange.submission_answers import check_answer
from disclosure.texts import text
from output_review.domain.access import Permission
from output_review.services.answering import answer, hand_in_again, open_questions
from output_review.services.commenting import legible_words
from output_review.services.returning import withdraw as take_back
from output_review.web.own.page import FIELD
from output_review.web.own.requests import page_of, shown
from output_review.web.seat import Seat, entered, seat_of

if TYPE_CHECKING:
    from output_review.models import RequestRow

_DIGITS: Final = 18
LONGEST_REASON: Final = 1000


@require_POST
@entered(Permission.ANSWER)
def own_answer(request: HttpRequest, number: int) -> HttpResponse:
    """Keep the answers that were filled in, and hand the request in again if that button was pressed."""
    seat = seat_of(request)
    row = seat.request(number, Permission.ANSWER)
    try:
        # Compared where nobody can hand in another revision any more; what was answered stays if handing in fails.
        with seat.zone.held(row):
            _same_revision(row, request.POST)
            for question, body in _answers(request.POST).items():
                answer(seat.zone, row, seat.name, question, body)
        if "again" in request.POST:
            with seat.zone.held(row):
                _same_revision(row, request.POST)
                _require_all_answered(row)
                hand_in_again(seat.zone, row, seat.name, _kept(request.POST))
    except DatakampError as error:
        row.refresh_from_db()
        return shown(request, seat, row, problem=error, status=400 if isinstance(error, BadInputError) else 409)
    return redirect("own-request", row.pk)


@require_http_methods(["GET", "POST"])
@entered(Permission.ANSWER)
def own_withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether a request is to be withdrawn, and withdraw it."""
    seat = seat_of(request)
    row = seat.request(number, Permission.ANSWER)
    if request.method != "POST":
        return _confirm(request, seat, row)
    try:
        reason = request.POST.get("reason", "").strip()
        if len(reason) > LONGEST_REASON:
            raise BadInputError(text("Give the reason in at most {most} characters.", most=f"{LONGEST_REASON:,}"))
        with seat.zone.held(row):
            _same_revision(row, request.POST)
            take_back(seat.zone, row, seat.name, legible_words(reason) if reason else "")
    except DatakampError as error:
        row.refresh_from_db()
        status = 400 if isinstance(error, BadInputError) else 409
        return _confirm(request, seat, row, problem=error, status=status)
    return redirect("own-request", row.pk)


def _confirm(
    request: HttpRequest, seat: Seat, row: RequestRow, *, problem: Exception | None = None, status: int = 200
) -> HttpResponse:
    context = {"row": row, "page": page_of(seat, row), "problem": problem, "reason": request.POST.get("reason", "")}
    return render(request, "review/own_withdraw.html", context, status=status)


def _same_revision(row: RequestRow, form: QueryDict) -> None:
    """Refuse a form that was filled in for another revision: somebody else of the team was quicker."""
    if form.get("revision") != str(row.revision):
        raise StateError(
            text("Somebody of your team has handed in this request again in the meantime."),
            hint=text("Look at it as it is now."),
        )


def _answers(form: QueryDict) -> dict[int, str]:
    """Return the answers that were filled in, once each can be kept: none of them is, if one cannot."""
    answers = {}
    for name, value in form.items():
        question = name.removeprefix(FIELD)
        filled = name.startswith(FIELD) and isinstance(value, str) and bool(value.strip())
        if filled and question.isascii() and question.isdigit() and len(question) <= _DIGITS:
            answers[int(question)] = check_answer(str(value).replace("\r\n", "\n"))
    return answers


def _require_all_answered(row: RequestRow) -> None:
    left = len(open_questions(row))
    if left:
        raise StateError(
            text("Questions that are not answered yet: {left}.", left=left),
            hint=text("What you have answered is kept. Answer the rest, and hand in again."),
        )


def _kept(form: QueryDict) -> tuple[str, ...]:
    kept = tuple(sorted({str(name) for name in form.getlist("keep")}))
    if not kept:
        raise BadInputError(
            text("Choose the outputs to hand in again."),
            hint=text("To hand in none of them, withdraw the request."),
        )
    return kept
