"""What the terms of a model are compared with: the first category in the order of the frame, named wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import statsmodels.formula.api as smf

import disclosure as sdc
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.formula_reader import formula_from
from disclosure.model.recipes import recipe_from_json
from disclosure.model.verdicts import Status
from disclosure.render import to_csv, to_html, to_json
from disclosure.render.metadata import to_metadata
from disclosure.texts import language
from tests.disclosure.model_inputs import figures, people
from tests.disclosure.support import UNIT, codebook

ORDER = ["west", "north", "south"]


def in_order(*, ordered: bool = True, order: list[str] = ORDER) -> pd.DataFrame:
    frame = people()
    return frame.assign(area=pd.Categorical(frame.area, order, ordered=ordered))


def formula(frame: Any, asked: str = "income ~ hours + C(area)") -> str | None:
    return sdc.model(asked, frame, unit=UNIT).recipe.option("formula")


def parquet(frame: pd.DataFrame, folder: Path) -> Path:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / "frame.parquet")
    return folder / "frame.parquet"


def enum(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        {
            **{name: frame[name].to_numpy() for name in ("income", "hours")},
            UNIT: list(frame[UNIT]),
            "area": pl.Series(list(frame["area"]), dtype=pl.Enum(ORDER)),
        }
    )


KINDS: dict[str, Callable[[Path], Any]] = {
    "an ordered categorical": lambda _: in_order(),
    "any categorical": lambda _: in_order(ordered=False),
    "Arrow": lambda _: pa.Table.from_pandas(in_order()),
    "a polars Enum": lambda _: enum(people()),
    "a polars query": lambda _: enum(people()).lazy(),
    "Parquet": lambda folder: parquet(in_order(), folder),
    "the index": lambda _: in_order().set_index("area"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_category_of_the_frame_is_what_others_are_compared_with(kind: str, tmp_path: Path) -> None:
    out = sdc.model("income ~ hours + C(area)", KINDS[kind](tmp_path), unit=UNIT)
    assert out.recipe.option("formula") == 'income ~ hours + C(area, "west")'
    assert list(figures(out.table)) == ["(constant)", "hours", "area=north", "area=south"]
    assert recipe_from_json(out.recipe.to_json().encode()) == out.recipe


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("order", [ORDER, ["south", "west", "north"]])
def test_a_refit_has_the_coefficients_of_the_fit(ordered: bool, order: list[str]) -> None:
    frame = in_order(ordered=ordered, order=order)
    fitted = smf.ols("income ~ C(area) + C(sex)", frame).fit()
    ours = figures(sdc.model(fitted, frame, unit=UNIT).table)
    for name, value in fitted.params.items():
        term = {"Intercept": "(constant)"}.get(str(name), str(name).replace("C(", "").replace(")[T.", "=").rstrip("]"))
        assert ours[term] == pytest.approx(value, rel=2e-4, abs=2e-3)


def test_a_refit_takes_texts_as_the_fit_does_and_a_formula_as_tables_do() -> None:
    frame = people()
    frame["area"] = frame.area.map({"north": "part 9", "south": "part 10", "west": "part 11"})
    fitted = smf.ols("income ~ C(area)", frame).fit()
    out = sdc.model(fitted, frame, unit=UNIT)
    assert out.recipe.option("formula") == 'income ~ C(area, "part 10")'
    assert figures(out.table)["area=part 9"] == pytest.approx(fitted.params["C(area)[T.part 9]"], rel=2e-4)
    assert formula(frame, "income ~ C(area)") == "income ~ C(area)"


def test_where_labels_have_the_order_themselves_or_one_is_named_the_formula_stays() -> None:
    assert formula(in_order(order=["north", "west", "south"])) == "income ~ hours + C(area)"
    assert formula(people()) == "income ~ hours + C(area)"
    assert formula(in_order(), 'income ~ C(area, "south")') == 'income ~ C(area, "south")'
    assert formula(enum(people()).with_columns(pl.col("area").cast(pl.String))) == "income ~ hours + C(area)"


def test_a_category_of_which_no_row_is_complete_is_passed_over() -> None:
    frame = in_order(order=["CANARY", *ORDER])
    assert formula(frame) == 'income ~ hours + C(area, "west")'
    frame["hours"] = frame.hours.mask(frame.area == "west")
    assert formula(frame) == "income ~ hours + C(area)"
    frame = in_order(order=["west", "south", "north"])
    frame["hours"] = frame.hours.mask(frame.area == "west")
    assert formula(frame) == 'income ~ hours + C(area, "south")'
    frame["area"] = frame.area.cat.add_categories("x").where(frame.area != "south", "x")
    assert formula(frame) == "income ~ hours + C(area)"


def test_numbers_as_categories_keep_their_order_and_products_their_one_coding() -> None:
    frame = people().assign(sex=lambda one: pd.Categorical(one.sex, [2, 1]))
    assert formula(frame, "income ~ age*C(sex)") == 'income ~ age + C(sex, "2") + age:C(sex, "2")'


def test_a_reference_is_given_to_categories_that_name_none() -> None:
    read = formula_from('y ~ a + C(b) + C(c, "x") + C(d, merge("k", "l")) + a:C(b)')
    assert str(read.compared_with({"b": "q", "c": "z", "d": "l", "a": "n"})) == (
        'y ~ a + C(b, "q") + C(c, "x") + C(d, "l", merge("k", "l")) + a:C(b, "q")'
    )
    assert read.compared_with({}) == read


# -------------------------------------------------------------------------------------------------------- what is said
def test_the_reference_is_named_in_displays_and_in_what_is_released() -> None:
    out = sdc.model("income ~ hours + C(area) + C(sex)", in_order(), unit=UNIT)
    assert out.verdict.status is Status.SAFE
    said = "reference: area=west, sex=1"
    assert said in repr(out)
    assert said in out._repr_html_()
    assert said in to_html(out.table, title="t").decode()
    assert said in to_json(out.table).decode()
    assert said in to_metadata(out.table, "model").decode()
    with language("nl"):
        assert "referentie: area=west, sex=1" in repr(out)


def test_what_has_a_term_of_its_own_is_no_reference() -> None:
    assert "reference:" not in repr(sdc.model("income ~ hours + C(area) - 1", people(), unit=UNIT))
    assert "reference: sex=1;" in repr(sdc.model("income ~ C(area) + C(sex) - 1", people(), unit=UNIT))
    assert "reference:" not in repr(sdc.model("income ~ hours", people(), unit=UNIT))


def test_terms_stand_beside_the_words_of_the_codebook() -> None:
    out = sdc.model("income ~ hours*C(sex)", people(), unit=UNIT, codebook=words())
    assert "sex=2: woman" in repr(out)
    assert "hours:sex=2\n" not in repr(out)
    assert "hours:sex=2: " not in repr(out)
    assert "reference: sex=1: man" in repr(out)
    with language("nl"):
        assert "sex=2: vrouw" in repr(out)
    assert "sex=2: woman" in to_html(out.table, title="t").decode()
    assert to_csv(out.table).decode().splitlines()[0] == "term,term_en,term_nl,figure,value,status"
    assert "sex=2: " not in repr(sdc.model("income ~ hours*C(sex)", people(), unit=UNIT))


def words() -> Codebook:
    return codebook(Column("sex", categories={"1": {"en": "man", "nl": "man"}, "2": {"en": "woman", "nl": "vrouw"}}))


def test_a_dimension_called_term_is_no_term_of_a_model() -> None:
    frame = people().assign(term=lambda one: "sex=" + one.sex.astype(str))
    out = sdc.table(frame, rows="term", columns="sex", unit=UNIT, codebook=words())
    assert "sex=2: woman" not in repr(out)


# ------------------------------------------------------------------------------------------------------------ captions
def test_that_a_statistic_gives_several_figures_is_no_part_of_a_caption() -> None:
    frame = people()
    for out in (
        sdc.t_test(frame, value="income", group="sex", unit=UNIT),
        sdc.anova(frame, value="income", group="area", unit=UNIT),
        sdc.model("income ~ hours", frame, unit=UNIT),
    ):
        caption = next(line for line in repr(out).splitlines() if "income (" in line)
        assert "figure" not in caption
        with language("nl"):
            assert "cijfer" not in next(line for line in repr(out).splitlines() if "income (" in line)
    assert "), by term\n" in repr(sdc.model("income ~ hours", frame, unit=UNIT))
    own = sdc.table(frame.assign(figure=np.array(["a", "b"])[frame.sex - 1]), rows="figure", unit=UNIT)
    assert ", by figure\n" in repr(own)
