"""Taking off a reviewer's desk what is no longer what there is to sign; see `desk`, which lays it out."""

from __future__ import annotations

import shutil

from disclosure.exchange.zones import desk, separated
from output_review.services.zone import ControlZone
from output_review.signing.manifest import PersonRole


def clear(zone: ControlZone, request: int, reviewer: str) -> None:
    """Take what was laid out for a reviewer off the desk; where zones are not separated, nothing lies there."""
    if not separated(zone.camp):
        return
    folder = desk(zone.camp, reviewer) / str(request)
    if folder.exists():
        shutil.rmtree(folder)


def clear_all(zone: ControlZone, request: int) -> None:
    """Take a request off every desk: it is not in review any more, or it is another revision."""
    for reviewer in desk_holders(zone):
        clear(zone, request, reviewer)


def desk_holders(zone: ControlZone) -> tuple[str, ...]:
    """Return the reviewers of the manifest who have a desk, in order of their names."""
    people = {one.name for one in zone.camp.participants}
    names = (one.name for one in zone.manifest.people if PersonRole.REVIEWER in one.roles)
    return tuple(sorted(name for name in names if name in people))
