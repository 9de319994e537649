"""What is computed: the names that people use for statistics, and lists of values and statistics as single measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import BadInputError, RecipeError
from disclosure.model.statistic import Statistic
from disclosure.notebook.judging import Names, Options, as_names, option_texts
from disclosure.texts import Text, text

PROBABILITY: Final = "probability"
_QUANTILE = re.compile(r"[pq]([0-9]{1,2}(?:\.[0-9]{1,4})?)", re.ASCII)
_EXAMPLES: Final = MappingProxyType({"largest": "4", "probability": "0.9", "trim": "0.1"})
_QUARTILES: Final = frozenset({"q1", "q2", "q3", "q4"})

SYNONYMS: Final[Mapping[str, Statistic]] = MappingProxyType(
    {
        "n": Statistic.COUNT,
        "size": Statistic.COUNT,
        "nunique": Statistic.COUNT,
        "average": Statistic.MEAN,
        "avg": Statistic.MEAN,
        "total": Statistic.SUM,
        "sd": Statistic.STANDARD_DEVIATION,
        "stdev": Statistic.STANDARD_DEVIATION,
        "variance": Statistic.VARIANCE,
        "skewness": Statistic.SKEWNESS,
        "kurtosis": Statistic.KURTOSIS,
        "percent": Statistic.TOTAL_PERCENT,
        "herfindahl": Statistic.HHI,
    }
)
"""Other names of statistics. Those of pandas, of other packages, and of every day."""

OWN_FUNCTIONS: Final[Mapping[Statistic, str]] = MappingProxyType(
    {
        Statistic.MODEL: "sdc.model",
        Statistic.SURVIVAL: "sdc.survival",
        Statistic.CUMULATIVE_INCIDENCE: "sdc.survival",
        Statistic.CORRELATION: "sdc.correlation",
        Statistic.TEST: "sdc.t_test, sdc.chi_square, sdc.anova or sdc.wilcoxon",
        Statistic.CHI_SQUARE: "sdc.chi_square",
        Statistic.ODDS_RATIO: "sdc.odds_ratio",
        Statistic.RISK_RATIO: "sdc.risk_ratio",
    }
)
"""Statistics that need more than a value, and so have a function of their own."""


@dataclass(frozen=True)
class Measure:
    """One thing to compute.

    Attributes:
        name: how people call it, such as "mean of inkomen".
        options: what the statistic takes besides columns.
    """

    name: str
    statistic: Statistic
    value: str | None
    options: Options


def measures(
    values: Any, statistic: Any, options: Options | None = None, *, unit: tuple[str, ...] = ()
) -> tuple[Measure, ...]:
    """Return what `values`, `statistic` and `options` ask for: each statistic of each value, once.

    A count takes no value: in a list with other statistics it is made once. A count of the unit column itself is the
    count of units that it says it is.

    Args:
        values: a column or several, or None.
        statistic: a name or several; or a mapping of columns to a name or several.
        unit: the unit's key columns.

    Raises:
        BadInputError: a function instead of a name, an unknown name, or an option that no statistic here takes.

    >>> [one.name for one in measures(["inkomen"], ["mean", "p25", "count"])]
    ['mean of inkomen', 'p25 of inkomen', 'count']
    """
    given = dict(option_texts(options))
    if isinstance(statistic, Mapping):
        as_names(list(statistic), "statistic")
        if values is not None and set(as_names(values, "values")) != set(statistic):
            raise RecipeError(
                text("The statistics are named for other columns than values= names."), hint=text("Leave it out.")
            )
        pairs = [(value, kind) for value, kinds in statistic.items() for kind in _kinds(kinds)]
    else:
        pairs = _pairs(values, statistic)
    found: dict[str, Measure] = {}
    for value, kind in pairs:
        one = _measure(value, kind, given, unit, alone=len(pairs) == 1)
        if one.name in found and one.statistic is not Statistic.COUNT:
            raise RecipeError(text("A statistic of the same values is asked for twice."), hint=text("Name each once."))
        found[one.name] = one
    used = {name for one in found.values() for name in one.options}
    unused = sorted(set(given) - used)
    if unused:
        takes = sorted({name for one in found.values() for name in _takes(one.statistic)})
        known = (
            text("Known: {names}.", names=", ".join(takes)) if takes else text("None is needed: leave options= out.")
        )
        raise RecipeError(text("Options were given that no statistic here has: {n}.", n=str(len(unused))), hint=known)
    return tuple(found.values())


def statistic_named(name: Any) -> tuple[Statistic, str, dict[str, str]]:
    """Return the statistic of a name that people use, its short name, and the options that the name gives.

    >>> statistic_named("q25")
    (<Statistic.QUANTILE: 'quantile'>, 'p25', {'probability': '0.25'})

    Raises:
        BadInputError: a function, or a name that is not known; the error has the known list.
    """
    if not isinstance(name, str):
        if not callable(name):
            kind = type(name).__name__
            raise BadInputError(
                text("A statistic is given by its name; this is of type {kind}.", kind=kind), hint=known_statistics()
            )
        alike = _named_alike(name)
        hint = text('Write "{name}". {known}', name=alike, known=known_statistics()) if alike else known_statistics()
        raise BadInputError(
            text("A function cannot be judged: a statistic is one of a known list, by name."), hint=hint
        )
    if name in _QUARTILES:
        raise RecipeError(
            text("The statistic '{name}' may be a quartile or a percentile.", name=name),
            hint=text('For example statistic="p25" or "p01".'),
        )
    quantile = _QUANTILE.fullmatch(name)
    if quantile is not None:
        percent = Decimal(quantile[1])
        if not percent:
            raise RecipeError(
                text("The smallest value is not released: it shows one unit."), hint=text('Instead: "p5".')
            )
        probability = dict(option_texts({PROBABILITY: percent / 100}))
        return Statistic.QUANTILE, f"p{dict(option_texts({'p': percent}))['p']}", probability
    found = SYNONYMS.get(name)
    if found is None:
        try:
            found = Statistic.named(name)
        except RecipeError as refused:
            # What shows single units has its own hint; otherwise only what a table takes helps here.
            message, instead = refused.sentences
            known = instead if refused.hint.startswith("Instead") else known_statistics()
            raise RecipeError(message, hint=known) from None
    return found, found.value, {}


def _named_alike(function: Any) -> str:
    """Return the name of a statistic that a function is called by, such as NumPy's mean; empty if there is none."""
    name = str(getattr(function, "__name__", "")).removeprefix("nan")
    return name if name in SYNONYMS or name in _of_tables() else ""


def _of_tables() -> tuple[str, ...]:
    return tuple(one.value for one in Statistic if one not in OWN_FUNCTIONS)


def known_statistics() -> Text:
    """Return the names of the statistics of tables, for a hint."""
    return text("Known: {names}; p25, p95 and other percentiles.", names=", ".join(_of_tables()))


def _pairs(values: Any, statistic: Any) -> list[tuple[str | None, Any]]:
    kinds = None if statistic is None else _kinds(statistic)
    if values is None:
        return [(None, kind) for kind in (kinds or ("count",))]
    named = as_names(values, "values")
    if not named:
        raise BadInputError(text("Expected at least one entry in values."), hint=text("Leave values= out for a count."))
    if len(set(named)) != len(named):
        raise RecipeError(text("A value column is named twice."), hint=text("Name each once."))
    if kinds is None:
        raise RecipeError(
            text("Which statistic of the values?"), hint=text('Give statistic="sum", "mean" or another one.')
        )
    return [(value, kind) for value in named for kind in kinds]


def _kinds(statistic: Names | Any) -> tuple[Any, ...]:
    if not isinstance(statistic, list | tuple):
        return (statistic,)
    listed = tuple(statistic)
    if not listed:
        raise BadInputError(text("Expected at least one entry in statistic."), hint=known_statistics())
    if len({str(kind) for kind in listed}) != len(listed):
        raise RecipeError(text("A statistic is named twice."), hint=text("Name each once."))
    return listed


def _measure(value: str | None, kind: Any, given: Mapping[str, str], unit: tuple[str, ...], *, alone: bool) -> Measure:
    statistic, short, options = statistic_named(kind)
    if statistic.specification.others or statistic in OWN_FUNCTIONS:
        own = OWN_FUNCTIONS.get(statistic, text("its own function"))
        raise RecipeError(
            text("The statistic '{statistic}' needs more than a table's columns.", statistic=statistic),
            hint=text("Use {own}.", own=own),
        )
    clash = sorted(set(options) & set(given))
    if clash and alone:
        raise RecipeError(
            text("The statistic '{kind}' says its {names} itself.", kind=kind, names=", ".join(clash)),
            hint=text("Leave options= out."),
        )
    options = {**{name: one for name, one in given.items() if name in _takes(statistic)}, **options}
    lacking = [name for name in statistic.specification.required if name not in options]
    if lacking:
        example = ", ".join(f'"{name}": {_EXAMPLES.get(name, "...")}' for name in lacking)
        raise RecipeError(
            text("The statistic '{statistic}' needs {names}.", statistic=statistic, names=", ".join(lacking)),
            hint=text("For example {example}.", example=f"options={{{example}}}"),
        )
    if statistic is Statistic.QUANTILE:
        short = _percentile(options, short)
    if not statistic.needs_value and (not alone or (value is not None and (value,) == unit)):
        value = None
    if kind == "nunique" and value is not None:
        raise RecipeError(
            text("Distinct values of a column are not counted."), hint=text('statistic="count" counts distinct units.')
        )
    name = short if value is None else f"{short} of {value}"
    return Measure(name, statistic, value, MappingProxyType(options))


def _percentile(options: Mapping[str, str], short: str) -> str:
    try:
        percent = Decimal(options[PROBABILITY]) * 100
        return f"p{dict(option_texts({'p': percent}))['p']}"
    except (KeyError, ArithmeticError, BadInputError):
        return short  # the recipe says what is wrong with it


def _takes(statistic: Statistic) -> tuple[str, ...]:
    return (*statistic.specification.required, *statistic.specification.optional)
