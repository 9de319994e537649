"""Key variables from what a codebook says of a file."""

from __future__ import annotations

from disclosure.errors import CodebookError
from disclosure.model.codebooks import Codebook
from disclosure.model.key_variables import KeyVariables
from disclosure.texts import text


def described_keys(codebook: Codebook, *, weights: str | None = None, household: str | None = None) -> KeyVariables:
    """Return the key variables of a file: its categories that are not sensitive, which somebody may know of others.

    Sensitive categories are what an intruder would learn. Keys of units and identifiers are neither.

    Args:
        weights: the column of weights; may be left out where the codebook has one or none.
        household: the name of the unit in the codebook whose members are re-identified together; none by default.

    Raises:
        CodebookError: the codebook does not have these weights, or has several; or the unit is not one of its own
            with one key column.
        ColumnError: no category is a key variable, or too many are.

    >>> from disclosure.model.codebooks import Column
    >>> columns = {"sexe": Column("sexe", sensitive=False), "diagnose": Column("diagnose")}
    >>> described_keys(Codebook("ZORG", ("RINPERSOON",), columns=columns))
    KeyVariables(categorical=('sexe',), weights=None, household=None, sensitive=('diagnose',))
    """
    if (weights is None and len(codebook.weights) > 1) or (weights is not None and weights not in codebook.weights):
        raise CodebookError(
            text("The codebook does not say which weights are meant."),
            hint=text("Name one of: {names}.", names=", ".join(codebook.weights) or "-"),
        )
    members = codebook.other_units.get(household, ()) if household is not None else ()
    if household is not None and len(members) != 1:
        raise CodebookError(
            text("The codebook has no unit '{name}' with one key column.", name=household),
            hint=text("Name a unit of [units], such as the household."),
        )
    taken = {*codebook.key_columns(), *codebook.weights}
    categories = [one for one in codebook.columns.values() if one.kind == "category" and one.name not in taken]
    return KeyVariables(
        categorical=tuple(one.name for one in categories if not one.sensitive),
        weights=weights or next(iter(codebook.weights), None),
        household=next(iter(members), None),
        sensitive=tuple(one.name for one in categories if one.sensitive),
    )
