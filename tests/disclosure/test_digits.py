"""Figures as people read them: six significant digits, the signs of the language, and no p value of zero."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.render import to_html, to_json
from disclosure.render.digits import for_people, in_signs
from disclosure.render.metadata import to_metadata
from disclosure.texts import language
from tests.disclosure.support import shown


def people(n: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    frame = pd.DataFrame({"person": range(n), "wijk": generator.choice(["a", "b"], n), "age": range(n)})
    return frame.assign(income=np.round(generator.lognormal(10.4, 0.4, n), 2) + 300 * frame.age)


@pytest.mark.parametrize(
    ("figure", "english", "dutch"),
    [
        ("32597.416667", "32,597.4", "32\u00a0597,4"),
        ("999999.5", "1,000,000", "1\u00a0000\u00a0000"),
        ("1234567.891", "1,234,568", "1\u00a0234\u00a0568"),
        ("-1234.5", "-1,234.5", "-1\u00a0234,5"),
        ("0.012345678", "0.0123457", "0,0123457"),
        ("999", "999", "999"),
        ("0", "0", "0"),
        ("12.000000", "12", "12"),
        ("-0.0000001234567", "-0.000000123457", "-0,000000123457"),
        ("no_value", "no_value", "no_value"),
    ],
)
def test_a_figure_has_six_digits_and_the_signs_of_the_language(figure: str, english: str, dutch: str) -> None:
    with language("en"):
        assert for_people(figure) == english
    with language("nl"):
        assert for_people(figure) == dutch


@pytest.mark.parametrize(
    ("figure", "said"), [("0", "< 0.0001"), ("0.000099", "< 0.0001"), ("0.0001", "0.0001"), ("1", "1"), ("-1", "-1")]
)
def test_a_p_value_is_never_shown_as_zero(figure: str, said: str) -> None:
    assert for_people(figure, is_p_value=True) == said
    assert "<" not in for_people(figure)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
@settings(max_examples=60, deadline=None)
def test_what_is_shown_is_near_and_its_whole_part_is_in_full(number: Decimal) -> None:
    said = Decimal(for_people(format(number, "f")).replace(",", ""))
    # From a hundred thousand on the whole part alone has six digits.
    assert abs(said - number) <= (Decimal("0.5") if abs(number) >= 10**5 else abs(number) * Decimal("5.1e-6"))


def test_thousands_are_grouped_digit_for_digit() -> None:
    assert in_signs("1234567.000100") == "1,234,567.000100"


def test_a_table_on_the_screen_has_few_digits_and_a_file_all_of_them() -> None:
    out = sdc.table(people(), rows="wijk", values="income", statistic="mean", unit="person")
    exact = shown(out.table)["wijk=a"] or ""
    assert len(exact.replace(".", "")) > 7
    for page in (repr(out), out._repr_html_()):
        assert for_people(exact) in page
        assert exact not in page
    with language("nl"):
        assert for_people(exact) in repr(out)
        assert for_people(exact).count("\u00a0") == 1


def test_a_test_that_is_as_good_as_certain_says_how_small_its_p_value_is() -> None:
    out = sdc.correlation(people(), "income", "age", unit="person")
    assert out.to_pandas().loc[:, "p_value"].tolist() == [0]
    assert "< 0.0001" in repr(out)
    assert "&lt; 0.0001" in out._repr_html_()


def test_the_step_of_a_median_is_told_wherever_its_figures_are() -> None:
    out = sdc.table(people(), rows="wijk", values="income", statistic="median", unit="person")
    said = "average of the nearest units, rounded"
    assert said in repr(out)
    assert said in out._repr_html_()
    with language("nl"):
        assert "gemiddelde van de dichtstbijzijnde eenheden" in repr(out)
    both = sdc.summary(people(), values="income", by="wijk", unit="person")
    assert said in repr(both)
    assert said.encode() in to_html(out.table, title="Incomes")
    for released in (to_json(out.table), to_metadata(out.table, "incomes")):
        assert said in released.decode()
        assert "gemiddelde van de dichtstbijzijnde eenheden" in released.decode()


def test_the_steps_of_withheld_cells_are_not_told() -> None:
    """The quantile of a few persons with thousands between them would be rounded to thousands."""
    frame = people()
    few = pd.DataFrame(
        {"person": range(1000, 1015), "wijk": "c", "age": 1, "income": [10_000.0 * n for n in range(15)]}
    )
    out = sdc.table(pd.concat([frame, few]), rows="wijk", values="income", statistic="median", unit="person")
    assert "10,000" in repr(out).split("by wijk")[0]
    held = out.apply(next(one for one in out.remedies() if one.kind.value == "suppress"))
    assert "10,000" not in json.loads(to_json(held.table))["about"]["statistic"]["en"]


def test_a_gini_coefficient_says_that_negative_values_count() -> None:
    out = sdc.table(people(), values="income", statistic="gini", unit="person")
    assert "negative values as they are" in repr(out)
    with language("nl"):
        assert "negatieve waarden zoals ze zijn" in repr(out)


def test_a_failing_quantile_is_neither_zero_nor_far_off() -> None:
    few = people(14)
    out = sdc.table(few, values="income", statistic="p95", unit="person")
    assert out.verdict.status.value == "unsafe"
    assert ">0<" not in out._repr_html_()
    assert "▲ 0" not in out._repr_html_()


def test_a_summary_says_which_percentiles_it_has_and_is_dutch_in_dutch() -> None:
    out = sdc.summary(people(), values="income", by="wijk", unit="person")
    assert "p25 of income" in repr(out)
    with language("nl"):
        assert "percentiel 25 van income" in repr(out)
        assert "mean of income" not in repr(out)
        page = out._repr_html_()
        assert page.index("gemiddelde van income") < page.index("mean of income")


def test_a_table_of_models_shows_whole_numbers_of_units_intervals_and_p_values() -> None:
    first = sdc.model("income ~ age", people(), family="ols", unit="person")
    shown_table = repr(sdc.model_table(first, first))
    assert "400.0" not in shown_table
    for word in ("p value", "< 0.0001", "confidence low", "confidence high", "standard error"):
        assert word in shown_table
    assert "&lt; 0.0001" in sdc.model_table(first)._repr_html_()
