"""The organiser's page: who may enter and what waits; no output and no decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from output_review.domain.access import Permission
from output_review.services.accounts import standings
from output_review.services.organising import work_of_teams
from output_review.web.seat import entered, seat_of
from output_review.web.words import ROLES, STANDINGS


@entered(Permission.ORGANISE)
@require_safe
def organiser(request: HttpRequest) -> HttpResponse:
    """Show the people of the camp, its sessions, and how much work lies where."""
    zone = seat_of(request).zone
    found = standings([one.name for one in zone.manifest.people], zone.clock())
    people = [
        {
            "name": one.name,
            "roles": [ROLES[role] for role in one.roles],
            "teams": one.teams,
            "standing": STANDINGS[found[one.name]],
            "kind": found[one.name].value,
        }
        for one in zone.manifest.people
    ]
    sessions = [(one.start.isoformat(" ", "minutes"), one.end.isoformat(" ", "minutes")) for one in zone.camp.sessions]
    context = {"people": people, "work": work_of_teams(zone), "sessions": sessions}
    return render(request, "review/organiser.html", context)
