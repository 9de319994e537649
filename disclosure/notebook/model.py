"""`sdc.model` and `sdc.model_table`: models by formula, or of a fitted object, which is fitted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from disclosure.engines.category_orders import first_labels
from disclosure.errors import BadInputError, RefusedError
from disclosure.model.codebooks import Codebook
from disclosure.model.formula_reader import formula_from
from disclosure.model.formulas import Formula, names_text
from disclosure.model.model_facts import Covariance, Family
from disclosure.model.recipes import Statistic
from disclosure.notebook.fitted import FittedModel, fitted_model
from disclosure.notebook.judging import FrameAtHand, Names, as_names, frame_at_hand, one_name, unit_keys
from disclosure.notebook.output import Output
from disclosure.texts import text


def model(  # noqa: PLR0913 - named statistical parameters, as of `table`
    formula: Any,
    frame: Any = None,
    *,
    family: str | None = None,
    unit: Names | None = None,
    absorb: Names = (),
    cluster: str | None = None,
    event: str | None = None,
    weights: str | None = None,
    covariance: str | None = None,
    other_units: Sequence[Names] = (),
    policy: str | None = None,
    codebook: Codebook | str | Path | None = None,
) -> Output:
    """Return a checked model: per term coefficient, standard error, statistic, p value and 95% interval.

    Rows with a missing value in a column of the model are left out. Standard errors are robust within clusters, by
    default the units. Figures are rounded to five significant digits. The categories of C(name) are compared with the
    first one: of a categorical or a polars Enum in its own order, else in the order of labels.

    Args:
        formula: ``"y ~ x + C(z)"``, see `disclosure.model.formulas`; or what statsmodels or lifelines fitted by a
            formula, of which nothing but the formula, the family and the names of columns is used.
        frame: a pandas, polars or Arrow frame, a Parquet path, or an Ibis table such as `sdc.data("INHATAB")`.
        family: "ols" (the default), "logit", "probit", "poisson" or "cox".
        unit: the column or columns that identify the statistical unit; inside a camp the codebook's by default.
        absorb: at most two columns of which each label has an effect of its own that is not shown; "ols" only.
        cluster: the column within which errors may go together; the unit by default.
        event: for "cox", the column that is 1 where the time ends with an event and 0 where it is censored.
        weights: a sampling weight that the codebook names.
        covariance: "cluster" (the default), "HC0", "HC1" or "nonrobust".
        other_units, policy, codebook: as of `sdc.table`.

    Raises:
        BadInputError: a formula outside the grammar, or a column, family or policy that there is not.
        RefusedError: what shows single units: residuals, fitted values, predictions, influence, fitted objects of
            another kind; or a term that identifies units.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(60), "rent": [500 + i % 7 for i in range(60)], "size": range(40, 100)})
    >>> sdc.model("rent ~ size", homes, unit="person").verdict.status.value
    'safe'
    """
    rows: int | None = None
    refitted = not isinstance(formula, str)
    asked = _Asked(family, as_names(absorb, "absorb"), cluster, event, weights, covariance)
    if refitted:
        found = fitted_model(formula)
        asked, formula, rows = asked.with_what_was_fitted(found), found.formula, found.rows
    if frame is None:
        raise BadInputError(
            text("A model is fitted to a frame."), hint=text('For example sdc.model("y ~ x", frame, unit="person").')
        )
    for name, what in ((cluster, "cluster"), (event, "event"), (weights, "weight")):
        one_name(name, what, optional=True)
    at_hand = frame_at_hand(frame, unit=unit, policy=policy, codebook=codebook)
    wanted = _with_first_labels(formula_from(formula), asked, at_hand, texts=refitted)
    out = _judged(wanted, asked, at_hand, unit_keys(other_units))
    evidence = out.table.evidence
    if rows is not None and evidence is not None and rows != int(evidence.n_rows.max(initial=0)):
        raise RefusedError(
            text("The model was fitted to another number of rows than frame= has without missing values."),
            hint=text("Give the frame that it was fitted to."),
        )
    return out


@dataclass(frozen=True)
class _Asked:
    """The arguments that say what is fitted."""

    family: str | None
    absorb: tuple[str, ...]
    cluster: str | None
    event: str | None
    weights: str | None
    covariance: str | None

    def with_what_was_fitted(self, found: FittedModel) -> _Asked:
        """Return the arguments with those that a fitted object settles; what was given must not contradict it."""
        if self.family not in (None, found.family.value):
            raise BadInputError(
                text("The fitted model is of the family {family}.", family=found.family),
                hint=text("Leave family= out."),
            )
        if found.weighted and self.weights is None:
            raise BadInputError(text("The model was fitted with weights."), hint=text("Name their column: weights=."))
        cluster = self.cluster or found.cluster
        return _Asked(
            found.family.value,
            self.absorb,
            cluster,
            self.event or found.event,
            self.weights,
            self.covariance or (None if cluster is not None else found.covariance),
        )


def _with_first_labels(formula: Formula, asked: _Asked, at_hand: FrameAtHand, *, texts: bool) -> Formula:
    """Return the formula with the labels that others are compared with, where the frame has an order of its own.

    Args:
        texts: the model was fitted by a library that takes texts in the order of their code points.
    """
    unnamed = dict.fromkeys(one.column for term in formula.terms for one in term.categories if one.reference is None)
    roles = (one for one in (*asked.absorb, asked.cluster, asked.event, asked.weights) if one is not None)
    read = tuple(dict.fromkeys((*at_hand.units, formula.response.column, *formula.columns, *roles)))
    # Registered data has no order of categories, and a column that is not there is told of when the rest is read.
    if at_hand.lazy is not None or not set(read) <= set(at_hand.names):
        return formula
    return formula.compared_with(first_labels(at_hand.given, tuple(unnamed), read, texts=texts))


def _judged(formula: Formula, asked: _Asked, at_hand: FrameAtHand, further: tuple[tuple[str, ...], ...]) -> Output:
    family = Family.named(asked.family or Family.OLS)
    covariance = Covariance.named(asked.covariance or Covariance.CLUSTER)
    # The unit is what errors are clustered by unless a column is named, so naming it says nothing more.
    cluster = None if asked.cluster is not None and at_hand.units == (asked.cluster,) else asked.cluster
    extra = tuple(dict.fromkeys(one for one in (*asked.absorb, cluster, asked.event) if one is not None))
    keys = _key_columns(at_hand) | {one[0].lower() for one in further if len(one) == 1}
    groups = {name for name in (*asked.absorb, cluster) if name is not None}
    # What identifies households or employers is never shown, but it may group: as a further unit of the output.
    other_units = tuple(
        (name,) for name in extra if name in groups and name.lower() in keys and name not in at_hand.units
    )
    others = tuple(
        name
        for name in dict.fromkeys((*formula.columns, *extra))
        if (name,) not in other_units and not (name in groups and name in at_hand.units)
    )
    options: dict[str, str] = {"formula": str(formula), "family": family.value}
    options |= {"absorb": names_text(asked.absorb)} if asked.absorb else {}
    options |= {"cluster": names_text([cluster])} if cluster is not None else {}
    options |= {"event": names_text([asked.event])} if asked.event is not None else {}
    options |= {"covariance": covariance.value} if covariance is not Covariance.CLUSTER else {}
    return at_hand.judged(
        statistic=Statistic.MODEL,
        value=formula.response.column,
        weights=asked.weights,
        options=options,
        others=others,
        other_units=tuple(dict.fromkeys((*further, *other_units))),
    )


def _key_columns(at_hand: FrameAtHand) -> set[str]:
    named = {*(at_hand.policy.identifiers or ()), *at_hand.knowledge.identifiers}
    if at_hand.camp is not None:
        named |= {name for book in at_hand.camp.codebooks.values() for name in book.key_columns()}
    return {name.lower() for name in named}
