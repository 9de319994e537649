"""A process that takes in or tabulates until it is killed; run by `benchmarks.ingest_load`.

It does what `datakamp review work` does, in this process instead of in boxes, on a clock that may run faster.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from output_review.services.zone import ControlZone

PAUSE = 0.2
"""Seconds between two rounds in which there was nothing to do."""


def hurried(zone: ControlZone, begun: float, speed: float) -> ControlZone:
    """Return a control zone whose clock runs `speed` times as fast since `begun`, the same in every process."""

    def now() -> datetime:
        return datetime.fromtimestamp(begun, UTC) + timedelta(seconds=int((time.time() - begun) * speed))

    return replace(zone, clock=now)


def main(folder: Path, role: str, begun: float, speed: float) -> None:
    """Take in ("ingest") or do all that a worker does ("work"), without end."""
    from output_review.services.ingest import ingest
    from output_review.services.stopping import NEVER
    from output_review.services.telling import tell_all
    from output_review.services.working import work

    camp = ZoneCamp(folder / "camp", folder / "office")
    zone = hurried(camp.zone(), begun, speed)
    tell_all(zone)  # as every command does when it starts
    if role == "work":
        work(lambda: zone, NEVER, print, pause=PAUSE)
    while True:
        ingest(zone)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
