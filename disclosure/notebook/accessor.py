"""`frame.sdc.table(...)`: the check as a namespace of pandas' and polars' own frames, polars' lazy ones among them.

`import disclosure` imports neither. It registers the namespace with those that are imported already; with one that is
imported later it is registered as soon as `disclosure` is asked for anything new or given a frame. So either import
pandas first, or call anything, for example `sdc.data(...)`, before the first `frame.sdc`.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from disclosure.notebook.arguments import says_arguments

NAME = "sdc"
_Method = TypeVar("_Method", bound=Callable[..., Any])


def _told(method: _Method) -> _Method:
    """Return a method that says in the reader's language where its arguments do not fit, the frame itself left out."""

    @functools.wraps(method)
    def said(self: FrameAccessor, *given: Any, **asked: Any) -> Any:
        return says_arguments(functools.partial(method, self))(*given, **asked)

    return said  # type: ignore[return-value] # the same call, with another error


class FrameAccessor:
    """The functions of `disclosure` that take a frame first, on that frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    @_told
    def table(self, rows: Any = (), columns: Any = (), **asked: Any) -> Any:
        """Return `disclosure.table` of this frame."""
        return self._called("table", self._frame, rows=rows, columns=columns, **asked)

    @_told
    def summary(self, values: Any = None, by: Any = (), **asked: Any) -> Any:
        """Return `disclosure.summary` of this frame."""
        return self._called("summary", self._frame, values=values, by=by, **asked)

    @_told
    def crosstab(self, index: Any, columns: Any, *more: Any, **asked: Any) -> Any:
        """Return `disclosure.crosstab` of columns of this frame, by name."""
        return self._called("crosstab", index, columns, *more, frame=self._frame, **asked)

    @_told
    def pivot_table(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.pivot_table` of this frame."""
        return self._called("pivot_table", self._frame, *given, **asked)

    @_told
    def model(self, formula: Any, **asked: Any) -> Any:
        """Return `disclosure.model` of a formula over this frame."""
        return self._called("model", formula, self._frame, **asked)

    @_told
    def survival(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.survival` of this frame."""
        return self._called("survival", self._frame, *given, **asked)

    @_told
    def t_test(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.t_test` of this frame."""
        return self._called("t_test", self._frame, *given, **asked)

    @_told
    def anova(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.anova` of this frame."""
        return self._called("anova", self._frame, *given, **asked)

    @_told
    def wilcoxon(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.wilcoxon` of this frame."""
        return self._called("wilcoxon", self._frame, *given, **asked)

    @_told
    def chi_square(self, one: str, other: str, **asked: Any) -> Any:
        """Return `disclosure.chi_square` of two columns of this frame."""
        return self._called("chi_square", self._frame, one, other, **asked)

    @_told
    def correlation(self, one: str, other: str, **asked: Any) -> Any:
        """Return `disclosure.correlation` of two columns of this frame."""
        return self._called("correlation", self._frame, one, other, **asked)

    @_told
    def odds_ratio(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.odds_ratio` of this frame."""
        return self._called("odds_ratio", self._frame, *given, **asked)

    @_told
    def risk_ratio(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.risk_ratio` of this frame."""
        return self._called("risk_ratio", self._frame, *given, **asked)

    def _called(self, name: str, *given: Any, **asked: Any) -> Any:
        return getattr(importlib.import_module("disclosure"), name)(*given, **asked)


def register() -> None:
    """Register the namespace with pandas and polars, those of them that are imported and do not have it yet."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and hasattr(pandas, "DataFrame") and not hasattr(pandas.DataFrame, NAME):
        pandas.api.extensions.register_dataframe_accessor(NAME)(FrameAccessor)
    if polars is not None and hasattr(polars, "DataFrame") and not hasattr(polars.DataFrame, NAME):
        polars.api.register_dataframe_namespace(NAME)(FrameAccessor)
    if polars is not None and hasattr(polars, "LazyFrame") and not hasattr(polars.LazyFrame, NAME):
        polars.api.register_lazyframe_namespace(NAME)(FrameAccessor)
