"""Categories that look alike are not judged: a page would hide that a group was split."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import Column
from disclosure.model.look_alikes import skeletons
from disclosure.model.verdicts import Inconclusive, Status
from tests.disclosure.support import UNIT, codebook, status


def alike(one: str, other: str) -> bool:
    return any(a == b for a, b in zip(skeletons(one), skeletons(other), strict=True))


ALIKE = {
    "blank behind": "Centrum ",
    "blank before": " Centrum",
    "no-break space": "Centrum\u00a0",
    "case": "CENTRUM",
    "Cyrillic": "C\u0435ntrum",
    "Greek": "Centr\u03c5m",
    "zero width space": "Cen\u200btrum",
    "zero width joiner": "Centrum\u200d",
    "soft hyphen": "Cen\u00adtrum",
    "direction": "\u202aCentrum\u202c",
    "variation selector": "Centrum\ufe0f",
    "tag": "Centrum\U000e0041",
    "control": "Centrum\x07",
    "full width": "\uff23entrum",
    "mathematical": "\U0001d402entrum",
    "Hangul filler": "Centrum\u3164",
    "Braille blank": "Centrum\u2800",
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_the_eye_does_not_see_makes_no_other_label(name: str) -> None:
    assert alike("Centrum", ALIKE[name])
    assert alike(ALIKE[name], "Centrum")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wijk  1", "wijk 1"), ("A1", "Al"), ("A1", "AI"), ("O2", "02"), ("a|b", "a1b"), ("5-10", "5\u201310"),
        ("caf\u00e9", "cafe\u0301"), ("\ue000", "\ue001"), ("'s-Gravenhage", "\u2019s-Gravenhage"), ("", " "),
    ],
)  # fmt: skip
def test_signs_that_are_drawn_alike_are_one(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("28", "29"), ("a", "b"), ("wijk 1", "wijk 11"), ("Tiel", "Till"), ("0518", "518"), ("5-10", "5 10"),
        ("cafe", "caf\u00e9"), ("New York", "NewYork"), ("m", "v"), ("oost", "00st"), ("<5", ">5"), ("1,5", "1.5"),
    ],
)  # fmt: skip
def test_labels_that_can_be_told_apart_are_two(one: str, other: str) -> None:
    assert not alike(one, other)


def split(first: str, second: str, *, n: int = 60) -> pd.DataFrame:
    """Return rows of three groups, of which two are named as asked."""
    names = [first, second, "other"]
    return pd.DataFrame({UNIT: range(3 * n), "wijk": names * n, "sex": ["f", "m", "f", "m", "m", "f"] * (n // 2)})


@pytest.mark.parametrize("name", ALIKE)
def test_a_table_of_look_alikes_is_inconclusive_and_says_of_which_dimension(name: str) -> None:
    both: tuple[dict[str, Any], ...] = ({"rows": "wijk"}, {"rows": "sex", "columns": "wijk"})
    for asked in both:
        out = sdc.table(split("Centrum", ALIKE[name]), **asked, unit=UNIT, policy="cbs")
        assert isinstance(out.verdict, Inconclusive)
        assert "labels of 'wijk' that the eye can tell apart" in str(out.verdict.missing[0])
        assert ALIKE[name] not in str(out.verdict.missing[0])
        assert out.to_pandas().empty


def test_written_in_one_way_they_are_judged() -> None:
    frame = split("Centrum", "centrum ")
    assert status(sdc.table(frame, rows="wijk", unit=UNIT)) is Status.INCONCLUSIVE
    tidy = frame.assign(wijk=frame["wijk"].str.strip().str.capitalize())
    assert status(sdc.table(tidy, rows="wijk", unit=UNIT)) is Status.SAFE


def test_figures_of_a_value_and_comparisons_are_asked_too() -> None:
    frame = split("Centrum", "centrum").assign(value=lambda one: 100 + one[UNIT] * 7 % 53)
    for statistic in ("sum", "median", "gini"):
        out = sdc.table(frame, rows="wijk", values="value", statistic=statistic, unit=UNIT)
        assert status(out) is Status.INCONCLUSIVE
    assert (
        status(sdc.t_test(frame[frame.wijk != "other"], value="value", group="wijk", unit=UNIT)) is Status.INCONCLUSIVE
    )


def test_of_labels_that_the_codebook_lists_both_may_stand() -> None:
    frame = split("A", "a")

    def listed(*codes: str) -> Status:
        own = replace(Column("wijk", sensitive=False), categories=MappingProxyType({code: {} for code in codes}))
        return status(sdc.table(frame, codebook=codebook(own), rows="wijk", unit=UNIT))

    assert listed("A", "a", "other") is Status.SAFE
    assert listed("A", "other") is Status.INCONCLUSIVE


def test_three_of_which_two_are_listed_are_not_judged() -> None:
    frame = split("A", "a").assign(wijk=lambda one: one["wijk"].replace("other", "a "))
    own = replace(Column("wijk", sensitive=False), categories=MappingProxyType({"A": {}, "a": {}}))
    assert status(sdc.table(frame, codebook=codebook(own), rows="wijk", unit=UNIT)) is Status.INCONCLUSIVE


def test_a_label_that_hardly_anybody_bears_is_published_without_it() -> None:
    frame = split("Centrum", "Zuid")
    frame.loc[:2, "wijk"] = "centrum"
    out = sdc.table(frame, rows="wijk", unit=UNIT)
    assert status(out) is Status.UNSAFE
