"""The data sets in the names, keys and codings of the CBS files, as Arrow tables.

BUS files hold spells with a start and an end, cut off at the end of the year; TAB files one snapshot. Rows are sorted
by their key, which is drawn without order, so that members of a household do not lie beside each other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workspace.synthetic.households import ADULT_SLOTS, Flags, Floats, Households, Ints, Kind
from workspace.synthetic.income import Income
from workspace.synthetic.places import MUNICIPALITY, WIJKEN
from workspace.synthetic.population import NOBODY, Population
from workspace.synthetic.work import SECTORS, Work

Dates = npt.NDArray[np.datetime64]

_PERSON_DIGITS = 9
_HOUSEHOLD_DIGITS = 8
_DWELLING_DIGITS = 12
_EMPLOYER_DIGITS = 8
_JOB_DIGITS = 10
_MOVED_THIS_YEAR = 0.06
# Dwellings beside the inhabited ones; those who moved this year lived in one of these.
_OTHER_DWELLINGS = 0.08


class Register:
    """One population and its keys; each method returns one data set.

    The random draws happen when the register is made, in a fixed order, so that the tables do not depend on which of
    them are asked for, or in which order.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        year: int,
        households: Households,
        people: Population,
        work: Work,
        income: Income,
    ) -> None:
        self._year, self._households, self._people, self._work, self._income = year, households, people, work, income
        count, persons = len(households.kind), len(people.age)
        self._person = _digits(people.key, _PERSON_DIGITS)
        self._by_person = np.argsort(people.key, kind="stable")
        self._number = _digits(_draw_keys(rng, count, _HOUSEHOLD_DIGITS), _HOUSEHOLD_DIGITS)
        dwellings = count + max(1, int(count * _OTHER_DWELLINGS))
        self._dwelling_key = _draw_keys(rng, dwellings, _DWELLING_DIGITS)
        self._dwelling = _digits(self._dwelling_key, _DWELLING_DIGITS)
        elsewhere = rng.choice(count, dwellings - count)
        self._dwelling_wijk = np.concatenate((households.wijk, households.wijk[elsewhere]))
        self._buurt = rng.random(dwellings)
        self._formed = _january(year) - rng.integers(30, 20 * 365, count).astype("timedelta64[D]")
        self._moved = rng.random(count) < _MOVED_THIS_YEAR
        self._move = _january(year) + rng.integers(14, 364, count).astype("timedelta64[D]")
        self._former = count + rng.integers(0, dwellings - count, count)
        month = (year - people.age - 1970) * 12 + people.month - 1
        day = rng.integers(0, 28, persons).astype("timedelta64[D]")
        self._born: Dates = month.astype("datetime64[M]").astype("datetime64[D]") + day
        jobs = len(work.jobs.person)
        self._job = _digits(_draw_keys(rng, jobs, _JOB_DIGITS), _JOB_DIGITS)
        employers = int(work.jobs.employer.max(initial=0)) + 1
        self._employer = _digits(_draw_keys(rng, employers, _EMPLOYER_DIGITS), _EMPLOYER_DIGITS)

    def persons(self) -> pa.Table:
        """Return GBAPERSOONTAB: one row per person."""
        rows, people = self._by_person, self._people
        return pa.table(
            {
                "RINPERSOONS": _matched(len(rows)),
                "RINPERSOON": self._person.take(rows),
                "GBAGEBOORTEJAAR": pa.array((self._year - people.age)[rows], pa.int16()),
                "GBAGEBOORTEMAAND": pa.array(people.month[rows], pa.int16()),
                "GBAGESLACHT": _codes(people.sex[rows]),
                "GBAHERKOMSTGROEPERING": _codes(people.origin[rows]),
                "GBAGENERATIE": _codes(people.generation[rows]),
            }
        )

    def household_links(self) -> pa.Table:
        """Return KOPPELPERSOONHUISHOUDEN: one row per person."""
        rows = self._by_person
        household = self._people.household[rows]
        return pa.table(
            {
                "RINPERSOONS": _matched(len(rows)),
                "RINPERSOON": self._person.take(rows),
                "RINPERSOONHKW": self._person.take(self._income.earner[household]),
                "HUISHOUDNR": self._number.take(household),
            }
        )

    def household_spells(self) -> pa.Table:
        """Return GBAHUISHOUDENSBUS: one row per person and spell; a birth in the year starts a new spell."""
        people, households, year = self._people, self._households, self._year
        count = len(households.kind)
        size = people.per_household(np.ones(len(people.age)), count).astype(np.int64)
        children = people.per_household(people.child, count).astype(np.int64)
        newborn = people.child & (people.age == 0)
        births = people.per_household(newborn, count).astype(np.int64)
        birth = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
        birth[people.household[newborn]] = self._born[newborn]
        split = births == 1

        start = np.maximum(self._formed[people.household], self._born)
        divided = split[people.household] & ~newborn
        now = np.where(divided, birth[people.household], start)
        current, former = np.arange(len(now)), np.flatnonzero(divided)
        person = np.concatenate((current, former))
        earlier = np.arange(len(person)) >= len(current)
        first = np.concatenate((now, start[former]))
        last = np.full(len(person), np.datetime64(f"{year}-12-31"))
        last[earlier] = birth[people.household[former]] - np.timedelta64(1, "D")
        order = np.lexsort((first, people.key[person]))
        person, earlier = person[order], earlier[order]
        household = people.household[person]
        kinder = children[household] - earlier
        type_now = _types(households, household, kinder > 0)
        return pa.table(
            {
                "RINPERSOONS": _matched(len(person)),
                "RINPERSOON": self._person.take(person),
                "HUISHOUDNR": self._number.take(household),
                "DATUMAANVANGHH": pa.array(first[order], pa.date32()),
                "DATUMEINDEHH": pa.array(last[order], pa.date32()),
                "TYPHH": _codes(type_now),
                "PLHH": _codes(_places(type_now, people.child[person], people.slot[person])),
                "AANTALPERSHH": pa.array(size[household] - earlier, pa.int16()),
                "AANTALKINDHH": pa.array(kinder, pa.int16()),
            }
        )

    def address_spells(self) -> pa.Table:
        """Return GBAADRESOBJECTBUS: one row per person and address in the year."""
        people = self._people
        household = people.household
        start = np.maximum(self._formed[household], self._born)
        moved = self._moved[household] & (start < self._move[household])
        current, former = np.arange(len(start)), np.flatnonzero(moved)
        person = np.concatenate((current, former))
        first = np.concatenate((np.where(moved, self._move[household], start), start[former]))
        last = np.full(len(person), np.datetime64(f"{self._year}-12-31"))
        last[len(current) :] = self._move[household[former]] - np.timedelta64(1, "D")
        dwelling = np.concatenate((household, self._former[household[former]]))
        order = np.lexsort((first, people.key[person]))
        return pa.table(
            {
                "RINPERSOONS": _matched(len(person)),
                "RINPERSOON": self._person.take(person[order]),
                "RINOBJECTNUMMER": self._dwelling.take(dwelling[order]),
                "GBADATUMAANVANGADRESHOUDING": pa.array(first[order], pa.date32()),
                "GBADATUMEINDEADRESHOUDING": pa.array(last[order], pa.date32()),
            }
        )

    def dwellings(self) -> pa.Table:
        """Return VSLGWBTAB: one row per dwelling, with the municipal stadsdeel beside buurt and wijk."""
        rows = np.argsort(self._dwelling_key, kind="stable")
        wijk = self._dwelling_wijk[rows]
        number = np.array([len(each.buurten) for each in WIJKEN])
        start = np.concatenate(([0], number.cumsum()[:-1]))
        buurt = start[wijk] + np.floor(self._buurt[rows] * number[wijk]).astype(np.int64)
        return pa.table(
            {
                "RINOBJECTNUMMER": self._dwelling.take(rows),
                "gem": pa.array([MUNICIPALITY]).take(np.zeros(len(rows), dtype=np.int64)),
                "wc": pa.array([each.code for each in WIJKEN]).take(wijk),
                "bc": pa.array([code for each in WIJKEN for code in each.buurten]).take(buurt),
                "stadsdeel": pa.array([each.stadsdeel_code for each in WIJKEN]).take(wijk),
            }
        )

    def household_income(self) -> pa.Table:
        """Return INHATAB: one row per household."""
        income, kind = self._income, self._households.kind
        rows = np.argsort(self._people.key[income.earner], kind="stable")
        return pa.table(
            {
                "RINPERSOONHKW": self._person.take(income.earner[rows]),
                "year": pa.array(np.full(len(rows), self._year), pa.int16()),
                "INHBESTINKH": _whole(income.disposable[rows]),
                "INHGESTINKH": _whole(income.equivalised[rows]),
                "INHARMLAG": pa.array(income.of_threshold[rows]),
                "INHARMSOC": pa.array(income.of_minimum[rows]),
                "INHBBIHJ": _codes(income.source[rows]),
                "INHEHALGR": _codes(income.tenure[rows]),
                "INHSAMHH": _codes(kind[rows] + 1),
            }
        )

    def parents(self) -> pa.Table:
        """Return KINDOUDERTAB: one row per child at home, of any age; a parent who is not known is missing."""
        people = self._people
        rows = self._by_person[people.child[self._by_person]]
        return pa.table(
            {
                "RINPERSOONS": _matched(len(rows)),
                "RINPERSOON": self._person.take(rows),
                "RINPERSOONpa": self._known(people.father[rows]),
                "RINPERSOONma": self._known(people.mother[rows]),
            }
        )

    def job_months(self) -> pa.Table:
        """Return SPOLISBUS: one row per job and month."""
        jobs = self._work.jobs
        order = np.lexsort((np.arange(len(jobs.person)), self._people.key[jobs.person]))
        job = np.repeat(order, jobs.months[order])
        ends = jobs.months[order].cumsum()
        within = np.arange(len(job)) - np.repeat(ends - jobs.months[order], jobs.months[order])
        month = ((self._year - 1970) * 12 + jobs.first_month[job] - 1 + within).astype("datetime64[M]")
        first = month.astype("datetime64[D]")
        last = (month + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
        return pa.table(
            {
                "RINPERSOONS": _matched(len(job)),
                "RINPERSOON": self._person.take(jobs.person[job]),
                "IKVID": self._job.take(job),
                "BEID": self._employer.take(jobs.employer[job]),
                "SDATUMAANVANGIKO": pa.array(first, pa.date32()),
                "SDATUMEINDEIKO": pa.array(last, pa.date32()),
                "SBASISLOON": pa.array(jobs.pay[job]),
                "SBASISUREN": pa.array(jobs.hours[job].astype(np.int64), pa.int16()),
                "SCONTRACTSOORT": pa.array(["B", "O"]).take(jobs.permanent[job].astype(np.int64)),
                "SSECT": pa.array([code for code, _, _ in SECTORS]).take(jobs.sector[job]),
            }
        )

    def _known(self, rows: Ints) -> pa.Array:
        return self._person.take(pa.array(np.maximum(rows, 0), mask=rows == NOBODY))


def _draw_keys(rng: np.random.Generator, count: int, digits: int) -> Ints:
    """Draw distinct keys without order."""
    return rng.choice(10**digits - 1, count, replace=False) + 1


def _digits(keys: Ints, width: int) -> pa.Array:
    """Return keys as text of `width` characters with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(keys), pa.string()), width, "0")


def _january(year: int) -> np.datetime64:
    return np.datetime64(f"{year}-01-01", "D")


def _matched(count: int) -> pa.Array:
    return pa.array(["R"]).take(np.zeros(count, dtype=np.int64))


def _codes(values: Ints) -> pa.Array:
    """Return small whole numbers as the text codes of the CBS files."""
    return pa.array([str(code) for code in range(int(values.max(initial=0)) + 1)]).take(values)


def _whole(values: Floats) -> pa.Array:
    return pa.array(values.astype(np.int64))


def _types(households: Households, household: Ints, with_children: Flags) -> Ints:
    """Return TYPHH: a couple that has no child yet is one without children, a parent alone is one person."""
    kind, married = households.kind[household], households.married[household]
    couple = np.isin(kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN))
    of_couple = np.where(with_children, 4, 2) + married
    single = np.where((kind == Kind.SINGLE_PARENT) & with_children, 6, 1)
    return np.where(couple, of_couple, np.where(kind == Kind.OTHER, 7, single))


def _places(types: Ints, child: Flags, slot: Ints) -> Ints:
    """Return PLHH: the place in a household of the given TYPHH."""
    of_type = np.array([0, 2, 3, 4, 5, 6, 7, 9, 10])[types]
    of_type = np.where((types == 7) & (slot == 0), 8, of_type)
    return np.where(child & (slot >= ADULT_SLOTS), 1, of_type)
