"""What an intruder may know of a record: key variables, beside what tells of samples and households."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.errors import ColumnError
from disclosure.texts import text

MAXIMUM_KEYS = 50
"""No intruder knows more of somebody, and the subsets of longer keys cannot be counted."""


@dataclass(frozen=True)
class KeyVariables:
    """The columns of a file of records that its risk is about.

    Attributes:
        categorical: the key variables: categories by which somebody can be recognised; at least one.
        weights: the column of sampling weights; None where there is none, as in a register.
        household: the column that says which records are one household; None if there is none.
        sensitive: columns whose values an intruder would learn; no key variables.

    Raises:
        ColumnError: there is no key variable, there are too many, or a column is named twice.

    >>> KeyVariables(("sexe", "leeftijd"), weights="gewicht").columns
    ('sexe', 'leeftijd', 'gewicht')
    """

    categorical: tuple[str, ...]
    weights: str | None = None
    household: str | None = None
    sensitive: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.categorical:
            raise ColumnError(
                text("No key variables are named."),
                hint=text("Name the categories by which somebody could be recognised, such as age, sex and region."),
            )
        if len(self.categorical) > MAXIMUM_KEYS:
            raise ColumnError(
                text("There are {count} key variables.", count=len(self.categorical)),
                hint=text(
                    "Name at most {most}: only what an intruder may know of somebody is a key variable.",
                    most=MAXIMUM_KEYS,
                ),
            )
        if len(set(self.columns)) < len(self.columns):
            raise ColumnError(
                text("A column is named twice among key variables, weights, household and sensitive columns."),
                hint=text("Give each column one place."),
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, key variables first."""
        others = (self.weights, self.household)
        return (*self.categorical, *(one for one in others if one is not None), *self.sensitive)
