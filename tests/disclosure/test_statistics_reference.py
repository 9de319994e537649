"""Statistics per cell against pandas, NumPy and SciPy, slow plain Python, and themselves in disguise."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from disclosure.check import check_lazy, judged, received, tabulated_frame
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.knowledge import Knowledge
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName
from disclosure.ports import RegisteredFile
from disclosure.render import to_csv, to_json
from tests.disclosure.support import UNIT, failures, judge, policy
from tests.disclosure.tabulation_inputs import PERSONS, inputs

Options = tuple[tuple[str, str], ...]
ASKED: Sequence[tuple[str, Options]] = (
    ("row_percent", ()),
    ("column_percent", ()),
    ("total_percent", ()),
    ("share", ()),
    ("trimmed_mean", (("trim", "0.15"),)),
    ("median", ()),
    ("quantile", (("probability", "0.1"),)),
    ("std", ()),
    ("var", ()),
    ("skew", ()),
    ("kurt", ()),
    ("mode", ()),
)
IDS = [name for name, _ in ASKED]
STRICT: dict[str, Any] = {
    "minimum_units": 4,
    "minimum_df": 4,
    "dominance": [[1, 60], [2, 90]],
    "p_percent": 5,
    "group_disclosure": 90,
    "constant": "on",
    "modal_share": 90,
}


def value_of(statistic: str) -> str | None:
    return None if statistic.endswith("_percent") else "value"


def _filled(kind: str, filling: random.Random) -> float:
    if kind == "wide":
        return round(filling.lognormvariate(8, 2))
    if kind == "signed":
        return filling.randint(-500, 500) / 10
    return filling.randint(0, 10_000) / 100 if kind == "cents" else filling.choice((0, 0, 1, 5, 5, 7))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw the shape of a frame, and let a seeded generator fill it."""
    filling = random.Random(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(("wide", "cents", "signed", "ties")))
    rows_per_unit = draw(st.sampled_from((1, 1, 3)))
    missing = draw(st.sampled_from((0.0, 0.2)))
    rows = []
    for number in range(draw(st.sampled_from((3, 12, 40, 150)))):
        for _ in range(filling.randint(1, rows_per_unit)):
            value = _filled(kind, filling)
            absent = filling.random() < missing
            rows.append((number, filling.choice("ab"), filling.choice("xyz"), None if absent else float(value)))
    return pd.DataFrame(rows, columns=[UNIT, "row", "column", "value"])


def table(frame: Any, statistic: str, options: Options = (), by: Any = None, **more: Any) -> JudgedTable:
    asked = {"rows": ("row",), "columns": ("column",), "values": value_of(statistic), **more}
    return judge(frame, by or policy(minimum_units=2), statistic=statistic, options=options, **asked)


def cells_of(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of every cell and margin."""
    found = {"total": frame}
    for row in sorted(set(frame.row)):
        found[f"row={row}"] = frame[frame.row == row]
        for column in sorted(set(frame.column)):
            both = frame[(frame.row == row) & (frame.column == column)]
            if len(both):
                found[f"row={row}, column={column}"] = both
    for column in sorted(set(frame.column)):
        found[f"column={column}"] = frame[frame.column == column]
    return found


def figures(out: JudgedTable) -> dict[str, str | None]:
    assert out.evidence is not None
    return dict(zip(map(str, out.evidence.cells()), out.figures, strict=True))


def part(out: JudgedTable, column: str) -> dict[str, int]:
    assert out.evidence is not None
    (only,) = out.evidence.parts.values()
    return dict(zip(map(str, out.evidence.cells()), only.columns[column].tolist(), strict=True))


# ---------------------------------------------------------------------------------------------------- other packages
PACKAGES: dict[str, Callable[[pd.Series[float]], float]] = {
    "std": lambda one: one.std(),
    "var": lambda one: one.var(),
    "skew": lambda one: float(str(one.skew())),
    "kurt": lambda one: float(str(one.kurt())),
    "mode": lambda one: stats.mode(one).mode,
    "trimmed_mean": lambda one: stats.trim_mean(one, 0.15),
}


@pytest.mark.parametrize("statistic", PACKAGES)
@given(frame=frames())
@settings(max_examples=10, deadline=None)
def test_figures_are_those_of_pandas_and_scipy(statistic: str, frame: pd.DataFrame) -> None:
    if frame.value.isna().all():
        return
    out = table(frame, statistic, dict(ASKED)[statistic])
    if out.evidence is None:  # a label that is the sum of others
        return
    found = figures(out)
    for cell, rows in cells_of(frame).items():
        values = rows.value.dropna()
        expected = PACKAGES[statistic](values) if len(values) else float("nan")
        if np.isnan(expected) or (statistic in ("skew", "kurt") and values.nunique() < 2):
            assert found[cell] is None
        else:
            # Shape statistics are released in six digits.
            digits = 5.1e-6 if statistic in ("std", "var", "skew", "kurt") else 1e-7
            assert float(found[cell] or "nan") == pytest.approx(expected, rel=digits, abs=2e-5)


@given(frame=frames(), thousandths=st.integers(1, 999))
@settings(max_examples=10, deadline=None)
def test_quantiles_are_those_of_numpy_before_they_are_rounded(frame: pd.DataFrame, thousandths: int) -> None:
    if frame.value.isna().all():
        return
    probability = f"0.{thousandths:03d}"
    out = table(frame, "quantile", (("probability", probability),))
    exact = part(out, "quantile")
    for cell, rows in cells_of(frame).items():
        values = rows.value.dropna()
        if len(values):
            assert exact[cell] / 10**12 == pytest.approx(np.quantile(values, float(probability)), abs=1e-6)
        else:
            assert figures(out)[cell] is None


@pytest.mark.parametrize(
    ("statistic", "normalize"), [("row_percent", "index"), ("column_percent", "columns"), ("total_percent", "all")]
)
@given(frame=frames())
@settings(max_examples=6, deadline=None)
def test_percentages_are_those_of_crosstab(statistic: str, normalize: Any, frame: pd.DataFrame) -> None:
    single = frame.drop_duplicates(UNIT)
    expected = pd.crosstab(single.row, single.column, normalize=normalize) * 100
    found = figures(table(single, statistic))
    for row in expected.index:
        for column in expected.columns:
            cell = found.get(f"row={row}, column={column}") or "0"
            assert float(cell) == pytest.approx(expected.loc[row, column], abs=5.1e-5)


# -------------------------------------------------------------------------------------------------- slow plain Python
def plain_position(rows: pd.DataFrame, probability: Fraction, minimum: int) -> tuple[int, int, int, str | None]:
    """Return the units below, above and behind what is shown, and that figure, from six decimals of every value."""
    values = sorted(
        (round(Decimal(str(value)) * 10**6), unit) for value, unit in zip(rows.value, rows[UNIT], strict=True)
    )
    place = probability * (len(values) - 1)
    low = int(place)
    first, second = values[low][0], values[min(low + 1, len(values) - 1)][0]
    exact = first + (place - low) * (second - first)
    below = len({unit for value, unit in values if value < exact})
    above = len({unit for value, unit in values if value > exact})
    wanted = 0
    for reach in sorted({abs(value - exact) for value, _ in values}):
        near = [(value, unit) for value, unit in values if abs(value - exact) <= reach]
        alike, most = len({unit for _, unit in near}), most_rows(near)
        distances = [abs(value - exact) for value, _ in near]
        if alike < minimum or len(near) < wanted:
            continue
        if most > 1 and 2 * most > len(near):
            wanted = min(2 * len(near), len(values))
        elif 4 * max(distances) <= 3 * sum(distances):
            break
    else:
        return below, above, 0, None
    width, spread = near[-1][0] - near[0][0], values[-1][0] - values[0][0]
    average = Fraction(sum(value for value, _ in near), len(near))
    parts = minimum if most == 1 else min(minimum, len(near) // most)
    for power in count():
        for step in (10**power, 2 * 10**power, 5 * 10**power):
            figure = nearest(average, step)
            if step * parts >= width and abs(figure - exact) <= step:
                if turns(values, figure, place) and not width:
                    return below, above, 0, None
                if 4 * step > spread and (width or figure != exact):
                    return below, above, 0, None
                return below, above, alike, format((Decimal(figure) / 10**6).normalize(), "f")
    raise AssertionError


def most_rows(rows: list[tuple[int, Any]]) -> int:
    """Return the most rows that one unit has of these."""
    return max(Counter(unit for _, unit in rows).values(), default=0)


def turns(values: list[tuple[int, Any]], figure: int, place: Fraction) -> bool:
    """Tell whether a unit with more than three times the rows of most could turn the figure into another value."""
    sizes = sorted(Counter(unit for _, unit in values).values())
    usual = sizes[(len(sizes) - 1) // 2]
    up_to = [row for row in values if row[0] <= figure]
    on = [row for row in values if row[0] >= figure]
    sides = [(on, place - (len(values) - len(on))), (up_to, len(up_to) - 1 - place)]
    return any(len(own) < len(values) and most_rows(own) > way and most_rows(own) > 3 * usual for own, way in sides)


def nearest(number: Fraction, step: int) -> int:
    quotient = number / step
    whole = int((Decimal(quotient.numerator) / Decimal(quotient.denominator)).quantize(Decimal(1), ROUND_HALF_EVEN))
    return whole * step


@given(frame=frames(), minimum=st.integers(2, 6))
@settings(max_examples=10, deadline=None)
def test_who_lies_around_a_quantile_and_who_shares_it(frame: pd.DataFrame, minimum: int) -> None:
    if frame.value.isna().all():
        return
    out = table(frame, "quantile", (("probability", "0.25"),), policy(minimum_units=minimum))
    found = figures(out)
    by_position = failures(out, RuleName.POSITION) | failures(out, RuleName.MINIMUM_COUNT)
    counted = [part(out, name) for name in ("below", "above", "alike")]
    for cell, rows in cells_of(frame).items():
        rows = rows.dropna(subset=["value"])
        if len(rows):
            *expected, figure = plain_position(rows, Fraction(1, 4), minimum)
            assert [one[cell] for one in counted] == expected
            assert found[cell] == figure
            too_few = min(expected) < minimum or rows[UNIT].nunique() < minimum
            assert (cell in by_position) is too_few


def plain_deviations(rows: pd.DataFrame, power: int) -> list[Fraction]:
    values = [Fraction(str(value)) for value in rows.value]
    mean = sum(values, Fraction(0)) / len(values)
    sizes: dict[int, Fraction] = {}
    for value, unit in zip(values, rows[UNIT], strict=True):
        sizes[unit] = sizes.get(unit, Fraction(0)) + abs(value - mean) ** power
    return sorted(sizes.values(), reverse=True)


@pytest.mark.parametrize(("statistic", "power"), [("var", 2), ("skew", 3), ("kurt", 4)])
@given(frame=frames())
@settings(max_examples=6, deadline=None)
def test_what_units_add_to_a_moment(statistic: str, power: int, frame: pd.DataFrame) -> None:
    if frame.value.isna().all():
        return
    out = table(frame, statistic)
    for cell, rows in cells_of(frame).items():
        rows = rows.dropna(subset=["value"])
        if len(rows):
            scale = (len(rows) * 10**6) ** power
            sizes = plain_deviations(rows, power)
            assert part(out, "absolute")[cell] == sum(sizes) * scale
            largest = [part(out, f"largest_{place}")[cell] for place in (1, 2, 3)]
            assert largest == [one * scale for one in (*sizes, 0, 0, 0)[:3]]


# ---------------------------------------------------------------------------------------------- the same in disguise
@pytest.mark.parametrize(("statistic", "options"), ASKED, ids=IDS)
@given(frame=frames(), seed=st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_no_order_of_rows_type_or_chunk_changes_a_byte(
    statistic: str, options: Options, frame: pd.DataFrame, seed: int
) -> None:
    if frame.value.isna().all():
        return
    if statistic == "share":
        frame = frame.assign(value=frame.value.abs())
    by = policy(**STRICT)
    plain = table(frame, statistic, options, by)
    shuffled = frame.sample(frac=1, random_state=seed)
    half = len(shuffled) // 2
    chunks = pa.concat_tables(
        [pa.Table.from_pandas(one, preserve_index=False) for one in (shuffled[:half], shuffled[half:])]
    )
    other = frame.assign(unit=frame.unit.map(lambda one: f"u{one}"), row=frame.row.astype("category"))
    for disguised in (shuffled, chunks, other):
        same = table(disguised, statistic, options, by)
        assert same.verdict == plain.verdict
        assert (to_json(same), to_csv(same)) == (to_json(plain), to_csv(plain))


@pytest.mark.parametrize(("statistic", "options"), ASKED, ids=IDS)
def test_threads_do_not_change_a_byte(statistic: str, options: Options) -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            UNIT: rng.integers(0, 900, 3000),
            "row": rng.choice(list("ab"), 3000),
            "column": rng.choice(list("xyz"), 3000),
            "value": np.round(np.exp(rng.normal(9, 1, 3000)), 2),
        }
    )
    one, more = (table(frame, statistic, options, policy(**STRICT), threads=threads) for threads in (1, 4))
    assert to_json(one) == to_json(more)


# --------------------------------------------------------------------------------------------- in the control zone
def recipe_of(statistic: str, options: Options, by: Any, columns: tuple[str, ...]) -> Recipe:
    return Recipe(
        source=FrameSource(columns),
        statistic=Statistic(statistic),
        policy=by.reference,
        rows=("row",),
        columns=("column",),
        value=value_of(statistic),
        unit=(UNIT,),
        options=options,
    )


@pytest.mark.parametrize("suppressed", [False, True])
@pytest.mark.parametrize(("statistic", "options"), ASKED, ids=IDS)
def test_evidence_that_travelled_is_judged_the_same(statistic: str, options: Options, suppressed: bool) -> None:
    filling = random.Random(3)
    frame = pd.DataFrame(
        [(place, filling.choice("ab"), filling.choice("xyz"), filling.randint(1, 99)) for place in range(60)]
        + [(place, "c", "x", 5) for place in range(60, 63)],
        columns=[UNIT, "row", "column", "value"],
    )
    by = policy(**STRICT)
    recipe = replace(recipe_of(statistic, options, by, tuple(frame.columns)), suppressed=suppressed)
    narrow = narrow_frame(frame, recipe.narrow_columns)
    here = tabulated_frame(recipe, narrow, by, Knowledge(), DuckDBTabulator())
    assert isinstance(here.evidence, Evidence)
    there = replace(here, evidence=evidence_from_bytes(evidence_to_bytes(here.evidence)))
    first, second = judged(recipe, here, by), judged(recipe, there, by)
    assert first.failing.any()
    assert first.verdict == second.verdict
    assert (to_json(first), to_csv(first)) == (to_json(second), to_csv(second))


@pytest.mark.parametrize(("statistic", "options"), ASKED, ids=IDS)
def test_a_lazy_recipe_comes_out_of_the_sealed_worker_the_same(
    statistic: str, options: Options, tmp_path: Path
) -> None:
    made = inputs(tmp_path)
    value = None if value_of(statistic) is None else "income"
    plain = made.lazy("SELECT pid, wijk, benefit, income FROM Persons", rows=("wijk",))
    columns = ("benefit",) if value is None else ()
    recipe = replace(plain.recipe, statistic=Statistic(statistic), options=options, value=value, columns=columns)
    job = made.job(recipe)
    out = judged(recipe, received(job, made.run(job)), made.policy)
    files = {PERSONS: RegisteredFile(made.data_path(), made.reference().digest)}
    here = check_lazy(recipe, files, job.codebooks(), made.policy, DuckDBTabulator()).table
    assert out.verdict == here.verdict
    assert out.evidence is not None
    assert to_json(out) == to_json(here)
