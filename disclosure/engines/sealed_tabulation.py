"""The program that tabulates in a sealed worker: ``python -m disclosure.engines.sealed_tabulation``.

    /input/job/job.json         the tabulation job
    /input/NAME/data.parquet    the file of each data set that the job names
    /input/frame/frame.arrow    the narrow frame, where the job is about one
    /output/result.json         the result, written last and at once

It runs no code but its own. Whatever goes wrong becomes a refused result: the class of the error and its sentences,
which hold no value of a record. It prints nothing. Exit status 0: there is a result; 2: there is none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from disclosure.assess import missing_before_tabulation, refuse_identifiers
from disclosure.check import Tabulated, knowledge_of_frame, tabulated_frame, tabulated_lazy
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.handed_over import MAXIMUM_FRAME_BYTES, handed_over_frame
from disclosure.engines.read_again import holds_units, read_again
from disclosure.errors import DatakampError, DocumentError, ExecutionError, IntegrityError, PolicyError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import file_digest, read_regular, write_atomically
from disclosure.exchange.tabulation import (
    DATA_FILE,
    FRAME,
    FRAME_FILE,
    JOB,
    JOB_FILE,
    MAXIMUM_JOB_BYTES,
    MAXIMUM_RESULT_BYTES,
    RESULT_FILE,
    ColumnLineage,
    JobKind,
    Outcome,
    Reason,
    Refusal,
    TabulationJob,
    TabulationResult,
    tabulation_job_from_bytes,
)
from disclosure.exchange.tabulation_result import REFUSALS
from disclosure.model.recipes import LazySource
from disclosure.model.verdicts import Inconclusive
from disclosure.policy import Policy, policy_from_bytes
from disclosure.ports import RegisteredFile
from disclosure.texts import text

INPUT, OUTPUT = Path("/input"), Path("/output")
DONE, NO_RESULT = 0, 2
_MESSAGE_LIMIT = 1000
_NO_JOB = digest(b"")


def main(arguments: Sequence[str] | None = None) -> int:
    """Tabulate the job below the input folder, write the result, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sealed_tabulation", description="Tabulate one job in a sealed worker.")
    parser.add_argument("--input", type=Path, default=INPUT, help="the folder of job, data sets and narrow frame")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the folder for the result")
    parser.add_argument("--frame-bytes", type=int, default=MAXIMUM_FRAME_BYTES, help="the most that a frame may have")
    asked = parser.parse_args(arguments)
    try:
        write_atomically(asked.output / RESULT_FILE, result_bytes(asked.input, frame_bytes=asked.frame_bytes))
    except OSError:
        return NO_RESULT
    return DONE


def result_bytes(folder: Path, *, frame_bytes: int = MAXIMUM_FRAME_BYTES) -> bytes:
    """Return the result of the job in an input folder, as canonical JSON; every error is a result too."""
    answered = _NO_JOB
    try:
        data = read_regular(folder / JOB / JOB_FILE, limit=MAXIMUM_JOB_BYTES)
        answered = digest(data)
        written = tabulate(tabulation_job_from_bytes(data), folder, frame_bytes=frame_bytes).to_bytes()
        if len(written) > MAXIMUM_RESULT_BYTES:
            raise DocumentError("The evidence is too large to be handed back.", hint="Use fewer categories.")
    except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
        return TabulationResult(answered, Outcome.REFUSED, refusal=refusal_of(error)).to_bytes()
    return written


def tabulate(job: TabulationJob, folder: Path, *, frame_bytes: int = MAXIMUM_FRAME_BYTES) -> TabulationResult:
    """Return the result of a job over the files below an input folder.

    Raises:
        DatakampError: the job is refused.
    """
    policy = policy_from_bytes(job.policy.encode(), "camp")
    if policy.reference != job.recipe.policy:
        raise PolicyError("The recipe is pinned to another policy than the camp's.")
    done = _lazy(job, folder, policy) if job.kind is JobKind.LAZY else _frame(job, folder, policy, frame_bytes)
    return done if isinstance(done, TabulationResult) else _result(job, done)


def refusal_of(error: Exception) -> Refusal:
    """Return an error as a refusal: its own sentences if it is one of ours, otherwise no more than its class."""
    if isinstance(error, DatakampError):
        for name in (one.__name__ for one in type(error).__mro__):
            if name in REFUSALS:
                return Refusal(name, _line(error.message), _line(error.hint))
    kind = type(error).__name__
    return Refusal(ExecutionError.__name__, _line(f"The tabulation stopped at an unforeseen error ({kind})."))


def _lazy(job: TabulationJob, folder: Path, policy: Policy) -> Tabulated:
    used = [one.name for one in job.recipe.source.data_sets] if isinstance(job.recipe.source, LazySource) else []
    files = dict(registered_files(job.data_sets, folder, used))
    return tabulated_lazy(job.recipe, files, job.codebooks(), policy, DuckDBTabulator(job.threads))


def _frame(job: TabulationJob, folder: Path, policy: Policy, frame_bytes: int) -> Tabulated | TabulationResult:
    recipe, codebooks = job.recipe, job.codebooks()
    # Both come before the first row is read: no label of an identifier is ever made.
    refuse_identifiers(recipe, policy, knowledge_of_frame((), codebooks))
    missing = missing_before_tabulation(recipe, policy)
    if missing is not None:
        return _inconclusive(job, Reason.MISSING, missing)
    frame = handed_over_frame(folder / FRAME / FRAME_FILE, recipe.narrow_columns, limit=frame_bytes)
    files = dict(
        registered_files(job.data_sets, folder, [name for name, one in codebooks.items() if holds_units(recipe, one)])
    )
    lineage = read_again(recipe, frame, files, codebooks, job.threads)
    if lineage is None:
        unknown = text("unit keys: some are not in the column {unit} of any data set here", unit=", ".join(recipe.unit))
        return _inconclusive(job, Reason.UNKNOWN_UNITS, Inconclusive((unknown,)))
    knowledge = knowledge_of_frame(lineage, codebooks)
    return tabulated_frame(recipe, frame, policy, knowledge, DuckDBTabulator(job.threads), lineage)


def registered_files(
    data_sets: Mapping[str, str], folder: Path, names: Sequence[str]
) -> Iterator[tuple[str, RegisteredFile]]:
    """Yield the files of some data sets, as they lie below an input folder.

    Args:
        data_sets: data set name to the digest of its file, as registered.

    Raises:
        IntegrityError: one is not the file that is registered.
    """
    for name in names:
        if name not in data_sets:
            continue  # refused where it is looked for, with the reason
        path = folder / name / DATA_FILE
        if file_digest(path) != data_sets[name]:
            raise IntegrityError(f"The file of data set '{name}' is not the one that is registered.")
        yield name, RegisteredFile(path, data_sets[name])


def _result(job: TabulationJob, tabulated: Tabulated) -> TabulationResult:
    evidence = tabulated.evidence
    derivation = None if tabulated.derivation is None else tabulated.derivation.sql
    if isinstance(evidence, Inconclusive):
        return _inconclusive(
            job, Reason.MISSING, evidence, tabulated.lineage, across_rows=tabulated.across_rows, derivation=derivation
        )
    return TabulationResult(
        job.digest(),
        Outcome.EVIDENCE,
        evidence,
        lineage=tabulated.lineage,
        across_rows=tabulated.across_rows,
        derivation=derivation,
    )


def _inconclusive(
    job: TabulationJob,
    reason: Reason,
    verdict: Inconclusive,
    lineage: tuple[ColumnLineage, ...] = (),
    *,
    across_rows: bool = True,
    derivation: str | None = None,
) -> TabulationResult:
    return TabulationResult(
        job.digest(),
        Outcome.INCONCLUSIVE,
        reason=reason,
        missing=verdict.missing,
        lineage=lineage,
        across_rows=across_rows,
        derivation=derivation,
    )


def _line(sentence: str) -> str:
    """Return a sentence as one printable line: column names are the researcher's, and may be anything."""
    shown = "".join(one if one.isprintable() else " " for one in sentence)
    return shown if len(shown) <= _MESSAGE_LIMIT else f"{shown[:_MESSAGE_LIMIT]}..."


if __name__ == "__main__":
    sys.exit(main())
