# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 14
#     title:
#       en: Long-term minima and the effect of the schemes
#       nl: Langdurige minima en het effect van de regelingen
#     data:
#       INHATAB: {years: [year, year-1, year-2, year-3], columns: [RINPERSOONHKW, year, INHARMSOC, INHARMSOCL, INHBBIHJ, INHSAMHH]}
#       SCHULDENTAB: {years: [year, year-1, year-2, year-3], columns: [RINPERSOONHKW, PROBSCHULD]}
#       VOORZIENINGEN: {years: [year-1, year-2, year-3], columns: [RINPERSOONHKW, REGELING]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year-1, year-2, year-3], columns: [RINPERSOON, RINPERSOONHKW]}
#       BIJSTANDUITKERINGTAB: [RINPERSOON, AANVBIJSTAND, EINDBIJSTAND]
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#     parameters:
#       year: {from: 2021, until: 2022}
#       limit: [110, 120, 130]
# ---

# %% [markdown]
# # Case 14. Long-term minima and the effect of the schemes
#
# **Question.** How many of the households with a low income have had one for four years, and which? And does the use of a
# municipal scheme keep households out of problematic debts?
#
# **Who is counted.** Households that lived in The Hague at the end of `year` and of the three years before. An income is *low*
# up to 130% of the policy minimum, which `limit` moves, and *long-term* low if it was so in all four years. A household *uses
# a scheme* in a year if it had at least one; the energy allowance, which nearly all had, does not count.

# %% tags=["parameters"]
year: int = 2022
limit: int = 130

# %% [markdown]
# `year` is the last of the four years, and `limit` the line in per cent of the policy minimum.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | INHATAB, of four years | income against the policy minimum in the year, and the highest of four years; source; make-up | household |
# | SCHULDENTAB, of four years | problematic debts | household |
# | VOORZIENINGEN, of three years | schemes used (without `"07"`, the energy allowance) | household |
# | BIJSTANDUITKERINGTAB | whether a member was on assistance in the year | person |
# | GBAPERSOONTAB | the year of birth of the main earner | person |
# | KOPPELPERSOONHUISHOUDEN | which household a person belongs to | person, household |
#
# The key of a household is the key of its main earner, and is the same in all years, so four years are joined on it. INHARMSOCL is the *highest* percentage of the four
# years: it is at most 130 only if each of the four was. It is missing where there are no four years.

# %%
income = sdc.data("INHATAB", year=year)
stayed = income.filter(income["INHARMSOCL"].notnull())
low = stayed.filter(stayed["INHARMSOC"] <= limit)
minima = low.select(
    "RINPERSOONHKW",
    "INHBBIHJ",
    "INHSAMHH",
    duration=ibis.ifelse(low["INHARMSOCL"] <= limit, "four years", "shorter"),
    lasting=ibis.ifelse(low["INHARMSOCL"] <= limit, 1, 0),
)

# %% [markdown]
# ## 1. Who stays poor?
#
# Of the households with a low income, how many have had one in all four years, by what they live on, and by make-up? A household
# that moved to the city two years ago is not in it, though it may be as poor: that is what *who is counted* says.


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


by_duration = sdc.table(minima, rows=["duration"], unit="RINPERSOONHKW")
print("by duration:", by_duration.verdict.status)
by_duration

# %%
by_source = without_withholding(
    sdc.table(minima, rows=["INHBBIHJ"], values="lasting", statistic="rate", unit="RINPERSOONHKW")
)
by_source

# %%
by_kind = without_withholding(
    sdc.table(minima, rows=["INHSAMHH"], values="lasting", statistic="rate", unit="RINPERSOONHKW")
)
by_kind

# %% [markdown]
# ## Method: what does a scheme do?
#
# Of each of three years we take the households with a low income, whether they used a scheme, and whether they had problematic
# debts a year *later*. A household has up to three rows. The unit is the household all the same: three rows of one are one
# household to the check, and the standard errors are robust within it.


# %%
def followed(of):
    """Return the low incomes of a year, their use of schemes, and their debts in that year and the next."""
    first, last = (ibis.literal(f"{of}-{day}").cast("date") for day in ("01-01", "12-31"))
    links = sdc.data("KOPPELPERSOONHUISHOUDEN", year=of).select("RINPERSOON", "RINPERSOONHKW")
    now = sdc.data("INHATAB", year=of)
    now = now.filter(now["INHARMSOC"] <= limit).select("RINPERSOONHKW", "year", "INHSAMHH")
    owing = sdc.data("SCHULDENTAB", year=of).select("RINPERSOONHKW", before="PROBSCHULD")
    later = sdc.data("SCHULDENTAB", year=of + 1).select("RINPERSOONHKW", after="PROBSCHULD")
    use = sdc.data("VOORZIENINGEN", year=of)
    schemes = (
        use.filter(use["REGELING"] != "07")
        .group_by("RINPERSOONHKW")
        .aggregate(schemes=lambda one: one["REGELING"].count())
    )
    spells = sdc.data("BIJSTANDUITKERINGTAB")
    assistance = (
        spells.filter(spells["AANVBIJSTAND"] <= last, spells["EINDBIJSTAND"] >= first)
        .select("RINPERSOON")
        .join(links, "RINPERSOON")
        .group_by("RINPERSOONHKW")
        .aggregate(assistance=lambda one: one["RINPERSOON"].count())
    )
    earner = sdc.data("GBAPERSOONTAB").select("GBAGEBOORTEJAAR", RINPERSOONHKW="RINPERSOON")
    joined = (
        stayed.select("RINPERSOONHKW")
        .join(now, "RINPERSOONHKW")
        .join(owing, "RINPERSOONHKW")
        .join(later, "RINPERSOONHKW")
        .join(earner, "RINPERSOONHKW")
        .left_join(assistance, "RINPERSOONHKW")
        .drop("RINPERSOONHKW_right")
        .left_join(schemes, "RINPERSOONHKW")
    )
    owed = ibis.ifelse(joined["before"] == "1", "debts", "no debts")
    young = joined["year"] - joined["GBAGEBOORTEJAAR"] < 27
    assisted, single = joined["assistance"].notnull(), joined["INHSAMHH"] == "4"
    return joined.select(
        "RINPERSOONHKW",
        used=ibis.ifelse(joined["schemes"].notnull(), 1, 0),
        debts=ibis.ifelse(joined["after"] == "1", 1, 0),
        single=ibis.ifelse(single, 1, 0),
        group=owed + ibis.cases((young, ", under 27"), (assisted, ", assistance"), else_=""),
        twins=owed
        + ibis.ifelse(young, ", under 27", "")
        + ibis.ifelse(assisted, ", assistance", "")
        + ibis.ifelse(single, ", single parent", ""),
    )


people = ibis.union(*(followed(year - back) for back in (3, 2, 1)), distinct=False)

# %% [markdown]
# ## 2. The raw comparison
#
# The chance of debts a year later, of those who used a scheme less that of those who did not: the coefficient of `used`. Schemes
# seem to do little or nothing. But those who use one are other households: more of them live on assistance, fewer are
# young. To compare the two is to compare these too.

# %%
raw = sdc.model("debts ~ used", people, unit="RINPERSOONHKW")
print("raw:", raw.verdict.status)
if raw.verdict.status == "safe":
    print(f"Raw difference: {float(raw.to_pandas().loc['used', 'coefficient']):.4f}")
raw

# %% [markdown]
# ## 3. The trap: a twin for everybody
#
# So compare like with like: households with the same debts to begin with, of the same age, with assistance or without, with one parent or not.
# The more features are matched, the better the comparison, and the fewer the twins: unless the city is large, one or two
# households of the smallest groups used no scheme, and the model is then a table that shows how *they* fared. A matched comparison is a
# table of many small cells, whatever name it bears, and the check takes it for one.

# %%
matched_finely = sdc.model("debts ~ used + C(twins)", people, unit="RINPERSOONHKW")
print("twins:", matched_finely.verdict.status)
for rule in sorted({str(finding.rule) for finding in matched_finely.verdict.findings}):
    print("-", rule)

# %% [markdown]
# ## The remedy
#
# Coarser groups, and chosen by what they are for. `remedies()` would merge categories that stand beside each other, or drop the term. Both
# are safe and neither is a matched comparison any more: with households in debt and others in one group the difference is the
# raw one again. Each remedy says so in what it loses: the other coefficients, that of `used` among them, no longer allow for what
# differs between those merged. What is *safe* the check knows, what is *right* it does not.
#
# Debts to begin with tell most of debts a year later, so they stay. Of age and assistance one is enough in a group; the single parents
# are given up.

# %%
matched = sdc.model("debts ~ used + C(group)", people, unit="RINPERSOONHKW")
print("groups:", matched.verdict.status)
if matched.verdict.status == "safe":
    print(f"Matched difference: {float(matched.to_pandas().loc['used', 'coefficient']):.4f}")
matched

# %% [markdown]
# Within groups of like households the use of a scheme goes with a lower chance of debts. That it *causes* this is a claim about
# what was not matched: who is inclined to ask for a scheme may be inclined to open letters as well.
#
# ## Handing in

# %%
four = f"Households living in The Hague at the ends of {year - 3} to {year}"
who = f"{four}, with an income of at most {limit}% of the policy minimum in {year}"
rows = f"{four}, in each of the years {year - 3} to {year - 1} in which their income was at most {limit}% of the policy minimum"
basket = sdc.basket()
for name, out, title, population, differs in (
    ("low-incomes-by-duration", by_duration, f"Households by duration of a low income, {year}", who, "Numbers."),
    (
        "long-term-by-source",
        by_source,
        f"Share of low incomes that have lasted four years, by main source of income, {year}",
        who,
        "Shares of the same households, by source.",
    ),
    (
        "long-term-by-make-up",
        by_kind,
        f"Share of low incomes that have lasted four years, by make-up of the household, {year}",
        who,
        "Shares of the same households, by make-up.",
    ),
    (
        "debts-by-use",
        raw,
        "Difference in problematic debts a year later between households with and without a scheme",
        rows,
        "Not matched.",
    ),
    (
        "debts-by-use-matched",
        matched,
        "The same difference within groups of debts to begin with, age and assistance",
        rows,
        "Matched; the households are those of the other model.",
    ),
):
    if out is None or out.verdict.status != "safe":
        continue
    try:
        basket.add(out, name=name, title=title, population=population, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Long-term minima and the effect of the schemes",
    purpose="To show who stays poor, and whether schemes keep households out of debts, for the evaluation of the schemes.",
    code=["case-14-long-term-minima.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Single parents were given up in the groups. Bring them back as a term of their own (`single`) beside `C(group)`. Is that safe, and
# why, when the fine groups were not? What does it assume, and how much does the difference change?
