"""What is wrong in a camp.toml, and on which line: the standard library reads TOML and tells no lines."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from disclosure.errors import DatakampError
from disclosure.exchange.camp_entries import FILE

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Problem:
    """Something that keeps a camp from being held.

    Attributes:
        line: in camp.toml, from 1; 0 if it is about no line.
        hint: what to do about it; may be empty.
    """

    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Placed(Generic[T]):
    """An entry of camp.toml and the line on which it begins."""

    line: int
    value: T


class Lines:
    """On which line of a TOML text an entry begins.

    A line is where an entry begins if the text up to it has the entry and the text before it has not. Texts that end
    within a value are no TOML, and are passed over.

    >>> Lines("a = 1\\n[[b]]\\nc = 1\\n[[b]]\\nc = 2\\n").of("b", 1)
    4
    >>> Lines("a = 1\\n[[b]]\\nc = 1\\n[[b]]\\nc = 2\\n").of("b", 1, "c")
    5
    """

    def __init__(self, text: str) -> None:
        lines = text.splitlines(keepends=True)
        self._documents: list[tuple[int, dict[str, Any]]] = []
        for number in range(1, len(lines) + 1):
            try:
                self._documents.append((number, tomllib.loads("".join(lines[:number]))))
            except (tomllib.TOMLDecodeError, ValueError, RecursionError):
                continue

    def of(self, *path: str | int) -> int:
        """Return the line on which an entry begins, 0 if there is none. A path is keys and positions of tables."""
        before = 0
        for number, document in self._documents:
            if _has(document, path):
                # A value of several lines is whole on its last; it begins after the last text that was whole.
                return before + 1 if before + 1 < number and path and isinstance(path[-1], str) else number
            before = number
        return 0


def placed(
    document: Mapping[str, Any], key: str, lines: Lines, read: Callable[[Mapping[str, Any]], T], found: list[Problem]
) -> tuple[Placed[T], ...]:
    """Return the entries of `[[key]]` that can be read, each with its line, and add what is wrong with the others."""
    entries = document.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        found.append(Problem(lines.of(key), f"Expected [[{key}]] tables."))
        return ()
    return tuple(_read(entries, key, lines, read, found))


def _read(
    entries: list[Any], key: str, lines: Lines, read: Callable[[Mapping[str, Any]], T], found: list[Problem]
) -> Iterator[Placed[T]]:
    for number, entry in enumerate(entries):
        line = lines.of(key, number)
        try:
            yield Placed(line, read(entry))
        except DatakampError as error:
            found.append(problem_of(line, error))


def problem_of(line: int, error: DatakampError) -> Problem:
    """Return the problem that an error tells of."""
    told = error.message.removeprefix(f"{FILE}: ")
    return Problem(line, told[:1].upper() + told[1:] if told.startswith(("expected ", "the ")) else told, error.hint)


def _has(document: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(document, list) or len(document) <= step:
                return False
        elif not isinstance(document, dict) or step not in document:
            return False
        document = document[step]
    return True
