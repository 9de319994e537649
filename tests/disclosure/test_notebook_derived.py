"""Ratios, differences and index numbers: computed from published figures only, withheld where a parent withholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, RecipeError, RefusedError
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.notebook.derived import Derived
from disclosure.protection.remedies import SUPPRESS
from tests.disclosure.support import UNIT, heads


def filled(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    frame = heads(cells)
    return frame.assign(value=[100.0 + place % 9 for place in range(len(frame))])


SAFE = {("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 25, ("b", "y"): 30}
FEW = {("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30}


def made(cells: dict[tuple[str, str], int], **asked: Any) -> sdc.Output:
    out: sdc.Output = sdc.table(
        filled(cells), **{"rows": "d1", "columns": "d2", "unit": UNIT, "policy": "abs", **asked}
    )
    return out


def total(cells: dict[tuple[str, str], int], **asked: Any) -> sdc.Output:
    return made(cells, values="value", statistic="sum", **asked)


def test_a_ratio_is_that_of_the_published_figures() -> None:
    one, other = total(SAFE), made(SAFE)
    derived = sdc.ratio(one, other)
    assert derived.verdict.status is Status.INCONCLUSIVE
    assert derived.parents == (one, other)
    expected = one.to_pandas() / other.to_pandas()
    pd.testing.assert_frame_equal(derived.to_pandas(), expected, rtol=1e-6)


def test_a_difference_is_that_of_the_published_figures() -> None:
    one, other = total(SAFE), made(SAFE)
    expected = (one.to_pandas() - other.to_pandas()).astype(float)
    pd.testing.assert_frame_equal(sdc.difference(one, other).to_pandas().astype(float), expected)


def test_it_goes_by_the_figures_as_they_are_released_and_not_by_those_behind_them() -> None:
    frame = filled(SAFE).assign(value=lambda one: one.index % 7 / 7)
    one = sdc.table(frame, rows="d1", values="value", statistic="mean", unit=UNIT, policy="abs")
    other = sdc.table(frame, rows="d1", unit=UNIT, policy="abs")
    shown = float(str(one.to_pandas().loc["a", "mean"]))
    assert sdc.difference(one, other).to_pandas().iloc[0, 0] == round(shown - 70, 6)


@pytest.mark.parametrize("base", ["a", {"d1": "a"}])
def test_an_index_is_100_in_the_base(base: Any) -> None:
    out = total(SAFE)
    plain, derived = out.to_pandas(), sdc.index(out, base=base).to_pandas()
    assert (derived.loc["a"] == 100).all()
    np.testing.assert_allclose(derived.to_numpy(float), plain.to_numpy(float) / plain.loc["a"].to_numpy(float) * 100)


def test_an_index_along_the_columns() -> None:
    derived = sdc.index(total(SAFE), base={"d2": "y"}).to_pandas()
    assert (derived["y"] == 100).all()
    assert derived.shape == (3, 3)


def test_what_one_withholds_is_withheld_and_what_fails_is_told() -> None:
    one, other = total(SAFE), made(FEW)
    for derived in (sdc.ratio(one, other), sdc.ratio(other, one), sdc.difference(other, one)):
        assert derived.verdict.status is Status.UNSAFE
        assert set(derived.findings) == set(other.verdict.findings)
        frame: Any = derived.to_pandas()
        assert frame.loc["b", "x"] is sdc.WITHHELD
        assert frame.loc["Total", "Total"] is sdc.WITHHELD
        assert frame.loc["a", "x"] is not sdc.WITHHELD


def test_all_units_minus_all_but_one_is_not_called_safe() -> None:
    frame = filled(SAFE)
    one, other = (sdc.table(rows, rows="d1", unit=UNIT, policy="abs") for rows in (frame, frame.iloc[1:]))
    assert one.verdict.status is other.verdict.status is Status.SAFE
    for derived in (sdc.difference(one, other), sdc.ratio(one, other)):
        assert isinstance(derived.verdict, Inconclusive)
        assert "only one of them" in str(derived.verdict.missing[0])
    assert sdc.index(one, base="a").verdict.status is Status.SAFE


def test_of_repaired_parents_it_withholds_what_they_withhold() -> None:
    one, other = total(SAFE), made(FEW).apply(SUPPRESS)
    derived = sdc.ratio(one, other)
    assert derived.verdict.status is Status.INCONCLUSIVE
    shown: Any = derived.to_pandas().loc["b", "x"]
    assert shown is sdc.WITHHELD
    assert "× withheld" in derived._repr_html_()


def test_where_the_base_of_an_index_is_withheld_all_that_is_divided_by_it_is() -> None:
    derived = sdc.index(made(FEW).apply(SUPPRESS), base={"d1": "b"}).to_pandas()
    assert (derived["x"] == sdc.WITHHELD).all()
    assert derived.loc["b", "y"] == 100


def test_a_division_by_nought_and_a_cell_that_one_lacks_have_no_figure() -> None:
    one = total(SAFE)
    other = total({key: n for key, n in SAFE.items() if key != ("b", "y")})
    assert sdc.ratio(one, other).to_pandas().isna().loc["b", "y"]
    zero = sdc.table(
        filled(SAFE).assign(value=0.0), rows="d1", columns="d2", unit=UNIT, values="value", statistic="sum",
        policy="abs",
    )  # fmt: skip
    assert zero.verdict.status is Status.SAFE
    assert sdc.ratio(one, zero).to_pandas().isna().all().all()


def test_of_an_inconclusive_parent_it_is_inconclusive_and_shows_nothing() -> None:
    unknown = sdc.table(filled(SAFE), rows="d1", columns="d2", policy="abs")
    for derived in (sdc.ratio(unknown, made(SAFE)), sdc.difference(made(SAFE), unknown), sdc.index(unknown, base="a")):
        assert isinstance(derived.verdict, Inconclusive)
        assert derived.to_pandas().empty
        assert "<td" not in derived._repr_html_()


def test_without_rows_or_columns_there_is_one_figure() -> None:
    one, other = (
        sdc.table(filled(SAFE), values="value", statistic=kind, unit=UNIT, policy="abs") for kind in ("sum", "mean")
    )
    assert sdc.ratio(one, other).to_pandas().shape == (1, 1)


@pytest.mark.parametrize("base", ["c", {"d1": "c"}, {"d3": "a"}, {"d1": "a", "d2": "x"}, {}])
def test_a_base_that_is_no_category_is_refused(base: Any) -> None:
    with pytest.raises(RecipeError, match=r'\{"year": "2019"\}'):
        sdc.index(made(SAFE), base=base)


def test_a_base_that_two_dimensions_have_must_name_its_own() -> None:
    out = made({("a", "a"): 40, ("a", "b"): 30, ("b", "a"): 25, ("b", "b"): 30})
    with pytest.raises(RecipeError, match="one dimension"):
        sdc.index(out, base="a")
    assert sdc.index(out, base={"d2": "a"}).verdict.status is Status.SAFE


def test_tables_of_other_dimensions_and_other_things_are_refused() -> None:
    with pytest.raises(RecipeError, match="same rows and columns"):
        sdc.ratio(made(SAFE), made(SAFE, rows="d2", columns="d1"))
    outs = made(SAFE, values="value", statistic=["sum", "mean"])
    for wrong in (5, filled(SAFE), outs, sdc.ratio(made(SAFE), made(SAFE))):
        with pytest.raises(BadInputError, match="Expected an output"):
            sdc.ratio(made(SAFE), wrong)  # type: ignore[arg-type]
        with pytest.raises(BadInputError, match="Expected an output"):
            sdc.index(wrong, base="a")  # type: ignore[arg-type]


def test_the_basket_takes_the_parents_and_not_what_is_derived() -> None:
    derived = sdc.ratio(total(SAFE), made(SAFE))
    with pytest.raises(RefusedError, match="cannot make a derived table yet") as caught:
        sdc.basket().add(derived, name="ratio", title="t", population="p")  # type: ignore[arg-type]
    assert "out.parents" in str(caught.value)


def test_it_says_what_it_is_in_both_languages() -> None:
    derived = sdc.ratio(total(SAFE), made(SAFE))
    assert isinstance(derived, Derived)
    assert "sum of value divided by number of units, by d1, d2" in repr(derived)
    assert "submit the tables that it is computed from" in repr(derived)
    with sdc.language("nl"):
        assert "gedeeld door" in repr(derived)
        assert "gedeeld door" in derived._repr_html_()
