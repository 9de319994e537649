# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 9
#     title:
#       en: Debts of the young who stay out of sight
#       nl: Schulden van jongeren die buiten beeld blijven
#     data:
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#       GBAHUISHOUDENSBUS: [RINPERSOON, DATUMAANVANGHH, DATUMEINDEHH, PLHH, REFPERSOONHH]
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       SCHULDENTAB: {years: [year], columns: [RINPERSOONHKW, PROBSCHULD]}
#       VOORZIENINGEN: {years: [year], columns: [RINPERSOONHKW, REGELING]}
#       WSNPPERSBUS: [RINPERSOON, AANVWSNP, EINDWSNP]
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, wc, stadsdeel]
#     parameters:
#       year: {from: 2018, until: 2022}
#       young_until: {from: 21, until: 30}
#       area: [wc, stadsdeel]
# ---

# %% [markdown]
# # Case 9. Debts of the young who stay out of sight
#
# **Question.** How many people in The Hague have problematic debts, does it concern the young more than others, and
# how many of the young does the municipality not see, because their household uses none of its schemes and no debt
# restructuring?
#
# **Who is counted.** Inhabitants of The Hague on the last day of the year, and their households. Debts are known of a
# *household*: somebody has problematic debts here who lives in a household that has. The municipality says 13% of the
# inhabitants.

# %% tags=["parameters"]
year: int = 2022
young_until: int = 26
area: str = "stadsdeel"

# %% [markdown]
# `year` is the year that the data describe, `young_until` the last age of the young, who begin at 18, and `area` the
# area by which they are counted: `"wc"` (wijk) or `"stadsdeel"`.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | GBAPERSOONTAB | year of birth | person |
# | GBAHUISHOUDENSBUS | place in the household on the last day of the year, and who is its reference person | person |
# | KOPPELPERSOONHUISHOUDEN | which household a person belongs to | person, household |
# | SCHULDENTAB | problematic debts | household |
# | VOORZIENINGEN | schemes used (without `"07"`, the energietoeslag that nearly all got; `"08"` is debt help) | household |
# | WSNPPERSBUS | debt restructuring under the law | person |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on the last day, and where it stands | person, dwelling |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")
persons = sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR")
links = sdc.data("KOPPELPERSOONHUISHOUDEN", year=year).select("RINPERSOON", "RINPERSOONHKW")
debts = sdc.data("SCHULDENTAB", year=year).select("RINPERSOONHKW", "PROBSCHULD")

spells = sdc.data("GBAHUISHOUDENSBUS")
homes = spells.filter(spells["DATUMAANVANGHH"] <= last_day, spells["DATUMEINDEHH"] >= last_day).select(
    "RINPERSOON", "PLHH", "REFPERSOONHH"
)

use = sdc.data("VOORZIENINGEN", year=year)
schemes = (
    use.filter(use["REGELING"] != "07")
    .group_by("RINPERSOONHKW")
    .aggregate(schemes=lambda one: one["REGELING"].count(), debt_help=lambda one: (one["REGELING"] == "08").sum())
)
restructured = sdc.data("WSNPPERSBUS")
under_the_law = (
    restructured.filter(restructured["AANVWSNP"] <= last_day, restructured["EINDWSNP"].year() >= year)
    .join(links, "RINPERSOON")
    .group_by("RINPERSOONHKW")
    .aggregate(wsnp=lambda one: one["AANVWSNP"].count())
)

# %% [markdown]
# ## Method
#
# To be in sight belongs to the household, as the debts do: it is enough that one member has debts restructured. Who
# uses no scheme is in no row of VOORZIENINGEN, so these joins keep the households that find nothing.

# %%
households = (
    debts.left_join(schemes, "RINPERSOONHKW")
    .left_join(under_the_law, "RINPERSOONHKW")
    .select("RINPERSOONHKW", "PROBSCHULD", "schemes", "debt_help", "wsnp")
)
joined = links.join(households, "RINPERSOONHKW").join(persons, "RINPERSOON").join(homes, "RINPERSOON")
age = year - joined["GBAGEBOORTEJAAR"]
people = joined.select(
    "RINPERSOON",
    "RINPERSOONHKW",
    "REFPERSOONHH",
    age=ibis.cases(
        (age < 18, "0-17"),
        (age <= young_until, f"18-{young_until}"),
        (age < 45, f"{young_until + 1}-44"),
        (age < 65, "45-64"),
        else_="65+",
    ),
    home=ibis.ifelse(joined["PLHH"] == "1", "with parents", "own home"),
    debts=ibis.ifelse(joined["PROBSCHULD"] == "1", 1, 0),
    helped=ibis.ifelse((joined["debt_help"] > 0) | (joined["wsnp"] > 0), 1, 0),
    in_sight=ibis.ifelse((joined["schemes"] > 0) | (joined["wsnp"] > 0), 1, 0),
)


def suppressed_if_needed(out):
    """Return a table that is safe: as it stands, or with what fails and all margins withheld; None if nothing is left."""
    if out.verdict.status == "safe":
        return out
    found = (out.apply(remedy) for remedy in out.remedies() if remedy.kind == "suppress")
    return next((better for better in found if better.verdict.status == "safe"), None)


def status(out):
    """Return the status of a table that there may be none of: of few people hardly anything can be shown."""
    return "nothing is left" if out is None else out.verdict.status


# %% [markdown]
# ## 1. Persons or households?
#
# The share of *persons* in a household with debts, by their age, and the share of *households* with debts, by the age
# of the reference person. Both are "the share with problematic debts", and they are not the same figure: a family
# counts once among the households and four times among the persons, and the young who live with their parents stand
# among the households under the age of a parent. Say with each figure what was counted.

# %%
of_persons = suppressed_if_needed(sdc.table(people, rows=["age"], values="debts", statistic="rate", unit="RINPERSOON"))
print("persons:", status(of_persons))
of_persons

# %%
heads = people.filter(people["REFPERSOONHH"] == "1")
of_households = suppressed_if_needed(
    sdc.table(heads, rows=["age"], values="debts", statistic="rate", unit="RINPERSOONHKW")
)
print("households:", status(of_households))
of_households

# %% [markdown]
# ## 2. The trap: few households behind enough persons
#
# The young with debts by area. Brothers and sisters of 18 and 20 live in one household, and it is the household that
# has the debts: ten persons may be nine households. The check counts the persons whom we ask for. That the rows were
# *chosen* by something of their households only we know, so we ask for these too, with `other_units`. By wijk both
# are often too few.

# %%
young = people.filter(people["age"] == f"18-{young_until}", people["debts"] == 1)
stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .select("RINPERSOON", "RINOBJECTNUMMER")
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("RINPERSOON", "wc", "stadsdeel")
)
located = young.join(places, "RINPERSOON")
persons_only = sdc.table(located, rows=["wc"], columns=["home"], unit="RINPERSOON")
print("by wijk, persons:", persons_only.verdict.status, len(persons_only.verdict.findings))
by_wijk = sdc.table(located, rows=["wc"], columns=["home"], unit="RINPERSOON", other_units=["RINPERSOONHKW"])
print("by wijk:", by_wijk.verdict.status, len(by_wijk.verdict.findings))
for finding in by_wijk.verdict.findings[:5]:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# The remedy is a coarser area: `stadsdeel`, which is what `area` is unless somebody chooses otherwise.

# %%
by_area = suppressed_if_needed(
    sdc.table(located, rows=[area], columns=["home"], unit="RINPERSOON", other_units=["RINPERSOONHKW"])
)
print("by area:", status(by_area))
by_area

# %% [markdown]
# ## 3. Who stays out of sight
#
# How many of those with debts have debt help or a restructuring? Of the young hardly anybody. So
# the answer is refused for them: it would say of each of the young with debts that there is no help. It is the
# same rule that refuses 0% and 100%.

# %%
indebted = people.filter(people["debts"] == 1, people["age"] != "0-17")
help_by_age = sdc.table(indebted, rows=["age"], values="helped", statistic="rate", unit="RINPERSOON")
print("debt help:", help_by_age.verdict.status)
for finding in help_by_age.verdict.findings:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# The question was another one: whom does the municipality *see*? Any scheme will do for that, since who comes for a
# pass can be asked about debts. That is a broader and a better measure, and nearly everybody is in no category of it.

# %%
seen_by_age = suppressed_if_needed(
    sdc.table(indebted, rows=["age"], values="in_sight", statistic="rate", unit="RINPERSOON")
)
print("in sight:", status(seen_by_age))
seen_by_age

# %% [markdown]
# ## Handing in
#
# The share of the young with debts is a figure of theirs for the whole city. Where little is withheld by area, the city
# less the areas that are shown can give that little away: then the basket refuses the table by area, and it stays out.

# %%
everyone = f"Inhabitants of The Hague on 31 December {year}"
ages = f"18 to {young_until} years old"
kind_of_area = {"wc": "wijk"}.get(area, area)
basket = sdc.basket()
for name, out, title, population, differs in (
    (
        "persons-with-debts-by-age",
        of_persons,
        f"Share of persons in a household with problematic debts by age, {year}",
        everyone,
        "Persons by their own age; the table of households has the age of the reference person.",
    ),
    (
        "households-with-debts-by-age",
        of_households,
        f"Share of households with problematic debts by age of the reference person, {year}",
        f"Households living in The Hague on 31 December {year}",
        "Households in place of persons.",
    ),
    (
        f"young-with-debts-by-{kind_of_area}",
        by_area,
        f"Persons of {ages} in a household with problematic debts by {kind_of_area} and home, {year}",
        f"{everyone}, {ages}, in a household with problematic debts",
        "Numbers of the young only, judged by household too; the other tables hold shares, for the whole city.",
    ),
    (
        "in-sight-by-age",
        seen_by_age,
        f"Share of adults with problematic debts whose household uses a scheme or has debts restructured, {year}",
        f"{everyone}, 18 or older, in a household with problematic debts",
        "Adults with debts only.",
    ),
):
    if out is None:
        continue
    try:
        basket.add(out, name=name, title=title, population=population, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Debts of the young who stay out of sight",
    purpose="To show how many of the young with debts the municipality does not reach, for its plan on debts.",
    code=["case-09-debts-of-the-young.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Do the young with debts who live with their parents stay out of sight more often than those with a home of their
# own? Make the table, and say whether it may be handed in beside the ones above. What does the figure mean for those
# who live with their parents: whose debts are they, and who uses the scheme?
