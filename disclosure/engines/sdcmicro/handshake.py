"""What the worker says of itself before it does anything: versions, or what is missing and how to get it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from disclosure.errors import BadInputError, DocumentError, ExecutionError, RefusedError
from disclosure.texts import Text, text

PROTOCOL: Final = 1
OLDEST: Final = "5.7.8"
"""The oldest sdcMicro whose results have the names that are read here; 5.8.1 is what is tested."""
_CONDA: Final = "conda install -c conda-forge r-base r-sdcmicro rpy2"
_DEBIAN: Final = "apt-get install r-base-dev"
_CRAN: Final = "Rscript -e 'install.packages(\"sdcMicro\")'"
_PIP: Final = 'pip install "datakamp[r]"'


class EngineMissingError(BadInputError):
    """R, rpy2 or sdcMicro is not there, or too old; the hint says how to install it."""


class EngineFailedError(ExecutionError):
    """The worker died, took too long or too much memory, or sdcMicro refused a call. Nothing was written."""


class Ended(IntEnum):
    """How the worker ends, as an exit status; anything else is a death."""

    DONE = 0
    NO_R = 70
    NO_RPY2 = 71
    RPY2_UNFIT = 72
    NO_SDCMICRO = 73
    TOO_OLD = 74
    BAD_JOB = 75
    CALL_FAILED = 76
    NO_MEMORY = 77


@dataclass(frozen=True)
class Versions:
    """What answers: versions as texts."""

    protocol: int
    python: str
    rpy2: str
    r: str
    sdcmicro: str

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "protocol": self.protocol,
            "python": self.python,
            "rpy2": self.rpy2,
            "r": self.r,
            "sdcmicro": self.sdcmicro,
        }


def versions_from(document: Any) -> Versions:
    """Return what `Versions.to_document` wrote, if it is a worker that this version of Datakamp speaks with.

    Raises:
        DocumentError: it is anything else, or a worker of another protocol.
        EngineMissingError: sdcMicro is too old.
    """
    names = ("python", "rpy2", "r", "sdcmicro")
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in names):
        raise DocumentError(text("What the worker said of itself does not follow its schema."))
    if document.get("protocol") != PROTOCOL:
        raise DocumentError(
            text("The worker is of another version of Datakamp."), hint=text("Install both anew, together.")
        )
    if is_too_old(document["sdcmicro"]):
        raise _missing(Ended.TOO_OLD)
    return Versions(PROTOCOL, *(document[name] for name in names))


def is_too_old(version: str) -> bool:
    """Tell whether a version of sdcMicro is older than `OLDEST`; what is no version counts as old.

    >>> is_too_old("5.8.1"), is_too_old("5.6"), is_too_old("new")
    (False, True, True)
    """
    try:
        return Version(version) < Version(OLDEST)
    except InvalidVersion:
        return True


_SAID: Final[dict[Ended, tuple[Text, Text]]] = {
    Ended.NO_R: (
        text("R is not installed, or not on the path."),
        text(
            "With conda: {conda}. On Debian: {debian}. Or use the embedded engine.",
            conda=_CONDA,
            debian=_DEBIAN,
        ),
    ),
    Ended.NO_RPY2: (
        text("rpy2, by which Python reaches R, is not installed."),
        text("With conda: {conda}. With pip: {pip} (it needs R and a compiler).", conda=_CONDA, pip=_PIP),
    ),
    Ended.RPY2_UNFIT: (
        text("rpy2 is installed, but does not fit this R."),
        text("It is made for one version of R: install it anew, with R on the path: {pip}", pip=_PIP),
    ),
    Ended.NO_SDCMICRO: (
        text("The R package sdcMicro is not installed, or cannot be loaded."),
        text(
            "With conda: {conda}. From CRAN: {cran}. On Debian first: {debian}, and the r-cran packages that it needs.",
            conda=_CONDA,
            cran=_CRAN,
            debian=_DEBIAN,
        ),
    ),
    Ended.TOO_OLD: (
        text("The R package sdcMicro is older than {oldest}.", oldest=OLDEST),
        text("With conda: {conda}. From CRAN: {cran}.", conda=_CONDA, cran=_CRAN),
    ),
}


def error_of(status: int, function: str | None) -> RefusedError | BadInputError:
    """Return the error of a worker that ended with a status other than `Ended.DONE`.

    Args:
        function: the function of sdcMicro that was called last, if one was.
    """
    try:
        ended = Ended(status)
    except ValueError:
        return EngineFailedError(
            text("The process with sdcMicro died; nothing was written."),
            hint=text("Was it short of memory? Try fewer rows, or the embedded engine."),
        )
    if ended in _SAID:
        return _missing(ended)
    if ended is Ended.NO_MEMORY:
        return EngineFailedError(
            text("sdcMicro needed more memory than it may have; nothing was written."),
            hint=text("Give it more, try fewer rows or key variables, or the embedded engine."),
        )
    if ended is Ended.CALL_FAILED and function is not None:
        # What R said is not repeated: its errors quote values.
        return EngineFailedError(
            text("sdcMicro's function {function} stopped with an error; nothing was written.", function=function),
            hint=text("Do its columns have the kinds that it takes? Its words are not shown: they can quote values."),
        )
    return EngineFailedError(text("The process with sdcMicro could not read its job; nothing was written."))


def _missing(ended: Ended) -> EngineMissingError:
    what, remedy = _SAID[ended]
    return EngineMissingError(what, hint=remedy)
