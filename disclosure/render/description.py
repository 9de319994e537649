"""What the figures of an output are, in one line: in displays, released pages and figures alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from disclosure.model.evidence import Evidence, Mask
from disclosure.model.labels import Labels
from disclosure.model.model_facts import model_facts
from disclosure.model.recipes import Recipe, Statistic
from disclosure.render.digits import in_signs
from disclosure.statistics.position import steps
from disclosure.texts import Text, current_language, text, translate

STATISTICS: Final[Mapping[Statistic, Text]] = MappingProxyType(
    {
        Statistic.COUNT: text("number of units"),
        Statistic.ROW_PERCENT: text("percentage of the row"),
        Statistic.COLUMN_PERCENT: text("percentage of the column"),
        Statistic.TOTAL_PERCENT: text("percentage of the total"),
        Statistic.RATE: text("share of units with"),
        Statistic.SUM: text("sum"),
        Statistic.MEAN: text("mean"),
        Statistic.SHARE: text("share in the total"),
        Statistic.TRIMMED_MEAN: text("trimmed mean"),
        Statistic.MEDIAN: text("median"),
        Statistic.QUANTILE: text("quantile"),
        Statistic.STANDARD_DEVIATION: text("standard deviation"),
        Statistic.VARIANCE: text("variance"),
        Statistic.SKEWNESS: text("skewness"),
        Statistic.KURTOSIS: text("kurtosis"),
        Statistic.MODE: text("mode"),
        Statistic.HHI: text("Herfindahl-Hirschman index"),
        Statistic.CONCENTRATION_RATIO: text("concentration ratio"),
        Statistic.GINI: text("Gini coefficient"),
        Statistic.THEIL: text("Theil index"),
        Statistic.S80_S20: text("S80/S20 ratio"),
        Statistic.POVERTY_RATE: text("poverty rate"),
        Statistic.POVERTY_GAP: text("poverty gap"),
        Statistic.LORENZ: text("Lorenz curve"),
        Statistic.SURVIVAL: text("survival"),
        Statistic.CUMULATIVE_INCIDENCE: text("cumulative incidence"),
        Statistic.CORRELATION: text("correlation"),
        Statistic.MODEL: text("model"),
        Statistic.TEST: text("test"),
        Statistic.CHI_SQUARE: text("chi-square test"),
        Statistic.ODDS_RATIO: text("odds ratio"),
        Statistic.RISK_RATIO: text("risk ratio"),
    }
)
"""The statistics by name, in the reader's language."""

_TESTS: Final[Mapping[str, Text]] = MappingProxyType(
    {"t": text("t-test"), "anova": text("analysis of variance"), "wilcoxon": text("rank sum test")}
)
_OPTIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "absorb": text("absorbed"),
        "cluster": text("clusters"),
        "covariance": text("standard errors"),
        "event": text("event"),
        "family": text("family"),
        "formula": text("formula"),
        "largest": text("largest contributors"),
        "line": text("poverty line"),
        "method": text("method"),
        "midpoint": text("midpoints of classes of"),
        "period": text("period"),
        "points": text("points"),
        "probability": text("probability"),
        "share_of_median": text("share of the median"),
        "trim": text("trimmed at each end"),
        "until": text("until"),
    }
)
_PERCENTAGES: Final = (Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT)
_LIKE_THE_VALUE: Final = (
    Statistic.SUM,
    Statistic.MEAN,
    Statistic.TRIMMED_MEAN,
    Statistic.MEDIAN,
    Statistic.QUANTILE,
    Statistic.STANDARD_DEVIATION,
    Statistic.MODE,
)
"""Statistics whose figures are measured in what their value is measured in."""
_CURVES: Final = (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE)
_RATIOS: Final = (Statistic.ODDS_RATIO, Statistic.RISK_RATIO)
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)


def described(
    recipe: Recipe,
    evidence: Evidence | None = None,
    *,
    unit: bool = True,
    labels: Labels | None = None,
    shown: Mask | None = None,
) -> str:
    """Return what the figures of a recipe are, in the reader's language.

    Args:
        evidence: tells the categories that a test or ratio compares, those that the terms of a model are compared
            with, and what quantiles are rounded to.
        unit: name the statistical unit too.
        labels: what the codebook calls the columns, to be told beside their names.
        shown: the cells that are published; all if None.

    >>> from disclosure.model.recipes import FrameSource, PolicyReference, Statistic
    >>> policy = PolicyReference("cbs", "sha256:" + "0" * 64)
    >>> columns = FrameSource(("p", "income", "w"))
    >>> asked = {"value": "income", "unit": ("p",), "weight": "w", "options": (("probability", "0.9"),)}
    >>> described(Recipe(columns, Statistic.QUANTILE, policy, **asked))
    'percentile 90 of income (weighted by w; unit: p)'
    """
    return with_details(named(recipe), details(recipe, evidence, unit=unit, labels=labels, shown=shown))


def with_details(what: str, said: tuple[str, ...]) -> str:
    """Return what figures are with its details in brackets, so that none is read as part of what follows."""
    return f"{what} ({'; '.join(said)})" if said else what


def named(recipe: Recipe) -> str:
    """Return the statistic of a recipe, and the column that it is taken of."""
    what = str(STATISTICS[recipe.statistic])
    if recipe.statistic is Statistic.TEST:
        what = str(_TESTS.get(recipe.option("kind") or "", what))
    if recipe.value is None:
        return what
    if recipe.statistic is Statistic.RATE:
        return str(text("share of units with {value}", value=recipe.value))
    if recipe.statistic is Statistic.QUANTILE:
        percent = format((100 * Decimal(recipe.option("probability") or "0")).normalize(), "f")
        what = str(text("percentile {p}", p=local_number(percent)))
    return str(text("{statistic} of {value}", statistic=what, value=recipe.value))


def details(
    recipe: Recipe,
    evidence: Evidence | None = None,
    *,
    unit: bool = True,
    labels: Labels | None = None,
    shown: Mask | None = None,
) -> tuple[str, ...]:
    """Return what else there is to know of the figures: further columns by role, options, weights, rounding, unit.

    With `labels` first what the codebook calls the value and what it is measured in.
    """
    said = tuple(_value(recipe, labels)) if labels is not None and recipe.value is not None else ()
    rounded = () if evidence is None else rounding_of([(recipe, evidence, shown)])
    return (
        *said,
        *_roles(recipe, evidence),
        *_counted_together(recipe),
        *_options(recipe),
        *_references(recipe, evidence, labels),
        *ever_in([(recipe, evidence)]),
        *([str(text("negative values as they are"))] if recipe.statistic is Statistic.GINI else []),
        *rounded,
        *common(recipe, unit=unit),
    )


def ever_in(tables: Iterable[tuple[Recipe, Evidence | None]]) -> tuple[str, ...]:
    """Return what the total of a rate is where a unit stands in several cells, as in years; nothing where none does."""
    overlap = any(
        recipe.statistic is Statistic.RATE and evidence is not None and evidence.units_overlap
        for recipe, evidence in tables
    )
    return (str(text("total: units that ever have it")),) if overlap else ()


def rounding_of(tables: Iterable[tuple[Recipe, Evidence, Mask | None]]) -> tuple[str, ...]:
    """Return how the quantiles of these tables are rounded, of the cells that are shown; nothing if they have none."""
    found = [known for recipe, evidence, shown in tables if (known := steps(recipe, evidence, shown)) is not None]
    if not found:
        return ()
    finest, coarsest = (_decimal(one) for one in (min(low for low, _ in found), max(high for _, high in found)))
    if finest == coarsest:
        return (str(text("average of the nearest units, rounded to multiples of {step}", step=finest)),)
    return (
        str(
            text(
                "average of the nearest units, rounded per cell to multiples of {finest} to {coarsest}",
                finest=finest,
                coarsest=coarsest,
            )
        ),
    )


def _decimal(step: Fraction) -> str:
    return in_signs(format((Decimal(step.numerator) / step.denominator).normalize(), "f"))


def measured_in(recipe: Recipe, labels: Labels) -> str:
    """Return the unit of measure of the figures in the reader's language, empty if it is not known or there is none."""
    statistic = recipe.statistic
    if statistic in _PERCENTAGES:
        return "%"
    return labels.measured_in(recipe.value) if statistic in _LIKE_THE_VALUE else ""


def common(recipe: Recipe, *, unit: bool = True) -> tuple[str, ...]:
    """Return what holds of every figure of a table, whatever the statistic: weights, rounding, unit."""
    said = []
    if recipe.weight is not None:
        said.append(str(text("weighted by {name}", name=recipe.weight)))
    if recipe.rounding:
        said.append(str(text("rounded to multiples of {base}", base=str(recipe.rounding))))
    if unit and recipe.unit:
        said.append(str(text("unit: {names}", names=", ".join(recipe.unit))))
    return tuple(said)


def local_number(figure: str) -> str:
    """Return a figure with the decimal sign of the reader's language, digit for digit."""
    return figure.replace(".", ",") if current_language() == "nl" and _DECIMAL.fullmatch(figure) else figure


def _value(recipe: Recipe, labels: Labels) -> Iterator[str]:
    title, measured = labels.title(recipe.value or ""), labels.measured_in(recipe.value)
    if title and measured:
        yield str(text("{title}, in {measure}", title=title, measure=measured))
    elif title or measured:
        yield title or str(text("in {measure}", measure=measured))


def _roles(recipe: Recipe, evidence: Evidence | None) -> Iterator[str]:
    """Yield the further columns that the statistic reads, each with what it is."""
    names = ", ".join(recipe.others)
    if not names or recipe.statistic is Statistic.MODEL:
        return  # a formula names its columns itself
    first, second = _compared(evidence)
    if recipe.statistic in _CURVES:
        yield str(text("event: {name}", name=names))
    elif recipe.statistic is Statistic.TEST:
        yield str(text("groups: {name}", name=names))
        if first and second and recipe.option("kind") == "t":
            yield str(text("{first} minus {second}", first=first, second=second))
        elif first and second and recipe.option("kind") == "wilcoxon":
            yield str(text("{first} against {second}", first=first, second=second))
    elif recipe.statistic in _RATIOS:
        yield str(text("exposure: {name}", name=names))
        if first and second:
            yield str(text("exposed: {label}", label=second))
            yield str(text("not exposed: {label}", label=first))
    elif recipe.statistic is Statistic.CHI_SQUARE:
        yield str(text("of {names}", names=names))
    else:
        yield str(text("with {names}", names=names))


def _references(recipe: Recipe, evidence: Evidence | None, labels: Labels | None) -> Iterator[str]:
    """Yield what the terms of a model are compared with: the label of each category that has no term of its own."""
    if recipe.statistic is not Statistic.MODEL or evidence is None:
        return
    terms = frozenset(evidence.categories[evidence.dimensions.index("term")])
    words = Labels() if labels is None else labels
    found = [
        f"{column}={words.labelled(column, label)}"
        for column, label in model_facts(evidence).references
        if f"{column}={label}" not in terms
    ]
    if found:
        yield str(text("reference: {names}", names=", ".join(found)))


def _counted_together(recipe: Recipe) -> Iterator[str]:
    """Yield the categories of further columns that are counted together: no row or column of a table shows them."""
    for name in recipe.others:
        labels = {label: None for one in recipe.recodings if one.dimension == name for _, label in one.mapping}
        if labels:
            yield str(text("counted together in {name}: {labels}", name=name, labels=", ".join(labels)))


def _compared(evidence: Evidence | None) -> tuple[str, str]:
    """Return the two categories that are compared, in their order; empty where there are not two."""
    table = None if evidence is None else evidence.underlying
    if table is None or len(table.categories) != 1 or len(table.categories[0]) != 2:
        return "", ""
    first, second = (translate("(missing)") if label is None else label for label in table.categories[0])
    return first, second


def _options(recipe: Recipe) -> Iterator[str]:
    told = {Statistic.TEST: "kind", Statistic.QUANTILE: "probability"}.get(recipe.statistic)
    for name, given in recipe.options:
        if name != told:
            yield f"{_OPTIONS.get(name, name.replace('_', ' '))} {local_number(given)}"
