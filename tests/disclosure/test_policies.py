"""Policies: pinned, frozen, and never more lenient for a key that they leave out."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import disclosure as sdc
from disclosure.errors import PolicyError
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.policy import BUILT_IN, OFF, WeightTreatment, load_policy, policy_from_bytes, read_policy
from tests.disclosure.support import ABSENT, QUIET, UNIT, heads, judge, policy, policy_toml, status, units

MIXED = units({"a": [1, 2, 3] * 20, "b": [1, 2, 3] * 20})
TWO_VALUED = units({"a": [0, 1] * 20, "b": [0, 1] * 20})


def test_cbs_has_the_parameters_of_the_rule_book() -> None:
    by = load_policy("cbs")
    assert (by.minimum_units, by.dominance, by.p_percent) == (10, ((1, Fraction(50)),), OFF)
    assert (by.group_disclosure, by.constant, by.zero_cells, by.minimum_df) == (Fraction(90), True, False, 10)
    assert by.weights is WeightTreatment.UNWEIGHTED_CONTRIBUTORS
    assert {"RINPERSOON", "RINADRES", "BEID", "BRIN"} <= set(by.identifiers or ())


def test_sacro_has_the_parameters_of_the_rule_book() -> None:
    by = load_policy("sacro")
    assert (by.minimum_units, by.dominance, by.p_percent) == (10, ((2, Fraction(90)),), Fraction(10))
    assert (by.group_disclosure, by.constant, by.zero_cells, by.minimum_df) == (OFF, True, True, 10)
    assert by.weights == OFF


def test_abs_has_the_parameters_of_the_rule_book() -> None:
    by = load_policy("abs")
    assert (by.minimum_units, by.dominance) == (10, ((1, Fraction(50)), (2, Fraction(67))))
    assert (by.p_percent, by.group_disclosure, by.constant, by.zero_cells, by.minimum_df) == (OFF, OFF, True, False, 10)
    assert by.weights is WeightTreatment.UNWEIGHTED_CONTRIBUTORS


@pytest.mark.parametrize(
    ("name", "pinned"),
    [
        ("cbs", "sha256:07a9688a0ac61dbf62f7f48846bd277d2ca7ee4b3c4f18c60bf44c4fad32f6f9"),
        ("sacro", "sha256:6de62a8dc47f64920440abe62b3a012992bf6c79bbc29d97a834f54baf852fc5"),
        ("abs", "sha256:cc67c9d929d42b1bc7b71254302649991699b94f3e6435767d63287a704fb308"),
    ],
)
def test_a_built_in_policy_never_changes_under_its_version(name: str, pinned: str) -> None:
    by = load_policy(name)
    assert (by.name, by.version, by.digest) == (name, "1", pinned)


def test_every_built_in_policy_sets_every_key_with_its_source() -> None:
    for name in BUILT_IN:
        by = load_policy(name)
        assert by.lacks(tuple(QUIET)) == ()
        assert set(by.sources) == set(QUIET)
        assert all(by.sources.values())


def test_the_default_is_cbs() -> None:
    assert sdc.table(heads({"a": 40, "b": 40}), rows="group", unit=UNIT).recipe.policy == load_policy("cbs").reference


def test_a_policy_is_frozen() -> None:
    by = load_policy("cbs")
    with pytest.raises(dataclasses.FrozenInstanceError):
        by.minimum_units = 1  # type: ignore[misc]


def test_the_digest_is_of_what_the_policy_says_and_not_of_how_it_is_written() -> None:
    plain = policy(minimum_units=10)
    spaced = policy_from_bytes(b"# a remark\n" + policy_toml(minimum_units=10).replace(" = ", "  =  ").encode(), "x")
    assert spaced.digest == plain.digest
    assert policy(minimum_units=11).digest != plain.digest
    assert policy(minimum_units=ABSENT).digest != plain.digest
    assert policy(p_percent=10).digest != policy(p_percent=10.5).digest
    renamed = policy_toml(minimum_units=10).replace('version = "1"', 'version = "2"')
    assert policy_from_bytes(renamed.encode(), "x").digest != plain.digest


@pytest.mark.parametrize("key", ["minimum_unit", "maximum_share", "threshold", "", "Minimum_units"])
def test_an_unknown_key_is_refused_and_named(key: str) -> None:
    document = policy_toml() + f'\n"{key}" = {{value = 1, source = "x"}}'
    with pytest.raises(PolicyError, match=f"unknown key '{key}'"):
        policy_from_bytes(document.encode(), "test")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("minimum_units", 1), ("minimum_units", 0), ("minimum_units", -10), ("minimum_units", 10.0),
        ("minimum_units", "10"), ("minimum_units", True), ("minimum_units", "off"), ("minimum_units", 10_001),
        ("dominance", []), ("dominance", [[1]]), ("dominance", [[0, 50]]), ("dominance", [[1, 0]]),
        ("dominance", [[1, 101]]), ("dominance", [["1", 50]]), ("dominance", [1, 50]), ("dominance", 50),
        ("dominance", "on"), ("dominance", [[1, 50, 2]]), ("dominance", [[True, 50]]), ("dominance", [[11, 50]]),
        ("p_percent", 0), ("p_percent", -1), ("p_percent", "10"), ("p_percent", True), ("p_percent", 101),
        ("p_percent", "Off"),
        ("group_disclosure", 0), ("group_disclosure", 100.5), ("group_disclosure", "90%"), ("group_disclosure", False),
        ("constant", True), ("constant", "disclosive"), ("constant", 1), ("constant", "ON"),
        ("zero_cells", "on"), ("zero_cells", True), ("zero_cells", "safe"),
        ("minimum_df", 0), ("minimum_df", "off"),
        ("weights", "weighted"), ("weights", 1), ("weights", []),
        ("identifiers", "RINPERSOON"), ("identifiers", [1]), ("identifiers", [""]), ("identifiers", "off"),
        ("significant_digits", 0), ("significant_digits", 16), ("significant_digits", "12"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_or_out_of_range_is_refused_and_its_key_named(key: str, value: Any) -> None:
    with pytest.raises(PolicyError, match=key):
        policy(**{key: value})


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_percentage_is_a_number(value: str) -> None:
    document = policy_toml(p_percent=10).replace("p_percent = {value = 10,", f"p_percent = {{value = {value},")
    with pytest.raises(PolicyError, match="p_percent"):
        policy_from_bytes(document.encode(), "test")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("schema = 1", "schema = 2"),
        lambda text: text.replace("schema = 1\n", ""),
        lambda text: text.replace('name = "test"', 'name = ""'),
        lambda text: text.replace('version = "1"', "version = 1"),
        lambda text: "bypass = true\n" + text,
        lambda text: text.replace('minimum_units = {value = 2, source = "the test"}', "minimum_units = 2"),
        lambda text: text.replace('minimum_units = {value = 2, source = "the test"}', "minimum_units = {value = 2}"),
        lambda text: text.replace('{value = 2, source = "the test"}', '{value = 2, source = "x", unless = "y"}', 1),
        lambda text: text.replace('{value = 2, source = "the test"}', "{value = 2, source = 3}", 1),
        lambda text: text[: text.index("[parameters]")] + "parameters = 3",
        lambda text: text + "\n[parameters]",
        lambda text: text + "\nminimum_units = {value = 2, source = 'twice'}",
        lambda text: text[:-5],
        lambda text: text + "\x00",
    ],
)
def test_a_policy_that_is_not_written_as_policies_are_is_refused(change: Any) -> None:
    document = change(policy_toml())
    assert document != policy_toml()
    with pytest.raises(PolicyError):
        policy_from_bytes(document.encode(), "test")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PolicyError, match="is not TOML"):
        policy_from_bytes(b"\xff\xfe", "test")


@pytest.mark.parametrize("name", ["CBS", "essnet", "", "../policies/cbs", "cbs.toml"])
def test_a_policy_of_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(PolicyError, match="cbs, sacro, abs"):
        load_policy(name)


def test_a_policy_file_is_read_and_a_missing_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text(policy_toml(minimum_units=15), encoding="utf-8")
    assert read_policy(path).minimum_units == 15
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "other.toml")


NEEDS = {
    "count": ("minimum_units", "group_disclosure", "zero_cells", "significant_digits", "identifiers"),
    "sum": (
        "minimum_units", "dominance", "p_percent", "constant", "group_disclosure", "zero_cells",
        "significant_digits", "identifiers",
    ),
    "mean": ("minimum_units", "dominance", "p_percent", "constant", "group_disclosure", "zero_cells"),
    "rate": ("minimum_units", "group_disclosure", "zero_cells", "significant_digits", "identifiers"),
}  # fmt: skip


@pytest.mark.parametrize(("statistic", "key"), [(one, key) for one, keys in NEEDS.items() for key in keys])
def test_a_key_that_is_not_set_makes_the_classes_that_need_it_inconclusive(statistic: str, key: str) -> None:
    frame = TWO_VALUED if statistic == "rate" else MIXED
    values = None if statistic == "count" else "value"
    table = judge(frame, policy(**{key: ABSENT}), statistic=statistic, values=values)
    assert isinstance(table.verdict, Inconclusive)
    assert [str(what) for what in table.verdict.missing] == [f"the policy test does not set {key}"]
    assert list(table.published()) == []
    assert status(judge(frame, policy(), statistic=statistic, values=values)) is Status.SAFE


@pytest.mark.parametrize(
    ("statistic", "key"),
    [("count", "dominance"), ("count", "p_percent"), ("count", "constant"), ("sum", "minimum_df"), ("sum", "weights")],
)
def test_a_key_that_a_class_does_not_need_may_be_absent(statistic: str, key: str) -> None:
    values = None if statistic == "count" else "value"
    assert status(judge(MIXED, policy(**{key: ABSENT}), statistic=statistic, values=values)) is Status.SAFE


def test_off_is_not_absent() -> None:
    by = policy(dominance="off")
    assert by.dominance == OFF
    assert by.lacks(("dominance",)) == ()
    assert policy(dominance=ABSENT).lacks(("dominance",)) == ("dominance",)


@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "rate"])
def test_sacro_has_no_weights_so_weighted_figures_are_inconclusive(statistic: str) -> None:
    frame = (TWO_VALUED if statistic == "rate" else MIXED).assign(weight=1.5)
    values = None if statistic == "count" else "value"
    out = sdc.table(
        frame, rows="group", values=values, statistic=statistic, unit=UNIT, weights="weight", policy="sacro"
    )
    assert isinstance(out.verdict, Inconclusive)
    assert "has no rule for weighted figures" in str(out.verdict.missing[0])


def test_a_policy_that_does_not_set_weights_makes_weighted_figures_inconclusive() -> None:
    table = judge(MIXED.assign(weight=1.5), policy(weights=ABSENT), weights="weight")
    assert isinstance(table.verdict, Inconclusive)
    assert [str(what) for what in table.verdict.missing] == ["the policy test does not set weights"]


def test_everything_that_is_missing_is_said_at_once() -> None:
    table = judge(MIXED, policy(minimum_units=ABSENT, group_disclosure=ABSENT), unit=())
    assert isinstance(table.verdict, Inconclusive)
    assert len(table.verdict.missing) == 3


def test_significant_digits_bound_what_is_shown() -> None:
    frame = units({"a": [100_001.25, 200_002.5, 300_003.5], "b": [1, 2, 3]})
    table = judge(frame, policy(significant_digits=3), statistic="sum", values="value")
    assert {str(one.cell): one.figure for one in table.published()} == {
        "group=a": "600000",
        "group=b": "6",
        "total": "600000",
    }
