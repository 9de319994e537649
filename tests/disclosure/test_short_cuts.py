"""What takes a short cut says the same as the plain way."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from disclosure.engines.array_ends import Zeros, multiples_of_ten
from disclosure.engines.array_labels import Lookup
from disclosure.engines.array_order import passing
from disclosure.engines.overlap_pairs import Contributions, Pairs, clearly_no_more_concentrated, no_more_concentrated
from disclosure.engines.part_rows import contribution_entries, ones_entries
from disclosure.engines.position_part import _as_near
from disclosure.model.ends import COUNTED, NAMES, Ends
from disclosure.rules import deviations
from tests.disclosure.support import policy


@pytest.fixture
def drawn() -> np.random.Generator:
    return np.random.default_rng(20240501)


def test_multiples_of_ten_are_those_that_leave_nothing(drawn: np.random.Generator) -> None:
    ends = np.array([-(2**63), -(2**63) + 8, 2**63 - 8, 2**63 - 7, 2**63 - 1, 0, -10, 5, -5])
    numbers = np.concatenate([drawn.integers(-(2**63), 2**63 - 1, 5_000), np.arange(-300, 300), ends])
    assert multiples_of_ten(numbers).tolist() == np.flatnonzero(numbers % 10 == 0).tolist()


@pytest.mark.parametrize("counted", [True, False])
def test_zeros_are_counted_as_by_writing_each_number(drawn: np.random.Generator, *, counted: bool) -> None:
    found, cells = Zeros(4), 4
    expected: list[Counter[int]] = [Counter() for _ in range(cells)]
    for _ in range(3):
        places = drawn.integers(0, 3, 200)  # the last cell stays empty
        numbers = drawn.integers(-30, 30, 200) * 10 ** drawn.integers(0, 12, 200)
        nothing = found.look(places, numbers, np.bincount(places, minlength=cells) if counted else None)
        assert nothing.tolist() == np.flatnonzero(numbers == 0).tolist()
        for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
            if number:
                expected[place][len(str(number)) - len(str(number).rstrip("0"))] += 1
    for place, one in enumerate(expected):
        fewest = [*sorted(one.items()), (0, 0), (0, 0)][:2]
        end = found.found()
        known = [(int(end.found()[place]), int(end.at[place])), (int(end.next_found()[place]), int(end.next_at[place]))]
        assert known == fewest


@pytest.mark.parametrize(
    "known", [{1: 0}, {1 << 63: 0, 3: 1}, {0: 5, 7: 2}, dict(zip(range(1, 300), range(299), strict=True))]
)
def test_a_text_that_was_not_seen_is_told_apart_also_that_of_zeros(known: dict[int, int]) -> None:
    lookup = Lookup(known)
    codes = lookup.codes(np.array(list(known), dtype=np.uint64))
    assert codes is not None
    assert codes.tolist() == list(known.values())
    for strange in {0, 1, 2, 1 << 63, (1 << 64) - 1} - set(known):
        assert lookup.codes(np.array([strange], dtype=np.uint64)) is None


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 1.0])
def test_what_passes_a_bound_is_found_wherever_it_stands(drawn: np.random.Generator, share: float) -> None:
    for size in (0, 7, 64, 1_003):
        numbers, places = np.where(drawn.random(size) < share, 9, 1), drawn.integers(0, 2, size)
        passed = passing(numbers, places, np.array([5, 20]), np.greater)
        assert passed.tolist() == np.flatnonzero((numbers == 9) & (places == 0)).tolist()


def test_what_is_clear_in_floating_point_is_so_in_whole_numbers(drawn: np.random.Generator) -> None:
    cells = 40
    largest = np.sort(drawn.integers(0, 10 ** drawn.integers(1, 15, (cells, 1)), (cells, 2)), axis=1)[:, ::-1]
    absolute = largest.sum(axis=1) + drawn.integers(0, 4, cells) * largest[:, 1]
    own = Contributions(absolute, drawn.integers(2, 9, cells), largest)
    first, second = np.triu_indices(cells, 1)
    shared = np.ones(len(first), dtype=np.int64)
    removed = np.minimum(absolute[first], absolute[second]) // drawn.integers(1, 9, len(first))
    pairs = Pairs(first * cells + second, shared, removed, shared, np.zeros(len(first), dtype=np.int64))
    clear, exact = clearly_no_more_concentrated(pairs, own), no_more_concentrated(pairs, own)
    assert exact[clear].all()
    assert 0 < np.count_nonzero(clear) < len(clear)


@pytest.mark.parametrize("number", [0, 1, 3, 50])
def test_contributors_of_one_row_each_need_no_rows(number: int) -> None:
    assert ones_entries(number) == contribution_entries(np.ones(number, dtype=np.int64))


def test_the_nearest_values_are_those_of_the_smallest_distances(drawn: np.random.Generator) -> None:
    for _ in range(200):
        values = np.sort(drawn.integers(-20, 20, drawn.integers(1, 30)))
        exact = Fraction(int(drawn.integers(-90, 90)), int(drawn.integers(1, 5)))
        count = int(drawn.integers(1, len(values) + 1))
        distances = [abs(one - exact) for one in values.tolist()]
        reach = sorted(distances)[count - 1]
        near = [place for place, one in enumerate(distances) if one <= reach]
        found = _as_near(exact, values, count)
        assert list(range(found.start, found.stop)) == near


def test_distances_in_64_bits_fail_where_those_in_longer_numbers_do(
    drawn: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, columns = 600, dict[str, Any]()
    scale = np.array([10**one for one in drawn.integers(0, 25, size).tolist()], dtype=np.object_)
    offset = np.array([1000 * one for one in drawn.integers(-1, 2, size).tolist()], dtype=np.object_)
    values = np.sort(drawn.integers(0, 60, (size, 4)), axis=1).astype(np.object_)
    for place, name in enumerate(("lowest", "next_lowest", "next_highest", "highest")):
        columns[name] = (values[:, place] + offset) * scale
    for name in NAMES:
        if name in COUNTED:
            columns[name] = drawn.integers(1, 4, size)
        elif name not in columns:
            columns[name] = np.zeros(size, dtype=np.object_)
    columns["numbers"] = columns["numbers"] + 8
    columns["total"] = columns["numbers"] * (values[:, 1] + offset) * scale + columns["highest"]
    ends = Ends(**columns)
    judged: Any = SimpleNamespace(policy=policy(dominance=[[1, 50]], p_percent=10), minimum_units=3)
    short = deviations._short(judged, ends)
    found = deviations.far(judged, ends)
    monkeypatch.setattr(deviations, "_short", lambda *_: np.zeros(size, dtype=np.bool_))
    assert found.tolist() == deviations.far(judged, ends).tolist()
    for own in (short, ~short):
        assert 0 < np.count_nonzero(found[own]) < np.count_nonzero(own)
