"""Valid documents, changed in the ways in which a careless or hostile writer would change them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

CANARY: Final = "canary60417"
"""Stands in every odd text, and in the labels of documents: no message may repeat it."""

_DEPTHS: Final = (3, 60, 400, 900, 100_000)
_DEEP: Final = "nested:"
_NUMBERS: Final = (
    *(0, 1, -1, 2, 10**4, -(10**9), 2**31, 2**53 - 1, 2**53, 2**63, -(2**63) - 1, 2**64, 10**400),
    *(0.5, -0.0, 1.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan")),
)
_TEXTS: Final = (
    *(
        "",
        " ",
        "0",
        "-1",
        "true",
        "1e999",
        "nan",
        "9" * 61,
        "\u0661\u0662" * 10,
        "{0.__class__}",
        "{",
        "a\nb",
    ),
    *("\0", "\x1b[2K", "\u202e", "\ud800", "\U000e0041", "e\u0301", "sha256:", f"sha256:{'0' * 64}"),
)


def odd_texts() -> st.SearchStrategy[str]:
    """Return texts that few writers think of, some of them with the canary."""
    long = st.builds(lambda letter: CANARY + letter * 30_000, st.sampled_from("a0\u00e9\U0001f600"))
    return st.sampled_from(_TEXTS) | st.sampled_from(_TEXTS).map(lambda text: text + CANARY) | long


def odd_values() -> st.SearchStrategy[Any]:
    """Return values of every type of JSON, at and beyond what a reader expects."""
    deep = st.sampled_from(_DEPTHS).map(lambda depth: f"{_DEEP}{depth}")
    plain: st.SearchStrategy[Any] = st.sampled_from(
        [None, True, False, [], {}, [[]], [CANARY], {CANARY: CANARY}, {"": None}]
    )
    return plain | st.sampled_from(_NUMBERS) | odd_texts() | deep


def _places(document: Any) -> Iterator[tuple[Any, ...]]:
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while waiting:
        path, one = waiting.pop()
        yield path
        if len(path) < 12:
            inside = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
            waiting.extend(((*path, key), item) for key, item in inside)


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


@st.composite
def changed(draw: st.DrawFn, valid: Any, *, most: int = 3) -> Any:
    """Draw a JSON document that differs from a valid one in one to `most` places."""
    document = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, most))):
        path = draw(st.sampled_from(sorted(_places(document), key=lambda one: (len(one), repr(one)))))
        if not path:
            continue
        holder, last = _at(document, path[:-1]), path[-1]
        kind = draw(st.sampled_from(["replace", "move", "wrap", "near", "drop", "more"]))
        if kind == "replace":
            holder[last] = draw(odd_values())
        elif kind == "move":
            holder[last] = copy.deepcopy(_at(document, draw(st.sampled_from(list(_places(document))))))
        elif kind == "wrap":
            holder[last] = draw(st.sampled_from([[holder[last]], {"x": holder[last]}]))
        elif kind == "near":
            holder[last] = _near(holder[last], draw(st.sampled_from([-2, -1, 1, 2])))
        elif kind == "drop":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(odd_texts() | st.sampled_from(["version", "name", CANARY]))] = copy.deepcopy(holder[last])
        else:
            most = 20_000 // len(repr(holder[last])) + 1  # what is large already stays that large
            again = min(most, draw(st.sampled_from([1, 2, 50])))
            holder[last:last] = [copy.deepcopy(holder[last]) for _ in range(again)]
    return document


def _near(value: Any, step: int) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + step
    if isinstance(value, str):
        return value[:-1] if step < 0 else value + value[-1:]
    return list(value)[::-1] if isinstance(value, list) else dict(reversed(value.items()))


def written(document: Any) -> bytes:
    """Return a document as JSON of its own spelling, with whatever numbers and half characters it holds."""
    return _deepened(json.dumps(document, ensure_ascii=False)).encode("utf-8", "surrogatepass")


def escaped(document: Any) -> bytes:
    """Return a document as JSON in ASCII, which may hold half a character as its number."""
    return _deepened(json.dumps(document)).encode()


def _deepened(text: str) -> str:
    # Deeper than what writes JSON can write itself.
    return re.sub(rf'"{_DEEP}(\d+)"(?!:)', lambda found: "[" * int(found[1]) + "]" * int(found[1]), text)


@st.composite
def torn(draw: st.DrawFn, valid: bytes) -> bytes:
    """Draw the bytes of a document with a piece taken out, doubled, or written over."""
    start = draw(st.integers(0, len(valid)))
    end = min(len(valid), start + draw(st.sampled_from([0, 1, 2, 5, 40, 10**6])))
    piece = draw(
        st.sampled_from(
            [
                b"", b"\x00", b"\xff", b'"', b"[", b"{", b",", b"1e999", b"-", b"9" * 5000, b"NaN", b"\xed\xa0\x80",
                b"[" * 50_000, b'{"a":' * 50_000, b"\xef\xbb\xbf", b" = ", b"\n[", b"'''",
                b"x." * 200, b'"' + CANARY.encode() + b'"',
            ]
        )
        | st.just(valid[start:end] * 2)
    )  # fmt: skip
    return valid[:start] + piece + valid[end:]


def spelled_toml(document: Any) -> bytes:
    """Return a document as TOML, one entry a line, tables in their place; what TOML has no word for is spelled so."""

    def spelled(one: Any) -> str:
        if isinstance(one, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {spelled(item)}" for key, item in one.items()) + "}"
        if isinstance(one, list):
            return "[" + ", ".join(map(spelled, one)) + "]"
        return str(one) if isinstance(one, float) else json.dumps(one)

    lines = "\n".join(f"{json.dumps(key)} = {spelled(one)}" for key, one in document.items())
    return _deepened(lines).encode("utf-8", "surrogatepass")
