# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 13
#     title:
#       en: Unequal incomes, between wijken and within them
#       nl: Ongelijke inkomens, tussen wijken en daarbinnen
#     data:
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHGESTINKH, INHP100HGEST]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, wc, stadsdeel]
#     parameters:
#       year: {from: 2018, until: 2022}
#       line: [40, 50, 60, 70]
# ---

# %% [markdown]
# # Case 13. Unequal incomes, between wijken and within them
#
# **Question.** How unequally are incomes shared in The Hague, how many people are at risk of poverty, and where?
#
# **Who is counted.** Persons who lived in The Hague on the last day of the year, each with the equivalised income of the
# household: what it can spend, divided by a factor for its size and make-up, so that a family and a single person can be
# compared. At risk of poverty is who has less than 60% of the median of the city; `line` moves that.

# %% tags=["parameters"]
year: int = 2022
line: int = 60

# %% [markdown]
# `year` is the year that the data describe, `line` the line of poverty in per cent of the median income.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB | equivalised income, and its percentile in the city | household |
# | KOPPELPERSOONHUISHOUDEN | who is in which household | person, household |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on the last day of the year, and where it stands | person, dwelling |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")

income = sdc.data("INHATAB", year=year).select("RINPERSOONHKW", "INHGESTINKH", "INHP100HGEST")
members = sdc.data("KOPPELPERSOONHUISHOUDEN", year=year).select("RINPERSOON", "RINPERSOONHKW")
stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .select("RINPERSOON", "RINOBJECTNUMMER")
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("RINPERSOON", "wc", "stadsdeel")
)

# %% [markdown]
# ## Method
#
# Inequality is counted over persons, so a household of five counts five times. The income is the household's all the same: the
# join keeps `RINPERSOONHKW`, and the check looks at households too. A tenth is made of the percentile, of which INHATAB has one for
# each household: 1 to 10 is the lowest tenth.
#
# The measures are those of the textbooks. Gini's coefficient is 0 when everybody has the same, and 100 when one has all. The
# share at risk of poverty takes one line for all wijken, that of the city; with a line for each wijk the poor of a rich
# wijk would count, and those of a poor one would not.

# %%
persons = members.join(income, "RINPERSOONHKW").join(places, "RINPERSOON")
tenth = ibis.cases(*(((persons["INHP100HGEST"] <= 10 * n), f"{n:02}") for n in range(1, 10)), else_="10")
people = persons.select("RINPERSOON", "RINPERSOONHKW", "wc", "stadsdeel", "INHGESTINKH", tenth=tenth)
poverty = {"share_of_median": line / 100}

# %% [markdown]
# ## 1. The city
#
# Of thirty thousand people or more these figures are safe. A median is shown as the average of the persons nearest to it, in round
# numbers: the exact one would be somebody's own income.

# %%
city = sdc.table(people, values="INHGESTINKH", statistic=["median", "gini", "s80_s20"], unit="RINPERSOON")
print(city.verdict.status)
city

# %%
at_risk = sdc.table(people, values="INHGESTINKH", statistic="poverty_rate", unit="RINPERSOON", options=poverty)
print(at_risk.verdict.status)
at_risk

# %% [markdown]
# The tenths show why one number is not enough: how many of the people of a stadsdeel are in the lowest tenth of the city, how many in
# the highest?

# %%
tenths = sdc.table(people, rows=["stadsdeel"], columns=["tenth"], unit="RINPERSOON")
print(tenths.verdict.status)
tenths

# %% [markdown]
# ## 2. The trap: extremes, and nearly everybody
#
# A percentile looks like a figure of many. But above the 99th percentile of a wijk with 600 people are six of them, and
# their neighbours know which. The maximum is one person and is refused at once.

# %%
extremes = sdc.table(people, rows=["wc"], values="INHGESTINKH", statistic="p99", unit="RINPERSOON")
print(extremes.verdict.status, len(extremes.verdict.findings))
for finding in extremes.verdict.findings[:3]:
    print("-", finding.rule, "|", finding.message)
try:
    sdc.table(people, rows=["wc"], values="INHGESTINKH", statistic="max", unit="RINPERSOON")
except sdc.errors.DatakampError as refusal:
    print("Refused:", refusal)

# %% [markdown]
# The share at risk of poverty fails for another reason: in a rich stadsdeel more than 90% are *not* at risk, so that it tells
# something of everybody there. Whoever says it is good news and harmless has to ask the office: the codebook calls income sensitive.

# %%
at_risk_there = sdc.table(
    people, rows=["stadsdeel"], values="INHGESTINKH", statistic="poverty_rate", unit="RINPERSOON", options=poverty
)
print(at_risk_there.verdict.status, len(at_risk_there.verdict.findings))
for finding in at_risk_there.verdict.findings[:3]:
    print("-", finding.rule, "|", finding.message)
at_risk_there

# %% [markdown]
# ## The remedy
#
# For percentiles: ask for less extreme ones. The median of a wijk needs enough people at both sides of it, which nearly all wijken
# have; the few that have not are counted together (*merge* with a neighbour, or *other* for the smallest). *Suppress* would keep more wijken apart, but it
# withholds the median of the city with them, which leaves in the table of the city: the basket refuses the two together.
#
# For the shares *merge* costs more. A group in which enough people are at risk has to take in the poorer parts of the city, and of eight
# stadsdelen a few groups remain. Where people are poor is then told by the table of tenths: the lowest two tenths are
# a fifth of all households, they are counts, and nobody's stadsdeel has nearly all of its people in one of ten columns.


# %%
def repaired(out, *kinds):
    """Return what is safe of an output, by a remedy of one of these kinds; None if there is none."""
    if out.verdict.status == "safe":
        return out
    for remedy in out.remedies():
        if remedy.kind in kinds:
            better = out.apply(remedy)
            if better.verdict.status == "safe":
                return better
    return None


medians = repaired(
    sdc.table(people, rows=["wc"], values="INHGESTINKH", statistic="median", unit="RINPERSOON"), "merge", "other"
)
medians

# %%
merged = repaired(at_risk_there, "merge", "other")
merged

# %% [markdown]
# Gini's coefficient by stadsdeel: a stadsdeel can be rich and very unequal, or poor and rather equal.

# %%
gini = repaired(
    sdc.table(people, rows=["stadsdeel"], values="INHGESTINKH", statistic="gini", unit="RINPERSOON"), "merge", "other"
)
gini

# %% [markdown]
# ## Handing in
#
# All tables are about the same people, and each says how it differs. What would show few people beside the rest, the basket refuses;
# then it stays out.

# %%
who = f"Persons living in The Hague on 31 December {year}"
basket = sdc.basket()
for name, out, what, differs in (
    ("income-city", city, "Median equivalised income, Gini and S80/S20", "The whole city."),
    ("at-risk-city", at_risk, f"Share below {line}% of the median income", "The whole city."),
    ("tenths-by-stadsdeel", repaired(tenths, "merge", "other"), "Persons by stadsdeel and tenth of income", "Counts."),
    ("median-by-wijk", medians, "Median equivalised income by wijk", "By wijk, small ones together."),
    (
        "at-risk-by-stadsdeel",
        merged,
        f"Share below {line}% of the median income by stadsdeel",
        "By stadsdeel, some together.",
    ),
    ("gini-by-stadsdeel", gini, "Gini of equivalised income by stadsdeel", "By stadsdeel."),
):
    if out is None or out.verdict.status != "safe":
        continue
    try:
        basket.add(out, name=name, title=f"{what}, {year}", population=who, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Unequal incomes, between wijken and within them",
    purpose="To show how unequal incomes are in The Hague and where people are at risk of poverty.",
    code=["case-13-unequal-wijken.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# How far into the tail of the incomes can you go? Ask for the 75th, 95th and 99th percentile, by wijk, by stadsdeel
# and for the whole city. Which are safe? What does the step of the rounding tell you about the people behind a figure?
