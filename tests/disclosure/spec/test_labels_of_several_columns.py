# ruff: noqa: E501 - a derivation stays on one line
"""A label that puts several columns together hides a table of two dimensions: its columns are dimensions of their own."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from disclosure.check import check_lazy
from disclosure.engines.derivation import checked_derivation
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.exchange.files import file_digest
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.recipes import DataSetReference, LazySource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RuleName
from disclosure.ports import RegisteredFile
from tests.disclosure.support import failures, policy, status

BOOK = Codebook(
    "PERSONS",
    ("person",),
    columns=MappingProxyType({name: Column(name, sensitive=False) for name in ("area", "year", "sex")}),
)
SCHEMAS = {"PERSONS": ("person", "area", "sex", "year", "poor", "income")}


@pytest.fixture
def file(tmp_path: Path) -> RegisteredFile:
    frame = pd.DataFrame({"person": range(1000)})
    frame["area"] = (frame["person"] % 10).astype(str)
    frame["sex"] = np.where(frame["person"] % 20 < 10, "m", "f")
    frame["year"] = "2019"
    frame["poor"] = np.where((frame["area"] == "3") | (frame["person"] % 3 == 0), 1, 0)
    frame["income"] = 1000 + 7 * frame["person"]
    path = tmp_path / "PERSONS.parquet"
    frame.to_parquet(path)
    return RegisteredFile(path, file_digest(path))


def check(file: RegisteredFile, label: str, *rows: str, group: object = 90) -> JudgedTable:
    by = policy(minimum_units=10, group_disclosure=group)
    source = LazySource(f"SELECT *, {label} AS x FROM PERSONS", (DataSetReference("PERSONS", file.digest),))
    asked = Recipe(source, Statistic.COUNT, by.reference, rows=rows or ("x",), unit=("person",))
    return check_lazy(asked, {"PERSONS": file}, {"PERSONS": BOOK}, by, DuckDBTabulator()).table


TOGETHER = (
    "area || '/' || poor",
    "concat(area, poor)",
    "upper(trim(concat(area, '/', poor)))",
    "CAST(area AS INTEGER) * 10 + poor",
    "CASE WHEN poor = 1 THEN area ELSE 'not poor' END",
    "CASE WHEN poor = 1 THEN 'a' ELSE 'b' END || area",
    "CASE WHEN poor = 1 THEN area || ', poor' ELSE area || ', not' END",
    "replace(lpad(area, 3, ' '), ' ', CAST(poor AS VARCHAR))",
    "CASE WHEN area = '3' AND poor = 1 THEN 'a' WHEN area = '3' THEN 'b' WHEN poor = 1 THEN 'c' ELSE 'd' END",
    "CASE WHEN area = '3' AND poor = 1 THEN 'a' WHEN area = '3' THEN 'b' WHEN poor = 1 THEN 'c' END",
    "CASE WHEN area = '3' THEN CASE WHEN poor = 1 THEN 'a' ELSE 'b' END ELSE 'c' END",
    "CASE WHEN area = '3' THEN CASE WHEN poor = 1 THEN 'a' ELSE 'b' END END",
    "CASE WHEN area = '3' THEN poor = 1 END",
    "(poor = 1) = nullif(area = '3', FALSE)",
    "(poor = 1) = CASE WHEN area = '3' THEN TRUE END",
    "poor = CASE WHEN area = '3' THEN 1 ELSE NULL END",
    "CAST(area AS INTEGER) + poor / 10",
    "CAST(area AS INTEGER) + poor * 0.5",
    "CAST(area AS INTEGER) - (0 - poor) / 2",
    "CAST(area AS INTEGER) * (poor + 1)",
    "CAST(area AS INTEGER) * (poor * 2 - 1)",
    "CASE WHEN poor = 1 THEN -CAST(area AS INTEGER) ELSE CAST(area AS INTEGER) END",
    "power(CAST(area AS INTEGER) + 2, poor + 1)",
    "substr('abcdefghijABCDEFGHIJ', CAST(area AS INTEGER) + 1, 1 + poor)",
    "greatest(CAST(area AS INTEGER), 20 * poor)",
    "CASE WHEN area = '3' THEN poor ELSE 2 END",
    "nullif(area, CASE WHEN poor = 1 THEN area ELSE 'z' END)",
    "coalesce(CASE WHEN poor = 1 THEN NULL ELSE 'q' END, area)",
    "floor((CAST(area AS INTEGER) * 20000 + poor) / 20000)",
    "dense_rank() OVER (ORDER BY area, poor)",
    "count(*) OVER (PARTITION BY area, poor)",
    "sum(poor) OVER (PARTITION BY area)",
    "(SELECT max(q.area || q.poor) FROM PERSONS AS q WHERE q.person = PERSONS.person)",
)


@pytest.mark.parametrize("label", TOGETHER)
def test_a_label_of_an_area_and_of_who_is_poor_there_is_inconclusive_with_both_as_the_remedy(
    file: RegisteredFile, label: str
) -> None:
    verdict = check(file, label).verdict
    assert isinstance(verdict, Inconclusive)
    assert "area, poor" in str(verdict.missing[0])


def test_the_remedy_shows_what_the_label_hid(file: RegisteredFile) -> None:
    assert "area=3, poor=1" in failures(check(file, "1", "area", "poor"), RuleName.GROUP_DISCLOSURE)


def test_a_label_put_together_below_a_step_is_found_through_it() -> None:
    steps = "SELECT upper(y) AS x FROM (SELECT area || poor AS y FROM PERSONS) AS q"
    united = "SELECT area || poor AS x FROM PERSONS UNION ALL SELECT area AS x FROM PERSONS"
    for sql in (steps, united):
        assert checked_derivation(sql, SCHEMAS).columns["x"].together == {("persons", "area"), ("persons", "poor")}


@pytest.mark.parametrize(
    "label",
    [
        "area || '/' || sex || year",  # none of them says anything that is sensitive
        "area || '/all'",
        "CASE WHEN poor = 1 AND income > 3000 THEN 'poor' ELSE 'not' END",
        "CASE WHEN 12 * income + poor > 30000 THEN 'high' ELSE 'low' END",
        "area = '3' AND poor = 1",
        "CAST(area = '3' AND poor = 1 AS INTEGER)",
        "coalesce(area = '3' AND poor = 1, FALSE)",
        "CASE WHEN area = '3' AND poor = 1 THEN 'a' END",
        "area = '3' AND coalesce(poor, 0) = 1 AND income IS NOT NULL",
        "CASE WHEN CASE WHEN poor = 1 THEN area ELSE 'z' END = '3' THEN 'a' ELSE 'b' END",
        "CASE WHEN income < 2000 THEN 'a' WHEN income < 3000 THEN 'b' WHEN income < 4000 THEN 'c' ELSE 'd' END",
        "floor((income + 12 * income) / 20000)",
        "ntile(4) OVER (ORDER BY income)",
        "rank() OVER (PARTITION BY area ORDER BY sex)",
        "COALESCE(area, 'unknown')",
        "CASE WHEN area = '3' THEN 'three' ELSE area END",
    ],
)
def test_bands_conditions_and_labels_of_one_column_are_judged_as_ever(file: RegisteredFile, label: str) -> None:
    assert not isinstance(check(file, label).verdict, Inconclusive)


@pytest.mark.parametrize(
    ("sql", "together"),
    [
        # What is made of one column has no more labels than that.
        ("SELECT upper(y) AS x FROM (SELECT area = '3' AND poor = 1 AS y FROM PERSONS) AS q", False),
        ("SELECT area || y AS x FROM (SELECT area, sex, poor = 1 AND income > 9 AS y FROM PERSONS) AS q", True),
        (
            "SELECT floor(s / 9) AS x FROM (SELECT sum(income) AS s FROM PERSONS WHERE year = 9 GROUP BY person) AS q",
            False,
        ),
        ("SELECT sum(CASE WHEN poor = 1 THEN area ELSE 0 END) AS x FROM PERSONS GROUP BY person", True),
        ("SELECT dense_rank() OVER w AS x FROM PERSONS WINDOW w AS (ORDER BY area, poor)", True),
        ("SELECT area AS x FROM PERSONS WHERE poor = 1 UNION ALL SELECT 'no' AS x FROM PERSONS WHERE poor = 0", True),
        ("SELECT 'a' AS x FROM PERSONS WHERE poor = 1 UNION ALL SELECT 'b' AS x FROM PERSONS WHERE area = 1", False),
        ("SELECT area AS x FROM PERSONS UNION ALL SELECT area AS x FROM LAST_YEAR", False),
        ("SELECT upper(area) AS x FROM PERSONS UNION ALL SELECT area AS x FROM LAST_YEAR", False),
    ],
)
def test_several_columns_are_found_through_steps_windows_and_unions(sql: str, *, together: bool) -> None:
    schemas = {**SCHEMAS, "LAST_YEAR": SCHEMAS["PERSONS"]}
    assert bool(checked_derivation(sql, schemas).columns["x"].together) is together


def test_each_part_of_a_union_may_be_a_label_of_its_own() -> None:
    part = "SELECT '{}' AS x FROM PERSONS WHERE area = '{}' AND poor = {}"
    for parts, together in ((2, False), (3, True)):
        sql = " UNION ALL ".join(part.format(place, place % 2, place // 2) for place in range(parts))
        assert bool(checked_derivation(sql, SCHEMAS).columns["x"].together) is together


def test_a_label_for_each_of_several_data_sets_is_one_of_data_sets() -> None:
    years = [f"P{year}" for year in range(2016, 2021)]
    part = "SELECT '{0}' AS x FROM {0} WHERE poor = 1 AND income > 0"
    schemas = dict.fromkeys(years, SCHEMAS["PERSONS"])
    assert not checked_derivation(" UNION ALL ".join(map(part.format, years)), schemas).columns["x"].together


def test_who_does_not_judge_shares_of_groups_does_not_ask_for_them(file: RegisteredFile) -> None:
    assert status(check(file, TOGETHER[0], group="off")) == "safe"
