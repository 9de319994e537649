"""Plain names for columns on their way to R, and their own on the way back.

sdcMicro puts the names of columns into text that it has R read, and gives columns of its own names such as `id`. So
what a file calls its columns never reaches R: every column is sent under a name that means nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.sdcmicro.calls import Call, Formula, Job
from disclosure.engines.sdcmicro.functions import FUNCTIONS, Kind
from disclosure.engines.sdcmicro.results import Answer, Returned

_ALIAS: Final = re.compile(r"dkcol(\d+)z")
_NAMES: Final = ("name", "variable")
"""Columns of what sdcMicro returns whose values are names of columns."""


class Aliases:
    """The columns of some frames, each under one name in all of them.

    >>> aliases = Aliases([pa.table({"a b": [1]}), pa.table({"a b": [2], "c": [3]})])
    >>> aliases.sent(pa.table({"c": [3]})).column_names, aliases.own("dkcol0z_contribution")
    (['dkcol1z'], 'a b_contribution')
    """

    def __init__(self, frames: Iterable[pa.Table]) -> None:
        self._names = tuple(dict.fromkeys(name for frame in frames for name in frame.column_names))
        self._sent = {name: f"dkcol{place}z" for place, name in enumerate(self._names)}

    def sent(self, frame: pa.Table) -> pa.Table:
        """Return a frame under the names by which it is sent."""
        return frame.rename_columns([self._sent[name] for name in frame.column_names])

    def job(self, job: Job) -> Job:
        """Return a job that names columns as they are sent."""
        return replace(job, calls=tuple(map(self._call, job.calls)))

    def own(self, name: str) -> str:
        """Return a name that came back with those of the file in it."""
        return _ALIAS.sub(self._of, name)

    def answer(self, answer: Answer) -> Answer:
        """Return what came back with the file's own names."""
        return Answer(self._returned(answer.returned), answer.seconds)

    def _of(self, match: re.Match[str]) -> str:
        place = int(match.group(1))
        return self._names[place] if place < len(self._names) else match.group()

    def _call(self, call: Call) -> Call:
        known = FUNCTIONS[call.function].arguments
        given = {name: self._argument(known[name].kind, value) for name, value in call.arguments.items()}
        return replace(call, arguments=MappingProxyType(given))

    def _argument(self, kind: Kind, value: Any) -> Any:
        match kind:
            case Kind.COLUMN:
                return self._sent.get(value, value)
            case Kind.COLUMNS:
                return self._all(value)
            case Kind.COLUMN_SETS:
                return tuple(map(self._all, value))
            case Kind.FORMULA:
                return Formula(self._all(value.left), self._all(value.right))
        return value

    def _all(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._sent.get(name, name) for name in names)

    def _returned(self, found: Returned) -> Returned:
        parts: Mapping[str, Returned] | None = None
        if found.parts is not None:
            parts = {self.own(name): self._returned(part) for name, part in found.parts.items()}
        return Returned(None if found.frame is None else self._frame(found.frame), parts)

    def _frame(self, frame: pa.Table) -> pa.Table:
        for name in _NAMES:
            if name in frame.column_names:
                frame = frame.set_column(frame.schema.get_field_index(name), name, self._values(frame[name]))
        return frame.rename_columns([self.own(name) for name in frame.column_names])

    def _values(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return a column with the names of columns among its values as they are in the file."""
        plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        if not pa.types.is_string(plain.type):
            return column
        different = plain.unique().drop_null()
        own = pa.array([self.own(one) for one in different.to_pylist()], pa.string())
        return pc.take(own, pc.index_in(plain, value_set=different)) if len(own) else column
