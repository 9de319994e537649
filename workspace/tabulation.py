"""Tabulation in a sealed worker: trusted code, registered data and perhaps an untrusted frame, in a box of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from disclosure.errors import DocumentError, ExecutionError
from disclosure.exchange.camp import CampFile
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
        if self._seal is None:
            self._seal = self._verify()
        limits = Limits(seconds=camp.limits.run_seconds, memory=camp.limits.memory_bytes, handover=MAXIMUM_RESULT_BYTES)
        directory = RunDirectory()  # swept by a later run if this process is killed: the frame holds records
        try:
            result = self._run(camp, job, frame, directory.path, limits, self._seal)
        finally:
            directory.close()
        if result.job != job.digest():
            raise DocumentError("The result belongs to another tabulation.")
        return result

    @staticmethod
    def _run(
        camp: CampFile, job: TabulationJob, frame: Path | None, folder: Path, limits: Limits, seal: Seal
    ) -> TabulationResult:
        inputs = {JOB: folder / "job"} | {one: camp.data_folder(one) for one in job.data_sets}
        output = folder / "output"
        for place in (inputs[JOB], output):
            place.mkdir()
        write_atomically(inputs[JOB] / JOB_FILE, job.to_bytes())
        if frame is not None:
            inputs[FRAME] = folder / "frame"
            inputs[FRAME].mkdir()
            copy_regular(frame, inputs[FRAME] / FRAME_FILE, limit=camp.limits.handover_bytes)
        completed = run_sealed_worker(WORKER, seal=seal, inputs=inputs, output=output, limits=limits)
        if not completed.succeeded:
            raise ExecutionError("The tabulation died or passed a limit.", hint="Try a smaller table.")
        return tabulation_result_from_bytes(read_regular(output / RESULT_FILE, limit=MAXIMUM_RESULT_BYTES))
