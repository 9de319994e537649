"""sdcMicro beside the embedded engine: ``python -m benchmarks.microdata_reference CASE FILE``.

Seconds are those within R, from the moment that it has the frame: neither starting R nor handing frames over is counted
against it. The round trip counts everything, for a frame of ten columns that comes back whole.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.stopwatch import hand_over
from disclosure.engines.sdcmicro.calls import Call, Job
from disclosure.engines.sdcmicro.columns import coded_frame
from disclosure.engines.sdcmicro.handshake import EngineFailedError, EngineMissingError
from disclosure.engines.sdcmicro.process import WorkerLimits, run, versions

FIVE = ("region", "age", "sex", "size", "origin")
_LIMITS = WorkerLimits(seconds=3000)


def missing() -> str:
    """Return why sdcMicro cannot be asked here; empty if it can."""
    try:
        versions()
    except (EngineMissingError, EngineFailedError) as error:
        return str(error)
    return ""


def _frame(path: str) -> pa.Table:
    whole = pq.read_table(path)
    return coded_frame(whole, FIVE).append_column("weight", whole["weight"])


def risk(path: str) -> dict[str, Any]:
    """Count five keys and compute the risk of each record: freqCalc and indivRisk."""
    calls = (Call("freqCalc", "data", {"keyVars": FIVE, "w": "weight"}, keep=False), Call("indivRisk", 0))
    done = run(Job(("data",), calls), {"data": _frame(path)}, _LIMITS)
    expected = float(done.answers[1].returned.part("rk").numbers().sum())
    return {"seconds": sum(one.seconds for one in done.answers), "peak": 0, "facts": {"expected": expected}}


def made_object(path: str) -> dict[str, Any]:
    """Make sdcMicro's object, which measures the risk as well: createSdcObj."""
    call = Call("createSdcObj", "data", {"keyVars": FIVE, "weightVar": "weight"}, keep=False)
    done = run(Job(("data",), (call,)), {"data": _frame(path)}, _LIMITS)
    return {"seconds": done.answers[0].seconds, "peak": 0, "facts": {}}


def suppression(path: str) -> dict[str, Any]:
    """Make values missing until every key is shared by three records: localSuppression."""
    call = Call("localSuppression", "data", {"keyVars": FIVE, "k": 3})
    done = run(Job(("data",), (call,)), {"data": _frame(path)}, _LIMITS)
    total = done.answers[0].returned.part("newSupps").number()
    return {"seconds": done.answers[0].seconds, "peak": 0, "facts": {"suppressed": total}}


def round_trip(path: str) -> dict[str, Any]:
    """Send a frame of ten columns, have one number cut off, and read it back: everything that it takes."""
    whole = pq.read_table(path)
    frame = pa.table({**{name: whole[name] for name in whole.column_names}, "again": whole["weight"]})
    call = Call("topBotCoding", "data", {"value": 12, "replacement": 12, "kind": "top", "column": "again"})
    begun = time.perf_counter()
    done = run(Job(("data",), (call,)), {"data": frame}, _LIMITS)
    back = done.answers[0].returned.table()
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "peak": 0, "facts": {"cells": float(back.num_rows * back.num_columns)}}


CASES: dict[str, Callable[[str], dict[str, Any]]] = {
    "risk": risk, "object": made_object, "suppression": suppression, "round_trip": round_trip,
}  # fmt: skip


def main(case: str, path: str) -> None:
    """Measure one case and print what it took."""
    hand_over({f"{case}_sdcmicro": CASES[case](path)})


if __name__ == "__main__":
    main(*sys.argv[1:])
