"""Tests, ratios and correlations as functions of `sdc`: one comparison at a time, each judged as its table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from disclosure.model.codebooks import Codebook
from disclosure.model.recipes import Statistic
from disclosure.notebook.judging import Names, judged_output, one_name
from disclosure.notebook.output import Output


class Asked(TypedDict, total=False):
    """What every comparison takes besides its columns, as `sdc.table` does."""

    unit: Names | None
    policy: str | None
    codebook: Codebook | str | Path | None


_Function = TypeVar("_Function", bound=Callable[..., Output])


def _spelled_out(function: _Function) -> _Function:
    """Return a function whose signature, as help and notebooks show it, names every entry of `Asked`."""
    signature = inspect.signature(function)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind.__forward_arg__)
        for name, kind in Asked.__annotations__.items()
    ]
    vars(function)["__signature__"] = signature.replace(parameters=[*own, *shared])
    return function


@_spelled_out
def t_test(frame: Any, *, value: str, group: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked test of whether two groups differ in their mean: Welch's t, two-sided.

    Args:
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table; one row per unit.
        value: the column that may differ.
        group: the column of the groups.
        unit, policy, codebook: as for `sdc.table`.

    Raises:
        BadInputError: a column or policy that there is not, or another number of groups.
        RefusedError: a column that identifies units, or a derivation that is not allowed.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(60), "wijk": ["28", "29"] * 30, "rooms": [1, 2, 3, 4, 5] * 12})
    >>> sdc.t_test(homes, value="rooms", group="wijk", unit="person").verdict.status.value
    'safe'
    """
    return _of_groups("t", frame, value, group, asked)


@_spelled_out
def anova(frame: Any, *, value: str, group: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked F test of whether any number of groups differ in their mean (one-way); see `t_test`."""
    return _of_groups("anova", frame, value, group, asked)


@_spelled_out
def wilcoxon(frame: Any, *, value: str, group: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked rank sum test of whether two groups differ (Wilcoxon, Mann and Whitney); see `t_test`."""
    return _of_groups("wilcoxon", frame, value, group, asked)


@_spelled_out
def chi_square(frame: Any, one: str, other: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked chi-square test of independence of two columns, without continuity correction.

    Args:
        one, other: the columns whose counts are compared.
        frame, unit, policy, codebook: as for `sdc.t_test`.

    Raises:
        BadInputError, RefusedError: as `sdc.t_test`.
    """
    one_name(one, "first")
    one_name(other, "second")
    return judged_output(frame, statistic=Statistic.CHI_SQUARE, others=(one, other), **_only(asked))


@_spelled_out
def correlation(frame: Any, one: str, other: str, *, method: str = "pearson", **asked: Unpack[Asked]) -> Output:
    """Return the checked correlation of two columns, over the units that have both.

    Args:
        one, other: columns of numbers.
        method: "pearson" or "spearman".
        frame, unit, policy, codebook: as for `sdc.t_test`.

    Raises:
        BadInputError, RefusedError: as `sdc.t_test`.
    """
    one_name(one, "first")
    one_name(other, "second")
    options = {"method": method}
    return judged_output(
        frame, statistic=Statistic.CORRELATION, value=one, others=other, options=options, **_only(asked)
    )


@_spelled_out
def odds_ratio(frame: Any, *, outcome: str, exposure: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked odds ratio with its two by two table and its 95% interval.

    Args:
        outcome: a column of 0 and 1, or true and false.
        exposure: a column with two values, of which the second in the order of labels (1, true, "yes") is the exposed.
        frame, unit, policy, codebook: as for `sdc.t_test`.

    Raises:
        BadInputError, RefusedError: as `sdc.t_test`.
    """
    return _ratio(Statistic.ODDS_RATIO, frame, outcome, exposure, asked)


@_spelled_out
def risk_ratio(frame: Any, *, outcome: str, exposure: str, **asked: Unpack[Asked]) -> Output:
    """Return a checked risk ratio with its two by two table and its 95% interval; see `odds_ratio`."""
    return _ratio(Statistic.RISK_RATIO, frame, outcome, exposure, asked)


def _of_groups(kind: str, frame: Any, value: str, group: str, asked: Asked) -> Output:
    one_name(value, "value")
    one_name(group, "group")
    options = {"kind": kind}
    return judged_output(frame, statistic=Statistic.TEST, value=value, others=group, options=options, **_only(asked))


def _ratio(statistic: Statistic, frame: Any, outcome: str, exposure: str, asked: Asked) -> Output:
    one_name(outcome, "outcome")
    one_name(exposure, "exposure")
    return judged_output(frame, statistic=statistic, value=outcome, others=exposure, **_only(asked))


def _only(asked: Asked) -> Asked:
    """Return what was asked, unless it holds what a comparison does not take: then `TypeError`, as Python raises it."""
    for name in asked:
        if name not in Asked.__annotations__:
            raise TypeError(f"a comparison got an unexpected keyword argument '{name}'")
    return asked
