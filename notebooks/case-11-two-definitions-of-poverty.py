# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 11
#     title:
#       en: Two definitions of poverty
#       nl: Twee definities van armoede
#     data:
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMLAG, INHARMSOC, INHSAMHH]}
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, wc, stadsdeel]
#     parameters:
#       year: {from: 2018, until: 2022}
#       line: [110, 120, 130]
#       area: [wc, stadsdeel]
# ---

# %% [markdown]
# # Case 11. Two definitions of poverty
#
# **Question.** CBS counts the households with a low income, and so does the municipality, and their numbers differ.
# Which households does the one call poor and the other not, and what does it matter whether the municipality draws
# its line at 110, 120 or 130 per cent?
#
# **Who is counted.** Households that lived in The Hague on the last day of the year, by the income of that year.
#
# | definition | column | poor is |
# |---|---|---|
# | CBS: the low-income threshold, one purchasing power for all years | INHARMLAG | below 100% |
# | municipality: the policy minimum, the amount of social assistance and its like | INHARMSOC | up to `line`% |

# %% tags=["parameters"]
year: int = 2022
line: int = 110
area: str = "wc"

# %% [markdown]
# `year` is the year of the income, `line` the line of the municipality in per cent of the policy minimum, and `area`
# the area by which households are counted: `"wc"` (wijk) or `"stadsdeel"`.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB | income against both lines, make-up of the household | household |
# | GBAADRESOBJECTBUS, VSLGWBTAB | dwelling on the last day, and where it stands | person, dwelling |
#
# The unit is the household. Its key, RINPERSOONHKW, is that of the person with the highest income in it, so that
# person's address is where the household lives.

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")
income = sdc.data("INHATAB", year=year)
stays = sdc.data("GBAADRESOBJECTBUS")
places = (
    stays.filter(stays["GBADATUMAANVANGADRESHOUDING"] <= last_day, stays["GBADATUMEINDEADRESHOUDING"] >= last_day)
    .select("RINPERSOON", "RINOBJECTNUMMER")
    .join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
    .select("wc", "stadsdeel", RINPERSOONHKW="RINPERSOON")
)

# %% [markdown]
# ## Method
#
# Two columns are derived: whether the household is poor by CBS, and in which band of the policy minimum its income
# lies. Each household is in exactly one band, so that a line is a sum of bands.

# %%
households = income.select(
    "RINPERSOONHKW",
    "INHSAMHH",
    "INHARMSOC",
    cbs=ibis.ifelse(income["INHARMLAG"] < 100, 1, 0),
    band=ibis.cases(
        (income["INHARMSOC"] <= 110, "0-110%"),
        (income["INHARMSOC"] <= 120, "110-120%"),
        (income["INHARMSOC"] <= 130, "120-130%"),
        else_="above 130%",
    ),
)
below_line = households.filter(households["INHARMSOC"] <= line)


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
# ## 1. How many by the municipality
#
# One table has all three lines: up to 120% are those of the first two bands.

# %%
by_band = suppressed_if_needed(sdc.table(households, rows=["band"], unit="RINPERSOONHKW"))
print("bands:", status(by_band))
by_band

# %% [markdown]
# ## 2. How far the definitions overlap
#
# The natural table has one definition as rows and the other as columns. It is refused, without a small cell: nearly
# all households that are poor by CBS are also below the line of the municipality. Whoever knows that a household is
# poor by the one definition then knows it of the other, and how much it has to live on at most. That is group
# disclosure.

# %%
crossed = sdc.table(
    households.mutate(municipality=ibis.ifelse(households["INHARMSOC"] <= line, 1, 0)),
    rows=["cbs"],
    columns=["municipality"],
    unit="RINPERSOONHKW",
)
print("crossed:", crossed.verdict.status)
for finding in crossed.verdict.findings:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# Asked the other way round the answer is no secret: of the households below the line of the municipality, a part that
# is far from all is poor by CBS.

# %%
overlap = sdc.table(below_line, values="cbs", statistic="rate", unit="RINPERSOONHKW")
print("overlap:", overlap.verdict.status)
overlap

# %% [markdown]
# Do not hand in the number of households that are poor by CBS beside it. Number below the line times this share,
# divided by that number, is the refused share again. And by make-up of the household the share fails too: the two
# definitions allow in different ways for the members of a household, so that in some kinds of household nearly all
# are poor by both.

# %%
by_make_up = sdc.table(below_line, rows=["INHSAMHH"], values="cbs", statistic="rate", unit="RINPERSOONHKW")
print("by make-up:", by_make_up.verdict.status)
for finding in by_make_up.verdict.findings:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# ## 3. The trap: one table for each line
#
# How many households by wijk are up to 110%, and how many up to 120%? Two tables, and each can be made safe on its own.

# %%
located = households.join(places, "RINPERSOONHKW")
by_line = {
    limit: suppressed_if_needed(
        sdc.table(located.filter(located["INHARMSOC"] <= limit), rows=[area], unit="RINPERSOONHKW")
    )
    for limit in (110, 120)
}
for limit, out in by_line.items():
    print(f"up to {limit}%:", status(out))

# %% [markdown]
# Beside each other they are not safe. Who is up to 120% in a wijk, less who is up to 110% there, is a table of the
# few households between the lines, which nobody checked. The basket subtracts them as a reader would, and refuses the
# second.

# %%
basket = sdc.basket()
if None not in by_line.values():
    basket.add(by_line[110], name="trial", title="Households up to 110%", population="Households in The Hague")
    try:
        basket.add(by_line[120], name="trial-120", title="Households up to 120%", population="Households in The Hague")
        basket.remove("trial-120")
        print("The differences between 110% and 120% are large enough here.")
    except sdc.errors.RefusedError as refusal:
        print("Refused:", refusal)
    basket.remove("trial")

# %% [markdown]
# ## The remedy
#
# One table by area *and* band. It holds what a table for each line would tell together: a line is a sum of bands. In
# it the small differences are cells, so that the check sees them and withholds those that fail, with the margins.

# %%
low = located.filter(located["INHARMSOC"] <= 130)
bands = suppressed_if_needed(sdc.table(low, rows=[area], columns=["band"], unit="RINPERSOONHKW"))
print("bands by area:", status(bands))
bands

# %% [markdown]
# ## Other numbers that are not the same
#
# The municipality speaks of 52,000 households up to 130% in 2022, and its poverty monitor of 54,259 up to 110% in
# 2015. Both are right: they are of other years, another norm amount and another way to count. The same holds for
# 22,000 persons with assistance and 23,000 benefits. Do not reconcile such figures in silence: say of each the
# definition, the unit and the date.
#
# ## Handing in

# %%
everyone = f"Households living in The Hague on 31 December {year}"
kind_of_area = {"wc": "wijk"}.get(area, area)
for name, out, title, population, differs in (
    (
        "households-by-band",
        by_band,
        f"Households by income against the policy minimum, {year}",
        everyone,
        "All households; the other outputs hold those with a low income only.",
    ),
    (
        "share-poor-by-cbs",
        overlap if overlap.verdict.status == "safe" else None,
        f"Share of the households up to {line}% of the policy minimum below the low-income threshold of CBS, {year}",
        f"{everyone}, up to {line}% of the policy minimum",
        "One share for the city; the number of households that are poor by CBS is not handed in.",
    ),
):
    if out is None:
        continue
    try:
        basket.add(out, name=name, title=title, population=population, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %% [markdown]
# Where little is withheld by area, the bands of the city less the areas that are shown can give that little away.
# Then only one of the two tables can go, and the question is about areas.

# %%
by_area = {
    "name": f"low-incomes-by-{kind_of_area}-and-band",
    "title": f"Households up to 130% of the policy minimum by {kind_of_area} and band, {year}",
    "population": f"{everyone}, up to 130% of the policy minimum",
    "differs": "One table of bands in place of a table for each line; what fails is withheld, with all margins.",
}
if bands is not None:
    try:
        basket.add(bands, **by_area)
    except sdc.errors.RefusedError as refusal:
        print("Refused beside the city:", refusal)
        basket.remove("households-by-band")
        basket.add(bands, **by_area)

# %%
number = sdc.submit(
    title="Two definitions of poverty",
    purpose="To say which households CBS and the municipality call poor, before figures of the two are compared.",
    code=["case-11-two-definitions-of-poverty.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# The council asks for the bands by stadsdeel as well. Make that table (`rows=["stadsdeel"]`) and add it to the
# basket, beside the one by wijk. What happens, and why? Which of the two do you hand in, and what would you tell the
# council?
