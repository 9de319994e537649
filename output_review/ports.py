"""What the control zone needs from elsewhere. datakamp.py binds these to the sealed execution of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from disclosure.exchange.camp import CampFile
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult
from disclosure.exchange.foreign import ForeignOutputs
from disclosure.exchange.tabulation import TabulationJob, TabulationResult


@dataclass(frozen=True)
class Reproduction:
    """What is to be run again: code in its order, with its parameters, and which frames it must hand over."""

    team: str
    code: Mapping[str, bytes]
    parameters: Mapping[str, Any]
    frames: tuple[str, ...]


class Reproducer(Protocol):
    """Runs a submission's code from the top, sealed, and takes over its narrow frames."""

    def __call__(self, camp: CampFile, reproduction: Reproduction, into: Path) -> None:
        """Write one ``NAME.arrow`` per frame into the folder `into`.

        Raises:
            ExecutionError: the code failed or passed a limit.
            HandoverError: other frames than those named were handed over.
            SealError: there is no verified seal.
        """


class SealedTabulator(Protocol):
    """Tabulates one job in a box that holds the registered data, the frame, and no code but ours."""

    def __call__(self, camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
        """Return the result; a worker that died or passed a limit is a refused one."""


class SealedComparer(Protocol):
    """Puts the outputs of one request beside each other in such a box."""

    def __call__(self, camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
        """Return the result.

        Args:
            frames: output name to its narrow frame, for those that have one.

        Raises:
            ExecutionError: the worker died, passed a limit, or left no result.
            DocumentError: what it left is not a result of this job.
            SealError: there is no verified seal.
        """


class SealedReader(Protocol):
    """Reads files of another program in a box that holds nothing else."""

    def __call__(self, camp: CampFile, files: Mapping[str, bytes]) -> ForeignOutputs:
        """Return what could be read.

        Args:
            files: by their names, all in one folder.

        Raises:
            ExecutionError: the worker died, passed a limit, or could read nothing.
            DocumentError: what it left does not follow its schema.
            SealError: there is no verified seal.
        """


@dataclass(frozen=True)
class Engines:
    """The ports, bound."""

    reproduce: Reproducer
    tabulate: SealedTabulator
    compare: SealedComparer
    read: SealedReader
