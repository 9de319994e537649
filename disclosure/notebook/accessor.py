"""`frame.sdc.table(...)`: the check as a namespace of pandas' and polars' own frames.

`import disclosure` imports neither. It registers the namespace with those that are imported already; with one that is
imported later it is registered as soon as `disclosure` is asked for anything new or given a frame. So either import
pandas first, or call anything, for example `sdc.data(...)`, before the first `frame.sdc`.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

NAME = "sdc"


class FrameAccessor:
    """The functions of `disclosure` that take a frame first, on that frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def table(self, rows: Any = (), columns: Any = (), **asked: Any) -> Any:
        """Return `disclosure.table` of this frame."""
        return self._called("table", self._frame, rows=rows, columns=columns, **asked)

    def summary(self, values: Any = None, by: Any = (), **asked: Any) -> Any:
        """Return `disclosure.summary` of this frame."""
        return self._called("summary", self._frame, values=values, by=by, **asked)

    def crosstab(self, index: Any, columns: Any, *more: Any, **asked: Any) -> Any:
        """Return `disclosure.crosstab` of columns of this frame, by name."""
        return self._called("crosstab", index, columns, *more, frame=self._frame, **asked)

    def pivot_table(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.pivot_table` of this frame."""
        return self._called("pivot_table", self._frame, *given, **asked)

    def model(self, formula: Any, **asked: Any) -> Any:
        """Return `disclosure.model` of a formula over this frame."""
        return self._called("model", formula, self._frame, **asked)

    def survival(self, **asked: Any) -> Any:
        """Return `disclosure.survival` of this frame."""
        return self._called("survival", self._frame, **asked)

    def t_test(self, **asked: Any) -> Any:
        """Return `disclosure.t_test` of this frame."""
        return self._called("t_test", self._frame, **asked)

    def anova(self, **asked: Any) -> Any:
        """Return `disclosure.anova` of this frame."""
        return self._called("anova", self._frame, **asked)

    def wilcoxon(self, **asked: Any) -> Any:
        """Return `disclosure.wilcoxon` of this frame."""
        return self._called("wilcoxon", self._frame, **asked)

    def chi_square(self, one: str, other: str, **asked: Any) -> Any:
        """Return `disclosure.chi_square` of two columns of this frame."""
        return self._called("chi_square", self._frame, one, other, **asked)

    def correlation(self, one: str, other: str, **asked: Any) -> Any:
        """Return `disclosure.correlation` of two columns of this frame."""
        return self._called("correlation", self._frame, one, other, **asked)

    def odds_ratio(self, **asked: Any) -> Any:
        """Return `disclosure.odds_ratio` of this frame."""
        return self._called("odds_ratio", self._frame, **asked)

    def risk_ratio(self, **asked: Any) -> Any:
        """Return `disclosure.risk_ratio` of this frame."""
        return self._called("risk_ratio", self._frame, **asked)

    def _called(self, name: str, *given: Any, **asked: Any) -> Any:
        return getattr(importlib.import_module("disclosure"), name)(*given, **asked)


def register() -> None:
    """Register the namespace with pandas and polars, those of them that are imported and do not have it yet."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and hasattr(pandas, "DataFrame") and not hasattr(pandas.DataFrame, NAME):
        pandas.api.extensions.register_dataframe_accessor(NAME)(FrameAccessor)
    if polars is not None and hasattr(polars, "DataFrame") and not hasattr(polars.DataFrame, NAME):
        polars.api.register_dataframe_namespace(NAME)(FrameAccessor)
