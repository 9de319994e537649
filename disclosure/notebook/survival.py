"""`sdc.survival`: survival curves and cumulative incidence with their life tables, judged as every other output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.errors import BadInputError
from disclosure.model.codebooks import Codebook
from disclosure.model.recipes import Statistic
from disclosure.notebook.judging import Names, judged_output, one_name
from disclosure.notebook.output import Output
from disclosure.texts import text

_KINDS = {"kaplan_meier": Statistic.SURVIVAL, "cumulative_incidence": Statistic.CUMULATIVE_INCIDENCE}


def survival(  # noqa: PLR0913 - named statistical parameters, as of `table`
    frame: Any,
    *,
    duration: str,
    event: str,
    by: Names = (),
    unit: Names | None = None,
    period: float | str | None = None,
    until: float | str | None = None,
    kind: str = "kaplan_meier",
    policy: str | None = None,
    dropna: bool = False,
    codebook: Codebook | str | Path | None = None,
) -> Output:
    """Return a checked survival curve, or cumulative incidence, per group, with the life table behind it.

    The table has one row per group and time, with the units at risk, the exits and the censored units at that time, and
    the share that survives it (or that has left by each cause until then). Exact times seldom pass, because single
    units leave at them; with `period` time is counted in intervals, and the curve is that of the life table.
    A time fails where too few are at risk or a single unit leaves or is censored. Numbers of exits and of censored
    units from two up to the minimum of units are shown as they are, although a frequency table would withhold them.

    Args:
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table; one row per unit and group.
        duration: the column of durations, none negative.
        event: the column of what ended them: 0 for censored, 1 for the event, or 1, 2, ... for competing causes.
        by: the groups, each with a curve of its own.
        unit: the column or columns that identify the statistical unit; inside a camp the codebook's by default.
        period: the length of the intervals, in the unit of the durations.
        until: where the curve ends; whoever stays longer is at risk until then.
        kind: "kaplan_meier" or "cumulative_incidence".
        policy, dropna, codebook: as for `sdc.table`.

    Raises:
        BadInputError: a column, kind, option or policy that there is not.
        RefusedError: a group that identifies units, or a derivation that is not allowed.

    >>> import pandas as pd, disclosure as sdc
    >>> spells = pd.DataFrame({"person": range(60), "months": [3, 9, 15] * 20, "ended": [1, 1, 0] * 20})
    >>> out = sdc.survival(spells, duration="months", event="ended", unit="person", period=6)
    >>> out.to_pandas()["survival"].tolist()
    [0.666667, 0.333333, 0.333333]
    """
    if not isinstance(kind, str) or kind not in _KINDS:
        raise BadInputError(
            text("There is no survival curve of that kind."), hint=text("Known: {names}.", names=", ".join(_KINDS))
        )
    one_name(duration, "duration")
    one_name(event, "event")
    asked = {"period": period, "until": until}
    return judged_output(
        frame,
        statistic=_KINDS[kind],
        rows=by,
        value=duration,
        others=event,
        unit=unit,
        policy=policy,
        dropna=dropna,
        codebook=codebook,
        options={name: value for name, value in asked.items() if value is not None},
    )
