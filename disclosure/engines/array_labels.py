"""Short texts of one length, such as codes of areas, looked up among those that have been seen before.

Most columns of labels have a few dozen texts in millions of rows. A text of at most eight bytes is a number of 64
bits; its place in a table follows from a product, and what stands at that place is compared with the number itself:
a text that has not been seen is told apart, never taken for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Words = npt.NDArray[np.uint64]

_WORD: Final = 8
_MOST: Final = 512
"""Beyond so many texts a table in which each has a place of its own would not stay in a processor's cache."""
_TRIED: Final = 16
_ODD: Final = 0x9E3779B97F4A7C15
_ELSEWHERE: Final = 1 << 63
"""Times any odd number this is itself, modulo 2^64, and so it has a place in the second half."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts of one length.

    Attributes:
        size: how many bytes each has.
        words: each as a number.
    """

    size: int
    words: Words


def short_texts(column: pa.Array) -> Texts | None:
    """Return a column as short texts; None if one is missing, is no text or has more than 8 bytes or another length."""
    if not pa.types.is_large_string(column.type) or column.null_count or not len(column):
        return None
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    size = int(offsets[1] - offsets[0])
    if not 0 < size <= _WORD or not (offsets[1:] - offsets[:-1] == size).all():
        return None
    text = np.frombuffer(column.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    # A number is read from where its text begins, so that the last ones need something behind them.
    padded = np.zeros(len(text) + _WORD, dtype=np.uint8)
    padded[: len(text)] = text
    found = np.ndarray(len(column), dtype="<u8", buffer=padded, strides=(size,)).astype(np.uint64)
    found &= np.uint64((1 << 8 * size) - 1)
    return Texts(size, found)


class Lookup:
    """The codes of texts of one length that have been seen; nothing in it changes.

    Args:
        known: the code of each text, by its number.
    """

    def __init__(self, known: dict[int, int]) -> None:
        self.known = known
        self._words = np.array(list(known), dtype=np.uint64)
        self._codes = np.array(list(known.values()), dtype=np.uint16 if max(known.values()) < 2**16 else np.int32)
        bits = 2 * len(known).bit_length() + 1
        self._shift = np.uint64(64 - bits)
        self._multiplier: np.uint64 | None = None
        for number in range(_TRIED if len(known) <= _MOST else 0):
            # Any odd number will do with which no two texts have the same place.
            multiplier = np.uint64(_ODD * (2 * number + 1) % 2**64)
            places = (self._words * multiplier) >> self._shift
            if len(np.unique(places)) == len(places):
                self._multiplier = multiplier
                self._at, self._code_at = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, self._codes.dtype)
                # The only text that 0 stands for has the first place, where a number stands that has another one.
                self._at[0] = _ELSEWHERE
                self._at[places.astype(np.intp)], self._code_at[places.astype(np.intp)] = self._words, self._codes
                return

    def codes(self, words: Words) -> npt.NDArray[Any] | None:
        """Return the code of each text; None if one has not been seen."""
        if self._multiplier is None:
            return None
        places = words * self._multiplier
        places >>= self._shift
        at = places.view(np.int64)
        if not (np.take(self._at, at) == words).all():
            return None
        codes: npt.NDArray[Any] = np.take(self._code_at, at)
        return codes

    @property
    def full(self) -> bool:
        """Whether no more texts are worth their place."""
        return self._multiplier is None


def learned(lookups: dict[int, Lookup], texts: Texts, codes: npt.NDArray[Any]) -> dict[int, Lookup]:
    """Return lookups by length, with the codes of these texts too."""
    before = lookups.get(texts.size)
    if before is not None and before.full:
        return lookups
    known = {} if before is None else before.known
    return {**lookups, texts.size: Lookup({**known, **dict(zip(texts.words.tolist(), codes.tolist(), strict=True))})}
