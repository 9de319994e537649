"""The risk of records, households and files: as sdcMicro's, and exact where sdcMicro's is not."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import ColumnError
from disclosure.microdata import KeyVariables, RiskMethod, global_risk, household_risk, individual_risk
from disclosure.microdata.posterior import posterior_mean
from tests.disclosure.microdata.figures import DATA, FIGURES, RUNS, keys, made, records


@pytest.mark.parametrize("run", RUNS)
def test_approximate_risk_is_that_of_sdcmicro(run: str) -> None:
    found = individual_risk(records(run), keys(run))
    np.testing.assert_allclose(found.risk, made(f"risk_{run}")["rk_approx"], rtol=1e-9)
    total = global_risk(found)
    assert total.expected == pytest.approx(FIGURES["risk"][run]["expected_reid"], rel=1e-9)
    assert total.share == pytest.approx(FIGURES["risk"][run]["global_risk"], rel=1e-9)
    assert total.largest == pytest.approx(FIGURES["risk"][run]["max_rk"], rel=1e-9)
    assert found.over(0.1) == FIGURES["risk"][run]["n_rk_gt_0.1"]


def test_expected_reidentifications_of_testdata() -> None:
    found = individual_risk(records("testdata"), keys("testdata"))
    assert global_risk(found).expected == pytest.approx(10.7782989187348, rel=1e-12)
    assert household_risk(records("testdata"), keys("testdata")).total.expected == pytest.approx(
        51.8129274359607, rel=1e-12
    )


@pytest.mark.parametrize("run", ["testdata", "eusilc5", "eusilc_age"])
def test_household_risk_is_that_of_sdcmicro(run: str) -> None:
    found = household_risk(records(run), keys(run))
    np.testing.assert_allclose(found.risk, made(f"risk_{run}")["hier_risk"], rtol=1e-9)
    assert found.total.expected == pytest.approx(FIGURES["risk"][run]["hier_risk_ER"], rel=1e-9)


@pytest.mark.parametrize("run", RUNS)
def test_risk_in_a_register_is_one_in_those_with_the_key(run: str) -> None:
    told = keys(run)
    found = individual_risk(records(run), KeyVariables(told.categorical), method=RiskMethod.REGISTER)
    np.testing.assert_allclose(found.risk, made(f"risk_{run}")["rk_census"], rtol=1e-12)
    assert global_risk(found).expected == pytest.approx(FIGURES["risk"][run]["sum_rk_census"], rel=1e-12)


@pytest.mark.parametrize("run", ["testdata", "eusilc_age"])
def test_exact_risk_is_that_of_60_digits_for_every_frequency(run: str) -> None:
    reference = pd.read_csv(DATA / "sdcmicro" / f"indivrisk_reference_{run}.csv")
    fk, population = (reference[name].to_numpy(dtype=float) for name in ("fk_alpha1", "Fk_alpha1"))
    np.testing.assert_allclose(posterior_mean(fk, fk / population), reference["ref"], rtol=1e-13)
    found = individual_risk(records(run), keys(run), method=RiskMethod.EXACT)
    assert np.isfinite(found.risk).all()
    assert global_risk(found).expected == pytest.approx(FIGURES["indivrisk_reference"][run]["true_ER"], rel=1e-12)


def _to_fifty_digits(fk: int, fraction: Decimal) -> Decimal:
    """Return p/f 2F1(1, 1; f+1; 1-p) for a whole f: upward from f = 1, in so many digits that none is lost."""
    with localcontext() as context:
        context.prec = 900
        value = -fraction.ln() / (1 - fraction)
        for one in range(1, fk):
            value = (1 - fraction * value) * (one + 1) / ((1 - fraction) * one)
        return value * fraction / fk


@pytest.mark.parametrize("fk", [1, 2, 3, 7, 39, 40, 41, 200])
@pytest.mark.parametrize("fraction", ["1e-9", "1e-4", "0.01", "0.3", "0.499999", "0.5", "0.7", "0.999"])
def test_posterior_mean_keeps_its_digits(fk: int, fraction: str) -> None:
    found = posterior_mean(np.array([float(fk)]), np.array([float(fraction)]))[0]
    assert found == pytest.approx(float(_to_fifty_digits(fk, Decimal(float(fraction)))), rel=2e-13)


@settings(max_examples=50)
@given(fk=st.floats(1, 500), fraction=st.floats(1e-6, 0.9999))
def test_posterior_mean_is_consistent_from_one_frequency_to_the_next(fk: float, fraction: float) -> None:
    one, more = posterior_mean(np.array([fk, fk + 1]), np.array([fraction, fraction]))
    # (1-p) f/(f+1) F(f+1) = 1 - p F(f), with F = risk f / p.
    assert (1 - fraction) * fk * more / fraction + fk * one == pytest.approx(1, rel=1e-11)
    assert 0 < more < one <= 1 / fk


@pytest.mark.parametrize("method", [RiskMethod.APPROXIMATE, RiskMethod.EXACT])
def test_who_is_known_to_be_the_whole_population_is_one_in_fk(method: RiskMethod) -> None:
    frame = pa.table({"a": ["x", "x", "y"], "w": [1.0, 1.0, 0.5]})
    found = individual_risk(frame, KeyVariables(("a",), weights="w"), method=method)
    assert found.risk.tolist() == [0.5, 0.5, 1.0]


@pytest.mark.parametrize("method", [RiskMethod.APPROXIMATE, RiskMethod.EXACT])
def test_fractional_frequencies_have_a_risk_between_their_neighbours(method: RiskMethod) -> None:
    frame = pa.table({"a": ["x", None], "b": ["u", "u"], "w": [100.0, 100.0]})
    found = individual_risk(frame, KeyVariables(("a", "b"), weights="w"), method=method, alpha=0.5)
    assert found.fk.tolist() == [1.5, 2.0]
    unique, pair = posterior_mean(np.array([1.0, 2.0]), np.array([0.01, 0.01]))
    assert pair < found.risk[0] < unique


@pytest.mark.parametrize("method", [RiskMethod.APPROXIMATE, RiskMethod.EXACT])
def test_without_weights_there_is_no_risk_of_a_sample(method: RiskMethod) -> None:
    with pytest.raises(ColumnError, match=r"no weights.*register"):
        individual_risk(pa.table({"a": ["x"]}), KeyVariables(("a",)), method=method)


def test_certain_member_makes_a_household_certain() -> None:
    frame = pa.table({"a": ["x", "y", "z", "z"], "h": ["één", "één", "twee", "twee"]})
    found = household_risk(frame, KeyVariables(("a",), household="h"), method=RiskMethod.REGISTER)
    assert found.risk.tolist() == [1.0, 1.0, 0.75, 0.75]
    assert found.total.expected == 3.5


@pytest.mark.parametrize("household", [None, "h"])
def test_households_are_all_named(household: str | None) -> None:
    frame = pa.table({"a": ["x", "y"], "h": [1, None]})
    with pytest.raises(ColumnError, match="household"):
        household_risk(frame, KeyVariables(("a",), household=household), method=RiskMethod.REGISTER)
