"""What sdcMicro returned: frames, vectors and lists of them, under the names that it gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.sdcmicro.frames import read_frame
from disclosure.errors import DataError
from disclosure.texts import text

DESCRIBED: Final = "described.json"
_DEEPEST: Final = 12


@dataclass(frozen=True)
class Returned:
    """A result, or a part of one. What is none of these (a function, a formula) is `absent`.

    Attributes:
        frame: of a frame; of a vector its column `value`, and `name` if it has names.
        parts: of a list, in order, each under its name; an unnamed part under its place from 0.
    """

    frame: pa.Table | None = None
    parts: Mapping[str, Returned] | None = None

    @property
    def absent(self) -> bool:
        """Whether it is nothing that can be returned."""
        return self.frame is None and self.parts is None

    def part(self, *names: str) -> Returned:
        """Return a part of a list, or a part of a part.

        Raises:
            DataError: there is none.
        """
        found = self
        for name in names:
            if found.parts is None or name not in found.parts:
                raise _unexpected()
            found = found.parts[name]
        return found

    def table(self) -> pa.Table:
        """Return a frame."""
        if self.frame is None:
            raise _unexpected()
        return self.frame

    def numbers(self) -> npt.NDArray[np.float64]:
        """Return a vector of numbers; what is missing is NaN."""
        values = self.table()["value"].cast(pa.float64())
        return np.asarray(values.fill_null(float("nan")).to_numpy(), dtype=np.float64)

    def number(self) -> float:
        """Return a vector of one number."""
        values = self.numbers()
        if values.shape != (1,):
            raise _unexpected()
        return float(values[0])


@dataclass(frozen=True)
class Answer:
    """What one call returned, and how many seconds it took in R."""

    returned: Returned
    seconds: float


def read_answers(folder: Path) -> tuple[Answer, ...]:
    """Return what the worker wrote into its output folder.

    Raises:
        DataError: it is not whole.
    """
    try:
        described = json.loads((folder / DESCRIBED).read_text(encoding="utf-8"))
        return tuple(Answer(_returned(one["result"], folder, 0), float(one["seconds"])) for one in described)
    except (OSError, ValueError, KeyError, TypeError):
        raise _unexpected() from None


def _returned(entry: Any, folder: Path, depth: int) -> Returned:
    if depth > _DEEPEST:
        raise ValueError
    kind = entry["kind"]
    if kind in ("frame", "vector"):
        name = entry["frame"]
        if not (isinstance(name, str) and name.isascii() and name.isalnum()):
            raise ValueError
        return Returned(frame=read_frame(folder / name))
    if kind == "list":
        names = [one or str(place) for place, one in enumerate(entry["names"])]
        items = [_returned(one, folder, depth + 1) for one in entry["items"]]
        return Returned(parts=dict(zip(names, items, strict=True)))
    if kind in ("null", "omitted"):
        return Returned()
    raise ValueError


def _unexpected() -> DataError:
    return DataError(
        text("sdcMicro returned something else than expected."), hint=text("Is it a version that is known here?")
    )
