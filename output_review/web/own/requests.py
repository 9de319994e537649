"""A researcher's own requests: where each stands and what is asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.web.seat import entered, seat_of


@entered(Permission.OWN_REQUESTS)
def own_requests(request: HttpRequest) -> HttpResponse:
    """Show the requests of the teams of this person."""
    from output_review.models import RequestRow

    seat = seat_of(request)
    teams = () if seat.person is None else seat.person.teams
    rows = RequestRow.objects.filter(team__in=teams).order_by("-received")
    return render(request, "review/own_requests.html", {"rows": rows})
