# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 6
#     title:
#       en: Poverty in the years to come
#       nl: Armoede in de komende jaren
#     data:
#       GBAPERSOONTAB: [RINPERSOON]
#       INHATAB: {years: [2018, 2019, 2020, 2021, 2022], columns: [RINPERSOONHKW, INHARMSOC]}
#     parameters:
#       first_year: {from: 2018, until: 2019}
#       last_year: {from: 2020, until: 2022}
#       ahead: {from: 1, until: 10}
#       fewer_enter: {from: 0, until: 50}
#       more_leave: {from: 0, until: 50}
# ---

# %% [markdown]
# # Case 6. Poverty in the years to come
#
# **Question.** If all goes on as it did, how many households in The Hague will live on an income up to 130% of the
# policy minimum in some years, and what can a policy prevent: one by which fewer come into poverty, or one by which
# more get out of it?
#
# **Who is counted.** Households that lived in The Hague on the last day of a year with an income up to 150% of the
# policy minimum (INHARMSOC), and what they were a year later, for each two years from `first_year` to `last_year`.

# %% tags=["parameters"]
first_year: int = 2018
last_year: int = 2022
ahead: int = 5
fewer_enter: int = 10
more_leave: int = 10

# %% [markdown]
# `first_year` and `last_year` are the first and the last year of the panel that is used, and `ahead` is how many years
# the forecast goes on after it. `fewer_enter` and `more_leave` are the two policies, in per cent: how many fewer
# households come into the low incomes each year, and how many of those that would have stayed get out.

# %%
import itertools

import ibis
import numpy as np

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB, of each year | income against the policy minimum | household |
# | GBAPERSOONTAB | the persons by whom households are known, so that none of either year is missed | person |
#
# The key of a household, RINPERSOONHKW, is that of one person in it, the same in all years. So two years are joined on
# it, each household is one row, and the unit that is counted is the person by whom it is known.
#
# ## Method
#
# A *Markov model*: what a household will be next year depends on what it is now. Incomes are cut into bands, and the
# model is a table with a row for each band now and a column for each band next year. Households also come and go: some
# had more than 150% a year ago, or did not live here. The model has them as *entrants*, a number for each band and
# year, and those who go the same way as *out*.


# %%
def band(ratio, cuts):
    """Return the band of an income against the minimum; "out" above the last cut and for who does not live here."""
    names = (f"0-{cuts[0]}%", *(f"{low}-{high}%" for low, high in itertools.pairwise(cuts)))
    return ibis.cases(*((ratio <= cut, name) for cut, name in zip(cuts, names, strict=True)), else_="out")


def incomes(year):
    return sdc.data("INHATAB", year=year).select(RINPERSOON="RINPERSOONHKW", ratio="INHARMSOC")


def two_years(year):
    """Return all persons, with the income, in a year and the next, of the household that is known by them."""
    persons = sdc.data("GBAPERSOONTAB").select("RINPERSOON")
    now = persons.left_join(incomes(year), "RINPERSOON").select("RINPERSOON", now="ratio")
    return now.left_join(incomes(year + 1), "RINPERSOON").select("RINPERSOON", "now", next="ratio")


# %% [markdown]
# ## 1. The trap: nearly everybody stays
#
# The natural table has all households, with one more band: above 150%. It is refused. Not for a small cell only: of
# the households above 150% well over 90% are there a year later. Whoever knows that a neighbour was well off then
# knows that he still is. That is group disclosure, and a transition table has it in each row that hardly anybody
# leaves.

# %%
homes = two_years(first_year)
known = homes.filter(homes["now"].notnull(), homes["next"].notnull())
natural = sdc.table(
    known.select(
        "RINPERSOON",
        now=ibis.ifelse(known["now"] > 150, "above 150%", band(known["now"], (100, 130, 150))),
        next=ibis.ifelse(known["next"] > 150, "above 150%", band(known["next"], (100, 130, 150))),
    ),
    rows=["now"],
    columns=["next"],
    unit="RINPERSOON",
)
print("all households:", natural.verdict.status)
for finding in natural.verdict.findings:
    print("-", finding.rule, "|", finding.message)
natural

# %% [markdown]
# To *suppress* that one cell takes all margins with it, and the row of those above 150% has no total then. To *leave
# out* a dimension leaves no model.
#
# ## The remedy
#
# The forecast is of the low incomes, and of the others it needs one thing only: how many come in. So a household above
# 150% is in the table if it is there in one of the two years, and not if it is in neither. What is left are entrants,
# by the band that they come into, and leavers, by the band that they come from. How many are *not* in the table is not
# to be handed in beside it: with that number the refused share could be computed.
#
# In a small city some cells have few households. All tables must have the same bands, so if one of them fails they are
# made of fewer bands, until none does.


# %%
def transitions(year, cuts):
    """Return the table of two years: bands now by bands next year, without those who are out in both."""
    pair = two_years(year)
    bands = pair.select("RINPERSOON", now=band(pair["now"], cuts), next=band(pair["next"], cuts))
    low = bands.filter((bands["now"] != "out") | (bands["next"] != "out"))
    return sdc.table(low, rows=["now"], columns=["next"], unit="RINPERSOON")


tables = {}
for cuts in ((100, 130, 150), (130, 150), (130,)):
    tables = {year: transitions(year, cuts) for year in range(first_year, last_year)}
    failing = [year for year, out in tables.items() if out.verdict.status != "safe"]
    print("bands up to", cuts, "fail in", failing or "no year")
    if not failing:
        break
tables[last_year - 1]

# %% [markdown]
# ## 2. The model
#
# From here on only figures are used that are in the tables: nothing is read from the microdata any more. So what
# follows can be done again, by anybody, with the released tables. It is not handed in.
#
# Divided by the number that a row begins with, the transitions of all years together are the maximum likelihood
# estimate of the chances.

# %%
names = [name for name in tables[first_year].to_pandas().index if name not in ("out", "Total")]
counts = sum(out.to_pandas().loc[[*names, "out"], [*names, "out"]].to_numpy(dtype=float) for out in tables.values())
low = len(names)
stay = counts[:low, :low] / counts[:low].sum(axis=1, keepdims=True)
enter = counts[low, :low] / len(tables)
latest = tables[last_year - 1].to_pandas().loc["Total", names].to_numpy(dtype=float)

for name, chances in zip(names, stay, strict=True):
    inside = ", ".join(f"{share:.3f} to {after}" for after, share in zip(names, chances, strict=True))
    print(f"{name} now: {inside}, {1 - chances.sum():.3f} out")

# %% [markdown]
# Two questions come before a forecast. Are the chances the same in all years? And does the model give back what is
# known: from the first year onwards, does it come to the last?


# %%
def forecast(start, stay, enter, years):
    """Return the number of households in each band, for so many years after the start."""
    found = [start]
    for _ in range(years):
        found.append(found[-1] @ stay + enter)
    return np.array(found)


for year, out in tables.items():
    one = out.to_pandas().loc[names, [*names, "out"]].to_numpy(dtype=float)
    print(f"{year}-{year + 1}: {one[:, low].sum() / one.sum():.3f} out")

poor = np.array([name != "130-150%" for name in names])
start = tables[first_year].to_pandas().loc[names, "Total"].to_numpy(dtype=float)
expected = forecast(start, stay, enter, last_year - first_year)[-1]
print(f"Up to 130% in {last_year}: {latest[poor].sum():.0f} counted, {expected[poor].sum():.0f} by the model")

# %% [markdown]
# ## 3. The forecast, and what policy can prevent
#
# *Unchanged* goes on with the chances and entrants of these years. *Prevention* has fewer entrants. *A way out* has
# more leavers: of those who would have stayed among the low incomes, some per cent get out. The same per cent is not
# the same number of households, so how many each policy reaches stands below. A forecast of counts is uncertain:
# chances are drawn again from what the counts allow (Dirichlet for a row, gamma for entrants), a thousand times, and
# nine in ten forecasts lie between the bounds. That the coming years may be unlike these is not in them.

# %%
policies = {
    "unchanged": (stay, enter),
    "prevention": (stay, enter * (1 - fewer_enter / 100)),
    "a way out": (stay * (1 - more_leave / 100), enter),
}
for name, (chances, entrants) in policies.items():
    ahead_of_us = forecast(latest, chances, entrants, ahead)[:, poor].sum(axis=1)
    print(f"{name}: {', '.join(f'{number:.0f}' for number in ahead_of_us)}")
print(f"reached in the first year: {enter.sum() * fewer_enter / 100:.0f} by prevention,", end=" ")
print(f"{(latest @ stay).sum() * more_leave / 100:.0f} by a way out")

draws = np.random.default_rng(2017)
drawn = []
for _ in range(1000):
    rows = np.array([draws.dirichlet(row + 0.5) for row in counts[:low]])
    entrants = draws.gamma(counts[low, :low] + 0.5) / len(tables)
    drawn.append(forecast(latest, rows[:, :low], entrants, ahead)[-1, poor].sum())
lowest, highest = np.quantile(drawn, (0.05, 0.95))
print(f"unchanged, in {last_year + ahead}: {lowest:.0f} to {highest:.0f}")

# %% [markdown]
# The model also says how many years a household will have been among the low incomes, this one included, before it
# gets out: the totals of the rows of the *fundamental matrix*, the inverse of 1 less the chances to stay (Kemeny and
# Snell 1960). Entrants times these years is where the number of households goes in the end. A household that does not
# come in, or gets out, saves the years that it would have stayed. So count whom a policy reaches, and in which band:
# prevention reaches few at the lowest incomes, where most years are to be saved, since few come in there.

# %%
years_inside = np.linalg.inv(np.eye(low) - stay)
for name, years in zip(names, years_inside.sum(axis=1), strict=True):
    print(f"Who is at {name} stays for {years:.1f} years")
print(f"In the end, up to 130%: {(enter @ years_inside)[poor].sum():.0f}")

# %% [markdown]
# ## Handing in
#
# One table for each two years. The totals of the columns of one are the totals of the rows of the next: the same
# households, so that nothing can be subtracted from it. Say in the presentation which assumptions the forecast makes.

# %%
basket = sdc.basket()
for year, out in tables.items():
    try:
        basket.add(
            out,
            name=f"low-incomes-{year}-{year + 1}",
            title=f"Households by income against the policy minimum, {year} and {year + 1}",
            population=f"Households in The Hague with an income up to {cuts[-1]}% at the end of {year} or {year + 1}",
            differs="Another two years; households above the bands in both years, or not here, are in no table.",
        )
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Poverty in the years to come",
    purpose="To forecast the number of low incomes, and to compare prevention with helping households out.",
    code=["case-06-poverty-to-come.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# A Markov model forgets: whether somebody has been poor for a year or for ten makes no difference to it. Is that so?
# By the model, what share of the households that were among the low incomes in `first_year` was so in all years until
# `last_year`? Count that share, compare, and say what it means for the two policies.
