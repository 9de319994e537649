"""Codebooks' words stand beside names and codes, in displays, figures and released files; codes stay the identity."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.tables import JudgedTable
from disclosure.notebook.output import Output
from disclosure.render import to_csv, to_html, to_json, to_metadata
from disclosure.render.compare import OTHER_TABLE, compare
from disclosure.texts import language

BOOK: dict[str, Any] = {
    "schema": 1,
    "name": "PERSONS",
    "unit": ["person"],
    "columns": {
        "wijk": {
            "title": {"en": "District", "nl": "Stadsdeel"},
            "sensitive": False,
            "categories": {
                "28": {"en": "Centre", "nl": "Centrum"},
                "29": {"en": "=Harbour; old", "nl": "Haven"},
                "30": {"en": "Nobody lives here", "nl": "Leeg"},
            },
        },
        "sex": {"title": {"nl": "Geslacht"}, "sensitive": False, "categories": {"1": {"nl": "Man"}, "2": {"nl": "2"}}},
        "income": {"title": {"en": "Yearly income"}, "type": "number", "decimals": 2, "unit_of_measure": "euro"},
    },
}


def book(**changed: Any) -> Codebook:
    return codebook_from(BOOK | changed)


def people(rows: int = 80) -> pd.DataFrame:
    place = range(rows)
    return pd.DataFrame(
        {
            "person": place,
            "wijk": ["28" if n % 4 < 2 else "29" for n in place],
            "sex": [1 + n % 2 for n in place],
            "income": [20_000.25 + 7 * n for n in place],
        }
    )


def out(**asked: Any) -> Output:
    made = sdc.table(people(), **{"rows": "wijk", "unit": "person", "codebook": book(), **asked})
    assert isinstance(made, Output)
    return made


def lines(table: JudgedTable) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table).decode(), newline="")))


# ------------------------------------------------------------------------------------------------------------ displays
def test_the_text_shows_title_and_label_beside_name_and_code_in_the_readers_language() -> None:
    made = out(columns="sex", values="income", statistic="mean")
    with language("en"):
        shown = repr(made)
        assert "mean of income (Yearly income, in euro; unit: person), by wijk (District), sex" in shown
        assert "28: Centre" in shown
    with language("nl"):
        shown = repr(made)
        caption = "gemiddelde van income (Yearly income, in euro; eenheid: person)"
        assert f"{caption}, naar wijk (Stadsdeel), sex (Geslacht)" in shown
        assert "28: Centrum" in shown
        assert "1: Man" in shown
        assert "2: 2" not in shown


def test_the_page_shows_them_in_the_heads_of_rows_and_columns() -> None:
    with language("nl"):
        page = out(columns="sex")._repr_html_()
    assert '<th scope="row"><bdi dir="auto">28</bdi> <span class="l"><bdi dir="auto">Centrum</bdi></span></th>' in page
    assert '<bdi dir="auto">wijk</bdi> <span class="l"><bdi dir="auto">Stadsdeel</bdi></span>' in page
    assert (
        '<th scope="col" class="c"><bdi dir="auto">1</bdi> <span class="l"><bdi dir="auto">Man</bdi></span></th>'
        in page
    )


def test_a_label_is_not_markup() -> None:
    columns = {"wijk": {"title": "<b>", "sensitive": False, "categories": {"28": "<script>alert(1)</script>"}}}
    made = out(codebook=book(columns=columns))
    for page in (made._repr_html_(), to_html(made.table, title="t").decode()):
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "<b>" not in page.replace("<p><b>", "")


def test_without_a_codebook_there_are_names_and_codes_only() -> None:
    made = sdc.table(people(), rows="wijk", unit="person")
    assert 'class="l"' not in made._repr_html_()
    assert lines(made.table)[0] == ["wijk", "value", "status"]


def test_a_code_that_a_recoding_made_has_no_label_of_the_codebook() -> None:
    frame = people().assign(wijk=["28"] * 60 + ["29"] * 17 + ["30"] * 3)
    made = sdc.table(frame, rows="wijk", unit="person", codebook=book())
    merge = next(one for one in made.remedies() if one.recodings)
    labels = made.apply(merge).table.labels
    for one in merge.recodings:
        for _, label in one.mapping:
            assert labels.category("wijk", label) == ""
    assert made.table.labels.category("wijk", "30") != ""


def test_a_figure_names_dimensions_and_categories_with_their_words() -> None:
    with language("nl"):
        figure = sdc.figure(out())
        assert "naar wijk (Stadsdeel)" in figure.alternative
        assert "28: Centrum" in figure.alternative
        drawn = figure.to_svg().decode()
        assert "Stadsdeel" in drawn
        assert "Centrum" in drawn
        assert "28: Centrum" in figure._repr_html_()


# ------------------------------------------------------------------------------------------------------ released files
def test_csv_has_a_label_column_for_each_language_that_names_a_category_of_the_table() -> None:
    found = lines(out(columns="sex").table)
    assert found[0] == ["wijk", "wijk_en", "wijk_nl", "sex", "sex_nl", "value", "status"]
    assert found[1] == ["28", "Centre", "Centrum", "1", "Man", "20", "published"]
    assert found[-1] == ["Total", "", "", "Total", "", "80", "published"]
    assert "'=Harbour;" in found[4][1]
    assert not any("Nobody" in part for line in found for part in line)


def test_csv_stays_one_rectangle_that_pandas_reads() -> None:
    frame = pd.read_csv(io.BytesIO(to_csv(out(columns="sex").table)), dtype={"wijk": "str"})
    assert list(frame["wijk"]) == ["28"] * 3 + ["29"] * 3 + ["Total"] * 3
    assert frame.loc[frame["status"] == "published", "value"].sum() == 4 * 80


def test_csv_has_the_dimensions_that_a_statistic_adds() -> None:
    spells = pd.DataFrame({"person": range(60), "months": [3, 9, 15] * 20, "ended": [1] * 60})
    made = sdc.survival(spells, duration="months", event="ended", unit="person", period=6)
    found = lines(made.table)
    assert found[0] == ["time", "figure", "value", "status"]
    assert found[1] == ["6", "at_risk", "60", "published"]
    keys = [tuple(line[:2]) for line in found[1:]]
    assert len(set(keys)) == len(keys)


def test_a_heading_of_our_own_keeps_apart_from_dimensions_of_that_name() -> None:
    frame = people().assign(wijk_en="x", value="y")
    made = sdc.table(frame, rows=["wijk", "wijk_en", "value"], unit="person", codebook=book())
    assert lines(made.table)[0] == ["wijk", "wijk_en*", "wijk_nl", "wijk_en", "value", "value*", "status"]


def test_json_says_what_the_table_is_about_in_both_languages() -> None:
    made = out(values="income", statistic="mean")
    about = json.loads(to_json(made.table, title="Income by district", population="Persons of 18 and over"))["about"]
    assert about["statistic"]["en"] == "mean of income (Yearly income, in euro; unit: person)"
    assert about["statistic"]["nl"] == "gemiddelde van income (Yearly income, in euro; eenheid: person)"
    assert about["unit_of_measure"] == {"en": "euro", "nl": "euro"}
    assert about["population"] == "Persons of 18 and over"
    assert about["policy"] == "cbs"
    assert "minimum_count" in about["rules"]
    assert [one["role"] for one in about["columns"]] == ["dimension", "label", "label", "figure", "status"]
    assert about["dimensions"]["wijk"]["labels"] == {
        "28": {"en": "Centre", "nl": "Centrum"},
        "29": {"en": "=Harbour; old", "nl": "Haven"},
    }


@pytest.mark.parametrize(
    ("statistic", "measured"), [("sum", "euro"), ("median", "euro"), ("gini", None), ("variance", None)]
)
def test_figures_are_measured_like_the_value_only_where_they_are(statistic: str, measured: str | None) -> None:
    about = json.loads(to_json(out(values="income", statistic=statistic).table))["about"]
    assert about["unit_of_measure"].get("en") == measured


def test_a_description_holds_no_parameter_and_no_count() -> None:
    about = json.loads(to_json(out(values="income", statistic="mean").table))["about"]
    assert not any(type(one) is int for name, one in about.items() if name != "decimals")
    assert about["decimals"] == 4
    assert "sha256" not in json.dumps(about)


@pytest.mark.parametrize("name", ["en", "nl"])
def test_released_bytes_do_not_depend_on_who_renders_them(name: str) -> None:
    table = out(values="income", statistic="mean").table
    with language("en"):
        expected = (to_csv(table), to_json(table), to_html(table, title="t"), to_metadata(table, "t"))
    with language(name):
        assert (to_csv(table), to_json(table), to_html(table, title="t"), to_metadata(table, "t")) == expected


def test_metadata_names_the_role_of_each_column_of_the_csv() -> None:
    table = out(columns="sex", values="income", statistic="mean").table
    document = json.loads(to_metadata(table, "income", title="Income", population="Persons"))
    assert document["@context"][0] == "http://www.w3.org/ns/csvw"
    assert document["url"] == "income.csv"
    columns = document["tableSchema"]["columns"]
    assert [one["titles"]["und"] for one in columns] == lines(table)[0]
    assert [one["dc:type"] for one in columns] == [
        "dimension", "label", "label", "dimension", "label", "figure", "status",
    ]  # fmt: skip
    assert document["tableSchema"]["primaryKey"] == ["wijk", "sex"]
    assert columns[0]["titles"] == {"und": "wijk", "en": "District", "nl": "Stadsdeel"}
    assert columns[1]["lang"] == "en"
    assert columns[-2]["datatype"] == "decimal"
    assert {"@value": "euro", "@language": "en"} in columns[-2]["schema:unitText"]
    assert columns[-1]["datatype"]["format"] == "published|withheld|no_value"
    assert (document["dc:title"], document["schema:populationType"]) == ("Income", "Persons")


def test_names_of_columns_in_metadata_are_names_of_the_standard() -> None:
    frame = people().assign(**{"=cmd": "x", "_a": "y", "é-1": "z"})
    made = sdc.table(frame, rows=["=cmd", "_a", "é-1"], unit="person")
    columns = json.loads(to_metadata(made.table, "t"))["tableSchema"]["columns"]
    assert [one["name"] for one in columns[:3]] == ["%3Dcmd", "%5Fa", "%C3%A9%2D1"]
    assert columns[0]["titles"]["und"] == "'=cmd"


def test_other_words_in_a_codebook_make_no_other_table_and_another_statistic_does() -> None:
    table = out(values="income", statistic="mean").table
    bare = sdc.table(people(), rows="wijk", values="income", statistic="mean", unit="person").table
    assert compare(to_json(out(values="income", statistic="mean").table, title="t"), table) == ()
    assert OTHER_TABLE not in compare(to_json(bare), table)
    assert compare(to_json(out(values="income", statistic="sum").table), table) == (OTHER_TABLE,)


def test_the_released_page_shows_words_beside_codes(tmp_path: Path) -> None:
    page = to_html(out(columns="sex").table, title="t").decode()
    assert '<th scope="col">wijk (District)</th>' in page
    assert '<th scope="row">28: Centre</th>' in page
    assert '<th scope="row">sex</th>' in page


def test_a_measure_is_said_in_the_readers_language_beside_the_name_by_which_it_is_reached() -> None:
    outs = sdc.table(people(), rows="wijk", values="income", statistic=["mean", "sum"], unit="person")
    with language("nl"):
        page = outs._repr_html_()
    assert '<bdi dir="auto">gemiddelde van income</bdi> <span class="l"><bdi dir="auto">mean of income' in page
    with language("en"):
        assert 'class="l"' not in outs._repr_html_()


def test_a_column_that_the_codebook_does_not_name_has_no_words() -> None:
    frame = people().assign(quarter=["Q1", "Q2"] * 40)
    labels = sdc.table(frame, rows=["wijk", "quarter"], unit="person", codebook=book()).table.labels
    assert (labels.title("quarter"), labels.category("quarter", "Q1"), labels.measured_in("quarter")) == ("", "", "")
    assert labels.titled("quarter") == "quarter"
    assert set(labels.columns) == {"wijk"}


def test_words_in_one_language_stand_in_for_english_ones_only() -> None:
    labels = out(columns="sex", values="income", statistic="mean").table.labels
    with language("nl"):
        assert (labels.title("income"), labels.title("sex")) == ("Yearly income", "Geslacht")
    with language("en"):
        assert (labels.title("income"), labels.title("sex")) == ("Yearly income", "")
