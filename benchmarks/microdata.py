"""What the risk of records costs, one case per process: ``python -m benchmarks.microdata CASE FILE [ENGINE]``.

Files are made here: persons with eight key variables of a few to forty categories, rare ones among them, and weights.
A case runs once on a few rows first, so that imports are not what is measured.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measurement import Comparison, Measurement, NotMeasured, in_turn
from benchmarks.microdata_reference import missing
from benchmarks.stopwatch import Facts, hand_over, timed
from disclosure.microdata import KeyVariables
from disclosure.microdata.embedded import EmbeddedEngine
from disclosure.ports import RiskEngine

SIZES = {"region": 40, "age": 18, "sex": 2, "size": 8, "origin": 12, "education": 7, "work": 6, "tenure": 4}
"""Key variables and their numbers of categories."""

FIVE = KeyVariables(tuple(SIZES)[:5], weights="weight")
ALL = KeyVariables(tuple(SIZES))
_FEW = 2_000
_MODEST = 100_000
_MOST_MEMORY = 8 * 2**30
_MOST_SECONDS = 60.0
_ROUND_TRIP = 10.0


def risk(engine: RiskEngine, frame: pa.Table) -> Facts:
    """Count five keys and compute the risk of each record."""
    return {"expected": float(engine.individual_risk(frame, FIVE).risk.sum())}


def suppression(engine: RiskEngine, frame: pa.Table) -> Facts:
    """Make values of five key variables missing until every key is shared by three records."""
    return {"suppressions": float(engine.local_suppression(frame, FIVE, k=3).total)}


def suda(engine: RiskEngine, frame: pa.Table) -> Facts:
    """Score special uniques by eight key variables."""
    return {"scores": float(engine.suda2(frame, ALL).score.sum())}


CASES: dict[str, Callable[[RiskEngine, pa.Table], Facts]] = {"risk": risk, "suppression": suppression, "suda": suda}
ENGINES: dict[str, Callable[[], RiskEngine]] = {"embedded": EmbeddedEngine}


def made(rows: int) -> pa.Table:
    """Return so many made-up persons; the same for the same number."""
    generator = np.random.default_rng(1)
    columns: dict[str, pa.Array] = {}
    for place, (name, size) in enumerate(SIZES.items()):
        odds = 1 / np.arange(1, size + 1) ** (0.2 + 0.3 * (place % 4))
        codes = generator.choice(size, rows, p=odds / odds.sum())
        columns[name] = pa.array([f"{name} {code:02d}" for code in range(size)]).take(pa.array(codes))
    return pa.table({**columns, "weight": generator.uniform(5, 15, rows)})


def lines(rows: tuple[int, ...], repeats: int) -> Iterator[Comparison | NotMeasured]:
    """Measure the risk of files of these sizes, and suppression and special uniques in at most a hundred thousand.

    Beside them stands sdcMicro where it is installed, for files of at most a million records.
    """
    modest = max([size for size in rows if size <= _MODEST] or [min(rows)])
    absent = missing()
    with tempfile.TemporaryDirectory(prefix="datakamp-bench-") as folder:
        path = Path(folder) / "persons.parquet"
        for size in rows:
            pq.write_table(made(size), path)
            beside = not absent and size <= 10 * _MODEST
            reference = ("risk", "object", "round_trip") if beside else ()
            found = _in_turn(path, ("risk",), reference, 1 if size > 10 * _MODEST else repeats)
            title = f"frequencies and individual risk, five keys, {size:,} rows"
            yield Comparison("microdata", title, found["risk"], None, most_bytes=_MOST_MEMORY)
            if beside:
                title = f"the same beside freqCalc and indivRisk, {size:,} rows"
                yield Comparison("microdata", title, found["risk"], found["risk_sdcmicro"], goal=1 / 3)
                title = f"the same beside createSdcObj, {size:,} rows"
                yield Comparison("microdata", title, found["risk"], found["object_sdcmicro"], goal=1 / 10)
                title = f"ten columns to sdcMicro and back, {size:,} rows"
                yield Comparison("microdata", title, found["round_trip_sdcmicro"], None, most_seconds=_ROUND_TRIP)
        pq.write_table(made(modest), path)
        found = _in_turn(path, ("suppression", "suda"), () if absent else ("suppression",), repeats)
        title = f"local suppression to 3-anonymity, five keys, {modest:,} rows"
        baseline = None if absent else found["suppression_sdcmicro"]
        yield Comparison("microdata", title, found["suppression"], baseline, goal=None if absent else 1 / 50)
        title = f"special uniques, eight keys, {modest:,} rows"
        yield Comparison("microdata", title, found["suda"], None, most_seconds=_MOST_SECONDS)
    if absent:
        yield NotMeasured("microdata", absent)


def _in_turn(path: Path, own: tuple[str, ...], reference: tuple[str, ...], repeats: int) -> dict[str, Measurement]:
    """Measure cases of ours and of sdcMicro in turn; sdcMicro, which takes minutes, once."""
    found = in_turn([("benchmarks.microdata", name, str(path)) for name in own], repeats)
    return found | in_turn([("benchmarks.microdata_reference", name, str(path)) for name in reference], 1)


def main(case: str, path: str, engine: str = "embedded") -> None:
    """Measure one case and print what it took."""
    frame, measures = pq.read_table(path), ENGINES[engine]()
    CASES[case](measures, frame.slice(0, _FEW))
    name = case if engine == "embedded" else f"{case}_{engine}"
    hand_over({name: timed(lambda: CASES[case](measures, frame))})


if __name__ == "__main__":
    main(*sys.argv[1:])
