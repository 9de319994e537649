"""The check against figures that others published or computed: other packages' cells, real and synthetic data."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from disclosure.notebook.output import Output
from disclosure.policy import Policy
from tests.disclosure.public_data import public_data
from tests.disclosure.support import DATA, codebook, counts, failures, judge, policy, shown, status, units

PUBLISHED: dict[str, Any] = json.loads((DATA / "published.json").read_text("utf-8"))

# ------------------------------------------------------------------------- dominance and p%, cell by cell, two packages

NK = {m: policy(dominance=[[m, 85]]) for m in (1, 2, 3)}
NK_EXPANDED = policy(dominance=[[2, 85]], weights="expanded")
P = {p: policy(p_percent=p) for p in (10, 20)}
P_EXPANDED = policy(p_percent=10, weights="expanded")

PLAIN: dict[str, tuple[Policy, RuleName]] = {
    "nk n=1 k=85|sdcTable": (NK[1], RuleName.DOMINANCE),
    "nk n=1 k=85|GaussSuppression": (NK[1], RuleName.DOMINANCE),
    "nk n=2 k=85|sdcTable": (NK[2], RuleName.DOMINANCE),
    "nk n=2 k=85|GaussSuppression": (NK[2], RuleName.DOMINANCE),
    "nk n=3 k=85|sdcTable": (NK[3], RuleName.DOMINANCE),
    "nk n=3 k=85|GaussSuppression": (NK[3], RuleName.DOMINANCE),
    "p% p=10|sdcTable": (P[10], RuleName.P_PERCENT),
    "p% p=10|GaussSuppression": (P[10], RuleName.P_PERCENT),
    "p% p=20|sdcTable": (P[20], RuleName.P_PERCENT),
    "p% p=20|GaussSuppression": (P[20], RuleName.P_PERCENT),
    "pq p=10 q=50|sdcTable": (P[20], RuleName.P_PERCENT),
    "pq as p%=20|GaussSuppression": (P[20], RuleName.P_PERCENT),
}
# GaussSuppression calls two contributors that hold exactly 85 percent unsafe. The rule is strict, here and in sdcTable.
TIE = {"H_nk_tie_at_85"}


def expected(column: str) -> set[str]:
    """Return the cells that the other package calls unsafe."""
    cells = pd.read_csv(DATA / "dominance_expected.csv", dtype=str).set_index("case")[column]
    return set(cells.index[cells == "TRUE"])


def designed(*, negative: bool = False) -> pd.DataFrame:
    parts = ["dominance_input.csv", "dominance_input_negative.csv"] if negative else ["dominance_input.csv"]
    frame = pd.concat([pd.read_csv(DATA / name) for name in parts], ignore_index=True)
    return frame.rename(columns={"cell": "group"}).assign(unit=range(len(frame)))


def ours(frame: pd.DataFrame, by: Policy, rule: RuleName, **asked: Any) -> set[str]:
    table = judge(frame, by, statistic="sum", values="value", **asked)
    return {"Total" if cell == "total" else cell.removeprefix("group=") for cell in failures(table, rule)}


@pytest.mark.parametrize("column", PLAIN)
def test_cells_fail_dominance_and_p_percent_where_other_packages_say_so(column: str) -> None:
    by, rule = PLAIN[column]
    tie = TIE if column == "nk n=2 k=85|GaussSuppression" else set()
    assert len(expected(column)) > 1
    assert ours(designed(), by, rule) == expected(column) - tie
    assert tie <= expected(column)


@pytest.mark.parametrize(
    ("column", "by", "rule", "tie"),
    [
        ("NEG nk n=2 k=85 apply_abs_directly|GaussSuppression", NK[2], RuleName.DOMINANCE, TIE),
        ("NEG p p=10 apply_abs_directly|GaussSuppression", P[10], RuleName.P_PERCENT, set()),
    ],
)
def test_negative_values_enter_as_where_absolute_values_are_taken_first(
    column: str, by: Policy, rule: RuleName, tie: set[str]
) -> None:
    assert ours(designed(negative=True), by, rule) == expected(column) - tie


def test_cells_that_cancel_fail_here_and_pass_where_only_the_total_is_made_absolute() -> None:
    column = "NEG nk n=2 k=85|GaussSuppression"
    assert ours(designed(negative=True), NK[2], RuleName.DOMINANCE) == expected(column) - TIE | {
        "W_neg_mixed",
        "Y_neg_cancel",
    }


@pytest.mark.parametrize(
    ("column", "by", "rule", "tie"),
    [
        ("nk n=2 k=85 weight default|GaussSuppression", NK[2], RuleName.DOMINANCE, TIE),
        ("nk n=2 k=85 weight tauargus|GaussSuppression", NK_EXPANDED, RuleName.DOMINANCE, TIE),
        ("nk n=2 k=85 weight|sdcTable", NK_EXPANDED, RuleName.DOMINANCE, set()),
        ("p p=10 weight default|GaussSuppression", P[10], RuleName.P_PERCENT, set()),
        ("p p=10 weight tauargus|GaussSuppression", P_EXPANDED, RuleName.P_PERCENT, set()),
        ("p p=10 weight|sdcTable", P_EXPANDED, RuleName.P_PERCENT, set()),
    ],
)
def test_sampling_weights_enter_as_in_other_packages(column: str, by: Policy, rule: RuleName, tie: set[str]) -> None:
    known = {"weights": "weight", "codebook": codebook(weights=("weight",))}
    assert ours(designed(), by, rule, **known) == expected(column) - tie


@pytest.mark.parametrize(
    ("column", "by", "rule", "tie"),
    [
        ("nk n=2 k=85 holding|GaussSuppression", NK[2], RuleName.DOMINANCE, TIE),
        ("p p=10 holding|GaussSuppression", P[10], RuleName.P_PERCENT, set()),
    ],
)
def test_a_unit_that_is_a_holding_adds_up_as_in_other_packages(
    column: str, by: Policy, rule: RuleName, tie: set[str]
) -> None:
    assert ours(designed(), by, rule, unit=("holding",)) == expected(column) - tie


# ------------------------------------------------------------------------------------------------- published examples


@pytest.mark.parametrize("name", ["nk_1_90", "nk_1_85"])
def test_the_handbooks_examples_of_dominance(name: str) -> None:
    example = PUBLISHED[name]
    by = policy(dominance=[example["rule"]])
    table = judge(units({"a": example["x"]}), by, statistic="sum", values="value", rows=[])
    assert (status(table) is Status.UNSAFE) is example["unsafe"]


def test_the_handbooks_bound_for_a_safe_total() -> None:
    example = PUBLISHED["nk_1_85"]
    rest = example["min_total_for_safe"] - sum(example["x"])
    for more, safe in ((rest + 0.000001, True), (rest - 0.000001, False)):
        # Of three units: the last digits of one alone would be his, which is another rule.
        third = round(more / 3, 6)
        frame = units({"a": [*example["x"], third, third, round(more - 2 * third, 6)]})
        table = judge(frame, policy(dominance=[example["rule"]]), statistic="sum", values="value", rows=[])
        assert (status(table) is Status.SAFE) is safe


def test_the_handbooks_expansion_of_contributors_by_weights() -> None:
    example = PUBLISHED["weights_expansion"]
    frame = pd.DataFrame(example["contrib"], columns=["value", "weight"]).assign(unit=[1, 2])
    book = codebook(weights=("weight",))
    by = policy(weights="expanded", dominance=[[2, 90]])
    table = judge(frame, by, statistic="sum", values="value", weights="weight", rows=[], codebook=book)
    assert table.evidence is not None
    assert table.evidence.amounts is not None
    scale = 10**table.evidence.amounts.decimals
    assert table.evidence.amounts.absolute.tolist() == [example["total"] * scale]
    assert table.evidence.amounts.largest.tolist() == [[one * scale for one in example["top2"]]]


# ------------------------------------------------------------------------------------------------------------- EU-SILC

LAEKEN = PUBLISHED["eusilc_laeken"]
COLUMNS = {name: place for place, name in enumerate(LAEKEN["columns_by_db040"])}
EUSILC = DATA / "eusilc.parquet"


@pytest.fixture(scope="module")
def eusilc() -> pd.DataFrame:
    frame = pd.read_parquet(EUSILC)
    return frame.assign(poor=frame["eqIncome"] < LAEKEN["arpt"])


def test_eusilc_persons_by_region(eusilc: pd.DataFrame) -> None:
    out = sdc.table(EUSILC, rows="db040", unit="rb030")
    regions = {f"db040={name}": figures[COLUMNS["n"]] for name, figures in LAEKEN["by_db040"].items()}
    assert counts(out) == {**regions, "total": LAEKEN["n"]}
    assert status(out) is Status.SAFE


def test_eusilc_households_are_other_units_than_persons() -> None:
    assert counts(sdc.table(EUSILC, rows="db040", unit="db030"))["total"] == 6000


def test_eusilc_weights_add_up_to_the_population() -> None:
    weighted = sdc.table(EUSILC, rows="db040", unit="rb030", weights="rb050")
    assert shown(weighted)["total"] == str(LAEKEN["sum_rb050"])
    summed = sdc.table(EUSILC, rows="db040", values="rb050", statistic="sum", unit="rb030")
    assert round(float(shown(summed)["total"] or "nan")) == LAEKEN["sum_rb050"]


def test_eusilc_at_risk_of_poverty_rate_weighted_by_region(eusilc: pd.DataFrame) -> None:
    out = sdc.table(eusilc, rows="db040", values="poor", statistic="rate", unit="rb030", weights="rb050")
    rates = {cell: round(100 * float(figure or "nan"), 4) for cell, figure in shown(out).items()}
    regions = {f"db040={name}": round(figures[COLUMNS["ARPR"]], 4) for name, figures in LAEKEN["by_db040"].items()}
    assert rates == {**regions, "total": round(LAEKEN["arpr"], 4)}
    assert status(out) is Status.SAFE


def test_eusilc_mean_and_sum_are_those_of_pandas(eusilc: pd.DataFrame) -> None:
    for statistic in ("mean", "sum"):
        out = sdc.table(eusilc, rows="db040", columns="rb090", values="eqIncome", statistic=statistic, unit="rb030")
        plain = eusilc.pivot_table(
            index="db040", columns="rb090", values="eqIncome", aggfunc=statistic, margins=True, observed=True
        )
        assert_same_figures(out, plain)


def test_eusilc_weighted_mean_is_weight_times_value_over_weight(eusilc: pd.DataFrame) -> None:
    out = sdc.table(eusilc, values="eqIncome", statistic="mean", unit="rb030", weights="rb050")
    plain = (eusilc["eqIncome"] * eusilc["rb050"]).sum() / eusilc["rb050"].sum()
    assert float(shown(out)["total"] or "nan") == pytest.approx(plain, abs=1e-6)


def assert_same_figures(out: Output, plain: pd.DataFrame) -> None:
    """Compare every cell of a two-way table, failing ones too, with a pandas pivot table with margins."""
    row, column = out.recipe.dimensions
    expected = {(str(r), str(c)): value for r, of in plain.T.to_dict().items() for c, value in of.items()}
    compared = 0
    for cell, figure in zip(out.evidence.cells(), out.table.figures, strict=True):
        labels = cell.as_dict()
        value = expected[labels.get(row) or "All", labels.get(column) or "All"]
        assert float(figure or "nan") == pytest.approx(value, abs=1e-6, rel=1e-11)
        compared += 1
    assert compared == plain.size


# ------------------------------------------------------------------------------------------------ several rows per unit


@pytest.fixture(scope="module")
def males() -> pd.DataFrame:
    """Return 545 men in eight years each."""
    return public_data("Males").round({"wage": 6})  # values are exact to six decimals


def test_men_in_eight_years_each_count_once(males: pd.DataFrame) -> None:
    out = sdc.table(males, rows="industry", columns="union", unit="nr")
    both: Any = males.groupby(["industry", "union"], as_index=False)["nr"].nunique()
    for industry, union, n in zip(both["industry"], both["union"], both["nr"], strict=True):
        assert counts(out)[f"industry={industry}, union={union}"] == n
    each: Any = males.groupby("industry", as_index=False)["nr"].nunique()
    for industry, n in zip(each["industry"], each["nr"], strict=True):
        assert counts(out)[f"industry={industry}"] == n
    assert counts(out)["total"] == males["nr"].nunique() == 545
    assert out.evidence.n_rows.max() == len(males)


def test_sums_and_means_over_several_rows_per_man_are_those_of_pandas(males: pd.DataFrame) -> None:
    for statistic in ("mean", "sum"):
        out = sdc.table(males, rows="industry", columns="union", values="wage", statistic=statistic, unit="nr")
        plain = males.pivot_table(index="industry", columns="union", values="wage", aggfunc=statistic, margins=True)
        assert_same_figures(out, plain)


def test_what_dominates_is_a_mans_total_over_his_years(males: pd.DataFrame) -> None:
    out = sdc.table(males, rows="industry", values="wage", statistic="sum", unit="nr")
    totals = males.groupby(["industry", "nr"])["wage"].sum().round(6).abs()
    amounts = out.evidence.amounts
    assert amounts is not None
    for place, cell in enumerate(out.evidence.cells()):
        if cell.labels:
            top = totals.loc[str(cell.labels[0][1])].nlargest(2).tolist()
            assert [one / 10**amounts.decimals for one in amounts.largest[place]] == pytest.approx(
                [*top, 0.0][:2], abs=1e-4
            )


def test_a_unit_over_several_columns_of_the_health_insurance_experiment() -> None:
    import statsmodels.api as sm

    frame = sm.datasets.randhie.load_pandas().data
    key = ["lpi", "fmde", "disea", "physlm"]  # what stays the same over a family's years, as whole numbers
    frame[key] = (frame[key] * 1000).round().astype("int64")
    out = sdc.table(frame, rows="hlthp", columns="idp", values="mdvis", statistic="mean", unit=key)
    plain = frame.pivot_table(index="hlthp", columns="idp", values="mdvis", aggfunc="mean", margins=True)
    distinct = frame.drop_duplicates(key)
    assert counts(out)["total"] == len(distinct) < len(frame)
    named = plain.rename(index=lambda one: one if one == "All" else str(one), columns=str)
    assert_same_figures(out, named)
