"""The same table by ACRO and by pandas, in one process of ACRO's own environment.

``python -m benchmarks.acro_worker FILE none|suppress``
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import acro
import pandas as pd

from benchmarks.stopwatch import Facts, hand_over, timed

_FEW = 2_000


def main(arguments: list[str]) -> None:
    """Run both on one file and hand over both measurements."""
    path, mitigation = Path(arguments[0]), arguments[1]
    logging.disable(logging.CRITICAL)
    session = acro.ACRO(suppress=mitigation == "suppress")
    frame = pd.read_parquet(path)

    def plain(rows: pd.DataFrame) -> Facts:
        table = pd.pivot_table(rows, values="value", index="region", columns="industry", aggfunc="sum", margins=True)
        return {"total": float(table.to_numpy()[-1, -1])}

    def checked(rows: pd.DataFrame) -> Facts:
        table = session.pivot_table(
            rows, values="value", index=["region"], columns=["industry"], aggfunc="sum", margins=True
        )
        # With suppression ACRO drops records, so its total is another figure than the others'.
        return {} if mitigation == "suppress" else {"total": float(table.to_numpy()[-1, -1])}

    few = frame.head(_FEW)
    plain(few)
    if mitigation != "suppress":
        checked(few)
    hand_over({"acro_plain": timed(lambda: plain(frame)), "acro": timed(lambda: checked(frame))})


if __name__ == "__main__":
    main(sys.argv[1:])
