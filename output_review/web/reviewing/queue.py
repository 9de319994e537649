"""The queue: what waits, for how long, and who has it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.web.seat import entered, seat_of


@entered(Permission.QUEUE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the requests that this person may read."""
    from output_review.models import RequestRow

    seat = seat_of(request)
    rows = [row for row in RequestRow.objects.order_by("received") if seat.may(Permission.READ, row.team)]
    return render(request, "review/queue.html", {"rows": rows})
