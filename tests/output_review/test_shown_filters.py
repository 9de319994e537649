"""Conditions on rows are read out of a derivation, and pointed at where nobody mentions them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from disclosure.exchange.tabulation import ColumnLineage, Standing
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.recipes import DataSetReference, LazySource, PolicyReference, Recipe, Statistic
from output_review.services.shown_context import PointKind, points_of
from output_review.services.shown_filters import filters_in

DIGEST = "sha256:" + "0" * 64
CODEBOOK = codebook_from(
    {
        "schema": 1,
        "name": "PERSONS",
        "unit": ["person"],
        "columns": {
            "wijk": {"type": "category", "categories": {"31": {"nl": "Schildersbuurt", "en": "Painters"}}},
            "benefit": {"type": "category", "title": {"nl": "uitkering", "en": "social benefit"}},
        },
    }
)


def told(sql: str) -> list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    return [(one.columns, one.values, one.numbers) for one in filters_in(sql)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t", []),
        ("SELECT a FROM t WHERE TRUE", []),
        ("SELECT 'WHERE b = 1' AS a FROM t", []),
        ('SELECT a FROM t AS "t0" WHERE "t0"."age" < 18', [(("age",), (), ("18",))]),
        ("SELECT a FROM t WHERE (age < 18) AND (sex = 'f')", [(("age",), (), ("18",)), (("sex",), ("f",), ())]),
        ("SELECT a FROM t WHERE ((age < 18 AND sex = 'f'))", [(("age",), (), ("18",)), (("sex",), ("f",), ())]),
        ("SELECT a FROM t WHERE age BETWEEN 4 AND 12 AND b", [(("age",), (), ("4", "12")), (("b",), (), ())]),
        ("SELECT a FROM t WHERE age < 18 OR sex = 'f'", [(("age", "sex"), ("f",), ("18",))]),
        ("SELECT a FROM t WHERE name = 'O''Brien' GROUP BY b", [(("name",), ("O'Brien",), ())]),
        ("SELECT a FROM t WHERE lower(town) = 'x' ORDER BY 1", [(("town",), ("x",), ())]),
        ("SELECT a FROM t GROUP BY a HAVING count(b) > 2", [(("b",), (), ("2",))]),
        ("SELECT a FROM t JOIN u ON t.k = u.k WHERE u.c = 'x'", [(("c",), ("x",), ())]),
        ("SELECT a FROM t JOIN u ON t.k = u.k AND u.c = 'x'", [(("c",), ("x",), ())]),
        (
            "SELECT a FROM (SELECT a FROM t WHERE b = 1) AS s WHERE c = 'x'",
            [(("b",), (), ("1",)), (("c",), ("x",), ())],
        ),
        ("SELECT a FROM t WHERE CASE WHEN b AND c THEN d ELSE e END", [(("b", "c", "d", "e"), (), ())]),
        ("SELECT a FROM t WHERE", []),
    ],
)
def test_a_condition_is_read_with_its_columns_and_its_values(
    sql: str, expected: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert told(sql) == expected


def pointed_at(
    where: str,
    *,
    lineage: tuple[ColumnLineage, ...] = (),
    title: str = "Persons by wijk",
    population: str = "Everyone in The Hague and around",
    **changes: Any,
) -> bool:
    """Whether a condition is pointed at."""
    recipe = Recipe(
        LazySource(f"SELECT person, wijk, income FROM PERSONS WHERE {where}", (DataSetReference("PERSONS", DIGEST),)),
        changes.pop("statistic", Statistic.COUNT),
        PolicyReference("cbs", DIGEST),
        rows=("wijk",),
        unit=("person",),
        **changes,
    )
    output = SimpleNamespace(
        name="persons", title=title, population=population, differs="", verdict="safe", level="recomputed",
        differences=[],
    )  # fmt: skip
    books: dict[str, Codebook] = {"PERSONS": CODEBOOK}
    found = points_of(cast("Any", output), recipe, (), across_rows=False, codebooks=books, lineage=lineage)
    assert {one.kind for one in found} <= {PointKind.FILTER}
    return bool(found)


@pytest.mark.parametrize(
    "where",
    [
        "wijk <> '31'",  # that it is by wijk does not say that one is left out
        "NOT benefit AND wijk IS NOT NULL",  # and, not: words of the language, which stand in any title
        "poor = 1",
        "age < 18 AND benefit = 'WW'",
    ],
)
def test_a_condition_that_nobody_mentions_is_pointed_at(where: str) -> None:
    assert pointed_at(where)


def test_each_condition_is_asked_for_by_itself() -> None:
    assert pointed_at("age < 18 AND benefit = 'WW'", population="Persons under 18 in The Hague")
    assert not pointed_at("age < 18 AND benefit = 'WW'", population="Persons under 18 in The Hague on benefit")


def test_a_number_of_one_digit_is_mentioned_by_no_date() -> None:
    assert pointed_at("poor = 1", population="Persons in The Hague on 1 January 2025")
    assert not pointed_at("poor = 1", population="Poor persons in The Hague on 1 January 2025")


@pytest.mark.parametrize(
    ("where", "population"),
    [
        ("wijk <> '31'", "Persons of The Hague without wijk 31"),
        ("wijk <> '31'", "Persons of The Hague outside of Schildersbuurt"),
        ("wijk <> '31'", "Persons of each Wijk of The Hague but one"),
        ("benefit", "Inwoners van Den Haag met een uitkering"),
        ("social_class = 'x'", "Persons of each social class in The Hague"),
        ("income > 12500", "Persons of The Hague with more than 12,500 euro"),
        ("income > 12500", "Inwoners van Den Haag met meer dan 12.500 euro"),
    ],
)
def test_what_the_population_mentions_by_name_by_label_or_by_value_is_not_pointed_at(
    where: str, population: str
) -> None:
    assert not pointed_at(where, population=population)


def test_a_title_mentions_what_the_table_is_not_by() -> None:
    assert not pointed_at("benefit = 'x'", title="Persons on social benefit by wijk")
    assert not pointed_at("wijk <> '31'", title="Persons by wijk without 31")
    assert pointed_at("wijk <> '31'", title="Persons by wijk without 310")


def test_a_title_says_nothing_by_the_column_of_which_a_dimension_is_made() -> None:
    made = ColumnLineage("wijk", Standing.COMPUTED, None, frozenset({("PERSONS", "benefit")}))
    assert pointed_at("benefit = 'x'", title="Persons by social benefit", lineage=(made,))
    assert not pointed_at("benefit = 'x'", title="Persons by social benefit")


def test_that_a_value_is_there_goes_without_saying() -> None:
    assert not pointed_at("income IS NOT NULL", value="income", statistic=Statistic.SUM)
    assert pointed_at("benefit IS NOT NULL", value="income", statistic=Statistic.SUM)
