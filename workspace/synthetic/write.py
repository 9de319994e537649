"""Write the synthetic data sets as folders of a camp: Parquet and codebook, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from disclosure.errors import BadInputError
from disclosure.exchange.files import sync_directory, write_atomically
from disclosure.model.codebooks import read_codebook
from workspace.synthetic.calibration import calibration, calibration_page
from workspace.synthetic.codebooks import codebook
from workspace.synthetic.columns import scope_of
from workspace.synthetic.data_sets import DATA_SETS
from workspace.synthetic.formats import Format, formats_of, write_other, write_parquet
from workspace.synthetic.panel import draw_panel
from workspace.synthetic.targets import Targets, targets_of
from workspace.synthetic.truth import truth
from workspace.synthetic.window import YEARS

_FEWEST, _MOST = 1_000, 5_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
CALIBRATION, TRUTH = "CALIBRATION.md", "truth.json"


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be written: `years` are all years in a panel, and empty for one year alone."""

    persons: int
    seed: int
    last: int
    years: tuple[int, ...]
    targets: Targets
    formats: tuple[Format, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the data sets that are written."""
        return tuple(name for one in DATA_SETS.values() for name in one.names(self.years))

    @property
    def beside(self) -> tuple[str, ...]:
        """What is written beside the folders of data sets."""
        return (*(one.value for one in self.formats if one is not Format.PARQUET), CALIBRATION, TRUTH)


def synthesize(
    folder: Path,
    *,
    persons: int = 50_000,
    seed: int = 2017,
    year: int = 2022,
    years: tuple[int, int] | None = None,
    municipality: str = "den-haag",
    formats: tuple[str, ...] = (Format.PARQUET.value,),
) -> tuple[Path, ...]:
    """Write synthetic microdata into `folder` and return the folder of each data set; without Parquet, its file.

    Each data set D becomes ``folder/D/data.parquet`` and ``folder/D/codebook.toml``; ``folder/CALIBRATION.md`` tells
    what the population came out as, ``folder/truth.json`` what was put in. The same arguments give the same bytes with
    the same versions of numpy and Arrow, on any number of threads. No data set appears before all are written; if one
    cannot be put in its place, those already placed are taken away again.

    Args:
        folder: where the data sets go; made if it is not there.
        persons: how many live in the municipality at the end, from 1,000 to 5,000,000; 526,000 is the city.
        seed: of the random numbers, 0 or more.
        year: the year that the data describe, if it is one.
        years: the first and the last of up to five years; data sets that CBS makes per year have it in their names.
        municipality: "den-haag" or "leidschendam-voorburg".
        formats: "parquet", "sav", "dta", "csv"; others than Parquet go to ``folder/FORMAT/D.FORMAT``, each with its
            codebook beside it, as `datakamp data register` takes them.

    Raises:
        BadInputError: an argument is out of bounds, `folder` cannot be written, or a data set is there already.
    """
    order = _order(persons, seed, year, years, municipality, formats)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parquet = Format.PARQUET in order.formats
        places = tuple(folder / name for name in (*(order.names if parquet else ()), *order.beside))
        _refuse_existing(places)
        stage = Path(tempfile.mkdtemp(prefix=".synthetic-", dir=folder))
    except OSError:
        raise BadInputError(f"'{folder.name}' is not a folder that can be written.") from None
    try:
        _write_all(stage, order)
        _place(stage, places)
    except OSError:
        raise BadInputError("The data sets could not be written.", hint="Is the disk full?") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    if parquet:
        return places[: -len(order.beside)]
    kind = order.formats[0].value
    return tuple(folder / kind / f"{name}.{kind}" for name in order.names)


def _order(
    persons: int, seed: int, year: int, years: tuple[int, int] | None, municipality: str, formats: tuple[str, ...]
) -> _Order:
    if not _FEWEST <= persons <= _MOST:
        raise BadInputError(f"Expected {_FEWEST:,} to {_MOST:,} persons.", hint="The city has 526,000.")
    if seed < 0:
        raise BadInputError("Expected a seed of 0 or more, for example 2017.")
    first, last = (year, year) if years is None else years
    if not (first >= _FIRST_YEAR and last <= _LAST_YEAR):
        raise BadInputError(f"Expected a year from {_FIRST_YEAR} to {_LAST_YEAR}, for example 2022.")
    if not first <= last < first + YEARS:
        raise BadInputError(f"Expected one to {YEARS} years, for example 2018-2022.")
    written = () if years is None else tuple(range(first, last + 1))
    return _Order(persons, seed, last, written, targets_of(municipality), formats_of(formats))


def _refuse_existing(places: tuple[Path, ...]) -> None:
    for place in places:
        if os.path.lexists(place):
            raise BadInputError(
                f"The data set '{place.name}' is there already.", hint="Choose another folder, or remove it first."
            )


def _write_all(stage: Path, order: _Order) -> None:
    panel = draw_panel(order.targets, order.persons, order.seed, order.last)
    lines = calibration(panel)
    write_atomically(stage / CALIBRATION, calibration_page(panel, lines).encode())
    write_atomically(stage / TRUTH, (json.dumps(truth(panel), indent=1, ensure_ascii=False) + "\n").encode())
    single = not order.years
    written = (order.last,) if single else order.years
    first = panel.window.first
    scope = scope_of(panel, tuple(year - first for year in written), residents_only=single)
    for one in order.formats:
        if one is not Format.PARQUET:
            (stage / one.value).mkdir(mode=0o755)
    for data_set in DATA_SETS.values():
        described = codebook(data_set.name, seed=order.seed, year=order.last, municipality=order.targets.municipality)
        for name, table in data_set.tables(scope, by_year=not single):
            for kind in order.formats:
                if kind is Format.PARQUET:
                    target = stage / name
                    target.mkdir(mode=0o755)
                    write_parquet(table, target / "data.parquet")
                    write_atomically(target / "codebook.toml", described)
                else:
                    path = stage / kind.value / f"{name}.{kind.value}"
                    beside = path.with_name(f"{path.name}.codebook.toml")
                    write_atomically(beside, described)
                    write_other(table, path, read_codebook(beside), kind)


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
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        raise
    sync_directory(stage.parent)
