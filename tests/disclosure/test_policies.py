"""Policies: pinned, frozen, and never more lenient for a key that they leave out."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import disclosure as sdc
from disclosure.errors import PolicyError
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.notebook.camp import Camp, camp_policy
from disclosure.policy import (
    BUILT_IN,
    OFF,
    Rounding,
    WeightTreatment,
    is_at_least_as_strict,
    load_policy,
    policy_asked,
    policy_from_bytes,
    policy_named,
    read_policy,
    tightened,
)
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
    ("name", "version", "pinned"),
    [
        ("cbs", "3", "sha256:391fa26d0276fa0b4477fc4d56fda0f1beb3f4f921fcff93862f95889c2cc264"),
        ("sacro", "3", "sha256:916e7a338b1a3ef92af2810a9b70bfc1fc615879515a2e01c6e237668c2b3e8e"),
        ("abs", "3", "sha256:6dcfbe071e25cfcacf6ec171db23984af3712c435ff1f1877aa340f6363d4754"),
        ("essnet", "2", "sha256:b466a6ffb4ff0bb2689b53f2cc4da3f735b8463b164b722e7445b1eca5d8e41c"),
        ("opensafely", "3", "sha256:92ae13c75781542b08e76c7bf7c3651f19723e31b7d96566ffcbc7fd5c43a4e5"),
        ("insee_households", "2", "sha256:b2046c5063af4dd27f053d7e0b9a3bc716ec075d6c5826dcbec80b9207558f43"),
    ],
)
def test_a_built_in_policy_never_changes_under_its_version(name: str, version: str, pinned: str) -> None:
    by = load_policy(name)
    assert (by.name, by.version, by.digest) == (name, version, pinned)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_policy_sets_every_key_or_switches_it_off_with_a_source(name: str) -> None:
    by = load_policy(name)
    assert set(by.sources) == set(QUIET)
    assert all(by.sources.values())
    assert by.lacks(tuple(QUIET)) == ()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_policy_judges_plain_counts_sums_and_survival(name: str) -> None:
    frame = units({"a": list(range(1000, 1060)), "b": list(range(2000, 2060))})
    frame["duration"], frame["event"] = [1, 2, 3] * 40, [0, 1] * 60
    for out in (
        sdc.table(frame, rows="group", unit=UNIT, policy=name),
        sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT, policy=name),
        sdc.survival(frame, duration="duration", event="event", by="group", period=1, unit=UNIT, policy=name),
    ):
        assert not isinstance(out.verdict, Inconclusive), out.verdict


def test_essnet_has_the_parameters_of_the_rule_book() -> None:
    by = load_policy("essnet")
    assert (by.minimum_units, by.dominance, by.group_disclosure) == (10, ((1, Fraction(50)),), Fraction(90))
    assert (by.minimum_df, by.minimum_at_risk, by.weights, by.rounding) == (10, 10, OFF, OFF)


def test_opensafely_redacts_counts_up_to_seven_and_rounds_to_five_or_takes_midpoints() -> None:
    by = load_policy("opensafely")
    assert (by.minimum_units, by.rounding) == (8, Rounding(5, required=True, midpoint=6))
    assert "Midpoint 6 rounding" in by.sources["rounding"]


def test_insee_households_takes_its_minimum_from_insee_and_the_rest_from_the_guidelines() -> None:
    by = load_policy("insee_households")
    assert (by.minimum_units, by.minimum_at_risk) == (11, 11)
    assert (by.dominance, by.group_disclosure, by.constant) == (((1, Fraction(50)),), Fraction(90), True)
    for n, expected in ((10, Status.UNSAFE), (11, Status.SAFE)):
        out = sdc.table(heads({"a": 40, "b": n}), rows="group", unit=UNIT, policy="insee_households")
        assert out.verdict.status is expected


def test_a_table_of_more_rows_than_the_policy_permits_is_inconclusive_and_says_so() -> None:
    assert load_policy("opensafely").most_rows == 5000
    frame = heads({"a": 40, "b": 40})
    assert status(judge(frame, policy(most_rows=3))) is Status.SAFE
    table = judge(frame, policy(most_rows=2))
    assert isinstance(table.verdict, Inconclusive)
    assert "a table of at most 2 rows, margins included, where this one has 3" in str(table.verdict.missing[0])
    assert list(table.published()) == []


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
        ("pq", [50, 10]), ("pq", [10, 10]), ("pq", [10]), ("pq", 10), ("pq", [0, 10]), ("pq", "on"),
        ("modal_share", 0), ("modal_share", 101), ("minimum_at_risk", 1), ("minimum_at_risk", "off"),
        ("most_rows", 0), ("most_rows", "5000"), ("most_rows", 10_000_001),
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


@pytest.mark.parametrize("name", ["CBS", "ESSNet", "", "../policies/cbs", "cbs.toml", "cbs;minimum_units=20"])
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


# ------------------------------------------------------------------------------------------------------------- rounding


@pytest.mark.parametrize(
    "value",
    [
        "5",
        "{base = 1, use = 'permitted'}",
        "{base = 5}",
        "{base = 5, use = 'sometimes'}",
        "{base = 5.0, use = 'required'}",
        "{base = 5, use = 'required', unless = 1}",
        "'on'",
    ],
)
def test_rounding_is_off_or_a_base_with_its_use(value: str) -> None:
    document = policy_toml().replace('rounding = {value = "off"', f"rounding = {{value = {value}")
    with pytest.raises(PolicyError, match="rounding"):
        policy_from_bytes(document.encode(), "test")


def test_a_base_of_rounding_takes_its_multiples() -> None:
    assert [base for base in range(16) if Rounding(5, required=False).takes(base)] == [5, 10, 15]


# ------------------------------------------------------------------------------------------------- comparable policies

FULL: dict[str, Any] = {
    "minimum_units": 10, "dominance": [[1, 50], [2, 80]], "p_percent": 10, "pq": [10, 50], "group_disclosure": 90,
    "constant": "off", "zero_cells": "off", "minimum_df": 10, "modal_share": 90, "minimum_at_risk": 10,
    "identifiers": ["BRIN"], "significant_digits": 8, "most_rows": 5000,
}  # fmt: skip
TIGHTER: dict[str, list[Any]] = {
    "minimum_units": [11],
    "dominance": [[[1, 49.5], [2, 80]], [[2, 50]], [[1, 50], [2, 80], [3, 90]]],
    "p_percent": [10.5],
    "pq": [[11, 50], [10, 49]],
    "group_disclosure": [89],
    "constant": ["on"],
    "zero_cells": ["disclosive"],
    "minimum_df": [11],
    "modal_share": [89.5],
    "minimum_at_risk": [11],
    "identifiers": [["BRIN", "BSN"]],
    "significant_digits": [7],
    "most_rows": [4999],
}
NOT_COMPARABLE: dict[str, list[Any]] = {
    "dominance": [[[1, 40], [2, 85]], [[1, 40]], "off"],
    "weights": ["expanded", "off"],
    "p_percent": ["off"],
    "most_rows": ["off"],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in TIGHTER.items() for value in values])
def test_a_policy_is_as_strict_as_another_that_is_laxer_in_one_key_and_not_the_other_way_round(
    key: str, value: Any
) -> None:
    one, other = policy(**{**FULL, key: value}), policy(**FULL)
    assert is_at_least_as_strict(one, other)
    assert not is_at_least_as_strict(other, one)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in NOT_COMPARABLE.items() for value in values])
def test_a_key_that_is_laxer_or_other_makes_a_policy_not_as_strict(key: str, value: Any) -> None:
    assert not is_at_least_as_strict(policy(**{**FULL, key: value}), policy(**FULL))


def test_every_policy_is_as_strict_as_itself_and_every_key_counts() -> None:
    assert is_at_least_as_strict(policy(**FULL), policy(**FULL))
    assert set(TIGHTER) | {"weights", "rounding"} == set(QUIET)


@pytest.mark.parametrize("key", sorted(QUIET))
def test_a_key_that_only_one_of_two_policies_sets_cannot_be_compared(key: str) -> None:
    full, lacking = policy(**FULL), policy(**{**FULL, key: ABSENT})
    assert not is_at_least_as_strict(full, lacking)
    assert not is_at_least_as_strict(lacking, full)
    assert is_at_least_as_strict(lacking, lacking)


PERMITTED, REQUIRED = {"base": 5, "use": "permitted"}, {"base": 5, "use": "required"}
TEN, TEN_REQUIRED, SEVEN = {"base": 10, "use": "permitted"}, {"base": 10, "use": "required"}, {**PERMITTED, "base": 7}


def rounds(value: Any) -> Any:
    document = policy_toml()
    if value != "off":
        document = document.replace(
            'rounding = {value = "off"', f'rounding = {{value = {{base = {value["base"]}, use = "{value["use"]}"}}'
        )
    return policy_from_bytes(document.encode(), "test")


@pytest.mark.parametrize(
    ("one", "than", "answer"),
    [
        ("off", PERMITTED, True), (PERMITTED, "off", False), (TEN, PERMITTED, True), (PERMITTED, TEN, False),
        (SEVEN, PERMITTED, False), (REQUIRED, PERMITTED, True), (PERMITTED, REQUIRED, False), ("off", REQUIRED, False),
        (TEN_REQUIRED, REQUIRED, True), (REQUIRED, TEN_REQUIRED, False), (REQUIRED, "off", False), ("off", "off", True),
    ],
)  # fmt: skip
def test_rounding_is_compared_by_its_base_and_by_whether_it_is_required(one: Any, than: Any, answer: bool) -> None:
    assert is_at_least_as_strict(rounds(one), rounds(than)) is answer


def test_a_tightened_policy_has_a_name_and_a_digest_from_which_it_is_made_again() -> None:
    camp = load_policy("cbs")
    tighter = tightened(camp, minimum_units=20, dominance=[[1, 40.5]])
    assert tighter.name == "cbs; dominance=[[1, 40.5]]; minimum_units=20"
    assert (tighter.minimum_units, tighter.dominance) == (20, ((1, Fraction("40.5")),))
    assert tighter.digest != camp.digest
    assert policy_named(tighter.name) == tighter
    assert tightened(tightened(camp, minimum_units=20), dominance=[[1, 40.5]]) == tighter
    assert tightened(camp) == camp


def test_nothing_is_loosened_by_tightening() -> None:
    camp = load_policy("cbs")
    for change in ({"minimum_units": 9}, {"dominance": "off"}, {"minimum_units": 20, "group_disclosure": 95}):
        with pytest.raises(PolicyError, match="would not be stricter"):
            tightened(camp, **change)
    with pytest.raises(PolicyError, match="no such key"):
        tightened(camp, threshold=20)
    with pytest.raises(PolicyError, match="minimum_units"):
        tightened(camp, minimum_units="many")
    with pytest.raises(PolicyError, match="would not be stricter"):
        tightened(tightened(camp, minimum_units=20), minimum_units=15)


@pytest.mark.parametrize(
    "name",
    [
        "cbs; minimum_units=9", "cbs; minimum_units=20; minimum_units=30", "cbs; minimum_units=", "cbs; ", "cbs; x=1",
        "cbs; minimum_units= 20", "cbs; minimum_units=20; constant=\"on\"", "test; minimum_units=20",
        "cbs; p_percent=NaN",
    ],
)  # fmt: skip
def test_a_name_that_is_not_that_of_a_tightened_policy_is_refused(name: str) -> None:
    with pytest.raises(PolicyError):
        policy_named(name)


@pytest.mark.parametrize("change", ["dominance=1,44", "zero_cells=on", "dominance=(1, 44)", "minimum_units="])
def test_a_change_that_cannot_be_read_is_told_how_it_is_written(change: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy_named(f"cbs; {change}")
    rights = ("minimum_units=20", "dominance=[[1, 44]]", 'zero_cells="disclosive"')
    assert ", ".join(rights) in str(refused.value)
    for right in rights:
        assert policy_named(f"cbs; {right}").name == f"cbs; {right}"


def test_a_camp_pins_a_built_in_policy_since_the_name_of_another_tells_its_parameters() -> None:
    with pytest.raises(PolicyError, match="no policy of that name"):
        load_policy("cbs; minimum_units=20")


def test_outside_a_camp_a_table_may_be_judged_by_a_tightened_policy() -> None:
    frame = heads({"a": 40, "b": 15})
    by = tightened(load_policy("abs"), minimum_units=20)
    out = sdc.table(frame, rows="group", unit=UNIT, policy=by.name)
    assert (status(out), out.recipe.policy) == (Status.UNSAFE, by.reference)
    assert status(sdc.table(frame, rows="group", unit=UNIT, policy="abs")) is Status.SAFE


def test_inside_a_camp_its_policy_is_the_floor() -> None:
    floor = load_policy("cbs")
    camp = cast("Camp", SimpleNamespace(policy=floor))
    tighter = tightened(floor, minimum_units=20)
    assert camp_policy(camp, None) is camp_policy(camp, "cbs") is floor
    assert camp_policy(camp, tighter.name) == camp_policy(camp, tighter) == tighter
    for asked in ("abs", "essnet", "cbs; minimum_units=9", "office"):
        with pytest.raises(PolicyError):
            camp_policy(camp, asked)
    strict = cast("Camp", SimpleNamespace(policy=tighter))
    with pytest.raises(PolicyError, match="not at least as strict"):
        camp_policy(strict, "cbs")


def test_the_floor_takes_itself_and_what_is_known_and_as_strict() -> None:
    floor = load_policy("cbs")
    tighter = tightened(floor, minimum_units=20)
    assert policy_asked(floor.reference, floor) is floor
    assert policy_asked(tighter.reference, floor) == tighter
    with pytest.raises(PolicyError, match="not at least as strict"):
        policy_asked(load_policy("abs").reference, floor)
    with pytest.raises(PolicyError, match="not at least as strict"):
        policy_asked(floor.reference, tighter)
    forged = dataclasses.replace(tighter.reference, digest=floor.digest)
    with pytest.raises(PolicyError, match="not the one of that name"):
        policy_asked(forged, floor)
    with pytest.raises(PolicyError, match="no policy of that name"):
        policy_asked(policy(minimum_units=20).reference, floor)
