"""The rule book once more, plain and slow: dictionaries and fractions, nothing shared with the product.

It follows RULES section 1 and 2 word by word, so that the engine's arrays can be held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from typing import Any

TOTAL = "*"
"""Stands in a cell for a dimension at its total; no label of the generated tables is like it."""

Key = tuple[str | None, ...]

POLICIES: Mapping[str, Mapping[str, Any]] = {
    "cbs": {"minimum": 10, "dominance": [(1, 50)], "p": None, "group": 90, "zeros": False, "weights": True},
    "sacro": {"minimum": 10, "dominance": [(2, 90)], "p": 10, "group": None, "zeros": True, "weights": False},
    "abs": {"minimum": 10, "dominance": [(1, 50), (2, 67)], "p": None, "group": None, "zeros": False, "weights": True},
}


@dataclass(frozen=True)
class Row:
    """One row: its unit's key, its labels, and its value and weight where the table has them."""

    unit: tuple[Any, ...]
    labels: Key
    value: Fraction | None = None
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class Asked:
    """What is asked: `known_weight` says that the codebook names the weight."""

    statistic: str
    policy: str
    weighted: bool = False
    known_weight: bool = False
    dropna: bool = False

    @property
    def own_weight(self) -> bool:
        """Whether the weight is one that the codebook does not know."""
        return self.weighted and not self.known_weight


@dataclass
class CellEvidence:
    """What is known of one cell."""

    n_units: int = 0
    n_rows: int = 0
    total: Fraction = Fraction(0)
    absolute: Fraction = Fraction(0)
    largest: list[Fraction] = field(default_factory=list)
    n_nonzero: int = 0
    constant: bool = False
    negative: bool = False
    rows_constant: bool = False
    divisor: Fraction = Fraction(0)
    divisors: list[Fraction] = field(default_factory=list)
    contributions: list[Fraction] = field(default_factory=list)
    plain: list[Fraction] = field(default_factory=list)
    numerator: int = 0
    complement: int = 0
    weighted_units: Fraction = Fraction(0)
    weighted_numerator: Fraction = Fraction(0)


@dataclass(frozen=True)
class Reference:
    """Evidence per cell, the rules that each cell fails, and its figure (None where it has none)."""

    cells: Mapping[Key, CellEvidence]
    failing: Mapping[Key, set[str]]
    figures: Mapping[Key, Fraction | None]

    @property
    def status(self) -> str:
        return "unsafe" if any(self.failing.values()) else "safe"


def judged(rows: Sequence[Row], asked: Asked) -> Reference | None:
    """Return what the rule book says of a table; None where it says that nothing can be judged."""
    if asked.weighted and not POLICIES[asked.policy]["weights"]:
        return None
    if asked.dropna:
        rows = [row for row in rows if None not in row.labels]
    if asked.weighted:
        rows = [row for row in rows if row.weight != 0]
    by_unit: dict[tuple[Any, ...], set[Fraction]] = {}
    for row in rows:
        by_unit.setdefault(row.unit, set()).add(row.weight)
    if asked.weighted and asked.statistic in ("count", "rate") and any(len(seen) > 1 for seen in by_unit.values()):
        return None
    two = two_values(rows, asked)
    cells = {key: evidence(mine, asked, two) for key, mine in grouped(rows).items()}
    if POLICIES[asked.policy]["zeros"] and (asked.statistic == "count" or two is not None):
        for key in every_combination(rows):
            cells.setdefault(key, CellEvidence())
    failing = {key: fails(key, cells, asked, two) for key in cells}
    if has_hidden_margin(rows, asked):
        return None
    for key in implied(rows, asked, two):
        failing[key].add("implied_cells")
    if asked.statistic in ("sum", "mean") and not any(failing.values()) and may_cancel(cells):
        return None
    if any(failing.values()) and (asked.statistic == "count" or two is not None):
        # A frequency table that withholds lists its empty cells.
        for key in every_combination(rows):
            cells.setdefault(key, CellEvidence())
            failing.setdefault(key, set())
    elif any(failing.values()):
        # Of figures those are listed that would tell that everyone is in the withheld cell beside them.
        for key in beside_withheld(cells, failing):
            cells.setdefault(key, CellEvidence())
            failing.setdefault(key, set())
    return Reference(cells, failing, {key: figure(cell, asked) for key, cell in cells.items()})


def beside_withheld(cells: Mapping[Key, CellEvidence], failing: Mapping[Key, set[str]]) -> set[Key]:
    """Return the places of every line of which a withheld cell has all units of the margin."""
    found: set[Key] = set()
    for key, cell in cells.items():
        for place, label in enumerate(key):
            if failing[key] and label != TOTAL and cell.n_units > 0:
                margin = cells[(*key[:place], TOTAL, *key[place + 1 :])]
                if cell.n_units >= margin.n_units:
                    labels = {each[place] for each in cells} - {TOTAL}
                    found |= {(*key[:place], each, *key[place + 1 :]) for each in labels}
    return found


def may_cancel(cells: Mapping[Key, CellEvidence]) -> bool:
    """Tell whether some value is negative and units stand in several of three cells or more below one margin."""
    if not any(cell.negative for cell in cells.values()):
        return False
    for key, cell in cells.items():
        for place, label in enumerate(key):
            if label == TOTAL:
                below = [
                    one for one in cells if one[place] != TOTAL and (*one[:place], TOTAL, *one[place + 1 :]) == key
                ]
                some = [cells[one] for one in below if cells[one].n_units > 0]
                if len(some) > 2 and sum(one.n_units for one in some) > cell.n_units:
                    for one, other in combinations(some, 2):
                        if abs(one.total + other.total) < 4 * (max(one.largest) + max(other.largest)):
                            return True
    return False


def grouped(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """Return the rows of every cell and margin."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        width = len(row.labels)
        for size in range(width + 1):
            for kept in combinations(range(width), size):
                key = tuple(row.labels[place] if place in kept else TOTAL for place in range(width))
                found.setdefault(key, []).append(row)
    return found


def every_combination(rows: Sequence[Row]) -> Iterable[Key]:
    """Return every combination of labels that occur, totals among them."""
    width = len(rows[0].labels)
    return product(*({TOTAL, *(row.labels[place] for row in rows)} for place in range(width)))


def two_values(rows: Iterable[Row], asked: Asked) -> tuple[Fraction, Fraction] | None:
    """Return the lower and the higher value of a column that has no others; of one value, that and zero or one."""
    if asked.statistic == "count":
        return None
    if asked.statistic == "rate":
        return Fraction(0), Fraction(1)
    seen = {row.value for row in rows if row.value is not None}
    if len(seen) > 2:
        return None
    if len(seen) == 1:
        (one,) = seen
        return (one, Fraction(1)) if one == 0 else (Fraction(0), one)
    return min(seen), max(seen)


def evidence(rows: Sequence[Row], asked: Asked, two: tuple[Fraction, Fraction] | None) -> CellEvidence:
    """Return the evidence of one cell from its rows."""
    found = CellEvidence(n_rows=len(rows))
    units: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    if asked.statistic == "count":
        found.n_units = len(units)
        found.weighted_units = sum((mine[0].weight for mine in units.values()), Fraction(0))
        if asked.own_weight:
            own = [mine[0].weight for mine in units.values()]
            add_contributions(found, own, own)
            found.rows_constant, found.divisor = found.constant, Fraction(len(own))
            found.divisors = [Fraction(1) for _ in own]
        return found
    valued = {key: [row for row in mine if row.value is not None] for key, mine in units.items()}
    valued = {key: mine for key, mine in valued.items() if mine}
    found.n_units = len(valued)
    published, contributions = [], []
    for mine in valued.values():
        plain = sum((row.value for row in mine if row.value is not None), Fraction(0))
        heavy = sum((row.value * row.weight for row in mine if row.value is not None), Fraction(0))
        published.append(heavy if asked.weighted else plain)
        contributions.append(heavy if asked.own_weight else plain)
    values = [row.value for mine in valued.values() for row in mine]
    add_contributions(found, published, contributions)
    if asked.own_weight:
        found.plain = [sum((row.value or Fraction(0) for row in mine), Fraction(0)) for mine in valued.values()]
    found.rows_constant = len(set(values)) == 1 and values[0] != 0
    found.divisors = [
        sum((row.weight if asked.weighted else Fraction(1) for row in mine), Fraction(0)) for mine in valued.values()
    ]
    found.divisor = sum(found.divisors, Fraction(0))
    if two is not None:
        low, high = two
        ones = [mine for mine in valued.values() if any(row.value == high for row in mine)]
        found.numerator = len(ones)
        found.complement = sum(1 for mine in valued.values() if any(row.value == low for row in mine))
        found.weighted_units = sum((mine[0].weight for mine in valued.values()), Fraction(0))
        found.weighted_numerator = sum((mine[0].weight for mine in ones), Fraction(0))
    return found


def add_contributions(found: CellEvidence, published: Sequence[Fraction], contributions: Sequence[Fraction]) -> None:
    """Add the sums: of what is published, one entry per unit, and of what each unit contributes to it."""
    found.total = sum(published, Fraction(0))
    found.absolute = sum((abs(one) for one in published), Fraction(0))
    found.contributions = list(contributions)
    found.largest = sorted((abs(one) for one in contributions), reverse=True)
    found.n_nonzero = sum(1 for one in contributions if one != 0)
    found.negative = any(one < 0 for one in contributions)
    found.constant = len(set(contributions)) == 1 and contributions[0] != 0


def fails(key: Key, cells: Mapping[Key, CellEvidence], asked: Asked, two: tuple[Fraction, Fraction] | None) -> set[str]:
    """Return the names of the rules that a cell fails."""
    by, cell, failed = POLICIES[asked.policy], cells[key], set()
    if 0 < cell.n_units < by["minimum"]:
        failed.add("minimum_count")
    if asked.statistic in ("sum", "mean") or asked.own_weight:
        failed |= fails_as_magnitude(cell, asked)
    if asked.own_weight and two is not None and asked.statistic in ("rate", "mean"):
        for side in (cell.weighted_numerator, cell.weighted_units - cell.weighted_numerator):
            failed |= fails_by_divisor(CellEvidence(divisor=side, divisors=list(cell.divisors)), by)
    if asked.statistic in ("count", "rate") or two is not None:
        if by["zeros"] and cell.n_units == 0:
            failed.add("zero_cells")
        if by["group"] is not None and over_share_of_a_margin(key, cells, by["group"]):
            failed.add("group_disclosure")
    if asked.statistic in ("count", "rate") and implies_too_few(key, cells, asked):
        failed.add("implied_counts")
    if two is None and asked.statistic in ("sum", "mean"):
        if by["group"] is not None and everyone_in_one(key, cells):
            failed.add("group_disclosure")
        whole = cells[tuple(TOTAL for _ in key)]
        for own, every in ((cell.contributions, whole.contributions), (cell.plain, whole.plain)):
            failed |= (disguised(own, by) | tells_counts(own, every, by["minimum"])) if own else set()
    if two is not None:
        parts = (cell.numerator, cell.complement, cell.n_units - cell.numerator, cell.n_units - cell.complement)
        if by["zeros"] and 0 in parts[:2]:
            failed.add("zero_cells")
        few = any(0 < part < by["minimum"] for part in parts)
        large = by["group"] is not None and any(part * 100 > by["group"] * cell.n_units for part in parts)
        if few or (large and cell.n_units > 0):
            failed.add("frequency_in_disguise")
    return failed


def implies_too_few(key: Key, cells: Mapping[Key, CellEvidence], asked: Asked) -> bool:
    """Tell whether a margin gives away a small count together with a cell below it."""
    minimum = POLICIES[asked.policy]["minimum"]
    counted = ["n_units", "numerator", "complement"] if asked.statistic == "rate" else ["n_units"]
    for place, label in enumerate(key):
        if label != TOTAL:
            continue
        below = [cells[one] for one in cells if one[place] != TOTAL and (*one[:place], TOTAL, *one[place + 1 :]) == key]
        for name in counted:
            whole, parts = getattr(cells[key], name), [getattr(one, name) for one in below]
            if sum(parts) > whole:
                implied = [sum(parts) - whole, *(whole - part for part in parts)]
                if any(0 < one < minimum for one in implied):
                    return True
    return False


def implied(rows: Sequence[Row], asked: Asked, two: tuple[Fraction, Fraction] | None) -> set[Key]:
    """Return the cells that give away a few units together with one or two others in which the same units stand."""
    members = {key: contributions_of(mine, asked) for key, mine in grouped(rows).items()}
    published = {key: contributions_of(mine, asked, heavy=asked.weighted) for key, mine in grouped(rows).items()}
    values = {key: [holders(rows, key, value) for value in two or ()] for key in members}
    found, listed = set(), {}
    for one, other in combinations(members, 2):
        first, second = members[one], members[other]
        if not comparable(one, other) or not set(first) & set(second):
            continue
        few = list(zip(values[one], values[other], strict=True))
        if not plainly_apart(first, second, few, asked):
            listed[one, other] = [set(first) ^ set(second), *(mine ^ theirs for mine, theirs in few)]
    for (one, other), alone in listed.items():
        two_cells = [[set(members[key]), *values[key]] for key in (one, other)]
        grouped_ = asked.statistic in ("count", "rate") or two is not None
        if (
            tells(less(members, one, other), less(published, one, other), alone, asked, two)
            or by_value(two_cells, asked, two)
            or (grouped_ and by_category(one, other, members, listed, asked))
        ):
            found |= {one, other}
    for whole, one, other in triples(members):
        cells = [members[key] for key in (whole, one, other)]
        sets = [tuple(map(set, cells)), *zip(*(values[key] for key in (whole, one, other)), strict=True)]
        alone = [(w ^ (a | b)) | (w & a & b) for w, a, b in sets]
        valued = [[set(members[key]), *values[key]] for key in (whole, one, other)]
        if tells(less(members, whole, one, other), less(published, whole, one, other), alone, asked, two) or by_value(
            valued, asked, two
        ):
            found |= {whole, one, other}
    return found


def by_value(cells: Sequence[Sequence[set[Any]]], asked: Asked, two: tuple[Fraction, Fraction] | None) -> bool:
    """Tell whether it follows from a cell and others taken off it that nearly all in only one have one value.

    `cells` are the units of each, those with its lower and those with its higher value.
    """
    if two is None:
        return False
    whole, *others = cells
    gained = [len(mine - set().union(*(one[place] for one in others))) for place, mine in enumerate(whole)]
    taken = set().union(*(one[0] for one in others))
    twice = set.intersection(*(one[0] for one in others)) if len(others) > 1 else set()
    more = [len(mine) - sum(len(one[place]) for one in others) for place, mine in enumerate(whole)]
    lost = len(taken - whole[0]) + len(twice & whole[0])
    changed = sum(gained[1:]) - gained[0]
    return any(nearly_all(one, gained[0], lost, changed, asked) for one in more[1:])


def by_category(
    one: Key,
    other: Key,
    members: Mapping[Key, Mapping[Any, Fraction]],
    listed: Mapping[tuple[Key, Key], Any],
    asked: Asked,
) -> bool:
    """Tell whether it follows that nearly all in only one of two cells are in one category of a further dimension."""
    first, second = set(members[one]), set(members[other])
    for place in range(len(one)):
        if one[place] != TOTAL or other[place] != TOTAL:
            continue
        more, changed = [], -len(first - second)
        for label in {key[place] for key in members} - {TOTAL}:
            pair = [(*key[:place], label, *key[place + 1 :]) for key in (one, other)]
            mine, theirs = (set(members.get(key, ())) for key in pair)
            more.append(len(mine) - len(theirs))
            sizes = (len(mine), len(theirs))
            known = (pair[0], pair[1]) in listed or (pair[1], pair[0]) in listed
            changed += len(mine - theirs) if known else sizes[0] - min(*sizes, max(sizes) // 2)
        if any(nearly_all(part, len(first - second), len(second - first), changed, asked) for part in more):
            return True
    return False


def nearly_all(more: int, first: int, second: int, changed: int, asked: Asked) -> bool:
    """Tell whether so many more in one cell than in the other are too many of those in only one of the two."""
    by = POLICIES[asked.policy]
    if by["group"] is None and not by["zeros"]:
        return False
    for part, whole, others in ((more, first, second), (-more, second, first)):
        over = part >= whole if by["group"] is None else part * 100 > by["group"] * whole
        over = over or (by["zeros"] and part == 0 and others == 0)
        unknown = changed >= by["minimum"] and (changed >= first + second or part > whole)
        if whole > 0 and over and not unknown:
            return True
    return False


def less(members: Mapping[Key, Mapping[Any, Fraction]], whole: Key, *others: Key) -> dict[Any, Fraction]:
    """Return what each unit has in a cell less what it has in others."""
    found = dict(members[whole])
    for key in others:
        for unit, size in members[key].items():
            found[unit] = found.get(unit, Fraction(0)) - size
    return found


def tells(
    between: Mapping[Any, Fraction],
    published: Mapping[Any, Fraction],
    alone: Iterable[set[Any]],
    asked: Asked,
    two: tuple[Fraction, Fraction] | None,
) -> bool:
    """Tell whether a difference fails: too few units in it, or one of them is too much of it.

    `between` is what units contribute to it, `published` the same with weights; `alone` are the units in it, then those
    behind a two-valued column.
    """
    by = POLICIES[asked.policy]
    every = list(alone)
    counted = every if asked.statistic in ("count", "rate") else every[1:]
    failing = any(0 < len(one) < by["minimum"] for one in counted)
    if asked.statistic in ("sum", "mean") or asked.own_weight:
        sizes = sorted((abs(one) for one in between.values()), reverse=True)
        whole = sum((abs(one) for one in published.values()), Fraction(0))
        top = [*sizes, Fraction(0), Fraction(0)]
        failing |= 0 < sum(1 for one in published.values() if one) < by["minimum"]
        failing |= any(sum(sizes[:m], Fraction(0)) * 100 > k * whole for m, k in by["dominance"])
        failing |= by["p"] is not None and (whole - top[0] - top[1]) * 100 < by["p"] * top[0]
        if two is None:
            own = [size for unit, size in between.items() if size or unit in every[0]]
            failing |= alike(own, len(own) - len(every[0]), by)
    return failing


def alike(own: Sequence[Fraction], changed: int, by: Mapping[str, Any]) -> bool:
    """Tell whether differences, or their sizes, give some away by what they have in common; `changed` are in both."""
    if not own:
        return False
    sizes = [abs(one) for one in own]
    known = sorted(set(sizes))
    ends = {*known[:2], *known[-2:]}
    unknown = changed >= by["minimum"] and all(amount.denominator == 1 and amount <= 10 for amount in ends)
    for some in (own, sizes):
        same = elsewhere(some, by) or bool(disguised(some, by)) or (len(set(some)) == 1 and some[0] != 0)
        if (same and not unknown) or far(some, by):
            return True
    return False


def comparable(one: Key, other: Key) -> bool:
    """Tell whether two cells are at the same totals, or one is at more and the other not below it."""
    totals = [[part == TOTAL for part in key] for key in (one, other)]
    if totals[0] == totals[1]:
        return True
    pairs = list(zip(*totals, strict=True))
    nested = all(a >= b for a, b in pairs) or all(a <= b for a, b in pairs)
    below = all(a == b or TOTAL in (a, b) for a, b in zip(one, other, strict=True))
    return nested and not below


def mostly_inside(members: Mapping[Key, Mapping[Any, Fraction]]) -> Iterable[tuple[Key, list[Key]]]:
    """Yield each cell with those at the same totals of which more than half lies inside it."""
    for whole, units in members.items():
        parts = [
            key
            for key, own in members.items()
            if key != whole
            and [part == TOTAL for part in key] == [part == TOTAL for part in whole]
            and len(own) <= len(units)
            and 2 * len(own.keys() & units.keys()) > len(own)
        ]
        yield whole, parts


def triples(members: Mapping[Key, Mapping[Any, Fraction]]) -> Iterable[tuple[Key, Key, Key]]:
    """Yield a cell and two others that make up most of it, with few units in both of these."""
    for whole, parts in mostly_inside(members):
        units = members[whole].keys()
        for pair in combinations(parts, 2):
            small, large = sorted(pair, key=lambda key: len(members[key].keys() & units))
            left = len(units) - len(members[large].keys() & units)
            both = len(members[small].keys() & members[large].keys())
            if 2 * len(members[small].keys() & units) >= left and 2 * both <= min(len(members[key]) for key in pair):
                yield whole, small, large


def has_hidden_margin(rows: Sequence[Row], asked: Asked) -> bool:
    """Tell whether some cell is all but the sum of three or more that lie inside it."""
    members = {key: contributions_of(mine, asked) for key, mine in grouped(rows).items()}
    for whole, parts in mostly_inside(members):
        inside = [members[key].keys() for key in parts if members[key].keys() <= members[whole].keys()]
        size = len(members[whole])
        twice = sum(len(one & other) for one, other in combinations(inside, 2))
        if len(inside) > 2 and abs(size - sum(map(len, inside))) * 10 <= size and twice * 10 <= size:
            return True
    return False


def plainly_apart(
    first: Mapping[Any, Fraction],
    second: Mapping[Any, Fraction],
    few: Iterable[tuple[set[Any], set[Any]]],
    asked: Asked,
) -> bool:
    """Tell whether two cells tell as much as their difference: few stand in both, and it is no more concentrated."""
    for mine, theirs in [(set(first), set(second)), *few]:
        if mine & theirs and 2 * len(mine & theirs) > max(len(mine), len(theirs)):
            return False
    if asked.statistic == "count" and not asked.own_weight:
        return True
    if asked.weighted:
        return False
    between = {unit: first.get(unit, Fraction(0)) - second.get(unit, Fraction(0)) for unit in {*first, *second}}
    nothing = Fraction(0)
    if any(abs(size) > max(abs(cell.get(unit, nothing)) for cell in (first, second)) for unit, size in between.items()):
        return False
    cells = [[abs(size) for size in cell.values()] for cell in (first, second)]
    if sum(1 for size in between.values() if size) < min(sum(1 for size in cell if size) for cell in cells):
        return False
    most = max(2, *(m for m, _ in POLICIES[asked.policy]["dominance"]))
    whole = sum(map(abs, between.values()), Fraction(0))
    # The largest contributors of both cells: those of the difference have no more.
    top: list[Fraction] = sorted((size for cell in cells for size in sorted(cell)[-most:]), reverse=True)
    for m in range(1, most + 1):
        if not any(
            sum(top[:m], nothing) * sum(cell, nothing) <= sum(sorted(cell)[-m:], nothing) * whole for cell in cells
        ):
            return False
    left = whole - sum(top[:2], nothing)
    return any(sum(sorted(cell)[:-2], nothing) * top[0] <= left * max(cell) for cell in cells)


def contributions_of(rows: Sequence[Row], asked: Asked, *, heavy: bool = False) -> dict[tuple[Any, ...], Fraction]:
    """Return what each unit of a cell contributes, of a statistic of a value those that have one.

    `heavy` multiplies by the weight also where the codebook knows it.
    """
    found: dict[tuple[Any, ...], Fraction] = {}
    for row in rows:
        if asked.statistic == "count":
            found[row.unit] = row.weight
        elif row.value is not None:
            size = row.value * row.weight if asked.own_weight or heavy else row.value
            found[row.unit] = found.get(row.unit, Fraction(0)) + size
    return found


def holders(rows: Sequence[Row], key: Key, value: Fraction) -> set[tuple[Any, ...]]:
    """Return the units of a cell with any row of that value."""
    inside = [row for row in rows if all(part in (TOTAL, label) for part, label in zip(key, row.labels, strict=True))]
    return {row.unit for row in inside if row.value == value}


def deviates(own: Sequence[Fraction], by: Mapping[str, Any]) -> bool:
    """Tell whether what is left fails when an amount at an end, or next to one, is taken off every contribution."""
    return elsewhere(own, by) or far(own, by) or last_digits(own, by)


def last_digits(own: Sequence[Fraction], by: Mapping[str, Any]) -> bool:
    """Tell whether too few contributions have digits behind those of all others, who are enough."""
    some = [one for one in own if one]
    for power in range(-12, 24):
        fine = [one for one in some if (one / Fraction(10) ** power).denominator != 1]
        if fine:
            few = [one for one in some if (one / Fraction(10) ** (power + 1)).denominator != 1]
            return bool(len(few) < by["minimum"] <= len(own) - len(few))
    return False


def elsewhere(own: Sequence[Fraction], by: Mapping[str, Any]) -> bool:
    """Tell whether too few contributions lie elsewhere than as many as the minimum do."""
    known = sorted(set(own))
    ends = {*known[:2], *known[-2:]}
    shared = [amount for amount in ends if own.count(amount) >= by["minimum"]]
    several = {amount for amount in ends if own.count(amount) >= min(by["minimum"], 3)}
    left = sum(1 for one in own if one not in several)
    children = all(amount.denominator == 1 and 0 <= amount <= 10 for amount in ends)
    if len(shared) >= 2 and 0 < left < by["minimum"] and not children:
        return True
    return any(own.count(amount) >= by["minimum"] > len(own) - own.count(amount) > 0 for amount in ends)


def far(own: Sequence[Fraction], by: Mapping[str, Any]) -> bool:
    """Tell whether one contribution is too much of the distances from an amount at an end, or next to one."""
    known = sorted(set(own))
    lowest, highest = known[0], known[-1]
    for amount in {*known[:2], *known[-2:]}:
        shifted = lowest >= highest - lowest or -highest >= highest - lowest
        if amount in (lowest, highest) and shifted and stands_out([abs(one - amount) for one in own], by):
            return True
        for made_up in (set(), {lowest}, {highest}, {lowest, highest}):
            left = [one for one in own if one not in made_up]
            if amount in made_up or (made_up and len(own) - len(left) >= by["minimum"]) or len(left) < 5 or not amount:
                continue
            distances = sorted(abs(one - amount) for one in left)
            part = 1000 if made_up else 20
            if 0 < part * sum(distances[:-2]) <= len(left) * abs(amount) and stands_out(distances, by):
                return True
    return False


def disguised(own: Sequence[Fraction], by: Mapping[str, Any]) -> set[str]:
    """Return the rules on frequencies that a total fails of which two amounts are all, or all but a few."""
    failed, counted = set(), Counter(own)
    known = sorted(counted)
    ends = {amount: counted[amount] for amount in (*known[:2], *known[-2:])}
    top = sorted(ends.values())[-2:]
    if len(own) - sum(top) < by["minimum"] and by["group"] is not None and max(top) * 100 > by["group"] * len(own):
        failed.add("frequency_in_disguise")
    if known == [0] and by["zeros"]:
        failed.add("zero_cells")
    return failed


def tells_counts(own: Sequence[Fraction], every: Sequence[Fraction], minimum: int) -> set[str]:
    """Return the rule that a total fails by which few have some amounts in all ways to make it up of those there are.

    Of `every` of the whole table, amounts that three have are known, as they are of the cell.
    """
    amounts = sorted(set(own))
    small = all(one.denominator == 1 and 0 <= one <= 10 for one in amounts)
    of_all = sorted(set(every))
    norms = {one for one in (*of_all[:2], *of_all[-2:]) if every.count(one) >= 3}
    known = all(own.count(one) >= 3 or one in norms for one in amounts)
    if not 2 <= len(amounts) <= 4 or len(own) < minimum or small or not known:
        return set()
    counts = [own.count(one) for one in amounts]
    ways = list(ways_to_make(amounts, len(own), sum(own, Fraction(0))))
    for group in product((False, True), repeat=len(amounts)):
        numbers = [sum(count for count, chosen in zip(way, group, strict=True) if chosen) for way in [counts, *ways]]
        if all(0 < number < minimum for number in numbers):
            return {"frequency_in_disguise"}
    return set()


def ways_to_make(amounts: Sequence[Fraction], units: int, total: Fraction) -> Iterable[list[int]]:
    """Yield how many units may have each amount, if so many have so much."""
    if len(amounts) == 2:
        low, high = amounts
        more = (total - low * units) / (high - low)
        if more.denominator == 1 and 0 <= more <= units:
            yield [units - int(more), int(more)]
        return
    for count in range(units + 1):
        for others in ways_to_make(amounts[:-1], units - count, total - amounts[-1] * count):
            yield [*others, count]


def stands_out(distances: Sequence[Fraction], by: Mapping[str, Any]) -> bool:
    """Tell whether the largest distance is too much of all of them."""
    first, whole = max(distances), sum(distances, Fraction(0))
    held = any(first * 100 > k * whole for _, k in by["dominance"])
    return held or (by["p"] is not None and (whole - first) * 100 < by["p"] * first)


def fails_as_magnitude(cell: CellEvidence, asked: Asked) -> set[str]:
    """Return the rules on amounts that a cell fails."""
    by, failed = POLICIES[asked.policy], set()
    if 0 < cell.n_nonzero < by["minimum"]:
        failed.add("minimum_nonzero")
    for m, k in by["dominance"]:
        if sum(cell.largest[:m], Fraction(0)) * 100 > k * cell.absolute:
            failed.add("dominance")
    first, second = (*cell.largest, Fraction(0), Fraction(0))[:2]
    if by["p"] is not None and (cell.absolute - first - second) * 100 < by["p"] * first:
        failed.add("p_percent")
    if any(deviates(own, by) for own in (cell.contributions, cell.plain) if own):
        failed.add("deviations")
    if asked.statistic == "mean" and cell.divisors and not (asked.known_weight and cell.n_rows == cell.n_units):
        failed |= fails_by_divisor(cell, by)
    if cell.constant or (asked.statistic != "sum" and cell.rows_constant):
        failed.add("constant")
    return failed


def fails_by_divisor(cell: CellEvidence, by: Mapping[str, Any]) -> set[str]:
    """Return the rules that fail if as many units as can have as large a part of the divisor as the largest."""
    failed, sizes, left = set(), [], cell.divisor
    for _ in cell.divisors:
        sizes.append(min(max(cell.divisors), left))
        left -= sizes[-1]
    for m, k in by["dominance"]:
        if sum(sizes[:m], Fraction(0)) * 100 > k * cell.divisor:
            failed.add("dominance")
    if by["p"] is not None and (cell.divisor - sum(sizes[:2], Fraction(0))) * 100 < by["p"] * sizes[0]:
        failed.add("p_percent")
    return failed


def everyone_in_one(key: Key, cells: Mapping[Key, CellEvidence]) -> bool:
    """Tell whether a cell holds all of a margin, of a dimension that does not follow from the others."""
    for place, label in enumerate(key):
        if label == TOTAL or len({one[place] for one in cells} - {TOTAL}) == 1:
            continue

        def alone(one: Key, place: int = place) -> bool:
            line = [(*one[:place], label, *one[place + 1 :]) for label in {each[place] for each in cells} - {TOTAL}]
            return sum(key in cells and cells[key].n_units > 0 for key in line) == 1

        inner = [one for one, cell in cells.items() if TOTAL not in one and cell.n_units > 0]
        if cells[key].n_units > 0 and alone(key) and not all(alone(one) for one in inner):
            return True
    return False


def over_share_of_a_margin(key: Key, cells: Mapping[Key, CellEvidence], share: int) -> bool:
    """Tell whether a cell holds more than the share of a margin over one dimension."""
    n = cells[key].n_units
    for place, label in enumerate(key):
        if label != TOTAL and n > 0:
            margin = (*key[:place], TOTAL, *key[place + 1 :])
            if n * 100 > share * cells[margin].n_units:
                return True
    return False


def figure(cell: CellEvidence, asked: Asked) -> Fraction | None:
    """Return the exact figure of a cell."""
    if asked.statistic == "count":
        return cell.weighted_units if asked.weighted else Fraction(cell.n_units)
    if cell.n_units == 0:
        return None
    if asked.statistic == "sum":
        return cell.total
    if asked.statistic == "mean":
        return cell.total / cell.divisor if cell.divisor else None
    if asked.weighted:
        return cell.weighted_numerator / cell.weighted_units if cell.weighted_units else None
    return Fraction(cell.numerator, cell.n_units)
