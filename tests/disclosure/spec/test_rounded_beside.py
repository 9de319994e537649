"""Counts of the same units that are rounded in two ways do not go together: two roundings tell more than one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines import rounded_beside
from disclosure.engines.joined import joined
from disclosure.engines.rounded_beside import rounded_otherwise
from disclosure.errors import DataError
from disclosure.model.beside import Beside, CellPairs, Doubt, beside_from
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from disclosure.texts import text
from tests.disclosure import beside
from tests.disclosure.support import UNIT


def people(few: int = 3) -> pd.DataFrame:
    """Return persons of four wijken, of whom so many live in one of them."""
    wijk = np.repeat(["28", "29", "30", "31"], [400, 350, 300, few])
    frame = pd.DataFrame({UNIT: range(len(wijk)), "wijk": wijk})
    return frame.assign(sex=np.where(frame[UNIT] % 2, "f", "m"), area=frame.wijk, half=frame[UNIT] % 4 < 2)


def counted(rows: str | list[str], frame: pd.DataFrame, base: int = 0, **asked: Any) -> Output:
    out = sdc.table(frame, rows=rows, unit=UNIT, policy="cbs", **asked)
    assert isinstance(out, Output)
    if base:
        remedy = next(one for one in out.remedies() if one.kind is RemedyKind.ROUND)
        out = out.apply(replace(remedy, rounding=base))
    return out


def goes_beside(first: Output, then: Output) -> bool:
    assert first.verdict.status is then.verdict.status is Status.SAFE
    return beside.goes_beside(first, then, reason=beside.ROUNDED)


def test_one_table_under_two_names_is_rounded_in_one_way() -> None:
    frame = people()
    once, again = counted("wijk", frame, 25), counted("area", frame, 30)
    assert not goes_beside(once, again)
    assert not goes_beside(again, once)
    assert goes_beside(once, counted("area", frame, 25))


def test_a_rounded_table_goes_beside_others_of_the_same_people_but_not_beside_its_own_counts() -> None:
    frame = people()
    once = counted("wijk", frame, 25)
    assert goes_beside(once, counted("sex", frame[frame.wijk < "30"]))
    assert goes_beside(once, counted("half", frame[frame.wijk < "30"]))
    big = frame[frame.wijk != "31"]
    assert not goes_beside(once, counted("area", big))
    assert goes_beside(counted("wijk", people(60)), counted("area", people(60)))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = people()
    one, other = (placed_at_hand(out) for out in (counted("wijk", frame, 25), counted("area", frame, 30)))
    assert one is not None
    assert other is not None
    rows = joined(one, other)
    assert len(rounded_otherwise(rows)) == 1
    monkeypatch.setattr(rounded_beside, "_MOST_CELLS", 3)
    with pytest.raises(DataError, match="too many cells"):
        rounded_otherwise(rows)


def test_doubts_come_back_from_their_document() -> None:
    codes = np.array([[0]], dtype=np.int32)
    pairs = CellPairs(("a",), ("b",), (("x",),), (("y",),), codes, codes, np.arange(1))
    told = Beside(CellPairs.none((), ()), doubts=(Doubt(pairs, text("it is so; {why}", why="x")),))
    assert not told.nothing
    again = beside_from(told.to_document())
    assert again.to_document() == told.to_document()
    assert str(again.doubts[0].why) == "it is so; x"
    assert "doubts" not in Beside(CellPairs.none((), ())).to_document()
