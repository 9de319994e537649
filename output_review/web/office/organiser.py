"""The organiser's page: who may enter and what waits; no output and no decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from output_review.domain.access import Permission
from output_review.web.seat import entered, seat_of


@entered(Permission.ORGANISE)
def organiser(request: HttpRequest) -> HttpResponse:
    """Show the people of the camp."""
    return render(request, "review/organiser.html", {"people": seat_of(request).zone.manifest.people})
