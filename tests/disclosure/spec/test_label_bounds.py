"""Labels that were made of values: exact bounds of intervals and exact decimals name no groups that are published."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import Column
from disclosure.model.label_bounds import has_exact_bounds
from disclosure.model.verdicts import Inconclusive, Status
from tests.disclosure.support import UNIT, codebook, status

POLICIES = ("cbs", "sacro", "abs", "essnet", "insee_households")


@pytest.mark.parametrize(
    "label",
    ["(29746.75, 103779.0]", "[1001, 2000)", "(17.914, 39.5]", "(-1234, 0]", "29746 - 103779", "29746 to 103779",
     "29746 tot 30000", "1234.5", "person 7 earns 1234.56", "12345..20000", "( 1234 ; 5000 )", "(2015, 2211]"],
)  # fmt: skip
def test_exact_bounds_are_seen(label: str) -> None:
    assert has_exact_bounds(label)


@pytest.mark.parametrize(
    "label",
    ["(20000, 40000]", "[12500, 15000)", "(100, 999]", "(0.999, 25.0]", "[2015, 2020)", "(2015.0, 2020.0]", "2512",
     "05180101", "05180101 + 05180102", "0518-0101", "1995 to 2004", "20 to 29", "1,250", "12,500 - 13,000", "1.37",
     "2024-01-02", "130%", "(130, 150]", "Centrum, 12345", "Other", ""],
)  # fmt: skip
def test_codes_years_and_round_bounds_are_none(label: str) -> None:
    assert not has_exact_bounds(label)


def incomes() -> pd.DataFrame:
    place = np.arange(600)
    return pd.DataFrame({UNIT: place, "inc": 10_000 + place * 7919 % 93_779, "wijk": np.where(place % 2, "28", "29")})


@pytest.mark.parametrize("name", POLICIES)
def test_quarters_named_after_the_largest_value_are_not_judged(name: str) -> None:
    frame = incomes()
    quarters = frame.assign(quarter=pd.qcut(frame.inc, 4))
    out = sdc.table(quarters, rows="quarter", unit=UNIT, policy=name)
    assert isinstance(out.verdict, Inconclusive)
    assert "round bounds in the labels of 'quarter'" in str(out.verdict.missing[0])
    assert str(int(frame.inc.max())) not in str(out.verdict.missing[0])
    assert out.to_pandas().empty


def test_quarters_by_number_and_bands_at_round_numbers_are() -> None:
    frame = incomes()
    numbered = frame.assign(quarter=pd.qcut(frame.inc, 4, labels=False))
    assert status(sdc.table(numbered, rows="quarter", unit=UNIT)) is Status.SAFE
    round_bands = frame.assign(band=pd.cut(frame.inc, [0, 30_000, 60_000, 200_000]))
    assert status(sdc.table(round_bands, rows="wijk", columns="band", unit=UNIT)) is Status.SAFE


def test_what_the_codebook_lists_is_the_offices_own() -> None:
    frame = incomes().assign(area="12.345 km2")
    assert status(sdc.table(frame, rows="area", unit=UNIT)) is Status.INCONCLUSIVE
    listed = replace(Column("area", sensitive=False), categories=MappingProxyType({"12.345 km2": {}}))
    assert status(sdc.table(frame, codebook=codebook(listed), rows="area", unit=UNIT)) is Status.SAFE


def test_a_label_that_hardly_anybody_bears_is_left_to_its_neutral_name() -> None:
    frame = incomes().assign(note="none")
    frame.loc[:2, "note"] = "earns 1234.56"
    assert status(sdc.table(frame, rows="note", unit=UNIT)) is Status.UNSAFE
