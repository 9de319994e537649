"""pandas' own signatures: `crosstab`, `pivot_table` and the namespace on frames give pandas' own figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import datakamp
import disclosure as sdc
from disclosure.errors import BadInputError, ColumnError, DatakampError, RecipeError
from disclosure.model.verdicts import Status
from disclosure.notebook.outputs import Outputs
from disclosure.render import to_csv
from tests.disclosure.support import status

ROOT = Path(datakamp.__file__).parent


def homes(size: int = 600) -> pd.DataFrame:
    filling = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "person": range(size),
            "wijk": filling.choice(["28", "29", "30"], size),
            "year": filling.integers(2019, 2022, size),
            "sex": pd.Categorical(filling.choice(["m", "v"], size), categories=["v", "m", "x"]),
            "income": np.round(filling.normal(100, 20, size), 2),
            "age": filling.integers(20, 80, size),
        }
    )


def same(ours: pd.DataFrame, theirs: pd.DataFrame, *, exact: bool = True) -> None:
    """Compare with what pandas makes: figures, labels and, for counts, types; categories stand in our order."""
    theirs = theirs.copy()
    theirs.index = _as_texts(theirs.index)
    theirs.columns = _as_texts(theirs.columns)
    assert set(ours.index) == set(theirs.index)
    assert set(ours.columns) == set(theirs.columns)
    assert ours.index.names == theirs.index.names
    assert ours.columns.names == theirs.columns.names
    theirs = theirs.loc[ours.index, ours.columns]
    if exact:
        pd.testing.assert_frame_equal(ours, theirs, check_column_type=False, check_index_type=False)
    else:
        np.testing.assert_allclose(ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-6, atol=1e-5)


def _as_texts(index: pd.Index[Any]) -> pd.Index[Any]:
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples([tuple(map(str, one)) for one in index], names=index.names)
    return pd.Index(list(map(str, index)), name=index.name)


TOTAL: dict[str, Any] = {"margins": True, "margins_name": "Total"}
ASKED: dict[str, Any] = {"policy": "abs"}


# ----------------------------------------------------------------------------------------------------------- crosstab
def test_a_crosstab_of_series_is_that_of_pandas() -> None:
    frame = homes()
    ours = sdc.crosstab(frame["wijk"], frame["sex"], unit=frame["person"], **ASKED)
    assert status(ours) is Status.SAFE  # type: ignore[arg-type]
    same(ours.to_pandas(), pd.crosstab(frame["wijk"], frame["sex"], **TOTAL))
    assert ours.to_pandas().dtypes.unique().tolist() == [np.dtype("int64")]


def test_a_crosstab_of_lists_of_series_and_of_arrays() -> None:
    frame = homes()
    ours = sdc.crosstab([frame["wijk"], frame["year"]], frame["sex"].astype(str), unit=frame["person"], **ASKED)
    theirs = pd.crosstab([frame["wijk"], frame["year"]], frame["sex"].astype(str), **TOTAL)
    made = ours.to_pandas()
    totals = [any(label == "Total" for label in key) for key in made.index]
    same(made.loc[~np.array(totals)], theirs.iloc[:-1])
    arrays = sdc.crosstab(frame["wijk"].to_numpy(), frame["year"].to_numpy(), unit=frame["person"].to_numpy(), **ASKED)
    same(arrays.to_pandas(), pd.crosstab(frame["wijk"].to_numpy(), frame["year"].to_numpy(), **TOTAL))
    named = sdc.crosstab(
        frame["wijk"].to_numpy(), frame["year"], rownames=["district"], colnames=["y"], unit=frame["person"], **ASKED
    )
    assert named.to_pandas().index.name == "district"
    assert named.to_pandas().columns.name == "y"


def test_a_crosstab_with_values_is_that_of_pandas() -> None:
    frame = homes()
    for kind in ("mean", "sum"):
        ours = sdc.crosstab(frame.wijk, frame.year, frame.income, aggfunc=kind, unit=frame.person, **ASKED)
        theirs = pd.crosstab(frame.wijk, frame.year, frame.income, aggfunc=kind, **TOTAL)
        same(ours.to_pandas(), theirs, exact=False)
    both = sdc.crosstab(frame.wijk, frame.year, frame.income, aggfunc=["mean", "sum"], unit=frame.person, **ASKED)
    assert isinstance(both, Outputs)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("index", "index"), ("columns", "columns"), ("all", "all"), (True, True), (0, 0), (1, 1)]
)
def test_normalized_crosstabs_are_pandas_shares_in_percent(ours: Any, theirs: Any) -> None:
    frame = homes()
    made = sdc.crosstab(frame.wijk, frame.year, unit=frame.person, normalize=ours, **ASKED)
    assert status(made) is Status.SAFE  # type: ignore[arg-type]
    expected = pd.crosstab(frame.wijk, frame.year, normalize=theirs) * 100
    inner = made.to_pandas().loc[expected.index.astype(str), expected.columns.astype(str)]
    np.testing.assert_allclose(inner.to_numpy(float), expected.to_numpy(), atol=0.06)


def test_series_of_other_orders_are_matched_by_their_index() -> None:
    frame = homes()
    mixed = frame["sex"].sample(frac=1, random_state=1)
    ours = sdc.crosstab(frame["wijk"], mixed, unit=frame["person"], **ASKED)
    same(ours.to_pandas(), pd.crosstab(frame["wijk"], mixed, **TOTAL))
    part = frame["sex"].iloc[100:]
    ours = sdc.crosstab(frame["wijk"], part, unit=frame["person"], **ASKED)
    same(ours.to_pandas(), pd.crosstab(frame["wijk"], part, **TOTAL))
    doubled = frame["sex"].set_axis([0] * len(frame))
    with pytest.raises(ColumnError, match="cannot be matched"):
        sdc.crosstab(frame["wijk"], doubled, unit=frame["person"], **ASKED)


def test_missing_categories_are_dropped_as_pandas_does_unless_asked_for() -> None:
    frame = homes()
    frame.loc[::3, "wijk"] = None
    asked = {"unit": frame.person, **ASKED}
    ours = sdc.crosstab(frame.wijk, frame.year, **asked)
    same(ours.to_pandas(), pd.crosstab(frame.wijk, frame.year, **TOTAL))
    kept = sdc.crosstab(frame.wijk, frame.year, dropna=False, **asked)
    assert kept.to_pandas().loc["(missing)", "Total"] == 200


def test_units_and_not_rows_are_counted() -> None:
    frame = homes()
    twice = pd.concat([frame, frame], ignore_index=True)
    ours = sdc.crosstab(twice.wijk, twice.year, unit=twice.person, **ASKED)
    same(ours.to_pandas(), pd.crosstab(frame.wijk, frame.year, **TOTAL))


def test_a_unit_of_several_series_and_weights() -> None:
    frame = homes().assign(w=1.5)
    ours = sdc.crosstab(frame.wijk, frame.year, unit=[frame.person, frame.age], weights=frame.w, **ASKED)
    assert ours.recipe.unit == ("person", "age")  # type: ignore[union-attr]
    assert ours.recipe.weight == "w"  # type: ignore[union-attr]


def test_without_a_unit_a_crosstab_is_inconclusive() -> None:
    frame = homes()
    assert sdc.crosstab(frame.wijk, frame.sex).verdict.status is Status.INCONCLUSIVE


FRAME = homes(60)
BAD_CROSSTABS: dict[str, tuple[dict[str, Any], str]] = {
    "no margins": ({"margins": False}, "all its margins"),
    "margins of another kind": ({"margins": 1}, "all its margins"),
    "another name for totals": ({"margins_name": "Everybody"}, "called Total"),
    "values alone": ({"values": FRAME.income}, "without an aggfunc"),
    "a function": ({"values": FRAME.income, "aggfunc": np.mean}, "Known: count, "),
    "a lambda": ({"values": FRAME.income, "aggfunc": lambda x: x.max()}, "Known: count, "),
    "max": ({"values": FRAME.income, "aggfunc": "max"}, 'statistic="p95"'),
    "normalized values": ({"values": FRAME.income, "aggfunc": "sum", "normalize": True}, "take no values"),
    "an unknown normalization": ({"normalize": "rows"}, "normalize is False"),
    "a normalization beyond": ({"normalize": 2}, "normalize is False"),
    "names without a frame": ({"index": "wijk"}, "give frame= too"),
    "plain lists": ({"index": ["a"] * 60}, "series or an array"),
    "a frame as index": ({"index": FRAME}, "series or an array"),
    "an array of two dimensions": ({"index": np.zeros((60, 2))}, "one dimension"),
    "arrays of other lengths": ({"index": np.zeros(5)}, "different lengths"),
    "too many names": ({"rownames": ["a", "b"]}, "one name for each"),
    "a name as rownames": ({"rownames": "a"}, "one name for each"),
    "two variables of a name": ({"columns": FRAME.year.rename("wijk")}, "rownames= and colnames="),
    "arrays with a frame": ({"frame": FRAME}, "named by texts"),
    "names of arrays with a frame": ({"frame": FRAME, "rownames": ["a"]}, "rename the columns"),
}


@pytest.mark.parametrize("case", BAD_CROSSTABS)
def test_a_bad_crosstab_is_refused_with_its_reason(case: str) -> None:
    asked, said = BAD_CROSSTABS[case]
    with pytest.raises(DatakampError) as caught:
        sdc.crosstab(**{"index": FRAME.wijk, "columns": FRAME.year, "unit": FRAME.person, **asked})
    assert said in str(caught.value)


def test_the_same_variable_twice_needs_another_name() -> None:
    frame = homes()
    with pytest.raises(RecipeError, match=r"named twice|rownames="):
        sdc.crosstab(frame.wijk, frame.wijk, unit=frame.person)


# -------------------------------------------------------------------------------------------------------- pivot_table
@pytest.mark.parametrize("kind", ["mean", "sum"])
def test_a_pivot_table_is_that_of_pandas(kind: Any) -> None:
    frame = homes()
    ours = sdc.pivot_table(frame, "income", "wijk", "year", kind, unit="person", **ASKED)
    same(ours.to_pandas(), frame.pivot_table("income", "wijk", "year", kind, **TOTAL), exact=False)


def test_the_default_of_a_pivot_table_is_the_mean() -> None:
    frame = homes()
    ours = sdc.pivot_table(frame, values="income", index="wijk", columns="year", unit="person", **ASKED)
    same(ours.to_pandas(), frame.pivot_table(values="income", index="wijk", columns="year", **TOTAL), exact=False)


def test_a_pivot_table_of_mappings_lists_and_counts() -> None:
    frame = homes()
    asked = {"index": "wijk", "unit": "person", **ASKED}
    both = sdc.pivot_table(frame, aggfunc={"income": ["mean", "sum"], "age": "mean"}, **asked)
    assert isinstance(both, Outputs)
    assert both.names == ("mean of income", "sum of income", "mean of age")
    counted = sdc.pivot_table(frame, aggfunc="count", **asked)
    theirs = frame.groupby("wijk")["person"].nunique()
    assert counted.to_pandas()["count"].drop("Total").to_dict() == theirs.to_dict()
    unit = sdc.pivot_table(frame, values="person", aggfunc="nunique", fill_value=0, observed=False, **asked)
    assert to_csv(unit.table) == to_csv(counted.table)  # type: ignore[union-attr]


def test_all_units_are_counted_beside_a_mean_by_size() -> None:
    frame = homes()
    asked = {"index": "wijk", "unit": "person", **ASKED}
    both = sdc.pivot_table(frame, values="income", aggfunc=["mean", "size"], **asked)
    assert isinstance(both, Outputs)
    assert both.names == ("mean of income", "count")
    with pytest.raises(BadInputError, match="not those that have a value"):
        sdc.crosstab(frame.wijk, frame.year, frame.income, aggfunc=["mean", "count"], unit=frame.person, **ASKED)


BAD_PIVOTS: dict[str, tuple[dict[str, Any], str]] = {
    "a fill value": ({"values": "income", "fill_value": 0}, "none is made up"),
    "a fill value of a count": ({"aggfunc": "count", "fill_value": 5}, "none is made up"),
    "no margins": ({"values": "income", "margins": False}, "all its margins"),
    "no order": ({"values": "income", "sort": False}, "one order"),
    "observed of another kind": ({"values": "income", "observed": "yes"}, "True or False"),
    "no values": ({}, "Which values"),
    "a count of values": ({"values": "income", "aggfunc": "count"}, "takes no values"),
    "a count among others": ({"values": "income", "aggfunc": ["mean", "count"]}, 'aggfunc="size"'),
    "a count in a mapping": ({"aggfunc": {"income": ["mean", "count"]}}, 'aggfunc="size"'),
    "a count of a column in a mapping": ({"aggfunc": {"income": "count", "age": "mean"}}, 'aggfunc="size"'),
    "a function": ({"values": "income", "aggfunc": np.median}, "Known: count, "),
    "a function among others": ({"values": "income", "aggfunc": ["mean", max]}, "Known: count, "),
    "a function in a mapping": ({"aggfunc": {"income": min}}, "Known: count, "),
    "a grouper": ({"values": "income", "index": pd.Grouper(key="wijk")}, "named by texts"),
    "an array": ({"values": "income", "index": np.zeros(60)}, "For arrays"),
}


@pytest.mark.parametrize("case", BAD_PIVOTS)
def test_a_bad_pivot_table_is_refused_with_its_reason(case: str) -> None:
    asked, said = BAD_PIVOTS[case]
    with pytest.raises(BadInputError) as caught:
        sdc.pivot_table(FRAME, **{"index": "wijk", "unit": "person", **asked})
    assert said in str(caught.value)


# ---------------------------------------------------------------------------------------------------------- namespace
@pytest.mark.parametrize("make", [lambda one: one, pl.from_pandas], ids=["pandas", "polars"])
def test_frames_have_the_check_as_a_namespace(make: Any) -> None:
    frame = make(homes())
    asked = {"unit": "person", **ASKED}
    plain = sdc.table(homes(), rows="wijk", columns="year", **asked)
    assert to_csv(frame.sdc.table(rows="wijk", columns="year", **asked).table) == to_csv(plain.table)
    assert to_csv(frame.sdc.crosstab("wijk", "year", **asked).table) == to_csv(plain.table)
    pivot = frame.sdc.pivot_table(index="wijk", columns="year", aggfunc="count", **asked)
    assert to_csv(pivot.table) == to_csv(plain.table)
    assert frame.sdc.summary(values="income", by="wijk", **asked).names[0] == "count"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import disclosure, sys; print('pandas' in sys.modules or 'polars' in sys.modules)", "False"),
        ("import pandas as pd, disclosure; print(hasattr(pd.DataFrame, 'sdc'))", "True"),
        ("import polars as pl, disclosure, sys; print(hasattr(pl.DataFrame, 'sdc'), 'pandas' in sys.modules)", "True"),
        ("import disclosure, pandas as pd; disclosure.table; print(hasattr(pd.DataFrame, 'sdc'))", "True"),
    ],
    ids=["nothing is imported", "pandas first", "polars first", "pandas later"],
)
def test_the_namespace_is_there_and_the_import_stays_light(script: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split()[0] == said
