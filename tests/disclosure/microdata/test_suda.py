"""Special uniques: scores of sdcMicro, and what the definition says."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError
from disclosure.microdata import KeyVariables, SudaScores, suda2
from disclosure.microdata.suda import MOST_VARIABLES, worth
from tests.disclosure.microdata.figures import FIGURES, RUNS, keys, made, records

_NAMED = {SudaScores.ORIGINAL: "suda_orig", SudaScores.SHARE: "suda_new"}


@pytest.mark.parametrize("scores", list(SudaScores))
@pytest.mark.parametrize("run", RUNS)
def test_scores_are_those_of_sdcmicro(run: str, scores: SudaScores) -> None:
    if _NAMED[scores] not in FIGURES["risk"][run]:
        scores = SudaScores.ORIGINAL  # sdcMicro was not run with the others on this file.
    figures, told = made(f"risk_{run}"), FIGURES["risk"][run][_NAMED[scores]]
    found = suda2(records(run), keys(run), scores=scores)
    np.testing.assert_allclose(found.score, figures[_NAMED[scores]], rtol=1e-12, atol=1e-12)
    # sdcMicro holds the sampling fraction in single precision.
    np.testing.assert_allclose(found.dis_score, figures[f"{_NAMED[scores]}_dis"], rtol=1e-6)
    assert found.score.sum() == pytest.approx(told["sum"], rel=1e-12)
    assert found.score.max() == pytest.approx(told["max"], rel=1e-12)
    assert (found.score > 0).sum() == told["n_pos"]
    totals = {one["variable"]: one["contribution"] for one in told["attribute_contributions"]}
    assert dict(zip(found.variables, found.totals, strict=True)) == pytest.approx(totals, rel=1e-12)


def _minimal(rows: list[tuple[Any, ...]], record: int) -> list[tuple[int, ...]]:
    """Return the smallest sets of variables that single out a record, from their definition."""
    found: list[tuple[int, ...]] = []
    for size in range(1, len(rows[0]) + 1):
        for chosen in combinations(range(len(rows[0])), size):
            own = [rows[record][one] for one in chosen]
            if None in own or any(set(other) <= set(chosen) for other in found):
                continue
            if sum([row[one] for one in chosen] == own for row in rows) == 1:
                found.append(chosen)
    return found


_VALUES = st.sampled_from(["a", "b", "c", None])
_ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_VALUES] * width), min_size=1, max_size=15))


@settings(max_examples=60)
@given(rows=_ROWS)
def test_minimal_sample_uniques_are_what_their_definition_says(rows: list[tuple[Any, ...]]) -> None:
    width = len(rows[0])
    columns = {f"k{place}": pa.array([row[place] for row in rows], pa.string()) for place in range(width)}
    if any(column.null_count == len(rows) for column in columns.values()):
        return
    found = suda2(pa.table(columns), KeyVariables(tuple(columns)))
    points = worth(width, SudaScores.ORIGINAL)
    for record in range(len(rows)):
        # Who shares a whole key, with what is missing in it, is no unique of any variables.
        sets = _minimal(rows, record) if rows.count(rows[record]) == 1 else []
        sizes = [len(chosen) for chosen in sets]
        assert found.msu[record].tolist() == [sizes.count(size) for size in range(1, width + 1)]
        assert found.score[record] == sum(points[size - 1] for size in sizes)
        parts = [sum(points[len(chosen) - 1] for chosen in sets if one in chosen) for one in range(width)]
        assert (found.contribution[record] * found.score[record]).tolist() == pytest.approx(parts)


def test_file_without_uniques_scores_nothing() -> None:
    found = suda2(pa.table({"a": [1, 1], "b": [2, 2]}), KeyVariables(("a", "b")))
    assert found.score.tolist() == found.dis_score.tolist() == [0.0, 0.0]
    assert (found.totals, found.uniques, found.pairs) == ((0.0, 0.0), 0, 2)


def test_file_of_uniques_only_is_matched_rightly() -> None:
    found = suda2(pa.table({"a": [1, 2], "b": [2, 2]}), KeyVariables(("a", "b")))
    assert found.dis_score.tolist() == [1.0, 1.0]


def test_one_record_is_a_special_unique() -> None:
    found = suda2(pa.table({"a": [1]}), KeyVariables(("a",)))
    assert (found.score.tolist(), found.uniques) == ([1.0], 1)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, float("nan")])
def test_sampling_fraction_is_one(fraction: float) -> None:
    with pytest.raises(BadInputError, match="sampling fraction"):
        suda2(pa.table({"a": [1]}), KeyVariables(("a",)), fraction=fraction)


def test_sets_of_more_than_16_variables_are_not_gone_through() -> None:
    columns = {f"k{place}": [1, 1, 2] for place in range(MOST_VARIABLES + 1)}
    with pytest.raises(BadInputError, match="17 key variables"):
        suda2(pa.table(columns), KeyVariables(tuple(columns)))
    fewer = list(columns)[:MOST_VARIABLES]
    assert suda2(pa.table(columns), KeyVariables(tuple(fewer))).msu[2].tolist() == [16] + [0] * 15
