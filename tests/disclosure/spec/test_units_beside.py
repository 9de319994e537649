"""Whose rows, whose values: a figure is about the units that it counts and about those to whom its values belong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from disclosure.check import LazyCheck, check_lazy, knowledge_of_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.read_again import read_again
from disclosure.exchange.files import file_digest
from disclosure.knowledge import units_beside
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.owners import Units
from disclosure.model.recipes import DataSetReference, FrameSource, LazySource, Recipe, Statistic
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from disclosure.notebook.beside import with_units_of_lazy
from disclosure.policy import load_policy
from disclosure.ports import RegisteredFile
from tests.disclosure.support import failures, status

PERSON, HOUSEHOLD, JOB = frozenset({"person"}), frozenset({"household"}), frozenset({"job"})
FREE = MappingProxyType({"wijk": Column("wijk", sensitive=False)})
PEOPLE = Codebook(
    "PEOPLE", ("person",), other_units=MappingProxyType({"household": ("household",), "job": ("job",)}), columns=FREE
)
HOMES = Codebook(
    "HOMES", ("household",), columns=MappingProxyType({"income": Column("income", decimals=0), "size": Column("size")})
)
BOOKS = {"PEOPLE": PEOPLE, "HOMES": HOMES}
JOINED = "SELECT p.person, p.household, p.job, p.wijk, p.wage, h.income FROM PEOPLE p JOIN HOMES h USING (household)"
BOTH: dict[str, Any] = {"other_units": (("household",),), "holding": ("household",)}


@dataclass(frozen=True)
class Register:
    """Two registered data sets: people, in households of five, and what the households have."""

    files: dict[str, RegisteredFile]
    people: pd.DataFrame
    homes: pd.DataFrame

    def check(
        self, statistic: str, sql: str = JOINED, books: dict[str, Codebook] | None = None, **more: Any
    ) -> LazyCheck:
        by = load_policy("cbs")
        source = LazySource(sql, tuple(DataSetReference(name, one.digest) for name, one in self.files.items()))
        asked: dict[str, Any] = {"value": None if statistic == "count" else "income", "unit": ("person",)} | more
        recipe = Recipe(source, Statistic(statistic), by.reference, rows=("wijk",), **asked)
        return check_lazy(recipe, self.files, books or BOOKS, by, DuckDBTabulator())


def register(folder: Path, people: pd.DataFrame, homes: pd.DataFrame) -> Register:
    files = {}
    for name, frame in (("PEOPLE", people), ("HOMES", homes)):
        path = folder / f"{name}.parquet"
        frame.to_parquet(path)
        files[name] = RegisteredFile(path, file_digest(path))
    return Register(files, people, homes)


@pytest.fixture
def made(tmp_path: Path) -> Register:
    """Return 1,000 people in 200 households of five; in wijk "few" live two households, in the others 99 each."""
    place = np.arange(1000)
    people = pd.DataFrame(
        {"person": [f"{n:04d}" for n in place], "household": [f"h{n // 5:03d}" for n in place],
         "job": [f"j{n:04d}" for n in place], "wage": 1000.0 + place * 37 % 911,
         "wijk": ["few" if n < 10 else ("one", "other")[n // 5 % 2] for n in place]}
    )  # fmt: skip
    homes = pd.DataFrame({"household": [f"h{n:03d}" for n in range(200)]})
    return register(tmp_path, people, homes.assign(income=[20_000.0 + n * 7919 % 30_011 for n in range(200)]))


def missing_of(check: LazyCheck) -> str:
    verdict = check.table.verdict
    assert isinstance(verdict, Inconclusive), verdict
    return "; ".join(map(str, verdict.missing))


# ------------------------------------------------------------------------------------------------ whose the values are
@pytest.mark.parametrize("statistic", ["sum", "mean", "median", "mode", "gini", "hhi", "std"])
def test_what_belongs_to_households_is_judged_on_households(made: Register, statistic: str) -> None:
    told = missing_of(made.check(statistic))
    assert "household in other_units=" in told
    assert "household and name it as holding=" in told
    out = made.check(statistic, **BOTH).table
    assert "wijk=few" in failures(out)
    assert RuleName.OTHER_UNITS in out.rules


@pytest.mark.parametrize("statistic", ["sum", "mean", "median", "gini"])
def test_hundreds_of_households_in_a_cell_stay_safe(made: Register, statistic: str) -> None:
    without = f"SELECT * FROM ({JOINED}) AS a WHERE wijk <> 'few'"
    assert status(made.check(statistic, without, **BOTH).table) is Status.SAFE


def test_both_the_minimum_and_the_contributor_are_asked_for(made: Register) -> None:
    assert "holding=" in missing_of(made.check("sum", other_units=(("household",),)))
    assert "other_units=" in missing_of(made.check("sum", holding=("household",)))


@pytest.mark.parametrize("rich", [9, 10])
def test_as_many_households_as_persons_must_have_something(tmp_path: Path, made: Register, rich: int) -> None:
    homes = made.homes.assign(income=[1000.0 + n if 2 <= n < 2 + 2 * rich and n % 2 else 0.0 for n in range(200)])
    one = register(tmp_path, made.people, homes)
    failed = failures(one.check("sum", **BOTH).table, RuleName.MINIMUM_NONZERO)
    assert ("wijk=other" in failed) is (rich < 10)


def test_a_household_that_holds_most_of_a_total_dominates_it(tmp_path: Path, made: Register) -> None:
    values = made.homes.income.where(made.homes.household != "h003", 4_000_000)
    one = register(tmp_path, made.people, made.homes.assign(income=values))
    assert "wijk=other" in failures(one.check("sum", **BOTH).table, RuleName.DOMINANCE)


def test_where_the_key_is_gone_nothing_can_be_judged(made: Register) -> None:
    gone = f"SELECT person, wijk, income FROM ({JOINED}) AS a"
    assert "household" in missing_of(made.check("mean", gone))


@pytest.mark.parametrize("value", ["income + wage", "income * 2", "CASE WHEN income > 0 THEN wage END"])
def test_a_value_computed_from_theirs_is_theirs(made: Register, value: str) -> None:
    assert "household" in missing_of(made.check("mean", f"SELECT person, wijk, {value} AS income FROM ({JOINED}) AS a"))


def test_a_weight_of_theirs_is_too_unless_it_is_the_offices(made: Register) -> None:
    asked: dict[str, Any] = {"value": "wage", "weight": "income"}
    assert "household" in missing_of(made.check("sum", **asked))
    offices = {**BOOKS, "HOMES": replace(HOMES, weights=("income",))}
    assert made.check("sum", books=offices, **asked).table.evidence is not None


def test_the_units_own_values_ask_for_nothing(made: Register) -> None:
    assert status(made.check("mean", value="wage").table) is Status.SAFE
    assert status(made.check("count").table) is Status.SAFE


def test_a_rate_counts_the_people(made: Register) -> None:
    poor = f"SELECT person, wijk, CASE WHEN income < 30000 THEN 1 ELSE 0 END AS income FROM ({JOINED}) AS a"
    assert made.check("rate", poor).table.evidence is not None


def test_two_kinds_of_owners_are_one_too_many(made: Register) -> None:
    told = missing_of(made.check("sum", unit=("job",), other_units=(("household",), ("person",)), holding=("person",)))
    assert "one kind of contributor" in told


# -------------------------------------------------------------------------------------------------- whose the rows are
@pytest.fixture
def jobs(tmp_path: Path, made: Register) -> Register:
    """Return the same, but all twelve jobs of wijk "few" are one person's."""
    few = made.people.head(12).assign(wijk="few", person="0000", household="h000")
    return register(tmp_path, pd.concat([few, made.people.iloc[12:]]), made.homes)


@pytest.mark.parametrize("statistic", ["count", "sum", "mean"])
def test_twelve_jobs_of_one_person_are_no_twelve_units(jobs: Register, statistic: str) -> None:
    asked: dict[str, Any] = {"unit": ("job",), "value": None if statistic == "count" else "wage"}
    assert "person" in missing_of(jobs.check(statistic, **asked))
    asked |= {"other_units": (("person",),), "holding": () if statistic == "count" else ("person",)}
    out = jobs.check(statistic, **asked).table
    assert "wijk=few" in failures(out, RuleName.OTHER_UNITS)
    assert statistic == "count" or "wijk=few" in failures(out, RuleName.DOMINANCE)


def test_households_of_whole_persons_count_by_themselves(made: Register) -> None:
    alone: dict[str, Any] = {"unit": ("household",)}
    assert "person" in missing_of(made.check("count", "SELECT * FROM PEOPLE", **alone))
    assert "person" in missing_of(made.check("sum", "SELECT * FROM PEOPLE", value="wage", **alone))
    whole = {**BOOKS, "PEOPLE": replace(PEOPLE, wholes=("household",))}
    assert failures(made.check("count", "SELECT * FROM PEOPLE", whole, **alone).table) == {"wijk=few"}
    added = "SELECT household, min(wijk) AS wijk, sum(wage) AS wage FROM PEOPLE GROUP BY household"
    assert failures(made.check("sum", added, whole, value="wage", **alone).table) == {"wijk=few"}


def test_the_unit_of_a_data_set_asks_for_no_other(made: Register) -> None:
    other = "SELECT h.household, p.wijk, h.income FROM HOMES h JOIN PEOPLE p USING (household)"
    assert made.check("mean", other, unit=("household",)).table.evidence is not None


# ------------------------------------------------------------------------------------------------------------- frames
def frame_units(made: Register, frame: pd.DataFrame, **asked: Any) -> frozenset[frozenset[str]]:
    by = load_policy("cbs")
    recipe = Recipe(FrameSource(tuple(frame.columns)), Statistic.MEAN, by.reference, rows=("wijk",), **asked)
    lineage = read_again(recipe, pa.Table.from_pandas(frame[list(recipe.narrow_columns)]), made.files, BOOKS)
    assert lineage is not None
    return units_beside(recipe, knowledge_of_frame(lineage, BOOKS))


def test_a_column_of_a_frame_that_bears_the_name_of_theirs_is_theirs(made: Register) -> None:
    frame = made.people.merge(made.homes, on="household")
    assert frame_units(made, frame, unit=("person",), value="income") == {HOUSEHOLD}
    assert frame_units(made, frame, unit=("person",), value="wage") == frozenset()
    assert frame_units(made, frame.rename(columns={"income": "own"}), unit=("person",), value="own") == frozenset()


def test_a_frame_of_another_unit_of_the_data_is_about_its_own_unit_too(made: Register) -> None:
    frame = made.people.merge(made.homes, on="household")
    assert frame_units(made, frame, unit=("job",), value="wage") == {PERSON}
    homes = frame.drop_duplicates("household")
    assert frame_units(made, homes, unit=("household",), value="income") == frozenset()


# --------------------------------------------------------------------------------------------- what a researcher types
def completed(made: Register, sql: str, **asked: Any) -> Recipe:
    source = LazySource(sql, tuple(DataSetReference(name, one.digest) for name, one in made.files.items()))
    recipe = Recipe(source, Statistic.MEAN, load_policy("cbs").reference, rows=("wijk",), **asked)
    derivation = DuckDBTabulator().read(source, made.files)
    return with_units_of_lazy(recipe, tuple(derivation.columns), derivation, BOOKS)


def test_who_has_kept_the_key_need_not_name_it(made: Register) -> None:
    recipe = completed(made, JOINED, unit=("person",), value="income")
    assert (recipe.other_units, recipe.holding) == ((("household",),), ("household",))
    renamed = f"SELECT person, wijk, income, household AS home FROM ({JOINED}) AS a"
    assert completed(made, renamed, unit=("person",), value="income").holding == ("home",)
    own = completed(made, JOINED, unit=("person",), value="wage")
    assert (own.other_units, own.holding) == ((), ())


def test_who_has_named_it_is_asked_for_nothing_twice_and_who_has_not_kept_it_is_told(made: Register) -> None:
    named = completed(made, JOINED, unit=("person",), value="income", other_units=(("household",),))
    assert (named.other_units, named.holding) == ((("household",),), ("household",))
    gone = completed(made, f"SELECT person, wijk, income FROM ({JOINED}) AS a", unit=("person",), value="income")
    assert (gone.other_units, gone.holding) == ((), ())


def examples() -> Iterator[tuple[Units, frozenset[str], set[frozenset[str]]]]:
    yield Units(), PERSON, set()
    yield Units(frozenset({PERSON})), PERSON, set()
    yield Units(frozenset({PERSON})), JOB, {PERSON}
    yield Units(frozenset({PERSON, JOB})), JOB, set()
    yield Units(frozenset({PERSON}), within=frozenset({(PERSON, HOUSEHOLD)})), HOUSEHOLD, set()
    yield Units(frozenset({HOUSEHOLD}), within=frozenset({(PERSON, HOUSEHOLD)})), PERSON, {HOUSEHOLD}
    yield Units(frozenset({PERSON}), {"v": frozenset({HOUSEHOLD, PERSON})}), PERSON, {HOUSEHOLD}


@pytest.mark.parametrize(("units", "counted", "beside"), list(examples()))
def test_beside_whom_stands_whom(units: Units, counted: frozenset[str], beside: set[frozenset[str]]) -> None:
    assert units.beside(counted, ("v",)) == beside
