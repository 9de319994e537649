"""`sdc.crosstab` and `sdc.pivot_table`: pandas' own names and parameters, with the unit, and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disclosure.errors import BadInputError, ColumnError, RecipeError
from disclosure.model.codebooks import Codebook
from disclosure.model.recipes import Statistic
from disclosure.notebook.judging import Names, Options, as_names, frame_at_hand
from disclosure.notebook.measures import statistic_named
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.table import Statistics, table
from disclosure.texts import text

_PERCENT = {
    "index": Statistic.ROW_PERCENT,
    "columns": Statistic.COLUMN_PERCENT,
    "all": Statistic.TOTAL_PERCENT,
}
_TOTALS = frozenset({"All", "Total"})


def crosstab(  # noqa: PLR0913 - pandas' parameters
    index: Any,
    columns: Any,
    values: Any = None,
    rownames: Sequence[str] | None = None,
    colnames: Sequence[str] | None = None,
    aggfunc: Statistics | None = None,
    *,
    margins: bool = True,
    margins_name: str = "All",
    dropna: bool = True,
    normalize: bool | int | str = False,
    frame: Any = None,
    unit: Any = None,
    weights: Any = None,
    policy: str | None = None,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
) -> Output | Outputs:
    """Return a checked table of columns given as in `pandas.crosstab`.

    Args:
        index, columns: a series or array, or a list of them; with `frame` the names of its columns.
        values: a series or array; with `frame` a name. It needs `aggfunc`.
        rownames, colnames: other names for the row and column variables.
        aggfunc: a statistic by name, as in `table`; functions are refused.
        margins: a table is judged and released with all its margins, so only True.
        margins_name: totals are called Total, whatever this says of "All" or "Total"; another name is refused.
        dropna: leave rows with a missing category out, as pandas does.
        normalize: False, "index", "columns", "all" or True, 0 or 1: percentages (of 100) of units.
        frame: where names stand for columns.
        unit, weights: a series or array, or several units; with `frame` names.
        policy, codebook, options: as in `table`.

    Raises:
        BadInputError: a parameter that makes no sense here; the error says why.
        RefusedError: a dimension that identifies units.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20, "sex": ["m"] * 20 + ["v"] * 20})
    >>> sdc.crosstab(homes.wijk, homes.sex, unit=homes.person).to_pandas().loc["28", "m"]
    np.int64(10)
    """
    _margins(margins, margins_name)
    statistic: Statistics | None = _normalized(normalize, values, aggfunc)
    _no_count_of_values(aggfunc, values)
    if values is not None and aggfunc is None:
        raise RecipeError(text("values cannot be used without an aggfunc."), hint=text('For example aggfunc="mean".'))
    if values is None and aggfunc is not None and statistic is None:
        statistic = aggfunc
    asked: dict[str, Any] = {"policy": policy, "codebook": codebook, "dropna": dropna, "options": options}
    if frame is not None:
        if rownames is not None or colnames is not None:
            raise BadInputError(
                text("rownames and colnames rename arrays."), hint=text("With frame= rename the columns.")
            )
        _only_names(index, columns, values, unit, weights)
        asked |= {"rows": index, "columns": columns, "values": values, "unit": unit, "weights": weights}
        return table(frame, statistic=statistic or aggfunc, **asked)
    gathered = _Gathered()
    asked["rows"] = gathered.all(index, "row", rownames)
    asked["columns"] = gathered.all(columns, "col", colnames)
    asked["values"] = None if values is None else gathered.one(values, "values")
    asked["unit"] = None if unit is None else gathered.all(unit, "unit", None)
    asked["weights"] = None if weights is None else gathered.one(weights, "weights")
    return table(gathered.frame(), statistic=statistic or aggfunc, **asked)


def pivot_table(  # noqa: PLR0913 - pandas' parameters
    data: Any,
    values: Names | None = None,
    index: Names | None = None,
    columns: Names | None = None,
    aggfunc: Statistics = "mean",
    *,
    fill_value: Any = None,
    margins: bool = True,
    dropna: bool = True,
    margins_name: str = "All",
    observed: bool = True,
    sort: bool = True,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
) -> Output | Outputs:
    """Return a checked table of a frame with the parameters of `pandas.pivot_table`.

    Args:
        data: any frame, as in `table`.
        values: the value columns; without them only units can be counted (aggfunc="count").
        index, columns: the row and column variables, by name.
        aggfunc: a statistic by name, several, or a mapping of value columns to statistics; functions are refused.
        fill_value: a count of nobody is 0 as it is; no other figure is made up, so None or 0 for counts.
        margins, margins_name: as in `crosstab`.
        dropna: leave rows with a missing category out, as pandas does.
        observed: either; a category that does not occur is not shown.
        sort: True; categories come in one order, whatever that of the rows.
        unit, weights, policy, codebook, options: as in `table`.

    Raises:
        BadInputError: a parameter that makes no sense here; the error says why.
        RefusedError: a dimension that identifies units.
    """
    _margins(margins, margins_name)
    if sort is not True:
        raise BadInputError(
            text("Categories come in one order, whatever that of the rows."), hint=text("Leave sort= out.")
        )
    if not isinstance(observed, bool | np.bool_):
        raise BadInputError(text("observed is True or False."))
    _only_names(index, columns, values, unit, weights)
    if fill_value is not None and not (_only_counts(aggfunc) and type(fill_value) is int and fill_value == 0):
        raise BadInputError(
            text("A combination without units has no figure, and none is made up."),
            hint=text("Use to_pandas().fillna(...)."),
        )
    if values is None and not isinstance(aggfunc, Mapping) and not _only_counts(aggfunc):
        raise RecipeError(text("Which values?"), hint=text('Name the columns in values=, or ask for aggfunc="count".'))
    if _only_counts(aggfunc) and values is not None:
        _require_unit(data, values, unit, policy, codebook)
        values = None
    _no_count_of_values(aggfunc, values)
    return table(
        data,
        rows=() if index is None else index,
        columns=() if columns is None else columns,
        values=values,
        statistic=aggfunc,
        unit=unit,
        weights=weights,
        policy=policy,
        dropna=dropna,
        codebook=codebook,
        options=options,
    )


class _Gathered:
    """Arrays put together as one frame; series are matched by their index, as pandas does."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}

    def all(self, given: Any, prefix: str, names: Sequence[str] | None) -> tuple[str, ...]:
        """Add one array or several, and return their names."""
        listed = list(given) if isinstance(given, list | tuple) and _of_arrays(given) else [given]
        if names is not None and (isinstance(names, str) or len(as_names(names)) != len(listed)):
            raise BadInputError(text("{prefix}names has one name for each variable.", prefix=prefix))
        found = []
        for place, one in enumerate(listed):
            own = getattr(one, "name", None)
            found.append(names[place] if names is not None else f"{prefix}_{place}" if own is None else str(own))
            self._add(found[-1], one)
        return tuple(found)

    def one(self, given: Any, fallback: str) -> str:
        """Add one array, and return its name."""
        own = getattr(given, "name", None)
        name = fallback if own is None else str(own)
        self._add(name, given)
        return name

    def frame(self) -> pd.DataFrame:
        """Return the frame."""
        series = [one for one in self._columns.values() if isinstance(one, pd.Series)]
        common = series[0].index if series else pd.Index([])
        for one in series[1:]:
            if not common.equals(one.index):
                if not (common.is_unique and one.index.is_unique):
                    raise ColumnError(
                        text("The series have different indexes with doubled labels, so they cannot be matched."),
                        hint=text("Take them from one frame."),
                    )
                common = common.intersection(one.index, sort=False)
        made = {
            name: one.loc[common] if isinstance(one, pd.Series) and not one.index.equals(common) else one
            for name, one in self._columns.items()
        }
        lengths = {len(one) for one in made.values()}
        if len(lengths) > 1:
            raise ColumnError(text("The arrays have different lengths."), hint=text("Take them from one frame."))
        plain = {name: one.array if isinstance(one, pd.Series) else one for name, one in made.items()}
        return pd.DataFrame(plain)

    def _add(self, name: str, given: Any) -> None:
        if not _is_array(given):
            raise BadInputError(
                text("Expected a series or an array, or a list of them."),
                hint=text("For names of columns give frame= too."),
            )
        if isinstance(given, np.ndarray) and given.ndim != 1:
            raise BadInputError(text("Expected arrays of one dimension."))
        known = self._columns.get(name)
        if known is not None and known is not given:
            raise RecipeError(
                text("Two variables are called '{name}'.", name=name), hint=text("Give them rownames= and colnames=.")
            )
        if hasattr(given, "to_pandas") and not isinstance(given, pd.Series | pd.Index):
            given = given.to_pandas()
        self._columns[name] = given


def _of_arrays(given: Sequence[Any]) -> bool:
    return bool(given) and all(_is_array(one) for one in given)


def _is_array(given: Any) -> bool:
    known = (pd.Series, pd.Index, pd.api.extensions.ExtensionArray, np.ndarray)
    return isinstance(given, known) or (
        hasattr(given, "to_pandas") and hasattr(given, "__len__") and not hasattr(given, "columns")
    )


def _only_names(*given: Any) -> None:
    for one in given:
        if one is not None and not isinstance(one, str):
            if _is_array(one):
                raise BadInputError(text("Here columns are named by texts."), hint=text("For arrays use sdc.crosstab."))
            as_names(one)


def _margins(margins: Any, margins_name: Any) -> None:
    if margins is not True:
        raise BadInputError(
            text("A table is judged and released with all its margins."),
            hint=text("Leave margins= out; drop them afterwards."),
        )
    if margins_name not in _TOTALS:
        raise BadInputError(text("Totals are called Total in what is released."), hint=text("Leave margins_name= out."))


def _normalized(normalize: Any, values: Any, aggfunc: Any) -> str | None:
    if normalize is False:
        return None
    by = {0: "index", 1: "columns"}.get(normalize, "") if type(normalize) is int else normalize
    by = "all" if by is True else by
    if not isinstance(by, str) or by not in _PERCENT:
        raise BadInputError(text('normalize is False, True, "index", "columns" or "all".'))
    if values is not None or aggfunc is not None:
        raise RecipeError(
            text("Percentages are of units, so they take no values."),
            hint=text('For shares of a sum use statistic="share".'),
        )
    return _PERCENT[by].value


def _only_counts(aggfunc: Any) -> bool:
    if isinstance(aggfunc, Mapping) or not isinstance(aggfunc, str):
        return False
    return statistic_named(aggfunc)[0] is Statistic.COUNT


def _no_count_of_values(aggfunc: Any, values: Any) -> None:
    """Refuse "count" among other statistics of values: pandas counts rows that have a value, a table all units."""
    if not isinstance(aggfunc, Mapping) and (values is None or isinstance(aggfunc, str)):
        return
    asked = aggfunc.values() if isinstance(aggfunc, Mapping) else (aggfunc,)
    if any(one == "count" if isinstance(one, str) else isinstance(one, Sequence) and "count" in one for one in asked):
        raise RecipeError(
            text("A count counts distinct units, and not those that have a value, as pandas does here."),
            hint=text('Ask for aggfunc="size" to count all units.'),
        )


def _require_unit(data: Any, values: Any, unit: Any, policy: str | None, codebook: Any) -> None:
    """Accept values of a count where they are the unit, whose distinct keys a count counts."""
    if as_names(values) == frame_at_hand(data, unit=unit, policy=policy, codebook=codebook).units:
        return
    raise RecipeError(text("A count counts distinct units, and takes no values."), hint=text("Leave values= out."))
