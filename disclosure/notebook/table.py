"""`sdc.table` and `sdc.summary`: from any frame to judged outputs, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, overload

from disclosure.errors import BadInputError
from disclosure.model.codebooks import Codebook
from disclosure.notebook.judging import Names, Options, as_names, frame_at_hand, one_name, unit_keys
from disclosure.notebook.measures import Measure, measures
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.notebook.several_measures import OneCall
from disclosure.texts import text

Statistics = Names | Mapping[str, Names]
SUMMARY: Final = ("mean", "std", "p5", "p25", "median", "p75", "p95")


@overload
def table(
    frame: Any,
    *,
    rows: Names = (),
    columns: Names = (),
    values: str | None = None,
    statistic: str | None = None,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
    other_units: Sequence[Names] = (),
    holding: Names = (),
) -> Output: ...
@overload
def table(
    frame: Any,
    *,
    rows: Names = (),
    columns: Names = (),
    values: Names | None = None,
    statistic: Statistics | None = None,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
    other_units: Sequence[Names] = (),
    holding: Names = (),
) -> Output | Outputs: ...
def table(  # noqa: PLR0913 - named statistical parameters
    frame: Any,
    *,
    rows: Names = (),
    columns: Names = (),
    values: Names | None = None,
    statistic: Statistics | None = None,
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
    options: Options | None = None,
    other_units: Sequence[Names] = (),
    holding: Names = (),
) -> Output | Outputs:
    """Return a checked table with all its margins; of several values or statistics one output for each.

    Args:
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table such as `sdc.data("INHATAB")`.
        rows, columns: the row and column variables.
        values: the column that the statistic is taken of, or several.
        statistic: "count" (the default without `values`), "sum", "mean", "rate", "median", "p25", "std" and so on;
            several; or a mapping of value columns to statistics. An unknown one is refused with the known list.
        unit: the column or columns that identify the statistical unit; inside a camp the codebook's by default.
        weights: a weight column.
        policy: the policy's name; "cbs" by default, inside a camp always the camp's.
        dropna: leave rows with a missing category out; otherwise missing is a category.
        codebook: a codebook or its path; a Parquet path brings the one beside it.
        options: what a statistic takes besides columns, for example {"trim": 0.1}.
        other_units: keys of further units that each reach the minimum too, such as the households of persons.
        holding: the key by which contributions are added up for dominance.

    Returns:
        an `Output`; `Outputs` where more than one measure is asked for.

    Raises:
        BadInputError: a column, statistic, option or policy that there is not.
        RefusedError: a dimension that identifies units, or a derivation that is not allowed.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20})
    >>> sdc.table(homes, rows=["wijk"], unit="person").verdict.status.value
    'safe'
    """
    one_name(weights, "weight", optional=True)
    at_hand = frame_at_hand(frame, unit=unit, policy=policy, codebook=codebook)
    asked = measures(values, statistic, options, unit=at_hand.units)
    if type(dropna) is not bool:
        raise BadInputError(text("dropna is True or False."))
    down, across = as_names(rows, "rows"), as_names(columns, "columns")
    units, held = unit_keys(other_units), as_names(holding, "holding")
    if len(asked) > 1:
        extra = (name for names in (*units, held) for name in names)
        taken = tuple(one.value for one in asked if one.value is not None)
        at_hand.require(tuple(dict.fromkeys((*down, *across, *taken))))
        # All measures are taken of the same rows: a table that a database orders anew each time is read once.
        at_hand = at_hand.read((*down, *across, *taken, *(() if weights is None else (weights,)), *extra))

    shared: dict[str, Any] = {
        "rows": down,
        "columns": across,
        "weights": weights,
        "dropna": dropna,
        "other_units": units,
        "holding": held,
    }

    def judged(one: Measure) -> Output:
        return at_hand.judged(statistic=one.statistic, value=one.value, options=one.options, **shared)

    try:
        if len(asked) == 1:
            return judged(asked[0])
        # Without the researcher's frame, which outputs must not keep in memory.
        return Outputs({one.name: judged(one) for one in asked}, OneCall(replace(at_hand, given=None), shared))
    finally:
        at_hand.kept.settle()


def summary(
    frame: Any,
    *,
    values: Names | None = None,
    by: Names = (),
    unit: Names | None = None,
    weights: str | None = None,
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
) -> Outputs:
    """Return what `describe` is used for, without the smallest and the largest value, which are single units.

    The number of units, and of each value its mean, standard deviation, 5th, 25th, 50th, 75th and 95th percentile.
    The number of units is that of the group, those without a value included.

    Args:
        values: the value columns; required.
        by: the variables that make the groups; without one there is one group.
        frame, unit, weights, policy, dropna, codebook: as in `table`.

    Raises:
        BadInputError: a column or policy that there is not.
        RefusedError: a dimension that identifies units.
    """
    if values is None:
        raise BadInputError(
            text("A summary is of columns: which values?"), hint=text('For example values=["income", "age"].')
        )
    made = table(
        frame,
        rows=by,
        values=values,
        statistic=("count", *SUMMARY),
        unit=unit,
        weights=weights,
        policy=policy,
        dropna=dropna,
        codebook=codebook,
    )
    return made if isinstance(made, Outputs) else Outputs({"count": made})
