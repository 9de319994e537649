"""Several units at once: persons and households both reach the minimum, and holdings contribute what theirs do."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import CodebookError
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, rules, status

HOUSEHOLD = ("household",)


def homes(households: dict[str, list[int]]) -> pd.DataFrame:
    """Return persons in households of these sizes, per group."""
    rows = [
        (f"{group}{home}-{person}", f"{group}{home}", group)
        for group, sizes in households.items()
        for home, size in enumerate(sizes)
        for person in range(size)
    ]
    return pd.DataFrame(rows, columns=[UNIT, "household", "group"])


def evidence_of(table: JudgedTable) -> Evidence:
    assert table.evidence is not None
    return table.evidence


def with_households(**changes: Any) -> Codebook:
    """Return a codebook that knows households."""
    return replace(codebook(), other_units=MappingProxyType({"household": HOUSEHOLD}), **changes)


# -------------------------------------------------------------------------------------------------- further units
def test_households_reach_the_minimum_too() -> None:
    frame = homes({"nine": [2] * 9, "ten": [2] * 10})
    out = judge(frame, policy(minimum_units=10), other_units=(HOUSEHOLD,))
    assert failures(out, RuleName.OTHER_UNITS) == {"group=nine"}
    assert failures(out, RuleName.MINIMUM_COUNT) == set()
    assert status(judge(frame, policy(minimum_units=10))) is Status.SAFE


def test_persons_still_reach_it() -> None:
    frame = homes({"nine": [1] * 9, "ten": [1] * 10})
    out = judge(frame, policy(minimum_units=10), other_units=(HOUSEHOLD,))
    assert failures(out, RuleName.MINIMUM_COUNT) == {"group=nine"}


def test_a_household_counts_once_in_a_margin_over_its_cells() -> None:
    frame = pd.DataFrame({UNIT: [1, 2, 3], "household": ["h", "h", "i"], "group": ["a", "b", "b"]})
    (other,) = evidence_of(judge(frame, policy(), other_units=(HOUSEHOLD,))).other_units
    assert other.key == HOUSEHOLD
    assert other.n_units.tolist() == [1, 2, 2]


def test_households_behind_a_numerator_and_a_complement_reach_it_too() -> None:
    frame = homes({"a": [2] * 40})
    poor = frame.household.isin([f"a{home}" for home in range(9)])
    rate: dict[str, Any] = {"statistic": "rate", "values": "poor", "other_units": (HOUSEHOLD,)}
    by = policy(minimum_units=10)
    assert failures(judge(frame.assign(poor=poor), by, **rate), RuleName.OTHER_UNITS) == {"group=a", "total"}
    assert failures(judge(frame.assign(poor=~poor), by, **rate), RuleName.OTHER_UNITS) == {"group=a", "total"}
    enough = frame.household.isin([f"a{home}" for home in range(10)])
    assert status(judge(frame.assign(poor=enough), by, **rate)) is Status.SAFE


def test_of_a_sum_only_those_with_a_value_count() -> None:
    frame = homes({"a": [1] * 12}).assign(value=[*[5.0] * 9, *[float("nan")] * 3])
    out = judge(frame, policy(minimum_units=10), statistic="sum", values="value", other_units=(HOUSEHOLD,))
    assert evidence_of(out).other_units[0].n_units.tolist() == [9, 9]


def test_a_row_without_its_household_makes_it_inconclusive() -> None:
    frame = homes({"a": [2] * 12})
    frame.loc[3, "household"] = None
    verdict = judge(frame, policy(), other_units=(HOUSEHOLD,)).verdict
    assert isinstance(verdict, Inconclusive)
    assert "household" in str(verdict.missing[0])


def test_where_the_codebook_says_so_the_households_must_be_named() -> None:
    frame = homes({"a": [2] * 12})
    book = with_households(reach_minimum=("household",))
    verdict = judge(frame, policy(), codebook=book).verdict
    assert isinstance(verdict, Inconclusive)
    assert "household" in str(verdict.missing[0])
    assert "other_units" in str(verdict.missing[0])
    assert status(judge(frame, policy(), codebook=book, other_units=(HOUSEHOLD,))) is Status.SAFE


def test_a_count_of_the_households_themselves_asks_for_nothing_more() -> None:
    # Only where the codebook says that each person is in one of them: otherwise one person could be all of them.
    frame, book = homes({"a": [2] * 12}), with_households(reach_minimum=("household",), wholes=("household",))
    assert status(judge(frame, policy(), codebook=book, unit=HOUSEHOLD)) is Status.SAFE
    unsaid = replace(book, wholes=())
    assert status(judge(frame, policy(), codebook=unsaid, unit=HOUSEHOLD)) is Status.INCONCLUSIVE
    assert status(judge(frame, policy(), codebook=unsaid, unit=HOUSEHOLD, other_units=((UNIT,),))) is Status.SAFE


def test_what_the_codebook_does_not_know_as_a_key_counts_no_units() -> None:
    frame = homes({"a": [2] * 12}).assign(invented=range(24))
    verdict = judge(frame, policy(), codebook=with_households(), other_units=(("invented",),)).verdict
    assert isinstance(verdict, Inconclusive)
    assert "invented" in str(verdict.missing[0])


def test_empty_cells_have_no_further_units() -> None:
    frame = pd.DataFrame({UNIT: range(40), "household": range(40), "group": "a", "other": ["x"] * 39 + ["y"]})
    frame.loc[:19, "group"] = "b"
    out = judge(frame, policy(zero_cells="disclosive"), columns=["other"], other_units=(HOUSEHOLD,))
    evidence = evidence_of(out)
    assert (evidence.other_units[0].n_units == evidence.n_units).all()
    assert (evidence.n_units == 0).any()


def test_further_units_survive_the_document() -> None:
    frame = homes({"a": [2] * 12}).assign(value=[0, 1] * 12)
    evidence = evidence_of(judge(frame, policy(), statistic="rate", values="value", other_units=(HOUSEHOLD,)))
    (one,), (other,) = evidence.other_units, evidence_from_bytes(evidence_to_bytes(evidence)).other_units
    assert one.key == other.key
    for name in ("n_units", "numerator", "complement"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


# ------------------------------------------------------------------------------------------------------- holdings
def wages(*firms: tuple[str, list[float]]) -> pd.DataFrame:
    rows = [(f"{firm}{place}", firm, "a", value) for firm, values in firms for place, value in enumerate(values)]
    return pd.DataFrame(rows, columns=[UNIT, "firm", "group", "value"])


@pytest.mark.parametrize(("largest", "fails"), [([10.0] * 5, False), ([10.0] * 4 + [10.01], True)])
def test_a_holding_contributes_what_its_units_do(largest: list[float], fails: bool) -> None:
    frame = wages(("big", largest), *((f"f{place}", [10.0]) for place in range(5)))
    out = judge(frame, policy(dominance=[[1, 50]]), statistic="sum", values="value", holding=("firm",))
    assert (failures(out, RuleName.DOMINANCE) == {"group=a", "total"}) is fails
    alone = judge(frame, policy(dominance=[[1, 50]]), statistic="sum", values="value")
    assert failures(alone, RuleName.DOMINANCE) == set()


def test_units_and_not_holdings_are_counted() -> None:
    frame = wages(("one", [1.0] * 6), ("other", [1.0] * 6))
    evidence = evidence_of(judge(frame, policy(), statistic="sum", values="value", holding=("firm",)))
    assert evidence.n_units.tolist() == [12, 12]
    assert evidence.amounts is not None
    assert evidence.amounts.n_nonzero.tolist() == [12, 12]
    assert [int(one) for one in evidence.amounts.largest[0]] == [6 * 10**6, 6 * 10**6]


def test_values_of_opposite_sign_cancel_within_a_holding_and_nowhere_else() -> None:
    frame = wages(("one", [5.0, -5.0]), ("other", [3.0, 1.0]))
    evidence = evidence_of(judge(frame, policy(), statistic="sum", values="value", holding=("firm",)))
    assert evidence.amounts is not None
    # Two units of 5 that cancel still know their own 5, which is more than the 4 that is left.
    assert [int(one) for one in evidence.amounts.largest[0]] == [5 * 10**6, 5 * 10**6]
    assert int(evidence.amounts.absolute[0]) == 5 * 10**6
    assert evidence.amounts.negative


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
def test_a_holding_finer_than_the_unit_makes_no_contributor_smaller(statistic: str) -> None:
    rows = [("X", f"job{place}", "a", 100.0) for place in range(40)]
    rows += [(f"p{place}", f"q{place}", "a", 5.0 + place % 3) for place in range(20)]
    frame = pd.DataFrame(rows, columns=[UNIT, "job", "group", "value"])
    by = policy(dominance=[[1, 50]])
    assert "group=a" in failures(judge(frame, by, statistic=statistic, values="value", holding=("job",)))


@pytest.mark.parametrize(("jobs", "expected"), [(1, Status.SAFE), (2, Status.INCONCLUSIVE)])
def test_what_needs_whole_units_in_a_holding_says_so(jobs: int, expected: Status) -> None:
    rows = [(place, f"job{place}-{job}", "a", 5.0 + place) for place in range(40) for job in range(jobs)]
    frame = pd.DataFrame(rows, columns=[UNIT, "job", "group", "value"])
    out = judge(frame, policy(minimum_units=10), statistic="median", values="value", holding=("job",))
    assert status(out) is expected


def test_where_the_codebook_names_a_holding_it_must_be_given() -> None:
    frame = wages(*((f"f{place}", [10.0]) for place in range(12)))
    book = replace(codebook(), other_units=MappingProxyType({"firm": ("firm",)}), holding="firm")
    verdict = judge(frame, policy(), statistic="sum", values="value", codebook=book).verdict
    assert isinstance(verdict, Inconclusive)
    assert "firm" in str(verdict.missing[0])
    out = judge(frame, policy(constant="off"), statistic="sum", values="value", codebook=book, holding=("firm",))
    assert status(out) is Status.SAFE
    assert status(judge(frame, policy(), codebook=book)) is Status.SAFE  # a count has no contributors


def test_holdings_under_expanded_weights_are_inconclusive() -> None:
    frame = wages(*((f"f{place}", [10.0]) for place in range(12))).assign(w=2)
    book = replace(codebook(weights=("w",)), other_units=MappingProxyType({"firm": ("firm",)}))
    out = judge(
        frame, policy(weights="expanded"), statistic="sum", values="value", weights="w", codebook=book,
        holding=("firm",),
    )  # fmt: skip
    assert status(out) is Status.INCONCLUSIVE


# ------------------------------------------------------------------------------------------------------- codebooks
@pytest.mark.parametrize(
    "entries",
    [
        {"reach_minimum": ["household"]},
        {"reach_minimum": "household", "units": {"household": ["h"]}},
        {"holding": "firm"},
        {"holding": ["household"], "units": {"household": ["h"]}},
        {"holding": 1},
        {"wholes": ["household"]},
        {"wholes": "household", "units": {"household": ["h"]}},
    ],
)
def test_a_codebook_names_only_units_that_it_has(entries: dict[str, Any]) -> None:
    with pytest.raises(CodebookError):
        codebook_from({"schema": 1, "name": "x", "unit": ["p"], **entries})


def test_a_codebook_names_them() -> None:
    read = codebook_from(
        {
            "schema": 1, "name": "x", "unit": ["p"], "units": {"household": ["h"], "firm": ["f"]},
            "reach_minimum": ["household"], "holding": "firm", "wholes": ["household"],
        }
    )  # fmt: skip
    assert (read.reach_minimum, read.holding, read.wholes) == (("household",), "firm", ("household",))


# --------------------------------------------------------------------------------------------- what a researcher types
def test_what_the_codebook_asks_for_is_counted_without_being_named() -> None:
    frame = homes({"nine": [2] * 9, "ten": [2] * 10})
    book = with_households(reach_minimum=("household",))
    out = sdc.table(frame, rows="group", codebook=book)
    assert out.recipe.other_units == (HOUSEHOLD,)
    assert "group=nine" in failures(out, RuleName.OTHER_UNITS)
    several = sdc.table(frame.assign(v=range(38)), rows="group", values="v", statistic=["sum", "mean"], codebook=book)
    assert isinstance(several, sdc.Outputs)
    assert all(one.recipe.other_units == (HOUSEHOLD,) for one in several)
    assert status(sdc.table(frame.drop(columns="household"), rows="group", codebook=book)) is Status.INCONCLUSIVE
    whole = replace(book, wholes=("household",))
    assert sdc.table(frame, rows="group", unit="household", codebook=whole).recipe.other_units == ()
    assert sdc.table(frame, rows="group", unit="household", codebook=book).recipe.other_units == ((UNIT,),)


def test_the_holding_of_the_codebook_is_taken_for_values_only() -> None:
    frame = wages(("big", [50.0] * 6), *((f"f{place}", [10.0 + place]) for place in range(12)))
    book = replace(codebook(), other_units=MappingProxyType({"firm": ("firm",)}), holding="firm")
    out = sdc.table(frame, rows="group", values="value", statistic="sum", codebook=book)
    assert out.recipe.holding == ("firm",)
    assert RuleName.DOMINANCE in rules(out)
    assert sdc.table(frame, rows="group", codebook=book).recipe.holding == ()


def test_a_comparison_is_judged_on_further_units_and_a_curve_is_not_judged() -> None:
    frame = homes({"a": [2] * 30, "b": [2] * 9}).assign(v=lambda one: [place % 7 for place in range(len(one))])
    asked: dict[str, Any] = {"value": "v", "group": "group", "unit": UNIT}
    assert status(sdc.t_test(frame, **asked)) is Status.SAFE
    book = with_households(reach_minimum=("household",))
    assert rules(sdc.t_test(frame, **asked, codebook=book)) == {RuleName.UNDERLYING_TABLE}
    curve = sdc.survival(frame.assign(e=1), duration="v", event="e", unit=UNIT, codebook=book)
    assert isinstance(curve.verdict, Inconclusive)
    assert "survival" in str(curve.verdict.missing[0])


@pytest.mark.parametrize(("formula", "safe"), [("v ~ x", True), ("v ~ x + C(group)", False)])
def test_a_model_is_judged_on_further_units_and_not_on_holdings(formula: str, safe: bool) -> None:
    frame = homes({"a": [2] * 30, "b": [2] * 9})
    frame = frame.assign(v=[place % 7 for place in range(len(frame))], x=[place % 11 for place in range(len(frame))])
    out = sdc.model(formula, frame, unit=UNIT, codebook=with_households(reach_minimum=("household",)))
    assert status(out) is (Status.SAFE if safe else Status.UNSAFE)
    held = sdc.model(formula, frame, unit=UNIT, codebook=with_households(holding="household"))
    assert isinstance(held.verdict, Inconclusive)
    assert "make the holding itself the unit" in str(held.verdict.missing[0])
    own = sdc.model(
        "v ~ x", frame, unit="household", codebook=with_households(holding="household", wholes=("household",))
    )
    assert status(own) is Status.SAFE
