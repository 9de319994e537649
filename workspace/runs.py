"""Runs in a camp: what a run may use and know, and the two ways to start one.

A team runs a notebook in its own workspace. What a team hands in is run from the top in a folder that holds the code
and nothing else: by the broker, to see that it runs at all, and by the control zone, to have narrow frames handed over.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DocumentError, ExecutionError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.context import CampContext, MountedDataSet, RunKind
from disclosure.exchange.files import write_atomically
from disclosure.exchange.incidents import require_running
from workspace.camp_folder import workspace_of
from workspace.catalogue import MountedSource, authorised
from workspace.code import NOTEBOOK, parameters_for
from workspace.execution import Execution, RunError, run_notebook, run_script
from workspace.isolation.box import DATA, HANDOVER, WORKSPACE
from workspace.isolation.client import Progress
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal, require_seal

RUNS: Final = "runs"

_SCALARS: Final = (str, int, float, bool)
_FROM_THE_TOP: Final = "Restart the kernel, run everything from the top, and submit again."


def run_for_team(
    camp: CampFile,
    team: str,
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    seal: Seal,
    output: Path | None = None,
    progress: Progress | None = None,
) -> Execution:
    """Run a notebook for a team: sealed, on the data sets that it is authorised for, in its workspace.

    Args:
        notebook: a path; one that is not absolute is looked for in the workspace first.
        parameters: texts, numbers, truth values and lists of these for the notebook's declared parameters.
        seal: from `verify_seal`.
        output: where the executed notebook goes, inside the workspace; ``runs/`` and the notebook's name if None.
        progress: called with the number of cells that are done and the number of cells.

    Raises:
        SealError: the seal is not a verified one; nothing ran.
        BadInputError: team, notebook, parameter or data set is missing or malformed; nothing ran.
        IntegrityError, RefusedError: a data set is not what was registered, or may not be used here; nothing ran.
        RunError: the notebook failed, died or passed a limit.
    """
    require_seal(seal)
    require_running(camp.folder)
    workspace = workspace_of(camp, team)
    _check_parameters(parameters)
    sources = authorised(camp, team)
    notebook = _found(notebook, workspace)
    if output is None:
        output = workspace / RUNS / notebook.name
        if not (workspace / RUNS).is_symlink():
            (workspace / RUNS).mkdir(exist_ok=True)
    with _written():
        return run_notebook(
            notebook,
            seal=seal,
            data=data_folders(sources),
            workspace=workspace,
            parameters=parameters,
            context=team_context(camp, team, RunKind.TEAM, sources, parameters).to_document(),
            output=output,
            limits=camp_limits(camp),
            progress=progress,
        )


def run_submitted(
    camp: CampFile,
    team: str,
    code: Mapping[str, bytes],
    parameters: Mapping[str, Any],
    *,
    kind: RunKind,
    seal: Seal,
    folder: Path,
    handover: Path | None = None,
) -> None:
    """Run what a team handed in from the top, each piece in a kernel of its own, within the camp's time budget.

    Args:
        code: notebooks and scripts by file name, in the order in which they run.
        parameters: each notebook gets those that it declares.
        folder: an empty folder to work in. It holds records afterwards: the caller removes it.
        handover: see `run_notebook`.

    Raises:
        ExecutionError: a piece cannot be run, failed, or passed a limit; a `RunError` if it was started.
        DataError, IntegrityError, RefusedError: a data set is not what was registered, or may not be used here.
        SealError: the seal is not a verified one, or the box could not be built.
    """
    require_seal(seal)
    _check_parameters(parameters)
    sources = authorised(camp, team)
    context = team_context(camp, team, kind, sources, parameters, handover=handover is not None).to_document()
    kept, workspace = folder / "code", folder / "workspace"
    kept.mkdir()
    workspace.mkdir()
    for name, data in code.items():
        # What runs is read from where no code can write; the copies in the workspace are for `import` alone.
        write_atomically(kept / name, data)
        write_atomically(workspace / name, data)
    shared: dict[str, Any] = {
        "seal": seal, "data": data_folders(sources), "workspace": workspace, "context": context, "handover": handover,
    }  # fmt: skip
    deadline = time.monotonic() + camp.limits.run_seconds
    try:
        own = _shared_out(code, parameters)
        for name in code:
            limits = camp_limits(camp, seconds=max(1.0, deadline - time.monotonic()))
            output = workspace / f".{secrets.token_hex(8)}"  # a name that no code can take first
            with _written():
                if name.endswith(NOTEBOOK):
                    run_notebook(kept / name, parameters=own[name], output=output, limits=limits, **shared)
                else:
                    run_script(kept / name, output=output, limits=limits, **shared)
                output.unlink()  # what one piece printed is not for the next
    except RunError as error:
        raise RunError(error.execution, error.message, hint=_FROM_THE_TOP) from None
    except BadInputError as error:
        raise ExecutionError(error.message, hint=error.hint) from None


def camp_limits(camp: CampFile, *, seconds: float | None = None) -> Limits:
    """Return the limits of one run in a camp; `seconds` is what is left of the time budget, all of it if None."""
    own = camp.limits
    return Limits(
        seconds=float(own.run_seconds) if seconds is None else seconds,
        # Libraries reserve about twice the address space that they use.
        memory=max(1, own.memory_bytes // 2),
        private_memory=own.memory_bytes,
        storage=own.workspace_bytes,
        handover=own.handover_bytes,
    )


def team_context(
    camp: CampFile,
    team: str,
    kind: RunKind,
    sources: tuple[MountedSource, ...],
    parameters: Mapping[str, Any],
    *,
    handover: bool = False,
) -> CampContext:
    """Return what code may know about the camp in which it runs for a team."""
    text = (resources.files("disclosure") / "policies" / f"{camp.policy}.toml").read_bytes()
    return CampContext(
        camp=camp.name,
        team=team,
        run=kind,
        policy=text.decode("utf-8"),
        policy_digest=camp.load_policy().digest,
        data_sets=tuple(MountedDataSet(one.name, one.digest, Path(DATA, one.name)) for one in sources),
        workspace=Path(WORKSPACE),
        parameters=dict(parameters),
        handover=Path(HANDOVER) if handover else None,
    )


def data_folders(sources: tuple[MountedSource, ...]) -> dict[str, Path]:
    """Return the folder of each data set, by name."""
    return {one.name: one.folder for one in sources}


def _found(notebook: Path, workspace: Path) -> Path:
    inside = workspace / notebook
    return inside if not notebook.is_absolute() and inside.is_file() else notebook


def _shared_out(code: Mapping[str, bytes], parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the parameters of each piece of code, or raise if nothing declares one."""
    own = {name: parameters_for(name, data, parameters) for name, data in code.items()}
    undeclared = sorted(set(parameters) - {key for some in own.values() for key in some})
    if undeclared:
        raise BadInputError(f"No notebook declares the parameter {', '.join(undeclared)}.")
    return own


@contextlib.contextmanager
def _written() -> Iterator[None]:
    """Say in our words that what a run printed could not be written."""
    try:
        yield
    except OSError:
        raise ExecutionError("What the run printed could not be written.", hint="Is the disk full?") from None


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    for name, value in parameters.items():
        if not all(isinstance(one, _SCALARS) for one in (value if isinstance(value, list) else [value])):
            raise DocumentError(
                f"The parameter '{name}' is of another kind than the parameters of a run have.",
                hint="They are texts, numbers, truth values and lists of these.",
            )
