"""Dwellings, and who lives where when: moves within the city, into it and out of it.

A household lives at the end in a dwelling of its own; each address that it left is one more dwelling, that nobody else
has. So no two households are ever at the same address.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import Floats, Households, Ints
from workspace.synthetic.places import Municipality
from workspace.synthetic.presence import Presence, later
from workspace.synthetic.spells import Stages, ordered
from workspace.synthetic.window import YEARS, Dates, Window

_MOVES_A_YEAR = 0.06
_SAME_WIJK = 0.45
_ROOM = 60
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`place` and `share` per dwelling: its place (an index of wijken, then of the municipalities elsewhere) and a draw
    that settles the buurt; `stages`: the dwellings of households in time.
    """

    place: Ints
    share: Floats
    stages: Stages


def draw_addresses(
    rng: np.random.Generator, window: Window, municipality: Municipality, households: Households, presence: Presence
) -> Addresses:
    """Return all dwellings and the stages of all households."""
    count, wijken = len(households.wijk), len(municipality.wijken)
    start = np.maximum(presence.entered, window.start)
    room = (presence.left - start).astype(np.int64)
    once = (rng.random(count) < _MOVES_A_YEAR * YEARS) & (room > 2 * _ROOM)
    twice = once & (rng.random(count) < 0.2) & (room > 4 * _ROOM)
    middle = np.where(twice, room // 2, room)
    second = _day(rng, later(start, np.where(twice, middle, 0)), np.where(twice, room - middle, room))
    first = _day(rng, start, middle)

    number = np.array([wijk.inhabitants for wijk in municipality.wijken], dtype=np.float64)
    share = np.array([part for *_, part in municipality.elsewhere])
    place, stage = [households.wijk], [_stages(np.arange(count), presence.formed, np.arange(count))]
    last_start = np.where(once, second, presence.entered)
    taken = count

    def add(rows: Ints, starts: Dates, where: Ints) -> None:
        nonlocal taken
        place.append(where)
        stage.append(_stages(rows, starts, taken + np.arange(len(rows))))
        taken += len(rows)

    def within(rows: Ints) -> Ints:
        other = rng.choice(wijken, len(rows), p=number / number.sum())
        return np.where(rng.random(len(rows)) < _SAME_WIJK, households.wijk[rows], other)

    def elsewhere(rows: Ints) -> Ints:
        return wijken + rng.choice(len(share), len(rows), p=share / share.sum())

    two, one = np.flatnonzero(twice), np.flatnonzero(once)
    came, left = np.flatnonzero(presence.arrived), np.flatnonzero(presence.gone(window))
    add(one, np.where(twice[one], first[one], presence.entered[one]), within(one))
    add(two, presence.entered[two], within(two))
    add(came, presence.formed[came], elsewhere(came))
    add(left, presence.left[left] + _DAY, elsewhere(left))
    stage[0] = _stages(np.arange(count), last_start, np.arange(count))
    household, starts, dwelling = (np.concatenate(column) for column in zip(*stage, strict=True))
    places = np.concatenate(place)
    return Addresses(places, rng.random(len(places)), ordered(household, starts, dwelling))


def _stages(household: Ints, start: Dates, dwelling: Ints) -> tuple[Ints, Dates, Ints]:
    return household, start, dwelling


def _day(rng: np.random.Generator, start: Dates, room: Ints) -> Dates:
    """Draw a day in the middle of a stretch of `room` days."""
    inside = np.maximum(room - _ROOM, 1)
    return later(start, _ROOM // 2 + np.floor(rng.random(len(start)) * inside).astype(np.int64))
