# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 10
#     title:
#       en: Poverty from generation to generation
#       nl: Armoede van generatie op generatie
#     data:
#       KINDOUDERTAB: [RINPERSOON, RINPERSOONma]
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#       GBAHUISHOUDENSBUS: [RINPERSOON, DATUMAANVANGHH, DATUMEINDEHH, PLHH]
#       KOPPELPERSOONHUISHOUDEN: {years: [year, parents_year], columns: [RINPERSOON, RINPERSOONHKW]}
#       INHATAB: {years: [year, parents_year], columns: [RINPERSOONHKW, INHGESTINKH, INHARMLAG, INHP100HGEST]}
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, bc, stadsdeel]
#     parameters:
#       year: {from: 2020, until: 2022}
#       parents_year: {from: 2018, until: 2019}
#       least_age: {from: 20, until: 35}
#       threshold: {from: 80, until: 200}
# ---

# %% [markdown]
# # Case 10. Poverty from generation to generation
#
# **Question.** How much do the incomes of parents tell of those of their grown-up children, and how many of the children of
# poor parents are poor themselves?
#
# **Who is counted.** Persons of `least_age` or older who lived in The Hague in a home of their own on the last day of `year`,
# and whose mother lived in The Hague on the last day of `parents_year`. The *parents* are the household of the mother. A
# household is *poor* below the low-income threshold of CBS (100%), which `threshold` moves.

# %% tags=["parameters"]
year: int = 2022
parents_year: int = 2018
least_age: int = 25
threshold: int = 100

# %% [markdown]
# `year` is the year of the children's income and `parents_year` that of the parents', `least_age` the age that a child has at
# least, and `threshold` the line in per cent of the low-income threshold.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | KINDOUDERTAB | the mother, also of adults with a home of their own | child, mother |
# | GBAPERSOONTAB | year of birth | person |
# | GBAHUISHOUDENSBUS | place in the household on the last day: children at home (`"1"`) are left out | person |
# | KOPPELPERSOONHUISHOUDEN, INHATAB, of two years | equivalised income, its percentile in the city, income against the threshold | person, household |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling of the child on the last day, and where it stands | person, dwelling |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")

born = sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR")
spells = sdc.data("GBAHUISHOUDENSBUS")
away = spells.filter(
    spells["DATUMAANVANGHH"] <= last_day, spells["DATUMEINDEHH"] >= last_day, spells["PLHH"] != "1"
).select("RINPERSOON")
grown = born.filter(born["GBAGEBOORTEJAAR"] <= year - least_age).join(away, "RINPERSOON").select("RINPERSOON")


def incomes(of):
    """Return the persons of a year with their household and its income."""
    income = sdc.data("INHATAB", year=of).select("RINPERSOONHKW", "INHGESTINKH", "INHARMLAG", "INHP100HGEST")
    links = sdc.data("KOPPELPERSOONHUISHOUDEN", year=of).select("RINPERSOON", "RINPERSOONHKW")
    return links.join(income, "RINPERSOONHKW")


# %% [markdown]
# ## Method
#
# A row is a pair: a child and its mother. The child is the unit, so each is one row, and a mother of two stands in two. What
# we learn of a pair is about both households, so the key of the mother is kept beside the child's.
#
# Incomes of two years and of people of two ages are not compared in euros but by their place in the order of incomes:
#
# - the *mobility matrix* cuts the incomes of all households of the city in five fifths, in each of the two years, and counts
#   who came from which fifth to which;
# - the *rank-rank slope* orders the children by income and the parents by theirs, and says how many places a child is higher
#   for each place that the parents are. It is 0 where parents do not matter, and 1 where they decide all. Of ranks the slope is
#   their correlation, which is Spearman's.

# %%
child = incomes(year)
mother = incomes(parents_year)
mother = mother.select(
    RINPERSOONma="RINPERSOON",
    HKWma="RINPERSOONHKW",
    income_parents="INHGESTINKH",
    line_parents="INHARMLAG",
    place_parents="INHP100HGEST",
)
kin = sdc.data("KINDOUDERTAB").select("RINPERSOON", "RINPERSOONma")
joined = grown.join(kin, "RINPERSOON").join(child, "RINPERSOON").join(mother, "RINPERSOONma")


def fifth(place):
    """Return the fifth of a percentile, the lowest first."""
    return ibis.cases((place <= 20, "1"), (place <= 40, "2"), (place <= 60, "3"), (place <= 80, "4"), else_="5")


pairs = joined.select(
    "RINPERSOON",
    "RINPERSOONma",
    "RINPERSOONHKW",
    "HKWma",
    "income_parents",
    income_child="INHGESTINKH",
    parents=fifth(joined["place_parents"]),
    child=fifth(joined["INHP100HGEST"]),
    parents_poor=ibis.ifelse(joined["line_parents"] < threshold, "yes", "no"),
    poor=ibis.ifelse(joined["INHARMLAG"] < threshold, 1, 0),
)

# %% [markdown]
# ## 1. The mobility matrix
#
# Where do the children of each fifth stand? The row says where the parents stood, and its percentages add up to 100. If
# parents did not matter, all rows would be the same.

# %%
matrix = sdc.table(
    pairs,
    rows=["parents"],
    columns=["child"],
    statistic="row_percent",
    unit="RINPERSOON",
    other_units=["RINPERSOONma"],
)
print("matrix:", matrix.verdict.status)
matrix

# %% [markdown]
# ## 2. The rank-rank slope, and poverty
#
# One figure of all pairs. Like every correlation it is judged as the model that it is.

# %%
slope = sdc.correlation(pairs, "income_parents", "income_child", method="spearman", unit="RINPERSOON")
print("slope:", slope.verdict.status)
slope

# %% [markdown]
# How many times as often are the children of poor parents poor, as those of others? The table behind the ratio is shown with
# it, so that is judged.

# %%
risk = sdc.risk_ratio(pairs, outcome="poor", exposure="parents_poor", unit="RINPERSOON")
print("risk ratio:", risk.verdict.status)
risk

# %% [markdown]
# ## 3. The trap: where do they live?
#
# Poverty that is passed on is said to stick to a place, so a map is asked for soon: by postcode, if possible. A postcode is one
# side of a street, some twenty homes, and a pair says of *two* households in it what they live on. The keys of dwellings
# never are a dimension. A buurt is much larger than a postcode, and still far too small:

# %%
stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .select("RINPERSOON", "RINOBJECTNUMMER")
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("RINPERSOON", "RINOBJECTNUMMER", "bc", "stadsdeel")
)
of_poor = pairs.filter(pairs["parents_poor"] == "yes").join(places, "RINPERSOON")
try:
    sdc.table(of_poor, rows=["RINOBJECTNUMMER"], values="poor", statistic="rate", unit="RINPERSOON")
except sdc.errors.RefusedError as refusal:
    print("Refused:", refusal)
by_buurt = sdc.table(of_poor, rows=["bc"], values="poor", statistic="rate", unit="RINPERSOON")
print("by buurt:", by_buurt.verdict.status, len(by_buurt.verdict.findings))
for finding in by_buurt.verdict.findings[:3]:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# There is a second thing to it. Ten children in a cell can be the children of four mothers, for brothers and sisters often
# stay in the same part of the city. Who knows the family knows all of them. The check counts the children whom we ask for;
# with `other_units` the mothers have to be enough as well.

# %%
children_only = sdc.table(of_poor, rows=["stadsdeel"], values="poor", statistic="rate", unit="RINPERSOON")
by_stadsdeel = sdc.table(
    of_poor,
    rows=["stadsdeel"],
    values="poor",
    statistic="rate",
    unit="RINPERSOON",
    other_units=["RINPERSOONma"],
)
print("by stadsdeel, children:", children_only.verdict.status, len(children_only.verdict.findings))
print("by stadsdeel:", by_stadsdeel.verdict.status, len(by_stadsdeel.verdict.findings))

# %% [markdown]
# ## The remedy
#
# The figure for the whole city leaves with the risk ratio. So what a map withholds, the city less the rest gives back, and
# *suppress* is no way out. *Merge* and *other* count stadsdelen together and withhold nothing. If few are left, the honest answer
# is that the data carry no map.


# %%
def without_withholding(out):
    """Return what is safe of an output and shows all its cells, or None if no remedy makes it so."""
    if out.verdict.status == "safe":
        return out
    for remedy in out.remedies():
        if remedy.kind in {"merge", "other"}:
            repaired = out.apply(remedy)
            if repaired.verdict.status == "safe":
                return repaired
    return None


where = without_withholding(by_stadsdeel)
print("map:", "none" if where is None else where.verdict.status)
where

# %% [markdown]
# ## Handing in
#
# All are about the same pairs. What would show few of them beside the rest, the basket refuses; then it stays out. The control zone makes
# these figures again from the recipes, as always. But a child's row has the income of another person, its mother, so a reviewer reads
# how the rows were put together as well.

# %%
who = (
    f"Persons of {least_age} or older with a home of their own in The Hague on 31 December {year}, "
    f"whose mother lived in The Hague on 31 December {parents_year}"
)
basket = sdc.basket()
for name, out, title, differs in (
    (
        "mobility-matrix",
        without_withholding(matrix),
        f"Fifth of income of children in {year} by that of their parents in {parents_year}, in per cent",
        "All pairs, by fifths of the incomes of all households of the city.",
    ),
    (
        "rank-rank-slope",
        slope,
        f"Rank correlation of the incomes of parents in {parents_year} and children in {year}",
        "One figure of all pairs.",
    ),
    (
        "risk-of-poverty",
        risk,
        f"Risk of poverty of children of poor parents against others, below {threshold}% of the low-income threshold",
        "All pairs, by a line in place of fifths.",
    ),
    (
        "poor-children-of-poor-parents",
        where,
        f"Share of the children of poor parents who are poor in {year}, by stadsdeel",
        "Children of poor parents only; stadsdelen are counted together so that nothing is withheld.",
    ),
):
    if out is None or out.verdict.status != "safe":
        continue
    try:
        basket.add(out, name=name, title=title, population=who, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Poverty from generation to generation",
    purpose="To show how much the income of parents tells of that of their children, for the plans against inherited poverty.",
    code=["case-10-from-generation-to-generation.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# A slope can also be fitted: the percentile of the child (`INHP100HGEST`, of all households of the city) on that of the
# parents, with `sdc.model`. Is it the same figure as the rank-rank slope, and why not quite? Does it differ between the youngest
# children, less than ten years above `least_age`, and older ones, and is what tells it safe?
