"""A request on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.services.reviewing import current_outputs
from output_review.web.seat import entered, seat_of


@entered(Permission.READ)
def request_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show a request and its outputs."""
    row = seat_of(request).request(number, Permission.READ)
    return render(request, "review/request.html", {"row": row, "outputs": current_outputs(row)})
