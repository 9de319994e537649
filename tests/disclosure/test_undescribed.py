"""What a codebook could change is told with the verdict: which columns, and how many cells fail for nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import disclosure as sdc
from disclosure.commands import check
from disclosure.engines.door import narrow_frame
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.verdicts import Status
from disclosure.notebook.output import Output
from disclosure.protection import undescribed as module
from disclosure.protection.undescribed import undescribed
from disclosure.texts import language
from tests.disclosure.support import UNIT, codebook


def panel() -> pd.DataFrame:
    """Return 600 persons in two districts, each of them in all of three years; one in twenty has a debt."""
    years = [pd.DataFrame({UNIT: range(600), "year": year}) for year in ("2020", "2021", "2022")]
    frame = pd.concat(years, ignore_index=True)
    return frame.assign(
        wijk=frame[UNIT].map(lambda one: "28" if one % 2 else "29"),
        poor=frame[UNIT].map(lambda one: int(one % 3 == 0)),
        debt=frame[UNIT].map(lambda one: int(one // 2 % 20 == 0)),
    )


def by_year(book: Codebook | None = None) -> Output:
    out = sdc.table(panel(), rows="wijk", columns="year", unit=UNIT, codebook=book)
    assert isinstance(out, Output)
    return out


def test_years_of_a_panel_without_a_codebook_fail_and_the_year_is_named() -> None:
    out = by_year()
    assert out.verdict.status is Status.UNSAFE
    hint = str(undescribed(out.table))
    assert hint.startswith("hint: 9 of the 9 failing cells fail only because no codebook describes year, so")
    assert hint in repr(out)
    assert "not_disclosive" in out._repr_html_()
    with language("nl"):
        assert "tip: 9 van de 9 onveilige cellen" in repr(out)


def test_what_is_told_works() -> None:
    assert by_year(codebook(Column("year", sensitive=False))).verdict.status is Status.SAFE


OUTCOMES: dict[str, Callable[[pd.DataFrame], Output]] = {
    "a rate": lambda frame: sdc.table(frame, rows="wijk", values="debt", statistic="rate", unit=UNIT),
    "an odds ratio": lambda frame: sdc.odds_ratio(frame, outcome="debt", exposure="poor", unit=UNIT),
    "a logit": lambda frame: sdc.model("debt ~ C(wijk)", frame, family="logit", unit=UNIT),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_an_outcome_that_few_have_is_named_also_where_a_table_behind_it_fails(kind: str) -> None:
    out = OUTCOMES[kind](panel().query("year == '2020'"))
    assert out.verdict.status is Status.UNSAFE
    assert " describes debt, so" in str(undescribed(out.table))


def test_columns_are_named_together_where_each_of_them_is_needed() -> None:
    frame = panel().query("year == '2020'")
    frame = frame.assign(same=frame["poor"].map({0: "no", 1: "yes"}))
    out = sdc.table(frame, rows="same", columns="poor", unit=UNIT)
    assert " describes same, poor, so" in str(undescribed(out.table))


def test_nothing_is_told_where_a_codebook_says_that_the_column_is_sensitive() -> None:
    assert undescribed(by_year(codebook(Column("year", title={"en": "Year"}))).table) is None


def test_nothing_is_told_of_cells_that_fail_for_another_reason() -> None:
    out = sdc.table(panel().head(12), rows="wijk", unit=UNIT)
    assert out.verdict.status is Status.UNSAFE
    assert undescribed(out.table) is None
    assert "hint:" not in repr(out)


def test_cells_that_fail_for_another_reason_are_not_counted() -> None:
    few = panel().query(f"{UNIT} < 5").assign(wijk="30").assign(**{UNIT: lambda own: own[UNIT] + 9_000})
    frame = pd.concat([panel(), few])
    out = sdc.table(frame, rows="wijk", columns="year", unit=UNIT)
    assert "hint: 9 of the 13 failing cells" in str(undescribed(out.table))


def test_nothing_is_told_of_what_is_safe_or_was_not_judged() -> None:
    assert undescribed(sdc.table(panel(), rows="wijk", unit=UNIT).table) is None
    assert undescribed(sdc.table(panel(), rows="wijk").table) is None


def test_of_a_large_table_the_rules_are_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_CELLS", 11)
    assert undescribed(by_year().table) is None
    monkeypatch.setattr(module, "_MOST_CELLS", 12)
    assert undescribed(by_year().table) is not None


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    path = tmp_path / "panel.parquet"
    pq.write_table(narrow_frame(panel(), (UNIT, "wijk", "year")), path)
    asked = ["table", "--data", str(path), "--unit", UNIT, "--rows", "wijk", "--columns", "year", "--json"]
    done = CliRunner().invoke(check, asked)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["notes"][0].startswith("hint: 9 of the 9 failing cells")
