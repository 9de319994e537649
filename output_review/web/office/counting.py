"""How long answers take, counted where they are given; by method and kind of status, without addresses or names."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import Histogram

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
ANSWERS: Final = Histogram(
    "datakamp_review_answer_seconds",
    "How long answers of the review application took.",
    ["method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def counted(inner: WSGIApplication) -> WSGIApplication:
    """Return an application that does what `inner` does and counts it."""

    def answered(environment: WSGIEnvironment, start: StartResponse) -> Iterable[Any]:
        begun = time.perf_counter()
        kind = "5xx"

        def started(
            status: str,
            headers: list[tuple[str, str]],
            error: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
            /,
        ) -> Any:
            nonlocal kind
            kind = f"{status[:1]}xx"
            return start(status, headers) if error is None else start(status, headers, error)

        try:
            return inner(environment, started)
        finally:
            method = environment.get("REQUEST_METHOD", "")
            ANSWERS.labels(method if method in _METHODS else "other", kind).observe(time.perf_counter() - begun)

    return answered
