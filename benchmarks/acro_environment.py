"""The environment that holds ACRO, the check that others use: made when it is first asked for, kept in ``.bench``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measurement import ROOT, MeasurementError

REQUIREMENTS = ("acro==1.0.2", "pyarrow")
FOLDER = ROOT / ".bench" / "acro"
_LONGEST = 900


def acro_python(folder: Path = FOLDER) -> Path:
    """Return the interpreter of ACRO's environment, which is made if it is not there.

    Raises:
        MeasurementError: it cannot be made, for example because no package index can be reached.
    """
    python = folder / "bin" / "python"
    if _works(python):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _call(sys.executable, "-m", "venv", str(folder))
        _call(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines() or ["no reason given"]
        raise MeasurementError(f"{REQUIREMENTS[0]} could not be installed: {said[-1]}") from error
    if not _works(python):
        raise MeasurementError(f"{REQUIREMENTS[0]} was installed and cannot be imported.")
    return python


def _works(python: Path) -> bool:
    wanted = REQUIREMENTS[0].partition("==")[2]
    question = "import acro, importlib.metadata, pyarrow; print(importlib.metadata.version('acro'))"
    try:
        return _call(str(python), "-c", question).strip() == wanted
    except (OSError, subprocess.SubprocessError):
        return False


def _call(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONGEST).stdout
