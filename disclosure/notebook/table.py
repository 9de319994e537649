"""`sdc.table`: from any frame to a judged output, in one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from disclosure.assess import inconclusive, refuse_identifiers
from disclosure.check import check_frame, check_lazy, knowledge_of_frame
from disclosure.engines.door import column_names, narrow_frame, require_columns
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.read_again import read_again
from disclosure.engines.registered import is_lazy
from disclosure.errors import BadInputError, RecipeError
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.codebooks import Codebook, read_codebook
from disclosure.model.recipes import FrameSource, LazySource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.camp import Camp, camp_policy, current_camp
from disclosure.notebook.output import Output
from disclosure.texts import Text, text

Names = str | Sequence[str]


def table(
    frame: Any,
    *,
    rows: Names = (),
    columns: Names = (),
    values: Names | None = None,
    statistic: Names | None = None,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
) -> Output:
    """Return a checked table with all its margins.

    Args:
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table such as `sdc.data("INHATAB")`.
        rows, columns: the row and column variables.
        values: the column that a sum, mean or rate is taken of.
        statistic: "count" (the default without `values`), "sum", "mean" or "rate".
        unit: the column or columns that identify the statistical unit; inside a camp the codebook's by default.
        weights: a weight column.
        policy: the policy's name; "cbs" by default, inside a camp always the camp's.
        dropna: leave rows with a missing category out; otherwise missing is a category.
        codebook: a codebook or its path; a Parquet path brings the one beside it.

    Raises:
        BadInputError: a column, statistic or policy that there is not.
        RefusedError: a dimension that identifies units, or a derivation that is not allowed.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20})
    >>> sdc.table(homes, rows=["wijk"], unit="person").verdict.status.value
    'safe'
    """
    camp = current_camp()
    judged_by = camp_policy(camp, policy)
    value, kind = _one(values, "values"), _one(statistic, "statistic")
    if weights is not None and not isinstance(weights, str):
        raise BadInputError("The weight column is named by a text.", hint='For example weights="weight".')
    if kind is None and value is not None:
        raise RecipeError("Which statistic of the values?", hint='Give statistic="sum", "mean" or "rate".')
    asked = Statistic.named(kind if kind is not None else "count")
    book = _codebook(codebook, frame)
    lazy = camp.tables.source(frame) if camp is not None and is_lazy(frame) else None
    names = column_names(frame)
    units = _names(unit) if unit is not None else _default_unit(names, camp, book, lazy)
    recipe = Recipe(
        source=lazy or FrameSource(names),
        statistic=asked,
        policy=judged_by.reference,
        rows=_names(rows),
        columns=_names(columns),
        value=value,
        unit=units,
        weight=weights,
        dropna=dropna,
    )
    knowledge = _knowledge(camp, book)
    refuse_identifiers(recipe, judged_by, knowledge)
    require_columns(names, tuple(name for name in recipe.narrow_columns if name not in units))
    absent = [name for name in units if name not in names]
    if absent:
        missing = text("the unit column {name}: the frame does not have it", name=", ".join(absent))
        return Output(inconclusive(recipe, Inconclusive((missing,))), None, None)
    tabulator = DuckDBTabulator()
    if lazy is not None and camp is not None:
        files, books = camp.files, camp.codebooks
        return Output.made(recipe, lambda one: check_lazy(one, files, books, judged_by, tabulator).table, None)
    narrow_recipe = _narrowed(recipe)
    if not units:
        return Output.made(narrow_recipe, _without_unit, None)
    narrow = narrow_frame(frame, recipe.narrow_columns)
    if camp is not None:
        # As the control zone will: what a column is called earns it no exemption, what is in it does.
        lineage = read_again(narrow_recipe, narrow, camp.files, camp.codebooks)
        if lineage is None:
            return Output(inconclusive(narrow_recipe, Inconclusive((_unknown_units(units),))), None, None)
        knowledge = knowledge_of_frame(lineage, camp.codebooks)
    return Output.made(narrow_recipe, lambda one: check_frame(one, narrow, judged_by, knowledge, tabulator), narrow)


def _unknown_units(units: tuple[str, ...]) -> Text:
    return text("unit keys: some are not in the column {unit} of any data set here", unit=", ".join(units))


def _narrowed(recipe: Recipe) -> Recipe:
    return replace(recipe, source=FrameSource(recipe.narrow_columns)) if recipe.narrow_columns else recipe


def _without_unit(recipe: Recipe) -> JudgedTable:
    missing = text("the statistical unit: name the column that identifies a person, household or firm (unit=)")
    return inconclusive(recipe, Inconclusive((missing,)))


def _names(names: Names) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    listed = tuple(names) if isinstance(names, Iterable) else (names,)
    if not all(isinstance(name, str) for name in listed):
        raise BadInputError("Columns and statistics are named by texts.", hint='For example rows=["wijk"].')
    return listed


def _one(names: Names | None, what: str) -> str | None:
    if names is None:
        return None
    listed = _names(names)
    if len(listed) != 1:
        raise BadInputError(f"Expected one entry in {what}.", hint="Make one table for each.")
    return listed[0]


def _codebook(codebook: Codebook | str | Path | None, frame: Any) -> Codebook | None:
    if isinstance(codebook, Codebook):
        return codebook
    if codebook is not None:
        return read_codebook(Path(codebook))
    if isinstance(frame, str | Path):
        path = Path(frame)
        for beside in (path.with_name(f"{path.name}.codebook.toml"), path.with_name(f"{path.stem}.codebook.toml")):
            if beside.exists():
                return read_codebook(beside)
    return None


def _default_unit(
    names: tuple[str, ...], camp: Camp | None, book: Codebook | None, lazy: LazySource | None
) -> tuple[str, ...]:
    books = [book] if book is not None else []
    if camp is not None:
        used = [one.name for one in lazy.data_sets] if lazy is not None else list(camp.codebooks)
        books += [camp.codebooks[name] for name in used]
    units = {one.unit for one in books if set(one.unit) <= set(names)}
    # Two data sets of different units in one table: which of them is counted is the researcher's to say.
    return units.pop() if len(units) == 1 else ()


def _knowledge(camp: Camp | None, book: Codebook | None) -> Knowledge:
    if camp is not None:
        if book is not None:
            raise BadInputError("Inside a camp the codebooks are the camp's.", hint="Leave codebook= out.")
        return knowledge_of_frame((), camp.codebooks)
    return knowledge_of(book) if book is not None else Knowledge()
