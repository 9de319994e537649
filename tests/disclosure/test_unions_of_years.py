"""Years that follow each other in one table: whoever is there in several of them is one unit, by one registered key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ibis
import pandas as pd
import pytest

from disclosure.check import LazyCheck, check_lazy, judged, received
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.placing import placed_lazy
from disclosure.engines.registered import RegisteredTables
from disclosure.errors import DocumentError, RecipeError
from disclosure.exchange.files import file_digest
from disclosure.exchange.tabulation import ColumnLineage, Standing
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.recipes import DataSetReference, LazySource, Recipe, Statistic
from disclosure.model.verdicts import Status
from disclosure.ports import RegisteredFile
from tests.disclosure.support import counts, policy, shown, status
from tests.disclosure.tabulation_inputs import PERSONS, SIZE, SPELLS, inputs

YEARS = ("Y1", "Y2", "Y3")
N = 60


def codebook(name: str, key: tuple[str, ...] = ("person",)) -> Codebook:
    columns = {"wijk": Column("wijk", sensitive=False), "income": Column("income", decimals=0)}
    return Codebook(
        name, key, other_units=MappingProxyType({"household": ("home",)}), columns=MappingProxyType(columns)
    )


BOOKS = {**{name: codebook(name) for name in YEARS}, "OTHER": codebook("OTHER", ("home",))}


def frame(year: int) -> pd.DataFrame:
    """Everybody in each year, and each year everybody in another wijk."""
    return pd.DataFrame(
        {
            "person": [f"{place:04}" for place in range(N)],
            "home": [f"{place // 2:03}" for place in range(N)],
            "wijk": [str((place + year) % 3) for place in range(N)],
            "income": [20_000 + 17 * place * (year + 1) for place in range(N)],
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, RegisteredFile]:
    frames = {name: frame(year) for year, name in enumerate(YEARS)}
    return {name: written(tmp_path, name, one) for name, one in {**frames, "OTHER": frame(7)}.items()}


def written(folder: Path, name: str, rows: pd.DataFrame) -> RegisteredFile:
    path = folder / f"{name}.parquet"
    rows.to_parquet(path)
    return RegisteredFile(path, file_digest(path))


def recipe(files: dict[str, RegisteredFile], sql: str, **changes: Any) -> Recipe:
    used = tuple(DataSetReference(name, one.digest) for name, one in files.items() if name in sql)
    asked: dict[str, Any] = {"statistic": Statistic.COUNT, "rows": ("wijk",), "unit": ("person",), **changes}
    return Recipe(source=LazySource(sql, used), policy=policy().reference, **asked)


def check(files: dict[str, RegisteredFile], sql: str, **changes: Any) -> LazyCheck:
    return check_lazy(recipe(files, sql, **changes), files, BOOKS, policy(), DuckDBTabulator())


BOTH = "SELECT person, home, wijk, income FROM Y1 UNION ALL SELECT person, home, wijk, income FROM Y2"
ALL_THREE = f"{BOTH} UNION ALL SELECT person, home, wijk, income FROM Y3"


@pytest.mark.parametrize(("sql", "in_each"), [(BOTH, 2 * N // 3), (ALL_THREE, N)])
def test_whoever_is_in_several_years_is_one_unit(files: dict[str, RegisteredFile], sql: str, in_each: int) -> None:
    checked = check(files, sql)
    assert counts(checked.table) == {"wijk=0": in_each, "wijk=1": in_each, "wijk=2": in_each, "total": N}
    assert checked.across_rows is False


def test_totals_add_up_what_a_unit_has_in_all_years(files: dict[str, RegisteredFile]) -> None:
    checked = check(files, BOTH, rows=(), statistic=Statistic.SUM, value="income")
    assert status(checked.table) is Status.SAFE
    assert shown(checked.table)["total"] == str(sum(int(frame(year).income.sum()) for year in (0, 1)))


def test_further_units_are_counted_through_a_union(files: dict[str, RegisteredFile]) -> None:
    checked = check(files, BOTH, rows=(), other_units=(("home",),), holding=("home",))
    assert status(checked.table) is Status.SAFE
    assert checked.table.evidence is not None
    assert int(checked.table.evidence.n_units[0]) == N


def test_a_union_that_ibis_writes_keeps_its_key(files: dict[str, RegisteredFile]) -> None:
    tables = RegisteredTables(files)
    parts = [tables.table(name).mutate(year=ibis.literal(place)) for place, name in enumerate(YEARS)]
    table = ibis.union(*parts).filter(ibis._.income > 20_000).select("person", "wijk", "year")
    source = tables.source(table)
    assert source is not None
    asked = Recipe(source, Statistic.COUNT, policy().reference, rows=("wijk",), unit=("person",))
    checked = check_lazy(asked, files, BOOKS, policy(), DuckDBTabulator())
    assert counts(checked.table)["total"] == N - 1


NO_KEY = {
    "another column": "SELECT person, wijk FROM Y1 UNION ALL SELECT home AS person, wijk FROM Y2",
    "a computed one": "SELECT person, wijk FROM Y1 UNION ALL SELECT upper(person), wijk FROM Y2",
    "a constant": "SELECT person, wijk FROM Y1 UNION ALL SELECT '0001' AS person, wijk FROM Y2",
    "no key there": "SELECT person, wijk FROM Y1 UNION ALL SELECT person, wijk FROM OTHER",
    "changed behind it": f"SELECT person || wijk AS person, wijk FROM ({BOTH}) AS both",
    "missing for some": "SELECT person, wijk FROM Y1 UNION ALL SELECT b.person, a.wijk FROM Y2 AS a LEFT JOIN Y3 AS b ON a.person = b.person",  # noqa: E501
    "missing behind it": f"SELECT t.person, a.wijk FROM Y3 AS a LEFT JOIN ({BOTH}) AS t ON a.person = t.person",
}


@pytest.mark.parametrize("what", NO_KEY)
def test_what_is_not_a_key_in_each_part_is_no_unit(files: dict[str, RegisteredFile], what: str) -> None:
    with pytest.raises(RecipeError, match="nobody knows what it counts"):
        check(files, NO_KEY[what])


def test_a_key_that_is_a_number_in_one_year_is_no_unit(files: dict[str, RegisteredFile], tmp_path: Path) -> None:
    # As texts "0007" and "7" would be two persons.
    numbers = frame(1).assign(person=range(N))
    with pytest.raises(RecipeError, match="nobody knows what it counts"):
        check({**files, "Y2": written(tmp_path, "Y2", numbers)}, BOTH)


def test_a_year_and_years_have_one_unit_beside_each_other(files: dict[str, RegisteredFile]) -> None:
    one, both = (placed_lazy(recipe(files, sql), files) for sql in ("SELECT person, wijk FROM Y1", BOTH))
    assert one.unit == both.unit == ("person",)


def test_the_control_zone_knows_the_key_from_the_result(tmp_path: Path) -> None:
    made = inputs(tmp_path)
    both = f"SELECT pid, wijk FROM {PERSONS} UNION ALL SELECT pid, wijk FROM {SPELLS}"
    job = made.lazy(both, names=(PERSONS, SPELLS))
    result = made.run(job)
    found = {one.column: one for one in result.lineage}["pid"]
    assert found.standing is Standing.COMPUTED
    assert found.alike == {("persons", "pid"), ("spells", "pid")}
    told = received(job, result)
    assert dict(told.knowledge.keys) == {"pid": "pid"}
    assert counts(judged(job.recipe, told, made.policy))["total"] == SIZE + 10
    # One that says otherwise is not believed.
    without = tuple(replace(one, alike=frozenset()) for one in result.lineage)
    with pytest.raises(RecipeError, match="nobody knows what it counts"):
        received(job, replace(result, lineage=without))


@pytest.mark.parametrize(
    "alike", [{("y1", "person")}, {("y1", "person"), ("y2", "home")}, {("y1", "person"), ("y9", "person")}]
)
def test_a_lineage_that_says_something_else_of_a_union_is_refused(alike: set[tuple[str, str]]) -> None:
    sources = frozenset({("y1", "person"), ("y2", "person"), ("y2", "home")})
    with pytest.raises(DocumentError, match="registered columns of one name"):
        ColumnLineage("person", Standing.COMPUTED, None, sources, frozenset(alike))


def test_a_registered_column_is_not_one_of_several(files: dict[str, RegisteredFile]) -> None:
    alike = frozenset({("y1", "person"), ("y2", "person")})
    with pytest.raises(DocumentError, match="registered columns of one name"):
        ColumnLineage("person", Standing.REGISTERED, ("y1", "person"), alike, alike)
