"""A researcher's own requests: where each stands and what is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from disclosure.render.description import local_number
from output_review.domain.access import Permission
from output_review.domain.states import State
from output_review.services.answering import open_questions
from output_review.services.foreign import is_taken_in
from output_review.web.own.names import STATES, Named
from output_review.web.own.page import OwnPage, hours_in_state, own_page
from output_review.web.seat import Seat, entered, seat_of

if TYPE_CHECKING:
    from output_review.models import RequestRow

AT_ONCE: Final = 50


@dataclass(frozen=True)
class Listed:
    """A request in the list; `questions` is how many wait for an answer."""

    row: RequestRow
    state: Named
    hours: float
    questions: int

    @property
    def taken_in(self) -> bool:
        """Whether it was taken in from another program: then the team has no number of its own for it."""
        return is_taken_in(self.row)

    @property
    def hours_shown(self) -> str:
        """The hours, to a tenth."""
        return local_number(f"{self.hours:.1f}")


@require_safe
@entered(Permission.OWN_REQUESTS)
def own_requests(request: HttpRequest) -> HttpResponse:
    """Show the requests of the teams of this person: first those that wait for an answer, then the newest."""
    from output_review.models import RequestRow

    seat = seat_of(request)
    teams = () if seat.person is None else seat.person.teams
    first = Case(When(state=State.RETURNED.value, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = RequestRow.objects.filter(team__in=teams).order_by(first, "-received", "-pk")
    page = Paginator(rows, AT_ONCE).get_page(request.GET.get("page"))
    listed = [_listed(seat, row) for row in page]
    return render(request, "review/own_requests.html", {"listed": listed, "page": page, "several": len(teams) > 1})


@require_safe
@entered(Permission.OWN_REQUESTS)
def own_request(request: HttpRequest, number: int) -> HttpResponse:
    """Show a request of an own team."""
    seat = seat_of(request)
    row = seat.request(number, Permission.OWN_REQUESTS)
    return shown(request, seat, row)


def shown(
    request: HttpRequest, seat: Seat, row: RequestRow, *, problem: Exception | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of a request; with a problem what was typed stays in its form."""
    typed = {name: str(value) for name, value in request.POST.items()}
    kept = set(request.POST.getlist("keep")) if request.method == "POST" else None
    context = {"page": page_of(seat, row, typed, kept), "row": row, "problem": problem}
    return render(request, "review/own_request.html", context, status=status)


def page_of(
    seat: Seat, row: RequestRow, typed: Mapping[str, str] = MappingProxyType({}), kept: Collection[str] | None = None
) -> OwnPage:
    """Return a request as whoever sits here sees it; see `own_page`."""
    if seat.person is None:
        raise PermissionDenied
    return own_page(seat.zone, row, seat.person, typed=typed, kept=kept)


def _listed(seat: Seat, row: RequestRow) -> Listed:
    state = State(row.state)
    questions = len(open_questions(row)) if state is State.RETURNED else 0
    return Listed(row, STATES[state], hours_in_state(seat.zone, row), questions)
