"""Reproduction: the control zone runs a submission's code itself, and has its narrow frames handed over.

The run starts from nothing but the code and the registered data. While code runs nobody reads what it writes; when
the kernel is dead, exactly the frames that the submission names are copied out, as bytes: parsing them is for a
sealed worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DataError, HandoverError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.context import RunKind
from disclosure.exchange.submission_names import check_code_name, check_output_name
from workspace.isolation.folders import RunDirectory
from workspace.isolation.seal import Seal, verify_seal
from workspace.runs import run_submitted
from workspace.untrusted import copy_regular, entry_names, opened_folder, remove_folder

FRAME: Final = ".arrow"

_MOST_ENTRIES: Final = 10_000


class SealedReproduction:
    """Runs submitted code in sealed kernels. The seal is verified anew for each run.

    Args:
        verify: returns a verified seal or raises `SealError`.
    """

    def __init__(self, verify: Callable[[], Seal] = verify_seal) -> None:
        self._verify = verify

    def reproduce(
        self,
        camp: CampFile,
        team: str,
        code: Mapping[str, bytes],
        parameters: Mapping[str, Any],
        outputs: tuple[str, ...],
        into: Path,
    ) -> None:
        """Run code from the top and copy the narrow frame of each output to ``into/NAME.arrow``.

        Args:
            team: whose data sets the code may read.
            code: notebooks and scripts by file name, in the order in which they run.
            parameters: each notebook gets those that it declares.
            outputs: the names of the outputs whose frame must be handed over.
            into: a folder; nothing is added to it if the answer is no. The frames hold records and unit keys, and
                were written by untrusted code.

        Raises:
            ExecutionError: the code cannot be run, failed, or passed a limit.
            HandoverError: it handed over other frames than those of `outputs`, or something that is no regular file.
            SealError: the seal does not hold; nothing ran.
            DataError, IntegrityError, RefusedError: a data set is not what was registered, or may not be used here.
        """
        wanted = {f"{check_output_name(name)}{FRAME}" for name in outputs}
        for name in code:
            check_code_name(name)
        if not into.is_dir():
            raise BadInputError("The folder for the narrow frames does not exist.")
        seal = self._verify()
        directory = RunDirectory()
        try:
            work, handover = directory.path / "run", directory.path / "handover"
            for folder in (work, handover):
                folder.mkdir(mode=0o700)
            try:
                run_submitted(
                    camp, team, code, parameters, kind=RunKind.CONTROL_ZONE, seal=seal, folder=work, handover=handover
                )
                _take_over(handover, wanted, into, limit=camp.limits.handover_bytes)
            finally:
                for folder in (work, handover):
                    remove_folder(folder)
        finally:
            directory.close()


def _take_over(handover: Path, wanted: set[str], into: Path, *, limit: int) -> None:
    """Copy exactly the wanted files, together at most `limit` bytes, or none."""
    copied: list[Path] = []
    try:
        with opened_folder(handover) as folder:
            found = set(entry_names(folder, limit=_MOST_ENTRIES))
            _compare(found, wanted)
            for name in sorted(wanted):
                limit -= copy_regular(folder / name, into / name, limit=limit, mode=0o600)
                copied.append(into / name)
    except BaseException as error:
        for path in copied:
            path.unlink(missing_ok=True)
        if isinstance(error, DataError):
            raise HandoverError(error.message, hint=error.hint) from None
        raise


def _compare(found: set[str], wanted: set[str]) -> None:
    missing = sorted(name.removesuffix(FRAME) for name in wanted - found)
    if missing:
        raise HandoverError(
            f"The code handed over no narrow frame for {', '.join(missing)}.",
            hint="An output is handed over by basket().add in the code that the submission names.",
        )
    if found - wanted:
        # Not named: a file can be called after a record.
        raise HandoverError(
            f"The code handed over {len(found - wanted)} files that belong to no output of the submission.",
            hint="Add to the basket only what is submitted, and write nothing else into the handover folder.",
        )
