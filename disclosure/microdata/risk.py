"""The risk of each record, of households and of a whole file.

R. Benedetti and L. Franconi, "Statistical and technological solutions for controlled data dissemination" (1998);
L. Franconi and S. Polettini (2004), doi:10.1007/978-3-540-25955-8_20.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import ColumnError
from disclosure.microdata.coding import MISSING, Coded, coded, grouped
from disclosure.microdata.counting import frequencies
from disclosure.microdata.posterior import posterior_mean
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Frequencies, GlobalRisk, HouseholdRisk, IndividualRisk, Numbers, RiskMethod
from disclosure.texts import text


def individual_risk(
    frame: pa.Table,
    keys: KeyVariables,
    *,
    method: RiskMethod = RiskMethod.APPROXIMATE,
    alpha: float = 1.0,
) -> IndividualRisk:
    """Return the probability that a record is that of the person with its key whom an intruder has in mind.

    It is about samples: who is in a register is in it for certain, and its risk is 1/fk (`RiskMethod.REGISTER`).

    Raises:
        ColumnError: there are no weights, and the method needs them; else as `frequencies`.

    >>> frame = pa.table({"sexe": ["v", "v", "m"]})
    >>> individual_risk(frame, KeyVariables(("sexe",)), method=RiskMethod.REGISTER).risk.tolist()
    [0.5, 0.5, 1.0]
    """
    return risk_of(frequencies(frame, keys, alpha=alpha), RiskMethod(method))


def risk_of(found: Frequencies, method: RiskMethod) -> IndividualRisk:
    """Return the risk of each record from its frequencies; see `individual_risk`."""
    if method is RiskMethod.REGISTER:
        return IndividualRisk(1 / found.fk, found.fk, found.Fk, method)
    if not found.weighted:
        raise ColumnError(
            text("There are no weights, so nothing is known of the population that this is a sample of."),
            hint=text("Name the weights; for a register ask for the method 'register': its records are everybody."),
        )
    return IndividualRisk(_sampled(found.fk, found.Fk, method), found.fk, found.Fk, method)


def _sampled(fk: Numbers, population: Numbers, method: RiskMethod) -> Numbers:
    fraction = fk / population
    # A key of which the whole population is in the file: there is nobody else to be.
    known = fraction >= 1
    risk = np.empty_like(fk)
    risk[known] = 1 / fk[known]
    rest = ~known
    if method is RiskMethod.APPROXIMATE:
        many = rest & (fk > 2)
        risk[many] = fraction[many] / (fk[many] - (1 - fraction[many]))
        rest &= ~many
    risk[rest] = posterior_mean(fk[rest], fraction[rest])
    return risk


def global_risk(found: IndividualRisk) -> GlobalRisk:
    """Return what the risks of all records come to.

    >>> frame = pa.table({"sexe": ["v", "v", "m"]})
    >>> global_risk(individual_risk(frame, KeyVariables(("sexe",)), method=RiskMethod.REGISTER)).expected
    2.0
    """
    return _total(found.risk)


def _total(risk: Numbers) -> GlobalRisk:
    expected = float(risk.sum())
    return GlobalRisk(records=len(risk), expected=expected, share=expected / len(risk), largest=float(risk.max()))


def household_risk(
    frame: pa.Table,
    keys: KeyVariables,
    *,
    method: RiskMethod = RiskMethod.APPROXIMATE,
    alpha: float = 1.0,
) -> HouseholdRisk:
    """Return the probability that somebody of a record's household is re-identified.

    Members are taken to be re-identified independently: 1 minus the product of 1 minus their risks.

    Raises:
        ColumnError: no household is named, or a record has none; else as `individual_risk`.
    """
    if keys.household is None:
        raise ColumnError(
            text("No column says which records are one household."), hint=text("Name the column of households.")
        )
    found = individual_risk(frame, keys, method=method, alpha=alpha)
    groups = grouped((coded_household(frame, keys.household),))
    with np.errstate(divide="ignore"):  # A risk of 1 leaves no chance: the logarithm of 0 says so.
        nobody = groups.sums(np.log1p(-found.risk))
    risk = -np.expm1(nobody)[groups.number]
    return HouseholdRisk(risk, _total(risk))


def coded_household(frame: pa.Table, name: str) -> Coded:
    """Return which records are one household, as codes.

    Raises:
        ColumnError: a record has none.
    """
    household = coded(frame, name)
    if (household.codes == MISSING).any():
        raise ColumnError(
            text("The household '{name}' of some records is missing.", name=name),
            hint=text("Give each of them a household of its own, or repair the column."),
        )
    return household
