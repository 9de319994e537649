# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 1
#     title:
#       en: Working families with a low income
#       nl: Werkende gezinnen met een laag inkomen
#     data:
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMLAG, INHBBIHJ]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       SPOLISBUS: {years: [year], columns: [RINPERSOON, SDATUMEINDEIKO]}
#       GBAHUISHOUDENSBUS: [RINPERSOON, DATUMAANVANGHH, DATUMEINDEHH, TYPHH, PLHH, REFPERSOONHH]
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, wc, stadsdeel]
#     parameters:
#       year: {from: 2018, until: 2022}
#       threshold: {from: 80, until: 200}
#       months: {from: 1, until: 12}
# ---

# %% [markdown]
# # Case 1. Working families with a low income
#
# **Question.** Which households in The Hague have a low income although somebody works, and where do they live?
#
# **Who is counted.** Households that lived in The Hague on the last day of the year. A household *works* when somebody in it was
# employed in at least `months` months of the year; a child at home with a paper round does not count. Its income is
# *low* below the low-income threshold of CBS (100%), which `threshold` moves. Who is self-employed only is not counted as
# working here: the exercise is about them.

# %% tags=["parameters"]
year: int = 2022
threshold: int = 100
months: int = 1

# %% [markdown]
# `year` is the year that the data describe, `threshold` the line in per cent of the low-income threshold, and `months` in how
# many months of that year somebody was employed.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB | income of the household against the threshold, main source of income | household |
# | KOPPELPERSOONHUISHOUDEN | who is in which household | person, household |
# | SPOLISBUS | months in which somebody had a job | person |
# | GBAHUISHOUDENSBUS | type of household, and each person's place in it | person |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on the last day of the year, and where it stands | person, dwelling |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")

income = sdc.data("INHATAB", year=year).select("RINPERSOONHKW", "INHARMLAG", "INHBBIHJ")
members = sdc.data("KOPPELPERSOONHUISHOUDEN", year=year).select("RINPERSOON", "RINPERSOONHKW")

spells = sdc.data("GBAHUISHOUDENSBUS")
on_last_day = spells.filter(spells["DATUMAANVANGHH"] <= last_day, spells["DATUMEINDEHH"] >= last_day)

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
# The question is about households, so each step ends in one row per household:
#
# 1. months with a job per person, without children at home: a job has a row for every month, and somebody with two jobs has two;
# 2. of each household the highest of these numbers;
# 3. type and place of the household, by its reference person, of whom there is one.
#
# Who forgets the first step and adds rows up counts jobs, and a household with two earners and three jobs five times.

# %%
pay = sdc.data("SPOLISBUS", year=year)
employed = pay.group_by("RINPERSOON").aggregate(employed=lambda one: one["SDATUMEINDEIKO"].nunique())
grown = on_last_day.filter(on_last_day["PLHH"] != "1").select("RINPERSOON")
earners = (
    members.join(grown, "RINPERSOON")
    .join(employed, "RINPERSOON")
    .group_by("RINPERSOONHKW")
    .aggregate(employed=lambda one: one["employed"].max())
)

heads = on_last_day.filter(on_last_day["REFPERSOONHH"] == "1").select("RINPERSOON", "TYPHH")
homes = members.join(heads, "RINPERSOON").join(places, "RINPERSOON").join(income, "RINPERSOONHKW")
joined = homes.left_join(earners, "RINPERSOONHKW").select(
    "RINPERSOONHKW", "TYPHH", "wc", "stadsdeel", "INHARMLAG", "INHBBIHJ", "employed"
)
kind = ibis.cases(
    (joined["TYPHH"].isin(["4", "5"]), "couple with children"),
    (joined["TYPHH"] == "6", "single parent"),
    else_="no children",
)
households = joined.select(
    "RINPERSOONHKW",
    "wc",
    "stadsdeel",
    "INHBBIHJ",
    kind=kind,
    works=ibis.ifelse(ibis.coalesce(joined["employed"], 0) >= months, "yes", "no"),
    low=ibis.ifelse(joined["INHARMLAG"] < threshold, 1, 0),
)
poor = households.filter(households["low"] == 1)
working_poor = poor.filter(poor["works"] == "yes")

# %% [markdown]
# ## 1. Who are they?
#
# All households with a low income, by kind and by whether somebody works.

# %%
by_kind = sdc.table(poor, rows=["kind"], columns=["works"], unit="RINPERSOONHKW")
print(by_kind.verdict.status)
by_kind

# %% [markdown]
# ## 2. The trap: small cells
#
# Where do they live? Wijken times kinds of household gives more than a hundred cells for some hundreds or thousands of households. In a
# cell of three the neighbours know who is meant, and what they learn is that the income is low.

# %%
by_wijk = sdc.table(working_poor, rows=["wc"], columns=["kind"], unit="RINPERSOONHKW")
print(by_wijk.verdict.status, len(by_wijk.verdict.findings))
for finding in by_wijk.verdict.findings[:5]:
    print("-", finding.rule, "|", finding.message)
by_wijk

# %% [markdown]
# ## The remedy
#
# A stadsdeel has several wijken. That helps, and where it is not enough, each finding comes with remedies. Which of
# them is right depends on what else leaves. *Suppress* withholds the failing cells and all margins of this table. But the first
# table has the number of working households of each kind in the whole city: that number less the stadsdelen that are shown is
# what was withheld. So we take a remedy that withholds nothing: *merge* counts stadsdelen together, *other* the smallest of
# them, and *leave out* gives up a dimension.

# %%
by_stadsdeel = sdc.table(working_poor, rows=["stadsdeel"], columns=["kind"], unit="RINPERSOONHKW")
print(by_stadsdeel.verdict.status)
for remedy in by_stadsdeel.remedies():
    print("-", remedy.kind, "| loses:", remedy.loses)


def without_withholding(out):
    """Return a table that is safe and shows all its cells, or None if no remedy makes it so."""
    if out.verdict.status == "safe":
        return out
    for remedy in out.remedies():
        if remedy.kind in {"merge", "other", "leave_out"}:
            repaired = out.apply(remedy)
            if repaired.verdict.status == "safe":
                return repaired
    return None


where = without_withholding(by_stadsdeel)
where

# %% [markdown]
# ## Handing in
#
# The two tables are about the same households, so each says how it differs from the other.

# %%
who = f"Households living in The Hague on 31 December {year} with an income below {threshold}% of the low-income threshold"
working = f"in which somebody other than a child at home was employed in at least {months} month(s) of {year}"
basket = sdc.basket()
for name, out, title, population, differs in (
    (
        "low-income-households-by-work",
        without_withholding(by_kind),
        f"Households below {threshold}% of the low-income threshold by kind and work, {year}",
        who,
        "All of them; the other table has those that work only, by area.",
    ),
    (
        "working-low-income-households-by-stadsdeel",
        where,
        f"Working households below {threshold}% of the low-income threshold by stadsdeel and kind, {year}",
        f"{who}, {working}",
        "Those that work of the other table, by area; small areas are counted together, nothing is withheld.",
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
    title="Working families with a low income",
    purpose="To show which households are poor although they work, and where, for the plans against poverty among workers.",
    code=["case-01-working-and-poor.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Self-employed people work too, and some of the poorest households live on it (`INHBBIHJ` 13). Count households as working when
# somebody was employed or the household lives on self-employment, and make the first table again. Is it safe? Put it into
# the basket beside the first one. What happens, and which of the two would you hand in?
