"""The catalogue: which data sets a camp has, and which of them a team may use.

A data set is registered once: its files are copied into the camp and their digests recorded beside them. Whoever
mounts it later computes the digests again. No size or time of change stands in for a digest: those can be set to any
value by whoever can write the file, and reading costs about a second per gibibyte, once per run.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, CodebookError, DataError, IntegrityError, RefusedError
from disclosure.exchange.camp import (
    CODEBOOK_FILE,
    DATA_FILE,
    MOST_AREAS_FILES,
    CampFile,
    ZoneMode,
    is_areas_file,
)
from disclosure.exchange.files import file_digest, sync_directory, write_atomically
from disclosure.exchange.incidents import require_running
from disclosure.exchange.registered import FILES, RECORD, record_bytes, recorded_digests
from disclosure.model.codebooks import Codebook, read_codebook
from workspace.fits import misfits
from workspace.untrusted import copy_regular

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_LARGEST: Final = 1 << 40
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class MountedSource:
    """A registered data set as it will be mounted.

    Attributes:
        folder: on the host.
        digest: of its data file, as recorded and as computed just now.
    """

    name: str
    folder: Path
    digest: str
    codebook: Codebook


def authorised(camp: CampFile, team: str) -> tuple[MountedSource, ...]:
    """Return the data sets that a team may use, in the order of camp.toml, each checked against its digests.

    Raises:
        DocumentError: the camp has no such team.
        DataError: a data set is not registered.
        IntegrityError: a file is not the one that was registered.
        RefusedError: zones are not separated and a data set is not synthetic.
    """
    return tuple(source(camp, name) for name in camp.team(team).data_sets)


def source(camp: CampFile, name: str) -> MountedSource:
    """Return one registered data set, checked against its digests. Errors as in `authorised`."""
    folder = camp.data_folder(name)
    recorded = recorded_digests(folder, name)
    for file in recorded:
        if (folder / file).is_symlink() or file_digest(folder / file) != recorded[file]:
            raise IntegrityError(
                f"'{file}' of the data set '{name}' is not the file that was registered.",
                hint="Find out who changed it; then register the data set again under another name.",
            )
    return MountedSource(name, folder, recorded[DATA_FILE], camp.codebook(name))


def registered(camp: CampFile) -> tuple[str, ...]:
    """Return the names of the registered data sets, in order."""
    folder = camp.folder / "microdata"
    if not folder.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / RECORD).is_file()))


def register(camp: CampFile, folder: Path) -> MountedSource:
    """Copy a data set into the camp, record its digests, and return it. Whoever calls it holds the camp alone.

    Args:
        folder: holds data.parquet and codebook.toml, and may hold areas for maps as NAME.geojson; its name becomes
            the data set's. Anything else in it stays where it is.

    Raises:
        BadInputError: something is missing or malformed, or the camp has a data set of this name.
        RefusedError: zones are not separated and the data set is not synthetic; or the camp is stopped, or closed.
    """
    require_running(camp.folder)
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise BadInputError("A data set is named by letters, digits and '_'.", hint="Rename its folder.")
    place = camp.data_folder(name)
    _refuse_existing(place)
    _check(camp, folder, name)
    files = (*FILES, *_areas(folder))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Its maker's only, and stays so: where teams have users of their own, `hub users` opens it to some of them.
        aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place.parent))
        try:
            for file in files:
                copy_regular(folder / file, aside / file, limit=_LARGEST)
            # Of the copies: what was checked at the source could have been another file.
            _check(camp, aside, name)
            write_atomically(aside / RECORD, record_bytes(name, {file: file_digest(aside / file) for file in files}))
            _refuse_existing(place)
            # Reading takes long: the camp may have been stopped meanwhile.
            require_running(camp.folder)
            aside.rename(place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        sync_directory(place.parent)
    except OSError:
        raise BadInputError(f"The data set '{name}' could not be copied.", hint="Is the disk full?") from None
    return source(camp, name)


def register_file(
    camp: CampFile,
    file: Path,
    codebook: Path,
    *,
    name: str,
    year: int | None = None,
    encoding: str = "utf-8",
    decimal: str | None = None,
) -> MountedSource:
    """Make a data set of one file and its codebook, and register it.

    Args:
        file: Parquet, SPSS, Stata or csv; see `workspace.readers`.
        name: of the data set, without the year. Years of one data set are registered one by one and lie beside each
            other as NAME and the year, which is where ``sdc.data(NAME, year=...)`` looks.
        decimal: "comma" or "point", for numbers that are text; None to find it in the values.

    Raises:
        BadInputError: the file or codebook cannot be used, or the camp has a data set of this name.
        RefusedError: zones are not separated and the data set is not synthetic.
    """
    from workspace.reader_numbers import DecimalSign
    from workspace.readers import make_data_set

    sign = None if decimal is None else DecimalSign(decimal)
    whole = name_of(name, year)
    _refuse_existing(camp.data_folder(whole))
    microdata = camp.data_folder(whole).parent
    try:
        microdata.mkdir(parents=True, exist_ok=True)
        # Beside the data sets, where microdata may lie, and not among the system's temporary files.
        aside = Path(tempfile.mkdtemp(prefix=".reading-", dir=microdata))
    except OSError:
        raise BadInputError("The camp's folder of data sets cannot be written.") from None
    try:
        (aside / whole).mkdir()
        make_data_set(file, codebook, aside / whole, encoding=encoding, decimal=sign)
        return register(camp, aside / whole)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def name_of(name: str, year: int | None) -> str:
    """Return the name under which a year of a data set is registered; without a year it is the name itself.

    >>> name_of("INHATAB", 2023)
    'INHATAB2023'
    """
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInputError(f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}.")
    if not _NAME.fullmatch(name):
        raise BadInputError("A data set is named by letters, digits and '_'.", hint="Give --name.")
    return name if year is None else f"{name}{year}"


def _refuse_existing(place: Path) -> None:
    if os.path.lexists(place):
        raise BadInputError(
            f"The camp has a data set '{place.name}' already.", hint="A changed data set gets a name of its own."
        )


def _areas(folder: Path) -> tuple[str, ...]:
    """Return the names of the files with areas for maps in a folder."""
    found = tuple(sorted(entry.name for entry in folder.iterdir() if is_areas_file(entry.name)))
    if len(found) > MOST_AREAS_FILES:
        raise BadInputError(f"A data set has at most {MOST_AREAS_FILES} files with areas for maps.")
    return found


def _check(camp: CampFile, folder: Path, name: str) -> None:
    """Refuse a data set that no team could use."""
    for file in FILES:
        if not (folder / file).is_file() or (folder / file).is_symlink():
            raise DataError(f"The data set '{name}' has no regular file '{file}'.")
    codebook = read_codebook(folder / CODEBOOK_FILE)
    if camp.mode is ZoneMode.ONE_USER and not codebook.synthetic:
        raise RefusedError(
            f"The data set '{name}' is not synthetic, and in the one-user mode zones are not separated.",
            hint="Use generated data here, or a camp with one operating-system user per zone.",
        )
    try:
        columns = set(pq.read_schema(folder / DATA_FILE).names)
        unfit = misfits(codebook, folder / DATA_FILE)
    except (pa.ArrowException, OSError):
        raise DataError(f"'{DATA_FILE}' of the data set '{name}' is not a Parquet file.") from None
    absent = sorted(set(codebook.unit) - columns)
    if absent:
        raise CodebookError(f"The data of '{name}' lack the unit's column {', '.join(absent)}.")
    if unfit:
        raise CodebookError(
            f"The codebook of '{name}' does not fit its data. {' '.join(unfit)}",
            hint="Mend the codebook, or the file: outputs are checked by what the codebook says.",
        )
