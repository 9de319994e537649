"""Behind a rate stand two counts: they are put beside other outputs as tables of counts are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import codebook_from
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from tests.disclosure.beside import TOLD, goes_beside
from tests.disclosure.support import UNIT

CODEBOOK = codebook_from(
    {"schema": 1, "name": "PERSONS", "unit": [UNIT], "weights": ["weight"], "columns": {"income": {"type": "number"}}}
)
LINE = 16_000
RATE: dict[str, Any] = {"values": "poor", "statistic": "rate"}
POVERTY: dict[str, Any] = {"values": "income", "statistic": "poverty_rate", "options": {"line": LINE}}
COUNT: dict[str, Any] = {"columns": "poor"}
PERCENT: dict[str, Any] = {"columns": "poor", "statistic": "row_percent"}


def people() -> pd.DataFrame:
    chance = np.random.default_rng(8)
    frame = pd.DataFrame({UNIT: range(1200), "wijk": np.array(["28", "29", "30"])[np.arange(1200) % 3]})
    frame["income"] = np.round(chance.lognormal(10.1, 0.4, 1200))
    frame["poor"] = (frame.income < LINE).astype(int)
    return frame


def moved(poor: int, others: int) -> pd.DataFrame:
    """Return the persons with so many of wijk 28 put to 29."""
    frame = people()
    here = frame[frame.wijk == "28"]
    gone = [*here.index[here.poor == 1][:poor], *here.index[here.poor == 0][:others]]
    return frame.assign(wijk=frame.wijk.where(~frame.index.isin(gone), "29"))


def out_of(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **{"rows": "wijk", "unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a rate beside counts": (RATE, COUNT),
    "a rate beside percentages": (RATE, PERCENT),
    "a poverty rate beside counts": (POVERTY, COUNT),
    "a poverty rate beside another": (POVERTY, POVERTY),
    "a poverty rate beside a rate": (POVERTY, RATE),
}


@pytest.mark.parametrize(("first", "then"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("poor", "others", "goes"), [(0, 0, True), (1, 9, False), (9, 30, False), (15, 9, False), (20, 30, True)]
)
def test_of_those_who_are_and_those_who_are_not_the_minimum_is_moved(
    first: dict[str, Any], then: dict[str, Any], poor: int, others: int, *, goes: bool
) -> None:
    one, other = out_of(people(), **first), out_of(moved(poor, others), **then)
    assert goes_beside(one, other) is goes
    assert goes_beside(other, one) is goes


@pytest.mark.parametrize("asked", [RATE, POVERTY], ids=["rate", "poverty rate"])
@pytest.mark.parametrize(("poor", "goes"), [(0, True), (1, False), (9, False), (20, True)])
def test_a_table_of_those_who_are_poor_alone_is_compared(asked: dict[str, Any], poor: int, *, goes: bool) -> None:
    frame = moved(poor, 0)
    assert goes_beside(out_of(people(), **asked), out_of(frame[frame.poor == 1])) is goes


@pytest.mark.parametrize("changed", [0, 1, 9, 20])
def test_a_rate_of_nearly_the_same_column_is_compared_with_counts_by_it(changed: int) -> None:
    frame = people()
    some = frame.index[(frame.wijk == "28") & (frame.poor == 0)][:changed]
    other = frame.assign(poor=frame.poor.where(~frame.index.isin(some), 1))
    assert goes_beside(out_of(frame, **RATE), out_of(other, **COUNT)) is (changed in (0, 20))


SUM: dict[str, Any] = {"values": "poor", "statistic": "sum"}
MEAN: dict[str, Any] = {"values": "poor", "statistic": "mean"}


@pytest.mark.parametrize("asked", [SUM, MEAN], ids=["sum", "mean"])
@pytest.mark.parametrize(("changed", "goes"), [(0, True), (1, False), (9, False), (20, True)])
def test_sums_and_means_of_zeros_and_ones_are_counts_too(asked: dict[str, Any], changed: int, *, goes: bool) -> None:
    frame = people()
    some = frame.index[(frame.wijk == "28") & (frame.poor == 0)][:changed]
    other = frame.assign(poor=frame.poor.where(~frame.index.isin(some), 1))
    assert goes_beside(out_of(frame, **POVERTY), out_of(other, **asked)) is goes


@pytest.mark.parametrize(("changed", "goes"), [(0, True), (1, False), (9, False), (40, True)])
@pytest.mark.parametrize("formula", ["poor ~ C(wijk)", "income ~ poor"])
def test_who_is_below_the_line_is_put_beside_the_columns_of_a_model(formula: str, changed: int, *, goes: bool) -> None:
    frame = people()
    some = frame.index[(frame.wijk == "28") & (frame.poor == 0)][:changed]
    other = frame.assign(poor=frame.poor.where(~frame.index.isin(some), 1))
    model = sdc.model(formula, other, unit=UNIT, policy="cbs")
    assert model.verdict.status is Status.SAFE
    assert goes_beside(out_of(frame, **POVERTY), model) is goes
    assert goes_beside(model, out_of(frame, **POVERTY)) is goes


def test_rates_go_beside_ordinary_tables_of_the_same_people() -> None:
    frame = people().assign(sex=np.where(np.arange(1200) % 2, "f", "m"), half=np.arange(1200) % 8 < 4)
    basket = Basket()
    asked: list[dict[str, Any]] = [
        RATE, POVERTY, COUNT, {}, {"rows": "sex"}, {"rows": "sex", **RATE}, {"rows": ("sex", "half"), **COUNT},
        {"columns": "sex"}, {"rows": "half", **POVERTY}, {"values": "income", "statistic": "mean"},
    ]  # fmt: skip
    for place, one in enumerate(asked):
        basket.add(out_of(frame, **one), name=f"o{place}", **TOLD)
    assert len(basket) == len(asked)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("share", [None, 0.8])
def test_who_is_poor_is_whom_the_figure_counts(share: float | None, *, weighted: bool) -> None:
    frame = people().assign(weight=1.0 + np.arange(1200) % 4)
    told: dict[str, Any] = {"options": {} if share is None else {"share_of_median": share}}
    if weighted:
        told["weights"] = "weight"
    asked = {**POVERTY, "rows": "wijk", "unit": UNIT, "policy": "cbs", **told}
    out = sdc.table(frame, codebook=CODEBOOK, **asked)
    assert isinstance(out, Output)
    rows = placed_at_hand(out)
    assert rows is not None
    assert rows.binary
    evidence = out.table.evidence
    assert evidence is not None
    counted = evidence.part("poverty").columns["poor"]
    cells, codes = rows.cells((0,))
    found = np.bincount(cells[rows.ones], minlength=len(codes))
    by_label = {rows.labels[0][code]: int(n) for code, n in zip(codes[:, 0], found, strict=True)}
    places = [place for place in range(len(evidence)) if evidence.codes[place, 0] >= 0]
    assert by_label == {evidence.categories[0][evidence.codes[one, 0]]: int(counted[one]) for one in places}
