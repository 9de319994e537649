"""Several values and statistics in one call, `summary`, and the names that people use for statistics."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, IdentifierRefusedError, RecipeError, RefusedError
from disclosure.model.recipes import recipe_from_json
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import Status
from disclosure.notebook.judging import judged_output, option_texts
from disclosure.notebook.measures import SYNONYMS, measures, statistic_named
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.short_names import short_names
from disclosure.protection.remedies import SUPPRESS
from disclosure.render import to_csv
from disclosure.render.frame import to_frame
from tests.disclosure.support import UNIT, codebook, heads, status


def homes(size: int = 600) -> pd.DataFrame:
    filling = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "person": range(size),
            "wijk": filling.choice(["28", "29", "30"], size),
            "sex": filling.choice(["m", "v"], size),
            "income": np.round(filling.normal(100, 20, size), 2),
            "age": filling.integers(20, 80, size),
        }
    )


ASKED: dict[str, Any] = {"rows": "wijk", "unit": "person", "policy": "abs"}


def several(frame: Any = None, **asked: Any) -> Outputs:
    out = sdc.table(homes() if frame is None else frame, **{**ASKED, **asked})
    assert isinstance(out, Outputs)
    return out


# ------------------------------------------------------------------------------------------------- several measures
def test_each_statistic_of_each_value_is_an_output_of_its_own_recipe() -> None:
    outs = several(values=["income", "age"], statistic=["mean", "sum"])
    assert outs.names == ("mean of income", "sum of income", "mean of age", "sum of age")
    assert [name for name, _ in outs.items()] == list(outs.names)
    for name in outs.names:
        out = outs[name]
        statistic, _, value = name.partition(" of ")
        alone = sdc.table(homes(), **ASKED, values=value, statistic=statistic)
        assert out.recipe == alone.recipe
        assert to_csv(out.table) == to_csv(alone.table)
        assert recipe_from_json(out.recipe.to_json().encode()) == out.recipe


def test_they_are_reached_by_name_by_place_and_as_a_slice() -> None:
    outs = several(values="income", statistic=["mean", "sum", "count"])
    assert len(outs) == 3
    assert outs[0] is outs["mean of income"]
    assert outs[-1] is outs["count"]
    assert [one.recipe.statistic.value for one in outs] == ["mean", "sum", "count"]
    assert outs[:2].names == ("mean of income", "sum of income")
    with pytest.raises(BadInputError, match="mean of income, sum of income, count"):
        outs["mean"]
    with pytest.raises(IndexError):
        outs[3]


def test_one_measure_is_an_output_also_from_lists() -> None:
    alone = sdc.table(homes(), **ASKED, values="income", statistic="mean")
    listed = sdc.table(homes(), **ASKED, values=["income"], statistic=["mean"])
    assert isinstance(listed, sdc.Output)
    assert listed.recipe == alone.recipe


def test_a_mapping_names_the_statistics_of_each_value() -> None:
    assert several(statistic={"income": ["mean", "sd"], "age": "median"}).names == (
        "mean of income",
        "std of income",
        "median of age",
    )


def test_a_count_among_statistics_is_made_once_and_takes_no_value() -> None:
    outs = several(values=["income", "age"], statistic=["count", "mean"])
    assert outs.names == ("count", "mean of income", "mean of age")
    assert outs["count"].recipe.value is None


def test_options_go_to_the_statistics_that_take_them() -> None:
    outs = several(values="income", statistic=["trimmed_mean", "mean"], options={"trim": 0.10})
    assert outs["trimmed_mean of income"].recipe.options == (("trim", "0.1"),)
    assert outs["mean of income"].recipe.options == ()


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        (None, ()),
        ({}, ()),
        ({"b": 1, "a": "x"}, (("a", "x"), ("b", "1"))),
        ({"a": 0.10}, (("a", "0.1"),)),
        ({"a": "0.10"}, (("a", "0.1"),)),
        ({"a": np.float64(0.5)}, (("a", "0.5"),)),
        ({"a": np.int8(5)}, (("a", "5"),)),
        ({"a": 1e-7}, (("a", "0.0000001"),)),
        ({"a": 100.0}, (("a", "100"),)),
        ({"a": True}, (("a", "true"),)),
        ({"a": [0.5, 1, "x"]}, (("a", "0.5,1,x"),)),
    ],
)
def test_an_option_is_one_text_however_it_is_written(given: Any, texts: tuple[tuple[str, str], ...]) -> None:
    assert option_texts(given) == texts


# ------------------------------------------------------------------------------------------------ verdict and remedies
def small() -> pd.DataFrame:
    frame = heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30})
    return frame.assign(value=[100.0 + place % 7 for place in range(len(frame))])


def unsafe() -> Outputs:
    out = sdc.table(
        small(), rows="d1", columns="d2", values="value", statistic=["mean", "count"], unit=UNIT, policy="abs"
    )
    assert isinstance(out, Outputs)
    return out


def test_the_verdict_is_the_worst_with_the_findings_of_all() -> None:
    outs = unsafe()
    assert outs.verdict.status is Status.UNSAFE
    assert set(outs.findings) == {finding for one in outs for finding in one.verdict.findings}
    assert set(outs.verdict.findings) == set(outs.findings)
    assert several(values="income", statistic=["mean", "sum"]).verdict.status is Status.SAFE


def test_one_unsafe_or_inconclusive_measure_makes_all_of_them_so() -> None:
    safe = sdc.table(small(), rows="d2", unit=UNIT, policy="abs")
    frame = small().assign(value=[10_000.0, *[1.0] * 102])
    dominated = sdc.table(frame, rows="d2", unit=UNIT, policy="abs", values="value", statistic="sum")
    unknown = sdc.table(small(), rows="d2", policy="abs")
    assert status(dominated) is Status.UNSAFE
    assert Outputs({"a": safe, "b": dominated}).verdict.status is Status.UNSAFE
    assert Outputs({"a": safe, "b": unknown}).verdict.status is Status.INCONCLUSIVE
    assert Outputs({"a": dominated, "b": unknown}).verdict.status is Status.UNSAFE
    assert Outputs({"a": safe}).verdict == safe.verdict


def test_without_a_unit_all_are_inconclusive_and_show_nothing() -> None:
    outs = sdc.table(homes(), rows="wijk", values="income", statistic=["mean", "count"])
    assert isinstance(outs, Outputs)
    assert outs.verdict.status is Status.INCONCLUSIVE
    assert outs.to_pandas().empty
    assert "missing: the statistical unit" in repr(outs)
    assert "<td" not in outs._repr_html_()


def test_every_remedy_that_says_that_it_repairs_all_does() -> None:
    outs = unsafe()
    assert outs.remedies()
    for remedy in outs.remedies():
        if not remedy.failing:
            repaired = outs.apply(remedy)
            fixed = [one for one, before in zip(repaired, outs, strict=True) if remedy in before.remedies()]
            assert all(one.verdict.status is Status.SAFE for one in fixed)
    assert outs.verdict.status is Status.UNSAFE, "outputs do not change"


def test_what_changes_categories_changes_them_in_every_measure() -> None:
    frame = small().assign(value=[10_000.0, *[1.0] * 102])
    outs = sdc.table(frame, rows="d1", values="value", statistic=["sum", "count"], unit=UNIT, policy="abs")
    assert isinstance(outs, Outputs)
    assert [one.verdict.status for one in outs] == [Status.UNSAFE, Status.SAFE]
    merges = [one for one in outs.remedies() if one.recodings]
    for remedy in merges:
        repaired = outs.apply(remedy)
        assert len({one.recipe.recodings for one in repaired}) == 1
        assert all(one.recipe.recodings for one in repaired)


def test_a_remedy_that_is_not_offered_or_is_none_is_refused() -> None:
    safe = several(values="income", statistic=["mean", "sum"])
    with pytest.raises(RefusedError, match="No measure here"):
        safe.apply(SUPPRESS)
    with pytest.raises(RecipeError, match="as it was offered"):
        unsafe().apply("suppress")  # type: ignore[arg-type]


def test_measures_of_other_rows_or_columns_do_not_go_together() -> None:
    one, other = (sdc.table(homes(), **{**ASKED, "rows": rows}) for rows in ("wijk", "sex"))
    with pytest.raises(RecipeError, match="same rows and columns"):
        Outputs({"a": one, "b": other})
    with pytest.raises(RecipeError):
        Outputs({})
    with pytest.raises(RecipeError, match="at most"):
        Outputs({str(place): one for place in range(61)})


def test_an_identifier_is_refused_whichever_measure_names_it() -> None:
    with pytest.raises(IdentifierRefusedError):
        several(values=["income", "age"], statistic="mean", codebook=codebook(unit=("person",), identifiers=("age",)))


# ---------------------------------------------------------------------------------------------------------- to_pandas
def test_the_frame_has_the_measure_as_first_level_and_the_figures_of_pandas() -> None:
    frame, outs = homes(), several(columns="sex", values=["income", "age"], statistic=["mean", "sum"])
    ours = outs.to_pandas()
    assert ours.columns.names == ["measure", "sex"]
    assert ours.index.name == "wijk"
    theirs = frame.pivot_table(
        values=["income", "age"],
        index="wijk",
        columns="sex",
        aggfunc=["mean", "sum"],
        margins=True,
        margins_name="Total",
    )
    for kind in ("mean", "sum"):
        for value in ("income", "age"):
            own: Any = ours[f"{kind} of {value}"]
            pd.testing.assert_frame_equal(own, theirs[kind][value], check_dtype=False, rtol=1e-6, check_names=False)
            assert list(own.index) == list(theirs.index)


def test_without_columns_the_measures_are_the_columns() -> None:
    ours = several(values="income", statistic=["mean", "count"]).to_pandas()
    assert list(ours.columns) == ["mean of income", "count"]
    assert ours.columns.name == "measure"
    assert ours.dtypes.tolist() == [np.dtype("float64"), np.dtype("int64")]
    assert ours.loc["Total", "count"] == 600


def test_without_rows_each_measure_is_a_row() -> None:
    ours = several(rows=(), columns="sex", values="income", statistic=["mean", "count"]).to_pandas()
    assert list(ours.index) == ["mean of income", "count"]
    assert list(ours.columns) == ["m", "v", "Total"]
    alone = several(rows=(), values="income", statistic=["mean", "count"]).to_pandas()
    assert alone.shape == (2, 1)
    assert alone.loc["count", "value"] == 600


def test_withheld_figures_are_withheld_in_the_joined_frame() -> None:
    outs = unsafe()
    ours: Any = outs.to_pandas()
    assert ours.loc["b", ("count", "x")] is sdc.WITHHELD
    assert ours.loc["Total", ("mean of value", "Total")] is sdc.WITHHELD
    assert ours.loc["a", ("count", "x")] == 40


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas, lambda f: pa.Table.from_pandas(f, preserve_index=False)])
def test_several_measures_of_any_frame_give_the_same_bytes(make: Any) -> None:
    frame = homes()
    expected = [to_csv(one.table) for one in several(frame, values=["income", "age"], statistic=["mean", "count"])]
    got = [to_csv(one.table) for one in several(make(frame), values=["income", "age"], statistic=["mean", "count"])]
    assert got == expected


def test_a_frame_is_read_once_for_all_measures() -> None:
    class Counting:
        """A frame that a database would make anew, in another order, each time that it is asked for."""

        def __init__(self) -> None:
            self.columns = list(homes().columns)
            self.asked = 0

        def select(self, *names: str) -> Counting:
            self._names = names
            return self

        def to_pyarrow(self) -> pa.Table:
            self.asked += 1
            frame = homes().sample(frac=1, random_state=self.asked)
            return pa.Table.from_pandas(frame[list(self._names)], preserve_index=False)

    frame = Counting()
    outs = sdc.table(frame, **ASKED, values=["income", "age"], statistic=["mean", "count"])
    assert frame.asked == 1
    assert isinstance(outs, Outputs)
    expected = several(values=["income", "age"], statistic=["mean", "count"])
    assert [to_csv(one.table) for one in outs] == [to_csv(one.table) for one in expected]


# ------------------------------------------------------------------------------------------------------------ summary
def test_a_summary_has_everything_of_describe_but_the_extremes() -> None:
    frame = homes()
    outs = sdc.summary(frame, values="income", by="wijk", unit="person", policy="abs")
    assert outs.names == (
        "count", "mean of income", "std of income", "p5 of income", "p25 of income", "median of income",
        "p75 of income", "p95 of income",
    )  # fmt: skip
    ours = outs.to_pandas()
    theirs = frame.groupby("wijk")["income"].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95])
    assert (ours.loc[theirs.index, "count"] == theirs["count"]).all()
    for own, name in (("mean of income", "mean"), ("std of income", "std")):
        np.testing.assert_allclose(ours.loc[theirs.index, own].astype(float), theirs[name], rtol=1e-4)
    text = repr(outs)
    assert str(frame["income"].min()) not in text
    assert str(frame["income"].max()) not in text


def test_a_summary_of_several_values_and_without_groups() -> None:
    outs = sdc.summary(homes(), values=["income", "age"], unit="person", policy="abs")
    assert len(outs) == 15
    assert outs.to_pandas().loc["count", "value"] == 600
    with pytest.raises(BadInputError, match="which values"):
        sdc.summary(homes())


# -------------------------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("name", "statistic", "options"),
    [
        ("p25", "quantile", {"probability": "0.25"}),
        ("q25", "quantile", {"probability": "0.25"}),
        ("p5", "quantile", {"probability": "0.05"}),
        ("p05", "quantile", {"probability": "0.05"}),
        ("p2.5", "quantile", {"probability": "0.025"}),
        ("p50", "quantile", {"probability": "0.5"}),
        ("median", "median", {}),
        ("sd", "std", {}),
        ("size", "count", {}),
        ("average", "mean", {}),
        ("percent", "total_percent", {}),
    ],
)
def test_names_that_people_use_are_known(name: str, statistic: str, options: dict[str, str]) -> None:
    found, _, given = statistic_named(name)
    assert (found.value, given) == (statistic, options)


def test_every_statistic_is_known_by_its_own_name_and_no_other_name_hides_one() -> None:
    assert all(statistic_named(one.value)[0] is one for one in Statistic)
    assert not set(SYNONYMS) & {one.value for one in Statistic}


def test_a_quantile_is_called_the_same_however_it_is_asked_for() -> None:
    (one,) = measures("v", "quantile", {"probability": 0.25})
    (other,) = measures("v", "q25")
    assert one == other
    assert one.name == "p25 of v"
    with pytest.raises(RecipeError, match="says its probability itself"):
        measures("v", "p25", {"probability": 0.5})


def test_a_count_of_the_unit_column_is_the_count_of_units() -> None:
    out = sdc.table(homes(), **ASKED, values="person", statistic="nunique")
    assert out.recipe.statistic is Statistic.COUNT
    assert out.recipe.value is None


def test_measures_as_parts_of_names_are_all_different() -> None:
    assert short_names(["a of x", "a-of-x", "A of X", "é", "%"]) == (
        "a-of-x",
        "a-of-x--2",
        "a-of-x--3",
        "measure",
        "measure--2",
    )


# ---------------------------------------------------------------------------------------------------------- a recipe
def test_any_recipe_is_judged_over_any_frame() -> None:
    frame = homes().assign(household=lambda one: one["person"] // 2)
    out = judged_output(
        frame,
        statistic=Statistic.MEAN,
        rows="wijk",
        value="income",
        unit="person",
        policy="abs",
        other_units=["household"],
        holding="household",
    )
    assert out.recipe.other_units == (("household",),)
    assert out.recipe.holding == ("household",)
    assert out.narrow is not None
    assert out.narrow.column_names == ["person", "wijk", "income", "household"]
    same = sdc.table(
        frame, **ASKED, values="income", statistic="mean", other_units=[["household"]], holding=["household"]
    )
    assert same.recipe == out.recipe
    assert json.loads(out.recipe.to_json())["holding"] == ["household"]


# ------------------------------------------------------------------------------------------------- frames of one table
@pytest.mark.parametrize("rows", [(), ("wijk",), ("wijk", "sex")])
@pytest.mark.parametrize("columns", [(), ("year",), ("year", "late")])
@pytest.mark.parametrize("statistic", ["count", "mean"])
@pytest.mark.parametrize("policy", ["abs", "cbs"])
def test_the_frame_of_an_output_is_that_of_its_released_table(
    rows: tuple[str, ...], columns: tuple[str, ...], statistic: str, policy: str
) -> None:
    frame = homes(300)
    frame["year"] = frame["age"] % 3
    frame["late"] = pd.Series("no", index=frame.index).mask(frame["age"] > 70)
    frame = frame[(frame["sex"] != "v") | (frame["wijk"] != "30")]
    value = None if statistic == "count" else "income"
    out = sdc.table(frame, rows=rows, columns=columns, values=value, statistic=statistic, unit="person", policy=policy)
    pd.testing.assert_frame_equal(out.to_pandas(), to_frame(out.table))
