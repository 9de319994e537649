"""Who sits at the page, and in which camp: every view is entered through here, and looked up in the table of rights.

The camp comes with the request, from the application that was started for it; the person from the camp's manifest, by
the name of the account that logged in with both factors. A name that the manifest does not have may nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from output_review.domain.access import Permission, may
from output_review.services.reads import record_read
from output_review.web.house import HOUSE, House
from output_review.web.sitting import still_sits
from output_review.web.speech import Respond, page_language, spoken

if TYPE_CHECKING:
    from output_review.models import RequestRow
    from output_review.services.zone import ControlZone
    from output_review.signing.manifest import Person

P = ParamSpec("P")
_PERMISSION: Final = "datakamp_permission"
_SHOWING: Final = (200, 400, 409)
NUMBER, OUTPUT, REVISION = "number", "output", "revision"
"""What addresses call a request's number, an output's name and a revision: a read is written down under these."""


@dataclass(frozen=True)
class Seat:
    """Who asks, in which camp.

    Attributes:
        person: None for whoever has not logged in with both factors, or is not in the manifest.
    """

    zone: ControlZone
    person: Person | None
    _found: dict[int, RequestRow] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The account name.

        Raises:
            PermissionDenied: nobody sits here.
        """
        if self.person is None:
            raise PermissionDenied
        return self.person.name

    def may(self, permission: Permission, team: str | None = None) -> bool:
        """Tell whether this person may."""
        return may(self.person, permission, team)

    def request(self, number: int, permission: Permission) -> RequestRow:
        """Return a request, if this person may do that with it.

        Raises:
            Http404: there is none, or it is none of theirs: the two look the same.
        """
        row = self.row(number)
        if row is None or not self.may(permission, row.team):
            raise Http404
        return row

    def row(self, number: int) -> RequestRow | None:
        """Return a request whoever asks, for writing down that they did; it is looked up once."""
        from output_review.models import RequestRow

        if number not in self._found:
            row = RequestRow.objects.filter(pk=number).first() if 0 <= number < 1 << 63 else None
            if row is None:
                return None
            self._found[number] = row
        return self._found[number]


def seat_of(request: HttpRequest) -> Seat:
    """Return who sits at a page."""
    return cast("Seat", request.seat)  # type: ignore[attr-defined]


class SeatMiddleware:
    """Puts the seat on each request and answers in the reader's language."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        house = cast("House", request.META[HOUSE])
        zone = house.zone()
        name = still_sits(request, zone.clock(), zone.site.entry)
        request.seat = Seat(zone, zone.manifest.person(name) if name else None)  # type: ignore[attr-defined]
        return spoken(self._respond, request)


def entered(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Return a decorator: the view is for those who have the permission; others log in, or are refused.

    What it showed, or refused, is written down before it is answered. The page that comes back with a form that was not
    accepted is written down under the view's name and the status: who was shown an output so has not opened it. A view
    that shows a request asks `Seat.request` for it, which looks at the team too; its address calls the request's number
    "number" and an output's name "output".
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: P.args, **keywords: P.kwargs) -> HttpResponseBase:
            seat = seat_of(request)
            if seat.person is None:
                return _to_login(request)
            try:
                if not seat.may(permission):
                    raise PermissionDenied
                answer = view(request, *arguments, **keywords)
            except (PermissionDenied, Http404):
                _write_down(request, refused=True)
                raise
            status = answer.status_code
            if status in (403, 404):
                _write_down(request, refused=True)
            elif status in _SHOWING and request.method != "HEAD":
                _write_down(request, status="" if (request.method, status) == ("GET", 200) else f"-{status}")
            return answer

        setattr(guarded, _PERMISSION, permission)
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    # What was sent is gone by then: only what was looked at is returned to.
    answer: HttpResponse = redirect_to_login(request.get_full_path()) if request.method == "GET" else redirect("login")
    return HttpResponseClientRedirect("/login") if request.headers.get("HX-Request") == "true" else answer


def _write_down(request: HttpRequest, *, refused: bool = False, status: str = "") -> None:
    seat, match = seat_of(request), request.resolver_match
    named = {} if match is None else match.kwargs
    number, revision = named.get(NUMBER), named.get(REVISION)
    record_read(
        seat,
        f"{'' if match is None else match.view_name}{status}",
        seat.row(number) if isinstance(number, int) else None,
        str(named.get(OUTPUT, "")),
        revision=revision if isinstance(revision, int) and 0 <= revision < 1 << 31 else None,
        refused=refused,
    )


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return the permission that a view asks for; None if it is open to everyone, as logging in is."""
    return getattr(view, _PERMISSION, None)


def seat_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every template can name."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return {"language": page_language(), "languages": settings.LANGUAGES}
    return {
        "languages": settings.LANGUAGES,
        "person": seat.person,
        "camp": seat.zone.camp,
        "language": page_language(),
        "rights": {one.value for one in Permission if seat.may(one)},
    }
