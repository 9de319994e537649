"""The indicators of EU-SILC against the figures that the R package laeken publishes for them, to all printed digits.

Source: Alfons & Templ (2013), *Estimation of Social Exclusion Indicators from Complex Surveys: The R Package laeken*,
Journal of Statistical Software 54(15), and the vignette of the package: its synthetic EU-SILC data, income `eqIncome`,
weights `rb050`, one threshold of 60% of the median of all persons.
"""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.model.codebooks import Column
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import load_policy
from disclosure.render import to_json
from disclosure.statistics.base import rounded
from tests.disclosure.support import DATA, codebook, failures, judge, shown, status

COLUMNS = ["rb030", "db030", "db040", "eqIncome", "rb050"]
BOOK = codebook(Column("eqIncome", not_disclosive=("not poor",)), unit=("rb030",), weights=("rb050",))
CBS = load_policy("cbs")

# Numbers as texts, so that what is compared has as many decimals as it is printed with.
LAEKEN: dict[str, Any] = json.loads((DATA / "published.json").read_text("utf-8"), parse_float=str)["eusilc_laeken"]
NAMES = {"ARPR": "poverty_rate", "QSR": "s80_s20", "RMPG": "poverty_gap", "Gini": "gini"}
WHOLE = {NAMES[name]: LAEKEN[name.lower()] for name in NAMES}
PLACES = {NAMES.get(name, name): place for place, name in enumerate(LAEKEN["columns_by_db040"])}
BY_REGION: dict[str, list[Any]] = LAEKEN["by_db040"]
SHARES = [("0.4", LAEKEN["arpr40"]), ("0.5", LAEKEN["arpr50"]), ("0.7", LAEKEN["arpr70"])]


@pytest.fixture(scope="module")
def silc() -> pd.DataFrame:
    return pd.read_parquet(DATA / "eusilc.parquet", columns=COLUMNS)


def judged(silc: pd.DataFrame, statistic: str, *, rows: tuple[str, ...] = (), **options: str) -> JudgedTable:
    return judge(
        silc,
        CBS,
        statistic=statistic,
        values="eqIncome",
        rows=rows,
        unit=("rb030",),
        weights="rb050",
        codebook=BOOK,
        options=tuple(sorted(options.items())),
    )


def as_printed(figure: str | None, printed: str) -> str:
    """Return a figure with as many decimals as it is printed with."""
    assert figure is not None
    return str(Decimal(figure).quantize(Decimal(printed), rounding=ROUND_HALF_UP))


def exact(table: JudgedTable) -> dict[str, str | None]:
    """Return the figure of each cell; of a gap that of the exact median of the poor, which is not released."""
    evidence = evidence_of(table)
    if table.recipe.statistic is not Statistic.POVERTY_GAP:
        return shown(table)
    columns = evidence.part("poverty").columns
    scale = 10 ** (evidence.amounts.decimals - WEIGHT_DECIMALS) if evidence.amounts is not None else 0
    found: dict[str, str | None] = {}
    for place, cell in enumerate(evidence.cells()):
        line = Fraction(columns["line_numerator"][place], columns["line_denominator"][place])
        gap = 100 * (line - Fraction(columns["twice_median"][place], 2 * scale)) / line
        found[str(cell)] = rounded(gap, decimals=6, significant_digits=12)
    return found


def evidence_of(table: JudgedTable) -> Evidence:
    assert table.evidence is not None
    return table.evidence


@pytest.mark.parametrize("statistic", WHOLE)
def test_the_figures_of_all_persons_are_the_published_ones(silc: pd.DataFrame, statistic: str) -> None:
    table, printed = judged(silc, statistic), WHOLE[statistic]
    assert status(table) is Status.SAFE
    assert as_printed(exact(table)["total"], printed) == printed


def test_the_gap_that_is_released_is_near_the_published_one_and_of_a_rounded_median(silc: pd.DataFrame) -> None:
    table = judged(silc, "poverty_gap", rows=("db040",))
    columns, released = evidence_of(table).part("poverty").columns, shown(table)
    assert (2 * columns["shown_median"] != columns["twice_median"]).all()
    assert (columns["n_alike"] >= 10).all()
    for cell, figure in exact(table).items():
        assert figure is not None
        assert released[cell] is not None
        assert 0 < abs(Decimal(released[cell] or "nan") - Decimal(figure)) < 3


@pytest.mark.parametrize("statistic", WHOLE)
def test_the_figures_of_each_region_are_the_published_ones(silc: pd.DataFrame, statistic: str) -> None:
    table = judged(silc, statistic, rows=("db040",))
    assert status(table) is Status.SAFE
    found = exact(table)
    for region, printed in BY_REGION.items():
        place = PLACES[statistic]
        assert as_printed(found[f"db040={region}"], printed[place]) == printed[place], region
    counted = dict(zip(map(str, evidence_of(table).cells()), evidence_of(table).n_units.tolist(), strict=True))
    regions = {f"db040={region}": printed[PLACES["n"]] for region, printed in BY_REGION.items()}
    assert regions | {"total": LAEKEN["n"]} == counted


@pytest.mark.parametrize(("share", "printed"), SHARES)
def test_other_shares_of_the_median_give_the_published_rates(silc: pd.DataFrame, share: str, printed: str) -> None:
    assert as_printed(shown(judged(silc, "poverty_rate", share_of_median=share))["total"], printed) == printed


def test_one_line_holds_for_all_regions_and_is_the_published_threshold(silc: pd.DataFrame) -> None:
    columns = evidence_of(judged(silc, "poverty_rate", rows=("db040",))).part("poverty").columns
    lines = {Fraction(*pair) for pair in zip(columns["line_numerator"], columns["line_denominator"], strict=True)}
    assert len(lines) == 1
    line = float(lines.pop())
    assert (f"{line:.2f}", f"{line / 0.6:.2f}") == (LAEKEN["arpt"], LAEKEN["median"])


def test_without_the_weight_in_the_codebook_the_figures_are_the_same(silc: pd.DataFrame) -> None:
    for statistic, printed in WHOLE.items():
        table = judge(silc, CBS, statistic=statistic, values="eqIncome", rows=(), unit=("rb030",), weights="rb050")
        if statistic.startswith("poverty"):
            # Of shares of units nobody judges how much of the weight is on either side, so there is no figure.
            assert status(table) is Status.INCONCLUSIVE
            continue
        figure = dict(zip(map(str, evidence_of(table).cells()), table.figures, strict=True))["total"]
        assert as_printed(figure, printed) == printed


def test_where_the_codebook_does_not_say_that_not_poor_is_harmless_nearly_everybody_not_poor_fails(
    silc: pd.DataFrame,
) -> None:
    plain = codebook(unit=("rb030",), weights=("rb050",))
    options = (("share_of_median", "0.4"),)
    table = judge(
        silc,
        CBS,
        statistic="poverty_rate",
        values="eqIncome",
        rows=(),
        unit=("rb030",),
        weights="rb050",
        codebook=plain,
        options=options,
    )
    assert failures(table) == failures(table, RuleName.FREQUENCY_IN_DISGUISE) == {"total"}


@pytest.mark.parametrize("statistic", ["poverty_rate", "poverty_gap", "s80_s20", "gini", "theil", "lorenz"])
def test_neither_the_order_of_rows_nor_the_type_of_labels_changes_a_byte(silc: pd.DataFrame, statistic: str) -> None:
    shuffled = silc.sample(frac=1, random_state=7).assign(db040=lambda frame: frame.db040.astype(str))
    table, other = (judged(frame, statistic, rows=("db040",)) for frame in (silc, shuffled))
    assert to_json(table) == to_json(other)


def test_theils_t_is_the_formula_in_floating_point(silc: pd.DataFrame) -> None:
    income, weight = silc.eqIncome.to_numpy(), silc.rb050.to_numpy()
    relative = income / np.average(income, weights=weight)
    terms = np.where(relative > 0, relative * np.log(np.where(relative > 0, relative, 1)), 0)
    assert float(shown(judged(silc, "theil"))["total"] or "nan") == pytest.approx(
        np.average(terms, weights=weight), abs=1e-6
    )


def test_a_lorenz_curve_is_the_interpolated_one_of_numpy_and_holds_the_gini_coefficient(silc: pd.DataFrame) -> None:
    points = ",".join(str(place) for place in range(1, 100))
    found = shown(judged(silc, "lorenz", points=points))
    curve = [float(figure or "nan") / 100 for figure in found.values()]
    ordered = silc.sort_values("eqIncome")
    weights, held = ordered.rb050.cumsum().to_numpy(), (ordered.rb050 * ordered.eqIncome).cumsum().to_numpy()
    expected = np.interp(np.arange(1, 100) / 100, np.r_[0, weights / weights[-1]], np.r_[0, held / held[-1]])
    assert np.allclose(curve, expected, atol=1e-8)
    area = np.trapezoid([0, *curve, 1], dx=0.01)
    assert 100 * (1 - 2 * area) == pytest.approx(26.48962, abs=0.02)
