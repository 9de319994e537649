"""Key variables as a codebook gives them."""

from __future__ import annotations

from typing import Any

import pytest

from disclosure.errors import CodebookError, ColumnError
from disclosure.microdata import KeyVariables, described_keys
from disclosure.model.codebooks import Codebook, Column

COLUMNS = (
    Column("sexe", sensitive=False),
    Column("wijk", sensitive=False),
    Column("uitkering"),
    Column("inkomen", kind="number", sensitive=False),
    Column("geboren", kind="date", sensitive=False),
    Column("RINPERSOON", sensitive=False),
    Column("huis", sensitive=False),
    Column("BSN", sensitive=False),
    Column("gewicht", sensitive=False),
)


def codebook(**changed: Any) -> Codebook:
    told: dict[str, Any] = {
        "name": "PERSONEN",
        "unit": ("RINPERSOON",),
        "weights": ("gewicht",),
        "identifiers": ("BSN",),
        "other_units": {"huishouden": ("huis",), "baan": ("RINPERSOON", "BEID")},
        "columns": {column.name: column for column in COLUMNS},
    }
    return Codebook(**(told | changed))


def test_keys_are_the_categories_that_are_not_sensitive() -> None:
    expected = KeyVariables(("sexe", "wijk"), weights="gewicht", household="huis", sensitive=("uitkering",))
    assert described_keys(codebook(), household="huishouden") == expected
    assert described_keys(codebook()).household is None


def test_register_has_no_weights() -> None:
    assert described_keys(codebook(weights=())).weights is None


def test_one_of_several_weights_is_named() -> None:
    both = codebook(weights=("gewicht", "jaargewicht"))
    assert described_keys(both, weights="jaargewicht").weights == "jaargewicht"
    with pytest.raises(CodebookError, match="Name one of: gewicht, jaargewicht"):
        described_keys(both)


@pytest.mark.parametrize("weights", [(), ("gewicht",)])
def test_weights_are_those_of_the_codebook(weights: tuple[str, ...]) -> None:
    with pytest.raises(CodebookError, match="which weights"):
        described_keys(codebook(weights=weights), weights="other")


@pytest.mark.parametrize("household", ["baan", "bedrijf"])
def test_household_is_a_unit_with_one_key(household: str) -> None:
    with pytest.raises(CodebookError, match=f"no unit '{household}'"):
        described_keys(codebook(), household=household)


def test_categories_that_are_all_sensitive_are_no_keys() -> None:
    with pytest.raises(ColumnError, match="No key variables"):
        described_keys(codebook(columns={"uitkering": Column("uitkering")}))
