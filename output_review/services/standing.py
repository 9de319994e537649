"""The packages that stand: released, gone out, not recalled, and still the bytes that were released."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.errors import DataError, IntegrityError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import read_regular
from output_review.domain.states import State
from output_review.release.package import LARGEST_PACKAGE
from output_review.services.finishing import target_file
from output_review.services.zone import ControlZone
from output_review.verify import verifier


@dataclass(frozen=True)
class StandingPackage:
    """A package that stands.

    Attributes:
        mark: "DEMO" on a package of a demonstration, otherwise empty.
        data: its bytes, which verified.
    """

    team: str
    name: str
    mark: str
    data: bytes


def standing_packages(zone: ControlZone) -> tuple[StandingPackage, ...]:
    """Return the packages of a camp that stand, in the order of their requests; what else lies there is not looked at.

    Raises:
        IntegrityError: a package is missing, is not the one that was released, or does not verify as this team's.
    """
    from output_review.models import RequestRow

    released = RequestRow.objects.filter(state=State.RELEASED.value, moved_out=True).order_by("pk")
    return tuple(
        _checked(zone, row.team, row.package, row.package_digest, (str(row.pk), row.revision)) for row in released
    )


def _checked(zone: ControlZone, team: str, name: str, known: str, request: tuple[str, int]) -> StandingPackage:
    try:
        data = read_regular(target_file(zone, name), limit=LARGEST_PACKAGE)
    except (DataError, OSError):
        raise IntegrityError(f"The package '{name}' is missing.", hint="See datakamp audit.") from None
    report = verifier.verify(data, list(zone.site.roots), demo=bool(zone.camp.mark))
    said = tuple(report.facts.get(key) for key in ("camp", "team", "package", "request", "revision"))
    of_release = (zone.camp.name, team, name, *request)
    if report.status is not verifier.Status.VERIFIED or digest(data) != known or said != of_release:
        raise IntegrityError(f"'{name}' is not the package that was released.", hint="See datakamp audit.")
    return StandingPackage(team, name, report.mark, data)
