"""Short texts are looked up by number: every one that has been seen is found, and none is taken for another."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.engines.array_columns import Codes, NotAsArrays
from disclosure.engines.array_labels import Lookup, Texts, learned, short_texts


def texts(*those: str | None) -> Texts | None:
    return short_texts(pa.array(those, pa.large_string()))


def seen(known: Texts, codes: list[int]) -> Lookup:
    return learned({}, known, np.array(codes))[known.size]


@pytest.mark.parametrize("size", range(1, 9))
def test_texts_of_one_length_are_numbers(size: int) -> None:
    found = texts("x" * size, "y" * size, "x" * size)
    assert found is not None
    assert found.size == size
    assert found.words.tolist() == [int.from_bytes(one.encode() * size, "little") for one in "xyx"]


@pytest.mark.parametrize("those", [("a", "bc"), ("", ""), ("a", None), ("123456789",) * 2, ()])
def test_other_texts_are_not(those: tuple[str | None, ...]) -> None:
    assert texts(*those) is None


def test_numbers_are_no_texts() -> None:
    assert short_texts(pa.array([1, 2])) is None


def test_a_slice_of_texts_begins_where_it_begins() -> None:
    found = short_texts(pa.array(["aa", "bb", "cc", "dd"], pa.large_string()).slice(1, 2))
    assert found is not None
    assert found.words.tolist() == [int.from_bytes(one, "little") for one in (b"bb", b"cc")]


@settings(max_examples=50)
@given(st.sets(st.text("abc\0é", min_size=2, max_size=2), min_size=1), st.text("abc\0é", min_size=2, max_size=2))
def test_what_has_been_seen_is_found_and_nothing_else(known: set[str], other: str) -> None:
    some = [one for one in sorted(known) if len(one.encode()) == 2]
    column = texts(*some)
    if column is None:
        return
    lookup = seen(column, list(range(len(some))))
    found = lookup.codes(column.words)
    assert found is not None
    assert found.tolist() == list(range(len(some)))
    more = texts(other)
    if more is not None and more.size == 2:
        assert (lookup.codes(more.words) is None) is (other not in some)


def test_the_same_bytes_in_another_length_are_another_text() -> None:
    short, long = texts("a"), texts("a\0")
    assert short is not None
    assert long is not None
    assert short.words.tolist() == long.words.tolist()
    assert short.size not in learned({}, long, np.array([3]))


@pytest.mark.parametrize(("several", "full"), [(512, False), (513, True)])
def test_very_many_texts_are_left_to_others(several: int, full: bool) -> None:
    column = texts(*(f"{n:04}" for n in range(several)))
    assert column is not None
    lookups = learned({}, column, np.arange(several))
    lookup = lookups[4]
    assert lookup.full is full
    assert (lookup.codes(column.words) is None) is full
    more = texts("abcd")
    assert more is not None
    assert (learned(lookups, more, np.array([several]))[4] is lookup) is full


def test_codes_beyond_sixteen_bits_are_kept() -> None:
    column = texts("ab", "cd")
    assert column is not None
    found = seen(column, [70_000, 2]).codes(column.words)
    assert found is not None
    assert found.tolist() == [70_000, 2]


def test_pieces_with_new_texts_keep_the_codes_of_the_old_ones() -> None:
    codes = Codes("place", ())
    pieces = (["b1", "a1"], ["a1", "a1", "b1"], ["c1", "a1"], ["a12", "b12"], ["c1", "b1"], [None, "b1"], ["b12"])
    for piece in pieces:
        found = codes.of(pa.array(piece, pa.large_string()))
        assert [codes.labels[one] for one in found] == piece


def test_texts_that_are_none_are_refused_in_every_piece() -> None:
    codes = Codes("place", ())
    codes.of(pa.array(["ab"], pa.large_string()))
    broken = pa.array([b"\xff\xfe"], pa.large_binary()).view(pa.large_string())
    with pytest.raises(NotAsArrays):
        codes.of(broken)
