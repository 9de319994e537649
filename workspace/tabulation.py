"""Tabulation in a sealed worker: trusted code, registered data and perhaps an untrusted frame, in a box of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from disclosure.errors import DocumentError, ExecutionError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult, comparison_result_from_bytes
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.tabulation import (
    FRAME,
    FRAME_FILE,
    JOB,
    JOB_FILE,
    MAXIMUM_RESULT_BYTES,
    RESULT_FILE,
    TabulationJob,
    TabulationResult,
    tabulation_result_from_bytes,
)
from workspace.isolation.folders import RunDirectory
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal, verify_seal
from workspace.isolation.worker import run_sealed_worker
from workspace.untrusted import copy_regular

WORKER: Final = "disclosure.engines.sealed_tabulation"
COMPARING: Final = "disclosure.engines.sealed_comparison"


class SealedTabulation:
    """Runs the tabulation worker in a box. The seal is verified once, when it is first needed.

    Args:
        verify: returns a verified seal or raises `SealError`.
    """

    def __init__(self, verify: Callable[[], Seal] = verify_seal) -> None:
        self._verify = verify
        self._seal: Seal | None = None

    def tabulate(self, camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
        """Return what the worker found.

        Args:
            frame: the narrow frame as it was handed over; None for a lazy recipe.

        Raises:
            ExecutionError: the worker died, passed a limit, or left no result.
            DocumentError: what it left is not a result of this job.
            SealError: the seal does not hold; nothing ran.
        """
        inputs = {} if frame is None else {FRAME_FILE: frame}
        result = tabulation_result_from_bytes(self._run(WORKER, camp, job.to_bytes(), job.data_sets, inputs))
        if result.job != job.digest():
            raise DocumentError("The result belongs to another tabulation.")
        return result

    def compare(self, camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
        """Return what the worker found of outputs beside each other.

        Args:
            frames: output name to its narrow frame as it was handed over, for those that are not lazy.

        Raises:
            ExecutionError: the worker died, passed a limit, or left no result.
            DocumentError: what it left is not a result of this job.
            SealError: the seal does not hold; nothing ran.
        """
        inputs = {f"{name}.arrow": frame for name, frame in frames.items()}
        result = comparison_result_from_bytes(self._run(COMPARING, camp, job.to_bytes(), job.data_sets, inputs))
        if result.job != job.digest():
            raise DocumentError("The result belongs to another comparison.")
        return result

    def _run(
        self, worker: str, camp: CampFile, job: bytes, data_sets: Iterable[str], frames: Mapping[str, Path]
    ) -> bytes:
        """Run a worker over a job, the data sets that it names, and frames by file name; return what it wrote."""
        if self._seal is None:
            self._seal = self._verify()
        limits = Limits(seconds=camp.limits.run_seconds, memory=camp.limits.memory_bytes, handover=MAXIMUM_RESULT_BYTES)
        directory = RunDirectory()  # swept by a later run if this process is killed: the frames hold records
        try:
            folder = directory.path
            inputs = {JOB: folder / "job"} | {one: camp.data_folder(one) for one in data_sets}
            output = folder / "output"
            for place in (inputs[JOB], output):
                place.mkdir()
            write_atomically(inputs[JOB] / JOB_FILE, job)
            if frames:
                inputs[FRAME] = folder / "frame"
                inputs[FRAME].mkdir()
            for name, frame in frames.items():
                copy_regular(frame, inputs[FRAME] / name, limit=camp.limits.handover_bytes)
            completed = run_sealed_worker(worker, seal=self._seal, inputs=inputs, output=output, limits=limits)
            if not completed.succeeded:
                raise ExecutionError("The tabulation died or passed a limit.", hint="Try a smaller table.")
            return read_regular(output / RESULT_FILE, limit=MAXIMUM_RESULT_BYTES)
        finally:
            directory.close()
