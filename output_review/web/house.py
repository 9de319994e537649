"""The control zone that an application serves: opened once, and again when what it was opened from has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from disclosure.exchange.camp import FILE
from output_review.web.turns import Turns

if TYPE_CHECKING:
    from django.http import HttpRequest

    from output_review.ports import Engines
    from output_review.services.zone import ControlZone

HOUSE: Final = "datakamp.house"
"""Where a WSGI request holds it."""


class House:
    """Holds the control zone of one camp for all threads of a process.

    Attributes:
        turns: for what is costly and open to everybody.
        known_turns: for the same, of people who are known already: see `accounts.known`.

    Args:
        opened: opens it; see `open_zone`.
    """

    def __init__(self, folder: Path, opened: Callable[[], ControlZone]) -> None:
        self._folder, self._opened = folder, opened
        self._guard = threading.Lock()
        self.turns, self.known_turns = Turns(), Turns()
        self._kept: tuple[object, ControlZone] | None = None

    def zone(self) -> ControlZone:
        """Return the control zone as the camp is now.

        Raises:
            DatakampError: it cannot be opened, see `open_zone`.
        """
        from output_review.models import ManifestRow
        from output_review.services.review_rules import log_rules

        status = (self._folder / FILE).stat()
        newest = ManifestRow.objects.order_by("-number").values_list("number", flat=True).first()
        state = (status.st_mtime_ns, status.st_ino, status.st_size, newest)
        with self._guard:
            if self._kept is None or self._kept[0] != state:
                zone = self._opened()
                log_rules(zone)  # whatever is seen or done under them comes after
                self._kept = (state, zone)
            return self._kept[1]


def turns_of(request: HttpRequest, *, known: bool) -> Turns:
    """Return the turns of the process that answers a request.

    Args:
        known: whether it comes from somebody who is known already.
    """
    house = cast("House", request.META[HOUSE])
    return house.known_turns if known else house.turns


def house_of(folder: Path, engines: Callable[[], Engines], site: Path | None = None) -> House:
    """Return the house of a camp that is open."""
    from output_review.services.zone import open_zone

    return House(folder, lambda: open_zone(folder, engines(), site))
