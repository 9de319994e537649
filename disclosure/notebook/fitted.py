"""What may be taken from a fitted object: the formula, the family and names of columns; never a number of it.

Fitted objects hold the rows that they were fitted to, so they are not released. They are recognised by the names of
their classes, so that neither library is imported for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.model.formulas import quoted
from disclosure.model.model_facts import Covariance, Family
from disclosure.notebook.components import OBJECTS, refused
from disclosure.texts import text

KNOWN: Final = text(
    'Known: a formula such as "y ~ x + C(z)"; what statsmodels fitted by a formula (OLS, WLS, Logit, Probit, Poisson, '
    "GLM of these, PHReg); lifelines' CoxPHFitter."
)
_CURVES: Final = ("KaplanMeierFitter", "NelsonAalenFitter", "AalenJohansenFitter", "BreslowFlemingHarringtonFitter")
_FAMILIES: Final = {
    "OLS": Family.OLS,
    "WLS": Family.OLS,
    "Logit": Family.LOGIT,
    "Probit": Family.PROBIT,
    "Poisson": Family.POISSON,
    "PHReg": Family.COX,
}
_LINKS: Final = {
    ("Gaussian", "Identity"): Family.OLS,
    ("Gaussian", "identity"): Family.OLS,
    ("Binomial", "Logit"): Family.LOGIT,
    ("Binomial", "logit"): Family.LOGIT,
    ("Binomial", "Probit"): Family.PROBIT,
    ("Binomial", "probit"): Family.PROBIT,
    ("Poisson", "Log"): Family.POISSON,
    ("Poisson", "log"): Family.POISSON,
}


@dataclass(frozen=True)
class FittedModel:
    """What a fitted object says of how it was fitted.

    Attributes:
        covariance: as it was fitted, where that is one of ours; None for the default.
        weighted: it was fitted with weights, whose column the object does not name.
        rows: how many rows it was fitted to; None where the object does not say.
    """

    formula: str
    family: Family
    cluster: str | None = None
    event: str | None = None
    covariance: str | None = None
    weighted: bool = False
    rows: int | None = None


def fitted_model(fitted: Any) -> FittedModel:
    """Return what a fitted object says of how it was fitted.

    Raises:
        RefusedError: it is no fitted model, or one of a kind that cannot be judged; the hint names what can.
        BadInputError: it was fitted without a formula, or with what a refit here does not have.
    """
    kind = type(fitted)
    package = kind.__module__.partition(".")[0]
    if package in ("statsmodels", "sklearn") and kind.__name__ in OBJECTS:
        raise refused()
    if package == "statsmodels" and hasattr(fitted, "model") and hasattr(fitted, "params"):
        return _of_statsmodels(fitted)
    if package == "statsmodels" and callable(getattr(fitted, "fit", None)) and hasattr(fitted, "endog"):
        raise BadInputError(
            text("The model is not fitted yet."), hint=text("Call .fit() first, or give the formula itself.")
        )
    if package == "lifelines" and kind.__name__ in _CURVES:
        raise RefusedError(
            text("A {kind} is a curve and not a model.", kind=kind.__name__),
            hint=text('Use sdc.survival(frame, duration="months", event="ended", unit="person"). {known}', known=KNOWN),
        )
    if package == "lifelines" and kind.__name__ == "CoxPHFitter":
        return _of_lifelines(fitted)
    if package in ("numpy", "pandas", "polars", "pyarrow") or isinstance(fitted, list | tuple):
        raise RefusedError(
            text("Residuals, fitted values, predictions and influence show single units, so they are not released."),
            hint=text(
                "Instead: the coefficients, sdc.model(...); or a binned scatter, sdc.figure of a table of means."
            ),
        )
    raise RefusedError(
        text("This is of type {kind}, which is no model that can be judged.", kind=kind.__name__), hint=KNOWN
    )


def _of_statsmodels(fitted: Any) -> FittedModel:
    model = fitted.model
    family = _FAMILIES.get(type(model).__name__)
    if type(model).__name__ == "GLM":
        links = (type(model.family).__name__, type(model.family.link).__name__)
        family = _LINKS.get(links)
    if family is None or type(fitted).__name__.startswith("Regularized") or hasattr(fitted, "k_constr_fitted"):
        raise RefusedError(
            text("A fitted {kind} is not a model that can be judged.", kind=type(model).__name__), hint=KNOWN
        )
    formula = getattr(model, "formula", None)
    if not isinstance(formula, str):
        raise BadInputError(
            text("The model was fitted without a formula, so the names of its columns are not known."),
            hint=text('Give the formula itself: sdc.model("y ~ x", frame).'),
        )
    if getattr(model, "offset", None) is not None or getattr(model, "exposure", None) is not None:
        raise BadInputError(text("The model was fitted with an offset or exposure, which a refit here does not have."))
    if family is Family.COX:
        return FittedModel(formula, family, rows=_rows(model, "endog"))
    kind = getattr(fitted, "cov_type", None)
    known = kind if kind in (Covariance.NONROBUST, Covariance.HC0, Covariance.HC1) else None
    return FittedModel(formula, family, covariance=known, weighted=_weighted(model), rows=_rows(model, "endog"))


def _rows(holder: Any, name: str) -> int | None:
    held: Any = getattr(holder, name, None)
    return len(held) if hasattr(held, "__len__") else None


def _weighted(model: Any) -> bool:
    names = ("weights",) if type(model).__name__ == "WLS" else ("freq_weights", "var_weights")
    for name in names:
        weights = getattr(model, name, None)
        if weights is not None and bool((weights != 1).any()):
            return True
    return False


def _of_lifelines(fitted: Any) -> FittedModel:
    if getattr(fitted, "params_", None) is None:
        raise BadInputError(text("The model was not fitted yet."), hint=text("Call fit first."))
    if bool(getattr(fitted, "penalizer", 0)) or getattr(fitted, "strata", None):
        raise BadInputError(text("The model was fitted with a penalty or strata, which a refit here does not have."))
    if getattr(fitted, "entry_col", None) is not None:
        raise BadInputError(text("The model was fitted with late entry, which a refit here does not have."))
    formula, event = getattr(fitted, "formula", None), getattr(fitted, "event_col", None)
    terms = formula if isinstance(formula, str) else " + ".join(quoted(str(name)) for name in fitted.params_.index)
    if event is None:
        raise BadInputError(
            text("The model was fitted without a column of events."), hint=text("Name one: event_col=.")
        )
    weighted = getattr(fitted, "weights_col", None) is not None
    robust = bool(getattr(fitted, "robust", False)) or getattr(fitted, "cluster_col", None) is not None
    return FittedModel(
        f"{quoted(str(fitted.duration_col))} ~ {terms}",
        Family.COX,
        cluster=getattr(fitted, "cluster_col", None),
        event=str(event),
        covariance=None if robust else Covariance.NONROBUST.value,
        weighted=weighted,
        rows=_rows(fitted, "event_observed"),
    )
