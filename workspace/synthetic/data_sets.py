"""The data sets: their names, whether CBS makes one per year, and what makes their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

from workspace.synthetic import tables_of_incomes as incomes
from workspace.synthetic import tables_of_persons as persons
from workspace.synthetic import tables_of_work as work
from workspace.synthetic.columns import Scope


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: `whole` makes its table for all years at once, or `of_year` that of a year; one of the two."""

    name: str
    whole: Callable[[Scope], pa.Table] | None = None
    of_year: Callable[[Scope, int], pa.Table] | None = None

    def tables(self, scope: Scope, *, by_year: bool) -> Iterator[tuple[str, pa.Table]]:
        """Return names and tables, one at a time: with `by_year` those of a year have it in their name."""
        if self.whole is not None:
            yield self.name, self.whole(scope)
        if self.of_year is not None:
            for year in scope.years:
                suffix = str(scope.panel.window.years[year]) if by_year else ""
                yield f"{self.name}{suffix}", self.of_year(scope, year)

    def names(self, years: tuple[int, ...]) -> tuple[str, ...]:
        """Return the names under which it is written; without `years` its own."""
        if self.of_year is None or not years:
            return (self.name,)
        return tuple(f"{self.name}{year}" for year in years)


DATA_SETS: Mapping[str, DataSet] = MappingProxyType(
    {
        one.name: one
        for one in (
            DataSet("GBAPERSOONTAB", whole=persons.persons),
            DataSet("KOPPELPERSOONHUISHOUDEN", of_year=persons.household_links),
            DataSet("GBAHUISHOUDENSBUS", whole=persons.household_spells),
            DataSet("GBAADRESOBJECTBUS", whole=persons.address_spells),
            DataSet("VSLGWBTAB", whole=persons.dwellings),
            DataSet("INHATAB", of_year=incomes.household_income),
            DataSet("KINDOUDERTAB", whole=persons.parents),
            DataSet("SPOLISBUS", of_year=work.job_months),
            DataSet("INPATAB", of_year=incomes.personal_income),
            DataSet("VEHTAB", of_year=incomes.wealth),
            DataSet("SECMBUS", whole=work.activity_spells),
            DataSet("BIJSTANDUITKERINGTAB", whole=work.assistance_spells),
            DataSet("HOOGSTEOPLTAB", of_year=work.education),
            DataSet("WSNPPERSBUS", whole=incomes.restructured),
            DataSet("WANBZVWTAB", of_year=incomes.premium_default),
            DataSet("SCHULDENTAB", of_year=incomes.problem_debts),
            DataSet("VOORZIENINGEN", of_year=incomes.schemes),
        )
    }
)
