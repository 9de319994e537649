"""Cells of two outputs that few units are in only one of: what one less the other tells is judged as a cell."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines import cells_beside as cells
from disclosure.engines import joined as rows_joined
from disclosure.engines.rows_beside import compared
from disclosure.errors import DataError, DocumentError
from disclosure.model.beside import Beside, CellPairs, Within, beside_from
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_rows import placed_at_hand, rows_beside
from disclosure.notebook.output import Output
from disclosure.policy import load_policy
from tests.disclosure.beside import TOLD, goes_beside
from tests.disclosure.support import UNIT

PEOPLE = 1200
JUST_18 = 7
"""One who is 18; everybody else is younger than 17 or older than 20, unless a test says otherwise."""


def people(eighteen: int = 1) -> pd.DataFrame:
    """Return persons of whom so many are 18, all in one of three wijken."""
    chance = np.random.default_rng(3)
    frame = pd.DataFrame({UNIT: range(PEOPLE), "wijk": np.array(["28", "29", "30"])[np.arange(PEOPLE) % 3]})
    frame["age"] = np.where(np.arange(PEOPLE) % 2 == 0, 12, 40)
    frame.loc[frame.index[frame.wijk == "28"][1 : 2 * eighteen : 2], "age"] = 18
    frame["income"] = np.round(chance.lognormal(10, 0.4, PEOPLE))
    frame["poor"] = (np.arange(PEOPLE) // 7 % 3 == 0).astype(int)
    return frame


def cut(frame: pd.DataFrame, age: int, **asked: Any) -> Output:
    """Return an output by wijk and on which side of an age."""
    rows = frame.assign(side=np.where(frame.age < age, "younger", "older"))
    told = {"rows": "wijk", "columns": "side", "unit": UNIT, "policy": "cbs", **asked}
    out = sdc.table(rows, **told)
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


def alone(frame: pd.DataFrame, rows: tuple[str, ...], **asked: Any) -> Output:
    out = sdc.table(frame, **{"rows": rows, "unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


def few_units_apart(one: Output, other: Output) -> bool:
    """Tell whether the rows of two outputs tell together of few units of what their tables show."""
    beside = rows_beside(one, other)
    return beside is not None and beside.told(one.table, other.table)


SUM: dict[str, Any] = {"values": "income", "statistic": "sum"}
ASKED: dict[str, dict[str, Any]] = {
    "count": {},
    "sum": SUM,
    "mean": {**SUM, "statistic": "mean"},
    "rate": {"values": "poor", "statistic": "rate"},
    "row percent": {"statistic": "row_percent"},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize(("eighteen", "goes"), [(0, True), (1, False), (9, False), (60, True)])
def test_two_cuts_of_one_value_go_together_if_enough_units_lie_between(
    asked: dict[str, Any], eighteen: int, *, goes: bool
) -> None:
    frame = people(eighteen)
    assert goes_beside(cut(frame, 18, **asked), cut(frame, 19, **asked)) is goes


@pytest.mark.parametrize(("eighteen", "goes"), [(9, False), (10, True)])
def test_of_counts_the_minimum_lies_between(eighteen: int, *, goes: bool) -> None:
    frame = people(eighteen)
    assert goes_beside(cut(frame, 18), cut(frame, 19)) is goes


def test_a_cell_of_one_kind_beside_a_cell_of_another_tells_as_much() -> None:
    frame = people()
    assert not goes_beside(cut(frame, 18), cut(frame, 19, **SUM))
    assert not goes_beside(cut(frame, 18), cut(frame, 19, statistic="rate", values="poor"))


def test_a_cell_and_a_margin_of_another_output_are_cells_beside_each_other() -> None:
    frame = people()
    assert not goes_beside(cut(frame, 20), alone(frame[frame.age != 18], ("wijk",)))


def test_of_two_cuts_by_another_dimension_each_the_totals_are_compared() -> None:
    frame = people().assign(sex=np.where(np.arange(PEOPLE) % 8 < 4, "f", "m"))
    rows = frame.assign(side=np.where(frame.age < 18, "younger", "older"))
    other = frame.assign(adult=np.where(frame.age < 19, "no", "yes"))
    first, last = (alone(rows, ("side", "wijk")), alone(other, ("adult", "sex")))
    assert not goes_beside(first, last)


def test_the_difference_of_two_sums_obeys_dominance() -> None:
    frame = people(30)
    assert goes_beside(cut(frame, 18, **SUM), cut(frame, 19, **SUM))
    one = frame.index[frame.age == 18][0]
    rich = frame.assign(income=frame.income.where(frame.index != one, 4 * frame.income[frame.age == 18].sum()))
    assert not goes_beside(cut(rich, 18, **SUM), cut(rich, 19, **SUM))
    # Of counts nobody has more than another.
    assert goes_beside(cut(rich, 18), cut(rich, 19))


def test_behind_two_rates_few_may_be_who_are() -> None:
    frame = people(40)
    others = frame.assign(poor=frame.poor.where(frame.age != 18, 0))
    rate: dict[str, Any] = {"values": "poor", "statistic": "rate"}
    assert goes_beside(cut(others, 18, **rate), cut(others, 19, **rate))
    one = frame.index[frame.age == 18][0]
    poor = others.assign(poor=others.poor.where(others.index != one, 1))
    assert not goes_beside(cut(poor, 18, **rate), cut(poor, 19, **rate))


def test_a_cell_that_is_withheld_tells_nothing() -> None:
    """Of wijk 28 both outputs withhold the few, and what they are in more of the one than of the other."""
    frame = people()
    few = frame[(frame.wijk != "28") | (frame.age == 18) | (frame.index % 180 == 0)]
    assert 0 < (few.wijk == "28").sum() < 10
    outs = [sdc.table(rows, rows="wijk", unit=UNIT, policy="cbs") for rows in (few, few[few.age != 18])]
    assert all(isinstance(out, Output) and out.verdict.status is Status.UNSAFE for out in outs)
    first, last = (_withheld(out) for out in outs if isinstance(out, Output))
    assert not few_units_apart(first, last)
    # The rows say it of them all the same, whatever is shown.
    one, other = (placed_at_hand(out) for out in (first, last))
    assert one is not None
    assert other is not None
    assert len(compared(one, other, load_policy("cbs")).pairs)


def _withheld(out: Output) -> Output:
    (remedy,) = (each for each in out.remedies() if each.kind is RemedyKind.SUPPRESS)
    repaired = out.apply(remedy)
    assert repaired.verdict.status is Status.SAFE
    return repaired


@pytest.mark.parametrize(("eighteen", "goes"), [(0, True), (1, False), (9, False), (10, True)])
@pytest.mark.parametrize("rows", [("group",), ("wijk", "group")])
def test_several_cells_beside_one_tell_as_much(rows: tuple[str, ...], eighteen: int, *, goes: bool) -> None:
    frame = people(eighteen)
    frame["age"] = frame.age.where(frame[UNIT] % 4 > 1, frame.age + 1)
    frame.loc[frame.age == 19, "age"] = 18
    fine = frame.assign(group=np.select([frame.age < 13, frame.age < 18, frame.age < 41], ["a", "b", "c"], "d"))
    coarse = frame.assign(group=np.where(frame.age < 19, "young", "old"))
    assert goes_beside(alone(fine, rows), alone(coarse, rows)) is goes


@pytest.mark.parametrize("times", [1, 3])
def test_a_unit_counts_once_however_many_rows_it_has(times: int) -> None:
    frame = pd.concat([people()] * times)
    assert not goes_beside(cut(frame, 18), cut(frame, 19))
    assert goes_beside(cut(frame, 18), cut(frame, 18, **SUM))


def test_outputs_by_other_dimensions_over_the_same_rows_go_together() -> None:
    frame = people(200).assign(sex=["f", "m"] * (PEOPLE // 2), half=np.where(np.arange(PEOPLE) % 4 < 2, "a", "b"))
    basket = Basket()
    for place, rows in enumerate((("wijk",), ("sex",), ("half",), ("wijk", "sex"), ("half", "wijk"))):
        basket.add(alone(frame, rows, **SUM), name=f"o{place}", **TOLD)
    assert len(basket) == 5


def test_labels_of_other_types_are_the_same_cells() -> None:
    frame = people()
    texts = frame.assign(wijk=frame.wijk.astype(int))
    texts[UNIT] = frame[UNIT].astype(str)
    assert not goes_beside(cut(frame, 18), cut(texts, 19))


def test_too_many_overlapping_cells_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = people(30)
    texts = frame.assign(**{UNIT: frame[UNIT].astype(str)})
    first, last = cut(frame, 18, **SUM), cut(texts, 19, **SUM)
    assert not few_units_apart(first, last)
    for module, name in ((rows_joined, "MOST_JOINED"), (cells, "MOST_PAIRS")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, 0)
            with pytest.raises(DataError, match="too many cells") as refused:
                few_units_apart(first, last)
            assert "coarser" in str(refused.value.hint)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_plain_sets_of_units_agree(data: st.DataObject) -> None:
    n = data.draw(st.integers(30, 60))
    chance = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    frame = pd.DataFrame({UNIT: range(n), "a": chance.integers(0, 2, n), "b": chance.integers(0, 2, n)})
    moved = data.draw(st.integers(0, 12))
    frame["c"] = frame.a.where(frame.index >= moved, 1 - frame.a)
    outs = [sdc.table(frame, rows=rows, unit=UNIT, policy="cbs") for rows in (("a", "b"), "c")]
    first, last = outs
    assert isinstance(first, Output)
    assert isinstance(last, Output)
    if first.verdict.status is last.verdict.status is Status.SAFE:
        sets = [_sets(frame, ("a", "b")), _sets(frame, ("c",))]
        told = any(_few(one, other) for one in sets[0] for other in sets[1])
        unions = [_unions(frame, ("a", "b")), _unions(frame, ("c",))]
        maybe = any(_few(one, other) for one in unions[0] for other in unions[1])
        # Whatever two cells tell is told, and nothing that no cells tell together.
        assert told <= few_units_apart(first, last) <= maybe


def _unions(frame: pd.DataFrame, names: tuple[str, ...]) -> list[set[int]]:
    """Return the units of every set of cells by the same dimensions, the slow way."""
    found = []
    for size in range(len(names) + 1):
        for some in combinations(names, size):
            parts = [set(part[UNIT]) for _, part in frame.groupby(list(some))] if some else [set(frame[UNIT])]
            for number in range(1, len(parts) + 1):
                found += [set().union(*each) for each in combinations(parts, number)]
    return found


def _sets(frame: pd.DataFrame, names: tuple[str, ...]) -> list[set[int]]:
    """Return the units of every cell and margin, the slow way."""
    found = [set(frame[UNIT])]
    for name in names:
        found += [set(part[UNIT]) for _, part in frame.groupby(name)]
    if len(names) == 2:
        found += [set(part[UNIT]) for _, part in frame.groupby(list(names))]
    return found


def _few(one: set[int], other: set[int]) -> bool:
    apart = one ^ other
    nested = one <= other or other <= one
    enough = len(one | other) >= 10 and 2 * len(apart) <= len(one | other)
    return bool(nested and 0 < len(apart) < 10 and enough and one & other)


def halves(hidden: int, more: int = 0) -> tuple[Output, Output]:
    """Return counts by wijk of which 31 has few and 32 so many more, and by part, of which 30 to 32 are the south."""
    wijken = ["28"] * 60 + ["29"] * 60 + ["30"] * 60 + ["31"] * hidden + ["32"] * more
    frame = pd.DataFrame({UNIT: range(len(wijken)), "wijk": wijken})
    frame["part"] = np.where(frame.wijk.isin(("28", "29")), "north", "south")
    out = sdc.table(frame, rows="wijk", unit=UNIT, policy="cbs")
    assert isinstance(out, Output)
    # Fewer rows, so that the totals of the two have nothing to do with each other.
    return _withheld(out), alone(frame.iloc[30:], ("part",))


def test_a_cell_that_is_all_but_few_of_those_that_are_shown_tells_what_is_withheld() -> None:
    fine, coarse = halves(5)
    assert few_units_apart(fine, coarse)
    assert few_units_apart(coarse, fine)


@pytest.mark.parametrize(("more", "told"), [(0, True), (3, True), (9, False)])
def test_of_withheld_cells_the_minimum_may_follow_together(more: int, *, told: bool) -> None:
    assert few_units_apart(*halves(5, more)) is told


# ------------------------------------------------------------------------------------------------ what figures read


MORE = people(0).assign(
    months=lambda frame: 1 + frame[UNIT] * 7 % 36,
    job=lambda frame: frame[UNIT] // 3 % 2,
    group=lambda frame: np.where(frame[UNIT] % 4 < 2, "a", "b"),
    part=lambda frame: (frame.wijk == "28").astype(int),
)
ONE = 8
"""A person of whom something is changed."""


def changed(column: str, value: Any, units: int = 1) -> pd.DataFrame:
    """Return the persons with another value of a column for so many of them."""
    same = (MORE[UNIT] < ONE) | (MORE[UNIT] >= ONE + units)
    return MORE.assign(**{column: MORE[column].where(same, value)})


def figure_of(kind: str, frame: pd.DataFrame) -> Output:
    told: dict[str, Any] = {"unit": UNIT, "policy": "cbs"}
    made: dict[str, Any] = {
        "correlation": lambda: sdc.correlation(frame, "income", "age", **told),
        "survival": lambda: sdc.survival(frame, duration="months", event="job", period=12, **told),
        "model": lambda: sdc.model("income ~ age + C(group)", frame, family="ols", **told),
        "logit": lambda: sdc.model("job ~ part", frame, family="logit", **told),
        "t test": lambda: sdc.t_test(frame, value="income", group="group", **told),
        "weighted": lambda: sdc.table(frame, rows="wijk", weights="income", **told),
        "table": lambda: sdc.table(frame, rows=("wijk", "job"), **told),
        "sum": lambda: sdc.table(frame, rows="wijk", values="income", statistic="sum", **told),
        "twelve": lambda: sdc.table(
            frame.assign(year=12 * frame.income), rows="wijk", values="year", statistic="sum", **told
        ),
    }
    out = made[kind]()
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE, kind
    return out


CHANGES: dict[str, tuple[str, str, str, Any]] = {
    "a correlation with another column": ("correlation", "correlation", "age", 39),
    "curves with another duration": ("survival", "survival", "months", 30),
    "curves with another event": ("survival", "survival", "job", 1),
    "models with another response": ("model", "model", "income", 0),
    "models with another regressor": ("model", "model", "age", 39),
    "models with a response that is missing": ("model", "model", "income", np.nan),
    "a model beside a sum": ("model", "sum", "income", 0),
    "tests with another group": ("t test", "t test", "group", "b"),
    "a table beside a model by nearly the same": ("table", "logit", "part", 1),
    "another weight": ("weighted", "weighted", "income", 77_000),
    "a weighted count beside a sum": ("weighted", "sum", "income", 77_000),
    "a multiple": ("sum", "twelve", "income", 77_000),
}


@pytest.mark.parametrize(("first", "then", "column", "value"), CHANGES.values(), ids=CHANGES)
def test_figures_that_read_something_else_of_one_person_do_not_go_together(
    first: str, then: str, column: str, value: Any
) -> None:
    assert goes_beside(figure_of(first, MORE), figure_of(then, MORE))
    assert not goes_beside(figure_of(first, MORE), figure_of(then, changed(column, value)))


@pytest.mark.parametrize(("units", "goes"), [(0, True), (1, False), (9, False), (10, True)])
def test_figures_may_read_something_else_of_the_minimum(units: int, *, goes: bool) -> None:
    other = changed("age", 33, units)
    assert goes_beside(figure_of("correlation", MORE), figure_of("correlation", other)) is goes


# ------------------------------------------------------------------------------------------------------- the document


def pairs() -> CellPairs:
    codes = np.array([[0, -1], [1, 1]], dtype=np.int32)
    return CellPairs(
        ("wijk", "side"), ("x",), (("28", None), ("a", "b")), (("y",),), codes, codes[:, :1] * 0, np.arange(2)
    )


def test_pairs_of_cells_come_back_from_their_document() -> None:
    within = Within(pairs(), np.array([1, 2]), np.array([3, 4]))
    told = Beside(pairs(), values_apart=True, nested=True, around=within)
    again = beside_from(told.to_document())
    assert again.to_document() == told.to_document()
    assert again.values_apart
    assert [again.pairs.labels[0][code] for code in again.pairs.codes[:, 0]] == ["28", None]


@pytest.mark.parametrize("part", ["pairs", "values_apart", "nested", "within", "around", "unknown"])
@pytest.mark.parametrize("wrong", [1, "x", [], {}, {"one": {}, "other": {}}])
def test_another_document_is_refused(part: str, wrong: Any) -> None:
    with pytest.raises(DocumentError):
        beside_from({**Beside(pairs()).to_document(), part: wrong})


@pytest.mark.parametrize("code", [-2, 2])
def test_a_code_without_a_label_is_refused(code: int) -> None:
    with pytest.raises(DocumentError, match="label"):
        CellPairs(("x",), ("x",), (("a", "b"),), (("a",),), np.array([[code]]), np.array([[0]]), np.array([0]))
