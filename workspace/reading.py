"""Reading what another program wrote, in a box that holds its files and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from disclosure.errors import ExecutionError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.foreign import INPUT, ForeignOutputs, foreign_outputs_from_bytes
from disclosure.exchange.tabulation import RESULT_FILE
from workspace.isolation.folders import RunDirectory
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal, verify_seal
from workspace.isolation.worker import run_sealed_worker

WORKER: Final = "disclosure.engines.sealed_reading"
SECONDS: Final = 60
_LARGEST: Final = 20_000_000


def read_foreign(
    camp: CampFile, files: Mapping[str, bytes], verify: Callable[[], Seal] = verify_seal
) -> ForeignOutputs:
    """Return what a worker could read of files, by their names.

    Raises:
        ExecutionError: the worker died, passed a limit, or could read nothing.
        DocumentError: what it left does not follow its schema.
        SealError: the seal does not hold; nothing ran.
    """
    limits = Limits(seconds=SECONDS, memory=camp.limits.memory_bytes, handover=_LARGEST)
    directory = RunDirectory()
    try:
        source, output = directory.path / "files", directory.path / "output"
        for place in (source, output):
            place.mkdir()
        for name, data in files.items():
            write_atomically(source / name, data)
        completed = run_sealed_worker(WORKER, seal=verify(), inputs={INPUT: source}, output=output, limits=limits)
        if not completed.succeeded:
            raise ExecutionError(
                "Nothing could be read of the folder.",
                hint="Is it what ACRO's finalise() wrote, with results.json?",
            )
        return foreign_outputs_from_bytes(read_regular(output / RESULT_FILE, limit=_LARGEST))
    finally:
        directory.close()
