"""The program that compares outputs in a sealed worker: ``python -m disclosure.engines.sealed_comparison``.

    /input/job/job.json         the comparison
    /input/NAME/data.parquet    the file of each data set that its outputs name
    /input/frame/NAME.arrow     the narrow frame of each output that has one
    /output/result.json         the result, written last and at once

It runs no code but its own, and prints nothing. Two outputs that cannot be compared are a result too: they may not be
published together. Exit status 0: there is a result; 2: there is none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path

from disclosure.assess import refuse_identifiers
from disclosure.check import knowledge_of_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.handed_over import MAXIMUM_FRAME_BYTES, handed_over_frame
from disclosure.engines.placed import Placed
from disclosure.engines.placing import placed, placed_lazy
from disclosure.engines.rows_beside import compared
from disclosure.engines.sealed_tabulation import INPUT, OUTPUT, refusal_of, registered_files
from disclosure.engines.three_beside import doubts_of_three
from disclosure.errors import DatakampError
from disclosure.exchange.comparison import (
    ComparisonJob,
    ComparisonResult,
    Two,
    comparison_job_from_bytes,
)
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.tabulation import (
    FRAME,
    JOB,
    JOB_FILE,
    MAXIMUM_JOB_BYTES,
    MAXIMUM_RESULT_BYTES,
    RESULT_FILE,
    TabulationJob,
)
from disclosure.knowledge import knowledge_through
from disclosure.model.beside import Beside, CellPairs, Doubt
from disclosure.model.recipes import DataSetReference, LazySource
from disclosure.policy import policy_from_bytes
from disclosure.texts import text

DONE, NO_RESULT = 0, 2
_TOO_LARGE = text("too many cells of the two differ by few units to be listed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the outputs of the job below the input folder, write the result, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sealed_comparison", description="Compare outputs in a sealed worker.")
    parser.add_argument("--input", type=Path, default=INPUT, help="the folder of job, data sets and narrow frames")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the folder for the result")
    parser.add_argument("--frame-bytes", type=int, default=MAXIMUM_FRAME_BYTES, help="the most that a frame may have")
    asked = parser.parse_args(arguments)
    try:
        job = comparison_job_from_bytes(read_regular(asked.input / JOB / JOB_FILE, limit=MAXIMUM_JOB_BYTES))
        found = dict(compare(job, asked.input, frame_bytes=asked.frame_bytes))
        write_atomically(asked.output / RESULT_FILE, _written(job, found))
    except (DatakampError, OSError):
        return NO_RESULT
    return DONE


def compare(
    job: ComparisonJob, folder: Path, *, frame_bytes: int = MAXIMUM_FRAME_BYTES
) -> Iterator[tuple[Two, Beside]]:
    """Yield what each two outputs of a job tell together, those left out of which there is nothing to tell."""
    rows = _Rows(job, folder, frame_bytes)
    sides = dict(_sides(rows))
    policies = {name: policy_from_bytes(one.policy.encode(), "camp") for name, one in job.outputs.items()}
    known = {name: one for name, one in sides.items() if isinstance(one, Placed)}
    threes = _threes(known, max(one.minimum_units or 0 for one in policies.values()))
    for one, other in combinations(sorted(job.outputs), 2):
        first, last = sides[one], sides[other]
        if isinstance(first, Beside):
            yield (one, other), first
            continue
        if isinstance(last, Beside):
            yield (one, other), last
            continue
        if isinstance(threes, Beside):
            yield (one, other), threes
            continue
        policy = max((policies[one], policies[other]), key=lambda asked: asked.minimum_units or 0)
        try:
            beside = compared(first, last, policy, (partial(rows.placed, one), partial(rows.placed, other)))
        except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
            beside = _unknown(error)
        beside = replace(beside, doubts=(*beside.doubts, *threes.get((one, other), ())))
        if not beside.nothing:
            yield (one, other), beside


def _threes(sides: Mapping[str, Placed], minimum: int) -> Mapping[Two, tuple[Doubt, ...]] | Beside:
    """Return what each three outputs tell together, as doubts about two of them, or why that is not known."""
    try:
        return doubts_of_three(sides, minimum) if minimum else {}
    except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
        return _unknown(error)


class _Rows:
    """The rows of the outputs of a job, read as often as another key of them is asked for."""

    def __init__(self, job: ComparisonJob, folder: Path, frame_bytes: int) -> None:
        self.job, self._frames, self._frame_bytes = job, folder / FRAME, frame_bytes
        lazy = {one.name for each in job.outputs.values() for one in _data_sets(each)}
        self._files = dict(registered_files(job.data_sets, folder, sorted(lazy)))
        self._known: dict[tuple[str, frozenset[str]], Placed] = {}

    def placed(self, name: str, by: Collection[str] = ()) -> Placed:
        """Return who stands where in an output, by its own key or by another one, named as it is known."""
        key = name, frozenset(by)
        if not by:
            return self._placed(name, ())
        if key not in self._known:
            self._known[key] = self._placed(name, by)
        return self._known[key]

    def _placed(self, name: str, by: Collection[str]) -> Placed:
        job = self.job.outputs[name]
        recipe, policy, codebooks = job.recipe, policy_from_bytes(job.policy.encode(), "camp"), job.codebooks()
        if not isinstance(recipe.source, LazySource):
            refuse_identifiers(recipe, policy, knowledge_of_frame((), codebooks))
            frame = self._frames / f"{name}.arrow"
            return placed(recipe, handed_over_frame(frame, recipe.narrow_columns, limit=self._frame_bytes), by=by)
        used = {one.name: codebooks[one.name] for one in recipe.source.data_sets if one.name in codebooks}
        derivation = DuckDBTabulator().read(recipe.source, self._files)
        refuse_identifiers(recipe, policy, knowledge_through(derivation, recipe, used))
        return placed_lazy(recipe, self._files, by=by)


def _sides(rows: _Rows) -> Iterator[tuple[str, Placed | Beside]]:
    """Yield who stands where in each output, or why that is not known."""
    known: list[Placed] = []
    for name in sorted(rows.job.outputs):
        try:
            side = rows.placed(name)
        except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold values of records
            yield name, _unknown(error)
            continue
        for earlier in known:
            if _same_keys(side, earlier):
                # Of many outputs over the same rows the keys are kept, and numbered, once.
                side = replace(side, keys=earlier.keys)
                break
        else:
            known.append(side)
        yield name, side


def _data_sets(job: TabulationJob) -> tuple[DataSetReference, ...]:
    return job.recipe.source.data_sets if isinstance(job.recipe.source, LazySource) else ()


def _same_keys(one: Placed, other: Placed) -> bool:
    return one.unit == other.unit and all(a.equals(b) for a, b in zip(one.keys, other.keys, strict=True))


def _unknown(error: Exception) -> Beside:
    return Beside(CellPairs.none((), ()), unknown=text("{why}", why=refusal_of(error).message))


def _written(job: ComparisonJob, found: Mapping[Two, Beside]) -> bytes:
    """Return the result; pairs of outputs with too much to tell are told to tell it."""
    written = ComparisonResult(job.digest(), found).to_bytes()
    if len(written) <= MAXIMUM_RESULT_BYTES:
        return written
    nothing = Beside(CellPairs.none((), ()), unknown=_TOO_LARGE)
    return ComparisonResult(job.digest(), dict.fromkeys(found, nothing)).to_bytes()


if __name__ == "__main__":
    sys.exit(main())
