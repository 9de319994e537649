"""Evidence and verdict of random small tables, against a plain reference that shares no code with the product."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from disclosure.assess import NOT_COMPARED
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Safe, Status
from disclosure.policy import load_policy
from tests.disclosure.reference import TOTAL, Asked, Key, Reference, Row, judged
from tests.disclosure.support import codebook, judge

KINDS = ("two", "zeros", "norms", "wide", "signed", "cents", "one")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Row], Asked]:
    """Draw the shape of a table, and let a seeded generator fill it: many rows are cheap that way."""
    filling = random.Random(draw(st.integers(0, 2**32)))
    statistic = draw(st.sampled_from(("count", "sum", "mean", "rate")))
    weighted = draw(st.integers(0, 3)) == 0
    asked = Asked(
        statistic=statistic,
        policy=draw(st.sampled_from(("cbs", "sacro", "abs"))),
        weighted=weighted,
        known_weight=weighted and draw(st.booleans()),
        dropna=draw(st.booleans()),
    )
    width = draw(st.integers(0, 3))
    labels = [draw(st.sampled_from(("a", "ab", "abc", "a?", "abc?"))) for _ in range(width)]
    kind = "two" if statistic == "rate" else draw(st.sampled_from(KINDS))
    missing = draw(st.sampled_from((0.0, 0.0, 0.2)))
    rows_per_unit = draw(st.sampled_from((1, 1, 3)))
    rows = []
    for number in range(draw(st.sampled_from((1, 2, 9, 12, 40, 150)))):
        unit = ("RF"[filling.random() < 0.2], number)
        weight = Fraction(filling.randint(1, 400), 100)
        for _ in range(filling.randint(1, rows_per_unit)):
            place = tuple(None if (label := filling.choice(some)) == "?" else label for some in labels)
            value = None if statistic == "count" or filling.random() < missing else one_value(kind, filling)
            same = statistic in ("count", "rate") or filling.random() < 0.7
            rows.append(Row(unit, place, value, weight if same else Fraction(filling.randint(0, 400), 100)))
    return rows, asked


def one_value(kind: str, filling: random.Random) -> Fraction:
    if kind == "two":
        return Fraction(filling.random() < 0.4)
    if kind == "one":
        return Fraction(7)
    if kind == "zeros":
        return Fraction(filling.choice((0, 0, 0, 0, 1, 2, 3)))
    if kind == "norms":
        return Fraction(filling.choice((0, 0, 0, 0, 0, 0, 12, 12, 12, 1000, 1250)))
    if kind == "signed":
        return Fraction(filling.choice((-1, 1)) * round(filling.lognormvariate(3, 2)))
    if kind == "cents":
        return Fraction(filling.randint(0, 3000), 100)
    return Fraction(round(filling.lognormvariate(4, 1.5)))


def framed(rows: list[Row], asked: Asked) -> pd.DataFrame:
    width = len(rows[0].labels)
    frame = pd.DataFrame(
        {
            "kind": [row.unit[0] for row in rows],
            "number": [row.unit[1] for row in rows],
            **{f"d{place}": pd.array([row.labels[place] for row in rows], dtype="str") for place in range(width)},
        }
    )
    if asked.statistic != "count":
        frame["value"] = [None if row.value is None else float(row.value) for row in rows]
        frame["value"] = frame["value"].astype("float64")
    frame["weight"] = [float(row.weight) for row in rows]
    return frame


def checked(rows: list[Row], asked: Asked) -> JudgedTable:
    width = len(rows[0].labels)
    return judge(
        framed(rows, asked),
        load_policy(asked.policy),
        statistic=asked.statistic,
        values=None if asked.statistic == "count" else "value",
        rows=[f"d{place}" for place in range(width)],
        unit=("kind", "number"),
        weights="weight" if asked.weighted else None,
        dropna=asked.dropna,
        codebook=codebook(unit=("kind", "number"), weights=("weight",) if asked.known_weight else ()),
    )


def answerable(rows: list[Row], asked: Asked) -> bool:
    kept = [row for row in rows if not asked.dropna or None not in row.labels]
    kept = [row for row in kept if not asked.weighted or row.weight != 0]
    return bool(kept) and (asked.statistic == "count" or any(row.value is not None for row in kept))


@given(tables())
def test_evidence_failing_cells_and_status_are_those_of_the_reference(drawn: tuple[list[Row], Asked]) -> None:
    rows, asked = drawn
    if not answerable(rows, asked):
        return
    table, expected = checked(rows, asked), judged(rows, asked)
    event(f"{asked.statistic} {table.verdict.status.value}")
    if expected is None:
        assert table.verdict.status is Status.INCONCLUSIVE
        return
    assert table.verdict.status.value == expected.status
    assert table.evidence is not None
    assert {key_of(table, place) for place in range(len(table.evidence))} == set(expected.cells)
    for place in range(len(table.evidence)):
        key = key_of(table, place)
        assert_evidence(table, place, expected, key, asked)
        assert bool(table.failing[place]) is bool(expected.failing[key])
        assert_figure(table.figures[place], expected.figures[key], asked)
    found: dict[Key, set[str]] = {}
    for finding in table.verdict.findings:
        labels = finding.cell.as_dict()
        key = tuple(labels.get(name, TOTAL) for name in table.recipe.dimensions)
        found.setdefault(key, set()).add(finding.rule.value)
    assert found == {key: failed for key, failed in expected.failing.items() if failed}


def key_of(table: JudgedTable, place: int) -> Key:
    assert table.evidence is not None
    labels = table.evidence.cell(place).as_dict()
    return tuple(labels.get(name, TOTAL) for name in table.recipe.dimensions)


def assert_evidence(table: JudgedTable, place: int, expected: Reference, key: Key, asked: Asked) -> None:
    evidence, cell = table.evidence, expected.cells[key]
    assert evidence is not None
    assert (evidence.n_units[place], evidence.n_rows[place]) == (cell.n_units, cell.n_rows)
    if evidence.shares is not None:
        assert (evidence.shares.numerator[place], evidence.shares.complement[place]) == (
            cell.numerator,
            cell.complement,
        )
    if evidence.weighted is not None and asked.statistic in ("count", "rate"):
        assert Fraction(evidence.weighted.units[place], 10**WEIGHT_DECIMALS) == cell.weighted_units
    amounts = evidence.amounts
    assert (amounts is None) is (asked.statistic == "count" and not asked.own_weight)
    if amounts is None:
        return
    scale = 10**amounts.decimals
    assert Fraction(amounts.total[place], scale) == cell.total
    assert Fraction(amounts.absolute[place], scale) == cell.absolute
    padded = (*cell.largest, *[Fraction(0)] * amounts.largest.shape[1])[: amounts.largest.shape[1]]
    assert tuple(Fraction(one, scale) for one in amounts.largest[place]) == padded
    assert amounts.n_nonzero[place] == cell.n_nonzero
    assert (bool(amounts.constant[place]), bool(amounts.rows_constant[place])) == (cell.constant, cell.rows_constant)
    assert Fraction(amounts.divisor[place], 10**WEIGHT_DECIMALS) == cell.divisor
    assert Fraction(amounts.divisor_largest[place], 10**WEIGHT_DECIMALS) == max(cell.divisors, default=0)
    own = cell.contributions
    ends, values = amounts.ends[0], sorted(set(own))
    assert (Fraction(ends.total[place], scale), ends.numbers[place]) == (sum(own), len(own))
    for end, count, found in (
        (ends.lowest, ends.n_lowest, values[:1]),
        (ends.next_lowest, ends.n_next_lowest, values[1:2]),
        (ends.next_highest, ends.n_next_highest, values[-2:-1]),
        (ends.highest, ends.n_highest, values[-1:]),
    ):
        expected_end = (found[0], own.count(found[0])) if found else (0, 0)
        assert (Fraction(end[place], scale), count[place]) == expected_end
    zeros = [len(digits) - len(digits.rstrip("0")) for digits in (str(abs(int(one * scale))) for one in own if one)]
    fewest = sorted(set(zeros))
    for finest, count, fine in (
        (ends.finest, ends.n_finest, fewest[:1]),
        (ends.next_finest, ends.n_next_finest, fewest[1:2]),
    ):
        assert (finest[place], count[place]) == ((fine[0], zeros.count(fine[0])) if fine else (0, 0))


def assert_figure(figure: str | None, exact: Fraction | None, asked: Asked) -> None:
    if exact is None:
        assert figure is None
        return
    assert figure is not None
    decimals = 0 if asked.statistic == "count" else 6
    assert Fraction(Decimal(figure)) == round(exact, decimals)


def test_the_random_tables_are_of_every_kind() -> None:
    """Without this a generator that only draws unsafe tables would look like agreement."""
    seen: Counter[str] = Counter()

    # The same tables every time: what this looks at is the generator, and chance has no say in the answer.
    @settings(max_examples=1000, derandomize=True, database=None)
    @given(tables())
    def count(drawn: tuple[list[Row], Asked]) -> None:
        rows, asked = drawn
        if answerable(rows, asked):
            expected = judged(rows, asked)
            seen["none" if expected is None else expected.status] += 1
            seen.update() if expected is None else seen.update(
                rule for failed in expected.failing.values() for rule in failed
            )

    count()
    assert {"safe", "unsafe", "none"} <= set(seen)
    assert {
        "minimum_count", "minimum_nonzero", "dominance", "p_percent", "constant", "group_disclosure",
        "frequency_in_disguise", "zero_cells",
    } <= set(seen)  # fmt: skip


@pytest.mark.parametrize("policy", ["cbs", "abs"])
def test_a_safe_table_says_what_was_not_looked_at(policy: str) -> None:
    rows = [Row(("R", number), ("a" if number % 2 else "b",)) for number in range(60)]
    table = checked(rows, Asked("count", policy))
    assert isinstance(table.verdict, Safe)
    assert table.verdict.notes == (NOT_COMPARED,)
