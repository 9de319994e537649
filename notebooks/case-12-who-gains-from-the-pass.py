# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 12
#     title:
#       en: Who gains when the pass goes to 150%?
#       nl: Wie wint als de pas naar 150% gaat?
#     data:
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMSOC, INHBBIHJ, INHSAMHH]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#     parameters:
#       year: {from: 2018, until: 2022}
#       now: [110, 120, 130]
#       then: [140, 150]
# ---

# %% [markdown]
# # Case 12. Who gains when the pass goes to 150%?
#
# **Question.** The Ooievaarspas is for households up to 130% of the policy minimum. How many households and children
# come in when the line goes to 150%, and what kind of households are they?
#
# **Who is counted.** Households that lived in The Hague on the last day of the year, by the income of that year, and
# their members. Whether they would ask for the pass is not known: this is who *may* have it.

# %% tags=["parameters"]
year: int = 2022
now: int = 130
then: int = 150

# %% [markdown]
# `year` is the year of the income, `now` the line as it is and `then` the line as it would be, in per cent of the
# policy minimum.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB | income against the policy minimum, main source of income, make-up of the household | household |
# | KOPPELPERSOONHUISHOUDEN, GBAPERSOONTAB | the members of a household and their year of birth | person, household |

# %%
income = sdc.data("INHATAB", year=year)
members = (
    sdc.data("KOPPELPERSOONHUISHOUDEN", year=year)
    .select("RINPERSOON", "RINPERSOONHKW")
    .join(sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR"), "RINPERSOON")
)
minors = (
    members.filter(members["GBAGEBOORTEJAAR"] > year - 18)
    .group_by("RINPERSOONHKW")
    .aggregate(minors=lambda one: one["RINPERSOON"].count())
)

# %% [markdown]
# ## Method
#
# The households up to `then` are cut in two: those that may have the pass already, and those that come in. A
# household is one *with children* if a member is under 18.

# %%
joined = income.left_join(minors, "RINPERSOONHKW").select(
    "RINPERSOONHKW", "INHARMSOC", "INHBBIHJ", "INHSAMHH", "minors"
)
entitled = joined.filter(joined["INHARMSOC"] <= then).select(
    "RINPERSOONHKW",
    "INHARMSOC",
    "INHBBIHJ",
    "INHSAMHH",
    children=ibis.ifelse(joined["minors"].isnull(), "no", "yes"),
    source=ibis.cases(
        (joined["INHBBIHJ"].isin(["11", "13"]), "work"),
        (joined["INHBBIHJ"] == "25", "pension"),
        else_="benefit or other",
    ),
)
added = entitled.filter(entitled["INHARMSOC"] > now)


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
# ## 1. How many come in

# %%
by_children = suppressed_if_needed(sdc.table(added, rows=["children"], unit="RINPERSOONHKW"))
print("households:", status(by_children))
by_children

# %% [markdown]
# Households are not children. Those are persons, so they are counted as persons.

# %%
people = members.join(added.select("RINPERSOONHKW"), "RINPERSOONHKW")
aged = people.select(
    "RINPERSOON",
    "RINPERSOONHKW",
    age=ibis.ifelse(people["GBAGEBOORTEJAAR"] > year - 18, "under 18", "18 or older"),
)
by_age = suppressed_if_needed(sdc.table(aged, rows=["age"], unit="RINPERSOON"))
print("persons:", status(by_age))
by_age

# %% [markdown]
# ## 2. The trap: before and after
#
# A plan is often told as two tables: who may have the pass now, and who may have it then, each by main source of
# income. Each can be made safe on its own.

# %%
before = suppressed_if_needed(
    sdc.table(entitled.filter(entitled["INHARMSOC"] <= now), rows=["INHBBIHJ"], unit="RINPERSOONHKW")
)
after = suppressed_if_needed(sdc.table(entitled, rows=["INHBBIHJ"], unit="RINPERSOONHKW"))
print("before:", status(before))
print("after:", status(after))

# %% [markdown]
# Their difference is the group that is added, source by source. Of some sources it is a few households only, unless the
# population is large: their income is then known to lie between the two lines. The basket subtracts the tables as a reader
# would, and refuses the second.

# %%
basket = sdc.basket()
if before is not None and after is not None:
    basket.add(before, name="before", title="May have the pass now", population="Households in The Hague")
    try:
        basket.add(after, name="after", title="May have the pass then", population="Households in The Hague")
        basket.remove("after")
        print("The differences are large enough here.")
    except sdc.errors.RefusedError as refusal:
        print("Refused:", refusal)
    basket.remove("before")

# %% [markdown]
# The group that is added is better shown by itself. Then a small cell is seen, and the verdict says which it is. But a margin
# does as much as a table: where one cell is withheld, the total less the others gives it back, and the total stands in
# section 1 already. So withholding is no way out here.

# %%
added_by_source = sdc.table(added, rows=["INHBBIHJ"], unit="RINPERSOONHKW")
print("added by source:", added_by_source.verdict.status)
for finding in added_by_source.verdict.findings:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# ## The remedy
#
# Coarser sources. All cells are large, nothing is withheld, and the total is that of section 1.

# %%
by_source = suppressed_if_needed(sdc.table(added, rows=["source"], unit="RINPERSOONHKW"))
print("by source:", status(by_source))
by_source

# %% [markdown]
# ## Handing in

# %%
between = f"above {now}% and up to {then}% of the policy minimum"
everyone = f"Households living in The Hague on 31 December {year}, {between}"
for name, out, title, population, differs in (
    (
        "households-added-by-children",
        by_children,
        f"Households {between}, by children under 18, {year}",
        everyone,
        "Households that come in; the table by age has their members.",
    ),
    (
        "persons-added-by-age",
        by_age,
        f"Members of households {between}, by age, {year}",
        f"Members of: {everyone}",
        "Persons in place of households.",
    ),
    (
        "households-added-by-source",
        by_source,
        f"Households {between}, by main source of income, {year}",
        everyone,
        "The same households as by children; sources are taken together so that no cell is small.",
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
    title="Who gains when the pass goes to 150%?",
    purpose="To show how many households and children come in when the line of the pass is moved, for the council.",
    code=["case-12-who-gains-from-the-pass.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Show by make-up of the household (INHSAMHH) who comes in. Is that table safe, and is it beside the ones above as
# well? A couple with a son of twenty at home: in which category of each table does it stand?
