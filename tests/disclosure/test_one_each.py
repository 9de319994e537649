"""Where most units stand in several categories, as in the years of a panel, it is said that a table for each helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import disclosure as sdc
from disclosure.commands import check
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.output import Output
from disclosure.protection.one_each import one_each
from disclosure.texts import language
from tests.disclosure.support import UNIT

YEARS = ("2020", "2021", "2022")
RATE: dict[str, Any] = {"values": "poor", "statistic": "rate", "unit": UNIT, "policy": "cbs"}
HINT = "hint: most units stand in several categories of year. Make one table for each category"


def panel(present: float = 1.0) -> pd.DataFrame:
    """Return 1,500 persons in three wijken, each in a year with this chance; who is poor changes from year to year."""
    chance = np.random.default_rng(9)
    years = []
    for year in YEARS:
        one = pd.DataFrame({UNIT: range(1500), "wijk": [f"{28 + unit % 3}" for unit in range(1500)], "year": year})
        one["poor"] = (chance.random(1500) < 0.25).astype(int)
        years.append(one[chance.random(1500) < present])
    return pd.concat(years, ignore_index=True)


def of(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **{"rows": "wijk", **RATE, **asked})
    assert isinstance(out, Output)
    return out


def test_a_panel_by_year_says_of_which_dimension_one_table_each_helps() -> None:
    out = of(panel(), columns="year")
    assert out.verdict.status is Status.UNSAFE
    assert str(one_each(out.table)).startswith(HINT)
    assert HINT in repr(out)
    assert "Make one table for each category" in out._repr_html_()
    with language("nl"):
        assert "Maak één tabel per categorie" in repr(out)


def test_what_is_told_works_and_the_tables_go_into_one_basket() -> None:
    frame, basket = panel(), Basket()
    for year in YEARS:
        out = of(frame[frame.year == year])
        assert out.verdict.status is Status.SAFE
        basket.add(out, name=f"in-{year}", title="Poor", population="everybody")
    assert len(basket) == len(YEARS)


@pytest.mark.parametrize(
    "out",
    [
        of(panel().query("year == '2020'")),
        of(panel().query(f"year == '2020' and {UNIT} % 60 < 2")),
        of(panel(0.35), columns="year"),
    ],
    ids=["safe", "unsafe, of one year", "hardly anybody in two years"],
)
def test_of_units_in_one_category_nothing_is_said(out: Output) -> None:
    assert one_each(out.table) is None


def test_the_command_says_it_too(tmp_path: Path) -> None:
    path = tmp_path / "panel.parquet"
    panel().to_parquet(path)
    asked = ["table", "--data", str(path), "--unit", UNIT, "--rows", "wijk", "--columns", "year"]
    ran = CliRunner().invoke(check, [*asked, "--values", "poor", "--statistic", "rate", "--json"])
    assert ran.exit_code == 1
    assert any(note.startswith(HINT) for note in json.loads(ran.output)["notes"])
