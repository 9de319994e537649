# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 7
#     title:
#       en: School leavers, their family, health and income
#       nl: Schoolverlaters, hun gezin, gezondheid en inkomen
#     data:
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR, GBAGESLACHT]
#       GBAHUISHOUDENSBUS: [RINPERSOON, DATUMAANVANGHH, DATUMEINDEHH, TYPHH, PLHH]
#       KINDOUDERTAB: [RINPERSOON, RINPERSOONpa, RINPERSOONma]
#       SECMBUS: [RINPERSOON, AANVSECM, EINDSECM, SECM]
#       HOOGSTEOPLTAB: {years: [year], columns: [RINPERSOON, OPLNIVEAU]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMLAG]}
#       WANBZVWTAB: {years: [year], columns: [RINPERSOON, WANBZVW]}
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, wc, stadsdeel]
#     parameters:
#       year: {from: 2020, until: 2022}
#       oldest: {from: 20, until: 23}
# ---

# %% [markdown]
# # Case 7. School leavers, their family, health and income
#
# **Question.** Of the young who no longer go to school, who left without a basic qualification? Does it go with a
# single parent, with a low income, with parents who do not pay their health premium, or with several of these at a
# time?
#
# **Who is counted.** Persons of 18 to `oldest` years who lived with their parents in The Hague on the last day of the
# year and were not in education then. That a parent is in default on the health premium stands for trouble with health
# care: these files hold nothing of health itself.

# %% tags=["parameters"]
year: int = 2022
oldest: int = 23

# %% [markdown]
# `year` is the year that the data describe, `oldest` the highest age. What somebody's highest education is, is known as
# at the end of 2022, also in the files of the years before.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | GBAPERSOONTAB | year of birth, sex | person |
# | GBAHUISHOUDENSBUS | who lives with parents (PLHH `"1"`), and whether with one (TYPHH `"6"`) | person |
# | KINDOUDERTAB | who the parents are | person |
# | SECMBUS | what somebody lives on, on the last day (`"26"` is education) | person |
# | HOOGSTEOPLTAB | highest education (`"1"` is without a basic qualification) | person |
# | KOPPELPERSOONHUISHOUDEN, INHATAB | household, its income against the low-income threshold | person, household |
# | WANBZVWTAB | who is in default on the health premium | person |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on the last day, and where it stands | person, dwelling |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")
persons = sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR", "GBAGESLACHT")
education = sdc.data("HOOGSTEOPLTAB", year=year).select("RINPERSOON", "OPLNIVEAU")
links = sdc.data("KOPPELPERSOONHUISHOUDEN", year=year).select("RINPERSOON", "RINPERSOONHKW")
income = sdc.data("INHATAB", year=year).select("RINPERSOONHKW", "INHARMLAG")

spells = sdc.data("GBAHUISHOUDENSBUS")
homes = spells.filter(
    spells["DATUMAANVANGHH"] <= last_day, spells["DATUMEINDEHH"] >= last_day, spells["PLHH"] == "1"
).select("RINPERSOON", "TYPHH")

activities = sdc.data("SECMBUS")
activity = activities.filter(activities["AANVSECM"] <= last_day, activities["EINDSECM"] >= last_day).select(
    "RINPERSOON", "SECM"
)

stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("RINPERSOON", "wc", "stadsdeel")
)

# %% [markdown]
# ## Method
#
# Who is in default is in WANBZVWTAB, and who is not is in no row of it. So each parent is looked up by key, and what is
# not found is no default. Everything that the model needs is 0 or 1.

# %%
defaults = sdc.data("WANBZVWTAB", year=year)
of_mother = defaults.select(RINPERSOONma="RINPERSOON", mother="WANBZVW")
of_father = defaults.select(RINPERSOONpa="RINPERSOON", father="WANBZVW")
kinship = sdc.data("KINDOUDERTAB").select("RINPERSOON", "RINPERSOONpa", "RINPERSOONma")
with_mother = kinship.left_join(of_mother, "RINPERSOONma").select("RINPERSOON", "RINPERSOONpa", "mother")
parents = with_mother.left_join(of_father, "RINPERSOONpa").select("RINPERSOON", "mother", "father")

joined = persons.join(homes, "RINPERSOON").join(activity, "RINPERSOON").join(education, "RINPERSOON")
joined = joined.join(links, "RINPERSOON").join(income, "RINPERSOONHKW").join(parents, "RINPERSOON")
age = year - joined["GBAGEBOORTEJAAR"]
young = joined.filter(age >= 18, age <= oldest).select(
    "RINPERSOON",
    "RINPERSOONHKW",
    "SECM",
    unqualified=ibis.ifelse((joined["OPLNIVEAU"] == "1") & (joined["SECM"] != "26"), 1, 0),
    single_parent=ibis.ifelse(joined["TYPHH"] == "6", 1, 0),
    low_income=ibis.ifelse(joined["INHARMLAG"] < 100, 1, 0),
    premium_default=ibis.ifelse((joined["mother"] == "1") | (joined["father"] == "1"), 1, 0),
    woman=ibis.ifelse(joined["GBAGESLACHT"] == "2", 1, 0),
)
out_of_school = young.filter(young["SECM"] != "26")
located = out_of_school.join(places, "RINPERSOON")


def rules(out):
    """Return the names of the rules that an output fails, in order."""
    return ", ".join(sorted({finding.rule for finding in out.verdict.findings})) or "none"


# %% [markdown]
# ## 1. One by one
#
# The share without a qualification by family and by income.

# %%
shares = {
    name: sdc.table(out_of_school, rows=[name], values="unqualified", statistic="rate", unit="RINPERSOON")
    for name in ("single_parent", "low_income")
}
for name, out in shares.items():
    print(f"{name}:", out.verdict.status)
shares["single_parent"]

# %% [markdown]
# Single parents have low incomes more often. Is it the parent who is missing, or the income? A model with both tells
# them apart: a *logit*, in which each circumstance multiplies the odds of leaving without a qualification by a number
# of its own, the odds ratio, whatever the others are.
#
# ## 2. The first trap: to take everybody
#
# Why only those who no longer go to school? With pupils and students in it the same model is refused. Of the young with
# two parents more than 90% have not left without a qualification, and that is a fact of nearly everybody in the group.
# A fit gives the totals of each of its groups away: with these terms it is as if the shares by family, by income and by
# sex stood beside it.

# %%
everybody = sdc.model("unqualified ~ single_parent + low_income + woman", young, family="logit", unit="RINPERSOON")
print("with pupils and students:", everybody.verdict.status, "|", rules(everybody))

# %% [markdown]
# Nothing is lost by leaving them out. Who is still at school cannot have left it. And if pupils and students
# are a part of those with a qualification that is the same in all groups, then the odds are higher by one factor for
# everybody: the constant is another one, and the odds ratios are the same (Prentice and Pyke 1979). Whether it is the
# same in all groups can be looked at, as the share in education among those with a qualification.
#
# ## 3. The second trap: a model that is a table
#
# "It may differ for each combination": with all products of three terms there are eight groups and eight coefficients.
# Such a model is *saturated*. It says the share of each of the eight groups exactly, in another spelling, and is judged
# as that table. In a small city one of the groups has a few young people in it; in a large one it takes a term more,
# such as age or origin.

# %%
saturated = sdc.model(
    "unqualified ~ single_parent * low_income * woman", out_of_school, family="logit", unit="RINPERSOON"
)
print("saturated:", saturated.verdict.status, "|", rules(saturated))

# %% [markdown]
# "And take the wijk into account": a term for each wijk tells its few school leavers apart from all others. Whoever has
# the other coefficients can work out how many of them there are without a qualification.

# %%
with_wijk = sdc.model(
    "unqualified ~ single_parent + low_income + woman + C(wc)", located, family="logit", unit="RINPERSOON"
)
print("with the wijk:", with_wijk.verdict.status, "|", rules(with_wijk))

# %% [markdown]
# ## 4. The third trap: degrees of freedom
#
# The young of a stadsdeel have schools and streets in common, so standard errors should allow for that. But the city
# has eight stadsdelen. Eight clusters less four coefficients is four degrees of freedom: too few to judge the figures
# by, and too few for the statistics as well. Standard errors by so few clusters are too small (Cameron and Miller
# 2015).

# %%
few_clusters = sdc.model(
    "unqualified ~ single_parent + low_income + woman",
    located,
    family="logit",
    unit="RINPERSOON",
    cluster="stadsdeel",
)
print("clusters by stadsdeel:", few_clusters.verdict.status, "|", rules(few_clusters))

# %% [markdown]
# ## The remedy
#
# A model of main effects, of the circumstances that were asked about, on many more persons than it has terms. If one
# circumstance has too few people, *drop a term* takes it out. In a small city that is the default on the premium: fewer
# than ten school leavers without a qualification have a parent in default. It does not help to say that the term is
# only a control; its total follows from the fit like any other.

# %%
full = sdc.model(
    "unqualified ~ single_parent + low_income + premium_default + woman",
    out_of_school,
    family="logit",
    unit="RINPERSOON",
)
print("full model:", full.verdict.status, "|", rules(full))
model = full
if full.verdict.status != "safe":
    for remedy in full.remedies():
        print("-", remedy.kind, "| loses:", remedy.loses)
    tried = (full.apply(remedy) for remedy in full.remedies() if remedy.kind == "drop_term")
    model = next((better for better in tried if better.verdict.status == "safe"), full)
model

# %% [markdown]
# An odds ratio of 2 is not "twice as likely": of a group in which one in four leaves without a qualification, it
# makes two in five. And none of this says what *causes* it: a circumstance that is not in the files may be behind two
# that are.
#
# ## Handing in

# %%
who = f"Persons of 18 to {oldest} living with their parents in The Hague on 31 December {year}, not in education"
basket = sdc.basket()
for name, out, what, differs in (
    ("unqualified-model", model, "Logit of having left school without a basic qualification", "A model."),
    ("unqualified-by-family", shares["single_parent"], "Share without a basic qualification by family", "By family."),
    ("unqualified-by-income", shares["low_income"], "Share without a basic qualification by low income", "By income."),
):
    if out.verdict.status != "safe":
        continue
    try:
        basket.add(out, name=name, title=f"{what}, {year}", population=who, differs=f"{differs} The same persons.")
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="School leavers, their family, health and income",
    purpose="To show which young people leave school without a qualification, for the agreement with the schools.",
    code=["case-07-school-leavers.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Is a single parent as much of a disadvantage for young women as for young men? Which term do you add, is the model
# safe, and what do you conclude from its interval? May the model be handed in beside the one above?
