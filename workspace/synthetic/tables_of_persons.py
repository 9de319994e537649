"""The files of persons, their homes and addresses: GBA, VSL, KOPPEL and KINDOUDER, in the names and codings of CBS.

BUS files hold spells with a start and an end, cut off at the end of the window; TAB files one snapshot.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workspace.synthetic.columns import (
    Scope,
    codes,
    constant,
    dates,
    flags,
    known_persons,
    person_keys,
    small,
)
from workspace.synthetic.households import ADULT_SLOTS, Flags, Households, Ints, Kind
from workspace.synthetic.places import OUTSIDE, Municipality
from workspace.synthetic.population import NOBODY
from workspace.synthetic.spells import handed_down, ordered

# GBAGEBOORTELAND by origin (1 to 3) of those who were born abroad, and of the others.
_BORN_HERE, _BORN_ABROAD = "6030", ("6030", "9999", "9998")


def persons(scope: Scope) -> pa.Table:
    """Return GBAPERSOONTAB: one row per person."""
    rows, people = scope.order, scope.panel.people
    abroad = people.generation[rows] == 1
    land = np.where(abroad, people.origin[rows], 0)
    return pa.table(
        {
            **person_keys(scope, rows),
            "GBAGEBOORTEJAAR": small((scope.panel.window.last - people.age)[rows]),
            "GBAGEBOORTEMAAND": small(people.month[rows]),
            "GBAGESLACHT": codes(people.sex[rows]),
            "GBAGEBOORTELAND": pa.array([_BORN_HERE, *_BORN_ABROAD]).take(pa.array(land)),
            "GBAHERKOMSTGROEPERING": codes(people.origin[rows]),
            "GBAGENERATIE": codes(people.generation[rows]),
        }
    )


def household_links(scope: Scope, year: int) -> pa.Table:
    """Return KOPPELPERSOONHUISHOUDEN of a year: the members of the households in the city at its end."""
    panel = scope.panel
    rows = scope.by_key(panel.members(year) & panel.in_city[panel.people.household, year])
    household = panel.people.household[rows]
    return pa.table(
        {
            **person_keys(scope, rows),
            "RINPERSOONHKW": scope.person.take(pa.array(panel.earnings.earner[household])),
            "HUISHOUDNR": scope.number.take(pa.array(household)),
        }
    )


def household_spells(scope: Scope) -> pa.Table:
    """Return GBAHUISHOUDENSBUS: one row per person and spell; a birth starts a new spell of the whole household."""
    panel = scope.panel
    people, households, presence = panel.people, panel.households, panel.presence
    home, count = people.household, len(households.kind)
    size = people.per_household(np.ones(len(home)), count).astype(np.int64)
    children = people.per_household(people.child, count).astype(np.int64)
    later = np.flatnonzero(people.child & (presence.born > presence.formed[home]) & (presence.born > scope.since))
    births = np.bincount(home[later], minlength=count)
    order = np.lexsort((presence.born[later], home[later]))
    later = later[order]
    nth = np.arange(len(later)) - np.repeat(np.cumsum(births) - births, births) + 1
    stages = ordered(
        np.concatenate((np.arange(count), home[later])),
        np.concatenate((presence.formed, presence.born[later])),
        np.concatenate((np.zeros(count, dtype=np.int64), nth)),
    )
    spells = handed_down(stages, home, presence.born, presence.until, scope.since)
    spells = spells.only(np.flatnonzero(scope.persons[spells.person]))
    spells = spells.only(scope.sorted(spells.person, spells.first))
    household = home[spells.person]
    missing = births[household] - spells.what
    kinder = children[household] - missing
    types = _types(households, household, kinder > 0)
    return pa.table(
        {
            **person_keys(scope, spells.person),
            "HUISHOUDNR": scope.number.take(pa.array(household)),
            "DATUMAANVANGHH": dates(spells.first),
            "DATUMEINDEHH": dates(spells.last),
            "TYPHH": codes(types),
            "PLHH": codes(_places(types, people.child[spells.person], people.slot[spells.person])),
            "REFPERSOONHH": flags(people.slot[spells.person] == 0),
            "AANTALPERSHH": small(size[household] - missing),
            "AANTALKINDHH": small(kinder),
        }
    )


def address_spells(scope: Scope) -> pa.Table:
    """Return GBAADRESOBJECTBUS: one row per person and address, also those elsewhere in the country."""
    panel = scope.panel
    presence = panel.presence
    spells = handed_down(panel.addresses.stages, panel.people.household, presence.born, presence.until, scope.since)
    spells = spells.only(np.flatnonzero(scope.persons[spells.person]))
    spells = spells.only(scope.sorted(spells.person, spells.first))
    return pa.table(
        {
            **person_keys(scope, spells.person),
            "SOORTOBJECTNUMMER": constant("B", len(spells.person)),
            "RINOBJECTNUMMER": scope.dwelling.take(pa.array(spells.what)),
            "GBADATUMAANVANGADRESHOUDING": dates(spells.first),
            "GBADATUMEINDEADRESHOUDING": dates(spells.last),
        }
    )


def dwellings(scope: Scope) -> pa.Table:
    """Return VSLGWBTAB: one row per dwelling, with the municipal stadsdeel beside buurt and wijk."""
    addresses, municipality = scope.panel.addresses, scope.panel.targets.municipality
    rows = np.argsort(scope.dwelling_key, kind="stable")
    place = addresses.place[rows]
    buurten = buurten_of(municipality)
    number = np.array([len(each) for each in buurten])
    start = np.concatenate(([0], number.cumsum()[:-1]))
    buurt = start[place] + np.floor(addresses.share[rows] * number[place]).astype(np.int64)
    outside = len(municipality.elsewhere)
    gem = [municipality.code] * len(municipality.wijken) + [code for code, *_ in municipality.elsewhere]
    deel = [each.stadsdeel_code for each in municipality.wijken] + [OUTSIDE] * outside
    where = pa.array(place)
    gem_column = pa.array(gem).take(where)
    wijk_column = pa.array(wijken_of(municipality)).take(where)
    buurt_column = pa.array([code for each in buurten for code in each]).take(pa.array(buurt))
    return pa.table(
        {
            "RINOBJECTNUMMER": scope.dwelling.take(pa.array(rows)),
            "gem": gem_column,
            "wc": wijk_column,
            "bc": buurt_column,
            "stadsdeel": pa.array(deel).take(where),
            "gem2023": gem_column,
            "wc2023": wijk_column,
            "bc2023": buurt_column,
        }
    )


def wijken_of(municipality: Municipality) -> list[str]:
    """Return the codes of the wijken; of each municipality elsewhere one that stands for all of it."""
    return [each.code for each in municipality.wijken] + [f"{code}99" for code, *_ in municipality.elsewhere]


def buurten_of(municipality: Municipality) -> list[tuple[str, ...]]:
    """Return the codes of the buurten of each wijk, in the order of `wijken_of`."""
    return [each.buurten for each in municipality.wijken] + [(f"{code}9999",) for code, *_ in municipality.elsewhere]


def parents(scope: Scope) -> pa.Table:
    """Return KINDOUDERTAB: one row per person with a known parent; a parent who is not known is missing."""
    people, kinship = scope.panel.people, scope.panel.kinship
    rows = scope.by_key(people.child | kinship.linked)
    father, mother = kinship.father[rows], kinship.mother[rows]
    known = np.zeros(len(rows), dtype=bool)
    for parent in (father, mother):
        known |= (parent != NOBODY) & scope.persons[np.maximum(parent, 0)]
    rows, father, mother = rows[known], father[known], mother[known]
    return pa.table(
        {
            **person_keys(scope, rows),
            "RINPERSOONpa": known_persons(scope, father),
            "RINPERSOONma": known_persons(scope, mother),
        }
    )


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
