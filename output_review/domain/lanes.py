"""The lane in which a request waits: the light one can be checked in minutes."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """Which requests are light is said in `lane_of`."""

    LIGHT = "light"
    ORDINARY = "ordinary"
