"""What the population is calibrated to: published figures, each of its own year; one year carries them all.

Definitions and dates of the sources differ (22,000 persons or 23,000 benefits; 20,000 children in poverty or 19,000
with a pass), so none of them is derived from another. Figures are those of the whole municipality; a smaller population
takes them in proportion. Those without a source are assumptions of this generator and stand in no report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from disclosure.errors import BadInputError
from workspace.synthetic.places import DEN_HAAG, LEIDSCHENDAM_VOORBURG, Municipality

# Codes of the schemes in VOORZIENINGEN.
PASS, SPECIAL, WAIVER, INSURANCE, ALLOWANCE, CHILDREN_KIT, ENERGY, DEBT_HELP, ELDERLY = (
    "01", "02", "03", "04", "05", "06", "07", "08", "09",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Targets:
    """The figures of one municipality.

    Attributes:
        low_limit, low_households: households with an income up to this percentage of the policy minimum.
        band_limit, band_households, band_families: households between the two limits, and those with children.
        poor_children: minors in households below the low-income threshold.
        on_assistance: persons on assistance at the end of the reference year.
        not_placeable: those of them who cannot be placed in work within 18 months.
        to_work_or_school, to_elsewhere: persons a year who leave assistance, by reason; pensions come besides.
        from_elsewhere: persons a year who go to work or school with help, but from no assistance.
        not_back: the share of those who left for work or school who are not back within twelve months.
        indebted: the share of inhabitants in a household with problematic debts.
        reach: by scheme, the share of the households up to the limit that use it; `any_scheme` of at least one,
            the energy allowance apart.
        children_with_pass: minors in households with the pass; None where the pass has a reach of its own.
        families_weight: how much likelier families are to come into assistance than others of the same standing.
    """

    municipality: Municipality
    low_limit: float
    low_households: int
    band_limit: float
    band_households: int
    band_families: int
    poor_children: int
    on_assistance: int
    not_placeable: int
    to_work_or_school: int
    to_elsewhere: int
    from_elsewhere: int
    not_back: float
    indebted: float
    any_scheme: float
    reach: Mapping[str, float]
    children_with_pass: int | None
    families_weight: float

    def scaled(self, figure: float, persons: int) -> float:
        """Return a figure of the municipality for a population of `persons`."""
        return figure * persons / self.municipality.inhabitants


THE_HAGUE = Targets(
    municipality=DEN_HAAG,
    low_limit=130.0,
    low_households=52_000,
    band_limit=150.0,
    band_households=8_000,
    band_families=5_000,
    poor_children=20_000,
    on_assistance=22_150,
    not_placeable=19_000,
    to_work_or_school=2_300,
    to_elsewhere=1_000,
    from_elsewhere=1_000,
    not_back=0.80,
    indebted=0.13,
    any_scheme=0.80,
    reach=MappingProxyType(
        {PASS: 0.62, SPECIAL: 0.24, WAIVER: 0.48, INSURANCE: 0.46, ALLOWANCE: 0.62, CHILDREN_KIT: 0.55, ENERGY: 0.99}
    ),
    children_with_pass=19_000,
    families_weight=0.5,
)

AROUND = Targets(
    municipality=LEIDSCHENDAM_VOORBURG,
    low_limit=120.0,
    low_households=3_400,
    band_limit=150.0,
    band_households=2_300,
    band_families=800,
    poor_children=1_350,
    on_assistance=1_400,
    not_placeable=1_120,
    to_work_or_school=170,
    to_elsewhere=70,
    from_elsewhere=60,
    not_back=0.80,
    indebted=0.06,
    any_scheme=0.85,
    reach=MappingProxyType(
        {
            PASS: 0.71,
            SPECIAL: 0.12,
            WAIVER: 0.28,
            INSURANCE: 0.32,
            ALLOWANCE: 0.52,
            CHILDREN_KIT: 0.32,
            ENERGY: 0.97,
            ELDERLY: 0.34,
        }
    ),
    children_with_pass=None,
    families_weight=1.75,
)

MUNICIPALITIES: Mapping[str, Targets] = MappingProxyType({"den-haag": THE_HAGUE, "leidschendam-voorburg": AROUND})


def targets_of(municipality: str) -> Targets:
    """Return the targets of a municipality by the name that the command line knows.

    Raises:
        BadInputError: there is none of this name.
    """
    found = MUNICIPALITIES.get(municipality)
    if found is None:
        raise BadInputError("No figures of such a municipality.", hint=f"Known: {', '.join(MUNICIPALITIES)}.")
    return found
