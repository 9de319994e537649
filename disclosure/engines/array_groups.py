"""From rows to tallies: what each row, and each unit, has in a cell."""

from __future__ import annotations

import numpy as np

from disclosure.engines.array_columns import NotAsArrays, Whole
from disclosure.engines.array_evidence import Asked
from disclosure.engines.array_rows import Piece
from disclosure.engines.array_tally import Tally
from disclosure.engines.array_units import Groups


def groups_of_rows(piece: Piece, units: Whole | None, asked: Asked) -> Groups:
    """Return what the rows of a piece have, each with its unit if there are any numbers of those."""
    value, weight, there = piece.value, piece.weight, piece.there
    high = low = None
    if asked.two is not None and value is not None:
        high, low = value == asked.two[1], value == asked.two[0]
        if there is not None:
            high &= there
            low &= there
    return Groups(
        units=units,
        places=piece.cells.astype(np.intp, copy=False),
        value=value,
        weighted=value * weight if value is not None and weight is not None else None,
        there=there,
        high=high,
        low=low,
        lightest=weight,
        heaviest=weight,
        divisor=weight if weight is None or there is None else np.where(there, weight, 0),
    )


def tally_rows(tally: Tally, piece: Piece, groups: Groups) -> Whole | None:
    """Add to the tally what rows have in cells.

    Returns:
        how many rows each cell has; None if that is not known, or not all of them have a value.
    """
    counted = tally.count("rows", groups.places)
    if piece.value is None:
        if piece.weight is not None:
            tally.constant.look(groups.places, piece.weight)
        return counted
    known = groups
    if groups.there is not None:
        known, counted = groups.only(groups.there), None
        tally.count("missing", groups.places[~groups.there])
    if known.value is not None:
        tally.add("value", known.places, known.value)
        tally.constant.look(known.places, known.value)
    if known.weighted is not None and known.heaviest is not None:
        tally.add("weighted", known.places, known.weighted)
        tally.add("weights of values", known.places, known.heaviest)
    return counted


def tally_units(
    tally: Tally, groups: Groups, asked: Asked, *, alone: bool = False, counted: Whole | None = None
) -> None:
    """Add to the tally what units have in cells; if each has one row, what rows tell as well is left out.

    Args:
        counted: if each has one row, how many of them each cell has; None if that is not known.
    """
    if groups.lightest is not None and groups.heaviest is not None:
        unequal = groups.lightest != groups.heaviest
        if unequal.any():
            tally.count("unequal", groups.places[unequal])
    if groups.there is not None:
        groups = groups.only(groups.there)
    places = groups.places
    if not alone:
        counted = tally.count("units", places)
    if groups.heaviest is not None:
        tally.add("weights", places, groups.heaviest)
    for name, some in (("high", groups.high), ("low", groups.low)):
        if some is not None:
            tally.count(name, places[some])
            if name == "high" and groups.heaviest is not None:
                tally.add("weights of high", places[some], groups.heaviest[some])
    if asked.contributors:
        _tally_contributions(tally, groups, asked, counted, alone=alone)


def _tally_contributions(tally: Tally, groups: Groups, asked: Asked, counted: Whole | None, *, alone: bool) -> None:
    places = groups.places
    published = groups.weighted if groups.weighted is not None else groups.value
    contributed = groups.weighted if asked.weighted_contributions else groups.value
    if published is None or contributed is None:
        if groups.heaviest is None:
            raise NotAsArrays
        published = contributed = groups.heaviest  # a count by a weight of the researcher's own
    if not alone or asked.weighted_contributions:
        tally.constant.look(places, contributed)
    nothing = tally.finest.look(places, contributed, counted)
    if len(nothing):
        tally.count("nothing", places[nothing])
    if published.min(initial=0) < 0:
        below = published < 0
        tally.add("below", places[below], published[below])
    for end in tally.ends:
        end.look(places, contributed)
    if asked.weighted_contributions and groups.value is not None:
        for end in tally.ends_of_values():
            end.look(places, groups.value)
        tally.plain_finest.look(places, groups.value, counted)
    if groups.value is not None and groups.divisor is not None:
        tally.keep_divisors(places, groups.divisor)
    if contributed.min(initial=0) < 0:
        tally.negative = True
        contributed = np.abs(contributed)
    tally.keep_largest(places, contributed)
