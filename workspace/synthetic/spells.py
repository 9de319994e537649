"""Spells of households, handed down to their members: stages one after the other, without gap or overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.window import Dates, Ints

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Stages:
    """Stages of households, sorted by household and start; each lasts until the next begins, the last until the end.

    `what` is what the stage is: a dwelling, or how many of the household's births have been.
    """

    household: Ints
    start: Dates
    what: Ints


@dataclass(frozen=True, slots=True)
class Spells:
    """Spells of persons: `person` (row), first and last day, and what the stage was."""

    person: Ints
    first: Dates
    last: Dates
    what: Ints

    def only(self, rows: Ints) -> Spells:
        """Return some of the spells, in the order of `rows`."""
        return Spells(self.person[rows], self.first[rows], self.last[rows], self.what[rows])


def handed_down(stages: Stages, home: Ints, born: Dates, until: Dates, since: np.datetime64) -> Spells:
    """Return the spells of all persons.

    Args:
        home: per person, the household; every household has a stage.
        born: per person; no spell begins before.
        until: per household, the last day of its last stage.
        since: spells that ended before this day are left out.
    """
    count = len(until)
    number = np.bincount(stages.household, minlength=count)
    offset = np.concatenate(([0], np.cumsum(number)[:-1]))
    end = np.append(stages.start[1:] - _DAY, stages.start[:1])
    closing = offset + number - 1
    end[closing] = until
    repeats = number[home]
    person = np.repeat(np.arange(len(home)), repeats)
    within = np.arange(len(person)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    stage = offset[home[person]] + within
    first, last = np.maximum(stages.start[stage], born[person]), end[stage]
    kept = np.flatnonzero((first <= last) & (last >= since))
    return Spells(person[kept], first[kept], last[kept], stages.what[stage[kept]])


def ordered(household: Ints, start: Dates, what: Ints) -> Stages:
    """Return stages in order."""
    order = np.lexsort((start, household))
    return Stages(household[order], start[order], what[order])
