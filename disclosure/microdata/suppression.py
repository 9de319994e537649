"""Local suppression: values of single records made missing until every key is shared by k records.

The heuristic is the one of sdcMicro, so that both make equally many values missing: risky records, the rarest first,
each lose one value in a pass, in which they differ from the records nearest to them and which matters least. Passes
go on until nobody is risky, a missing value matching every category. Of the records of a safe key only k take part.

M. Templ, A. Kowarik and B. Meindl, "Statistical disclosure control for micro-data using the R package sdcMicro",
Journal of Statistical Software (2015), doi:10.18637/jss.v067.i04, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import BadInputError, RefusedError
from disclosure.microdata.alike import Column
from disclosure.microdata.coding import MISSING, Coded, coded, coded_keys, grouped, members_of, require_columns
from disclosure.microdata.counting import counted
from disclosure.microdata.goals import Goal, goals_of
from disclosure.microdata.neighbours import Neighbours
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Numbers, Places, Suppressed
from disclosure.texts import text


def local_suppression(
    frame: pa.Table,
    keys: KeyVariables,
    *,
    k: int | None = None,
    combs: tuple[tuple[int, int], ...] = (),
    importance: tuple[int, ...] = (),
    strata: tuple[str, ...] = (),
    alpha: float = 1.0,
) -> Suppressed:
    """Return the frame with values of key variables made missing until every key is shared by k records.

    Args:
        k: 2 if neither it nor `combs` is given.
        combs: in the place of k pairs of a number of variables and a k of its own: an intruder who knows any so many of
            the key variables finds k records. They are gone through in this order, and again until all hold.
        importance: a rank from 1 for each key variable, 1 for the one to keep; the last rank is given up first.
            Without it the variable with the most categories is.
        strata: columns of categories; keys are shared within the records that agree on them, missing being a category.
        alpha: how much a match with somebody whose key has missing values counts, from 0 to 1.

    Raises:
        BadInputError: k is under 2, or given beside combs; combs or ranks do not fit the key variables; alpha is not
            from 0 to 1.
        RefusedError: there are fewer records than k, in the file or in a stratum.
        DataError, ColumnError: as `frequencies`.

    >>> frame = pa.table({"sexe": ["v", "v", "m", "m", "m"], "wijk": ["A", "A", "A", "A", "B"]})
    >>> found = local_suppression(frame, KeyVariables(("sexe", "wijk")), k=2)
    >>> found.counts, found.frame["wijk"].to_pylist()
    ((('sexe', 0), ('wijk', 1)), ['A', 'A', 'A', 'A', None])
    """
    if not 0 <= alpha <= 1:
        raise BadInputError(text("alpha is a number from 0 to 1."), hint=text("Leave it out for 1."))
    columns = coded_keys(frame, keys)
    order = _order(columns, importance)
    goals = goals_of(len(columns), k, combs)
    require_columns(frame, strata)
    within = grouped([coded(frame, name) for name in strata]) if strata else None
    most = max(goal.k for goal in goals)
    if (frame.num_rows if within is None else int(within.sizes().min())) < most:
        raise RefusedError(
            text("There are fewer records than {k}, so no key can be shared by so many.", k=most),
            hint=text("Ask for a smaller k, or for coarser strata.")
            if strata
            else text("Ask for a smaller k, or leave the records out."),
        )
    if within is None:
        found = _reached(columns, order, goals, alpha)
    else:
        made = [column.codes.copy() for column in columns]
        for members in members_of(within):
            own = tuple(Coded(column.name, column.codes[members], column.size) for column in columns)
            for codes, one in zip(made, _reached(own, order, goals, alpha), strict=True):
                codes[members] = one.codes
        found = tuple(Coded(one.name, codes, one.size) for one, codes in zip(columns, made, strict=True))
    counts = []
    for before, after in zip(columns, found, strict=True):
        changed = after.codes != before.codes
        counts.append((before.name, int(changed.sum())))
        frame = _without(frame, before.name, changed)
    return Suppressed(frame=frame, counts=tuple(counts), k=min(goal.k for goal in goals), alpha=alpha)


def _reached(columns: Sequence[Coded], order: Sequence[int], goals: Sequence[Goal], alpha: float) -> tuple[Coded, ...]:
    """Return the columns with values made missing until each goal is reached."""
    found = list(columns)
    while True:
        for goal in goals:
            part = tuple(found[one] for one in goal.variables)
            own = [goal.variables.index(one) for one in order if one in goal.variables]
            for one, made in zip(goal.variables, _shared(part, own, goal.k, alpha), strict=True):
                found[one] = made
        # What a later goal makes missing can count for less than it did in an earlier one.
        if len(goals) == 1 or not any(
            _risky([found[one] for one in goal.variables], goal.k, alpha)[0].size for goal in goals
        ):
            return tuple(found)


def _shared(columns: tuple[Coded, ...], order: Sequence[int], k: int, alpha: float) -> tuple[Coded, ...]:
    """Return the columns with values made missing until every key is shared by k records."""
    found = _suppressed(columns, order, _taking_part(columns, k), k, alpha)
    if _risky(found, k, alpha)[0].size:
        # Records left out were taken to be like those that took part, which missing values can belie.
        found = _suppressed(found, order, np.arange(len(columns[0].codes)), k, alpha)
    return found


def _order(columns: Sequence[Coded], importance: tuple[int, ...]) -> list[int]:
    """Return the variables, first the one to give up first."""
    if not importance:
        by_size = sorted(range(len(columns)), key=lambda one: columns[one].size)
        return by_size[::-1]
    if len(importance) != len(columns) or not all(1 <= rank <= len(columns) for rank in importance):
        raise BadInputError(
            text("The importance of key variables is a rank from 1 to their number for each of them."),
            hint=text("Give 1 to the one that matters most, or leave it out."),
        )
    return sorted(range(len(columns)), key=lambda one: -importance[one])


def _taking_part(columns: Sequence[Coded], k: int) -> Places:
    """Return the places of the first k records of each key, missing being a category here."""
    groups = grouped(columns)
    by_group = np.argsort(groups.number, kind="stable")
    starts = np.concatenate([[0], np.cumsum(groups.sizes())[:-1]])
    rank = np.arange(len(by_group)) - np.repeat(starts, groups.sizes())
    return np.sort(by_group[rank < k])


def _suppressed(
    columns: Sequence[Coded], order: Sequence[int], part: Places, k: int, alpha: float
) -> tuple[Coded, ...]:
    """Return the columns with values made missing until no record that takes part is risky."""
    keys = [_narrow(column.codes[part], column.size) for column in columns]
    while True:
        now = tuple(
            Coded(column.name, key.astype(np.int32), column.size) for column, key in zip(columns, keys, strict=True)
        )
        risky, fk = _risky(now, k, alpha)
        if not risky.size:
            break
        rarest_first = risky[np.argsort(fk, kind="stable")]
        # Whoever differs from nobody may not be risky any more; if that is everybody, they are.
        if not _pass(keys, order, rarest_first, own=alpha < 1):
            _pass(keys, order, rarest_first, own=True)
    found = []
    for column, one in zip(columns, now, strict=True):
        codes = column.codes.copy()
        codes[part] = one.codes
        found.append(Coded(column.name, codes, column.size))
    return tuple(found)


def _risky(columns: Sequence[Coded], k: int, alpha: float) -> tuple[Places, Numbers]:
    """Return the places of the records whose key fewer than k share, and how many do."""
    fk, _ = counted(tuple(columns), None, alpha)
    places = np.flatnonzero(fk < k)
    return places, fk[places]


def _pass(keys: Sequence[Column], order: Sequence[int], risky: Places, *, own: bool) -> bool:
    """Make one value of each risky record missing, and tell whether any was.

    Args:
        own: also of a record that differs from nobody: matches with missing values count for too little, or, with
            whole keys, not at all where everything is missing.
    """
    neighbours = Neighbours(keys, order, risky)
    changed = False
    for record in risky.tolist():
        variable = neighbours.choice(record)
        if variable is None and own:
            variable = next((one for one in order if keys[one][record] != MISSING), None)
        if variable is not None:
            neighbours.suppress(record, variable)
            changed = True
    return changed


def _narrow(codes: np.ndarray, size: int) -> Column:
    """Return codes in the narrowest type that holds them: comparing them is what takes the time."""
    return codes.astype(np.int8 if size < 128 else np.int16 if size < 32768 else np.int32)


def _without(frame: pa.Table, name: str, made: np.ndarray) -> pa.Table:
    """Return the frame with values of a column made missing."""
    place = frame.schema.get_field_index(name)
    column = frame.column(name)
    kept = pc.if_else(pa.array(made), pa.scalar(None, column.type), column)
    return frame.set_column(place, frame.schema.field(place).with_nullable(True), kept)
