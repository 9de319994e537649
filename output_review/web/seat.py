"""Who sits at the page, and in which camp: every view is entered through here, and looked up in the table of rights.

The camp comes with the request, from the application that was started for it; the person from the camp's manifest, by
the name of the account that logged in with both factors. A name that the manifest does not have may nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from output_review.domain.access import Permission, may
from output_review.web.house import HOUSE, House
from output_review.web.speech import Respond, page_language, spoken

if TYPE_CHECKING:
    from output_review.models import RequestRow
    from output_review.services.zone import ControlZone
    from output_review.signing.manifest import Person

P = ParamSpec("P")
_PERMISSION: Final = "datakamp_permission"


@dataclass(frozen=True)
class Seat:
    """Who asks, in which camp.

    Attributes:
        person: None for whoever has not logged in with both factors, or is not in the manifest.
    """

    zone: ControlZone
    person: Person | None

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
        from output_review.models import RequestRow

        row = RequestRow.objects.filter(pk=number).first()
        if row is None or not self.may(permission, row.team):
            raise Http404
        return row


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
        user = request.user
        # A second factor that was not shown leaves an account with no rights but those of the login pages.
        known = user.is_authenticated and user.is_active and getattr(user, "is_verified", lambda: False)()
        request.seat = Seat(zone, zone.manifest.person(user.get_username()) if known else None)  # type: ignore[attr-defined]
        return spoken(self._respond, request)


def entered(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Return a decorator: the view is for those who have the permission; others log in, or are refused.

    A view that shows a request asks `Seat.request` for it, which looks at the team too.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: P.args, **keywords: P.kwargs) -> HttpResponseBase:
            seat = seat_of(request)
            if seat.person is None:
                return redirect_to_login(request.get_full_path())
            if not seat.may(permission):
                raise PermissionDenied
            return view(request, *arguments, **keywords)

        setattr(guarded, _PERMISSION, permission)
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)

    return decorate


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return the permission that a view asks for; None if it is open to everyone, as logging in is."""
    return getattr(view, _PERMISSION, None)


def seat_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every template can name."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return {}
    return {
        "person": seat.person,
        "camp": seat.zone.camp,
        "language": page_language(),
        "rights": {one.value for one in Permission if seat.may(one)},
    }
