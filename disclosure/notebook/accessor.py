"""`frame.sdc.table(...)`: the check as a namespace of pandas' and polars' own frames.

`import disclosure` imports neither. It registers the namespace with those that are imported already; with one that is
imported later it is registered as soon as anything of `disclosure` is used. So either import pandas first, or call
anything, for example `sdc.data(...)`, before the first `frame.sdc`.
"""

from __future__ import annotations

import sys
from typing import Any

NAME = "sdc"


class FrameAccessor:
    """The functions of `disclosure` that take a frame first, on that frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def table(self, **asked: Any) -> Any:
        """Return `disclosure.table` of this frame."""
        import disclosure

        return disclosure.table(self._frame, **asked)

    def summary(self, **asked: Any) -> Any:
        """Return `disclosure.summary` of this frame."""
        import disclosure

        return disclosure.summary(self._frame, **asked)

    def crosstab(self, index: Any, columns: Any, *more: Any, **asked: Any) -> Any:
        """Return `disclosure.crosstab` of columns of this frame, by name."""
        import disclosure

        return disclosure.crosstab(index, columns, *more, frame=self._frame, **asked)

    def pivot_table(self, *given: Any, **asked: Any) -> Any:
        """Return `disclosure.pivot_table` of this frame."""
        import disclosure

        return disclosure.pivot_table(self._frame, *given, **asked)


def register() -> None:
    """Register the namespace with pandas and polars, those of them that are imported and do not have it yet."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and hasattr(pandas, "DataFrame") and not hasattr(pandas.DataFrame, NAME):
        pandas.api.extensions.register_dataframe_accessor(NAME)(FrameAccessor)
    if polars is not None and hasattr(polars, "DataFrame") and not hasattr(polars.DataFrame, NAME):
        polars.api.register_dataframe_namespace(NAME)(FrameAccessor)
