"""What is measured, one case per process: ``python -m benchmarks.cases CASE FILE``.

A case runs once on a few rows first, so that imports and compiled expressions are not what is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

import disclosure as sdc
from benchmarks.stopwatch import Facts, hand_over, timed
from disclosure import Output, Status
from disclosure.protection.remedies import SUPPRESS

_FEW = 2_000


def plain(frame: pd.DataFrame) -> Facts:
    """Tabulate with pandas alone."""
    return {"total": float(_pivoted(frame, "sum").to_numpy()[-1, -1])}


def plain_median(frame: pd.DataFrame) -> Facts:
    """Tabulate medians with pandas alone."""
    return {"cells": float(_pivoted(frame, "median").size)}


def plain_std(frame: pd.DataFrame) -> Facts:
    """Tabulate standard deviations with pandas alone."""
    return {"cells": float(_pivoted(frame, "std").size)}


def plain_cells(frame: pd.DataFrame) -> Facts:
    """Count with pandas alone."""
    return {"total": float(pd.crosstab(frame["region"], frame["industry"], margins=True).to_numpy()[-1, -1])}


def _pivoted(frame: pd.DataFrame, statistic: Any) -> pd.DataFrame:
    return pd.pivot_table(frame, values="value", index="region", columns="industry", aggfunc=statistic, margins=True)


def checked(frame: Any) -> Facts:
    """Tabulate with the check, to the table as it may be published."""
    out = _table(frame)
    out.to_pandas()
    return _facts(out)


def checked_median(frame: Any) -> Facts:
    """Tabulate medians with the check."""
    return _size(_table(frame, "median"))


def checked_std(frame: Any) -> Facts:
    """Tabulate standard deviations with the check."""
    return _size(_table(frame, "std"))


def checked_cells(frame: Any) -> Facts:
    """Count with the check, to the table as it may be published and to the page that shows it."""
    out = sdc.table(frame, rows=["region"], columns=["industry"], unit="unit", policy="cbs")
    out.to_pandas()
    out._repr_html_()
    return {"total": float(out.evidence.n_units.max())}


def checked_sums(frame: Any) -> Facts:
    """Add up with the check, to the table as it may be published and to the page that shows it."""
    out = _table(frame)
    out.to_pandas()
    out._repr_html_()
    return _facts(out)


def checked_model(frame: Any) -> Facts:
    """Fit a linear model with a dummy for each region and industry but one, with the check."""
    out = sdc.model("value ~ C(region) + C(industry)", frame, family="ols", unit="unit", policy="cbs")
    return {"figures": float(len(out.table.figures))}


def _size(out: Output) -> Facts:
    return {"cells": float(out.to_pandas().size)}


def suppressed(frame: pd.DataFrame) -> Facts:
    """Tabulate with the check and withhold the failing cells, to the table as it may be published."""
    out = _table(frame)
    failing = _facts(out)
    if out.verdict.status is Status.UNSAFE:
        out = out.apply(SUPPRESS)
    if out.verdict.status is not Status.SAFE:
        raise RuntimeError("suppression did not make the table safe")
    out.to_pandas()
    return failing


def repaired(frame: pd.DataFrame) -> Facts:
    """Tabulate with the check, have all remedies looked for, and take the first."""
    out = _table(frame)
    failing = _facts(out)
    if out.verdict.status is Status.UNSAFE:
        out.apply(out.remedies()[0]).to_pandas()
    return failing


def _table(frame: Any, statistic: str = "sum") -> Output:
    return sdc.table(
        frame, rows=["region"], columns=["industry"], values="value", statistic=statistic, unit="unit", policy="cbs"
    )


def _facts(out: Output) -> Facts:
    evidence = out.evidence
    amounts = evidence.amounts
    if amounts is None:
        raise RuntimeError("a sum has amounts")
    (total,) = [place for place, cell in enumerate(evidence.cells()) if not cell.as_dict()]
    return {
        "total": float(amounts.total[total] / 10**amounts.decimals),
        "failing": float(out.table.failing.sum()),
        "units": float(evidence.n_units[total]),
    }


CASES: dict[str, Callable[[Any], Facts]] = {
    "plain": plain,
    "checked": checked,
    "suppressed": suppressed,
    "repaired": repaired,
    "checked_file": checked,
    "plain_median": plain_median,
    "checked_median": checked_median,
    "plain_std": plain_std,
    "checked_std": checked_std,
    "plain_cells": plain_cells,
    "checked_cells": checked_cells,
    "checked_sums": checked_sums,
    "checked_model": checked_model,
}


def main(arguments: list[str]) -> None:
    """Run one case on one file and hand over its measurement."""
    case, path = arguments[0], Path(arguments[1])
    run = CASES[case]
    frame: Any = path
    if case == "checked_file":
        checked(next(pq.ParquetFile(path).iter_batches(_FEW)))
    else:
        frame = pd.read_parquet(path)
        run(frame.head(_FEW))
    hand_over({case: timed(lambda: run(frame))})


if __name__ == "__main__":
    main(sys.argv[1:])
