"""A small synthetic register and the input folder of a sealed tabulation worker."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from disclosure.engines.sealed_tabulation import main
from disclosure.exchange.files import file_digest
from disclosure.exchange.tabulation import (
    DATA_FILE,
    FRAME,
    FRAME_FILE,
    JOB,
    JOB_FILE,
    RESULT_FILE,
    JobKind,
    TabulationJob,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.model.recipes import DataSetReference, FrameSource, LazySource, Recipe, Recoding, Statistic
from disclosure.policy import Policy, load_policy

PERSONS, SPELLS = "Persons", "Spells"
CANARY = "canary93751"
SIZE = 240

PERSONS_BOOK = """
schema = 1
name = "Persons"
unit = ["pid"]
weights = ["weight"]
identifiers = ["pid"]

[units]
household = ["hid"]

[columns.wijk]
sensitive = false

[columns.benefit]
sensitive = true
not_disclosive = ["0"]

[columns.income]
type = "number"
decimals = 2
"""
SPELLS_BOOK = """
schema = 1
name = "Spells"
unit = ["pid"]

[columns.wijk]
sensitive = false
"""


def persons() -> pa.Table:
    """Return 240 persons in 120 households and four wijken: one in twelve without an income, one in 24 on benefit."""
    places = np.arange(SIZE)
    incomes = [None if place % 12 == 5 else 20000 + 7 * place + 0.25 for place in range(SIZE)]
    return pa.table(
        {
            "pid": pa.array([f"{place:05d}" for place in range(SIZE)]),
            "hid": pa.array([f"h{place // 2}" for place in range(SIZE)]),
            "wijk": pa.array([f"{28 + place % 4}" for place in range(SIZE)]),
            "benefit": pa.array((places % 24 == 0).astype(np.int8)),
            "income": pa.array(incomes, pa.float64()),
            "weight": pa.array(1.5 + (places % 3)),
            "moved": pa.array([f"2020-01-0{1 + place % 9}" for place in range(SIZE)]).cast(pa.date32()),
        }
    )


def spells() -> pa.Table:
    """Return two rows for each of the persons, and for ten who are not among them."""
    known = [f"{place:05d}" for place in range(SIZE)]
    strangers = [f"s{place}" for place in range(10)]
    keys = [*known, *known, *strangers, *strangers]
    return pa.table({"pid": pa.array(keys), "wijk": pa.array(["28"] * len(keys))})


@dataclass(frozen=True)
class Inputs:
    """The input and output folder of one worker."""

    folder: Path
    output: Path
    policy: Policy

    def data_path(self, name: str = PERSONS) -> Path:
        """Return the file of a data set."""
        return self.folder / name / DATA_FILE

    def reference(self, name: str = PERSONS) -> DataSetReference:
        """Return a data set with the digest of its file."""
        return DataSetReference(name, file_digest(self.data_path(name)))

    def lazy(
        self,
        sql: str,
        *,
        statistic: Statistic = Statistic.COUNT,
        rows: tuple[str, ...] = ("wijk",),
        value: str | None = None,
        unit: tuple[str, ...] = ("pid",),
        names: tuple[str, ...] = (PERSONS,),
    ) -> TabulationJob:
        """Return the job of a lazy recipe."""
        source = LazySource(sql, tuple(self.reference(name) for name in names))
        return self.job(Recipe(source, statistic, self.policy.reference, rows=rows, value=value, unit=unit))

    def narrow(
        self,
        *,
        statistic: Statistic = Statistic.COUNT,
        rows: tuple[str, ...] = ("wijk",),
        value: str | None = None,
        unit: tuple[str, ...] = ("pid",),
        weight: str | None = None,
        recodings: tuple[Recoding, ...] = (),
    ) -> TabulationJob:
        """Return the job of a recipe over a narrow frame."""
        names = tuple(dict.fromkeys((*unit, *rows, *(one for one in (value, weight) if one is not None))))
        return self.job(
            Recipe(
                FrameSource(names),
                statistic,
                self.policy.reference,
                rows=rows,
                value=value,
                unit=unit,
                weight=weight,
                recodings=recodings,
            )
        )

    def job(self, recipe: Recipe, *, threads: int | None = 1) -> TabulationJob:
        """Return the job of a recipe over both data sets."""
        kind = JobKind.LAZY if isinstance(recipe.source, LazySource) else JobKind.FRAME
        digests = {name: self.reference(name).digest for name in (PERSONS, SPELLS)}
        books = {PERSONS: PERSONS_BOOK, SPELLS: SPELLS_BOOK}
        return TabulationJob(recipe, kind, digests, books, policy_text(self.policy.name), threads)

    def hand_over(self, frame: pa.Table, *, options: pyarrow.ipc.IpcWriteOptions | None = None) -> Path:
        """Write a narrow frame as `basket.add` does, and return its path."""
        with pyarrow.ipc.new_file(self.frame_path, frame.schema, options=options) as writer:
            writer.write_table(frame)
        return self.frame_path

    @property
    def frame_path(self) -> Path:
        """Where the narrow frame lies."""
        return self.folder / FRAME / FRAME_FILE

    @property
    def result_path(self) -> Path:
        """Where the result will lie."""
        return self.output / RESULT_FILE

    def write(self, job: TabulationJob) -> None:
        """Write the job."""
        (self.folder / JOB / JOB_FILE).write_bytes(job.to_bytes())

    def run(self, job: TabulationJob, *arguments: str) -> TabulationResult:
        """Run the worker's program in this process and return its result."""
        self.write(job)
        assert main(["--input", str(self.folder), "--output", str(self.output), *arguments]) == 0
        return tabulation_result_from_bytes(self.result_path.read_bytes())

    def run_apart(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run the worker's program as a process of its own."""
        where = ("--input", str(self.folder), "--output", str(self.output))
        command = (sys.executable, "-m", "disclosure.engines.sealed_tabulation", *where, *arguments)
        return subprocess.run(command, capture_output=True, check=False, timeout=120)


def policy_text(name: str) -> str:
    """Return the text of a built-in policy."""
    return (resources.files("disclosure") / "policies" / f"{name}.toml").read_text("utf-8")


def inputs(folder: Path, policy: str = "cbs") -> Inputs:
    """Return the folders of a worker, with both data sets in place."""
    made = Inputs(folder / "input", folder / "output", load_policy(policy))
    for name in (PERSONS, SPELLS, JOB, FRAME):
        (made.folder / name).mkdir(parents=True)
    made.output.mkdir()
    pq.write_table(persons(), made.data_path(PERSONS))
    pq.write_table(spells(), made.data_path(SPELLS))
    return made
