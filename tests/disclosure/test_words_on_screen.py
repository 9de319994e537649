"""What a display says is in the reader's words: measures, headings, percentages, missing categories, arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, ColumnError
from disclosure.model.cells import Cell
from disclosure.model.verdicts import RuleName, said_of
from disclosure.notebook.arguments import ArgumentsError, says_arguments
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.spoken import measures_named
from disclosure.notebook.words import head_of
from disclosure.render import to_csv, to_html, to_json
from disclosure.render.digits import percentage
from disclosure.render.figures.words import number
from disclosure.texts import language, text


def people(size: int = 400) -> pd.DataFrame:
    filling = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "person": range(size),
            "wijk": ["28", "29", "28", "29", "29"] * (size // 5 - 1) + ["31"] * 5,
            "sex": ["m", "v"] * (size // 2),
            "income": filling.integers(20, 90, size) * 500.0,
            "q": filling.choice(["ja", "nee"], size),
        }
    )


def measured() -> Outputs:
    out = sdc.table(people(), rows="wijk", values="income", statistic=["mean", "p5", "p2.5", "count"], unit="person")
    assert isinstance(out, Outputs)
    return out


# ----------------------------------------------------------------------------------------------------------- measures
def test_reasons_and_remedies_name_measures_as_the_head_of_the_table_does() -> None:
    out = measured()
    remedies = out.remedies()
    assert any(one.measures for one in remedies)
    with language("nl"):
        shown = (repr(out), out._repr_html_(), repr(remedies))
    for said in (shown[0], shown[2], "".join(re.findall(r"<li>.*?</li>", shown[1]))):
        assert "percentiel 2,5 van income" in said
        assert " of income" not in said


def test_in_english_measures_go_by_the_names_that_reach_them() -> None:
    out = measured()
    with language("en"):
        shown = repr(out) + repr(out.remedies())
    assert "p2.5 of income: " in shown
    assert "percentile" not in shown
    assert out.names == ("mean of income", "p5 of income", "p2.5 of income", "count")


def test_the_title_names_no_measure_that_is_left_out() -> None:
    frame = people().assign(income=lambda own: own.income.mask(own.person < 2))
    outs = sdc.table(frame, rows="sex", values="income", statistic=["sum", "mean", "count"], unit="person")
    with language("en"):
        shown = repr(outs)
    title = next(line for line in shown.splitlines() if line.endswith(", by sex"))
    assert title == "sum of income, mean of income (unit: person), by sex"
    assert "count: the count is left out: together with the mean of income it tells who has no income" in shown


def test_the_total_of_a_rate_over_years_is_told() -> None:
    persons = range(400)
    frames = [
        pd.DataFrame({"person": persons, "year": year, "ill": [int((one + year) % 5 == 0) for one in persons]})
        for year in (1, 2)
    ]
    panel = pd.concat(frames)
    asked: dict[str, Any] = {"rows": "year", "values": "ill", "statistic": "rate", "unit": "person"}
    told = {"en": "total: units that ever have it", "nl": "totaal: eenheden die het ooit hebben"}
    for code, words in told.items():
        with language(code):
            assert words in repr(sdc.table(panel, **asked))
            assert words not in repr(sdc.table(panel.assign(person=range(800)), **asked))
            assert words in repr(sdc.table(panel, **{**asked, "statistic": ["rate", "mean"]}))


def test_a_result_is_written_as_tables_are() -> None:
    frame = people()
    with language("nl"):
        shown = repr(sdc.result([1.2, 1234567.8], support=frame, by="sex", unit="person"))
    assert "waarde" in shown
    assert "1,2\n" in shown
    assert "1\u00a0234\u00a0570" in shown


def test_a_measure_that_is_inconclusive_has_its_words_too() -> None:
    frame = people().assign(income=lambda own: own.income.mask(own.person < 2))
    with language("nl"):
        shown = repr(sdc.table(frame, rows="sex", values="income", statistic=["sum", "mean", "count"], unit="person"))
    assert "aantal eenheden: het aantal is weggelaten: samen met het gemiddelde van income verraadt het" in shown
    assert "count" not in shown


def test_a_text_of_measures_is_read_in_the_language_of_its_reader_and_logged_in_english() -> None:
    out = measured()
    said = measures_named(("p5 of income", "count"), {name: one.recipe for name, one in out.items()})
    with language("nl"):
        assert str(text("leave {name} out", name=said)) == "laat percentiel 5 van income, aantal eenheden weg"
        assert text("leave {name} out", name=said).english == "leave p5 of income, count out"
    with language("en"):
        assert str(said) == "p5 of income, count"


# ------------------------------------------------------------------------------------------------ missing and headings
def test_a_missing_category_and_the_total_are_told_in_the_readers_language() -> None:
    cell = Cell((("wijk", "28"), ("sex", None)))
    with language("nl"):
        assert said_of(cell) == "wijk=28, sex=(ontbreekt)"
        assert said_of(Cell(())) == "totaal"
    with language("en"):
        assert said_of(cell) == str(cell)
        assert said_of(Cell(())) == str(Cell(())) == "total"


def test_the_reasons_of_a_table_say_missing_in_dutch_and_its_file_does_not() -> None:
    out = sdc.table(people().assign(wijk=lambda own: own.wijk.mask(own.wijk == "31")), rows="wijk", unit="person")
    file = to_csv(out.table)
    with language("nl"):
        assert ": wijk=(ontbreekt)" in repr(out)
        assert "wijk=(ontbreekt): " in repr(out.verdict)
        assert "(missing)" not in repr(out) + out._repr_html_() + repr(out.verdict)
        assert to_csv(out.table) == file
    assert out.verdict.findings[0].rule is RuleName.MINIMUM_COUNT


@pytest.mark.parametrize(
    ("name", "english", "dutch"),
    [
        ("p_value", "p value", "p-waarde"),
        ("confidence_low", "confidence low", "ondergrens 95"),
        ("incidence_2", "incidence 2", "incidentie 2"),
        ("survival", "survival", "overleving"),
        ("my_own_column", "my_own_column", "my_own_column"),
    ],
)
def test_the_words_of_a_heading_stand_apart_and_own_columns_keep_their_names(
    name: str, english: str, dutch: str
) -> None:
    with language("en"):
        assert head_of(name) == english
    with language("nl"):
        assert head_of(name) == dutch


# -------------------------------------------------------------------------------------------------------------- digits
@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("51.666667", "51.7"), ("50", "50.0"), ("0", "0.0"), ("100", "100.0"), ("0.05", "0.05"), ("0.1", "0.1"),
        ("0.004", "0.004"), ("99.996", "99.996"), ("99.9", "99.9"), ("no_value", "no_value"),
    ],
)  # fmt: skip
def test_a_percentage_has_one_decimal_and_none_or_all_only_where_it_is(figure: str, said: str) -> None:
    with language("en"):
        assert percentage(figure) == said
    with language("nl"):
        assert percentage(figure) == said.replace(".", ",")


def test_percentages_are_short_on_the_screen_and_exact_in_files() -> None:
    frame = people(300).assign(wijk=["28", "29", "29"] * 100)
    out = sdc.table(frame, rows="sex", columns="wijk", statistic="row_percent", unit="person")
    with language("en"):
        assert " 33.3 " in repr(out)
        assert ">33.3<" in out._repr_html_()
    for file in (to_csv(out.table), to_json(out.table, title="A title")):
        assert b"33.33" in file


def test_figures_and_tables_write_thousands_alike() -> None:
    frame = people().assign(wijk="28", income=52_000.25 + np.arange(400) % 8)
    out = sdc.table(frame, rows="wijk", values="income", statistic="mean", unit="person")
    for code in ("nl", "en"):
        with language(code):
            exact = next(one for one in out.table.figures if one is not None)
            whole = number(exact).partition("," if code == "nl" else ".")[0]
            assert whole in repr(out)
    with language("nl"):
        in_dutch = to_html(out.table, title="A title")
    assert in_dutch == to_html(out.table, title="A title")


# ----------------------------------------------------------------------------------------------------------- arguments
TABLE: Any = sdc.table
MODEL: Any = sdc.model


def sdc_of(frame: Any) -> Any:
    return frame.sdc


CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown": (
        lambda: TABLE(people(), rijen="wijk"),
        "Deze aanroep kent geen argument rijen. Bekend: frame, rows",
    ),
    "accessor": (
        lambda: sdc_of(people()).table(rijen="wijk"),
        "Deze aanroep kent geen argument rijen. Bekend: frame, rows",
    ),
    "missing": (MODEL, "Bij deze aanroep hoort het argument formula. Bekend: formula, frame"),
    "no frame": (lambda: TABLE(rows="wijk"), "Bij deze aanroep hoort het argument frame."),
    "by place": (
        lambda: TABLE(people(), "wijk"),
        "Alleen het eerste argument wordt zonder naam gegeven. Bekend: frame, rows",
    ),
    "accessor by place": (
        lambda: sdc_of(people()).table("wijk", "works", "income"),
        "Alleen de eerste 2 argumenten worden zonder naam gegeven. Bekend: rows, columns",
    ),
    "accessor missing": (lambda: sdc_of(people()).crosstab("wijk"), "Bij deze aanroep hoort het argument columns."),
    "accessor named only": (
        lambda: sdc_of(people()).survival("wijk"),
        "Alleen het eerste argument wordt zonder naam gegeven. Bekend: frame, duration, event",
    ),
    "twice": (lambda: TABLE(people(), frame=1), "Een argument is twee keer gegeven"),
}


@pytest.mark.parametrize("kind", CALLS)
def test_arguments_that_do_not_fit_are_told_in_the_readers_language(kind: str) -> None:
    call, said = CALLS[kind]
    with language("nl"), pytest.raises(ArgumentsError) as caught:
        call()
    with language("nl"):
        assert caught.value.localized().startswith(said)
    assert isinstance(caught.value, BadInputError)
    assert isinstance(caught.value, TypeError)


def test_what_is_no_name_of_an_argument_is_not_repeated() -> None:
    for name in ("KEY 0001", "K" * 31):
        with pytest.raises(ArgumentsError) as caught:
            TABLE(people(), **{name: 1})
        assert name not in str(caught.value)
    with pytest.raises(ArgumentsError, match="K" * 30):
        TABLE(people(), **{"K" * 30: 1})


def test_an_error_inside_a_function_stays_what_it_is() -> None:
    def fails(_: int) -> None:
        raise TypeError("inside")

    with pytest.raises(TypeError, match=r"^inside$") as caught:
        says_arguments(fails)(1)
    assert not isinstance(caught.value, ArgumentsError)


def test_functions_keep_their_signature_and_documentation() -> None:
    assert list(inspect.signature(sdc.table).parameters)[:3] == ["frame", "rows", "columns"]
    assert "Return a checked table" in (inspect.getdoc(sdc.table) or "")


def test_a_rate_of_answers_in_words_is_told_how_they_become_numbers() -> None:
    frame = people()
    with language("en"), pytest.raises(ColumnError, match=r'\(frame\["q"\] == "yes"\)'):
        sdc.table(frame, rows="sex", values="q", statistic="rate", unit="person")
    with language("nl"), pytest.raises(ColumnError) as caught:
        sdc.table(frame, rows="sex", values="q", statistic="rate", unit="person")
    with language("nl"):
        assert '(frame["q"] == "ja")' in caught.value.localized()
    as_told = frame.assign(q=frame["q"] == "ja")
    assert sdc.table(as_told, rows="sex", values="q", statistic="rate", unit="person").verdict.status.value == "safe"


def test_a_duration_is_told_how_it_becomes_a_number() -> None:
    frame = people().assign(q=pd.to_timedelta(np.arange(400), unit="D"))
    with language("en"), pytest.raises(ColumnError, match=r"\.dt\.days"):
        sdc.table(frame, rows="sex", values="q", statistic="mean", unit="person")


@pytest.mark.parametrize(
    "computed",
    [lambda one: one.sum(), lambda one: one.astype(float), lambda one: one / 2, lambda one: one > 10, lambda one: -one],
)
def test_computing_with_a_withheld_figure_is_refused_in_words(computed: Callable[[pd.DataFrame], object]) -> None:
    frame = pd.DataFrame([[1, sdc.WITHHELD], [sdc.WITHHELD, 4]], dtype=object)
    with pytest.raises(TypeError, match="withheld figure") as caught:
        computed(frame)
    assert isinstance(caught.value, BadInputError)
    left = frame.where(frame != sdc.WITHHELD).astype(float)
    assert left.sum().tolist() == [1.0, 4.0]
    assert left.isna().to_numpy().sum() == 2
