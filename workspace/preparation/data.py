"""The data of a camp: of each data set the planned columns are copied, and registered. No more of it comes in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, DataError
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE, CampFile, is_areas_file
from disclosure.model.codebooks import read_codebook
from workspace.catalogue import MountedSource, register, registered, source
from workspace.preparation.plan import PlannedData
from workspace.untrusted import copy_regular

_LARGEST: Final = 1 << 40
_ROWS: Final = 1 << 20
_ASIDE: Final = ".preparing-"


def prepare_data(
    camp: CampFile, plan: tuple[PlannedData, ...], sources: Path | None, told: Callable[[str], None]
) -> tuple[MountedSource, ...]:
    """Bring into a camp what the plan has, and return it. What is there already is checked, and left.

    Args:
        sources: holds a folder with data.parquet and codebook.toml for each data set; None if all are there.
        told: called with a line about each data set.

    Raises:
        BadInputError: a data set is missing, or has not the columns that the plan has; or one that is there already has
            columns that are not in the plan.
    """
    _clear(camp)
    here = set(registered(camp))
    missing = [one.name for one in plan if one.name not in here]
    if missing and sources is None:
        raise BadInputError(f"The camp lacks {', '.join(missing)}.", hint="Give --data, the folder that holds them.")
    absent = [name for name in missing if sources is not None and not (sources / name / DATA_FILE).is_file()]
    if absent:
        raise BadInputError(f"There is no data set {', '.join(absent)} in that folder.")
    made = []
    for one in plan:
        if one.name in here or sources is None:
            made.append(_checked(camp, one))
            told(f"{one.name}: there already")
        else:
            made.append(_minimised(camp, one, sources / one.name))
            told(f"{one.name}: {len(_columns(made[-1].folder))} of {len(_columns(sources / one.name))} columns")
    return tuple(made)


def _clear(camp: CampFile) -> None:
    """Remove what a killed preparation left. The caller holds the camp alone, so nobody else is at it."""
    for one in (camp.folder / "microdata").glob(f"{_ASIDE}*"):
        shutil.rmtree(one, ignore_errors=True)


def _checked(camp: CampFile, planned: PlannedData) -> MountedSource:
    found = source(camp, planned.name)
    present = _columns(found.folder)
    more = sorted(set(present) - set(planned.kept(found.codebook, present)))
    if more:
        raise BadInputError(
            f"'{planned.name}' is in the camp with columns that nobody asked for: {', '.join(more)}.",
            hint="Take it out and prepare again, or name them in its [[data]] table.",
        )
    return found


def _minimised(camp: CampFile, planned: PlannedData, folder: Path) -> MountedSource:
    """Copy the planned columns of a data set beside where it will lie, and register that."""
    columns = planned.kept(read_codebook(folder / CODEBOOK_FILE), _columns(folder))
    microdata = camp.data_folder(planned.name).parent
    try:
        microdata.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=microdata))
        try:
            place = aside / planned.name
            place.mkdir()
            _copy_columns(folder / DATA_FILE, place / DATA_FILE, columns)
            areas = sorted(one.name for one in folder.iterdir() if is_areas_file(one.name))
            for file in (CODEBOOK_FILE, *areas):
                copy_regular(folder / file, place / file, limit=_LARGEST)
            return register(camp, place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError:
        raise BadInputError(f"'{planned.name}' could not be copied.", hint="Is the disk full?") from None


def _copy_columns(file: Path, copy: Path, columns: tuple[str, ...]) -> None:
    try:
        with pq.ParquetFile(file) as opened:
            schema = pa.schema([opened.schema_arrow.field(name) for name in columns])
            with pq.ParquetWriter(copy, schema, compression="zstd") as writer:
                for batch in opened.iter_batches(_ROWS, columns=list(columns)):
                    writer.write_table(pa.Table.from_batches([batch]).select(list(columns)).cast(schema))
    except pa.ArrowException:
        raise DataError(f"'{DATA_FILE}' of the data set '{file.parent.name}' cannot be read as Parquet.") from None


def _columns(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(folder / DATA_FILE).names)
    except (pa.ArrowException, OSError):
        raise DataError(f"'{DATA_FILE}' of the data set '{folder.name}' cannot be read as Parquet.") from None
