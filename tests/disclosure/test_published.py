"""Every figure of published.json is looked at and compared: one check for each of its keys, and none is passed over."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines.audit import feasible_intervals
from disclosure.model.codebooks import Column
from disclosure.model.verdicts import RuleName, Status
from disclosure.protection.audit import Relation, seen_table
from disclosure.protection.cell_key import cell_key
from disclosure.protection.cell_key_table import PerturbationTable, Row, perturbed_count, perturbed_magnitude
from disclosure.protection.midpoint import midpoint_count
from tests.disclosure.support import DATA, UNIT, codebook, heads, judge, policy, rules, shown, status, units
from tests.disclosure.test_published_inequality import as_printed, evidence_of, exact, judged, silc

__all__ = ["silc"]

TEXT = (DATA / "published.json").read_text("utf-8")
PUBLISHED: dict[str, Any] = json.loads(TEXT, parse_float=str)
NOTES = {"note"}
"""Words beside figures, which nothing can be compared with."""


class Looked:
    """A part of the document that remembers which of its figures were read."""

    def __init__(self, value: Any) -> None:
        self._value, self._seen, self._inner = value, False, {}
        if isinstance(value, dict):
            self._inner = {key: Looked(one) for key, one in value.items() if key not in NOTES}
        elif isinstance(value, list):
            self._inner = {str(place): Looked(one) for place, one in enumerate(value)}

    def __getitem__(self, key: object) -> Looked:
        return self._inner[str(key)]

    def __iter__(self) -> Iterator[Looked]:
        return iter(self._inner.values())

    def items(self) -> Iterator[tuple[str, Looked]]:
        return iter(self._inner.items())

    @property
    def value(self) -> Any:
        """The figure, or the whole of a list that is compared as one."""
        for one in self._inner.values():
            _ = one.value
        self._seen = True
        return self._value

    def fraction(self) -> Fraction:
        return Fraction(self.value)

    def fractions(self) -> list[Fraction]:
        return [one.fraction() for one in self]

    def not_seen(self, path: str = "") -> list[str]:
        if not self._inner:
            return [] if self._seen else [path]
        return [left for key, one in self._inner.items() for left in one.not_seen(f"{path}/{key}")]


# ------------------------------------------------------------------------------------------------ the check of each key


def source(example: Looked, _: pd.DataFrame) -> None:
    assert "HandbookSDC" in example.value


def p_must_flag(example: Looked, _: pd.DataFrame) -> None:
    x = [float(one) for one in example["x"].value]
    by = policy(dominance=[[int(example["rule"][0].value), int(example["rule"][1].value)]])
    table = judge(units({"a": x}), by, statistic="sum", values="value", rows=[])
    assert (RuleName.DOMINANCE in rules(table)) is example["unsafe"].value
    # The note: p% with p = 10 flags it all the same.
    with_p = judge(units({"a": x}), policy(p_percent=10), statistic="sum", values="value", rows=[])
    assert RuleName.P_PERCENT in rules(with_p)


def dominance_and_its_bound(example: Looked, _: pd.DataFrame) -> None:
    x = [float(one) for one in example["x"].value]
    by = policy(dominance=[[int(example["rule"][0].value), int(example["rule"][1].value)]])
    for more, unsafe in ((0.0, example["unsafe"].value), (-1e-6, True), (1e-6, False)):
        rest = [float(example["min_total_for_safe"].value) - sum(x) + more] if more else []
        table = judge(units({"a": [*x, *rest]}), by, statistic="sum", values="value", rows=[])
        assert (RuleName.DOMINANCE in rules(table)) is unsafe


def interval_of_a_withheld_cell(example: Looked, _: pd.DataFrame) -> None:
    rows, columns = ([int(one.value) for one in example[name]] for name in ("rows", "cols"))
    least = max(0, rows[0] + columns[0] - sum(rows))
    cells = [least, rows[0] - least, columns[0] - least, rows[1] - columns[0] + least]
    sums = [Relation(4, (0, 1)), Relation(5, (2, 3)), Relation(6, (0, 2)), Relation(7, (1, 3))]
    table = seen_table([*cells, *rows, *columns], [True] * 4 + [False] * 4, sums)
    found = feasible_intervals(table)[0]
    assert [found.lowest, found.highest] == pytest.approx([float(one.value) for one in example["x11"]])


def table_of(rows: Mapping[int, list[tuple[int, str]]]) -> PerturbationTable:
    """Return a table from perturbations with the upper ends of their intervals; counts without are left alone."""
    made = {0: Row((0,), (Fraction(1),))}
    for n in range(1, max(rows) + 1):
        steps, ends = zip(*rows.get(n, [(0, "1")]), strict=True)
        bounds = [Fraction(0), *map(Fraction, ends)]
        made[n] = Row(steps, tuple(after - before for before, after in itertools.pairwise(bounds)))
    return PerturbationTable(made)


def key_of_a_cell(example: Looked, _: pd.DataFrame) -> None:
    key = cell_key(example["record_keys"].fractions())
    assert key == example["cell_key"].fraction()
    assert len(example["record_keys"].value) == example["n"].value
    table = table_of(
        {int(n): [(int(one[0].value), str(one[1].value)) for one in row] for n, row in example["ptable"].items()}
    )
    assert perturbed_count(example["n"].value, key, table) == example["perturbed"].value
    assert [str(end) for end in table.rows[3].bounds] == ["3/10", "7/10", "1"]


def magnitudes(examples: Looked, _: pd.DataFrame) -> None:
    # The rows of 2 and 3 at the key 0.8 of the example before: nothing, and one more.
    key = Fraction(PUBLISHED["cell_key"]["cell_key"])
    table = table_of({2: [(-1, "0.1"), (0, "0.9"), (1, "1")], 3: [(-1, "0.3"), (0, "0.7"), (1, "1")]})
    assert (table.row(2).at(key), table.row(3).at(key)) == (0, 1)
    for one in examples:
        x, largest, share = (one[name].fraction() for name in ("x", "xmax", "delta"))
        assert perturbed_magnitude(x, largest, share, key, table) == one["out"].fraction()
        assert x + share * largest * one["v"].fraction() == one["out"].fraction()


def expansion(example: Looked, _: pd.DataFrame) -> None:
    frame = pd.DataFrame(example["contrib"].value, columns=["value", "weight"]).assign(unit=[1, 2])
    by = policy(weights="expanded", dominance=[[2, 90]])
    book = codebook(weights=("weight",))
    table = judge(frame, by, statistic="sum", values="value", weights="weight", rows=[], codebook=book)
    amounts = evidence_of(table).amounts
    assert amounts is not None
    scale = 10**amounts.decimals
    assert amounts.absolute.tolist() == [example["total"].value * scale]
    assert amounts.largest.tolist() == [[one * scale for one in example["top2"].value]]


def midpoints(example: Looked, _: pd.DataFrame) -> None:
    for n, printed in example.items():
        assert midpoint_count(int(n), 6) == printed.value
        if int(n):
            options = {"midpoint": 6}
            out = sdc.table(heads({"a": int(n)}), rows="group", unit=UNIT, policy="opensafely", options=options)
            assert shown(out) == {"group=a": str(printed.value), "total": str(printed.value)}
            assert status(out) is Status.SAFE


WHOLE = {"arpr": "poverty_rate", "qsr": "s80_s20", "rmpg": "poverty_gap", "gini": "gini"}
SHARES = {"arpr40": "0.4", "arpr50": "0.5", "arpr70": "0.7"}
BY_REGION = {"ARPR": "poverty_rate", "QSR": "s80_s20", "RMPG": "poverty_gap", "Gini": "gini"}


def indicators(example: Looked, silc: pd.DataFrame) -> None:
    for name, statistic in WHOLE.items():
        printed = example[name].value
        assert as_printed(exact(judged(silc, statistic))["total"], printed) == printed
    for name, share in SHARES.items():
        printed = example[name].value
        assert as_printed(shown(judged(silc, "poverty_rate", share_of_median=share))["total"], printed) == printed
    columns = evidence_of(judged(silc, "poverty_rate", rows=("db040",))).part("poverty").columns
    (line,) = {Fraction(*pair) for pair in zip(columns["line_numerator"], columns["line_denominator"], strict=True)}
    assert as_printed(str(float(line)), example["arpt"].value) == example["arpt"].value
    assert as_printed(str(float(line / Fraction("0.6"))), example["median"].value) == example["median"].value
    names = example["columns_by_db040"].value
    for place, name in enumerate(names):
        if name == "n":
            continue
        found = exact(judged(silc, BY_REGION[name], rows=("db040",)))
        for region, printed in example["by_db040"].items():
            figure = str(printed[place].value)
            assert as_printed(found[f"db040={region}"], figure) == figure, (region, name)
    book = codebook(Column("db040", sensitive=False), unit=("rb030",), weights=("rb050",))
    counted = judge(silc, policy(), rows=("db040",), unit=("rb030",), weights="rb050", codebook=book)
    evidence = evidence_of(counted)
    n = dict(zip(map(str, evidence.cells()), evidence.n_units.tolist(), strict=True))
    assert n.pop("total") == example["n"].value
    assert n == {f"db040={name}": one[names.index("n")].value for name, one in example["by_db040"].items()}
    assert shown(counted)["total"] == str(example["sum_rb050"].value)


CHECKS: dict[str, Callable[[Looked, pd.DataFrame], None]] = {
    "source_handbook": source,
    "nk_1_90": p_must_flag,
    "nk_1_85": dominance_and_its_bound,
    "audit_interval": interval_of_a_withheld_cell,
    "cell_key": key_of_a_cell,
    "cell_key_magnitude": magnitudes,
    "weights_expansion": expansion,
    "midpoint6": midpoints,
    "eusilc_laeken": indicators,
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_every_published_figure_is_read_and_holds(key: str, silc: pd.DataFrame) -> None:
    example = Looked(PUBLISHED[key])
    CHECKS[key](example, silc)
    assert example.not_seen() == []


def test_there_is_no_check_of_a_key_that_is_not_there() -> None:
    assert list(CHECKS) == list(PUBLISHED)


def test_what_no_check_reads_is_found() -> None:
    example = Looked({"a": {"b": 1, "c": [2, 3]}, "d": 4, "note": "words"})
    _ = example["a"]["c"][0].value, example["d"].value
    assert example.not_seen() == ["/a/b", "/a/c/1"]
    _ = example["a"].value
    assert example.not_seen() == []
