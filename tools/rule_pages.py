"""Writes the pages that say what the check does: docs/what-is-judged.md, and one page per policy in docs/policies.

    .venv/bin/python tools/rule_pages.py

They are made from the output classes, rules and policies themselves; a test fails while they are not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tools"))

from disclosure.model.policy_values import OFF, READERS, written  # noqa: E402 - the project is not installed
from disclosure.model.recipes import FrameSource, PolicyReference, Recipe  # noqa: E402
from disclosure.model.statistic import Barn, Statistic  # noqa: E402
from disclosure.model.verdicts import RuleName  # noqa: E402
from disclosure.policy import BUILT_IN, Policy, load_policy  # noqa: E402
from disclosure.protection.failing import if_disguised  # noqa: E402
from disclosure.rules import Rule  # noqa: E402
from disclosure.statistics import OUTPUT_CLASSES, Withholding  # noqa: E402
from rule_calls import WITHOUT_RULES, call_of  # noqa: E402

SPEC: Final = "tests/disclosure/spec"
TESTS_OF_CLASSES: Final[Mapping[Statistic, str]] = MappingProxyType(
    {
        Statistic.COUNT: "test_minimum_count.py",
        Statistic.ROW_PERCENT: "test_percentages.py",
        Statistic.COLUMN_PERCENT: "test_percentages.py",
        Statistic.TOTAL_PERCENT: "test_percentages.py",
        Statistic.RATE: "test_frequency_in_disguise.py",
        Statistic.SUM: "test_dominance.py",
        Statistic.MEAN: "test_dominance.py",
        Statistic.SHARE: "test_share.py",
        Statistic.TRIMMED_MEAN: "test_trimmed_mean.py",
        Statistic.MEDIAN: "test_position.py",
        Statistic.QUANTILE: "test_position.py",
        Statistic.STANDARD_DEVIATION: "test_shape.py",
        Statistic.VARIANCE: "test_shape.py",
        Statistic.SKEWNESS: "test_shape.py",
        Statistic.KURTOSIS: "test_shape.py",
        Statistic.MODE: "test_mode.py",
        Statistic.HHI: "test_concentration.py",
        Statistic.CONCENTRATION_RATIO: "test_concentration.py",
        Statistic.GINI: "test_inequality.py",
        Statistic.THEIL: "test_inequality.py",
        Statistic.S80_S20: "test_inequality.py",
        Statistic.POVERTY_RATE: "test_poverty.py",
        Statistic.POVERTY_GAP: "test_poverty.py",
        Statistic.LORENZ: "test_lorenz.py",
        Statistic.SURVIVAL: "test_survival.py",
        Statistic.CUMULATIVE_INCIDENCE: "test_survival.py",
        Statistic.CORRELATION: "test_comparisons.py",
        Statistic.MODEL: "test_models.py",
        Statistic.TEST: "test_comparisons.py",
        Statistic.CHI_SQUARE: "test_comparisons.py",
        Statistic.ODDS_RATIO: "test_comparisons.py",
        Statistic.RISK_RATIO: "test_comparisons.py",
    }
)
TESTS_OF_RULES: Final[Mapping[RuleName, str]] = MappingProxyType(
    {
        RuleName.MINIMUM_COUNT: "test_minimum_count.py",
        RuleName.MINIMUM_NONZERO: "test_minimum_nonzero.py",
        RuleName.DOMINANCE: "test_dominance.py",
        RuleName.DEVIATIONS: "test_deviations.py",
        RuleName.P_PERCENT: "test_p_percent.py",
        RuleName.CONSTANT: "test_constant.py",
        RuleName.GROUP_DISCLOSURE: "test_group_disclosure.py",
        RuleName.FREQUENCY_IN_DISGUISE: "test_frequency_in_disguise.py",
        RuleName.ZERO_CELLS: "test_zero_cells.py",
        RuleName.IMPLIED_COUNTS: "test_implied_counts.py",
        RuleName.IMPLIED_CELLS: "test_implied_cells.py",
        RuleName.OTHER_UNITS: "test_further_units.py",
        RuleName.PQ: "test_pq.py",
        RuleName.POSITION: "test_position.py",
        RuleName.DEGREES_OF_FREEDOM: "test_degrees_of_freedom.py",
        RuleName.MODAL_SHARE: "test_mode.py",
        RuleName.SATURATED_MODEL: "test_models.py",
        RuleName.SMALLEST_GROUP: "test_models.py",
        RuleName.UNDERLYING_TABLE: "test_comparisons.py",
        RuleName.SURVIVAL: "test_survival.py",
        RuleName.SINGLE_EXIT: "test_survival.py",
        RuleName.ROUNDED_COUNTS: "test_rounding.py",
    }
)
_WITHHELD: Mapping[Withholding, str] = MappingProxyType(
    {
        Withholding.CELLS: "all margins",
        Withholding.ADDITIVE: "all margins, and a cell below a margin that fails alone",
        Withholding.ROWS: "its row, and all margins",
        Withholding.COLUMNS: "its column, and all margins",
        Withholding.CURVES: "what follows in its curve",
        Withholding.ALL: "everything",
    }
)
Key = TypeVar("Key", bound=str)
_NO_POLICY = PolicyReference("none", f"sha256:{'0' * 64}")


class NotNamedError(LookupError):
    """Something that a page lists is not named in this module; the message says where it belongs."""


def named(table: str, words: Mapping[Key, str], key: Key) -> str:
    """Return the words for a key.

    Args:
        table: the name of `words` in this module, for the error.

    Raises:
        NotNamedError: there are none.
    """
    if key not in words:
        what = "its order" if table == "STRICTER" else f"its test in {SPEC}"
        raise NotNamedError(f"{table} in tools/rule_pages.py does not name '{key}': add {what}.")
    return words[key]


def pages() -> dict[str, str]:
    """Return every generated page by its path below the repository."""
    found = {"docs/what-is-judged.md": what_is_judged(), "docs/policies/README.md": overview()}
    for name in BUILT_IN:
        found[f"docs/policies/{name}.md"] = policy_page(load_policy(name))
    return found


def what_is_judged() -> str:
    """Return the page of output classes and rules."""
    lines = [
        "# What is judged, by which rules, and which test shows it",
        "",
        "Generated by `tools/rule_pages.py` from the output classes and rules themselves; a test compares the two. Any",
        "statistic that is not here is refused. A policy that does not set a key leaves the classes that need it",
        "inconclusive: see [the policies](policies/README.md). The tests are in `tests/disclosure/spec`.",
        "",
        "| class | statistic | asked for by | rules | policy keys | withheld with a failing cell | test |",
        "|---|---|---|---|---|---|---|",
    ]
    for barn in Barn:
        for statistic in (one for one in OUTPUT_CLASSES if one.specification.barn is barn):
            asked = OUTPUT_CLASSES[statistic]
            own = dict.fromkeys(rule.name.value for rule in asked.rules)
            also = dict.fromkeys(f"*{rule.name.value}*" for rule in rules_of(statistic) if rule.name.value not in own)
            lines.append(
                _row(
                    barn.value,
                    f"`{statistic.value}`",
                    call_of(statistic),
                    ", ".join((*own, *also)),
                    ", ".join(keys_of(statistic)),
                    _WITHHELD[asked.withholding],
                    _test(named("TESTS_OF_CLASSES", TESTS_OF_CLASSES, statistic)),
                )
            )
    lines += [
        "",
        "Rules in italics apply where the value turns out to have two values only, or to the plain table that the",
        "figures follow from. With a weight that is the researcher's own, the rules of `sum` apply to every class;",
        "with further units, `other_units`; under a policy that requires rounding, `rounded_counts`; where units stand",
        "in several cells, `implied_cells`.",
        "",
        "| rule | test |",
        "|---|---|",
        *(
            _row(name.value, _test(named("TESTS_OF_RULES", TESTS_OF_RULES, name)))
            for name in dict.fromkeys((*TESTS_OF_RULES, *RuleName))
        ),
        "",
        "These functions have no rules of their own: they are judged by what they stand on.",
        "",
        "| function | judged by | test |",
        "|---|---|---|",
        *(_row(f"`sdc.{one}`", by, f"[{Path(test).name}](../{test})") for one, (by, test) in WITHOUT_RULES.items()),
        "",
        "Minima, maxima, ranges and single records are refused; so is anything that none of the classes knows.",
    ]
    return "\n".join(lines) + "\n"


def overview() -> str:
    """Return the page that lists the policies and says how they are compared."""
    lines = [
        "# Policies",
        "",
        "Generated by `tools/rule_pages.py`; a test compares the pages with the policies themselves. A policy is a",
        "named, versioned set of parameters, each with its source, pinned by its digest: it never changes under its",
        'version. A rule that a policy has not is written `"off"`. A key that is not there at all is not off: output',
        "classes that need it are inconclusive under the policy.",
        "",
        "| policy | version | minimum units | dominance | p% | group disclosure | zero cells | rounding |",
        "|---|---|---|---|---|---|---|---|",
    ]
    columns = ("minimum_units", "dominance", "p_percent", "group_disclosure", "zero_cells", "rounding")
    for name in BUILT_IN:
        policy = load_policy(name)
        shown = [_value(policy, key) for key in columns]
        lines.append(_row(f"[{name}]({name}.md)", policy.version, *shown))
    lines += [
        "",
        "## A tighter policy",
        "",
        "Inside a camp the camp's policy is the floor: a notebook may ask for a policy that is at least as strict, by",
        'its name, for example `sdc.table(..., policy="cbs; minimum_units=20")`. Such a name is what',
        "`disclosure.policy.tightened(policy, minimum_units=20)` gives its result; the control zone makes the policy",
        "again from the name, compares its digest, and refuses what is not at least as strict.",
        "",
        "Policies are compared key by key, and one is at least as strict as another if it is so in every key. A key",
        "that only one of the two sets cannot be compared, and so the answer is no.",
        "",
        "| key | at least as strict is |",
        "|---|---|",
        *(_row(f"`{key}`", named("STRICTER", STRICTER, key)) for key in dict.fromkeys((*STRICTER, *READERS))),
    ]
    return "\n".join(lines) + "\n"


STRICTER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "minimum_units": "no smaller",
        "dominance": "for each pair (m, k) one with no fewer contributors and no larger share; off is laxest",
        "p_percent": "no smaller; off is laxest",
        "pq": "p/q no smaller; off is laxest",
        "group_disclosure": "no larger a share; off is laxest",
        "constant": "on where the other is on",
        "zero_cells": "disclosive where they are for the other",
        "minimum_df": "no smaller",
        "modal_share": "no larger a share; off is laxest",
        "minimum_at_risk": "no smaller",
        "weights": "the same",
        "identifiers": "all of the other's, and perhaps more",
        "significant_digits": "no more",
        "rounding": "to a multiple of the base, and midpoints of a multiple of the width; required where it is for the "
        "other; off where the other is off",
        "most_rows": "no more; off is laxest",
    }
)


def policy_page(policy: Policy) -> str:
    """Return the page of one policy: its parameters with their sources, and what it judges."""
    lines = [
        f"# Policy `{policy.name}`, version {policy.version}",
        "",
        "Generated by `tools/rule_pages.py` from the policy itself; a test compares the two.",
        "",
        f"Digest: `{policy.digest}`",
        "",
        "| key | value | source |",
        "|---|---|---|",
        *(_row(f"`{key}`", _value(policy, key), policy.sources.get(key, "not set")) for key in READERS),
        "",
        "| class | statistic | under this policy |",
        "|---|---|---|",
    ]
    for barn in Barn:
        for statistic in (one for one in OUTPUT_CLASSES if one.specification.barn is barn):
            lacking = policy.lacks(keys_of(statistic))
            said = f"inconclusive: it does not set {', '.join(lacking)}" if lacking else "judged"
            lines.append(_row(barn.value, f"`{statistic.value}`", said))
    weighted = "inconclusive: the policy has no rule for weights" if policy.weights == OFF else "judged"
    if policy.weights is None:
        weighted = "inconclusive: it does not set weights"
    lines.append(_row("all", "with weights", weighted))
    return "\n".join(lines) + "\n"


def rules_of(statistic: Statistic) -> tuple[Rule, ...]:
    """Return every rule by which a statistic may be judged: its own, as a frequency, and of its underlying table."""
    recipe = example_of(statistic)
    asked = OUTPUT_CLASSES[statistic]
    rules = dict.fromkeys((*asked.rules, *if_disguised(recipe)))
    if asked.underlying is not None:
        rules.update(dict.fromkeys(rules_of(asked.underlying(recipe).statistic)))
    return tuple(rules)


def keys_of(statistic: Statistic) -> tuple[str, ...]:
    """Return the keys without which a statistic is inconclusive, in the order of a policy's page."""
    needed = {key for rule in rules_of(statistic) for key in rule.needs}
    needed |= {"identifiers", "significant_digits", "most_rows"}
    return tuple(key for key in READERS if key in needed)


def example_of(statistic: Statistic) -> Recipe:
    """Return a recipe of a statistic, as far as its columns go."""
    takes = statistic.specification
    others = ("other", "further")[: 2 if not takes.needs_value else 1] if takes.others else ()
    return Recipe(
        source=FrameSource(("unit",)),
        statistic=statistic,
        policy=_NO_POLICY,
        value="value" if takes.needs_value else None,
        unit=("unit",),
        options=tuple(sorted((name, "x") for name in takes.required)),
        others=others,
    )


def write(root: Path = ROOT) -> Iterator[str]:
    """Write the pages below a folder; yield the paths of those that were not up to date."""
    for path, page in pages().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text("utf-8") != page:
            target.write_text(page, encoding="utf-8")
            yield path


def _value(policy: Policy, key: str) -> str:
    value = getattr(policy, key)
    if value is None:
        return "not set"
    shown = written(key, value)
    if isinstance(shown, dict):
        midpoint = f", or midpoints of classes of {shown['midpoint']}" if "midpoint" in shown else ""
        return f"to {shown['base']}, {shown['use']}{midpoint}"
    if isinstance(shown, list):
        return (
            ", ".join(f"({', '.join(map(str, one))})" if isinstance(one, list) else str(one) for one in shown) or "none"
        )
    return str(shown)


def _test(file: str) -> str:
    return f"[{file}](../{SPEC}/{file})"


def _row(*fields: str) -> str:
    return f"| {' | '.join(field.replace('|', '/') for field in fields)} |"


if __name__ == "__main__":
    try:
        for changed in write():
            print(changed)
    except NotNamedError as missing:
        sys.exit(str(missing))
