"""Answers to orders: a result, or an error of a closed list, told to the asker as if it had arisen there.

What runs notebooks is loaded only where an answer tells of a run: an asker that tabulates does without.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from disclosure import errors
from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import read_regular, sync_directory, write_atomically
from disclosure.exchange.lines import visible
from workspace.untrusted import opened_folder
from workspace.zones.orders import check_identifier

if TYPE_CHECKING:
    from workspace.execution import Execution, RunError

VERSION: Final = 1
ANSWER_FILE, RESULT_FILE = "answer.json", "result"

_LARGEST: Final = 100_000
_LONGEST: Final = 2_000
_ERRORS: Final[Mapping[str, type[DatakampError]]] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            errors.BadInputError, errors.RefusedError, errors.DataError, errors.CodebookError, errors.PolicyError,
            errors.RecipeError, errors.DocumentError, errors.DerivationRefusedError, errors.OverflowRefusedError,
            errors.SealError, errors.ExecutionError, errors.HandoverError, errors.IntegrityError,
        )
    }
)  # fmt: skip


_OF_THE_BROKER: Final = "HandInError"


def write_answer(answers: Path, identifier: str, result: bytes) -> None:
    """Put the result of an order where the asker finds it, whole or not at all."""
    _write(answers, identifier, None, result)


def write_refusal(answers: Path, identifier: str, error: DatakampError) -> None:
    """Put the error that an order came to where the asker finds it."""
    names = (one.__name__ for one in type(error).__mro__)
    known = next((one for one in names if one in _ERRORS or one == _OF_THE_BROKER), "RefusedError")
    execution: Execution | None = getattr(error, "execution", None)
    run = None if execution is None else _run_document(execution)
    told = {"kind": known, "message": error.message[:_LONGEST], "hint": error.hint[:_LONGEST], "run": run}
    _write(answers, identifier, told, b"")


def is_answered(answers: Path, identifier: str) -> bool:
    """Tell whether an order has its answer."""
    return os.path.lexists(answers / identifier)


def read_answer(answers: Path, identifier: str, *, limit: int) -> bytes:
    """Return the result of an order, or raise the error that it came to.

    Args:
        limit: the most bytes that a result has.

    Raises:
        DatakampError: of the closed list, or a `RunError`.
        DocumentError: what lies there is no answer.
    """
    with opened_folder(answers, check_identifier(identifier)) as folder:
        document = parse_json(read_regular(folder / ANSWER_FILE, limit=_LARGEST), what="The answer")
        result = read_regular(folder / RESULT_FILE, limit=limit)
    if not isinstance(document, dict) or set(document) != {"version", "error"} or document["version"] != VERSION:
        raise DocumentError("The answer to an order does not follow its schema.")
    if document["error"] is None:
        return result
    raise _error(document["error"])


def remove_answers(answers: Path, kept: frozenset[str]) -> None:
    """Remove the answers that nobody waits for, and what a killed worker left half written."""
    for entry in list(answers.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def _write(answers: Path, identifier: str, error: dict[str, Any] | None, result: bytes) -> None:
    aside = answers / f".{identifier}"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir()
    write_atomically(aside / RESULT_FILE, result)
    write_atomically(aside / ANSWER_FILE, canonical_json({"version": VERSION, "error": error}))
    aside.rename(answers / identifier)
    sync_directory(answers)


def _run_document(run: Execution) -> dict[str, Any]:
    return {
        "status": run.status.value,
        "mode": run.mode.value,
        "milliseconds": round(run.duration * 1000),
        "cells_run": run.cells_run,
        "code_digest": run.code_digest,
        "cell": run.cell,
        "exception": run.exception,
        "breach": None if run.breach is None else run.breach.value,
    }


def _error(document: Any) -> DatakampError:
    try:
        message, hint, run = visible(document["message"]), visible(document["hint"]), document["run"]
        if run is not None:
            return _run_error(run, message, hint)
        return _kind(document["kind"])(message, hint=hint)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The answer to an order does not follow its schema.") from None


def _kind(name: str) -> type[DatakampError]:
    if name == _OF_THE_BROKER:
        from workspace.broker import HandInError

        return HandInError
    return _ERRORS[name]


def _run_error(run: Any, message: str, hint: str) -> RunError:
    from workspace.execution import Execution, RunError, RunStatus
    from workspace.isolation.modes import SealMode
    from workspace.isolation.watchdog import Breach

    execution = Execution(
        status=RunStatus(run["status"]),
        mode=SealMode(run["mode"]),
        duration=run["milliseconds"] / 1000,
        cells_run=run["cells_run"],
        code_digest=run["code_digest"],
        cell=run["cell"],
        exception=run["exception"],
        breach=None if run["breach"] is None else Breach(run["breach"]),
    )
    return RunError(execution, message, hint=hint)
