"""Write the synthetic data sets as folders of a camp: Parquet and codebook, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError
from disclosure.exchange.files import sync_directory, write_atomically
from workspace.synthetic.codebooks import codebook
from workspace.synthetic.households import draw_households
from workspace.synthetic.income import draw_income
from workspace.synthetic.population import draw_population
from workspace.synthetic.tables import Register
from workspace.synthetic.work import draw_work

_FEWEST, _MOST = 1_000, 5_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_ROW_GROUP = 1 << 17

DATA_SETS: MappingProxyType[str, Callable[[Register], pa.Table]] = MappingProxyType(
    {
        "GBAPERSOONTAB": Register.persons,
        "KOPPELPERSOONHUISHOUDEN": Register.household_links,
        "GBAHUISHOUDENSBUS": Register.household_spells,
        "GBAADRESOBJECTBUS": Register.address_spells,
        "VSLGWBTAB": Register.dwellings,
        "INHATAB": Register.household_income,
        "KINDOUDERTAB": Register.parents,
        "SPOLISBUS": Register.job_months,
    }
)


def synthesize(folder: Path, *, persons: int = 50_000, seed: int = 2017, year: int = 2022) -> tuple[Path, ...]:
    """Write synthetic The Hague microdata into `folder` and return the folder of each data set.

    Each data set D becomes ``folder/D/data.parquet`` and ``folder/D/codebook.toml``. The same arguments give the same
    bytes with the same versions of numpy and Arrow. No data set appears before all are written; if one cannot be put
    in its place, those already placed are taken away again.

    Args:
        folder: where the data sets go; made if it is not there.
        persons: the number of persons, from 1,000 to 5,000,000; 526,000 is the city.
        seed: of the random numbers, 0 or more.
        year: the year that the data describe.

    Raises:
        BadInputError: an argument is out of bounds, `folder` cannot be written, or a data set is there already.
    """
    _check(persons, seed, year)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        places = tuple(folder / name for name in DATA_SETS)
        _refuse_existing(places)
        stage = Path(tempfile.mkdtemp(prefix=".synthetic-", dir=folder))
    except OSError:
        raise BadInputError(f"'{folder.name}' is not a folder that can be written.") from None
    try:
        _write_all(stage, persons, seed, year)
        _place(stage, places)
    except OSError:
        raise BadInputError("The data sets could not be written.", hint="Is the disk full?") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return places


def _check(persons: int, seed: int, year: int) -> None:
    if not _FEWEST <= persons <= _MOST:
        raise BadInputError(f"Expected {_FEWEST:,} to {_MOST:,} persons.", hint="The city has 526,000.")
    if seed < 0:
        raise BadInputError("Expected a seed of 0 or more, for example 2017.")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadInputError(f"Expected a year from {_FIRST_YEAR} to {_LAST_YEAR}, for example 2022.")


def _refuse_existing(places: tuple[Path, ...]) -> None:
    for place in places:
        if os.path.lexists(place):
            raise BadInputError(
                f"The data set '{place.name}' is there already.", hint="Choose another folder, or remove it first."
            )


def _write_all(stage: Path, persons: int, seed: int, year: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    households = draw_households(rng, persons)
    people = draw_population(rng, households)
    work = draw_work(rng, households, people)
    income = draw_income(rng, households, people, work)
    register = Register(rng, year, households, people, work, income)
    for name, table in DATA_SETS.items():
        target = stage / name
        target.mkdir(mode=0o755)
        _write_parquet(table(register), target / "data.parquet")
        write_atomically(target / "codebook.toml", codebook(name, seed=seed, year=year))


def _write_parquet(table: pa.Table, path: Path) -> None:
    # Every option that shapes the bytes is named, so that a default that changes does not change the data's digest.
    with path.open("xb") as stream:
        pq.write_table(
            table,
            stream,
            row_group_size=_ROW_GROUP,
            version="2.6",
            data_page_version="1.0",
            data_page_size=1 << 20,
            use_dictionary=True,
            compression="zstd",
            compression_level=3,
            write_statistics=True,
            store_schema=False,
        )
        stream.flush()
        os.fsync(stream.fileno())


def _place(stage: Path, places: tuple[Path, ...]) -> None:
    """Move every data set into place, or none."""
    # A rename would replace an empty folder that came in between.
    _refuse_existing(places)
    placed: list[Path] = []
    try:
        for place in places:
            (stage / place.name).rename(place)
            placed.append(place)
    except BaseException:
        for place in placed:
            shutil.rmtree(place, ignore_errors=True)
        raise
    sync_directory(stage.parent)
