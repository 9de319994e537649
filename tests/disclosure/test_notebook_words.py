"""What outputs say of themselves, and what is said to who asks for something that makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
from lifelines import KaplanMeierFitter

import disclosure as sdc
from disclosure.errors import BadInputError, DatakampError, RecipeError, RefusedError
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import Safe, Status, Unsafe
from disclosure.notebook.judging import judged_output
from disclosure.notebook.output import Output
from disclosure.render import to_html
from disclosure.render.description import described
from tests.disclosure.support import status


def people(size: int = 300) -> pd.DataFrame:
    """Return persons of whom too few live in the smallest quarter."""
    filling = np.random.default_rng(7)
    few = np.where(np.arange(size) < 4, "31", np.where(np.arange(size) % 2, "28", "29"))
    return pd.DataFrame(
        {
            "person": [f"KEY{one:04}" for one in range(size)],
            "wijk": few,
            "works": filling.choice(["no", "yes"], size),
            "income": np.round(filling.normal(100, 20, size), 2),
            "hours": filling.integers(10, 40, size),
            "months": filling.integers(1, 7, size),
            "ended": filling.integers(0, 2, size),
            "ill": filling.integers(0, 2, size),
            "weight": filling.integers(1, 3, size),
        }
    )


INCOME: Final[Mapping[str, Any]] = MappingProxyType({"value": "income"})
ASKED: Final[Mapping[Statistic, Mapping[str, Any]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(Statistic.SUM, Statistic.MEAN, Statistic.SHARE, Statistic.MEDIAN),
                *(Statistic.STANDARD_DEVIATION, Statistic.VARIANCE, Statistic.SKEWNESS, Statistic.KURTOSIS),
                *(Statistic.HHI, Statistic.GINI, Statistic.THEIL, Statistic.S80_S20),
            ),
            INCOME,
        ),
        Statistic.COUNT: {},
        Statistic.ROW_PERCENT: {},
        Statistic.COLUMN_PERCENT: {},
        Statistic.TOTAL_PERCENT: {},
        Statistic.RATE: {"value": "ill"},
        Statistic.TRIMMED_MEAN: {**INCOME, "options": {"trim": 0.1}},
        Statistic.QUANTILE: {**INCOME, "options": {"probability": 0.25}},
        Statistic.MODE: {"value": "months"},
        Statistic.CONCENTRATION_RATIO: {**INCOME, "options": {"largest": 10}},
        Statistic.POVERTY_RATE: {**INCOME, "options": {"line": 90}},
        Statistic.POVERTY_GAP: {**INCOME, "options": {"line": 90}},
        Statistic.LORENZ: {**INCOME, "options": {"points": 50}},
        Statistic.SURVIVAL: {"value": "months", "others": "ended"},
        Statistic.CUMULATIVE_INCIDENCE: {"value": "months", "others": "ended"},
        Statistic.CORRELATION: {**INCOME, "others": "hours", "rows": (), "columns": ()},
        Statistic.TEST: {**INCOME, "others": "wijk", "options": {"kind": "anova"}, "rows": (), "columns": ()},
        Statistic.CHI_SQUARE: {"others": ["wijk", "works"], "rows": (), "columns": ()},
        Statistic.ODDS_RATIO: {"value": "ill", "others": "works", "rows": (), "columns": ()},
        Statistic.RISK_RATIO: {"value": "ill", "others": "works", "rows": (), "columns": ()},
        Statistic.MODEL: {
            **INCOME, "others": ["wijk"], "rows": (), "columns": (),
            "options": {"family": "ols", "formula": "income ~ C(wijk)"},
        },
    }
)  # fmt: skip
SAFE_AMONG_MANY: Final = (Statistic.CORRELATION,)
"""What is not by any group, so that no small one makes it unsafe."""


def of(statistic: Statistic, frame: pd.DataFrame | None = None) -> Output:
    asked = {"rows": "wijk", "columns": "works", **ASKED[statistic]}
    if statistic in (Statistic.ODDS_RATIO, Statistic.RISK_RATIO) and frame is None:
        frame = people(60).assign(works=["yes"] * 4 + ["no"] * 56, ill=[1, 0] * 30)
    return judged_output(people() if frame is None else frame, statistic=statistic, unit="person", **asked)


# ------------------------------------------------------------------------------------------ every display can be shown
@pytest.mark.parametrize("statistic", [one for one in Statistic if one not in SAFE_AMONG_MANY])
def test_every_unsafe_statistic_can_be_shown_and_has_its_remedies_looked_for(statistic: Statistic) -> None:
    out = of(statistic)
    assert status(out) is Status.UNSAFE
    assert repr(out).startswith("▲")
    assert out._repr_html_().startswith("<div")
    for remedy in out.remedies():
        if not remedy.failing:
            assert status(out.apply(remedy)) is Status.SAFE
    assert repr(out).startswith("▲")
    assert out._repr_html_().startswith("<div")


@pytest.mark.parametrize(("by", "needs"), [("index", "works"), ("columns", "wijk")])
def test_percentages_are_not_offered_without_what_they_are_of(by: str, needs: str) -> None:
    frame = people()
    out = sdc.crosstab(frame.wijk, frame.works, unit=frame.person, normalize=by)
    assert isinstance(out, Output)
    assert status(out) is Status.UNSAFE
    assert needs not in {one.leaves_out for one in out.remedies()}
    assert out.remedies()


def test_a_display_shows_the_verdict_where_the_search_for_remedies_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise RecipeError("no such table")

    monkeypatch.setattr("disclosure.notebook.output.remedies_of", fails)
    out = of(Statistic.COUNT)
    assert repr(out).startswith("▲")
    assert out._repr_html_().startswith("<div")
    with pytest.raises(RecipeError):
        out.remedies()


# --------------------------------------------------------------------------------------------- no record in a message
STRANGE: Final[Mapping[str, Callable[[pd.DataFrame], Any]]] = MappingProxyType(
    {
        "Series": lambda frame: frame.person,
        "ndarray": lambda frame: frame.person.to_numpy(),
        "set": lambda frame: set(frame.person),
        "dict": lambda frame: dict.fromkeys(frame.person),
        "Index": lambda frame: pd.Index(frame.person),
        "generator": lambda frame: (one for one in frame.person),
        "list": lambda frame: list(frame.person),
        "short list": lambda frame: list(frame.person[:9]),
        "tuple": lambda frame: tuple(frame.person),
        "list of lists": lambda frame: [list(frame.person)],
        "polars": lambda frame: pl.Series(frame.person.tolist()),
    }
)


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize(
    "name", ["rows", "columns", "values", "unit", "holding", "other_units", "weights", "statistic"]
)
def test_columns_given_as_records_are_refused_without_showing_one(name: str, kind: str) -> None:
    frame = people()
    asked = {"rows": "wijk", "unit": "person", name: STRANGE[kind](frame)}
    if name == "values":
        asked["statistic"] = "mean"
    if name == "statistic":
        asked["values"] = "income"
    try:
        said = repr(sdc.table(frame, **asked))
    except DatakampError as refused:
        said = f"{refused} {refused.__cause__}"
    else:
        # A unit of several keys that the frame does not have is asked for, and named as it was written.
        assert name == "unit"
        assert kind in ("short list", "list of lists")
        assert "Inconclusive" in said
        said = said.replace("KEY0000, KEY0001, KEY0002, …", "")
    assert "KEY" not in said


def test_what_is_said_names_the_argument_and_the_kind() -> None:
    frame = people()
    with pytest.raises(BadInputError, match=r"unit= is of type Series.*Give the column's name"):
        sdc.table(frame, rows="wijk", unit=frame.person)  # type: ignore[call-overload]
    with pytest.raises(BadInputError, match=r"rows= is of type set"):
        sdc.table(frame, rows={"wijk"}, unit="person")  # type: ignore[call-overload]


@pytest.mark.parametrize("asked", [{"rows": ["wijk", "wijk"]}, {"rows": "wijk", "columns": "wijk"}])
def test_a_dimension_that_is_named_twice_is_told_so(asked: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="named twice"):
        sdc.table(people(), unit="person", **asked)


# ------------------------------------------------------------------------------------------------- what an output is
def large(**changes: Any) -> pd.DataFrame:
    return people(400).assign(wijk=["28", "29"] * 200, **changes)


def test_a_display_and_a_released_page_say_options_weights_and_unit() -> None:
    out = sdc.table(
        large(), rows="wijk", values="income", statistic="trimmed_mean", options={"trim": 0.1}, unit="person"
    )
    said = "trimmed mean of income (trimmed at each end 0.1; unit: person)"
    assert f"{said}, by wijk" in repr(out)
    assert f"{said}, by wijk" in out._repr_html_()
    with sdc.language("nl"):
        assert said.encode() in to_html(out.table, title="A title")
        assert "(weggelaten aan elk uiteinde 0,1; eenheid: person)" in repr(out)


def test_weighted_figures_do_not_read_as_weighted_by_the_dimensions() -> None:
    out = sdc.table(large(), rows="wijk", values="income", statistic="mean", unit="person", weights="weight")
    assert "mean of income (weighted by weight; unit: person), by wijk" in repr(out)
    picture = sdc.figure(out)
    assert "Mean of income (weighted by weight) by wijk." in picture.alternative
    assert picture.alternative.endswith("Unit: person.")
    assert ", weighted by wijk" not in picture.alternative


def test_several_measures_say_their_weights_and_unit_once() -> None:
    outs = sdc.table(large(), rows="wijk", values="income", statistic=["mean", "sum"], unit="person", weights="weight")
    assert repr(outs).count("(weighted by weight; unit: person)") == 1


def test_a_ratio_says_which_category_is_exposed() -> None:
    out = sdc.odds_ratio(large(), outcome="ill", exposure="works", unit="person")
    said = "odds ratio of ill (exposure: works; exposed: yes; not exposed: no; unit: person)"
    assert said in repr(out)
    assert described(out.recipe, out.evidence) == said
    assert said.encode() in to_html(out.table, title="A title")


def test_a_t_test_says_which_group_is_subtracted() -> None:
    frame = large()
    out = sdc.t_test(frame, value="income", group="works", unit="person")
    assert "t-test of income (groups: works; no minus yes; unit: person)" in repr(out)
    means = frame.groupby("works").income.mean()
    assert bool(means["no"] > means["yes"]) is bool(float(str(out.to_pandas().loc["test", "statistic"])) > 0)


def test_a_curve_says_which_column_is_the_event() -> None:
    out = sdc.survival(large(), duration="months", event="ended", unit="person", period=2)
    assert "survival of months (event: ended; period 2; unit: person)" in repr(out)


# ------------------------------------------------------------------------------------------------------------- Dutch
def test_heads_and_numbers_of_a_display_are_the_readers_and_those_released_are_not() -> None:
    out = sdc.model("income ~ hours", large(), unit="person")
    assert {"coefficient", "standard_error"} <= set(out.to_pandas().columns)
    with sdc.language("nl"):
        assert "standaardfout" in repr(out)
        assert "coefficient" not in repr(out)
        assert "standaardfout" in out._repr_html_()
        number = str(out.evidence.part("model").columns["figure"][0])
        assert number.split(".", maxsplit=1)[0] + "," in repr(out)
        assert {"coefficient", "standard_error"} <= set(out.to_pandas().columns)
    assert "standard error" in repr(out)


def test_a_dimension_of_the_researchers_own_keeps_its_name() -> None:
    frame = large(share=["low", "high"] * 200)
    out = sdc.table(frame, rows="share", unit="person")
    with sdc.language("nl"):
        assert "share" in repr(out)
        assert "low" in repr(out)


# ----------------------------------------------------------------------------------------------------- short readings
def test_verdicts_findings_remedies_and_the_language_read_as_text() -> None:
    out = of(Statistic.COUNT)
    assert isinstance(out.verdict, Unsafe)
    assert repr(out.verdict).startswith("<Unsafe (failing cells: ")
    assert len(repr(out.verdict)) < 600
    finding = out.verdict.findings[0]
    assert repr(finding) == f"<{finding.rule}: {finding.message}>"
    remedy = out.remedies()[0]
    assert repr(remedy) == f"<remedy: {remedy}; loses {remedy.loses}>"
    assert repr(sdc.table(people(), rows="wijk").verdict).startswith("<Inconclusive: missing: the statistical unit")
    assert repr(Safe()) == "<Safe>"
    with sdc.language("nl"):
        assert repr(out.verdict).startswith("<Onveilig")
    with sdc.language("nl") as _:
        pass
    chosen = sdc.language("nl")
    assert repr(chosen) == "Taal: Nederlands"
    chosen.__exit__()


# ---------------------------------------------------------------------------------------------------- strange requests
REFUSED: Final[Mapping[str, tuple[Callable[[], Any], str]]] = MappingProxyType(
    {
        "a policy that is a number": (lambda: sdc.table(people(), rows="wijk", policy=5), "name of a policy.* int"),  # type: ignore[call-overload]
        "a codebook that is a mapping": (lambda: sdc.table(people(), rows="wijk", codebook={}), "codebook or its path"),  # type: ignore[call-overload]
        "a language that is not there": (lambda: sdc.language("de"), "en, nl"),
        "an output that is not there": (lambda: sdc.summary(large(), values="income", unit="person")[9], "8 measures"),
        "an output by a number with a point": (
            lambda: sdc.summary(large(), values="income", unit="person")[1.5], "its name or its place",  # type: ignore[call-overload]
        ),
        "a summary of nothing": (lambda: sdc.summary(people()), "which values"),
        "a t-test of three groups": (
            lambda: sdc.t_test(people(), value="income", group="wijk", unit="person"), r"3 groups.*sdc\.anova",
        ),
        "a t-test of one group": (
            lambda: sdc.t_test(people().assign(one=1), value="income", group="one", unit="person"), "one group only",
        ),
        "a statistic without its option": (
            lambda: sdc.table(people(), values="income", statistic="concentration_ratio", unit="person"),
            r'options=\{"largest": 4\}',
        ),
        "an option too many": (
            lambda: sdc.table(people(), values="income", statistic="poverty_rate", options={"lines": 3}, unit="person"),
            r"Known: line, share_of_median\.",
        ),
        "a function of NumPy": (
            lambda: sdc.table(people(), values="income", statistic=np.mean, unit="person"), 'Write "mean"',  # type: ignore[call-overload]
        ),
        "an unknown statistic": (
            lambda: sdc.table(people(), values="income", statistic="avarage", unit="person"), "Known: count, .*gini",
        ),
        "a model that is not fitted": (
            lambda: sdc.model(smf.ols("income ~ hours", people()), frame=people(), unit="person"), r"Call \.fit\(\)",
        ),
        "a curve of lifelines": (
            lambda: sdc.model(KaplanMeierFitter().fit([1, 2, 3]), frame=people(), unit="person"), r"sdc\.survival",
        ),
        "a model of fewer rows": (
            lambda: sdc.model(smf.ols("income ~ hours", people(200)).fit(), frame=large(), unit="person"),
            "another number of rows",
        ),
        "a file that is not there": (lambda: sdc.file("nope.png"), "There is no file 'nope.png'"),
        "a figure of a model": (
            lambda: sdc.figure(sdc.model("income ~ hours", large(), unit="person")), "no figure .*: model",
        ),
        "a figure of a frame": (lambda: sdc.figure(people()), "judged output, not from a DataFrame"),  # type: ignore[arg-type]
    }
)  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_strange_request_is_refused_with_what_to_do(what: str) -> None:
    ask, said = REFUSED[what]
    with pytest.raises(DatakampError, match=said):
        ask()


def test_the_known_statistics_of_tables_are_those_that_a_table_takes() -> None:
    with pytest.raises(RecipeError) as refused:
        sdc.table(people(), values="income", statistic="avarage", unit="person")
    for name in ("chi_square", "odds_ratio", "model", "survival"):
        assert name not in refused.value.hint


def test_a_model_fitted_to_the_frame_is_taken_also_where_values_are_missing() -> None:
    frame = large()
    frame.loc[:9, "hours"] = None
    out = sdc.model(smf.ols("income ~ hours", frame).fit(), frame=frame, unit="person")
    assert status(out) is Status.SAFE


# ------------------------------------------------------------------------------------------------------- the accessor
def test_the_namespace_has_what_takes_a_frame_first() -> None:
    frame: Any = large()
    assert frame.sdc.table("wijk", unit="person").recipe == sdc.table(frame, rows="wijk", unit="person").recipe
    assert frame.sdc.table("wijk", "works", unit="person").recipe.columns == ("works",)
    assert frame.sdc.summary("income", "wijk", unit="person").names[0] == "count"
    assert frame.sdc.model("income ~ hours", unit="person").recipe.statistic is Statistic.MODEL
    curve = frame.sdc.survival(duration="months", event="ended", unit="person", period=2)
    assert curve.recipe.statistic is Statistic.SURVIVAL
    for name in ("t_test", "anova", "wilcoxon"):
        out = getattr(frame.sdc, name)(value="income", group="works", unit="person")
        assert out.recipe == getattr(sdc, name)(frame, value="income", group="works", unit="person").recipe
    assert frame.sdc.correlation("income", "hours", unit="person").recipe.statistic is Statistic.CORRELATION
    assert frame.sdc.chi_square("wijk", "works", unit="person").recipe.statistic is Statistic.CHI_SQUARE
    for name in ("odds_ratio", "risk_ratio"):
        assert getattr(frame.sdc, name)(outcome="ill", exposure="works", unit="person").recipe.value == "ill"


def test_a_polars_query_has_the_namespace_too() -> None:
    query: Any = pl.from_pandas(large()).lazy()
    assert status(query.sdc.table("wijk", unit="person")) is Status.SAFE
    assert query.sdc.model("income ~ hours", unit="person").recipe.statistic is Statistic.MODEL


def test_a_library_that_is_imported_later_has_the_namespace_once_a_frame_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if hasattr(pl.DataFrame, "sdc"):
        monkeypatch.delattr(pl.DataFrame, "sdc")
    frame: Any = pl.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20})
    assert not hasattr(frame, "sdc")
    sdc.table(frame, rows="wijk", unit="person")
    assert status(frame.sdc.table("wijk", unit="person")) is Status.SAFE


def test_what_cannot_be_drawn_or_judged_is_an_answer_and_not_a_fault() -> None:
    with pytest.raises(RefusedError):
        sdc.model(KaplanMeierFitter().fit([1, 2, 3]), frame=people(), unit="person")
    with pytest.raises(IndexError) as refused:
        sdc.summary(large(), values="income", unit="person")[99]
    assert isinstance(refused.value, BadInputError)
