# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 8
#     title:
#       en: Reach of the municipal schemes
#       nl: Bereik van de gemeentelijke regelingen
#     data:
#       VOORZIENINGEN: {years: [year], columns: [RINPERSOONHKW, REGELING]}
#       INHATAB: {years: [year], columns: [RINPERSOONHKW, INHARMSOC, INHBBIHJ, INHSAMHH]}
#       KOPPELPERSOONHUISHOUDEN: {years: [year], columns: [RINPERSOON, RINPERSOONHKW]}
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]
#     parameters:
#       year: {from: 2018, until: 2022}
#       limit: {from: 101, until: 150}
#       goal: {from: 50, until: 99}
# ---

# %% [markdown]
# # Case 8. Reach of the municipal schemes
#
# **Question.** How many of the households with a low income use at least one of the schemes of the municipality, which do not, and
# how many more would have to for the goal of the city to be met: from 80% to 85%?
#
# **Who is counted.** Households that lived in The Hague on the last day of the year, with an income of at most 130% of the policy
# minimum. The parameter `limit` moves that line. A household is *reached* when it used one scheme or more in that year. The
# energy allowance of 2022 does not count: nearly everybody had it, so it would hide all the rest.

# %% tags=["parameters"]
year: int = 2022
limit: int = 130
goal: int = 85

# %% [markdown]
# `year` is the year that the data describe, `limit` the line in per cent of the policy minimum, `goal` the reach that the
# municipality aims for, in per cent.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | VOORZIENINGEN | which schemes a household used; none, then it has no row | household |
# | INHATAB | income against the policy minimum, main source of income, make-up | household |
# | KOPPELPERSOONHUISHOUDEN, GBAPERSOONTAB | whether there is a child under 18 | person, household |

# %%
use = sdc.data("VOORZIENINGEN", year=year)
income = sdc.data("INHATAB", year=year)
low = income.filter(income["INHARMSOC"] <= limit).select("RINPERSOONHKW", "INHBBIHJ", "INHSAMHH")

born = sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR")
members = sdc.data("KOPPELPERSOONHUISHOUDEN", year=year).select("RINPERSOON", "RINPERSOONHKW")

# %% [markdown]
# ## Method
#
# Households without any scheme have no row in VOORZIENINGEN, so we begin with *all* households below the limit and bring the
# schemes to them. To begin with the schemes would give a reach of 100%. Per household each scheme becomes a column of 0 and 1,
# and a household stays one row. Of such a column a `rate` is the share of households that have a 1.

# %%
SCHEMES = {"01": "pass", "02": "special", "03": "waiver", "04": "insurance", "07": "energy", "08": "debts"}
COUNTED = ["01", "02", "03", "04", "05", "06", "08"]  # all but the energy allowance

used = use.group_by("RINPERSOONHKW").aggregate(
    any_scheme=lambda one: ibis.ifelse(one["REGELING"].isin(COUNTED), 1, 0).max(),
    kit=lambda one: ibis.ifelse(one["REGELING"] == "06", 1, 0).max(),
    **{
        name: (lambda one, code=code: ibis.ifelse(one["REGELING"] == code, 1, 0).max())
        for code, name in SCHEMES.items()
    },
)
youngest = (
    members.join(born, "RINPERSOON")
    .group_by("RINPERSOONHKW")
    .aggregate(youngest=lambda one: one["GBAGEBOORTEJAAR"].max())
)
joined = low.left_join(used, "RINPERSOONHKW").drop("RINPERSOONHKW_right").join(youngest, "RINPERSOONHKW")
households = joined.select(
    "RINPERSOONHKW",
    "INHBBIHJ",
    "INHSAMHH",
    children=ibis.ifelse(joined["youngest"] > year - 18, "yes", "no"),
    **{name: ibis.coalesce(joined[name], 0) for name in ("any_scheme", "kit", *SCHEMES.values())},
)

# %% [markdown]
# ## 1. The reach, and the way to the goal
#
# Both tables are safe: many households use a scheme, and many do not.

# %%
reach = sdc.table(households, values="any_scheme", statistic="rate", unit="RINPERSOONHKW")
count = sdc.table(households, rows=["children"], unit="RINPERSOONHKW")
print(reach.verdict.status, count.verdict.status)
share = float(reach.to_pandas()["rate"].iloc[0])
number = int(count.to_pandas().loc["Total", "count"])
print(f"Reach: {share:.3f} of {number} households; for {goal}% it takes {round(number * (goal / 100 - share))} more")
reach

# %%
count

# %% [markdown]
# ## 2. The trap: what a share says about the others
#
# A share always tells a second one: that of the others. Of the energy allowance nearly every household got it, so the
# table is about those few who did *not*, and of people on assistance nearly all use a scheme. "Nearly everybody of this group
# has it" tells something about everyone in the group (group disclosure), and the few others are a small cell that nobody wrote down.
# So a rate is judged from both sides: the households with a 1, and those with a 0.

# %%
by_scheme = sdc.table(households, values=list(SCHEMES.values()), statistic="rate", unit="RINPERSOONHKW")
by_scheme

# %% [markdown]
# By main source of income the same happens, and some sources have few households at this income in the first place. These are the
# figures that the question is about: where is the reach low?

# %%
by_source = sdc.table(households, rows=["INHBBIHJ"], values="any_scheme", statistic="rate", unit="RINPERSOONHKW")
print(by_source.verdict.status, len(by_source.verdict.findings))
for finding in by_source.verdict.findings[:5]:
    print("-", finding.rule, "|", finding.message)
by_source

# %%
by_kind = sdc.table(households, rows=["INHSAMHH"], values="any_scheme", statistic="rate", unit="RINPERSOONHKW")
print(by_kind.verdict.status, len(by_kind.verdict.findings))
by_kind

# %% [markdown]
# ## The remedy
#
# *Merge* puts a source of which nearly all are reached together with another one. *Suppress* would withhold the figure, and the
# total of this table; but that total is the reach, which leaves in a table of its own, and with it anybody who knows how
# many households live on what has the figure back. So we take remedies that withhold nothing. Of several schemes in one call, *fewer
# measures* leaves out those that are not safe.

# %%
for remedy in by_source.remedies():
    print("-", remedy.kind, "| loses:", remedy.loses)


def without_withholding(out):
    """Return what is safe of an output and shows all its cells, or None if no remedy makes it so."""
    if out.verdict.status == "safe":
        return out
    for remedy in out.remedies():
        if remedy.kind in {"merge", "other", "fewer_measures"}:
            repaired = out.apply(remedy)
            if repaired.verdict.status == "safe":
                return repaired
    return None


source = without_withholding(by_source)
source

# %%
kind = without_withholding(by_kind)
kind

# %%
scheme = without_withholding(by_scheme)
scheme

# %% [markdown]
# ## Handing in
#
# The basket compares what is put into it. What would show a few households beside the rest, it refuses; then it stays out.

# %%
who = f"Households living in The Hague on 31 December {year} with an income of at most {limit}% of the policy minimum"
basket = sdc.basket()
for name, out, what, differs in (
    (
        "reach",
        reach,
        "Share that uses at least one scheme",
        "The whole; other tables have the same households by group.",
    ),
    ("households", count, "Households with and without children", "How many households the shares are of."),
    (
        "reach-by-source",
        source,
        "Share that uses at least one scheme, by main source of income",
        "By source of income.",
    ),
    ("reach-by-kind", kind, "Share that uses at least one scheme, by make-up", "By make-up of the household."),
    (
        "reach-by-scheme",
        scheme,
        "Share that uses each scheme",
        "Scheme by scheme; those that nearly all or few use are left out.",
    ),
):
    if out is None or out.verdict.status != "safe":
        continue
    try:
        basket.add(out, name=name, title=f"{what}, {year}", population=who, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
request = sdc.submit(
    title="Reach of the municipal schemes",
    purpose=f"To show which households do not use the schemes that are meant for them, for the goal of {goal}%.",
    code=["case-08-reach-of-the-schemes.ipynb"],
)
print("Request", request)

# %% [markdown]
# ## Exercise
#
# The kit for children (`kit`) is for families only. What is its reach among all households, and what among households with a
# child under 18? Which of the two would you publish, and why not both?
