"""The whole population, drawn subject by subject: what the files are written from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.activity import Activity, State, draw_activity
from workspace.synthetic.addresses import Addresses, draw_addresses
from workspace.synthetic.assistance import Assistance, draw_assistance
from workspace.synthetic.base import Base
from workspace.synthetic.debts import Before, draw_restructured, first_debts, next_debts
from workspace.synthetic.earnings import Earnings, draw_earnings
from workspace.synthetic.education import draw_default, draw_education, draw_school_leavers
from workspace.synthetic.employment import Employment, draw_employment
from workspace.synthetic.households import Flags, Floats, Households, Ints, draw_households
from workspace.synthetic.income import draw_ratios
from workspace.synthetic.kinship import Kinship, draw_kinship
from workspace.synthetic.population import Population, draw_population
from workspace.synthetic.presence import Presence, draw_presence, leavers
from workspace.synthetic.schemes import Circumstances, draw_use
from workspace.synthetic.standing import Standing, draw_standing
from workspace.synthetic.targets import ALLOWANCE, CHILDREN_KIT, ELDERLY, ENERGY, Targets
from workspace.synthetic.window import MONTHS, YEARS, Subject, Window, stream

# Persons of households that left in the five years, against the residents of the last day.
_LEFT = 0.14
_LONG_TERM_LIMIT = 110.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One population over five years.

    `in_city` is households x years, at the year's end; `assisted` the months on assistance; `default` persons x years;
    `debts` and `restructured` households x years; `use` one mapping of scheme to households per year.
    """

    seed: int
    base: Base
    in_city: Flags
    assistance: Assistance
    assisted: Ints
    activity: Activity
    earnings: Earnings
    employment: Employment
    kinship: Kinship
    addresses: Addresses
    default: Flags
    left_school: Flags
    education: Ints
    debts: Flags
    restructured: Flags
    use: tuple[dict[str, Flags], ...]

    @property
    def persons(self) -> int:
        """How many live in the city on the last day."""
        return self.base.persons

    @property
    def targets(self) -> Targets:
        """What the population is calibrated to."""
        return self.base.targets

    @property
    def window(self) -> Window:
        """The five years."""
        return self.base.window

    @property
    def residents(self) -> int:
        """How many households live in the city on the last day; they come first."""
        return self.base.residents

    @property
    def households(self) -> Households:
        """All households."""
        return self.base.households

    @property
    def people(self) -> Population:
        """All persons."""
        return self.base.people

    @property
    def presence(self) -> Presence:
        """The dates of households, and of births."""
        return self.base.presence

    @property
    def standing(self) -> Standing:
        """How well off households are, and their make-up by year."""
        return self.base.standing

    def members(self, year: int) -> Flags:
        """Return who is in the register at the end of a year (its place in the window), in the city or not."""
        day = self.window.year_end(self.window.years[year])
        home = self.people.household
        there = (self.presence.formed <= day) & (day <= self.presence.until)
        return np.asarray(there[home] & (self.presence.born <= day))

    def reached(self, code: str, low: Flags, year: int) -> tuple[int, int]:
        """Return how many of the households in `low` use a scheme, and how many it is meant for, in a year."""
        groups = {
            ALLOWANCE: lasting_low(self.earnings, year),
            CHILDREN_KIT: self.standing.families[:, year],
            ELDERLY: self.standing.pensioner[:, year],
        }
        among = low & groups.get(code, low)
        return int((self.use[year][code] & among).sum()), int(among.sum())

    def used(self, year: int) -> Flags:
        """Return which households used at least one scheme in a year, the energy allowance apart."""
        return at_least_one(self.use[year])


def draw_panel(targets: Targets, persons: int, seed: int, last_year: int) -> Panel:
    """Return a population of which `persons` live in the city at the end of `last_year`, with its last five years."""
    window, places = Window(last_year), targets.municipality.wijken
    staying = draw_households(stream(seed, Subject.HOUSEHOLDS), persons, places)
    residents = len(staying.kind)
    gone = leavers(draw_households(stream(seed, Subject.LEAVERS), max(int(_LEFT * persons), 50), places))
    households = staying.followed_by(gone)
    people = draw_population(stream(seed, Subject.PERSONS), households)
    presence = draw_presence(stream(seed, Subject.PRESENCE), window, households, people, residents)
    in_city = np.column_stack([presence.in_city(window.year_end(year)) for year in window.years])

    base = Base(
        window, targets, persons, residents, households, people, presence,
        draw_standing(stream(seed, Subject.STANDING), households),
    )  # fmt: skip
    assistance = draw_assistance(stream(seed, Subject.ASSISTANCE), base)
    assisted = assistance.months(base.count).reshape(-1, YEARS, 12).sum(axis=2)
    ratios = draw_ratios(stream(seed, Subject.INCOMES), base, assisted)
    poor = ratios.of_minimum * ratios.minimum / ratios.line < 100
    school = stream(seed, Subject.EDUCATION)
    default = draw_default(school, people, base.standing, poor)
    left_school = draw_school_leavers(school, households, people, poor[:, -1], default[:, -1])
    activity = draw_activity(stream(seed, Subject.ACTIVITY), base, assistance, left_school)
    education = draw_education(school, people, base.standing, left_school, _studies(activity))
    earnings = draw_earnings(stream(seed, Subject.EARNINGS), base, activity, ratios)
    child_income = np.where(in_city[:, -1], earnings.equivalised[:, -1], np.nan)
    parent_income = np.where(in_city[:, 0], earnings.equivalised[:, 0], np.nan)
    debts, use = _draw_debts_and_use(seed, base, assisted, in_city, earnings)
    return Panel(
        seed=seed,
        base=base,
        in_city=in_city,
        assistance=assistance,
        assisted=assisted,
        activity=activity,
        earnings=earnings,
        employment=draw_employment(stream(seed, Subject.JOBS), people, activity),
        kinship=draw_kinship(stream(seed, Subject.KINSHIP), households, people, child_income, parent_income),
        addresses=draw_addresses(stream(seed, Subject.ADDRESSES), window, targets.municipality, households, presence),
        default=default,
        left_school=left_school,
        education=education,
        debts=debts,
        restructured=draw_restructured(stream(seed, Subject.RESTRUCTURING), debts & in_city),
        use=use,
    )


def _studies(activity: Activity) -> Flags:
    return np.asarray(activity.state[:, MONTHS - 1] == State.STUDENT)


def _draw_debts_and_use(
    seed: int, base: Base, assisted: Ints, in_city: Flags, earnings: Earnings
) -> tuple[Flags, tuple[dict[str, Flags], ...]]:
    """Draw debts and the use of schemes in turn: each year's use depends on its debts, the next debts on that use."""
    owing, using = stream(seed, Subject.DEBTS), stream(seed, Subject.SCHEMES)
    lasting: Floats = 1.2 * using.standard_normal(base.count)
    low = (earnings.of_minimum <= base.targets.low_limit) & in_city
    debts = np.zeros(low.shape, dtype=bool)
    uses: list[dict[str, Flags]] = []
    used = np.zeros(base.count, dtype=bool)
    for year in range(YEARS):
        born = base.people.age >= YEARS - 1 - year
        here = base.people.per_household(born, base.count) * in_city[:, year]
        if year == 0:
            debts[:, 0] = first_debts(owing, base, low[:, 0], here)
        else:
            before = Before(low[:, year - 1], assisted[:, year - 1] > 0, debts[:, year - 1], used)
            debts[:, year] = next_debts(owing, base, year, before, here)
        long_term = lasting_low(earnings, year)
        now = Circumstances(
            low[:, year],
            assisted[:, year] > 0,
            debts[:, year] & in_city[:, year],
            earnings.of_minimum[:, year],
            long_term,
        )
        use = draw_use(using, base, lasting, year, now)
        used = at_least_one(use)
        uses.append(use)
    return debts, tuple(uses)


def lasting_low(earnings: Earnings, year: int) -> Flags:
    """Return which households had an income up to 110% in a year and the two before it, as far as these are drawn."""
    ratio = earnings.of_minimum[:, max(year - 2, 0) : year + 1]
    return np.asarray((ratio <= _LONG_TERM_LIMIT).all(axis=1), dtype=bool)


def at_least_one(use: dict[str, Flags]) -> Flags:
    """Return which households use at least one scheme, the energy allowance apart."""
    return np.asarray(np.any([rows for code, rows in use.items() if code != ENERGY], axis=0), dtype=bool)
