"""The page with figures about the work, and the same as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.services.figures import figures_of
from output_review.web.seat import entered, seat_of


@entered(Permission.OPERATE)
def figures(request: HttpRequest) -> HttpResponse:
    """Show what waits, turnaround, returns and votes against the verdict."""
    return render(request, "review/figures.html", {"figures": _document(request)})


@entered(Permission.OPERATE)
def figures_json(request: HttpRequest) -> HttpResponse:
    """Return the same as JSON."""
    return JsonResponse(_document(request))


def _document(request: HttpRequest) -> dict[str, Any]:
    seat = seat_of(request)
    audits = seat.may(Permission.AUDIT)
    own = () if audits or seat.person is None else seat.person.teams
    return figures_of(seat.zone, without=own).to_document(teams=audits)
