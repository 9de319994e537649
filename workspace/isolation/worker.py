"""Commands in boxes without a kernel: scripts, and sealed workers that parse what is not trusted."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError
from workspace.isolation.box import Box, Mount, data_mounts, python_box
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import Seal, require_namespaces, require_seal
from workspace.isolation.watchdog import Breach, Budget, Watchdog, folder_budgets

LOGGER: Final = logging.getLogger("datakamp.workspace")

INPUT: Final = "/input"
OUTPUT: Final = "/output"

_MODULE: Final = re.compile(r"disclosure(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True)
class CompletedBox:
    """What is left of a command that ran in a box: nothing of it runs any more.

    Attributes:
        status: exit status; 128 and more for a signal.
        breach: the limit for which it was killed, if it was.
        built: False if the box could not be built, so that nothing ran.
        output, errors: the beginning of its streams, as far as `Limits.output` goes. They may hold records: they go
            into no message and no log.
        duration: wall-clock seconds.
        mode: how the box was sealed.
    """

    status: int
    breach: Breach | None
    built: bool
    output: bytes
    errors: bytes
    duration: float
    mode: SealMode

    @property
    def succeeded(self) -> bool:
        """Whether the command ran to its end and said that all is well."""
        return self.built and self.breach is None and self.status == 0


CompletedWorker = CompletedBox


def run_in_box(
    command: Sequence[str], *, seal: Seal, box: Box, limits: Limits, budgets: tuple[Budget, ...]
) -> CompletedBox:
    """Run one command to its end, or until it passes a limit.

    Raises:
        SealError: `seal` is not a verified seal, or the box could not be started.
    """
    begun = time.monotonic()
    with require_seal(seal).start(box, command, limits=limits, capture=limits.output) as process:
        watchdog = Watchdog(process, limits, budgets)
        try:
            status = process.wait()
        finally:
            process.kill()
            watchdog.stop()
        output = b"" if process.output is None else process.output.text()
        errors = b"" if process.errors is None else process.errors.text()
        built = watchdog.breach is not None or process.ran()
    return CompletedBox(
        status=status if status >= 0 else 128 - status,
        breach=watchdog.breach,
        built=built,
        output=output,
        errors=errors,
        duration=time.monotonic() - begun,
        mode=seal.mode,
    )


def run_sealed_worker(
    module: str,
    *,
    seal: Seal,
    inputs: Mapping[str, Path],
    output: Path,
    limits: Limits,
    arguments: Sequence[str] = (),
) -> CompletedWorker:
    """Run a module of `disclosure` in a box that holds only its inputs: no data set, workspace or network.

    Args:
        module: a module of the package, such as ``disclosure.exchange.check``, run as ``python -m`` does.
        inputs: files or folders by name; read-only at ``/input/NAME``.
        output: a folder; writable at ``/output``, up to `Limits.handover` bytes. What is in it afterwards was written
            by a process that read untrusted files: read it as such.
        arguments: passed on to the module.

    Returns:
        How it ended; the caller judges `succeeded`.

    Raises:
        BadInputError: the module is not one of `disclosure`, or an input or the output folder does not exist.
        SealError: `seal` is not a verified seal, or of a mode whose boxes have no root of their own.
    """
    require_namespaces(seal, "Tabulation")
    if not _MODULE.fullmatch(module):
        raise BadInputError("A sealed worker runs modules of 'disclosure' only.")
    if not output.is_dir():
        raise BadInputError("The output folder of the worker does not exist.")
    box = python_box(
        [*data_mounts(inputs, root=INPUT, what="input"), Mount(output.absolute(), OUTPUT, writable=True)],
        directory=OUTPUT,
        temporary=limits.temporary,
        mode=seal.mode.value,
    )
    completed = run_in_box(
        (sys.executable, "-m", module, *arguments),
        seal=seal,
        box=box,
        limits=limits,
        budgets=folder_budgets(box, {OUTPUT: limits.handover}),
    )
    LOGGER.info(
        "Sealed worker %s ended with status %d after %.1f s, seal %s.",
        module, completed.status, completed.duration, completed.mode.value,
    )  # fmt: skip
    return completed
