"""Running notebooks and scripts on microdata: sealed, limited, and without a record in any message.

The process that calls this is the launcher: it stays outside the box, starts it, and ends it. What the code printed
and how it failed stays in the executed notebook inside the workspace; callers, messages and logs get only what is
known without looking at a record: which cell, which class of error, how long, under which seal.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from jupyter_core.utils import run_sync
from nbformat import v4

from disclosure import errors
from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.canonical import digest
from workspace.cells_run import class_of_error, number_shown, was_started
from workspace.isolation.box import HANDOVER, WORKSPACE, Box, Mount, inside
from workspace.isolation.client import (
    Progress,
    kind_of,
    read_notebook,
    run_cells,
    silent_logger,
    with_parameters,
)
from workspace.isolation.code_box import code_box
from workspace.isolation.kernel_kinds import installed_kinds
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.places import held_folder, module_folders, read_code, write_into
from workspace.isolation.provisioner import SealedKernelManager
from workspace.isolation.seal import Seal, require_seal
from workspace.isolation.seccomp import KERNEL_FAMILIES, WORKER_FAMILIES
from workspace.isolation.watchdog import Breach, Budget, folder_breach, folder_budgets
from workspace.isolation.worker import run_in_box

LOGGER: Final = logging.getLogger("datakamp.workspace")

_CODE: Final = "/run/code"
_RUN_SCRIPT: Final = (
    "import runpy, sys; sys.argv = sys.argv[1:]; sys.path += {modules!r}; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


class RunStatus(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    FAILED = "failed"  # the code raised an error
    STOPPED = "stopped"  # it passed a limit and was killed
    DIED = "died"  # the process ended by itself, or was killed by the machine


@dataclass(frozen=True)
class Execution:
    """What is known of a run without looking at a record.

    Attributes:
        status: how it ended.
        mode: how it was sealed.
        duration: wall-clock seconds, starting the kernel included.
        cells_run: code cells that were started; 0 for a script.
        code_digest: of the notebook or script as it was read, before parameters.
        output: the executed notebook, or the streams of a script, in the workspace; None if there is none.
        output_digest: of that file.
        cell: 1-based position, in the notebook as it was given, of the cell that failed; None if none did, or if it was
            the cell that sets the parameters.
        exception: class of the error of that cell, if it has a plain name.
        breach: the limit that was passed.
    """

    status: RunStatus
    mode: SealMode
    duration: float
    cells_run: int
    code_digest: str
    output: Path | None = None
    output_digest: str | None = None
    cell: int | None = None
    exception: str | None = None
    breach: Breach | None = None


class RunError(ExecutionError):
    """A run that did not complete.

    Attributes:
        execution: what is known of it.
    """

    def __init__(self, execution: Execution, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.execution = execution


def run_notebook(
    notebook: Path,
    *,
    seal: Seal,
    data: Mapping[str, Path],
    workspace: Path,
    parameters: Mapping[str, object],
    context: Mapping[str, object],
    output: Path,
    limits: Limits,
    handover: Path | None = None,
    progress: Progress | None = None,
) -> Execution:
    """Run a notebook from the top in a sealed kernel and write it, with its outputs, to `output`.

    Args:
        notebook: of Python or R. If it lies in the workspace, its folder is where its own modules are found too.
        data: folders of the authorised data sets by name; read-only at ``/data/NAME``.
        workspace: the team's folder; writable, and the working directory.
        parameters: values for the notebook's declared parameters.
        context: what the run may know about the camp; read-only as ``/camp/context.json``.
        output: where the executed notebook goes, inside the workspace: it holds records.
        handover: a folder that the code may also write to, in a reproduction run.
        progress: called with cells done and cells in all, before each cell and at the end.

    Raises:
        BadInputError: the notebook, a folder or a parameter is missing or malformed; nothing ran.
        SealError: the seal is not a verified one, or the box could not be built.
        RunError: it failed, died or passed a limit. Nothing of it runs any more, and `output` is written.
    """
    require_seal(seal)
    what = f"'{notebook.name}'"
    code = read_code(notebook, workspace)
    document = read_notebook(code, what=what)
    kind = kind_of(document)
    if kind not in installed_kinds():
        raise BadInputError(
            f"{what} needs a kernel of {kind.title}, which this machine does not have.",
            hint="'datakamp doctor' says how to get it.",
        )
    document, injected = with_parameters(document, parameters, what=what)
    box = _box(seal, data, workspace, context, handover, limits=limits, families=KERNEL_FAMILIES)
    budgets = _budgets(box, limits)
    with held_folder(output, workspace) as place:
        begun = time.monotonic()
        manager = SealedKernelManager(
            seal=seal, box=box, limits=limits, budgets=budgets, kind=kind,
            modules=module_folders(notebook, workspace), log=silent_logger(),
        )  # fmt: skip
        outside: Exception | None = None
        try:
            run_cells(document, manager, progress=progress)
        except errors.DatakampError:
            raise
        except Exception as error:  # noqa: BLE001 - a kernel can send anything; its text may hold records
            outside = error
        finally:
            run_sync(manager.end)(polite=outside is None)
        executed = str(v4.writes(document)).encode("utf-8", "replace")  # type: ignore[no-untyped-call]
        write_into(place / output.name, executed)
    breach = manager.breach
    status, failed = _ended(document, died=outside is not None, breach=breach)
    execution = Execution(
        status=status,
        mode=seal.mode,
        duration=time.monotonic() - begun,
        cells_run=sum(was_started(cell) for cell in document.cells),
        code_digest=digest(code),
        cell=number_shown(failed, injected),
        exception=None if failed is None else class_of_error(document.cells[failed]),
        breach=breach,
    )
    return _told(execution, what, output, executed)


def run_script(
    script: Path,
    *,
    seal: Seal,
    data: Mapping[str, Path],
    workspace: Path,
    context: Mapping[str, object],
    output: Path,
    limits: Limits,
    arguments: Sequence[str] = (),
    handover: Path | None = None,
) -> Execution:
    """Run a Python script in a box and write what it printed to `output`.

    The script runs under a path of its own below ``/run/code``, with the workspace as working directory; the rest is
    as in `run_notebook`.

    Raises:
        BadInputError, SealError, RunError: as `run_notebook`.
    """
    require_seal(seal)
    what = f"'{script.name}'"
    code = read_code(script, workspace)
    path = f"{_CODE}/script.py"
    box = _box(seal, data, workspace, context, handover, limits=limits, families=WORKER_FAMILIES, files=((path, code),))
    budgets = _budgets(box, limits)
    mode = seal.mode.value
    source = _RUN_SCRIPT.format(modules=[inside(one, mode) for one in module_folders(script, workspace)])
    with held_folder(output, workspace) as place:
        completed = run_in_box(
            (sys.executable, "-c", source, inside(path, mode), *arguments),
            seal=seal,
            box=box,
            limits=limits,
            budgets=budgets,
        )
        printed = completed.output + completed.errors
        write_into(place / output.name, printed)
    if completed.breach is not None:
        status = RunStatus.STOPPED
    elif not completed.built or completed.status >= 128:
        status = RunStatus.DIED
    else:
        status = RunStatus.COMPLETED if completed.status == 0 else RunStatus.FAILED
    execution = Execution(
        status=status,
        mode=seal.mode,
        duration=completed.duration,
        cells_run=0,
        code_digest=digest(code),
        breach=completed.breach,
    )
    return _told(execution, what, output, printed)


def _box(
    seal: Seal,
    data: Mapping[str, Path],
    workspace: Path,
    context: Mapping[str, object],
    handover: Path | None,
    *,
    limits: Limits,
    families: tuple[int, ...],
    files: tuple[tuple[str, bytes], ...] = (),
) -> Box:
    writable = {WORKSPACE: workspace} | ({} if handover is None else {HANDOVER: handover})
    for target, folder in writable.items():
        if not folder.is_dir():
            raise BadInputError(f"The folder for '{target}' does not exist.")
    handed = () if handover is None else (Mount(handover.absolute(), HANDOVER, writable=True),)
    return code_box(seal, data, workspace, context, limits=limits, families=families, mounts=handed, files=files)


def _budgets(box: Box, limits: Limits) -> tuple[Budget, ...]:
    budgets = folder_budgets(box, {WORKSPACE: limits.storage, HANDOVER: limits.handover})
    for budget in budgets:
        breach = folder_breach(budget, files=limits.files)
        if breach is not None:
            raise BadInputError(
                "A folder that the run would write to holds more than it may before the run has begun.",
                hint="Remove files, or ask an organiser for a larger limit.",
            )
    return budgets


def _ended(document: Any, *, died: bool, breach: Breach | None) -> tuple[RunStatus, int | None]:
    """Return how the run of a notebook ended, and the position of the cell that was running if it did not complete."""
    failed = [place for place, cell in enumerate(document.cells) if cell.metadata.papermill.get("exception")]
    place = failed[0] if failed else None
    if breach is not None:
        return RunStatus.STOPPED, place
    if died:
        return RunStatus.DIED, place
    return (RunStatus.COMPLETED if place is None else RunStatus.FAILED), place


def _told(execution: Execution, what: str, output: Path, written: bytes) -> Execution:
    """Log the run, and return it or raise it."""
    execution = replace(execution, output=output, output_digest=digest(written))
    LOGGER.info(
        "Run of %s: %s, seal %s, %.1f s, %d cells.",
        what, execution.status.value, execution.mode.value, execution.duration, execution.cells_run,
    )  # fmt: skip
    if execution.status is RunStatus.COMPLETED:
        return execution
    where = "" if execution.cell is None else f" in cell {execution.cell}"
    hint = f"The reason is in '{output.parent.name}/{output.name}' in the workspace, in the cell where it ended."
    if execution.breach is not None:
        raise RunError(execution, f"{what} was stopped{where}. {execution.breach.sentence}", hint=hint)
    if execution.status is RunStatus.DIED:
        raise RunError(execution, f"The process that ran {what} ended{where} before the code did.", hint=hint)
    kind = f" with {execution.exception}" if execution.exception else ""
    raise RunError(execution, f"{what} failed{where}{kind}.", hint=hint)
