# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 2
#     title:
#       en: Children in poverty
#       nl: Kinderen in armoede
#     data:
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#       GBAHUISHOUDENSBUS: [RINPERSOON, DATUMAANVANGHH, DATUMEINDEHH, TYPHH]
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, bc, wc, stadsdeel]
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMLAG, INHBBIHJ]}
#       KINDOUDERTAB: [RINPERSOON, RINPERSOONpa, RINPERSOONma]
#       SPOLISBUS: {years: [year], columns: [RINPERSOON, SDATUMEINDEIKO, SBASISLOON, SSECT, BEID]}
#     parameters:
#       year: {from: 2018, until: 2022}
#       threshold: {from: 50, until: 200}
#       area: [wc, bc, stadsdeel]
# ---

# %% [markdown]
# # Case 2. Children in poverty
#
# **Question.** How many children in The Hague live in a household with a low income, in which wijken, and does it matter
# whether one parent or two bring them up, and whether a parent works?
#
# **Who is counted.** Children who were under 18 on the last day of the year and lived in The Hague. A child is *poor* here
# when the income of the household is below the low-income threshold of CBS (100%). The parameter `threshold` moves that
# line; other definitions, such as the policy minimum of the municipality, give other numbers (case 11).

# %% tags=["parameters"]
year: int = 2022
threshold: int = 100
area: str = "wc"

# %% [markdown]
# `year` is the year that the data describe, `threshold` the line in per cent of the low-income threshold, and `area` the
# area by which poor children are counted: `"wc"` (wijk), `"bc"` (buurt) or `"stadsdeel"`.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | GBAPERSOONTAB | year of birth | person |
# | GBAHUISHOUDENSBUS | type of household on the last day of the year | person |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on that day, and where it stands | person, dwelling |
# | KOPPELPERSOONHUISHOUDEN, INHATAB | income of the household | person, household |
# | KINDOUDERTAB, SPOLISBUS | the parents, and whether they had a job in December | child, parent |
#
# `sdc.data` returns a table that has not been read yet: what follows is one query, built step by step, and only the check
# runs it. That is also what lets the office compute the same figures again without running this notebook.

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")

persons = sdc.data("GBAPERSOONTAB")
minors = persons.filter(persons["GBAGEBOORTEJAAR"] > year - 18).select("RINPERSOON")

spells = sdc.data("GBAHUISHOUDENSBUS")
homes = spells.filter(spells["DATUMAANVANGHH"] <= last_day, spells["DATUMEINDEHH"] >= last_day).select(
    "RINPERSOON", "TYPHH"
)

stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .select("RINPERSOON", "RINOBJECTNUMMER")
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("RINPERSOON", "bc", "wc", "stadsdeel")
)

money = (
    sdc.data("KOPPELPERSOONHUISHOUDEN", year=year)
    .select("RINPERSOON", "RINPERSOONHKW")
    .join(sdc.data("INHATAB", year=year).select("RINPERSOONHKW", "INHARMLAG", "INHBBIHJ"), "RINPERSOONHKW")
    .select("RINPERSOON", "INHARMLAG", "INHBBIHJ")
)

# %% [markdown]
# ## Method
#
# Each join goes along a key, and each data set has been cut down to one row per person first, so a child stays one row.
# Two columns are derived: `poor` (1 or 0) and `single_parent` (yes or no).

# %%
joined = minors.join(homes, "RINPERSOON").join(places, "RINPERSOON").join(money, "RINPERSOON")
children = joined.select(
    "RINPERSOON",
    "bc",
    "wc",
    "stadsdeel",
    "INHBBIHJ",
    single_parent=ibis.ifelse(joined["TYPHH"] == "6", "yes", "no"),
    poor=ibis.ifelse(joined["INHARMLAG"] < threshold, 1, 0),
)
poor_children = children.filter(children["poor"] == 1)

# %% [markdown]
# A parent *works* who had a job in December, whether or not that parent lives with the child, or when the household lives
# on self-employment. A parent with two jobs gives a child two rows. That is harmless: a count publishes distinct children,
# because the unit is the person and not the row.

# %%
jobs = sdc.data("SPOLISBUS", year=year)
december = jobs.filter(jobs["SDATUMEINDEIKO"] == last_day)
father = december.select(RINPERSOONpa="RINPERSOON", pay_pa="SBASISLOON")
mother = december.select(RINPERSOONma="RINPERSOON", pay_ma="SBASISLOON")
family = (
    sdc.data("KINDOUDERTAB")
    .select("RINPERSOON", "RINPERSOONpa", "RINPERSOONma")
    .left_join(father, "RINPERSOONpa")
    .left_join(mother, "RINPERSOONma")
    .select("RINPERSOON", "pay_pa", "pay_ma")
)
with_parents = poor_children.left_join(family, "RINPERSOON")
works = (with_parents["pay_pa"] > 0) | (with_parents["pay_ma"] > 0) | (with_parents["INHBBIHJ"] == "13")
poor_families = with_parents.select(
    "RINPERSOON",
    "single_parent",
    working_parent=ibis.ifelse(works, "yes", "no"),
)

# %% [markdown]
# ## 1. A table that is safe
#
# All children, by stadsdeel and by whether they live with one parent. Every cell holds many children, and no stadsdeel has
# nearly all of its children in one column, so the table passes as it stands.

# %%
by_stadsdeel = sdc.table(children, rows=["stadsdeel"], columns=["single_parent"], unit="RINPERSOON")
print(by_stadsdeel.verdict.status)
by_stadsdeel

# %% [markdown]
# The second one is about poor children only: does a parent work? For the whole city this is safe as well. These are
# numbers, and not yet an answer: how much more often children without a working parent are poor is the exercise.

# %%
by_work = sdc.table(poor_families, rows=["working_parent"], columns=["single_parent"], unit="RINPERSOON")
print(by_work.verdict.status)
by_work

# %% [markdown]
# ## 2. The trap: small cells, and what remains after subtracting
#
# Poor children by wijk and household. Some wijken have few families, and in others few families are poor: there a cell is
# about a handful of children whom the neighbours know. In some wijken all poor children live in one kind of household, so
# whoever knows that a child is poor learns the rest. The verdict names each cell and the rule that it fails.

# %%
by_area = sdc.table(poor_children, rows=[area], columns=["single_parent"], unit="RINPERSOON")
print(by_area.verdict.status, len(by_area.verdict.findings))
for finding in by_area.verdict.findings[:5]:
    print("-", finding.rule, "|", finding.message)
by_area

# %% [markdown]
# ## The remedy
#
# Every finding comes with remedies that are applied in one call. Two of them compete here:
#
# - *suppress* withholds the failing cells and, because a total minus the rest gives a withheld cell away, all margins;
# - *merge* goes one step up the hierarchy, from wijk to stadsdeel, and loses the detail that the question asks for.
#
# The question is about wijken, so we suppress. Do not hand in both. Laak has two wijken. Where Binckhorst is withheld,
# whoever has the poor children of the stadsdeel and of Laakkwartier subtracts one from the other, and has Binckhorst after
# all. This is differencing, and it also works across tables, teams and years.

# %%
for remedy in by_area.remedies():
    print("-", remedy.kind, "| loses:", remedy.loses)


def suppressed_if_needed(out):
    """Return a table that is safe: as it stands, or with what fails and all margins withheld; None if nothing is left."""
    if out.verdict.status == "safe":
        return out
    found = (out.apply(remedy) for remedy in out.remedies() if remedy.kind == "suppress")
    return next((better for better in found if better.verdict.status == "safe"), None)


def status(out):
    """Return the status of a table that there may be none of: of few people hardly anything can be shown."""
    return "nothing is left" if out is None else out.verdict.status


repaired = suppressed_if_needed(by_area)
print(status(repaired))
repaired

# %% [markdown]
# ## 3. A table that is refused
#
# Which employers pay the parents least? It is a natural next question, and pay per employer is not only about few people:
# one employer or one very large wage dominates the mean. But it does not come to that: `BEID` is an identifier, and an
# identifier never is a dimension of an output. The refusal comes before anything is counted.

# %%
try:
    sdc.table(
        december,
        rows=["SSECT"],
        columns=["BEID"],
        values="SBASISLOON",
        statistic="mean",
        unit="RINPERSOON",
    )
except sdc.errors.RefusedError as refusal:
    print("Refused:", refusal)

# %% [markdown]
# ## Handing in
#
# The basket holds what should leave. Each output has a name that stays the same from run to run, says who is in it, and how
# it differs from the other tables, so that a reviewer can judge what subtraction would show. In a population of a few
# thousand even the first tables can hold a small cell: then they too are handed in with it withheld. What would show
# few children beside the rest, the basket refuses; then it stays out.

# %%
everyone = f"Children under 18 living in The Hague on 31 December {year}"
poor = f"{everyone}, in a household below {threshold}% of the low-income threshold"
kind_of_area = {"bc": "buurt", "wc": "wijk"}.get(area, area)
basket = sdc.basket()
for name, out, title, population, differs in (
    (
        "children-by-stadsdeel",
        suppressed_if_needed(by_stadsdeel),
        f"Children by stadsdeel and single parent, {year}",
        everyone,
        "All children, poor or not; the other tables hold poor children only.",
    ),
    (
        "poor-children-by-working-parent",
        suppressed_if_needed(by_work),
        f"Children below {threshold}% of the low-income threshold by working and single parent, {year}",
        poor,
        "The same children as in the table by area, for the whole city.",
    ),
    (
        f"poor-children-by-{kind_of_area}",
        repaired,
        f"Children below {threshold}% of the low-income threshold by {kind_of_area} and single parent, {year}",
        poor,
        "The same children as in the table by working parent, by area; what fails is withheld, with all margins.",
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
    title="Children in poverty",
    purpose="To show where children grow up in poverty, and in which households, for the plans against child poverty.",
    code=["case-02-children-in-poverty.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# More poor children have a parent who works than have none. Does work make poor, then? Make the table that answers the
# question: of *all* children, by whether a parent works and by whether they live with one parent, what share is poor? Is
# it safe, and if not, which part of the answer is? May that be handed in beside the tables above?
