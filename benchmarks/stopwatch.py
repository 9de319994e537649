"""Seconds and peak memory of one call in this process.

It needs the standard library only, because it also runs under the Python of the environment that holds ACRO.
"""

from __future__ import annotations

import gc
import json
import re
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Facts = Mapping[str, float]
"""What a call found, so that calls that should agree can be compared: figures by name."""

_STATUS = Path("/proc/self/status")
_FORGET_PEAK = "5"  # see proc(5), clear_refs


def timed(call: Callable[[], Facts]) -> dict[str, object]:
    """Run a call once and return its seconds, the peak memory of the process during it in bytes, and its facts.

    The peak holds what the process held before, such as the frame itself.
    """
    gc.collect()
    _forget_peak()
    begun = time.perf_counter()
    facts = call()
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "peak": _peak(), "facts": dict(facts)}


def hand_over(results: Mapping[str, object]) -> None:
    """Print results as the last line, where the process that started this one looks for them."""
    print("\n" + json.dumps(results), flush=True)


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text(_FORGET_PEAK)
    except OSError:
        return  # then the peak since the start is what there is


def _peak() -> int:
    try:
        # Not ru_maxrss, which a process inherits from the one that started it.
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
    except OSError:
        found = None
    kibibytes = int(found.group(1)) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes * 1024
