"""What was worked out of columns, kept for further recipes over the same rows.

The measures of one call, and the remedies that are tried on them, read the same columns many times over. What is kept
belongs to the columns themselves, told apart by where their values lie in memory, so it can never be taken for that
of other rows; and it is held within a bound, the oldest let go first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.array_columns import Codes
from disclosure.model.recipes import Recoding

T = TypeVar("T")

_MOST_IN_CALL: Final = 1 << 29
_MOST_AFTER: Final = 1 << 27
_OBJECT: Final = 40
"""Bytes of a Python number and of what points to it."""


class Kept:
    """What was worked out of columns, by what it is and the columns that it is of.

    Args:
        most: so many bytes may be kept; None for as many as one call may need.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = _MOST_IN_CALL if most is None else most
        self._found: OrderedDict[Hashable, tuple[Any, int, tuple[pa.ChunkedArray, ...]]] = OrderedDict()
        self._held = 0
        self._registers: dict[str, Codes] = {}
        self._lock = threading.Lock()

    def of(self, what: Hashable, columns: Sequence[pa.ChunkedArray], make: Callable[[], T]) -> T:
        """Return what `make` returns, made only if it is not kept; errors are not kept."""
        key = (what, tuple(map(_identity, columns)))
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return cast(T, self._found[key][0])
        made = make()
        with self._lock:
            if key not in self._found:
                # With the columns: as long as they are here, no others can lie where they do.
                self._found[key] = (made, size_of(made), tuple(columns))
                self._held += self._found[key][1]
                self._let_go()
        return made

    def register(self, name: str) -> Codes:
        """Return the labels that a dimension has had, each with its code; none of them was recoded."""
        with self._lock:
            return self._registers.setdefault(name, Codes(name, ()))

    def settle(self) -> None:
        """Keep less from now on: the call is over, and what it returned may be held for long."""
        with self._lock:
            self._most = min(self._most, _MOST_AFTER)
            self._let_go()

    def _let_go(self) -> None:
        while self._held > self._most and self._found:
            _, (_, size, _) = self._found.popitem(last=False)
            self._held -= size


def _identity(column: pa.ChunkedArray) -> Hashable:
    return (str(column.type), tuple(_place(chunk) for chunk in column.chunks))


def _place(chunk: pa.Array) -> Hashable:
    buffers = tuple(None if one is None else (one.address, one.size) for one in chunk.buffers())
    values = _place(chunk.dictionary) if pa.types.is_dictionary(chunk.type) else None
    return (chunk.offset, len(chunk), buffers, values)


def size_of(made: Any) -> int:
    """Return about how many bytes arrays take, and what holds them.

    >>> size_of((np.zeros(4), [np.zeros(2, dtype=np.int32)], None))
    40
    """
    if isinstance(made, np.ndarray):
        return made.size * _OBJECT if made.dtype == np.object_ else made.nbytes
    inner: Iterable[Any] = ()
    if isinstance(made, tuple | list):
        inner = made
    elif isinstance(made, dict):
        inner = made.values()
    elif hasattr(made, "__dict__"):
        inner = vars(made).values()
    return sum(map(size_of, inner))


def recoded_labels(
    labels: tuple[str | None, ...], dimension: str, recodings: tuple[Recoding, ...]
) -> tuple[tuple[str | None, ...], npt.NDArray[np.int32]]:
    """Return the labels after the recodings of a dimension, each once, and of each label before its place in these.

    >>> recoded_labels(("a", "b", None), "wijk", (Recoding("wijk", (("b", "a"),)),))
    (('a', None), array([0, 0, 1], dtype=int32))
    """
    found = labels
    for mapping in (dict(one.mapping) for one in recodings if one.dimension == dimension):
        found = tuple(one if one is None else mapping.get(one, one) for one in found)
    known: dict[str | None, int] = {}
    places = [known.setdefault(one, len(known)) for one in found]
    return tuple(known), np.array(places, dtype=np.int32)
