"""The first page: it leads each person to where their work is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from output_review.domain.access import Permission
from output_review.web.seat import entered, seat_of

_PLACES = ((Permission.QUEUE, "queue"), (Permission.OWN_REQUESTS, "own-requests"), (Permission.ORGANISE, "organiser"))


@entered(Permission.ENTER)
def front(request: HttpRequest) -> HttpResponse:
    """Lead on to the queue, the own requests or the organiser's page."""
    seat = seat_of(request)
    for permission, name in _PLACES:
        if seat.may(permission):
            return redirect(name)
    return render(request, "review/nothing.html")
