"""The generated pages on policies and output classes: up to date, complete, and naming tests that there are."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import disclosure
from disclosure.model.policy_values import READERS
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.policy import BUILT_IN, load_policy
from disclosure.statistics import OUTPUT_CLASSES
from rule_calls import CALLS, WITHOUT_RULES
from rule_pages import ROOT, SPEC, NotNamedError, keys_of, named, pages, rules_of
from rule_tests import TESTS_OF_CLASSES, TESTS_OF_RULES
from rule_words import ASKED, STRICTER

PAGES = pages()


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_generated_page_is_up_to_date(path: str) -> None:
    page = ROOT / path
    assert page.exists(), "run .venv/bin/python tools/rule_pages.py"
    assert page.read_text("utf-8") == PAGES[path], "run .venv/bin/python tools/rule_pages.py"


def test_no_page_is_left_of_a_policy_that_is_gone() -> None:
    assert {path.stem for path in (ROOT / "docs" / "policies").glob("*.md")} == {*BUILT_IN, "README"}


def test_every_public_function_is_on_the_page_and_names_a_test_that_there_is() -> None:
    asking = {name.removeprefix("sdc.") for calls in CALLS.values() for name in calls.split(", ")} | {"table"}
    others = {"WITHHELD", "Level", "Output", "Outputs", "Status", "basket", "data", "errors", "language", "submit"}
    assert asking | set(WITHOUT_RULES) == set(disclosure.__all__) - others
    for name, (_, test) in WITHOUT_RULES.items():
        assert name in (ROOT / test).read_text("utf-8")


def test_every_output_class_and_every_rule_names_its_test() -> None:
    assert set(TESTS_OF_CLASSES) == set(OUTPUT_CLASSES)
    assert set(TESTS_OF_RULES) == set(RuleName)
    assert {rule.name for statistic in OUTPUT_CLASSES for rule in rules_of(statistic)} <= set(TESTS_OF_RULES)
    assert set(STRICTER) == set(READERS)
    assert set(ASKED) == set(READERS)


@pytest.mark.parametrize(
    ("table", "where", "key", "advice"),
    [
        ("TESTS_OF_CLASSES", "rule_tests", Statistic.COUNT, f"'count': add its test in {SPEC}."),
        ("TESTS_OF_RULES", "rule_tests", RuleName.PQ, f"'pq': add its test in {SPEC}."),
        ("STRICTER", "rule_words", "minimum_units", "'minimum_units': add its order."),
        ("ASKED", "rule_words", "minimum_units", "'minimum_units': add what it asks."),
    ],
)
def test_what_is_not_named_is_said_with_its_place(table: str, where: str, key: str, advice: str) -> None:
    words: dict[str, str] = {}
    with pytest.raises(NotNamedError) as caught:
        named(table, words, key)
    assert str(caught.value) == f"{table} in tools/{where}.py does not name {advice}"
    assert named(table, {key: "words"}, key) == "words"


def test_every_named_test_file_is_there_and_collected() -> None:
    files = sorted({*TESTS_OF_CLASSES.values(), *TESTS_OF_RULES.values()})
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*asked, *(f"{SPEC}/{file}" for file in files)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    collected = set(re.findall(rf"^{SPEC}/(\w+\.py)::", done.stdout, re.MULTILINE))
    assert collected == set(files)


def test_a_policy_page_says_to_what_counts_may_or_must_be_rounded() -> None:
    assert "| counts may be rounded to multiples of 5 |" in PAGES["docs/policies/cbs.md"]
    assert "The remedy `round` tries 25, 50 and 100, for all cells of a table." in PAGES["docs/policies/cbs.md"]
    must = "| counts must be rounded to multiples of 5, or shown as midpoints of classes of 6 |"
    assert must in PAGES["docs/policies/opensafely.md"]
    assert "multiples of 20, nobody and 8 units look alike" in PAGES["docs/policies/opensafely.md"]
    assert "look alike" not in PAGES["docs/policies/abs.md"]


def test_a_policy_page_says_of_each_class_which_key_it_lacks() -> None:
    page = PAGES["docs/policies/insee_households.md"]
    for statistic in OUTPUT_CLASSES:
        lacking = load_policy("insee_households").lacks(keys_of(statistic))
        said = f"inconclusive: it does not set {', '.join(lacking)}" if lacking else "judged"
        assert f"| `{statistic.value}` | {said} |" in page
    assert "inconclusive" not in PAGES["docs/policies/cbs.md"]
    assert "| `count` | judged |" in PAGES["docs/policies/opensafely.md"]
    assert "| with weights | inconclusive: the policy has no rule for weights |" in PAGES["docs/policies/sacro.md"]


def test_the_keys_of_a_class_are_those_that_its_judgement_asks_for() -> None:
    assert keys_of(Statistic.COUNT) == (
        "minimum_units", "group_disclosure", "zero_cells", "identifiers", "significant_digits", "most_rows",
    )  # fmt: skip
    assert {"dominance", "p_percent", "pq", "constant"} <= set(keys_of(Statistic.SUM))
